//! Environment variables: where they are read, what is used when they are unset, where they are
//! documented. A variable that only documentation names has an empty `read_by`; where only a Dockerfile or a compose file
//! sets it, the fact says so.

mod alias;
mod around;
mod calls;
mod clap;
mod click;
mod code;
mod constant;
mod csharp;
mod fallback;
mod files;
pub(in crate::extract) mod go;
mod imported_reader;
mod joined;
mod joiner;
mod jvm;
mod listed;
mod mention;
mod named;
mod next_config;
mod node_config;
mod page;
mod placeholder;
mod python;
mod python_reader;
mod ruby;
mod rust;
mod schema;
mod scheme;
mod script;
mod settings;
mod shell;

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::fact::{FactKind, FactStatus};
use serde_json::json;

use self::mention::{Mention, MentionRole, Mentions};
use crate::extract::compose;
use crate::fact::{Fact, Found, distinct};
use crate::tree::aside;
use crate::tree::corpus::Corpus;
use crate::tree::document::dockerfile;
use crate::tree::file::PathClass;

/// What Next.js sets while it builds and serves.
const OF_NEXT: [&str; 3] = ["NEXT_PHASE", "NEXT_RUNTIME", "__NEXT_PRIVATE_STANDALONE_CONFIG"];

/// Every environment variable of the application, one fact for each name.
pub fn extract(corpus: &Corpus) -> Found {
    let mut mentions = Mentions::default();
    code::read(corpus, &mut mentions);
    settings::read(corpus, &mut mentions);
    scheme::read(corpus, &mut mentions);
    click::read(corpus, &mut mentions);
    schema::read(corpus, &mut mentions);
    jvm::read(corpus, &mut mentions);
    placeholder::read(corpus, &mut mentions);
    csharp::read(corpus, &mut mentions);
    rust::read(corpus, &mut mentions);
    go::read(corpus, &mut mentions);
    shell::read(corpus, &mut mentions);
    node_config::read(corpus, &mut mentions);
    let composed = compose::files(corpus);
    let filled = compose::environments(corpus, &composed);
    for file in corpus.files().iter().filter(|file| file.class == PathClass::Application) {
        files::read(file, &composed, &filled, &mut mentions);
        ruby::template(file, &mut mentions);
    }
    let mut by_name: BTreeMap<String, Vec<Mention>> = BTreeMap::new();
    for mention in mentions.found {
        by_name.entry(mention.name.clone()).or_default().push(mention);
    }
    let facts = by_name.into_iter().map(|(name, mentions)| fact(name, &mentions, &composed)).collect();
    Found { facts, unresolved: mentions.unresolved }
}

fn fact(name: String, mentions: &[Mention], composed: &BTreeSet<&str>) -> Fact {
    let mut read_by = BTreeSet::new();
    let mut documented_in = BTreeSet::new();
    // Reads stand first: they are what the fact is about.
    let (reads, documents): (Vec<_>, Vec<_>) =
        mentions.iter().partition(|mention| !matches!(mention.role, MentionRole::Documents));
    for mention in reads.iter().chain(&documents) {
        match mention.role {
            MentionRole::Reads(by) | MentionRole::MayRead(by, _) | MentionRole::Sets(by) => drop(read_by.insert(by)),
            MentionRole::Documents => drop(documented_in.insert(mention.evidence.path.as_str())),
        }
    }
    let evidence = distinct(reads.iter().chain(&documents).map(|mention| &mention.evidence));
    let first = evidence[0].clone();
    let mut fact = Fact::evidenced(FactKind::EnvVar, name, first)
        .with("read_by", json!(read_by))
        .with("documented_in", json!(documented_in));
    // What is deployed counts, where anything is.
    let is_deployed = |mention: &&&Mention| !aside::is_aside(&mention.evidence.path);
    let deployed: Vec<&Mention> = reads.iter().filter(is_deployed).copied().collect();
    let is_deployed = !deployed.is_empty();
    let counted = if is_deployed { &deployed } else { &reads };
    let is_required = counted.iter().any(|mention| mention.required == Some(true));
    // What the program sets for itself is the default of what nothing else has one for.
    let (given, set): (Vec<_>, Vec<_>) =
        counted.iter().copied().partition(|mention| !matches!(mention.role, MentionRole::Sets(_)));
    if let Some(default) = default_of(&given) {
        fact = fact.with("default", default);
    } else if let Some(default) = default_of(&set) {
        fact = fact.with("default", default).with("set_by_program", true);
    }
    if OF_NEXT.contains(&fact.key.as_str()) {
        fact = fact.with("set_by_program", true);
    }
    if is_required {
        fact = fact.with("required", true);
    } else if counted.iter().any(|mention| mention.required == Some(false)) {
        fact = fact.with("required", false);
    }
    let sets = |path: &&str| path.rsplit('/').next().is_some_and(dockerfile::is_name) || composed.contains(path);
    if reads.is_empty() && documented_in.iter().all(sets) {
        fact = fact.with("set_only_by_container", true);
    }
    if !reads.is_empty() && !is_deployed {
        fact = fact.with(aside::ATTR, true);
    }
    let rules = reads.iter().map(|mention| match mention.role {
        MentionRole::MayRead(_, rule) => Some(rule),
        _ => None,
    });
    if let Some(Some(rule)) = rules.reduce(Option::and) {
        fact = Fact { status: FactStatus::Inferred, ..fact }.with("rule", rule);
    }
    fact.evidence = evidence;
    fact
}

/// The first of the defaults in their order; an empty one only where there is no other.
fn default_of<'m>(reads: &[&'m Mention]) -> Option<&'m str> {
    let defaults: BTreeSet<&str> = reads.iter().filter_map(|mention| mention.default.as_deref()).collect();
    defaults.iter().find(|default| !default.is_empty()).or(defaults.first()).copied()
}
