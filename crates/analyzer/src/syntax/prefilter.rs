//! Decides which files are parsed at all: one pass of a multi-pattern search over the raw bytes. The
//! patterns come from the rules, so a rule cannot be forgotten here.

use aho_corasick::{AhoCorasick, MatchKind};

use super::grammar::Family;
use super::parse::Parsed;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;

/// The search automaton over the patterns.
pub(crate) fn automaton(patterns: &[&str]) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(patterns)
        .expect("a few dozen short literals are far below the automaton's limits")
}

/// The same for a search that finds every occurrence, also inside of others.
pub(crate) fn overlapping(patterns: &[&str]) -> AhoCorasick {
    AhoCorasick::new(patterns).expect("the names in one program are far below the automaton's limits")
}

/// The application files of a family that hold one of the patterns, in path order; their trees are
/// parsed on the way, in parallel.
pub(crate) fn files_with<'c>(corpus: &'c Corpus, family: Family, patterns: &[&str]) -> Vec<&'c SourceFile> {
    files_among(corpus, family, patterns, |_| true)
}

/// The same among the files whose path `is_asked` accepts.
pub(crate) fn files_among<'c>(
    corpus: &'c Corpus,
    family: Family,
    patterns: &[&str],
    is_asked: impl Fn(&str) -> bool,
) -> Vec<&'c SourceFile> {
    let files: Vec<&SourceFile> = corpus.programs(family).filter(|file| is_asked(&file.path)).collect();
    if files.is_empty() || patterns.is_empty() {
        return Vec::new();
    }
    let automaton = automaton(patterns);
    parsed(files, |bytes| corpus.is_thorough() || automaton.is_match(bytes))
}

/// The same, not parsed, and however thorough the analysis is: what a program starts with is told by the patterns alone.
pub(crate) fn files_that_hold<'c>(corpus: &'c Corpus, family: Family, patterns: &[&str]) -> Vec<&'c SourceFile> {
    let files: Vec<&SourceFile> = corpus.programs(family).collect();
    if files.is_empty() || patterns.is_empty() {
        return Vec::new();
    }
    let automaton = automaton(patterns);
    deal::filter(files, |file| automaton.is_match(file.bytes()))
}

/// The same for files of which `is_wanted` decides by their bytes.
pub(crate) fn files_where(
    corpus: &Corpus,
    family: Family,
    is_wanted: impl Fn(&[u8]) -> bool + Send + Sync,
) -> Vec<&SourceFile> {
    parsed(corpus.programs(family).collect(), |bytes| corpus.is_thorough() || is_wanted(bytes))
}

/// The files of a family that hold one of the patterns and can be taken apart, in path order.
pub(crate) fn outlines_with<'c>(corpus: &'c Corpus, family: Family, patterns: &[&str]) -> Vec<&'c SourceFile> {
    if patterns.is_empty() {
        return Vec::new();
    }
    let automaton = automaton(patterns);
    let wanted = |file: &&SourceFile| corpus.is_thorough() || automaton.is_match(file.bytes());
    let files = deal::filter(corpus.programs(family), wanted);
    deal::map(files, |file| file.pieces().is_some().then_some(file)).into_iter().flatten().collect()
}

/// The pieces of a family's files that hold one of the patterns, in path order: outlines whatever they hold, functions
/// only where they hold one themselves. A thorough analysis gets each file whole.
pub(crate) fn pieces_with<'c>(
    corpus: &'c Corpus,
    family: Family,
    patterns: &[&str],
) -> Vec<(&'c SourceFile, &'c Parsed)> {
    if patterns.is_empty() {
        return Vec::new();
    }
    if corpus.is_thorough() {
        return corpus.programs(family).filter_map(|file| Some((file, file.syntax()?))).collect();
    }
    let automaton = automaton(patterns);
    let is_wanted = |bytes: &[u8]| automaton.is_match(bytes);
    let files = deal::filter(corpus.programs(family), |file| is_wanted(file.bytes()));
    let pieces = deal::map(files, |file| {
        let pieces = file.pieces().map(|pieces| pieces.with(file.bytes(), is_wanted)).unwrap_or_default();
        pieces.into_iter().map(|piece| (file, piece)).collect::<Vec<_>>()
    });
    pieces.into_iter().flatten().collect()
}

fn parsed(files: Vec<&SourceFile>, is_wanted: impl Fn(&[u8]) -> bool + Send + Sync) -> Vec<&SourceFile> {
    // Looking is quick and parsing is not: the files to be parsed are known before they are dealt out.
    let wanted = deal::filter(files, |file| is_wanted(file.bytes()));
    deal::map(wanted, |file| file.syntax().is_some().then_some(file)).into_iter().flatten().collect()
}
