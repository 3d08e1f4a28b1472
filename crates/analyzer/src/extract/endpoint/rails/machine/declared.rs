//! What files declare without being run: methods of the mapper, engines with routes.

use crate::syntax::node::NodeExt as _;
use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::extract::endpoint::rails::value::RubyBlock;
use crate::syntax::literal::text;
use crate::tree::file::SourceFile;

/// The methods that an application adds to the mapper, outside of its route files.
pub(in crate::extract::endpoint::rails) fn added_methods<'c>(
    extensions: &[&'c SourceFile],
    root: &str,
) -> BTreeMap<String, RubyBlock<'c>> {
    let mut methods = BTreeMap::new();
    for file in extensions.iter().copied() {
        let is_own = root.is_empty() || file.path.starts_with(&format!("{root}/"));
        let Some(parsed) = file.syntax().filter(|_| is_own) else { continue };
        let mut open = vec![parsed.tree.root_node()];
        while let Some(node) = open.pop() {
            for child in node.inner() {
                match child.kind() {
                    "class" | "module" | "body_statement" => open.push(child),
                    "method" => {
                        if let Some(name) = child.field("name") {
                            methods.insert(text(name, file.bytes()).to_owned(), RubyBlock { file, node: child });
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    methods
}

/// The engines whose routes a file draws, with the lines.
pub(in crate::extract::endpoint::rails) fn engines(root: Node<'_>, file: &SourceFile) -> Vec<(String, u32)> {
    let bytes = file.bytes();
    let mut out = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        for child in node.inner() {
            match child.kind() {
                "class" | "module" | "body_statement" | "if" | "then" | "begin" => open.push(child),
                "call" => {
                    let Some(receiver) = child.field("receiver") else { continue };
                    let is_draw = child.field("method").is_some_and(|name| text(name, bytes) == "draw");
                    let whose = text(receiver, bytes).trim_start_matches("::");
                    let whose = whose.strip_suffix(".routes").filter(|whose| whose.ends_with("Engine") && is_draw);
                    if let Some(whose) = whose {
                        let line = child.first_line();
                        out.push((whose.to_owned(), line));
                    }
                }
                _ => {}
            }
        }
    }
    out
}
