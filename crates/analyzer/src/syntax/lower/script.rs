//! What is JavaScript's and TypeScript's own: patterns, imports and exports.

use tree_sitter::Node;

use super::{Lowering, first_child, named_children, rc};
use crate::syntax::grammar::Family;
use crate::syntax::literal;
use crate::syntax::program::{ArgumentNode, Entry, Import, Kind, NodeId, Target};

impl<'t> Lowering<'t> {
    pub(super) fn script_target(&mut self, node: Node<'t>) -> Target {
        match node.kind() {
            "identifier" | "shorthand_property_identifier_pattern" => Target::Name(rc(self.text(node))),
            "object_pattern" => {
                let children = named_children(node);
                Target::Fields(children.into_iter().filter_map(|child| self.script_field(child)).collect())
            }
            "array_pattern" => {
                let children = named_children(node);
                Target::Items(children.into_iter().map(|child| self.script_target(child)).collect())
            }
            "assignment_pattern" => match node.child_by_field_name("left") {
                Some(left) => self.script_target(left),
                None => Target::Nothing,
            },
            // `for (const x of xs)`, `(x: T)`, `...rest`: the name is inside.
            "lexical_declaration" | "variable_declarator" | "required_parameter" | "optional_parameter" => {
                match first_child(node) {
                    Some(inner) => self.script_target(inner),
                    None => Target::Nothing,
                }
            }
            _ => Target::Nothing,
        }
    }

    fn script_field(&mut self, node: Node<'t>) -> Option<(std::rc::Rc<str>, Target, Option<usize>)> {
        match node.kind() {
            "shorthand_property_identifier_pattern" => {
                let name = rc(self.text(node));
                Some((name.clone(), Target::Name(name), None))
            }
            "object_assignment_pattern" => {
                let left = node.child_by_field_name("left")?;
                let default = node.child_by_field_name("right").map(|value| self.node(value));
                let name = rc(self.text(left));
                Some((name.clone(), Target::Name(name), default))
            }
            "pair_pattern" => {
                let key = node.child_by_field_name("key")?;
                let value = node.child_by_field_name("value")?;
                let name = match key.kind() {
                    "string" => rc(literal::whole(key, self.bytes)?),
                    _ => rc(self.text(key)),
                };
                Some((name, self.script_target(value), None))
            }
            _ => None,
        }
    }

    pub(super) fn script_import(&mut self, node: Node<'t>) -> Kind {
        let type_only = node.child(1).is_some_and(|second| second.kind() == "type");
        // `import x = require('y')`
        let required = named_children(node).into_iter().find(|child| child.kind() == "import_require_clause");
        let source = node
            .child_by_field_name("source")
            .or_else(|| required.and_then(|clause| clause.child_by_field_name("source")));
        let Some(from) = source.and_then(|source| literal::whole(source, self.bytes)) else {
            return Kind::Null;
        };
        let mut names = Vec::new();
        if let Some(name) = required.and_then(|clause| clause.named_child(0)) {
            names.push((rc("="), rc(self.text(name))));
        }
        let clause = named_children(node).into_iter().find(|child| child.kind() == "import_clause");
        for child in clause.map(named_children).unwrap_or_default() {
            match child.kind() {
                "identifier" => names.push((rc("default"), rc(self.text(child)))),
                "namespace_import" => {
                    if let Some(name) = first_child(child) {
                        names.push((rc("*"), rc(self.text(name))));
                    }
                }
                "named_imports" => names.extend(self.specifiers(child)),
                _ => {}
            }
        }
        if type_only {
            names.clear();
        }
        Kind::Import(Import { from: rc(from), names, all: false })
    }

    /// The decorators that are written inside a node.
    pub(super) fn script_decorators(&mut self, node: Node<'t>) -> Vec<NodeId> {
        if self.family != Family::Script {
            return Vec::new();
        }
        let decorators = named_children(node).into_iter().filter(|child| child.kind() == "decorator");
        decorators.filter_map(|decorator| self.script_decorator(decorator)).collect()
    }

    pub(super) fn script_decorator(&mut self, node: Node<'t>) -> Option<NodeId> {
        first_child(node).map(|inner| self.node(inner))
    }

    /// `enum Path { Users = 'users' }` is an object of its literal members.
    pub(super) fn script_enum(&mut self, name: Node<'t>, body: Node<'t>) -> Kind {
        let mut entries = Vec::new();
        for member in named_children(body) {
            if let (Some(key), Some(value)) = (member.child_by_field_name("name"), member.child_by_field_name("value"))
            {
                let key = literal::whole(key, self.bytes)
                    .filter(|_| key.kind() == "string")
                    .unwrap_or_else(|| self.text(key).to_owned());
                entries.push(Entry::Pair(rc(key), self.node(value)));
            }
        }
        let object = self.add(body, Kind::Object(entries));
        Kind::Bind(Target::Name(rc(self.text(name))), object)
    }

    /// The body of a function whose parameters are fields, too: `constructor(private app: Application)`.
    pub(super) fn with_fields_of(&mut self, params: Node<'t>, body: NodeId) -> NodeId {
        let mut statements = Vec::new();
        for parameter in named_children(params) {
            let is_field = ["accessibility_modifier", "readonly"].iter().any(|mark| self.has_token(parameter, mark));
            let name = parameter.child_by_field_name("pattern").filter(|name| name.kind() == "identifier");
            if let (true, Some(name)) = (is_field, name) {
                let this = self.add(name, Kind::Name(rc("this")));
                let field = self.add(name, Kind::Member(this, rc(self.text(name))));
                let value = self.add(name, Kind::Name(rc(self.text(name))));
                statements.push(self.add(name, Kind::Assign(field, value)));
            }
        }
        if statements.is_empty() {
            return body;
        }
        statements.push(body);
        self.add(params, Kind::Block(statements))
    }

    /// What `for (key in object)` goes over: `Object.keys(object)`.
    pub(super) fn keys_of(&mut self, node: Node<'t>, object: NodeId) -> NodeId {
        let name = self.add(node, Kind::Name(rc("Object")));
        let callee = self.add(node, Kind::Member(name, rc("keys")));
        self.add(node, Kind::Call { callee, arguments: vec![ArgumentNode { name: None, value: object }] })
    }

    fn specifiers(&self, node: Node<'t>) -> Vec<(std::rc::Rc<str>, std::rc::Rc<str>)> {
        let mut out = Vec::new();
        for child in named_children(node) {
            let Some(name) = child.child_by_field_name("name") else { continue };
            let alias = child.child_by_field_name("alias").unwrap_or(name);
            out.push((rc(self.text(name)), rc(self.text(alias))));
        }
        out
    }

    pub(super) fn export(&mut self, node: Node<'t>) -> Kind {
        let from = node.child_by_field_name("source").and_then(|source| literal::whole(source, self.bytes)).map(rc);
        let children = named_children(node);
        if let Some(clause) = children.iter().find(|child| child.kind() == "export_clause") {
            return Kind::Export { from, names: self.specifiers(*clause), all: false };
        }
        if let Some(space) = children.iter().find(|child| child.kind() == "namespace_export") {
            let name = first_child(*space).map(|name| rc(self.text(name))).unwrap_or_else(|| rc(""));
            return Kind::Export { from, names: vec![(rc("*"), name)], all: false };
        }
        if from.is_some() {
            return Kind::Export { from, names: Vec::new(), all: true };
        }
        let mut cursor = node.walk();
        let is_default = node.children(&mut cursor).any(|child| matches!(child.kind(), "default" | "="));
        let inner = node.child_by_field_name("value").or_else(|| node.child_by_field_name("declaration"));
        let inner = inner.or_else(|| first_child(node));
        match inner {
            Some(inner) if is_default => Kind::ExportDefault(self.node(inner)),
            Some(inner) => Kind::Block(vec![self.node(inner)]),
            None => Kind::Null,
        }
    }
}
