//! What every reader of Python's syntax needs: modules and classes by name, what a call is given.

pub(crate) mod import;
pub(crate) mod index;
pub(crate) mod module;

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;

/// The arguments of a call: those without a name, and those with one.
pub(crate) fn arguments<'t>(call: Node<'t>, bytes: &'t [u8]) -> (Vec<Node<'t>>, BTreeMap<&'t str, Node<'t>>) {
    let (mut plain, mut named) = (Vec::new(), BTreeMap::new());
    let Some(list) = call.field("arguments") else { return (plain, named) };
    for argument in list.inner() {
        match (argument.kind(), argument.field("name"), argument.field("value")) {
            ("comment", ..) => {}
            ("keyword_argument", Some(name), Some(value)) => {
                named.insert(text(name, bytes), value);
            }
            _ => plain.push(argument),
        }
    }
    (plain, named)
}

/// The last part of the name of the function that a call calls.
pub(crate) fn called<'t>(value: Node<'t>, bytes: &'t [u8]) -> Option<&'t str> {
    let function = value.field("function").filter(|_| value.kind() == "call")?;
    text(function, bytes).rsplit('.').next()
}

/// Whether a node is `True`.
pub(crate) fn is_true(node: Option<Node<'_>>) -> bool {
    node.is_some_and(|node| node.kind() == "true")
}
