//! Names in code: the literal of a constant of the file, and the end of a path.

use crate::syntax::literal::text;
use crate::syntax::literal::whole;
use crate::syntax::node::NodeExt as _;
use tree_sitter::Node;

/// The name at the end of a path, without a borrow.
pub(super) fn last_part(path: &str) -> &str {
    path.trim_start_matches('&').trim().rsplit("::").next().unwrap_or(path)
}

/// The literal that a top-level constant of the file holds.
pub(super) fn constant(root: Node<'_>, name: &str, bytes: &[u8]) -> Option<String> {
    let value = declared_value(root, name, bytes)?;
    matches!(value.kind(), "string" | "string_literal").then(|| whole(value, bytes)).flatten()
}

/// The value that a top-level declaration of the file gives to a name.
pub(super) fn declared_value<'t>(root: Node<'t>, name: &str, bytes: &[u8]) -> Option<Node<'t>> {
    root.inner().find_map(|child| {
        let inner = match child.kind() {
            "const_item" | "static_item" => child,
            "lexical_declaration" | "variable_declaration" | "expression_statement" => child.named_child(0)?,
            "export_statement" => child.field("declaration")?.named_child(0)?,
            _ => return None,
        };
        let target = inner.field("name").or_else(|| inner.field("left"))?;
        (text(target, bytes) == name).then(|| inner.field("value").or_else(|| inner.field("right")))?
    })
}
