//! The variables that fill settings of the package `config` of Node.js: each leaf of `custom-environment-variables.json` names
//! one. What `default.json` beside it has at the same place is the default.

use super::mention::{Mention, Mentions, is_name};
use crate::tree::corpus::Corpus;
use crate::tree::document::{DocumentValue, Node};
use crate::tree::file::SourceFile;
use crate::tree::path::inside;

const NAMES: &str = "custom-environment-variables.";
/// Formats that are read; the package reads more.
const ENDINGS: [&str; 3] = ["json", "yaml", "yml"];

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let named = corpus.application().filter(|file| file.name().starts_with(NAMES));
    for file in named.filter(|file| ENDINGS.iter().any(|ending| file.name().ends_with(ending))) {
        let defaults = ENDINGS
            .iter()
            .find_map(|ending| corpus.application_file(&inside(file.folder(), &format!("default.{ending}"))));
        let document = defaults.map(SourceFile::document);
        state(file, file.document().root(), document.as_ref().map(|document| document.root()), mentions);
    }
}

/// One setting or group of settings; documents are not deep.
fn state(file: &SourceFile, named: &Node, default: Option<&Node>, mentions: &mut Mentions) {
    let name = named.as_str().or_else(|| named.get("__name")?.as_str());
    if let Some(name) = name.filter(|name| is_name(name)) {
        let default = default.and_then(literal);
        let required = default.is_some().then_some(false);
        let read = Mention::read("file", name, file.lines(named.start_line, named.end_line));
        mentions.found.push(Mention { required, default, ..read });
        return;
    }
    for entry in named.entries() {
        state(file, &entry.value, default.and_then(|default| default.get(&entry.key)), mentions);
    }
}

fn literal(default: &Node) -> Option<String> {
    match &default.value {
        DocumentValue::String(text) | DocumentValue::Number(text) => Some(text.clone()),
        DocumentValue::Bool(is_set) => Some(is_set.to_string()),
        _ => None,
    }
}
