//! Structs that envconfig fills (`envconfig.Process("app", &cfg)`): every exported field is a variable, named by its
//! tag or by itself, below the prefix. A prefix or struct that the file does not tell is passed over.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::tags::{Field, collect};
use super::{Mention, Mentions, is_name, viper};
use crate::lang::case;
use crate::lang::go::{arguments, plain_literal, preorder};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Structs inside structs.
const MAX_NESTED: usize = 8;

/// State the variables; whether the program fills any struct this way.
pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) -> bool {
    let mut filled: BTreeSet<(String, String)> = BTreeSet::new();
    for file in prefilter::files_with(corpus, Family::Go, &["kelseyhightower/envconfig"]) {
        if let Some(parsed) = file.syntax() {
            calls(file, parsed.tree.root_node(), &mut filled);
        }
    }
    let mut structs: BTreeMap<String, Vec<Field>> = BTreeMap::new();
    let mut wanted: BTreeSet<String> = filled.iter().map(|(_, of)| of.clone()).collect();
    for _ in 0..MAX_NESTED {
        wanted.retain(|name| !structs.contains_key(name) && name.starts_with(char::is_uppercase));
        if wanted.is_empty() {
            break;
        }
        let patterns: Vec<String> = wanted.iter().map(|name| format!("type {name} struct")).collect();
        let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let before = structs.len();
        for file in prefilter::files_with(corpus, Family::Go, &patterns) {
            if let Some(parsed) = file.syntax() {
                let mut found = BTreeMap::new();
                collect(file, parsed.tree.root_node(), &mut found);
                found.retain(|name, _| wanted.contains(name) || name.contains(':'));
                structs.extend(found);
            }
        }
        if structs.len() == before {
            break;
        }
        wanted = structs.values().flatten().map(|field| field.of.clone()).collect();
    }
    for (prefix, of) in &filled {
        state(&structs, of, prefix, 0, mentions);
    }
    !filled.is_empty()
}

fn calls(file: &SourceFile, root: Node<'_>, out: &mut BTreeSet<(String, String)>) {
    let bytes = file.bytes();
    for node in preorder(root).filter(|node| node.kind() == "call_expression") {
        let called = node.field_text("function", bytes);
        let arguments = arguments(node);
        if let (true, [prefix, target]) =
            (called.ends_with("envconfig.Process") || called.ends_with("envconfig.MustProcess"), arguments.as_slice())
        {
            let given = match prefix.kind() {
                "identifier" => viper::constant(file, text(*prefix, bytes)),
                _ => plain_literal(*prefix, bytes),
            };
            let target = text(*target, bytes).trim_start_matches('&');
            if let (Some(given), Some(of)) = (given, type_of(root, target, bytes)) {
                let prefix = if given.is_empty() { given } else { format!("{}_", given.to_uppercase()) };
                out.insert((prefix, of));
            }
        }
    }
}

/// The type that a variable of the file is declared with.
fn type_of(root: Node<'_>, name: &str, bytes: &[u8]) -> Option<String> {
    let declared = preorder(root).find_map(|node| match node.kind() {
        "short_var_declaration" if node.field_is("left", name, bytes) => node.field("right"),
        "var_spec" if node.field_is("name", name, bytes) => node.field("type").or_else(|| node.field("value")),
        _ => None,
    })?;
    let written = text(declared, bytes);
    let written = written.strip_prefix("new(").unwrap_or(written).trim_start_matches(['&', '*']);
    let of = written.split(['{', ')', '(']).next().unwrap_or_default().trim();
    Some(of.rsplit('.').next().unwrap_or(of).to_owned())
}

fn state(structs: &BTreeMap<String, Vec<Field>>, of: &str, prefix: &str, depth: usize, mentions: &mut Mentions) {
    if depth > MAX_NESTED {
        return;
    }
    for field in structs.get(of).into_iter().flatten() {
        let tag = |key: &str| field.tag.get(key).map(String::as_str).filter(|value| !value.is_empty());
        if tag("ignored") == Some("true") || !field.name.starts_with(char::is_uppercase) {
            continue;
        }
        let own = match tag("envconfig") {
            Some(given) => given.to_uppercase(),
            None if tag("split_words") == Some("true") => {
                case::words(&field.name, case::around_capitals).join("_").to_uppercase()
            }
            None => field.name.to_uppercase(),
        };
        if structs.contains_key(&field.of) {
            let below = if field.is_embedded { prefix.to_owned() } else { format!("{prefix}{own}_") };
            state(structs, &field.of, &below, depth + 1, mentions);
            continue;
        }
        let (name, default) = (format!("{prefix}{own}"), tag("default").map(str::to_owned));
        let required = match tag("required") {
            Some("true") => Some(true),
            _ => default.as_ref().map(|_| false),
        };
        if is_name(&name) {
            let evidence = field.evidence.clone();
            mentions.found.push(Mention { required, default, ..Mention::read("Go", name, evidence) });
        }
    }
}
