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
    for child in root.inner() {
        let inner = match child.kind() {
            "const_item" | "static_item" => child,
            "lexical_declaration" | "variable_declaration" | "expression_statement" => child.named_child(0)?,
            "export_statement" => match child.field("declaration").and_then(|inner| inner.named_child(0)) {
                Some(inner) => inner,
                None => continue,
            },
            _ => continue,
        };
        let target = inner.field("name").or_else(|| inner.field("left"));
        let value = inner.field("value").or_else(|| inner.field("right"));
        if let (Some(target), Some(value)) = (target, value)
            && text(target, bytes) == name
            && matches!(value.kind(), "string" | "string_literal")
        {
            return whole(value, bytes);
        }
    }
    None
}
