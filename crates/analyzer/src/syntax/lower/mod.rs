//! From a syntax tree to the program model. What the roles of a language's query do not say stands in
//! the language's own file beside this one. Trees deeper than the bound end in [`Kind::Other`].

mod condition;
mod expression;
mod function;
mod go;
mod python;
mod rust;
mod script;

pub(crate) use go::is_pointer;

use std::rc::Rc;

use tree_sitter::Node;

use super::grammar::Family;
use super::literal::{self};
use super::parse::{LeftOut, Parsed};
use super::program::{Attribute, Expression, Kind, NodeId, Program, Target};
use super::query::{self, Role, Roles};
use super::tests_in_file::is_for_tests;
use crate::syntax::node::NodeExt as _;

/// Nested nodes that are followed; chains of calls count each link twice.
const MAX_LOWERED_DEPTH: usize = 1_200;

/// Make the program of one file.
pub(crate) fn lower(parsed: &Parsed, bytes: &[u8]) -> Program {
    // About every second node of a tree is one of the program; growing step by step would copy each once more.
    let nodes = Vec::with_capacity(parsed.tree.root_node().descendant_count() / 2);
    let mut lowering = Lowering {
        family: parsed.language.family(),
        bytes,
        roles: query::roles(parsed, bytes),
        left_out: &parsed.left_out,
        program: Program { nodes, ..Program::default() },
        around: Vec::new(),
        depth: 0,
        results: Vec::new(),
    };
    let body = lowering.node(parsed.tree.root_node());
    lowering.program.body = body;
    lowering.program.nodes.shrink_to_fit();
    lowering.program
}

struct Lowering<'t> {
    family: Family,
    bytes: &'t [u8],
    roles: Roles<'t>,
    left_out: &'t [LeftOut],
    program: Program,
    /// Rust: the attributes of the modules around that mean something for what is inside.
    around: Vec<Attribute>,
    depth: usize,
    /// Go: the names of the results of the functions around.
    results: Vec<Vec<Rc<str>>>,
}

impl<'t> Lowering<'t> {
    fn text(&self, node: Node<'_>) -> &'t str {
        literal::text(node, self.bytes)
    }

    /// Which of the bodies that were left out belongs between these braces.
    fn left_out(&self, braces: Option<Node<'_>>) -> Option<usize> {
        self.left_out.binary_search_by_key(&(braces?.start_byte() + 1), |function| function.body).ok()
    }

    fn add(&mut self, node: Node<'_>, kind: Kind) -> NodeId {
        self.add_from(node, node, kind)
    }

    fn add_from(&mut self, node: Node<'_>, first: Node<'_>, kind: Kind) -> NodeId {
        self.program.nodes.push(Expression {
            kind,
            start: first.first_line(),
            end: node.last_line(),
            bytes: (node.start_byte(), node.end_byte()),
        });
        self.program.nodes.len() - 1
    }

    fn node(&mut self, node: Node<'t>) -> NodeId {
        if self.depth >= MAX_LOWERED_DEPTH {
            return self.add(node, Kind::Other(Vec::new()));
        }
        self.depth += 1;
        let id = self.by_role(node);
        self.depth -= 1;
        id
    }

    fn by_role(&mut self, node: Node<'t>) -> NodeId {
        if self.family == Family::Go {
            return self.go_node(node);
        }
        let Some(role) = self.roles.get(node) else {
            let children = self.children(node);
            return self.add(node, Kind::Other(children));
        };
        let part = |name: &str| role.part(name);
        let kind = match (role.name, part("left"), part("right")) {
            ("block" | "scope", ..) => {
                let statements = self.statements(node);
                if role.name == "scope" { Kind::Scope(statements) } else { Kind::Block(statements) }
            }
            ("call" | "new", ..) => return self.call(node, &role),
            ("member", ..) => match (part("object"), part("name")) {
                (Some(object), Some(name)) => Kind::Member(self.node(object), self.text(name).into()),
                _ => Kind::Other(Vec::new()),
            },
            ("index", ..) => match (part("object"), part("key")) {
                (Some(object), Some(key)) => {
                    let object = self.node(object);
                    let mut cursor = node.walk();
                    let keys: Vec<Node<'t>> = node.children_by_field_name("subscript", &mut cursor).collect();
                    let key = match keys.as_slice() {
                        [] | [_] => self.node(key),
                        several => {
                            let items = several.iter().map(|key| self.node(*key)).collect();
                            self.add(node, Kind::Array(items))
                        }
                    };
                    Kind::Index(object, key)
                }
                _ => Kind::Other(Vec::new()),
            },
            ("string", ..) => self.string(node),
            ("join", ..) => Kind::Concat(self.children(node)),
            ("regex", ..) => Kind::Pattern,
            ("number", ..) => number(self.text(node)).map_or(Kind::Other(Vec::new()), Kind::Number),
            ("bool", ..) => Kind::Bool(self.text(node).eq_ignore_ascii_case("true")),
            ("null", ..) => Kind::Null,
            ("name", ..) => Kind::Name(self.path_text(node).into()),
            ("concat", Some(left), Some(right)) => Kind::Concat(vec![self.node(left), self.node(right)]),
            ("below", Some(left), Some(right)) => {
                let parts = vec![self.node(left), self.add(node, Kind::Text("/".into())), self.node(right)];
                Kind::Concat(parts)
            }
            ("either", Some(left), Some(right)) => Kind::Either(self.node(left), self.node(right)),
            ("choice", Some(left), Some(right)) => {
                let (left, right) = (self.node(left), self.node(right));
                let choice = Kind::Choice(vec![left, right]);
                match node.child_by_field_name("condition") {
                    Some(test) => return self.either_branch(node, test, (Some(left), Some(right)), choice),
                    None => choice,
                }
            }
            ("pick", ..) => {
                let children = self.children(node);
                let ends = (children.first().copied(), children.last().copied());
                let choice = Kind::Choice([ends.0, ends.1].into_iter().flatten().collect());
                match named_children(node).get(1) {
                    Some(test) if children.len() == 3 => return self.either_branch(node, *test, ends, choice),
                    _ => choice,
                }
            }
            ("object", ..) => Kind::Object(self.entries(part("body").unwrap_or(node))),
            ("instance", ..) => self.rust_instance(node, &role),
            ("match", ..) => self.rust_match(node, &role),
            ("array", ..) => Kind::Array(self.children(node)),
            ("spread", ..) => match first_child(node) {
                Some(inner) => Kind::Spread(self.node(inner)),
                None => Kind::Other(Vec::new()),
            },
            ("wrap", ..) => match first_child(node) {
                Some(inner) => return self.node(inner),
                None => Kind::Null,
            },
            ("inner", ..) => match part("inner") {
                Some(inner) => return self.node(inner),
                None => Kind::Null,
            },
            ("function", ..) => Kind::Function(self.function(node, &role, Vec::new())),
            ("definition", ..) => Kind::DefineFunction(self.function(node, &role, Vec::new())),
            ("method", ..) => Kind::Function(self.function(node, &role, Vec::new())),
            ("class", ..) => Kind::DefineClass(self.class(node, &role)),
            ("bind", ..) => match (part("target"), part("value")) {
                (Some(target), Some(value)) => {
                    let value = self.node(value);
                    Kind::Bind(self.target(target), value)
                }
                _ => Kind::Other(Vec::new()),
            },
            ("assign" | "augment", ..) => match (part("target"), part("value")) {
                (Some(target), Some(value)) => self.assign(target, value, role.name == "augment"),
                _ => Kind::Other(Vec::new()),
            },
            ("return", ..) => Kind::Return(first_child(node).map(|value| self.node(value))),
            ("branch", ..) if node.kind() == "if_statement" => return self.if_statement(node),
            ("branch", ..) if node.kind() == "switch_statement" => return self.switch_statement(node),
            ("branch", ..) => Kind::Branch(self.children(node)),
            ("loop", ..) => match (part("target"), part("iterable"), part("body")) {
                (Some(target), Some(iterable), Some(body)) => {
                    let (target, mut items) = (self.target(target), self.node(iterable));
                    if self.family == Family::Script && self.has_token(node, "in") {
                        items = self.keys_of(iterable, items);
                    }
                    Kind::Loop { target, iterable: items, body: self.node(body) }
                }
                _ => Kind::Other(Vec::new()),
            },
            ("comprehension", ..) => self.comprehension(node),
            ("decorated", ..) => self.decorated(node, &role),
            ("impl", ..) => self.implementation(&role),
            ("module", ..) => match (part("name"), part("body")) {
                (Some(name), Some(body)) => {
                    let statements = self.statements(body);
                    let body = self.add(body, Kind::Block(statements));
                    Kind::Submodule { name: self.text(name).into(), body }
                }
                _ => Kind::Other(Vec::new()),
            },
            ("macro", ..) => match (part("name"), part("args")) {
                (Some(name), Some(args)) => {
                    Kind::Macro { name: self.text(name).into(), arguments: self.children(args) }
                }
                _ => Kind::Other(Vec::new()),
            },
            ("enum", ..) => match (part("name"), part("body")) {
                (Some(name), Some(body)) => self.script_enum(name, body),
                _ => Kind::Null,
            },
            ("import", ..) => self.import(node, &role),
            ("export", ..) => self.export(node),
            _ => Kind::Other(Vec::new()),
        };
        self.add(node, kind)
    }

    fn children(&mut self, node: Node<'t>) -> Vec<NodeId> {
        let children = named_children(node);
        // A list of its own size: collected in place it would keep the room of the nodes.
        let mut out = Vec::with_capacity(children.len());
        for child in children {
            if !self.is_ignored(child) {
                out.push(self.node(child));
            }
        }
        out
    }

    fn has_token(&self, node: Node<'t>, token: &str) -> bool {
        let mut cursor = node.walk();
        node.children(&mut cursor).any(|child| child.kind() == token)
    }

    fn is_ignored(&mut self, node: Node<'t>) -> bool {
        node.is_extra() || self.roles.is_ignored(node)
    }

    /// The statements of a block; in Rust the attributes above an item go with it, and items that are
    /// compiled for tests only are left out.
    fn statements(&mut self, node: Node<'t>) -> Vec<NodeId> {
        let mut attributes: Vec<Attribute> = Vec::new();
        let mut out = Vec::new();
        for child in named_children(node) {
            if child.kind() == "attribute_item" {
                attributes.push(self.attribute(child));
                continue;
            }
            if self.is_ignored(child) {
                continue;
            }
            let mut attributes = std::mem::take(&mut attributes);
            if attributes.iter().any(|attribute| is_left_out(&attribute.text)) {
                continue;
            }
            let around = self.around.len();
            if child.kind() == "mod_item" {
                self.around.extend(attributes.iter().filter(|one| one.text.contains("scope(")).cloned());
            }
            let id = self.node(child);
            self.around.truncate(around);
            if let Kind::DefineFunction(function) = self.program.nodes[id].kind {
                attributes.extend(self.around.iter().cloned());
                self.program.functions[function].attributes = attributes;
            }
            out.push(id);
        }
        out
    }

    fn attribute(&self, node: Node<'_>) -> Attribute {
        let (start, end) = (node.first_line(), node.last_line());
        Attribute { text: self.text(node).into(), start, end }
    }

    fn target(&mut self, node: Node<'t>) -> Target {
        match self.family {
            Family::Script => self.script_target(node),
            Family::Python => self.python_target(node),
            Family::Rust => self.rust_target(node),
            Family::Go | Family::Java | Family::CSharp | Family::Ruby | Family::Php => Target::Nothing,
        }
    }

    fn import(&mut self, node: Node<'t>, role: &Role<'t>) -> Kind {
        match self.family {
            Family::Script => self.script_import(node),
            Family::Python => self.python_import(node),
            Family::Rust => self.rust_import(role),
            Family::Go | Family::Java | Family::CSharp | Family::Ruby | Family::Php => Kind::Null,
        }
    }

    /// A name without what does not belong to it: type arguments in a Rust path.
    fn path_text(&self, node: Node<'_>) -> String {
        let text = self.text(node);
        if !text.contains(['<', ' ', '\n']) {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut open = 0_usize;
        for letter in text.chars() {
            match letter {
                '<' => open += 1,
                '>' => open = open.saturating_sub(1),
                other if open == 0 && !other.is_whitespace() => out.push(other),
                _ => {}
            }
        }
        out.replace("::::", "::").trim_end_matches("::").to_owned()
    }
}

/// Tests, and what a release does not hold.
fn is_left_out(attribute: &str) -> bool {
    let flat: String = attribute.chars().filter(|letter| !letter.is_whitespace()).collect();
    flat == "#[cfg(debug_assertions)]" || is_for_tests(attribute)
}

fn named_children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

fn first_child(node: Node<'_>) -> Option<Node<'_>> {
    named_children(node).into_iter().find(|child| !child.is_extra())
}

fn number(text: &str) -> Option<i64> {
    let text = text.replace('_', "");
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let suffix = &text[digits.len()..];
    let plain = suffix.is_empty() || ["u16", "u32", "i32", "usize"].iter().any(|end| text.ends_with(end));
    let digits = ["u16", "u32", "i32"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(digits);
    plain.then(|| digits.parse().ok()).flatten()
}

fn rc(text: impl Into<Rc<str>>) -> Rc<str> {
    text.into()
}
