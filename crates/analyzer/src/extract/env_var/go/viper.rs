//! viper: names that are bound, and keys that `AutomaticEnv` looks up under a plain prefix and replacer, those of
//! flags with them.
//! A program that says two different prefixes is refused.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::{Mention, Mentions, is_name, lines};
use crate::lang::go::{children, declared, plain_literal, preorder};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// The fields, variables and parameters that hold a viper of their own, with the folder of the package.
#[derive(Debug, Default)]
struct Typed {
    names: BTreeSet<(String, String)>,
}

impl Typed {
    fn learn(&mut self, file: &SourceFile, node: Node<'_>) {
        let bytes = file.bytes();
        let (name, is_viper) = match node.kind() {
            "field_declaration" | "parameter_declaration" | "var_spec" => {
                (node.field("name"), matches!(node.field_text("type", bytes), "*viper.Viper" | "viper.Viper"))
            }
            "short_var_declaration" => (node.field("left"), node.field_text("right", bytes).starts_with("viper.New")),
            _ => return,
        };
        if let Some(name) = name.filter(|_| is_viper) {
            self.names.insert((file.folder().to_owned(), text(name, bytes).to_owned()));
        }
    }

    /// Whether what a call is made on ends with such a name.
    fn has(&self, file: &SourceFile, on: &str) -> bool {
        let last = on.rsplit('.').next().unwrap_or(on);
        self.names.iter().any(|(folder, name)| folder == file.folder() && name == last)
    }
}

/// A call on viper with its literal arguments.
struct Call<'c> {
    file: &'c SourceFile,
    node: Node<'c>,
    on: &'c str,
    method: &'c str,
    arguments: Vec<Option<String>>,
    text: &'c str,
}

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let files = prefilter::files_with(corpus, Family::Go, &["spf13/viper\""]);
    let mut calls = Vec::new();
    let mut typed = Typed::default();
    for file in &files {
        if let Some(parsed) = file.syntax() {
            preorder(parsed.tree.root_node()).for_each(|node| typed.learn(file, node));
        }
    }
    for file in &files {
        if let Some(parsed) = file.syntax() {
            calls.extend(preorder(parsed.tree.root_node()).filter_map(|node| call(file, node, &typed)));
        }
    }
    // A field is used in files of its package that need not name viper.
    let uses: Vec<String> = typed.names.iter().map(|(_, name)| format!("{name}.")).collect();
    let uses: Vec<&str> = uses.iter().map(String::as_str).collect();
    let is_beside = |path: &str| {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        typed.names.iter().any(|(of, _)| of == folder) && !files.iter().any(|file| file.path == path)
    };
    for file in prefilter::files_among(corpus, Family::Go, &uses, is_beside) {
        if let Some(parsed) = file.syntax() {
            let inside = preorder(parsed.tree.root_node()).filter_map(|node| call(file, node, &typed));
            calls.extend(inside.filter(|call| typed.has(file, call.on)));
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
    let is_bound = !of("BindPFlags").is_empty();
    for call in calls.iter().filter(|call| is_bound && is_flags(call.on)) {
        let (is_variable, has_letter) = (call.method.contains("Var"), call.method.ends_with('P'));
        let at = usize::from(is_variable);
        let default = call.arguments.get(at + 1 + usize::from(has_letter)).cloned().flatten();
        if let (Some(Some(key)), true) = (call.arguments.get(at), call.arguments.len() > at + 2) {
            push(call, &named(&prefix, key, &replaced), default.filter(|default| !default.is_empty()), mentions);
        }
    }
    for call in calls.iter().filter(|call| !is_flags(call.on)) {
        let is_key = call.method == "SetDefault" || call.method == "BindPFlag" || GETTERS.contains(&call.method);
        let Some(key) = call.arguments.first().and_then(Option::as_deref).filter(|_| is_key) else { continue };
        let default = call.arguments.get(1).cloned().flatten().filter(|_| call.method == "SetDefault");
        push(call, &named(&prefix, key, &replaced), default.filter(|default| !default.is_empty()), mentions);
    }
}

/// Whether a call defines a flag of a command.
fn is_flags(on: &str) -> bool {
    on.ends_with("Flags()") || matches!(on, "pflag" | "flags")
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
    declared(file).filter(|(own, _)| *own == name).find_map(|(_, value)| plain_literal(value, file.bytes()))
}

fn push(call: &Call<'_>, name: &str, default: Option<String>, mentions: &mut Mentions) {
    if is_name(name) {
        let required = default.as_ref().map(|_| false);
        let evidence = lines(call.file, call.node);
        mentions.found.push(Mention { required, default, ..Mention::read("Go", name, evidence) });
    }
}

fn call<'c>(file: &'c SourceFile, node: Node<'c>, typed: &Typed) -> Option<Call<'c>> {
    let function = node.field("function").filter(|_| node.kind() == "call_expression")?;
    let on = text(function.field("operand")?, file.bytes());
    let method = text(function.field("field")?, file.bytes());
    let lower = on.to_ascii_lowercase();
    let is_viper = lower.contains("viper")
        || matches!(lower.as_str(), "v" | "vp" | "config" | "cfg" | "conf")
        || typed.has(file, on)
        || is_flags(on);
    let given = children(node.field("arguments").filter(|_| is_viper)?).into_iter();
    let arguments = given.map(|argument| match argument.kind() {
        "identifier" => constant(file, text(argument, file.bytes())),
        _ => plain_literal(argument, file.bytes()),
    });
    Some(Call { file, node, on, method, arguments: arguments.collect(), text: text(node, file.bytes()) })
}
