//! Conditions that ask what a text is like, around statements that do nothing but make another text of it: a prefix that
//! gets its slash. Where the text is known the condition is decided; of any other condition every branch is taken.

use tree_sitter::Node;

use super::{Lowering, first_child, named_children};
use crate::syntax::grammar::Family;
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
        let condition = if is_plain { self.condition(test)? } else { return None };
        Some(Kind::If { condition, then, otherwise, undecided })
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
