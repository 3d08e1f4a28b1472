//! Go: its declarations, statements and types. The tree is walked by hand, without a query. What a type
//! says is an expression too, so that fields and parameters of a known type can be made when nothing else
//! is known of them. Refuses `iota`, channels and arithmetic.

mod declaration;
mod expression;
mod function;
mod statement;

use tree_sitter::Node;

use super::{Lowering, first_child, named_children, number, rc};
use crate::syntax::literal;
use crate::syntax::program::{Entry, Expression, Kind, NodeId};

impl<'t> Lowering<'t> {
    pub(super) fn go_node(&mut self, node: Node<'t>) -> NodeId {
        let kind = match node.kind() {
            "source_file" | "statement_list" => Kind::Block(self.go_nodes(node)),
            "block" | "communication_case" | "default_case" | "expression_case" | "type_case" => {
                Kind::Scope(self.go_nodes(node))
            }
            "import_declaration" => Kind::Block(self.go_imports(node)),
            "function_declaration" => Kind::DefineFunction(self.go_function(node)),
            "func_literal" => Kind::Function(self.go_function(node)),
            "method_declaration" => self.go_method(node),
            "type_declaration" => {
                let specs = named_children(node).into_iter().filter(|spec| spec.child_by_field_name("type").is_some());
                Kind::Block(specs.map(|spec| self.go_type_spec(spec)).collect())
            }
            "const_declaration" | "var_declaration" => {
                let mut specs = Vec::new();
                for child in named_children(node) {
                    let inner = if child.kind() == "var_spec_list" { named_children(child) } else { vec![child] };
                    specs.extend(inner);
                }
                specs.retain(|spec| matches!(spec.kind(), "const_spec" | "var_spec"));
                Kind::Block(specs.into_iter().flat_map(|spec| self.go_variables(spec)).collect())
            }
            "short_var_declaration" | "assignment_statement" => self.go_assignment(node),
            "receive_statement" | "inc_statement" | "dec_statement" | "comment" => Kind::Null,
            "if_statement" => {
                let mut out = self.go_fields(node, &["initializer"]);
                let condition = self.go_fields(node, &["condition"]);
                let then = self.go_fields(node, &["consequence"]).first().copied();
                let otherwise = self.go_fields(node, &["alternative"]).first().copied();
                let branch = Kind::Branch(condition.into_iter().chain(then).chain(otherwise).collect());
                out.push(match node.child_by_field_name("condition") {
                    Some(test) => self.either_branch(node, test, (then, otherwise), branch),
                    None => self.add(node, branch),
                });
                Kind::Scope(out)
            }
            "for_statement" => self.go_loop(node),
            "expression_switch_statement" | "type_switch_statement" | "select_statement" => self.go_switch(node),
            "return_statement" => self.go_return(node),
            "expression_statement"
            | "go_statement"
            | "defer_statement"
            | "labeled_statement"
            | "parenthesized_expression"
            | "literal_element"
            | "parenthesized_type"
            | "pointer_type"
            | "type_elem" => match named_children(node).into_iter().rfind(|child| !child.is_extra()) {
                Some(inner) => return self.node(inner),
                None => Kind::Null,
            },
            "type_assertion_expression" | "type_conversion_expression" => match node.child_by_field_name("operand") {
                Some(inner) => return self.node(inner),
                None => Kind::Null,
            },
            "generic_type" | "type_instantiation_expression" => match node.child_by_field_name("type") {
                Some(inner) => return self.node(inner),
                None => Kind::Null,
            },
            "call_expression" => return self.go_call(node),
            "selector_expression" => self.go_member(node, "operand", "field"),
            "qualified_type" => self.go_member(node, "package", "name"),
            "index_expression" => match (node.child_by_field_name("operand"), node.child_by_field_name("index")) {
                (Some(object), Some(key)) => Kind::Index(self.node(object), self.node(key)),
                _ => Kind::Null,
            },
            "variadic_argument" => match first_child(node) {
                Some(inner) => Kind::Spread(self.node(inner)),
                None => Kind::Null,
            },
            "unary_expression" => match (node.child_by_field_name("operator"), node.child_by_field_name("operand")) {
                (Some(operator), Some(inner)) if matches!(operator.kind(), "&" | "*") => {
                    Kind::Other(vec![self.node(inner)])
                }
                (_, Some(inner)) => {
                    let (inner, nothing) = (self.node(inner), self.add(node, Kind::Null));
                    Kind::Other(vec![inner, nothing])
                }
                _ => Kind::Null,
            },
            "binary_expression" => {
                let is_sum = node.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "+");
                let sides = self.go_fields(node, &["left", "right"]);
                if is_sum { Kind::Concat(sides) } else { Kind::Other(sides) }
            }
            "composite_literal" => {
                let of = node.child_by_field_name("type").map(|of| self.node(of));
                let items = node.child_by_field_name("body").map(|body| self.go_items(body)).unwrap_or_default();
                Kind::Composite { of, items }
            }
            "literal_value" => Kind::Composite { of: None, items: self.go_items(node) },
            "interpreted_string_literal" | "raw_string_literal" => {
                literal::go_text(node, self.bytes).map_or(Kind::Other(Vec::new()), |text| Kind::Text(text.into()))
            }
            "rune_literal" => Kind::Text(self.text(node).trim_matches('\'').into()),
            "int_literal" => number(self.text(node)).map_or(Kind::Other(Vec::new()), Kind::Number),
            "true" | "false" => Kind::Bool(node.kind() == "true"),
            "nil" | "interface_type" | "function_type" | "channel_type" => Kind::Null,
            "identifier" | "type_identifier" | "package_identifier" | "field_identifier" => {
                Kind::Name(self.text(node).into())
            }
            "slice_type" | "array_type" | "implicit_length_array_type" => {
                Kind::Array(self.go_fields(node, &["element"]))
            }
            "map_type" => {
                let value = self.go_fields(node, &["value"]);
                Kind::Object(value.into_iter().map(|value| Entry::Pair(rc("[]"), value)).collect())
            }
            "struct_type" => Kind::DefineClass(self.go_struct(node, None)),
            _ => Kind::Other(self.go_nodes(node).into_iter().chain([self.add(node, Kind::Null)]).collect()),
        };
        self.add(node, kind)
    }

    fn go_nodes(&mut self, node: Node<'t>) -> Vec<NodeId> {
        let is_code = |child: &Node<'_>| !child.is_extra() && child.kind() != "package_clause";
        named_children(node).into_iter().filter(is_code).map(|child| self.node(child)).collect()
    }

    fn go_fields(&mut self, node: Node<'t>, fields: &[&str]) -> Vec<NodeId> {
        fields.iter().filter_map(|field| node.child_by_field_name(field)).map(|child| self.node(child)).collect()
    }

    fn go_member(&mut self, node: Node<'t>, object: &str, name: &str) -> Kind {
        match (node.child_by_field_name(object), node.child_by_field_name(name)) {
            (Some(object), Some(name)) => Kind::Member(self.node(object), self.text(name).into()),
            _ => Kind::Null,
        }
    }
}

/// Whether a type's expression was written as a pointer.
pub(crate) fn is_pointer(node: &Expression) -> bool {
    matches!(&node.kind, Kind::Other(inner) if inner.len() == 1)
}
