//! Rust structs that are filled from the environment: by envy, figment and the config crate, whose variables are the
//! fields of the struct that is read, and by envconfig, whose derive names them. Which struct it is must be plain.

mod constant;
mod field_macros;
mod imports;
mod in_macros;
mod source;
mod structs;

pub(super) use self::constant::constants;
pub(super) use self::field_macros::macros as field_macros;
pub(super) use self::imports::RustImports;
pub(super) use self::in_macros::in_macros;

use tree_sitter::Node;

use self::source::{Source, VariableReader};
use self::structs::{RustField, RustStructs};
use crate::extract::env_var::mention::{Mention, MentionRole, Mentions, is_name};
use crate::lang::rust::attribute::{Written, attributed, literal};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::syntax::tests_in_file;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Texts without which a file fills no struct from the environment.
const PATTERNS: [&str; 7] = ["env::vars", "envy::", "Env::", "Environment::", "Envconfig", "EnvConfig", "envconfig"];
/// Nodes of one file that are looked at.
const MAX_NODES: usize = 400_000;
/// Structs inside structs.
const MAX_STRUCT_DEPTH: usize = 8;
/// Fields of one struct, those inside included.
const MAX_FIELDS: usize = 2_000;

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let files = prefilter::files_with(corpus, Family::Rust, &PATTERNS);
    if files.is_empty() {
        return;
    }
    let structs = RustStructs::index(corpus);
    for file in files {
        let Some(parsed) = file.syntax() else { continue };
        let tests = tests_in_file::ranges(parsed.tree.root_node(), file.bytes());
        for reader in source::readers(parsed.tree.root_node(), file.bytes()) {
            if tests.iter().any(|(from, to)| (*from..*to).contains(&reader.at)) {
                continue;
            }
            follow(file, &reader, &structs, mentions);
        }
        derived(file, parsed.tree.root_node(), mentions);
        walked(file, &tests, mentions);
    }
}

/// Where the whole environment is walked any name may be read; a child process only gets it.
fn walked(file: &SourceFile, tests: &[(usize, usize)], mentions: &mut Mentions) {
    let source = file.text();
    for (at, call) in ["env::vars()", "env::vars_os()"].iter().flat_map(|call| source.match_indices(call)) {
        let before = source[..at].trim_end_matches("std::");
        let is_test = tests.iter().any(|(from, to)| (*from..*to).contains(&at));
        let is_comment = before.rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with("//"));
        if !is_test && !is_comment && !before.ends_with("envs(") {
            let reason = format!("an environment variable is read under a computed name: `{call}`");
            let line = file.line_at(at);
            mentions.unresolved(reason, file.lines(line, line));
        }
    }
}

/// The variables that one reader takes.
fn follow(file: &SourceFile, reader: &VariableReader, structs: &RustStructs<'_>, mentions: &mut Mentions) {
    let place = file.lines(reader.lines.0, reader.lines.1);
    let Some(source) = &reader.source else {
        let reason = "variables are read under a prefix or with names that are computed";
        mentions.unresolved(reason.to_owned(), place);
        return;
    };
    // Named ones need no struct.
    if let Some(only) = &source.only {
        for name in only {
            let name = format!("{}{}", source.prefix, name.to_ascii_uppercase());
            push(mentions, name, None, file.lines(reader.lines.0, reader.lines.1));
        }
        return;
    }
    let Some((home, fields)) = reader.into.as_deref().and_then(|name| structs.fields(name, &file.path)) else {
        let prefix = &source.prefix;
        let reason = format!("the variables with the prefix `{prefix}` fill a type that could not be followed");
        mentions.unresolved(reason, place);
        return;
    };
    let mut left = MAX_FIELDS;
    let whole = Filling { source, structs, place };
    whole.take(home, &fields, &source.prefix, 0, &mut left, mentions);
}

/// A struct that is being filled.
struct Filling<'a, 'c> {
    source: &'a Source,
    structs: &'a RustStructs<'c>,
    place: ci_feed_dossier::evidence::Evidence,
}

impl Filling<'_, '_> {
    fn take(
        &self,
        file: &SourceFile,
        fields: &[RustField],
        prefix: &str,
        depth: usize,
        left: &mut usize,
        mentions: &mut Mentions,
    ) {
        if depth >= MAX_STRUCT_DEPTH {
            return;
        }
        for field in fields {
            if *left == 0 {
                return;
            }
            *left -= 1;
            let inner = bare(&field.of_type);
            let nested = self.structs.fields(inner, &file.path).filter(|(_, fields)| !fields.is_empty());
            if let (true, Some((home, fields))) = (field.is_flat, &nested) {
                self.take(home, fields, prefix, depth + 1, left, mentions);
                continue;
            }
            let name = format!("{prefix}{}", field.name.to_ascii_uppercase());
            match (&self.source.split, &nested) {
                (Some(split), Some((home, fields))) => {
                    self.take(home, fields, &format!("{name}{split}"), depth + 1, left, mentions);
                }
                // Without a separator the fields of a struct inside cannot be said.
                (None, Some(_)) if self.source.is_nesting => {}
                _ if field.of_type.contains("Map<") => {}
                _ => {
                    // Without a value an option has none, which is no default.
                    let required = match (self.source.is_all, field.has_default) {
                        (true, true) => Some(false),
                        (true, false) => (!field.is_optional).then_some(true),
                        (false, _) => None,
                    };
                    push(mentions, name.clone(), required, file.lines(field.lines.0, field.lines.1));
                    push(mentions, name, None, self.place.clone());
                }
            }
        }
    }
}

/// The name of a type without its path, pointers and lists; lists are not structs to look into.
fn bare(of_type: &str) -> &str {
    let inner = ["Box<", "Arc<", "Rc<"].iter().find_map(|open| of_type.strip_prefix(open)?.strip_suffix('>'));
    let name = inner.unwrap_or(of_type).trim();
    if name.contains('<') { "" } else { name.rsplit("::").next().unwrap_or(name) }
}

fn push(mentions: &mut Mentions, name: String, required: Option<bool>, evidence: ci_feed_dossier::evidence::Evidence) {
    if is_name(&name) {
        let role = MentionRole::Reads("Rust");
        mentions.found.push(Mention { name, required, default: None, role, evidence });
    }
}

/// `#[derive(Envconfig)]`: every field is a variable, by its own name or by `from`.
fn derived(file: &SourceFile, root: Node<'_>, mentions: &mut Mentions) {
    let bytes = file.bytes();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        for (child, above) in attributed(node) {
            match child.kind() {
                "struct_item" if above.iter().any(|one| is_envconfig(text(*one, bytes))) => {
                    if let Some(body) = child.field("body") {
                        from_attributes(file, body, mentions);
                    }
                }
                "mod_item" | "declaration_list" => open.push(child),
                _ => {}
            }
        }
    }
}

fn is_envconfig(attribute: &str) -> bool {
    attribute.contains("derive") && attribute.contains("Envconfig")
}

fn from_attributes(file: &SourceFile, body: Node<'_>, mentions: &mut Mentions) {
    let bytes = file.bytes();
    for (child, above) in attributed(body) {
        let (Some(name), Some(of_type)) = (child.field("name"), child.field("type")) else { continue };
        let mut said = above.iter().map(|one| Written::read(text(*one, bytes)));
        let said = said.find(|one| one.name == "envconfig").unwrap_or_default();
        if child.kind() != "field_declaration" || said.plain.contains(&"nested") || said.get("nested").is_some() {
            continue;
        }
        let own = text(name, bytes).to_ascii_uppercase();
        let name = said.get("from").map_or(Some(own), literal);
        let evidence = file.lines_between(*above.first().unwrap_or(&child), child);
        let Some(name) = name.filter(|name| is_name(name)) else {
            mentions.unresolved("a field is filled from a variable of a computed name".to_owned(), evidence);
            continue;
        };
        let default = said.get("default").and_then(literal);
        let required = match said.get("default") {
            Some(_) => Some(false),
            None => (!text(of_type, bytes).starts_with("Option<")).then_some(true),
        };
        let role = MentionRole::Reads("Rust");
        mentions.found.push(Mention { name, required, default, role, evidence });
    }
}
