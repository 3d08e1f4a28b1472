//! Dependencies of `setup.cfg` and of the literal lists in a `setup.py`. What a script computes (a list read from a
//! file, joined or filtered) is not followed.

use tree_sitter::Node;

use crate::budget::MAX_SYNTAX_DEPTH;
use crate::fact::Found;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

use super::lock::Locks;
use super::pyproject::requirement;

/// Keyword of `setup()` or key of `[options]`, and the scope of what it lists.
const LISTS: &[(&str, &str)] = &[("install_requires", "runtime"), ("tests_require", "dev"), ("setup_requires", "dev")];

/// Lists in `setup.cfg`: one requirement a line, indented below the key.
pub(super) fn configuration(locks: &Locks<'_>, file: &SourceFile, found: &mut Found) {
    let mut section = String::new();
    let mut scope = None;
    for (line, number) in file.text().lines().zip(1_u32..) {
        let trimmed = line.trim();
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
            scope = None;
            continue;
        }
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let mut value = trimmed;
        if !line.starts_with([' ', '\t']) {
            let Some((key, rest)) = trimmed.split_once('=') else { continue };
            scope = match section.as_str() {
                "options" => LISTS.iter().find(|(name, _)| *name == key.trim()).map(|(_, scope)| *scope),
                "options.extras_require" => Some("optional"),
                _ => None,
            };
            value = rest.trim();
        }
        if let Some(scope) = scope.filter(|_| !value.is_empty() && !value.starts_with("file:")) {
            found.facts.extend(requirement(locks, file, value, scope, (number, number)));
        }
    }
}

/// Lists given to `setup()`, or kept under a name of the same file.
pub(super) fn script(locks: &Locks<'_>, file: &SourceFile, found: &mut Found) {
    let Some(parsed) = file.syntax() else { return };
    for node in parsed.tree.root_node().preorder(MAX_SYNTAX_DEPTH) {
        let (name, value) = match node.kind() {
            "keyword_argument" => (node.field("name"), node.field("value")),
            "assignment" => (node.field("left"), node.field("right")),
            _ => (None, None),
        };
        if let (Some(name), Some(value)) = (name, value) {
            let name = text(name, file.bytes());
            if let Some((_, scope)) = LISTS.iter().find(|(list, _)| *list == name) {
                list(locks, file, value, scope, found);
            } else if name == "extras_require" && value.kind() == "dictionary" {
                for pair in value.inner() {
                    if let Some(extra) = pair.field("value") {
                        list(locks, file, extra, "optional", found);
                    }
                }
            }
        }
    }
}

fn list(locks: &Locks<'_>, file: &SourceFile, value: Node<'_>, scope: &str, found: &mut Found) {
    if !matches!(value.kind(), "list" | "tuple") {
        return;
    }
    for item in value.inner().filter(|item| item.kind() == "string") {
        if let Some(one) = whole(item, file.bytes()) {
            let line = file.line_at(item.start_byte());
            found.facts.extend(requirement(locks, file, &one, scope, (line, line)));
        }
    }
}
