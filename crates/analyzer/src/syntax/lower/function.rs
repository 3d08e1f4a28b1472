//! Functions, classes and their parameters, in every language.

use tree_sitter::Node;

use super::{Lowering, first_child, named_children, rc};
use crate::syntax::grammar::Family;
use crate::syntax::node::NodeExt as _;
use crate::syntax::program::{Attribute, Class, ClassId, Function, FunctionId, Kind, Member, Parameter, Target};
use crate::syntax::query::Role;

impl<'t> Lowering<'t> {
    pub(super) fn function(&mut self, node: Node<'t>, role: &Role<'t>, attributes: Vec<Attribute>) -> FunctionId {
        let parameters = match role.part("params") {
            Some(params) => self.parameters(params),
            None => Vec::new(),
        };
        let body = match role.part("body") {
            Some(body) => {
                let is_value = !matches!(body.kind(), "statement_block" | "block");
                let id = self.node(body);
                if is_value { self.add(body, Kind::Return(Some(id))) } else { id }
            }
            None => self.add(node, Kind::Null),
        };
        let body = match role.part("params").filter(|_| self.family == Family::Script) {
            Some(params) => self.with_fields_of(params, body),
            None => body,
        };
        let returns = node.child_by_field_name("return_type").map(|of| self.text(of).to_owned()).unwrap_or_default();
        self.program.functions.push(Function {
            name: role.part("name").or_else(|| node.child_by_field_name("name")).map(|name| rc(self.text(name))),
            parameters,
            body,
            returns,
            attributes,
            decorators: Vec::new(),
            receiver: None,
            start: node.first_line(),
            bytes: (node.start_byte(), node.end_byte()),
            left_out: self.left_out(role.part("body")),
        });
        self.program.functions.len() - 1
    }

    fn parameters(&mut self, params: Node<'t>) -> Vec<Parameter> {
        if matches!(params.kind(), "identifier" | "object_pattern" | "array_pattern") {
            return vec![Parameter {
                target: self.target(params),
                default: None,
                annotation: None,
                of_type: String::new(),
                is_rest: false,
                is_named_rest: false,
            }];
        }
        let children = named_children(params).into_iter().filter(|child| !child.is_extra());
        children.map(|child| self.parameter(child)).collect()
    }

    fn parameter(&mut self, node: Node<'t>) -> Parameter {
        let name = ["pattern", "left", "name"].iter().find_map(|field| node.child_by_field_name(field));
        let default = ["value", "right"].iter().find_map(|field| node.child_by_field_name(field));
        let of_type = node.child_by_field_name("type");
        let target = match node.kind() {
            "self_parameter" => Target::Name(rc("self")),
            "typed_parameter" => match first_child(node) {
                Some(name) => self.target(name),
                None => Target::Nothing,
            },
            _ => self.target(name.unwrap_or(node)),
        };
        let inner = node.child_by_field_name("pattern").unwrap_or(node);
        let splat = first_child(node).filter(|_| node.kind() == "typed_parameter").unwrap_or(inner);
        let is_rest = matches!(splat.kind(), "rest_pattern" | "list_splat_pattern");
        let target = match first_child(inner).filter(|_| inner.kind() == "rest_pattern") {
            Some(name) => self.target(name),
            None => target,
        };
        let annotation = of_type.filter(|_| self.family == Family::Python);
        Parameter {
            target,
            default: default.map(|value| self.node(value)),
            of_type: of_type.map(|of| self.text(of).to_owned()).unwrap_or_default(),
            annotation: annotation.map(|of| self.node(of)),
            is_rest,
            is_named_rest: splat.kind() == "dictionary_splat_pattern",
        }
    }

    pub(super) fn class(&mut self, node: Node<'t>, role: &Role<'t>) -> ClassId {
        let mut supers = Vec::new();
        if let Some(list) = node.child_by_field_name("superclasses") {
            for argument in self.arguments(list) {
                if argument.name.is_none() {
                    supers.push(argument.value);
                }
            }
        }
        for child in named_children(node) {
            if child.kind() == "class_heritage" {
                let clause = first_child(child).filter(|inner| inner.kind() == "extends_clause").unwrap_or(child);
                if let Some(base) = first_child(clause) {
                    supers.push(self.node(base));
                }
            }
        }
        let members = match role.part("body") {
            Some(body) => self.members(body),
            None => Vec::new(),
        };
        // `@X() export class` has its decorators outside of the class.
        let around = node.parent().filter(|parent| parent.kind() == "export_statement");
        let decorators = around.into_iter().chain([node]).flat_map(|node| self.script_decorators(node)).collect();
        self.program.classes.push(Class {
            name: role.part("name").or_else(|| node.child_by_field_name("name")).map(|name| rc(self.text(name))),
            supers,
            members,
            decorators,
            embedded: Vec::new(),
            start: node.first_line(),
            bytes: (node.start_byte(), node.end_byte()),
        });
        self.program.classes.len() - 1
    }

    pub(super) fn members(&mut self, body: Node<'t>) -> Vec<Member> {
        let mut members = Vec::new();
        let mut above = Vec::new();
        for child in named_children(body) {
            // TypeScript's stand beside the member, JavaScript's inside.
            if child.kind() == "decorator" {
                above.push(child);
                continue;
            }
            if child.is_extra() {
                continue;
            }
            let above = std::mem::take(&mut above);
            // Python wraps assignments in statements and methods in decorators.
            let inner = match child.kind() {
                "expression_statement" => first_child(child).unwrap_or(child),
                _ => child,
            };
            let Some(role) = self.roles.get(inner) else { continue };
            let (name, value) = match role.name {
                "method" | "definition" => (role.part("name"), Some(inner)),
                "field" => (role.part("name"), role.part("value")),
                "assign" | "bind" => (role.part("target"), role.part("value")),
                "decorated" => {
                    let name = role.part("definition").and_then(|definition| definition.child_by_field_name("name"));
                    (name, Some(inner))
                }
                _ => continue,
            };
            let is_method = matches!(role.name, "method" | "definition" | "decorated");
            let (Some(name), Some(value)) = (name, value) else { continue };
            let mut decorators: Vec<_> = above.into_iter().filter_map(|above| self.script_decorator(above)).collect();
            decorators.extend(self.script_decorators(inner));
            let is_getter = inner.kind() == "method_definition" && self.has_token(inner, "get");
            let (name, value) = (rc(self.text(name)), self.node(value));
            members.push(Member { name, value, is_method, is_getter, decorators });
        }
        members
    }
}
