//! String literals of PHP: quotes off, escapes decoded, the expressions inside evaluated.

use std::rc::Rc;

use tree_sitter::Node;

use super::machine::{Host, PhpFrame, PhpMachine};
use super::value::PhpValue;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;

/// The whole of a literal without expressions in it.
pub(crate) fn whole(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    let holder = if matches!(node.kind(), "heredoc" | "nowdoc") { node.field("value")? } else { node };
    let mut out = String::new();
    for child in holder.inner() {
        match child.kind() {
            "string_content" | "nowdoc_string" => out.push_str(text(child, bytes)),
            "escape_sequence" => out.push_str(&decoded(text(child, bytes), node.kind() == "string")),
            _ => return None,
        }
    }
    matches!(node.kind(), "string" | "encapsed_string" | "heredoc" | "nowdoc").then_some(out)
}

impl<'c, H: Host<'c>> PhpMachine<'c, H> {
    /// A string with expressions in it.
    pub(super) fn interpolated(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let bytes = frame.file.bytes();
        let holder = if node.kind() == "heredoc" { node.field("value").unwrap_or(node) } else { node };
        let mut out = String::new();
        for child in holder.inner() {
            match child.kind() {
                "string_content" => out.push_str(text(child, bytes)),
                "escape_sequence" => out.push_str(&decoded(text(child, bytes), false)),
                _ => match self.evaluate(frame, child).to_text() {
                    Ok(piece) => out.push_str(&piece),
                    Err(reason) => return PhpValue::Unknown(reason),
                },
            }
        }
        PhpValue::Text(Rc::from(out))
    }
}

fn decoded(escape: &str, is_single: bool) -> String {
    let inner = escape.strip_prefix('\\').unwrap_or(escape);
    match inner {
        "\\" | "'" => inner.to_owned(),
        _ if is_single => escape.to_owned(),
        "n" => "\n".to_owned(),
        "t" => "\t".to_owned(),
        "r" => "\r".to_owned(),
        "$" | "\"" => inner.to_owned(),
        _ => escape.to_owned(),
    }
}
