//! Matches the patterns of a table at one node. A pattern's own nesting is the only recursion; the siblings that
//! are looked at are counted, so that no tree makes a pattern costly.

use tree_sitter::{Node, TreeCursor};

use super::compile::{Child, Condition, NodeKind, Pattern, PatternTable, Shape};

/// Siblings looked at for one pattern at one node. Two holes that any child may fill would else cost the square.
const MAX_LOOKS: usize = 1_000_000;
/// Ways of one ambiguous pattern at one node that are compared with each other.
const MAX_COMPARED: usize = 1_024;

/// What a pattern captured, in the order of the pattern.
pub(super) type Captures<'t> = Vec<(&'static str, Node<'t>)>;

/// Matches at one node after the other, in memory that is used again.
pub(super) struct Matcher<'t> {
    table: &'static PatternTable,
    bytes: &'t [u8],
    cursor: TreeCursor<'t>,
    siblings: Vec<Sibling<'t>>,
    captures: Captures<'t>,
    looks: usize,
}

#[derive(Clone, Copy)]
struct Sibling<'t> {
    node: Node<'t>,
    kind: u16,
    field: u16,
    is_named: bool,
}

/// What is left to be matched: children of a shape among some siblings, and what comes after them.
struct Goal<'g> {
    children: &'g [Child],
    at: usize,
    end: usize,
    after: Option<&'g Goal<'g>>,
}

impl<'t> Matcher<'t> {
    pub(super) fn new(table: &'static PatternTable, root: Node<'t>, bytes: &'t [u8]) -> Self {
        let (siblings, captures) = (Vec::new(), Vec::new());
        Self { table, bytes, cursor: root.walk(), siblings, captures, looks: 0 }
    }

    /// See [`PatternTable::may_ignore`].
    pub(super) fn may_ignore(&self, kind: u16) -> bool {
        self.table.may_ignore(kind)
    }

    /// What `read` makes of the first match of the first pattern of the file that matches at the node.
    pub(super) fn first<R>(&mut self, node: Node<'t>, read: impl Fn(&Captures<'t>) -> R) -> Option<R> {
        let table = self.table;
        let starts = table.starts(node.kind_id());
        let mut expanded = None;
        for (number, shape) in starts {
            let pattern = &table.patterns[usize::from(*number)];
            let mut first = None;
            self.at(node, pattern, &pattern.shapes[usize::from(*shape)], &mut expanded, &mut |captures| {
                first = Some(read(captures));
                false
            });
            if first.is_some() {
                self.siblings.clear();
                return first;
            }
        }
        self.siblings.clear();
        None
    }

    /// Every match at the node, in the order of the patterns.
    pub(super) fn all(&mut self, node: Node<'t>, kind: u16, out: &mut Vec<(usize, Captures<'t>)>) {
        let table = self.table;
        let starts = table.starts(kind);
        let mut expanded = None;
        for (number, shape) in starts {
            let pattern = &table.patterns[usize::from(*number)];
            let from = out.len();
            self.at(node, pattern, &pattern.shapes[usize::from(*shape)], &mut expanded, &mut |captures| {
                out.push((usize::from(*number), captures.to_vec()));
                true
            });
            if pattern.is_ambiguous && out.len() > from + 1 {
                keep_longest(out, from);
            }
        }
        self.siblings.clear();
    }

    /// Matches of one shape at a node; `emit` says whether to go on. The node's children are listed at most once.
    fn at(
        &mut self,
        node: Node<'t>,
        pattern: &Pattern,
        shape: &'static Shape,
        expanded: &mut Option<usize>,
        emit: &mut dyn FnMut(&Captures<'t>) -> bool,
    ) {
        self.looks = 0;
        self.captures.clear();
        self.captures.extend(shape.captures.iter().map(|name| (*name, node)));
        if shape.children.is_empty() {
            self.finish(pattern, emit);
            return;
        }
        let end = *expanded.get_or_insert_with(|| self.expand(node));
        self.run(&Goal { children: &shape.children, at: 0, end, after: None }, pattern, emit);
    }

    /// Put the node's children behind the siblings known so far; the number of all of them.
    fn expand(&mut self, node: Node<'t>) -> usize {
        self.cursor.reset(node);
        if self.cursor.goto_first_child() {
            loop {
                let node = self.cursor.node();
                let field = self.cursor.field_id().map_or(0, std::num::NonZero::get);
                self.siblings.push(Sibling { node, kind: node.kind_id(), field, is_named: node.is_named() });
                if !self.cursor.goto_next_sibling() {
                    break;
                }
            }
        }
        self.siblings.len()
    }

    /// Whether to go on looking for more.
    fn run(&mut self, goal: &Goal<'_>, pattern: &Pattern, emit: &mut dyn FnMut(&Captures<'t>) -> bool) -> bool {
        let Some((child, rest)) = goal.children.split_first() else {
            return match goal.after {
                Some(after) => self.run(after, pattern, emit),
                None => self.finish(pattern, emit),
            };
        };
        for at in goal.at..goal.end {
            self.looks += 1;
            if self.looks > MAX_LOOKS {
                return false;
            }
            let sibling = self.siblings[at];
            if child.field.is_none_or(|field| field == sibling.field)
                && (!child.is_last || !self.siblings[at + 1..goal.end].iter().any(|later| later.is_named))
            {
                for shape in child.alternatives.iter().filter(|shape| shape.fits(sibling)) {
                    let known = self.captures.len();
                    self.captures.extend(shape.captures.iter().map(|name| (*name, sibling.node)));
                    let after = Goal { children: rest, at: at + 1, end: goal.end, after: goal.after };
                    let goes_on = if shape.children.is_empty() {
                        self.run(&after, pattern, emit)
                    } else {
                        let from = self.siblings.len();
                        let end = self.expand(sibling.node);
                        let inner = Goal { children: &shape.children, at: from, end, after: Some(&after) };
                        let goes_on = self.run(&inner, pattern, emit);
                        self.siblings.truncate(from);
                        goes_on
                    };
                    self.captures.truncate(known);
                    if !goes_on {
                        return false;
                    }
                }
            }
            if child.is_adjacent && sibling.is_named {
                break;
            }
        }
        // Without it last: who wants one match only wants the longest.
        !child.is_optional || self.run(&Goal { children: rest, ..*goal }, pattern, emit)
    }

    fn finish(&mut self, pattern: &Pattern, emit: &mut dyn FnMut(&Captures<'t>) -> bool) -> bool {
        if pattern.conditions.iter().all(|condition| self.holds(condition)) { emit(&self.captures) } else { true }
    }

    fn holds(&self, condition: &Condition) -> bool {
        let texts = |wanted: &'static str| {
            let named = self.captures.iter().filter(move |(name, _)| *name == wanted);
            named.map(|(_, node)| self.bytes.get(node.byte_range()).unwrap_or_default())
        };
        match condition {
            Condition::AnyOf(name, wanted) => {
                texts(name).all(|text| wanted.iter().any(|wanted| wanted.as_bytes() == text))
            }
            Condition::Same(one, other) => texts(one).zip(texts(other)).all(|(one, other)| one == other),
        }
    }
}

impl Shape {
    fn fits(&self, sibling: Sibling<'_>) -> bool {
        match self.kind {
            NodeKind::Only(kind) => kind == sibling.kind,
            // Errors have a name and are nothing.
            NodeKind::Named => sibling.is_named && !sibling.node.is_error(),
        }
    }
}

/// Of the ways in which one pattern matched at one node drop those that say nothing beyond another one.
fn keep_longest(out: &mut Vec<(usize, Captures<'_>)>, from: usize) {
    let mut kept: Vec<(usize, Captures<'_>)> = Vec::new();
    for one in out.split_off(from) {
        let says = |more: &Captures<'_>, less: &Captures<'_>| less.iter().all(|capture| more.contains(capture));
        if kept.len() < MAX_COMPARED {
            if kept.iter().any(|known| says(&known.1, &one.1)) {
                continue;
            }
            kept.retain(|known| !says(&one.1, &known.1));
        }
        kept.push(one);
    }
    out.append(&mut kept);
}
