//! Decides which files are parsed at all: one pass of a multi-pattern search over the raw bytes. The
//! patterns come from the rules, so a rule cannot be forgotten here.

use aho_corasick::{AhoCorasick, MatchKind};
use rayon::prelude::*;

use super::grammar::{Family, Language};
use crate::analyzer::corpus::Corpus;
use crate::analyzer::file::{PathClass, SourceFile};

/// The search automaton over the patterns.
pub(crate) fn automaton(patterns: &[&str]) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(patterns)
        .expect("a few dozen short literals are far below the automaton's limits")
}

/// The application files of a family that hold one of the patterns, in path order; their trees are
/// parsed on the way, in parallel.
pub(crate) fn files_with<'c>(corpus: &'c Corpus, family: Family, patterns: &[&str]) -> Vec<&'c SourceFile> {
    let automaton = automaton(patterns);
    let is_wanted = |file: &&SourceFile| {
        file.class == PathClass::Application
            && Language::of_path(&file.path).is_some_and(|language| language.family() == family)
            && automaton.is_match(file.bytes())
    };
    let wanted: Vec<&SourceFile> = corpus.files().par_iter().filter(is_wanted).collect();
    wanted.into_par_iter().filter(|file| file.syntax().is_some()).collect()
}
