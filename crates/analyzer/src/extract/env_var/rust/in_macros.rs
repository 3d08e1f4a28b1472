//! Reads inside the macros that wrap code (`lazy_static!`, `select!`, `json!` …): a macro's text is tokens to the
//! grammar, so the plain form `env::var("X")` is looked for among them. Definitions of macros are left alone.

use tree_sitter::Node;

use super::MAX_NODES;
use crate::extract::env_var::fallback::converted;
use crate::extract::env_var::mention::{Mention, Mentions, is_name};
use crate::syntax::literal::{text, whole};
use crate::tree::file::SourceFile;

/// Note every read among the tokens of the file's macros, its tests aside.
pub(in crate::extract::env_var) fn in_macros(
    file: &SourceFile,
    root: Node<'_>,
    tests: &[(usize, usize)],
    out: &mut Mentions,
) {
    let imports_var = file.text().lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("use ") && line.contains("env::") && line.contains("var")
    });
    let mut open = vec![root];
    for _ in 0..MAX_NODES {
        let Some(node) = open.pop() else { return };
        let is_test = tests.iter().any(|(from, to)| *from <= node.start_byte() && node.end_byte() <= *to);
        if is_test || node.kind() == "macro_definition" {
            continue;
        }
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        if node.kind() == "token_tree" {
            for at in 0..children.len() {
                read(file, &children, at, imports_var, out);
            }
        }
        open.extend(children.into_iter().filter(|child| child.child_count() > 0));
    }
}

/// `env :: var ( "X" ) . unwrap_or_else ( |_| "y".into() )` from this token on.
fn read(file: &SourceFile, tokens: &[Node<'_>], at: usize, imports_var: bool, out: &mut Mentions) {
    let bytes = file.bytes();
    let word = |at: usize| tokens.get(at).map_or("", |token| text(*token, bytes));
    if !matches!(word(at), "var" | "var_os") {
        return;
    }
    let before = |back: usize| at.checked_sub(back).map_or("", word);
    let is_named = before(1) == "::" && matches!(before(2), "env" | "dotenvy" | "dotenv");
    let is_imported = imports_var && !matches!(before(1), "::" | ".");
    if !is_named && !is_imported {
        return;
    }
    let Some(given) = tokens.get(at + 1).filter(|given| given.kind() == "token_tree") else { return };
    let Some(first) = given.named_child(0).filter(|first| first.kind() == "string_literal") else { return };
    let Some(name) = whole(first, bytes).filter(|name| is_name(name)) else { return };
    let mut default = None;
    let mut is_required = word(at + 2) == "?";
    if word(at + 2) == "." {
        match word(at + 3) {
            "expect" | "unwrap" => is_required = true,
            "unwrap_or" | "unwrap_or_else" => {
                let inner = word(at + 4).trim();
                default = converted(inner.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(inner));
            }
            _ => {}
        }
    }
    let required = if default.is_some() { Some(false) } else { is_required.then_some(true) };
    let evidence = file.lines_between(tokens[at], *given);
    out.found.push(Mention { required, default, ..Mention::read("Rust", name, evidence) });
}
