//! One extractor for each kind of fact: a function from the sources to what it found. They share readers of languages
//! and files, and the trace; none uses what another found, except those of [`AFTER_ALL`]. They run in
//! parallel, each on its own thread, which may wait for the pool; the order of their results does not matter.

mod change_log;
pub(crate) mod command;
pub(crate) mod compose;
pub(crate) mod container;
pub(crate) mod datastore;
pub(crate) mod dependency;
pub mod endpoint;
pub(crate) mod entrypoint;
pub mod env_var;
mod frameworks;
pub(crate) mod language;
pub(crate) mod license;
mod migration;
pub(crate) mod outbound_host;
pub mod port;
pub(crate) mod runtime;
pub mod sources;
pub mod table;
pub(crate) mod workflow;

use std::collections::BTreeMap;

use sources::Sources;

use super::fact::Found;
use crate::tree::corpus::Corpus;
use crate::tree::progress::Progress;

/// The extractors that wait for the trace. A new kind of fact is one more line here or in [`OF_FILES`].
const OF_TRACES: &[fn(&Sources<'_>) -> Found] = &[endpoint::extract, port::extract];

/// The extractors that need no trace.
const OF_FILES: &[fn(&Corpus) -> Found] = &[
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

/// The extractors that use what the others found.
const AFTER_ALL: &[fn(&Corpus, &Found) -> Found] = &[datastore::extract, endpoint::unread::extract];

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

/// The pages about frameworks by file name, with their index: the documentation is made from the rules themselves.
pub fn framework_pages() -> BTreeMap<String, String> {
    let mut index = String::from(
        "# Frameworks\n\n<!-- generated from the rules: see \"A source of facts\" in docs/development.md -->\n\n\
         What is resolved of each, and what is not. What holds for all of them is in\n\
         [analyzer-endpoints.md](../analyzer-endpoints.md).\n\n",
    );
    let mut out = BTreeMap::new();
    for page in endpoint::pages() {
        index.push_str(&format!("- [{}]({}.md)\n", page.title, page.slug));
        out.insert(format!("{}.md", page.slug), page.markdown());
    }
    index.push_str(
        "\n[Frameworks that are known and not read](not-read.md): applications of these are said to be such.\n",
    );
    out.insert("not-read.md".to_owned(), endpoint::unread::page());
    out.insert("README.md".to_owned(), index);
    out
}

/// Run all of them.
pub(crate) fn run(corpus: &Corpus, progress: &Progress) -> Found {
    progress.begin("extracting", OF_TRACES.len() + OF_FILES.len());
    let stepped = |found: Found| {
        progress.step();
        found
    };
    let sources = &Sources::new(corpus);
    let mut all = Found::default();
    std::thread::scope(|threads| {
        let traced = OF_TRACES.iter().map(|extract| threads.spawn(move || stepped(extract(sources))));
        let read = OF_FILES.iter().map(|extract| threads.spawn(move || stepped(extract(corpus))));
        for extractor in traced.chain(read).collect::<Vec<_>>() {
            all.merge(extractor.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
    });
    for after in AFTER_ALL.iter().map(|extract| extract(corpus, &all)).collect::<Vec<_>>() {
        all.merge(after);
    }
    all
}
