//! JSON, TOML and YAML as one tree of values that know their lines, so that a fact can cite the very line.
//!
//! Reading never fails: what could be read is in `roots`, the first trouble is in `problem`. Nesting, size and
//! alias expansion are bounded, so no input can exhaust the stack or the memory.

pub(crate) mod dockerfile;
pub(crate) mod dotenv;
pub(crate) mod json;
pub(crate) mod properties;
pub(crate) mod toml;
pub(crate) mod xml;
pub(crate) mod yaml;

use std::collections::HashMap;
use std::sync::OnceLock;

/// Deepest nesting that is read; what lies deeper is dropped and reported.
pub(crate) const MAX_DOCUMENT_DEPTH: usize = 64;

/// Read a file in the format that its name says; what is none of the three gives an empty document.
pub(crate) fn parse_named(name: &str, bytes: &[u8]) -> Document {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match (name, extension) {
        (".replit" | "Cargo.lock" | "poetry.lock" | "uv.lock" | "pdm.lock" | "Pipfile", _) | (_, "toml") => {
            toml::parse(bytes)
        }
        ("Pipfile.lock" | "composer.lock" | "deno.lock" | "flake.lock" | "bun.lock", _)
        | (_, "json" | "jsonc" | "webmanifest") => json::parse(bytes),
        (_, "yml" | "yaml") => yaml::parse(bytes),
        _ => Document::default(),
    }
}

/// What one file says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Document {
    /// The top-level values: one for JSON and TOML, one a document for YAML.
    pub(crate) roots: Vec<Node>,
    /// The first thing that could not be read, as a sentence with its line.
    pub(crate) problem: Option<String>,
}

impl Document {
    /// The first (usually the only) top-level value, or an empty one.
    pub(crate) fn root(&self) -> &Node {
        const EMPTY: &Node = &Node { start_line: 1, end_line: 1, value: DocumentValue::Null };
        self.roots.first().unwrap_or(EMPTY)
    }
}

/// A value and the lines that it stands on (1-based, inclusive).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) start_line: u32,
    pub(crate) end_line: u32,
    pub(crate) value: DocumentValue,
}

/// The union of what the three formats can say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DocumentValue {
    Null,
    Bool(bool),
    /// Numbers and dates, as they are written.
    Number(String),
    String(String),
    List(Vec<Node>),
    Map(Entries),
}

/// The entries of a map, in the order of the file. A key that is written twice appears twice; [`Node::get`] answers with
/// the last.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    list: Vec<KeyValue>,
    /// Where the keys of a large map are: whoever asks for one of them asks for all.
    places: OnceLock<HashMap<String, usize>>,
}

/// One `key: value` of a map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeyValue {
    pub(crate) key: String,
    /// The line of the key; the value may start further down.
    pub(crate) line: u32,
    pub(crate) value: Node,
}

/// As many keys are compared as fast as one is looked up.
const FEW: usize = 32;

impl Entries {
    fn of(&self, key: &str) -> Option<&KeyValue> {
        if self.list.len() <= FEW {
            return self.list.iter().rev().find(|entry| entry.key == key);
        }
        let places = || self.list.iter().zip(0..).map(|(entry, place)| (entry.key.clone(), place)).collect();
        self.places.get_or_init(places).get(key).map(|place| &self.list[*place])
    }
}

impl From<Vec<KeyValue>> for Entries {
    fn from(list: Vec<KeyValue>) -> Self {
        Self { list, places: OnceLock::new() }
    }
}

impl Clone for Entries {
    fn clone(&self) -> Self {
        self.list.clone().into()
    }
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Node {
    /// The entries of a map; none for anything else.
    pub(crate) fn entries(&self) -> &[KeyValue] {
        match &self.value {
            DocumentValue::Map(entries) => &entries.list,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            DocumentValue::List(items) => items,
            _ => &[],
        }
    }

    /// The entry of a map with this key.
    pub(crate) fn entry(&self, key: &str) -> Option<&KeyValue> {
        match &self.value {
            DocumentValue::Map(entries) => entries.of(key),
            _ => None,
        }
    }

    /// The value of a map under this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value under a path of keys, e.g. `["tool", "poetry", "scripts"]`.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The entry under a path of keys.
    pub(crate) fn entry_at(&self, path: &[&str]) -> Option<&KeyValue> {
        let (last, parents) = path.split_last()?;
        self.at(parents)?.entry(last)
    }

    /// The text of a string; `None` for anything else.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.value {
            DocumentValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string, number or boolean, as a person would read it.
    pub(crate) fn scalar(&self) -> Option<String> {
        match &self.value {
            DocumentValue::String(text) | DocumentValue::Number(text) => Some(text.clone()),
            DocumentValue::Bool(yes) => Some(yes.to_string()),
            _ => None,
        }
    }

    /// Whether this is `true`.
    pub(crate) fn is_true(&self) -> bool {
        self.value == DocumentValue::Bool(true)
    }
}

#[cfg(test)]
mod tests;
