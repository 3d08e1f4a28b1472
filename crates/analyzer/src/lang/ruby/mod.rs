//! What every reader of Ruby's syntax needs: literals and what a call is given.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;

/// The text of a string without holes.
pub(crate) fn string(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    whole(node, bytes).filter(|_| node.kind() == "string" && node.inner_of("interpolation").is_none())
}

/// The text of a literal string, symbol or item of a `%w` list, or `true` and `false` as they are written.
pub(crate) fn literal(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    match node.kind() {
        "string" => string(node, bytes),
        "simple_symbol" => Some(text(node, bytes).trim_start_matches(':').to_owned()),
        "bare_string" | "bare_symbol" | "true" | "false" => Some(text(node, bytes).to_owned()),
        _ => None,
    }
}

/// The literals of a list, or the one that stands in its place.
pub(crate) fn list(node: Node<'_>, bytes: &[u8]) -> Vec<String> {
    match node.kind() {
        "array" | "string_array" | "symbol_array" => node.inner().filter_map(|item| literal(item, bytes)).collect(),
        _ => literal(node, bytes).into_iter().collect(),
    }
}

/// What a call is given, and its options by name.
pub(crate) fn arguments<'t>(call: Node<'t>, bytes: &'t [u8]) -> (Vec<Node<'t>>, BTreeMap<&'t str, Option<Node<'t>>>) {
    let mut given = Vec::new();
    let mut options = BTreeMap::new();
    for argument in call.field("arguments").into_iter().flat_map(Node::inner) {
        match argument.kind() {
            "comment" => {}
            "pair" => {
                let key = argument.field_text("key", bytes).trim_matches([':', '"', '\'']);
                options.insert(key, argument.field("value"));
            }
            _ => given.push(argument),
        }
    }
    (given, options)
}

/// The literals that a call is given, `None` for a computed one, and those of its options.
pub(crate) fn literal_arguments<'t>(
    call: Node<'t>,
    bytes: &'t [u8],
) -> (Vec<Option<String>>, BTreeMap<&'t str, Option<String>>) {
    let (given, options) = arguments(call, bytes);
    let options = options.into_iter().map(|(key, value)| (key, value.and_then(|value| literal(value, bytes))));
    (given.into_iter().map(|one| literal(one, bytes)).collect(), options.collect())
}
