//! Struct tags that name variables: caarlos0/env, go-envconfig, cleanenv, envdecode, kong, go-flags,
//! go-arg, configor. What looks like no variable is none. Structs inside structs get the prefix of the field that holds them.

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use super::defaults::GoDefaults;
use super::{Mention, Mentions, is_name, lines};
use crate::lang::go::{self, plain_literal, preorder};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Structs inside structs.
const MAX_NESTED: usize = 12;

/// A struct's field that matters.
pub(in crate::extract) struct TaggedField {
    pub(in crate::extract) name: String,
    /// What stands in the tag, by key.
    pub(in crate::extract) tag: BTreeMap<String, String>,
    /// The struct type of the field, without package and pointer; of a struct written in place a made-up name. Other
    /// types as they are written.
    pub(in crate::extract) of: String,
    /// The name of the package that the type is of; empty for that of the struct.
    pub(super) package: String,
    pub(super) is_embedded: bool,
    pub(in crate::extract) evidence: Evidence,
}

/// What the tags name, but those of `envconfig`: they are names below a prefix, which the call that fills the struct
/// gives. Where no call was seen, that is said.
pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions, is_processed: bool) {
    let mut structs: BTreeMap<String, Vec<TaggedField>> = BTreeMap::new();
    let patterns = ["env:\"", "envPrefix:\"", "envconfig:\"", "arg:\""];
    for (file, parsed) in prefilter::pieces_with(corpus, Family::Go, &patterns) {
        collect(file, parsed.tree.root_node(), &mut structs);
    }
    let types = structs.iter().map(|(name, fields)| {
        let of_fields = fields.iter().map(|field| (field.name.as_str(), field.of.as_str()));
        (name.as_str(), of_fields.collect())
    });
    let types = types.collect();
    let defaults = GoDefaults::of(corpus, &types);
    let options = prefix_of_options(corpus, mentions);
    let of_lists = |of: &str| -> Vec<String> { words(of).map(str::to_owned).collect() };
    let held: BTreeSet<String> = structs.values().flatten().flat_map(|field| of_lists(&field.of)).collect();
    for (name, fields) in structs.iter().filter(|(name, _)| !held.contains(*name)) {
        if let Some(prefix) = &options {
            state(&structs, &defaults, name, prefix, &mut Vec::new(), mentions);
        }
        let unsaid = fields.iter().find(|field| field.tag.get("envconfig").is_some_and(|tag| tag != "-"));
        if let Some(field) = unsaid.filter(|_| !is_processed) {
            let reason = format!("the variables that the tags of `{name}` name: the call that fills it is not seen");
            mentions.unresolved(reason, field.evidence.clone());
        }
    }
}

/// The names in a type as it is written.
fn words(of: &str) -> impl Iterator<Item = &str> {
    // The made-up name of a struct that is written in place is one.
    let is_made_up = of.contains(':');
    of.split(move |letter: char| !is_made_up && !letter.is_alphanumeric() && letter != '_')
}

/// The one prefix that `env.Options` gives; none where it is computed, which is said, as is that fields without a tag are variables.
fn prefix_of_options(corpus: &Corpus, mentions: &mut Mentions) -> Option<String> {
    let mut prefixes = BTreeSet::new();
    for file in prefilter::files_with(corpus, Family::Go, &["env.Options{"]) {
        let source = file.text();
        for (at, start) in source.match_indices("env.Options{") {
            let body = source[at + start.len()..].split('}').next().unwrap_or_default();
            let option = |name: &str| {
                let (_, value) = body.split_once(name)?;
                Some(value.split([',', '\n']).next().unwrap_or(value).trim())
            };
            let line = file.line_at(at);
            if let Some(prefix) = option("Prefix:") {
                let literal = prefix.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                prefixes.insert(literal.map(str::to_owned));
                if literal.is_none() {
                    let reason = format!("the variables below the prefix `{prefix}`, which is computed");
                    mentions.unresolved(reason, file.lines(line, line));
                }
            }
            if option("UseFieldNameByDefault:") == Some("true") {
                let reason = "the variables that fields without a tag are named after";
                mentions.unresolved(reason.to_owned(), file.lines(line, line));
            }
        }
    }
    let mut prefixes = prefixes.into_iter();
    match (prefixes.next(), prefixes.next()) {
        (Some(one), None) => one,
        _ => Some(String::new()),
    }
}

/// The fields of every struct below a node, by the name of the struct.
pub(in crate::extract) fn collect(file: &SourceFile, root: Node<'_>, structs: &mut BTreeMap<String, Vec<TaggedField>>) {
    let mut nodes = preorder(root);
    while let Some(node) = nodes.next() {
        let (name, of) = match node.kind() {
            "type_spec" => (node.field_text("name", file.bytes()).to_owned(), node.field("type")),
            "struct_type" => (format!("{}:{}", file.path, node.start_byte()), Some(node)),
            _ => continue,
        };
        if let Some(of) = of.filter(|of| of.kind() == "struct_type") {
            fields(file, &name, of, structs, 0);
            nodes.skip_below();
        }
    }
}

fn fields(file: &SourceFile, name: &str, of: Node<'_>, structs: &mut BTreeMap<String, Vec<TaggedField>>, depth: usize) {
    let bytes = file.bytes();
    let mut out = Vec::new();
    for field in go::fields(of) {
        let Some(of) = field.field("type") else { continue };
        let raw = field.field("tag").and_then(|tag| plain_literal(tag, bytes)).unwrap_or_default();
        let own = field.field("name").map(|name| text(name, bytes).to_owned());
        let written = text(of, bytes).trim_start_matches('*');
        let is_named = written.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.'));
        let (package, mut type_name) = match written.split_once('.').filter(|_| is_named) {
            Some((package, name)) => (package.to_owned(), name.to_owned()),
            None => (String::new(), written.to_owned()),
        };
        if of.kind() == "struct_type" && depth < MAX_NESTED {
            type_name = format!("{}:{}", file.path, of.start_byte());
            fields(file, &type_name, of, structs, depth + 1);
        }
        out.push(TaggedField {
            is_embedded: own.is_none(),
            name: own.unwrap_or_else(|| type_name.clone()),
            tag: tag(&raw),
            of: type_name,
            package,
            evidence: lines(file, field),
        });
    }
    structs.entry(name.to_owned()).or_default().extend(out);
}

/// `key:"value"` pairs.
fn tag(raw: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut rest = raw.trim();
    while let Some((key, after)) = rest.split_once(":\"") {
        let Some((value, tail)) = after.split_once('"') else { break };
        out.insert(key.trim().to_owned(), value.to_owned());
        rest = tail.trim_start();
    }
    out
}

fn state(
    structs: &BTreeMap<String, Vec<TaggedField>>,
    defaults: &GoDefaults,
    name: &str,
    prefix: &str,
    around: &mut Vec<String>,
    mentions: &mut Mentions,
) {
    if around.len() > MAX_NESTED || around.iter().any(|other| other == name) {
        return;
    }
    around.push(name.to_owned());
    for field in structs.get(name).into_iter().flatten() {
        let env = field.tag.get("env").map(String::as_str);
        let nested = structs.contains_key(&field.of);
        let mut options = env.unwrap_or_default().split(',').map(str::trim);
        let first = options.next().unwrap_or_default();
        let options: Vec<&str> = options.collect();
        let option = |key: &str| options.iter().find_map(|option| option.strip_prefix(key)?.strip_prefix('='));
        if nested {
            let own = field.tag.get("envPrefix").map(String::as_str).or_else(|| option("prefix"));
            let own = own.or_else(|| field.tag.get("env-prefix").map(String::as_str));
            let below = format!("{prefix}{}", own.unwrap_or_default());
            state(structs, defaults, &field.of, &below, around, mentions);
            continue;
        }
        if field.tag.contains_key("envPrefix") && words(&field.of).any(|word| structs.contains_key(word)) {
            let reason = format!("the variables of `{}` are named by the items of a list", field.of);
            mentions.unresolved(reason, field.evidence.clone());
            continue;
        }
        let value = |key: &str| field.tag.get(key).cloned();
        let arg = field.tag.get("arg").and_then(|arg| {
            let named = arg.split(',').find_map(|part| part.trim().strip_prefix("env"))?;
            Some(named.strip_prefix(':').map_or_else(|| field.name.to_uppercase(), str::to_owned))
        });
        let names: Vec<String> = match arg {
            Some(arg) => vec![arg],
            // kong and cleanenv take several names.
            None if !first.is_empty() && first != "-" => {
                let more = options.iter().filter(|option| is_loud(option)).map(|option| (*option).to_owned());
                std::iter::once(first.to_owned()).chain(more).collect()
            }
            None => continue,
        };
        let default = value("envDefault")
            .or_else(|| value("env-default"))
            .or_else(|| option("default").map(str::to_owned))
            .or_else(|| value("default"));
        let is_required = options.iter().any(|option| matches!(*option, "required" | "notEmpty"))
            || ["env-required", "required"].iter().any(|key| value(key).as_deref() == Some("true"));
        let given = defaults.get(name, &field.name).filter(|_| default.is_none() && !is_required);
        let is_optional = default.is_some() || given.is_some();
        let required = if is_required { Some(true) } else { is_optional.then_some(false) };
        let default = default.or_else(|| given.cloned().flatten());
        for name in names {
            let name = format!("{prefix}{name}");
            if is_name(&name) && is_loud(&name) {
                let (default, evidence) = (default.clone(), field.evidence.clone());
                mentions.found.push(Mention { required, default, ..Mention::read("Go", name, evidence) });
            }
        }
    }
    around.pop();
}

fn is_loud(name: &str) -> bool {
    name.len() > 1 && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}
