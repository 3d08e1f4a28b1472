//! Members of types: constants, properties with a plain value, methods, and the arguments of calls and attributes.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::lower::{CSharpAttribute, CSharpType, attributes, flat};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;

/// A method as its declaration writes it.
pub(crate) struct CSharpMethod<'p, 'c> {
    pub(crate) of: &'p CSharpType<'c>,
    pub(crate) node: Node<'c>,
    pub(crate) name: &'c str,
    pub(crate) attributes: Vec<CSharpAttribute<'c>>,
    modifiers: Vec<&'c str>,
    /// The types of the parameters, as written.
    pub(crate) parameters: Vec<&'c str>,
}

impl CSharpMethod<'_, '_> {
    pub(crate) fn has(&self, modifier: &str) -> bool {
        self.modifiers.contains(&modifier)
    }

    pub(crate) fn is_generic(&self) -> bool {
        self.node.field("type_parameters").is_some()
    }
}

/// The methods of one declaration; explicit implementations of interfaces are none.
pub(crate) fn methods<'p, 'c>(of: &'p CSharpType<'c>) -> Vec<CSharpMethod<'p, 'c>> {
    let bytes = of.bytes();
    let mut out = Vec::new();
    for node in of.members().into_iter().filter(|member| member.kind() == "method_declaration") {
        let parts = flat(node);
        if parts.iter().any(|part| part.kind() == "explicit_interface_specifier") {
            continue;
        }
        let modifiers = parts.iter().filter(|part| part.kind() == "modifier").map(|part| text(*part, bytes)).collect();
        let parameters = node.field("parameters").map(flat).unwrap_or_default();
        let parameters = parameters.iter().filter_map(|parameter| parameter.field("type"));
        out.push(CSharpMethod {
            of,
            node,
            name: node.field_text("name", bytes),
            attributes: attributes(node, bytes),
            modifiers,
            parameters: parameters.map(|of| text(of, bytes)).collect(),
        });
    }
    out
}

/// The value of a constant, a read-only static field or a property that only gives a value.
pub(crate) fn constant<'c>(of: &CSharpType<'c>, name: &str) -> Option<Node<'c>> {
    *of.constants.get_or_init(|| constants(of)).get(name)?
}

fn constants<'c>(of: &CSharpType<'c>) -> BTreeMap<&'c str, Option<Node<'c>>> {
    let bytes = of.bytes();
    let mut out = BTreeMap::new();
    for member in of.members() {
        match member.kind() {
            "field_declaration" => {
                let parts = flat(member);
                let modifiers: Vec<&str> =
                    parts.iter().filter(|part| part.kind() == "modifier").map(|part| text(*part, bytes)).collect();
                if !modifiers.contains(&"const") && !modifiers.contains(&"readonly") {
                    continue;
                }
                let declaration = parts.into_iter().find(|part| part.kind() == "variable_declaration");
                let declared = declaration.map(flat).unwrap_or_default().into_iter();
                for declared in declared.filter(|part| part.kind() == "variable_declarator") {
                    out.entry(declared.field_text("name", bytes)).or_insert_with(|| initial(declared));
                }
            }
            "property_declaration" => {
                out.entry(member.field_text("name", bytes)).or_insert_with(|| property(member, bytes));
            }
            _ => {}
        }
    }
    out
}

/// What a variable is initialised with.
pub(crate) fn initial(declarator: Node<'_>) -> Option<Node<'_>> {
    let last = u32::try_from(declarator.named_child_count().checked_sub(1)?).ok()?;
    declarator.named_child(last).filter(|_| last > 0)
}

/// `X => value`, `X { get; } = value`, `X { get => value; }`, `X { get { return value; } }`.
fn property<'c>(node: Node<'c>, bytes: &'c [u8]) -> Option<Node<'c>> {
    if let Some(value) = node.field("value") {
        return if value.kind() == "arrow_expression_clause" { value.named_child(0) } else { Some(value) };
    }
    let accessors = node.field("accessors").map(flat).unwrap_or_default();
    let get = accessors.into_iter().find(|accessor| text(*accessor, bytes).trim_start().starts_with("get"))?;
    let body = get.field("body")?;
    match body.kind() {
        "arrow_expression_clause" => body.named_child(0),
        _ => {
            let statements = flat(body);
            let returned =
                statements.first().filter(|one| one.kind() == "return_statement" && statements.len() == 1)?;
            returned.named_child(0)
        }
    }
}

/// One argument of a call or an attribute.
#[derive(Clone, Copy)]
pub(crate) struct CSharpArgument<'c> {
    /// `name: value` of a call, `Name = value` of an attribute.
    pub(crate) name: Option<&'c str>,
    pub(crate) value: Node<'c>,
}

/// The arguments of a list (`argument_list`, `attribute_argument_list`).
pub(crate) fn arguments<'c>(list: Node<'c>, bytes: &'c [u8]) -> Vec<CSharpArgument<'c>> {
    let mut out = Vec::new();
    for argument in flat(list) {
        let name = argument.field("name");
        let value = argument
            .inner()
            .filter(|child| child.kind() != "comment" && name.is_none_or(|name| name.id() != child.id()))
            .last();
        if let Some(value) = value.filter(|_| argument.kind() != "comment") {
            out.push(CSharpArgument { name: name.map(|name| text(name, bytes)), value });
        }
    }
    out
}

/// The arguments of an attribute.
pub(crate) fn attribute_arguments<'c>(attribute: &CSharpAttribute<'c>, bytes: &'c [u8]) -> Vec<CSharpArgument<'c>> {
    let lists = flat(attribute.node).into_iter().filter(|child| child.kind() == "attribute_argument_list");
    lists.flat_map(|list| arguments(list, bytes)).collect()
}

/// The arguments of a call.
pub(crate) fn call_arguments<'c>(call: Node<'c>, bytes: &'c [u8]) -> Vec<CSharpArgument<'c>> {
    call.field("arguments").map(|list| arguments(list, bytes)).unwrap_or_default()
}

/// The argument of this name, or the positional one at this place.
pub(crate) fn argument<'c>(all: &[CSharpArgument<'c>], name: &str, at: usize) -> Option<Node<'c>> {
    let named = all.iter().find(|argument| argument.name == Some(name));
    named.or_else(|| all.get(at).filter(|argument| argument.name.is_none())).map(|argument| argument.value)
}
