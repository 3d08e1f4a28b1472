//! From the text of a query file to a table by node kind: names become the grammar's numbers once, so that
//! nothing is compared as text while a tree is walked. Takes the part of tree-sitter's query language that the
//! files under `queries/` use and refuses the rest (repetition, negated fields, supertypes, groups of siblings),
//! as it refuses a kind or field that the grammar does not have.

use tree_sitter::Language;

use super::reader::{QueryReader, QueryToken};

/// The patterns of one query file for one grammar.
#[derive(Debug)]
pub(super) struct PatternTable {
    pub(super) patterns: Vec<Pattern>,
    /// For each kind the range of `starts` whose patterns may match at a node of that kind.
    ranges: Vec<(u32, u32)>,
    /// Pattern and shape, in the order of the file.
    starts: Vec<(u16, u16)>,
    /// For each kind whether a pattern that starts there says `@is.ignore`.
    ignored: Vec<bool>,
    #[cfg(test)]
    pub(super) source: &'static str,
}

/// One pattern of the file: a node with its parts, conditions on their text, and properties.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) shapes: Vec<Shape>,
    pub(super) conditions: Vec<Condition>,
    pub(super) settings: Vec<(&'static str, &'static str)>,
    /// Whether the pattern can match in two ways that say the same.
    pub(super) is_ambiguous: bool,
}

/// What a node must look like.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) kind: NodeKind,
    pub(super) captures: Vec<&'static str>,
    pub(super) children: Vec<Child>,
}

/// Which nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    Only(u16),
    /// `(_)`: any with a name.
    Named,
}

/// A child in a shape.
#[derive(Debug, Clone)]
pub(super) struct Child {
    pub(super) field: Option<u16>,
    pub(super) alternatives: Vec<Shape>,
    /// `.` before it: no named sibling stands between it and the child before, or the start.
    pub(super) is_adjacent: bool,
    /// `.` after it: no named sibling follows.
    pub(super) is_last: bool,
    /// `?`
    pub(super) is_optional: bool,
}

/// A condition on the text of what was captured.
#[derive(Debug)]
pub(super) enum Condition {
    AnyOf(&'static str, Vec<String>),
    Same(&'static str, &'static str),
}

impl PatternTable {
    /// Compile a query file.
    pub(super) fn compile(grammar: &Language, source: &'static str) -> Result<Self, String> {
        let mut compiler = Compiler { grammar, reader: QueryReader::new(source) };
        let mut patterns = Vec::new();
        while compiler.reader.peek()? != QueryToken::End {
            patterns.push(compiler.pattern()?);
        }
        let kinds = grammar.node_kind_count();
        let mut by_kind: Vec<Vec<(u16, u16)>> = vec![Vec::new(); kinds];
        for (number, pattern) in patterns.iter().enumerate() {
            for (shape, start) in pattern.shapes.iter().enumerate() {
                let place = (number as u16, shape as u16);
                match start.kind {
                    NodeKind::Only(kind) => by_kind[usize::from(kind)].push(place),
                    NodeKind::Named => {
                        let named = (0..kinds).filter(|kind| grammar.node_kind_is_named(*kind as u16));
                        named.for_each(|kind| by_kind[kind].push(place));
                    }
                }
            }
        }
        let mut starts = Vec::new();
        let mut ranges = Vec::with_capacity(kinds);
        for places in by_kind {
            let from = starts.len() as u32;
            starts.extend(places);
            ranges.push((from, starts.len() as u32));
        }
        let ignores = |(pattern, shape): &(u16, u16)| {
            patterns[usize::from(*pattern)].shapes[usize::from(*shape)].captures.contains(&"is.ignore")
        };
        let ignored =
            ranges.iter().map(|(from, to)| starts[*from as usize..*to as usize].iter().any(ignores)).collect();
        Ok(Self {
            patterns,
            ranges,
            starts,
            ignored,
            #[cfg(test)]
            source,
        })
    }

    /// Whether a node of a kind may be one to ignore.
    pub(super) fn may_ignore(&self, kind: u16) -> bool {
        self.ignored.get(usize::from(kind)).copied().unwrap_or_default()
    }

    /// The patterns that may match at a node of a kind, with their shapes.
    pub(super) fn starts(&self, kind: u16) -> &[(u16, u16)] {
        match self.ranges.get(usize::from(kind)) {
            Some((from, to)) => &self.starts[*from as usize..*to as usize],
            None => &[],
        }
    }
}

struct Compiler<'g> {
    grammar: &'g Language,
    reader: QueryReader,
}

impl Compiler<'_> {
    /// A node at the top of the file, or a group of a node and its predicates.
    fn pattern(&mut self) -> Result<Pattern, String> {
        let mut pattern =
            Pattern { shapes: Vec::new(), conditions: Vec::new(), settings: Vec::new(), is_ambiguous: false };
        let is_group = self.reader.is_group()?;
        if is_group {
            self.reader.expect(QueryToken::Open)?;
        }
        pattern.shapes = self.node(0)?;
        if is_group {
            while self.reader.peek()? == QueryToken::Open {
                self.predicate(&mut pattern)?;
            }
            self.reader.expect(QueryToken::Close)?;
        }
        pattern.is_ambiguous = pattern.shapes.iter().flat_map(|shape| &shape.children).any(is_ambiguous);
        Ok(pattern)
    }

    /// A node or an alternation of nodes, with the captures behind it.
    fn node(&mut self, depth: usize) -> Result<Vec<Shape>, String> {
        if depth > 32 {
            return Err(self.reader.error("nested too deep"));
        }
        let mut shapes = match self.reader.next()? {
            QueryToken::Literal(text) => {
                let kind = self.grammar.id_for_node_kind(&text, false);
                vec![self.leaf(&text, kind)?]
            }
            QueryToken::OpenAlternation => {
                let mut shapes = Vec::new();
                while self.reader.peek()? != QueryToken::CloseAlternation {
                    shapes.extend(self.node(depth + 1)?);
                }
                self.reader.expect(QueryToken::CloseAlternation)?;
                shapes
            }
            QueryToken::Open => {
                let QueryToken::Name(name) = self.reader.next()? else {
                    return Err(self.reader.error("a kind or `_` stands after `(`"));
                };
                let mut shape = if name == "_" {
                    Shape { kind: NodeKind::Named, captures: Vec::new(), children: Vec::new() }
                } else {
                    self.leaf(name, self.grammar.id_for_node_kind(name, true))?
                };
                shape.children = self.children(depth)?;
                vec![shape]
            }
            other => return Err(self.reader.error(&format!("a node was expected, not {other:?}"))),
        };
        while let QueryToken::Capture(name) = self.reader.peek()? {
            self.reader.next()?;
            shapes.iter_mut().for_each(|shape| shape.captures.push(name));
        }
        Ok(shapes)
    }

    fn leaf(&self, name: &str, kind: u16) -> Result<Shape, String> {
        if kind == 0 {
            return Err(self.reader.error(&format!("the grammar has no node `{name}`")));
        }
        if self.grammar.node_kind_is_supertype(kind) {
            return Err(self.reader.error(&format!("`{name}` stands for several kinds: name them")));
        }
        Ok(Shape { kind: NodeKind::Only(kind), captures: Vec::new(), children: Vec::new() })
    }

    fn children(&mut self, depth: usize) -> Result<Vec<Child>, String> {
        let mut children: Vec<Child> = Vec::new();
        let mut is_adjacent = false;
        loop {
            match self.reader.peek()? {
                QueryToken::Close => {
                    self.reader.next()?;
                    match children.last_mut() {
                        Some(last) => last.is_last = is_adjacent,
                        None if is_adjacent => return Err(self.reader.error("an anchor without a child")),
                        None => {}
                    }
                    break;
                }
                QueryToken::Anchor => {
                    self.reader.next()?;
                    is_adjacent = true;
                }
                _ => {
                    let field = self.field()?;
                    let alternatives = self.node(depth + 1)?;
                    let is_optional = self.reader.peek()? == QueryToken::Optional;
                    let mut child = Child { field, alternatives, is_adjacent, is_last: false, is_optional };
                    is_adjacent = false;
                    if is_optional {
                        self.reader.next()?;
                        // `(x)? @y`: the capture stands behind the mark.
                        while let QueryToken::Capture(name) = self.reader.peek()? {
                            self.reader.next()?;
                            child.alternatives.iter_mut().for_each(|shape| shape.captures.push(name));
                        }
                    }
                    children.push(child);
                }
            }
        }
        let beside = |pair: &[Child]| pair[0].is_optional && pair[1].is_adjacent;
        let itself = |child: &Child| child.is_optional && (child.is_adjacent || child.is_last);
        if children.iter().any(itself) || children.windows(2).any(beside) {
            return Err(self.reader.error("what an anchor beside an optional child means is not defined"));
        }
        Ok(children)
    }

    fn field(&mut self) -> Result<Option<u16>, String> {
        let QueryToken::Field(name) = self.reader.peek()? else { return Ok(None) };
        self.reader.next()?;
        let id = self.grammar.field_id_for_name(name);
        id.map(|id| Some(id.get())).ok_or_else(|| self.reader.error(&format!("the grammar has no field `{name}`")))
    }

    fn predicate(&mut self, pattern: &mut Pattern) -> Result<(), String> {
        self.reader.expect(QueryToken::Open)?;
        let QueryToken::Predicate(name) = self.reader.next()? else {
            return Err(self.reader.error("one node and its predicates make a pattern"));
        };
        let mut arguments = Vec::new();
        loop {
            match self.reader.next()? {
                QueryToken::Close => break,
                argument => arguments.push(argument),
            }
        }
        match (name, arguments.as_slice()) {
            ("eq?", [QueryToken::Capture(one), QueryToken::Capture(other)]) => {
                pattern.conditions.push(Condition::Same(one, other));
            }
            ("eq?" | "any-of?", [QueryToken::Capture(capture), texts @ ..]) if !texts.is_empty() => {
                let texts = texts.iter().map(|text| match text {
                    QueryToken::Literal(text) => Ok(text.clone()),
                    other => Err(self.reader.error(&format!("a text was expected, not {other:?}"))),
                });
                pattern.conditions.push(Condition::AnyOf(capture, texts.collect::<Result<_, _>>()?));
            }
            ("set!", [QueryToken::Name(key), value]) => {
                let value: &'static str = match value {
                    QueryToken::Literal(text) => String::leak(text.clone()),
                    QueryToken::Name(text) => text,
                    other => return Err(self.reader.error(&format!("a value was expected, not {other:?}"))),
                };
                pattern.settings.push((key, value));
            }
            _ => return Err(self.reader.error(&format!("the predicate `#{name}` is not known in this form"))),
        }
        Ok(())
    }
}

/// An optional child, or one that captures nothing and so can be found twice without saying more.
fn is_ambiguous(child: &Child) -> bool {
    child.is_optional
        || child.alternatives.iter().any(|shape| {
            (shape.captures.is_empty() && shape.children.iter().all(|inner| !captures(inner)))
                || shape.children.iter().any(is_ambiguous)
        })
        || child.alternatives.len() > 1
}

fn captures(child: &Child) -> bool {
    child.alternatives.iter().any(|shape| !shape.captures.is_empty() || shape.children.iter().any(captures))
}
