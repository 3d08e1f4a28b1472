//! What a call is given, as far as it is plain.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;

/// The names that a call is given, `None` for a computed one, and its options.
pub(super) fn arguments(node: Node<'_>, bytes: &[u8]) -> (Vec<Option<String>>, BTreeMap<String, Option<String>>) {
    let mut given = Vec::new();
    let mut options = BTreeMap::new();
    let Some(list) = node.field("arguments") else {
        return (given, options);
    };
    for argument in list.inner() {
        match argument.kind() {
            "comment" => {}
            "pair" => {
                let key = argument.field_text("key", bytes);
                let value = argument.field("value").and_then(|value| name(value, bytes));
                options.insert(key.trim_matches([':', '"']).to_owned(), value);
            }
            _ => given.push(name(argument, bytes)),
        }
    }
    (given, options)
}

fn name(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    match node.kind() {
        "simple_symbol" => Some(text(node, bytes).trim_start_matches(':').to_owned()),
        "string" => {
            let has_hole = node.inner().any(|child| child.kind() == "interpolation");
            whole(node, bytes).filter(|_| !has_hole)
        }
        "false" => Some("false".to_owned()),
        _ => None,
    }
}

pub(super) fn primary_key(options: &BTreeMap<String, Option<String>>) -> Vec<String> {
    match (options.get("id"), options.get("primary_key")) {
        (Some(Some(id)), _) if id == "false" => Vec::new(),
        (_, Some(Some(key))) => vec![key.clone()],
        (_, Some(None)) => Vec::new(),
        _ => vec!["id".to_owned()],
    }
}
