//! Flags of command line programs that may also be given as a variable: `EnvVars`, `EnvVar` and
//! `cli.EnvVars(…)` of urfave/cli, `Envar("X")` of kingpin.

use tree_sitter::Node;

use super::name::GoName;
use super::{Site, keyed, lines};
use crate::lang::go::{arguments, children, plain_literal, preorder};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

pub(super) fn sites(corpus: &Corpus) -> Vec<Site> {
    let mut out = Vec::new();
    for (file, parsed) in prefilter::pieces_with(corpus, Family::Go, &["EnvVar", ".Envar("]) {
        let source = file.text();
        if !["urfave/cli", "codegangsta/cli", "kingpin"].iter().any(|package| source.contains(package)) {
            continue;
        }
        walk(file, parsed.tree.root_node(), &mut out);
    }
    out
}

fn walk(file: &SourceFile, root: Node<'_>, out: &mut Vec<Site>) {
    for node in preorder(root) {
        match node.kind() {
            "literal_value" => flag(file, node, out),
            "call_expression" => {
                let called = node.field("function").and_then(|function| function.field("field"));
                let arguments = arguments(node);
                if let (Some("Envar"), [name]) = (called.map(|name| text(name, file.bytes())), arguments.as_slice()) {
                    let name = GoName::of(*name, file.bytes());
                    out.push(site(file, name, node, None, None));
                }
            }
            _ => {}
        }
    }
}

fn flag(file: &SourceFile, body: Node<'_>, out: &mut Vec<Site>) {
    let bytes = file.bytes();
    let fields = keyed(body, bytes);
    let Some(named) = ["EnvVars", "EnvVar", "Sources"].iter().find_map(|key| fields.get(*key)) else { return };
    let default = fields.get("Value").and_then(|value| plain_literal(*value, bytes)).filter(|value| !value.is_empty());
    let is_required = fields.get("Required").is_some_and(|value| text(*value, bytes) == "true");
    let required = if is_required { Some(true) } else { default.as_ref().map(|_| false) };
    let mut names = Vec::new();
    match named.kind() {
        "composite_literal" => {
            let items = named.field("body").map(children).unwrap_or_default();
            names.extend(items.into_iter().filter_map(|item| children(item).into_iter().next()));
        }
        "call_expression" => names_of_sources(*named, bytes, &mut names, 0),
        "interpreted_string_literal" => {
            // The first version takes several names in one text.
            let all = plain_literal(*named, bytes).unwrap_or_default();
            for name in all.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                out.push(site(file, GoName::literal(name), *named, default.clone(), required));
            }
            return;
        }
        _ => names.push(*named),
    }
    for name in names {
        out.push(site(file, GoName::of(name, bytes), name, default.clone(), required));
    }
}

/// `cli.EnvVars("A", "B")`, also inside of `cli.NewValueSourceChain(…)`.
fn names_of_sources<'t>(call: Node<'t>, bytes: &[u8], out: &mut Vec<Node<'t>>, depth: usize) {
    let called = call.field_text("function", bytes);
    let arguments = arguments(call);
    if called.ends_with(".EnvVars") || called.ends_with(".EnvVar") {
        out.extend(arguments);
    } else if depth < 4 {
        for inner in arguments.into_iter().filter(|inner| inner.kind() == "call_expression") {
            names_of_sources(inner, bytes, out, depth + 1);
        }
    }
}

fn site(file: &SourceFile, name: GoName, at: Node<'_>, default: Option<String>, required: Option<bool>) -> Site {
    Site {
        name,
        folder: file.folder().to_owned(),
        required,
        default,
        evidence: lines(file, at),
        around: None,
        is_call: true,
    }
}
