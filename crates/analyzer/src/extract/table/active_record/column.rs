//! The columns that a new table starts with.

use tree_sitter::Node;

use super::statement::ActiveRecordReplay;
use crate::lang::ruby::literal_arguments;
use crate::syntax::node::NodeExt as _;

/// Calls on `t` that make no column.
const NO_COLUMNS: [&str; 9] = [
    "index",
    "foreign_key",
    "check_constraint",
    "unique_constraint",
    "exclusion_constraint",
    "remove",
    "remove_index",
    "rename",
    "unique_key",
];

impl<'c> ActiveRecordReplay<'c, '_> {
    /// The columns that the block of a table makes.
    pub(super) fn block_columns(&self, node: Node<'c>) -> Vec<String> {
        let bytes = self.file.bytes();
        let mut out = Vec::new();
        let body = node.field("block").and_then(|block| block.field("body"));
        let Some(body) = body else { return out };
        for child in body.inner().filter(|child| child.kind() == "call") {
            if child.field("receiver").is_none_or(|receiver| receiver.kind() != "identifier") {
                continue;
            }
            let method = child.field_text("method", bytes);
            if NO_COLUMNS.contains(&method) {
                continue;
            }
            let (given, options) = literal_arguments(child, bytes);
            match method {
                "timestamps" => out.extend(["created_at".to_owned(), "updated_at".to_owned()]),
                "column" => out.extend(given.into_iter().take(1).flatten()),
                "references" | "belongs_to" => {
                    for name in given.into_iter().flatten() {
                        out.push(format!("{name}_id"));
                        if options.contains_key("polymorphic") {
                            out.push(format!("{name}_type"));
                        }
                    }
                }
                _ => out.extend(given.into_iter().flatten()),
            }
        }
        out
    }
}
