//! Ports: what the programs listen on, and what containers, compose files and start commands say.

mod csharp;
mod files;
mod go_tag;
pub(crate) mod listen;
mod server;
mod settings;

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use serde_json::{Map, Value, json};

use crate::extract::compose;
use crate::extract::sources::Sources;
use crate::fact::{Fact, Found, Unresolved, distinct};
use crate::tree::aside;
use crate::tree::file::PathClass;

/// One place that says a port.
#[derive(Debug)]
struct Said {
    port: u16,
    protocol: &'static str,
    by: &'static str,
    /// The environment variable that overrides it.
    env: Option<String>,
    /// The port on the host's side, or the one that is published.
    published: Option<u16>,
    /// Whether a datastore's container listens there, which others bring.
    of_datastore: bool,
    evidence: Evidence,
}

impl Said {
    /// A port that nothing overrides or publishes.
    fn tcp(port: u16, by: &'static str, evidence: Evidence) -> Self {
        Self { port, protocol: "tcp", by, env: None, published: None, of_datastore: false, evidence }
    }
}

/// What all places say.
#[derive(Debug, Default)]
struct Ports {
    said: Vec<Said>,
    unresolved: Vec<Unresolved>,
}

impl Ports {
    /// A port that is opened here under a number that the text does not tell.
    fn unresolved(&mut self, reason: String, evidence: Evidence) {
        self.unresolved.push(Unresolved::new(FactKind::Port, reason, vec![evidence]));
    }
}

/// Every port that the repository says it uses, one fact for each.
pub fn extract(sources: &Sources<'_>) -> Found {
    let corpus = sources.corpus;
    let mut ports = Ports::default();
    let mut tags = None;
    for listen in &sources.trace().listens {
        let evidence = listen.evidence.clone();
        match &listen.port {
            Ok(port) => {
                ports.said.push(Said { env: listen.env.clone(), ..Said::tcp(*port, "listen", evidence) });
            }
            Err(reason) => {
                if let Some(tagged) = go_tag::default_of(&mut tags, corpus, &evidence) {
                    ports.said.extend(tagged);
                    continue;
                }
                let open = Unresolved::new(FactKind::Port, reason.clone(), vec![evidence]);
                if !ports.unresolved.contains(&open) {
                    ports.unresolved.push(open);
                }
            }
        }
    }
    let composed = compose::files(corpus);
    for file in corpus.files().iter().filter(|file| file.class == PathClass::Application) {
        files::read(file, &composed, &mut ports);
    }
    settings::read(corpus, &mut ports);
    csharp::read(corpus, &mut ports);
    let mut by_key: BTreeMap<(u16, &str), Vec<Said>> = BTreeMap::new();
    for one in ports.said {
        by_key.entry((one.port, one.protocol)).or_default().push(one);
    }
    let by_default = settings::by_default(corpus).filter(|_| !by_key.contains_key(&(settings::DEFAULT, "tcp")));
    let mut facts: Vec<Fact> = by_key.into_iter().map(|((port, protocol), said)| fact(port, protocol, &said)).collect();
    facts.extend(by_default);
    Found { facts, unresolved: ports.unresolved }
}

fn fact(port: u16, protocol: &str, said: &[Said]) -> Fact {
    let by: BTreeSet<&str> = said.iter().map(|one| one.by).collect();
    let env: BTreeSet<&str> = said.iter().filter_map(|one| one.env.as_deref()).collect();
    let published: BTreeSet<u16> = said.iter().filter_map(|one| one.published).collect();
    let mut attrs = Map::new();
    attrs.insert("said_by".to_owned(), json!(by));
    if !env.is_empty() {
        attrs.insert("env".to_owned(), json!(env));
    }
    if !published.is_empty() {
        attrs.insert("published_as".to_owned(), json!(published));
    }
    if said.iter().all(|one| one.of_datastore) {
        attrs.insert(aside::ATTR.to_owned(), json!(true));
    }
    let evidence = distinct(said.iter().map(|one| &one.evidence));
    let mut fact = Fact::evidenced(FactKind::Port, format!("{port}/{protocol}"), evidence[0].clone());
    fact.attrs = attrs.into_iter().collect::<BTreeMap<String, Value>>();
    fact.evidence = evidence;
    fact
}
