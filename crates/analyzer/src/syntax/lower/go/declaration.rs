//! Declarations of a package: imports, types, variables and constants.

use std::rc::Rc;

use tree_sitter::Node;

use crate::syntax::literal;
use crate::syntax::lower::{Lowering, first_child, named_children, rc};
use crate::syntax::node::NodeExt as _;
use crate::syntax::program::{Class, Import, Kind, Member, NodeId, Target};

impl<'t> Lowering<'t> {
    pub(super) fn go_imports(&mut self, node: Node<'t>) -> Vec<NodeId> {
        let mut out = Vec::new();
        for child in named_children(node) {
            let specs = if child.kind() == "import_spec_list" { named_children(child) } else { vec![child] };
            for spec in specs.into_iter().filter(|spec| spec.kind() == "import_spec") {
                let path = spec.child_by_field_name("path").and_then(|path| literal::go_text(path, self.bytes));
                let Some(path) = path else { continue };
                let name = spec.child_by_field_name("name").map(|name| self.text(name));
                let all = name == Some(".");
                // Without a name of its own it has the package's, which only the package knows.
                let names = if all { Vec::new() } else { vec![(rc("*"), rc(name.unwrap_or_default()))] };
                out.push(self.add(spec, Kind::Import(Import { from: rc(path), names, all })));
            }
        }
        out
    }

    pub(super) fn go_type_spec(&mut self, spec: Node<'t>) -> NodeId {
        let (Some(name), Some(of)) = (spec.child_by_field_name("name"), spec.child_by_field_name("type")) else {
            return self.add(spec, Kind::Null);
        };
        let name = rc(self.text(name));
        let kind = if of.kind() == "struct_type" {
            Kind::DefineClass(self.go_struct(of, Some(name)))
        } else {
            Kind::Bind(Target::Name(name), self.node(of))
        };
        self.add(spec, kind)
    }

    pub(super) fn go_struct(&mut self, node: Node<'t>, name: Option<Rc<str>>) -> usize {
        let (mut members, mut embedded) = (Vec::new(), Vec::new());
        let fields = first_child(node).map(named_children).unwrap_or_default();
        for field in fields.into_iter().filter(|field| field.kind() == "field_declaration") {
            let Some(of) = field.child_by_field_name("type") else { continue };
            let mut names = self.go_names(field);
            if names.is_empty() {
                let text = self.text(of).trim_start_matches('*').split('[').next().unwrap_or_default();
                names.push(rc(text.rsplit('.').next().unwrap_or(text)));
                embedded.extend(names.first().cloned());
            }
            let is_pointer = self.text(field).contains('*') && of.kind() != "function_type";
            for name in names {
                let value = self.node(of);
                // A pointer that nobody sets is none, but what it would point to is still of use.
                let value = if is_pointer { self.add(of, Kind::Other(vec![value])) } else { value };
                members.push(Member { name, value, is_method: false, is_getter: false, decorators: Vec::new() });
            }
        }
        let (start, bytes) = (node.first_line(), (node.start_byte(), node.end_byte()));
        let class = Class { name, supers: Vec::new(), members, decorators: Vec::new(), embedded, start, bytes };
        self.program.classes.push(class);
        self.program.classes.len() - 1
    }

    pub(super) fn go_variables(&mut self, spec: Node<'t>) -> Vec<NodeId> {
        let targets: Vec<Target> = self.go_names(spec).into_iter().map(Target::Name).collect();
        match (spec.child_by_field_name("value"), spec.child_by_field_name("type")) {
            (Some(values), _) => {
                let values: Vec<Node<'t>> =
                    named_children(values).into_iter().filter(|value| !value.is_extra()).collect();
                self.go_bound(spec, targets, &values)
            }
            (None, Some(of)) if spec.kind() == "var_spec" => {
                let mut out = Vec::new();
                for target in targets {
                    let zero = self.go_zero(of);
                    out.push(self.add(spec, Kind::Bind(target, zero)));
                }
                out
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn go_names(&self, node: Node<'t>) -> Vec<Rc<str>> {
        let mut cursor = node.walk();
        let names = node.children_by_field_name("name", &mut cursor);
        names.filter(|name| name.is_named()).map(|name| rc(self.text(name))).collect()
    }

    pub(super) fn go_zero(&mut self, of: Node<'t>) -> NodeId {
        if of.kind() == "pointer_type" {
            return self.add(of, Kind::Null);
        }
        let inner = self.node(of);
        self.add(of, Kind::Zero(inner))
    }
}
