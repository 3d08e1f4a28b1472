//! One extractor for each kind of fact: a function from the corpus to what it found. They know nothing of each
//! other and run in parallel; the order of their results does not matter.

pub(crate) mod command;
pub(crate) mod container;
pub(crate) mod dependency;
pub mod endpoint;
pub(crate) mod entrypoint;
pub mod env_var;
pub(crate) mod language;
pub(crate) mod license;
pub mod port;
pub(crate) mod runtime;
pub(crate) mod workflow;

use rayon::prelude::*;

use super::corpus::Corpus;
use super::fact::Found;
use super::progress::Progress;

type Extractor = fn(&Corpus) -> Found;

/// Every extractor; a new kind of fact is one more line here.
const EXTRACTORS: &[Extractor] = &[
    endpoint::extract,
    env_var::extract,
    port::extract,
    command::extract,
    container::extract,
    dependency::extract,
    entrypoint::extract,
    license::extract,
    runtime::extract,
    workflow::extract,
];

/// Run all of them.
pub(crate) fn run(corpus: &Corpus, progress: &Progress) -> Found {
    progress.begin("extracting", EXTRACTORS.len());
    let results: Vec<Found> = EXTRACTORS
        .par_iter()
        .map(|extract| {
            let found = extract(corpus);
            progress.step();
            found
        })
        .collect();
    let mut all = Found::default();
    results.into_iter().for_each(|found| all.merge(found));
    all
}
