//! `datastore` facts: which databases, queues and stores the application is made to talk to. Said by a service of a
//! compose file, by the address of a connection, by a schema's provider; inferred from a driver among the runtime
//! dependencies. Whether one is used at run time is not known here: most applications support several.

mod names;

use std::collections::{BTreeMap, BTreeSet};

use crate::fact::{Fact, Found};
use crate::syntax::grammar::Language;
use crate::syntax::prefilter::automaton;
use crate::tree::corpus::Corpus;
use crate::tree::document::{KeyValue, Node};
use crate::tree::file::SourceFile;

use super::compose;
use super::outbound_host::is_comment;
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::{FactKind, FactStatus};
use names::{ADDRESSES, DRIVERS, IMAGES};

/// Where a kind of store was seen.
#[derive(Default)]
struct Seen {
    evidenced: Vec<Evidence>,
    inferred: Vec<Evidence>,
    said_by: BTreeSet<&'static str>,
}

/// Every datastore; `found` holds the dependencies that drivers are looked up in.
pub(crate) fn extract(corpus: &Corpus, found: &Found) -> Found {
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    let addresses: Vec<&str> = ADDRESSES.iter().map(|(address, _)| *address).collect();
    let search = automaton(&addresses);
    let composed = compose::files(corpus);
    for file in corpus.application() {
        for (store, line, said_by) in
            services(file, &composed).into_iter().chain(prisma(file)).chain(connections(file, &search))
        {
            let one = seen.entry(store).or_default();
            one.said_by.insert(said_by);
            one.evidenced.push(file.lines(line, line));
        }
    }
    for fact in found.facts.iter().filter(|fact| fact.kind == FactKind::Dependency && fact.key.contains(" (runtime) "))
    {
        let package = fact.key.split(" (").next().unwrap_or_default();
        if let Some((store, _)) = DRIVERS.iter().find(|(_, drivers)| drivers.contains(&package)) {
            let one = seen.entry(store).or_default();
            one.said_by.insert("driver");
            one.inferred.push(fact.evidence[0].clone());
        }
    }
    Found { facts: seen.into_iter().map(|(store, seen)| fact(store, seen)).collect(), ..Found::default() }
}

fn fact(store: &str, seen: Seen) -> Fact {
    let is_inferred = seen.evidenced.is_empty();
    let mut evidence = seen.evidenced;
    evidence.extend(seen.inferred);
    let mut fact = Fact::evidenced(FactKind::Datastore, store, evidence[0].clone())
        .with("said_by", serde_json::json!(seen.said_by));
    if is_inferred {
        fact.status = FactStatus::Inferred;
        fact = fact.with("rule", "datastore-from-driver");
    }
    fact.evidence = evidence;
    fact
}

/// Whether an image of this name, without tag, is a datastore's.
pub(crate) fn is_image(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    IMAGES.iter().any(|(image, _)| *image == last) && (last != "server" || name.contains("mssql"))
}

type Place = (&'static str, u32, &'static str);

/// Images of the services of a compose file.
fn services(file: &SourceFile, composed: &BTreeSet<&str>) -> Vec<Place> {
    let name = file.name();
    let is_named = name.contains("compose") && (name.ends_with(".yml") || name.ends_with(".yaml"));
    if !is_named && !composed.contains(file.path.as_str()) {
        return Vec::new();
    }
    let services = file.document().root().get("services").map(Node::entries).unwrap_or_default();
    let image = |service: &KeyValue| {
        let entry = service.value.entry("image")?;
        let image = entry.value.scalar()?;
        let path = image.split(['@', ' ']).next()?;
        let last = path.rsplit('/').next()?.split(':').next()?;
        let (_, store) = IMAGES.iter().find(|(name, _)| *name == last)?;
        let is_other_server = last == "server" && !path.contains("mssql");
        (!is_other_server).then_some((*store, entry.line, "compose"))
    };
    services.iter().filter_map(image).collect()
}

/// The provider of a Prisma schema.
fn prisma(file: &SourceFile) -> Vec<Place> {
    if !file.path.ends_with(".prisma") {
        return Vec::new();
    }
    let text = file.text();
    let mut is_source = false;
    let mut out = Vec::new();
    for (line, number) in text.lines().zip(1_u32..) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["datasource", ..] => is_source = true,
            ["provider", "=", value, ..] if is_source => {
                let store = match value.trim_matches('"') {
                    "postgresql" | "postgres" => "postgres",
                    "mysql" => "mysql",
                    "sqlite" => "sqlite",
                    "sqlserver" => "mssql",
                    "mongodb" => "mongodb",
                    "cockroachdb" => "cockroachdb",
                    _ => continue,
                };
                out.push((store, number, "schema"));
            }
            ["}"] => is_source = false,
            _ => {}
        }
    }
    out
}

/// Addresses of connections in programs and sample settings: the first of each store in a file.
fn connections(file: &SourceFile, search: &aho_corasick::AhoCorasick) -> Vec<Place> {
    let name = file.name();
    let is_settings = name.starts_with(".env") || name.ends_with(".properties") || name.starts_with("application");
    if !is_settings && Language::of_path(&file.path).is_none() {
        return Vec::new();
    }
    let bytes = file.bytes();
    let mut out: Vec<Place> = Vec::new();
    for hit in search.find_iter(bytes) {
        let (_, store) = ADDRESSES[hit.pattern().as_usize()];
        // An address stands at the beginning of a value.
        let before = hit.start().checked_sub(1).map(|at| bytes[at]);
        let begins = before.is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'='))
            || (is_settings && before.is_some_and(|byte| matches!(byte, b':' | b' ' | b'{')));
        if begins && !out.iter().any(|(known, ..)| *known == store) && !is_comment(bytes, hit.start()) {
            out.push((store, file.line_at(hit.start()), "address"));
        }
    }
    out
}
