//! Macros of the program that read one variable for each field they are given: `settings! { NAME: String = "x"; }`.
//! The definition must say so (the field's name, as text, goes to a read or to a helper that reads); the fields are
//! those of the macro's calls. Definitions of another shape stay unresolved.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::MAX_NODES;
use crate::extract::env_var::mention::{Mention, Mentions, is_name};
use crate::syntax::grammar::Family;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Groups of fields inside groups.
const MAX_FIELD_GROUPS: usize = 6;

/// Read the calls of every such macro.
pub(in crate::extract::env_var) fn macros(corpus: &Corpus, helpers: &BTreeSet<String>, mentions: &mut Mentions) {
    let files = prefilter::files_with(corpus, Family::Rust, &["stringify!($", "stringify!([<$"]);
    // Whether the names are made upper case, by the macro's name.
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    for file in files {
        each(file, "macro_definition", |node| {
            let name = node.field_text("name", file.bytes());
            match shape(text(node, file.bytes()), helpers) {
                Shape::Other => {}
                Shape::Fields { is_upper } => drop(known.insert(name.to_owned(), is_upper)),
                Shape::Unclear => {
                    let reason = "a macro of the program reads variables that are named after what it is given";
                    mentions.unresolved(reason.to_owned(), file.first_line_of(node));
                }
            }
        });
    }
    if known.is_empty() {
        return;
    }
    let calls: Vec<String> = known.keys().map(|name| format!("{name}!")).collect();
    let patterns: Vec<&str> = calls.iter().map(String::as_str).collect();
    for file in prefilter::files_with(corpus, Family::Rust, &patterns) {
        each(file, "macro_invocation", |node| {
            let called = node.field_text("macro", file.bytes());
            let Some(is_upper) = known.get(called.rsplit("::").next().unwrap_or(called)) else { return };
            if let Some(tree) = node.inner_of("token_tree") {
                fields(file, tree, *is_upper, 0, mentions);
            }
        });
    }
}

enum Shape {
    /// Reads nothing under the name of what it is given.
    Other,
    /// Takes fields, `$name:ident : …`.
    Fields { is_upper: bool },
    /// Reads, but what the names are is not plain.
    Unclear,
}

fn shape(definition: &str, helpers: &BTreeSet<String>) -> Shape {
    let is_read = |callee: &str| {
        let callee = callee.trim_end();
        // `parse::<T>`
        let callee =
            if callee.ends_with('>') { callee.rsplit_once("::<").map_or(callee, |(head, _)| head) } else { callee };
        let last = callee.rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default();
        helpers.contains(last) || callee.ends_with("env::var") || callee.ends_with("env::var_os")
    };
    let reads = definition.contains("env::var") || definition.split('(').any(is_read);
    if !reads {
        return Shape::Other;
    }
    let mut found = Shape::Other;
    for (at, _) in definition.match_indices("stringify!(") {
        let inner = &definition[at + "stringify!(".len()..];
        let Some((inner, _)) = inner.split_once(')') else { continue };
        let upper = inner.trim().strip_prefix("[<").and_then(|inner| inner.strip_suffix(">]"));
        let upper = upper.and_then(|inner| inner.trim().strip_suffix(":upper"));
        let before = definition[..at].trim_end().trim_end_matches('&').trim_end().strip_suffix('(');
        let is_given = before.is_some_and(is_read);
        let Some(variable) = upper.or_else(|| Some(inner).filter(|_| is_given)) else { continue };
        let variable = variable.trim();
        let flat: String = definition.chars().filter(|letter| !letter.is_whitespace()).collect();
        if variable.starts_with('$') && flat.contains(&format!("{variable}:ident:")) {
            return Shape::Fields { is_upper: upper.is_some() };
        }
        found = Shape::Unclear;
    }
    found
}

/// `name: Type …;` at the start of an item, and the same in groups `name { … }`.
fn fields(file: &SourceFile, tree: Node<'_>, is_upper: bool, depth: usize, mentions: &mut Mentions) {
    if depth > MAX_FIELD_GROUPS {
        return;
    }
    let bytes = file.bytes();
    let mut cursor = tree.walk();
    let tokens: Vec<Node<'_>> =
        tree.children(&mut cursor).filter(|token| !matches!(token.kind(), "line_comment" | "block_comment")).collect();
    let word = |at: usize| tokens.get(at).map_or("", |token| text(*token, bytes));
    let is_group =
        |at: usize| tokens.get(at).is_some_and(|token| token.kind() == "token_tree" && word(at).starts_with('{'));
    let mut starts = true;
    for at in 1..tokens.len() {
        let token = tokens[at];
        let is_item = std::mem::replace(&mut starts, matches!(word(at), ";" | ",") || is_group(at));
        if !is_item || token.kind() != "identifier" {
            continue;
        }
        if is_group(at + 1) {
            fields(file, tokens[at + 1], is_upper, depth + 1, mentions);
        } else if word(at + 1) == ":" && is_group(at + 3) {
            fields(file, tokens[at + 3], is_upper, depth + 1, mentions);
        } else if word(at + 1) == ":" {
            let own = text(token, bytes).trim_start_matches("r#");
            let name = if is_upper { own.to_ascii_uppercase() } else { own.to_owned() };
            if is_name(&name) {
                let end = (at..tokens.len()).find(|end| matches!(word(*end), ";" | ",")).unwrap_or(at);
                let assigned = (at..end).find(|equals| word(*equals) == "=").map(|equals| equals + 1);
                let given = assigned.filter(|given| given + 1 == end).and_then(|given| tokens.get(given));
                let default = given.and_then(|given| match given.kind() {
                    "string_literal" => whole(*given, bytes),
                    "integer_literal" | "float_literal" | "boolean_literal" => Some(text(*given, bytes).to_owned()),
                    _ => None,
                });
                let required = assigned.map(|_| false);
                let evidence = file.first_line_of(token);
                mentions.found.push(Mention { required, default, ..Mention::read("Rust", name, evidence) });
            }
        }
    }
}

/// Visit the nodes of a kind.
fn each<'t>(file: &'t SourceFile, kind: &str, mut visit: impl FnMut(Node<'t>)) {
    let Some(parsed) = file.syntax() else { return };
    let nodes = parsed.tree.root_node().preorder(usize::MAX).take(MAX_NODES);
    nodes.filter(|node| node.kind() == kind).for_each(&mut visit);
}
