//! The names that a file has for the functions that read a variable: `use std::env::{self as e, var as v}`.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;

/// The functions, by the path that starts at a crate.
const READS: [&str; 6] =
    ["std::env::var", "std::env::var_os", "env::var", "env::var_os", "dotenvy::var", "dotenv::var"];
/// Lists in lists.
const MAX_USE_DEPTH: usize = 16;

/// What a file imports: the local name and the path.
pub(in crate::extract::env_var) struct RustImports(BTreeMap<String, String>);

impl RustImports {
    pub(in crate::extract::env_var) fn of(root: Node<'_>, bytes: &[u8]) -> Self {
        let mut out = BTreeMap::new();
        for node in root.preorder(usize::MAX).filter(|node| node.kind() == "use_declaration") {
            if let Some(argument) = node.field("argument") {
                collect(argument, "", bytes, 0, &mut out);
            }
        }
        Self(out)
    }

    /// Whether a function reads the variable that it is given the name of.
    pub(in crate::extract::env_var) fn is_read(&self, called: &str) -> bool {
        let called = called.trim_start_matches("::");
        let first = called.split("::").next().unwrap_or(called);
        let imported = self.0.get(first).map(|path| format!("{path}{}", &called[first.len()..]));
        READS.contains(&called) || imported.is_some_and(|path| READS.contains(&path.as_str()))
    }
}

fn collect(node: Node<'_>, before: &str, bytes: &[u8], depth: usize, out: &mut BTreeMap<String, String>) {
    let last = |path: &str| path.rsplit("::").next().unwrap_or(path).to_owned();
    let inside = |name: &str| match before {
        "" => name.trim_start_matches("::").to_owned(),
        _ => format!("{before}::{name}"),
    };
    match node.kind() {
        "scoped_use_list" if depth < MAX_USE_DEPTH => {
            let path = node.field("path").map_or_else(|| before.to_owned(), |path| inside(text(path, bytes)));
            if let Some(list) = node.field("list") {
                collect(list, &path, bytes, depth + 1, out);
            }
        }
        "use_list" if depth < MAX_USE_DEPTH => {
            for one in node.inner() {
                collect(one, before, bytes, depth + 1, out);
            }
        }
        "use_wildcard" => {
            let path = node.named_child(0).map(|path| inside(text(path, bytes)));
            for name in ["var", "var_os"] {
                out.extend(path.as_ref().map(|path| (name.to_owned(), format!("{path}::{name}"))));
            }
        }
        "use_as_clause" => {
            let alias = node.field("alias").map(|alias| text(alias, bytes));
            let path = node.field("path").map(|path| text(path, bytes));
            if let (Some(alias), Some(path)) = (alias, path) {
                out.insert(alias.to_owned(), if path == "self" { before.to_owned() } else { inside(path) });
            }
        }
        "self" => drop(out.insert(last(before), before.to_owned())),
        _ => {
            let path = text(node, bytes);
            out.insert(last(path), inside(path));
        }
    }
}
