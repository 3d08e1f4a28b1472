//! One extractor for each kind of fact: a function from the corpus to what it found. They know nothing of each
//! other and run side by side, each on a thread of its own that may wait for the pool; the order of their results does
//! not matter.

pub(crate) mod command;
pub(crate) mod container;
pub(crate) mod datastore;
pub(crate) mod dependency;
pub mod endpoint;
pub(crate) mod entrypoint;
pub mod env_var;
pub(crate) mod language;
pub(crate) mod license;
mod migration;
pub(crate) mod outbound_host;
pub mod port;
pub(crate) mod runtime;
pub mod table;
pub(crate) mod workflow;

use super::fact::Found;
use crate::tree::corpus::Corpus;
use crate::tree::progress::Progress;

type Extractor = fn(&Corpus) -> Found;

/// Every extractor; a new kind of fact is one more line here. Those of endpoints and ports wait for the same trace.
const EXTRACTORS: &[Extractor] = &[
    endpoint::extract,
    port::extract,
    env_var::extract,
    command::extract,
    container::extract,
    dependency::extract,
    entrypoint::extract,
    license::extract,
    migration::extract,
    outbound_host::extract,
    runtime::extract,
    table::extract,
    workflow::extract,
];

/// The sources of endpoints and tables as a Markdown table, made from the rules themselves so that the documentation
/// cannot say more or less than there is.
pub fn sources_table() -> String {
    let mut out = String::from("| fact | source | language |\n|---|---|---|\n");
    for (kind, sources) in [("endpoint", endpoint::sources()), ("table", table::sources())] {
        for (source, language) in sources.iter().filter(|(source, _)| source != "listen") {
            out.push_str(&format!("| {kind} | {source} | {language} |\n"));
        }
    }
    out
}

/// Run all of them.
pub(crate) fn run(corpus: &Corpus, progress: &Progress) -> Found {
    progress.begin("extracting", EXTRACTORS.len());
    let run = |extract: &Extractor| {
        let found = extract(corpus);
        progress.step();
        found
    };
    let mut all = Found::default();
    std::thread::scope(|threads| {
        let running: Vec<_> = EXTRACTORS.iter().map(|extract| threads.spawn(move || run(extract))).collect();
        for extractor in running {
            all.merge(extractor.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
    });
    let datastores = datastore::extract(corpus, &all);
    all.merge(datastores);
    all
}
