//! Ruby classes that route by themselves (Grape, Sinatra): which there are, and under which names.

use std::collections::BTreeSet;

use tree_sitter::Node;

use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// What the words without a receiver mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// The route files of Rails.
    Rails,
    /// `config.ru`.
    Rack,
    Grape,
    Sinatra,
}

/// The framework's classes that others extend.
const BASES: [(&str, Dialect); 4] = [
    ("Grape::API", Dialect::Grape),
    ("Grape::API::Instance", Dialect::Grape),
    ("Sinatra::Base", Dialect::Sinatra),
    ("Sinatra::Application", Dialect::Sinatra),
];
/// Classes that extend classes.
const MAX_GENERATIONS: usize = 4;

/// A class that routes by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Api<'c> {
    pub(super) dialect: Dialect,
    pub(super) file: &'c SourceFile,
    pub(super) node: Node<'c>,
}

/// All of them, by full name, with the names of those that they extend.
#[derive(Debug, Default)]
pub(super) struct Apis<'c> {
    pub(super) found: Vec<(String, String, Api<'c>)>,
}

impl<'c> Apis<'c> {
    pub(super) fn read(corpus: &'c Corpus) -> Self {
        let mut apis = Self::default();
        let mut patterns: Vec<String> = BASES.iter().map(|(name, _)| (*name).to_owned()).collect();
        for _ in 0..MAX_GENERATIONS {
            let wanted: Vec<&str> = patterns.iter().map(String::as_str).collect();
            let before = apis.found.len();
            for file in prefilter::files_that_hold(corpus, Family::Ruby, &wanted) {
                if let Some(parsed) = file.syntax() {
                    apis.classes(file, parsed.tree.root_node(), "", 0);
                }
            }
            if apis.found.len() == before {
                break;
            }
            let last = |name: &str| name.rsplit("::").next().unwrap_or(name).to_owned();
            let names: BTreeSet<String> = apis.found.iter().map(|(name, ..)| last(name)).collect();
            patterns = names.iter().flat_map(|name| [format!("< {name}"), format!("::{name}\n")]).collect();
        }
        apis
    }

    fn classes(&mut self, file: &'c SourceFile, node: Node<'c>, inside: &str, depth: usize) {
        if depth > 40 {
            return;
        }
        let bytes = file.bytes();
        for child in node.inner() {
            match child.kind() {
                "class" | "module" => {
                    let Some(name) = child.field("name") else { continue };
                    let name = text(name, bytes);
                    let full = if inside.is_empty() { name.to_owned() } else { format!("{inside}::{name}") };
                    let above = child.field("superclass").and_then(|above| above.named_child(0));
                    let above = above.map_or("", |above| text(above, bytes)).trim_start_matches("::");
                    let base = BASES.iter().find(|(name, _)| *name == above).map(|(_, dialect)| *dialect);
                    let dialect = base.or_else(|| self.find(above, inside).map(|(_, api)| api.dialect));
                    let known = self.found.iter().any(|(_, _, api)| api.node.id() == child.id());
                    if let Some(dialect) = dialect.filter(|_| !known) {
                        self.found.push((full.clone(), above.to_owned(), Api { dialect, file, node: child }));
                    }
                    if let Some(body) = child.field("body") {
                        self.classes(file, body, &full, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }

    /// The class that a name means inside a module.
    pub(super) fn find(&self, name: &str, inside: &str) -> Option<(&str, Api<'c>)> {
        let name = name.trim_start_matches("::");
        if name.is_empty() {
            return None;
        }
        let mut place = inside;
        loop {
            let full = if place.is_empty() { name.to_owned() } else { format!("{place}::{name}") };
            if let Some((own, _, api)) = self.found.iter().find(|(own, ..)| *own == full) {
                return Some((own, *api));
            }
            if place.is_empty() {
                return None;
            }
            place = place.rsplit_once("::").map_or("", |(above, _)| above);
        }
    }

    /// Every class of this name: one may be opened several times.
    pub(super) fn all(&self, name: &str) -> Vec<(Api<'c>, String)> {
        let own = self.found.iter().filter(|(own, ..)| own == name);
        own.map(|(_, above, api)| (*api, above.clone())).collect()
    }
}
