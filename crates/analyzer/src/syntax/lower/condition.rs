//! Conditions that ask what a text is like, around statements that do nothing but make another text of it: a prefix that
//! gets its slash. Where the text is known the condition is decided; of any other condition every branch is taken.

use tree_sitter::Node;

use super::{Lowering, first_child, named_children};
use crate::syntax::grammar::Family;
use crate::syntax::literal;
use crate::syntax::program::{Kind, NodeId, TextTest};

/// Packages of Go whose functions make texts of texts.
const GO_TEXT: [&str; 4] = ["strings", "fmt", "path", "strconv"];
/// Methods that make texts of texts.
const TEXT_METHODS: [&str; 16] = [
    "slice",
    "substring",
    "concat",
    "trim",
    "replace",
    "replaceAll",
    "toLowerCase",
    "toUpperCase",
    "join",
    "strip",
    "lstrip",
    "rstrip",
    "lower",
    "upper",
    "format",
    "charAt",
];

/// Nodes around a name in which the loop that binds it is looked for.
const MAX_AROUND: usize = 64;

/// Whether a statement is the last of its case that runs.
fn ends_case(statement: Node<'_>) -> bool {
    match statement.kind() {
        "statement_block" => named_children(statement).last().is_some_and(|last| ends_case(*last)),
        kind => matches!(kind, "break_statement" | "return_statement" | "continue_statement" | "throw_statement"),
    }
}

/// Whether a pattern binds a name.
fn holds_name(pattern: Node<'_>, name: &str, bytes: &[u8]) -> bool {
    let is_name = matches!(pattern.kind(), "identifier" | "shorthand_property_identifier_pattern");
    (is_name && literal::text(pattern, bytes) == name)
        || named_children(pattern).into_iter().any(|inner| holds_name(inner, name, bytes))
}

impl<'t> Lowering<'t> {
    /// `if` with at most an `else`; longer chains run all their branches.
    pub(super) fn if_statement(&mut self, node: Node<'t>) -> NodeId {
        let children: Vec<(Node<'t>, NodeId)> = named_children(node)
            .into_iter()
            .filter(|child| !self.is_ignored(*child))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|child| (child, self.node(child)))
            .collect();
        let id_of = |part: Option<Node<'t>>| {
            let part = part?;
            children.iter().find(|(child, _)| child.id() == part.id()).map(|(_, id)| *id)
        };
        let mut cursor = node.walk();
        let others: Vec<Node<'t>> = node.children_by_field_name("alternative", &mut cursor).collect();
        let branches = (id_of(node.child_by_field_name("consequence")), id_of(others.first().copied()));
        let branch = Kind::Branch(children.iter().map(|(_, id)| *id).collect());
        let is_chain = others.len() > 1 || others.iter().any(|other| other.kind() == "elif_clause");
        match node.child_by_field_name("condition").filter(|_| !is_chain) {
            Some(test) => self.either_branch(node, test, branches, branch),
            None => self.add(node, branch),
        }
    }

    /// One of two branches where the condition tells, else what it is without knowing.
    pub(super) fn either_branch(
        &mut self,
        node: Node<'t>,
        test: Node<'t>,
        (then, otherwise): (Option<NodeId>, Option<NodeId>),
        undecided: Kind,
    ) -> NodeId {
        let undecided = self.add(node, undecided);
        match self.decided(test, then, otherwise, undecided) {
            Some(kind) => self.add(node, kind),
            None => undecided,
        }
    }

    /// A statement or expression whose branches are `then` and `otherwise`; `undecided` is what it is otherwise.
    fn decided(
        &mut self,
        test: Node<'t>,
        then: Option<NodeId>,
        otherwise: Option<NodeId>,
        undecided: NodeId,
    ) -> Option<Kind> {
        let then = then?;
        let is_plain = [Some(then), otherwise].into_iter().flatten().all(|branch| self.is_plain(branch));
        let condition = if is_plain || self.asks_for_item(test) { self.condition(test)? } else { return None };
        Some(Kind::If { condition, then, otherwise, undecided })
    }

    /// `switch` over what a loop goes through, with texts as its cases: the case of the item is taken.
    pub(super) fn switch_statement(&mut self, node: Node<'t>) -> NodeId {
        let Some((value, cases)) = self.text_cases(node) else {
            let children = self.children(node);
            return self.add(node, Kind::Branch(children));
        };
        let on = self.node(value);
        let bodies: Vec<Vec<NodeId>> = cases.iter().map(|case| self.case_body(*case)).collect();
        let undecided = self.add(node, Kind::Branch(bodies.concat()));
        // From a case on until one of them ends.
        let runs_on = |at: usize| {
            let ends = |case: &Node<'t>| named_children(*case).last().is_some_and(|last| ends_case(*last));
            let count = cases[at..].iter().position(ends).map_or(cases.len() - at, |last| last + 1);
            bodies[at..at + count].concat()
        };
        let default = cases.iter().position(|case| case.kind() == "switch_default");
        let mut otherwise = default.map(|at| self.add(cases[at], Kind::Scope(runs_on(at))));
        for (at, case) in cases.iter().enumerate().rev() {
            let Some(wanted) = case.child_by_field_name("value") else { continue };
            let condition = TextTest::Same(on, self.node(wanted));
            let then = self.add(*case, Kind::Scope(runs_on(at)));
            otherwise = Some(self.add(*case, Kind::If { condition, then, otherwise, undecided }));
        }
        otherwise.unwrap_or(undecided)
    }

    /// What a `switch` is over and its cases, where an item of a loop decides.
    fn text_cases(&self, node: Node<'t>) -> Option<(Node<'t>, Vec<Node<'t>>)> {
        let value = first_child(node.child_by_field_name("value")?)?;
        let cases = named_children(node.child_by_field_name("body")?);
        let cases: Vec<Node<'t>> = cases.into_iter().filter(|case| case.kind() != "comment").collect();
        let is_text = |case: &Node<'t>| match case.kind() {
            "switch_case" => case.child_by_field_name("value").is_some_and(|value| value.kind() == "string"),
            kind => kind == "switch_default",
        };
        (self.is_item(value) && cases.iter().all(is_text)).then_some((value, cases))
    }

    fn case_body(&mut self, case: Node<'t>) -> Vec<NodeId> {
        let wanted = case.child_by_field_name("value").map(|value| value.id());
        let statements = named_children(case).into_iter().filter(|child| Some(child.id()) != wanted);
        let statements: Vec<Node<'t>> = statements.filter(|child| !child.is_extra()).collect();
        statements.into_iter().map(|statement| self.node(statement)).collect()
    }

    /// `verb === "get"`, where `verb` is what a loop goes through: a table of the program itself decides, not a setting.
    fn asks_for_item(&self, test: Node<'t>) -> bool {
        let test = if test.kind() == "parenthesized_expression" { first_child(test).unwrap_or(test) } else { test };
        if !matches!(test.kind(), "binary_expression" | "comparison_operator") {
            return false;
        }
        let sides = [test.named_child(0), test.named_child(1)];
        let [Some(left), Some(right)] = sides else { return false };
        (self.is_item(left) && right.kind() == "string") || (self.is_item(right) && left.kind() == "string")
    }

    /// Whether a name is bound by a loop around it, or by the function that a loop calls for each item.
    fn is_item(&self, name: Node<'t>) -> bool {
        if name.kind() != "identifier" || !matches!(self.family, Family::Script | Family::Python) {
            return false;
        }
        let binds =
            |target: Option<Node<'t>>| target.is_some_and(|target| holds_name(target, self.text(name), self.bytes));
        let mut at = name;
        for _ in 0..MAX_AROUND {
            let Some(around) = at.parent() else { break };
            match around.kind() {
                "for_in_statement" | "for_statement" if binds(around.child_by_field_name("left")) => return true,
                "arrow_function" | "function_expression" | "lambda" => {
                    let given =
                        around.child_by_field_name("parameters").or_else(|| around.child_by_field_name("parameter"));
                    if binds(given) {
                        return self.is_called_for_each(around);
                    }
                }
                "function_declaration" | "method_definition" | "function_definition" | "class_body" => return false,
                _ => {}
            }
            at = around;
        }
        false
    }

    fn is_called_for_each(&self, function: Node<'t>) -> bool {
        let call = function.parent().filter(|list| list.kind() == "arguments").and_then(|list| list.parent());
        let callee = call.and_then(|call| call.child_by_field_name("function"));
        let name = callee.and_then(|callee| callee.child_by_field_name("property"));
        name.is_some_and(|name| matches!(self.text(name), "forEach" | "each" | "map" | "flatMap" | "forOwn" | "forIn"))
    }

    fn condition(&mut self, node: Node<'t>) -> Option<TextTest> {
        let field = |name: &str| node.child_by_field_name(name);
        let operator = field("operator").map(|operator| self.text(operator));
        match node.kind() {
            "parenthesized_expression" => self.condition(first_child(node)?),
            "unary_expression" if operator == Some("!") => {
                let inner = field("operand").or_else(|| field("argument"))?;
                Some(TextTest::Not(Box::new(self.condition(inner)?)))
            }
            "not_operator" => Some(TextTest::Not(Box::new(self.condition(field("argument")?)?))),
            "binary_expression" | "boolean_operator" if matches!(operator, Some("&&" | "||" | "and" | "or")) => {
                let sides = [self.condition(field("left")?)?, self.condition(field("right")?)?];
                let is_both = matches!(operator, Some("&&" | "and"));
                Some(if is_both { TextTest::All(sides.into()) } else { TextTest::Any(sides.into()) })
            }
            "binary_expression" | "comparison_operator" => {
                let (left, right) = match (field("left"), field("right")) {
                    (Some(left), Some(right)) => (left, right),
                    _ => (node.named_child(0)?, node.named_child(1).filter(|_| node.named_child_count() == 2)?),
                };
                let written =
                    self.text(node).get(left.end_byte() - node.start_byte()..right.start_byte() - node.start_byte())?;
                if let Some(counted) = self.counted(left).filter(|_| self.text(right) == "0") {
                    let filled = TextTest::Filled(self.node(counted));
                    return match written.trim() {
                        "==" | "===" => Some(TextTest::Not(Box::new(filled))),
                        "!=" | "!==" | ">" => Some(filled),
                        _ => None,
                    };
                }
                let same = TextTest::Same(self.node(left), self.node(right));
                match written.trim() {
                    "==" | "===" => Some(same),
                    "!=" | "!==" => Some(TextTest::Not(Box::new(same))),
                    _ => None,
                }
            }
            "call_expression" | "call" => self.test_call(node),
            "identifier" if self.family != Family::Go => Some(TextTest::Filled(self.node(node))),
            _ => None,
        }
    }

    /// What is counted: `len(text)`, `text.length`.
    fn counted(&self, node: Node<'t>) -> Option<Node<'t>> {
        match node.kind() {
            "call" | "call_expression"
                if node.child_by_field_name("function").is_some_and(|name| self.text(name) == "len") =>
            {
                node.child_by_field_name("arguments")?.named_child(0)
            }
            "member_expression"
                if node.child_by_field_name("property").is_some_and(|name| self.text(name) == "length") =>
            {
                node.child_by_field_name("object")
            }
            _ => None,
        }
    }

    /// `strings.HasPrefix(text, start)`, `text.startsWith(start)`.
    fn test_call(&mut self, node: Node<'t>) -> Option<TextTest> {
        let callee = node.child_by_field_name("function")?;
        let arguments = node.child_by_field_name("arguments")?;
        let name = ["field", "property", "attribute"].iter().find_map(|field| callee.child_by_field_name(field))?;
        let object = ["operand", "object"].iter().find_map(|field| callee.child_by_field_name(field))?;
        let (text, part) = match (self.family, self.text(object)) {
            (Family::Go, "strings") => (arguments.named_child(0)?, arguments.named_child(1)?),
            (Family::Script | Family::Python, _) => (object, arguments.named_child(0)?),
            _ => return None,
        };
        let of: fn(NodeId, NodeId) -> TextTest = match self.text(name) {
            "HasPrefix" | "startsWith" | "startswith" => TextTest::Starts,
            "HasSuffix" | "endsWith" | "endswith" => TextTest::Ends,
            "Contains" | "includes" => TextTest::Holds,
            _ => return None,
        };
        Some(of(self.node(text), self.node(part)))
    }

    /// Whether a node does nothing but make values.
    fn is_plain(&self, id: NodeId) -> bool {
        let all = |ids: &[NodeId]| ids.iter().all(|id| self.is_plain(*id));
        match &self.program.nodes[id].kind {
            Kind::Null | Kind::Bool(_) | Kind::Text(_) | Kind::Number(_) | Kind::Name(_) => true,
            Kind::Member(object, _) => self.is_plain(*object),
            Kind::Concat(ids) | Kind::Scope(ids) | Kind::Block(ids) => all(ids),
            Kind::Other(ids) => ids.len() == 1 && all(ids),
            Kind::Index(left, right) | Kind::Assign(left, right) | Kind::Augment(left, right) => all(&[*left, *right]),
            Kind::Bind(_, value) => self.is_plain(*value),
            Kind::Return(value) => value.is_none_or(|value| self.is_plain(value)),
            Kind::If { then, otherwise, .. } => {
                self.is_plain(*then) && otherwise.is_none_or(|branch| self.is_plain(branch))
            }
            Kind::Call { callee, arguments } => {
                let makes_text = match &self.program.nodes[*callee].kind {
                    Kind::Member(object, name) => match &self.program.nodes[*object].kind {
                        Kind::Name(package) if self.family == Family::Go => GO_TEXT.contains(&&**package),
                        _ => TEXT_METHODS.contains(&&**name) && self.is_plain(*object),
                    },
                    _ => false,
                };
                makes_text && arguments.iter().all(|argument| self.is_plain(argument.value))
            }
            _ => false,
        }
    }
}
