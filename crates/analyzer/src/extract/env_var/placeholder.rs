//! `${NAME:default}` in the settings of Spring, Quarkus and Micronaut, `${NAME:-default}` in those of Dropwizard. A placeholder is taken for a variable only when
//! it is written like one; in lower case it names another setting.

use ci_feed_dossier::evidence::Evidence;

use crate::extract::env_var::mention::{Mention, MentionRole, Mentions};
use crate::lang::jvm::settings;
use crate::syntax::literal::closing_brace;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Placeholders inside of placeholders.
const MAX_PLACEHOLDER_DEPTH: usize = 16;

/// The variables that files of settings are filled in with.
pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    for one in settings::files(corpus) {
        in_file(one.file, one.profile.is_none(), mentions);
    }
    for (file, is_strict) in settings::of_dropwizard(corpus) {
        in_file(file, is_strict, mentions);
    }
}

fn in_file(file: &SourceFile, counts_always: bool, mentions: &mut Mentions) {
    for (line, number) in file.text().lines().zip(1_u32..) {
        if line.contains("${") && !line.trim_start().starts_with(['#', '!']) {
            in_line(file, line, number, counts_always, mentions);
        }
    }
}

fn in_line(file: &SourceFile, line: &str, number: u32, counts_always: bool, mentions: &mut Mentions) {
    let code = if file.name().ends_with(".properties") { line } else { without_comment(line) };
    for one in placeholders(code) {
        let role = MentionRole::Reads("file");
        let required = if one.has_default { Some(false) } else { (counts_always && !one.is_fallback).then_some(true) };
        let evidence = file.lines(number, number);
        mentions.found.push(Mention { name: one.name, required, default: one.default, role, evidence });
    }
}

/// A line of YAML up to its comment: a `#` after a blank, outside of quotes and placeholders.
fn without_comment(line: &str) -> &str {
    let (mut quote, mut open, mut before) = (None, 0_u32, ' ');
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            (None, '"' | '\'') if before.is_whitespace() => quote = Some(letter),
            (Some(opening), letter) if letter == opening => quote = None,
            (None, '{') if before == '$' => open += 1,
            (None, '}') => open = open.saturating_sub(1),
            (None, '#') if open == 0 && before.is_whitespace() => return &line[..at],
            _ => {}
        }
        before = letter;
    }
    line
}

/// A variable in a placeholder.
pub(super) struct Placeholder {
    pub(super) name: String,
    pub(super) has_default: bool,
    /// Whether it stands in the default of another.
    pub(super) is_fallback: bool,
    /// The default, where it is literal.
    pub(super) default: Option<String>,
}

/// Every variable in the placeholders of a text, those in defaults too.
pub(super) fn placeholders(text: &str) -> Vec<Placeholder> {
    let mut out = Vec::new();
    inside(text, &mut out, 0);
    out
}

fn inside(text: &str, out: &mut Vec<Placeholder>, depth: usize) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("${") {
        let Some(end) = closing_brace(after) else { return };
        let inner = &after[..end];
        let (name, default) = match inner.split_once(':') {
            Some((name, default)) => (name.trim(), Some(default)),
            None => (inner.trim(), None),
        };
        if is_loud(name) {
            let literal = default.filter(|default| !default.contains("${"));
            let default = literal.map(|text| text.strip_prefix('-').unwrap_or(text).to_owned());
            let has_default = inner.contains(':');
            out.push(Placeholder { name: name.to_owned(), has_default, is_fallback: depth > 0, default });
        }
        if depth < MAX_PLACEHOLDER_DEPTH {
            inside(default.unwrap_or_default(), out, depth + 1);
        }
        rest = &after[end + 1..];
    }
}

/// `DATABASE_URL`: upper case throughout.
pub(super) fn is_loud(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

/// The mentions of a text in a program.
pub(super) fn in_program(text: &str, evidence: &Evidence, by: &'static str, mentions: &mut Mentions) {
    for one in placeholders(text) {
        let required = if one.has_default { Some(false) } else { (!one.is_fallback).then_some(true) };
        let (role, evidence) = (MentionRole::Reads(by), evidence.clone());
        mentions.found.push(Mention { name: one.name, required, default: one.default, role, evidence });
    }
}
