//! viper: names that are bound, and keys that `AutomaticEnv` looks up under a plain prefix and replacer.
//! A program that says two different prefixes is refused.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::{MAX_DEPTH, Mention, Mentions, Role, children, is_name, lines, plain_literal};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// A call on viper with its literal arguments.
struct Call<'c> {
    file: &'c SourceFile,
    node: Node<'c>,
    method: &'c str,
    arguments: Vec<Option<String>>,
    text: &'c str,
}

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let files = prefilter::files_with(corpus, Family::Go, &["spf13/viper\""]);
    let mut calls = Vec::new();
    for file in files {
        if let Some(parsed) = file.syntax() {
            walk(file, parsed.tree.root_node(), &mut calls, 0);
        }
    }
    let of = |method: &str| -> Vec<&Call<'_>> { calls.iter().filter(|call| call.method == method).collect() };
    let prefixes: BTreeSet<Option<String>> =
        of("SetEnvPrefix").iter().map(|call| call.arguments.first().cloned().flatten()).collect();
    let prefix = match prefixes.iter().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [Some(one)] => format!("{}_", one.to_uppercase()),
        _ => return,
    };
    let replacer = of("SetEnvKeyReplacer").first().copied();
    let replaced = replacer.map_or("", |call| call.text).to_owned();
    let computed = replacer.filter(|call| is_computed(call.text));
    for call in of("BindEnv") {
        let names: Vec<&String> = call.arguments.iter().skip(1).flatten().collect();
        let key = call.arguments.first().and_then(Option::as_deref);
        for name in &names {
            push(call, name, None, mentions);
        }
        if let (Some(key), true) = (key, call.arguments.len() == 1 && computed.is_none()) {
            push(call, &named(&prefix, key, &replaced), None, mentions);
        }
    }
    if of("AutomaticEnv").is_empty() {
        return;
    }
    if let Some(replacer) = computed {
        let reason = format!("the variables with the prefix `{prefix}` have names that a computed replacer makes");
        mentions.unresolved(reason, lines(replacer.file, replacer.node));
        return;
    }
    for call in &calls {
        let is_key = call.method == "SetDefault" || call.method == "BindPFlag" || GETTERS.contains(&call.method);
        let Some(key) = call.arguments.first().and_then(Option::as_deref).filter(|_| is_key) else {
            continue;
        };
        let default = call.arguments.get(1).cloned().flatten().filter(|_| call.method == "SetDefault");
        push(call, &named(&prefix, key, &replaced), default.filter(|default| !default.is_empty()), mentions);
    }
}

/// Whether a replacer is made of more than literals.
fn is_computed(replacer: &str) -> bool {
    let given = replacer.split_once("NewReplacer(").map_or("", |(_, given)| given);
    given.split('"').step_by(2).any(|between| between.contains(char::is_alphanumeric))
}

const GETTERS: [&str; 9] =
    ["GetString", "GetInt", "GetBool", "GetDuration", "GetStringSlice", "GetInt64", "GetFloat64", "GetUint", "Get"];

/// The variable of a key: upper case below the prefix, with what the replacer says.
fn named(prefix: &str, key: &str, replacer: &str) -> String {
    let mut key = key.to_owned();
    let quoted: Vec<&str> = replacer.split('"').skip(1).step_by(2).collect();
    for pair in quoted.chunks_exact(2) {
        if !pair[0].is_empty() {
            key = key.replace(pair[0], pair[1]);
        }
    }
    format!("{prefix}{}", key.to_uppercase())
}

/// The text of a constant or variable of the file.
pub(super) fn constant(file: &SourceFile, name: &str) -> Option<String> {
    let declarations = children(file.pieces()?.outline.tree.root_node()).into_iter();
    let specs = declarations
        .filter(|node| matches!(node.kind(), "const_declaration" | "var_declaration"))
        .flat_map(children)
        .flat_map(|spec| if spec.kind() == "var_spec_list" { children(spec) } else { vec![spec] });
    specs.filter(|spec| spec.child_by_field_name("name").is_some_and(|own| text(own, file.bytes()) == name)).find_map(
        |spec| {
            children(spec.child_by_field_name("value")?).first().and_then(|value| plain_literal(*value, file.bytes()))
        },
    )
}

fn push(call: &Call<'_>, name: &str, default: Option<String>, mentions: &mut Mentions) {
    if is_name(name) {
        let required = default.as_ref().map(|_| false);
        let evidence = lines(call.file, call.node);
        mentions.found.push(Mention { name: name.to_owned(), required, default, role: Role::Reads("Go"), evidence });
    }
}

fn walk<'c>(file: &'c SourceFile, node: Node<'c>, out: &mut Vec<Call<'c>>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    if node.kind() == "call_expression"
        && let (Some(function), Some(arguments)) =
            (node.child_by_field_name("function"), node.child_by_field_name("arguments"))
        && let (Some(on), Some(method)) =
            (function.child_by_field_name("operand"), function.child_by_field_name("field"))
    {
        let on = text(on, file.bytes()).to_ascii_lowercase();
        let method = text(method, file.bytes());
        let is_viper = on.contains("viper") || matches!(on.as_str(), "v" | "vp" | "config" | "cfg" | "conf");
        if is_viper {
            let arguments: Vec<Option<String>> = children(arguments)
                .into_iter()
                .map(|argument| match argument.kind() {
                    "identifier" => constant(file, text(argument, file.bytes())),
                    _ => plain_literal(argument, file.bytes()),
                })
                .collect();
            out.push(Call { file, node, method, arguments, text: text(node, file.bytes()) });
        }
    }
    for child in children(node) {
        walk(file, child, out, depth + 1);
    }
}
