//! Which names occur in which files: one pass over the tree for all of them.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use rayon::prelude::*;

use crate::analyzer::claims;
use crate::analyzer::corpus::Corpus;
use crate::analyzer::file::SourceFile;

/// Text for people, or a sample of settings: what it names is documented.
pub(in crate::analyzer) fn is_documentation(file: &SourceFile) -> bool {
    let lower = file.name().to_ascii_lowercase();
    let text = [".md", ".markdown", ".rst", ".adoc"].iter().any(|end| lower.ends_with(end));
    text || claims::is_env_sample(file.name()) || (lower.ends_with(".txt") && lower.starts_with("readme"))
}

/// Which names occur as whole words, in any case, in files that `wanted` picks.
pub(in crate::analyzer) fn mentions<'n>(
    corpus: &Corpus,
    names: impl Iterator<Item = &'n str>,
    wanted: impl Fn(&SourceFile) -> bool + Sync,
) -> BTreeSet<String> {
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        return BTreeSet::new();
    }
    // Every byte of the tree goes through it: the automaton that is slowest to build is the fastest to run.
    // A search for the rarest letters first only costs: in either case they are everywhere.
    let mut builder = AhoCorasick::builder();
    builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).prefilter(false);
    let Ok(searcher) = builder.build(&names) else {
        return BTreeSet::new();
    };
    let in_file = |file: &SourceFile| {
        let bytes = file.bytes();
        let part = |at: Option<&u8>| at.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let whole = |start: usize, end: usize| {
            !part(start.checked_sub(1).and_then(|at| bytes.get(at))) && !part(bytes.get(end))
        };
        let hits = searcher.find_overlapping_iter(bytes).filter(|hit| whole(hit.start(), hit.end()));
        hits.map(|hit| names[hit.pattern().as_usize()].to_owned()).collect::<BTreeSet<_>>()
    };
    corpus.files().par_iter().filter(|file| wanted(file)).flat_map_iter(in_file).collect()
}
