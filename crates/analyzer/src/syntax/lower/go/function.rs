//! Functions and methods, with their parameters and named results.

use std::rc::Rc;

use tree_sitter::Node;

use crate::syntax::lower::{Lowering, first_child, named_children, rc};
use crate::syntax::node::NodeExt as _;
use crate::syntax::program::{Function, FunctionId, Kind, NodeId, Parameter, Target};

impl<'t> Lowering<'t> {
    pub(super) fn go_function(&mut self, node: Node<'t>) -> FunctionId {
        let parameters = node.child_by_field_name("parameters").map(|list| self.go_parameters(list));
        let result = node.child_by_field_name("result");
        let named = result.filter(|result| result.kind() == "parameter_list").into_iter().flat_map(named_children);
        let names: Vec<Rc<str>> = named.flat_map(|result| self.go_names(result)).collect();
        let zeros = result.map(|result| self.go_result_zeros(result)).unwrap_or_default();
        self.results.push(names);
        let mut body = match node.child_by_field_name("body") {
            Some(body) => self.node(body),
            None => self.add(node, Kind::Null),
        };
        self.results.pop();
        if !zeros.is_empty() {
            body = self.add(node, Kind::Block(zeros.into_iter().chain([body]).collect()));
        }
        self.program.functions.push(Function {
            name: node.child_by_field_name("name").map(|name| rc(self.text(name))),
            parameters: parameters.unwrap_or_default(),
            body,
            returns: result.map(|of| self.text(of).to_owned()).unwrap_or_default(),
            attributes: Vec::new(),
            decorators: Vec::new(),
            receiver: None,
            start: node.first_line(),
            bytes: (node.start_byte(), node.end_byte()),
            left_out: self.left_out(node.child_by_field_name("body")),
        });
        self.program.functions.len() - 1
    }

    /// Results that have names start with the zero value of their type.
    fn go_result_zeros(&mut self, result: Node<'t>) -> Vec<NodeId> {
        let mut out = Vec::new();
        for one in named_children(result) {
            for name in self.go_names(one) {
                let Some(of) = one.child_by_field_name("type") else { continue };
                let zero = self.go_zero(of);
                out.push(self.add(one, Kind::Bind(Target::Name(name), zero)));
            }
        }
        out
    }

    fn go_parameters(&mut self, list: Node<'t>) -> Vec<Parameter> {
        let mut out = Vec::new();
        for child in named_children(list) {
            let Some(of) = child.child_by_field_name("type") else { continue };
            let is_rest = child.kind() == "variadic_parameter_declaration";
            let names = self.go_names(child);
            let targets = match names.as_slice() {
                [] => vec![Target::Nothing],
                names => names.iter().map(|name| Target::Name(Rc::clone(name))).collect(),
            };
            for target in targets {
                let annotation = Some(self.node(of));
                let of_type = self.text(of).to_owned();
                out.push(Parameter { target, default: None, annotation, of_type, is_rest, is_named_rest: false });
            }
        }
        out
    }

    pub(super) fn go_method(&mut self, node: Node<'t>) -> Kind {
        let receiver = node.child_by_field_name("receiver").and_then(first_child);
        let of = receiver.and_then(|receiver| receiver.child_by_field_name("type"));
        let of = of.map(|of| self.text(of)).unwrap_or_default();
        let of = rc(of.trim_start_matches(['*', '(', ' ']).split(['[', ')']).next().unwrap_or_default().trim());
        let name = receiver.and_then(|receiver| self.go_names(receiver).into_iter().next()).unwrap_or_else(|| rc("_"));
        let function = self.go_function(node);
        self.program.functions[function].receiver = Some((name, Rc::clone(&of)));
        Kind::Method { of, function }
    }
}
