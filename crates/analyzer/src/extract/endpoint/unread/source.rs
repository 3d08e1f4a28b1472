//! Frameworks in programs: imports and texts, found by one search over the bytes of every application file.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use ci_feed_dossier::evidence::Evidence;

use super::table::UnreadFramework;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;

/// How the comments of all these languages begin.
const COMMENTS: &[&str] = &["//", "/*", "*", "--", ";", "%", "'''", "\"\"\""];

/// The patterns that are searched for, and the framework that each shows.
struct Marks<'f> {
    frameworks: &'f [&'f UnreadFramework],
    /// The framework of each pattern, and whether the pattern is an import.
    of: Vec<(usize, bool)>,
    patterns: Vec<&'static str>,
    search: AhoCorasick,
    /// Whether a file may hold one at all, by its ending: most hold none, and few patterns are found faster than many.
    of_ending: BTreeMap<&'static str, AhoCorasick>,
}

/// The first line of each file that shows a framework, by the framework's index in `frameworks`.
pub(super) fn find(corpus: &Corpus, frameworks: &[&UnreadFramework]) -> BTreeMap<usize, Vec<Evidence>> {
    let endings: BTreeSet<&str> = corpus.application().map(ending).collect();
    let marks = Marks::of(frameworks, &endings);
    let files = corpus.application().filter(|file| marks.of_ending.contains_key(ending(file)));
    let files = deal::filter(files, |file| marks.of_ending[ending(file)].is_match(file.bytes()));
    let found = deal::map(files, |file| marks.in_file(file));
    let mut out: BTreeMap<usize, Vec<Evidence>> = BTreeMap::new();
    for (at, evidence) in found.into_iter().flatten() {
        out.entry(at).or_default().push(evidence);
    }
    out
}

fn ending(file: &SourceFile) -> &str {
    file.name().rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn is_of(framework: &UnreadFramework, file: &SourceFile) -> bool {
    framework.language.endings.contains(&ending(file))
}

impl<'f> Marks<'f> {
    /// Those of the frameworks that programs with these endings may use.
    fn of(frameworks: &'f [&'f UnreadFramework], endings: &BTreeSet<&str>) -> Self {
        let (mut of, mut patterns) = (Vec::new(), Vec::new());
        let mut by_ending: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
        for (at, framework) in frameworks.iter().enumerate() {
            let known = framework.language.endings.iter().filter(|ending| endings.contains(**ending));
            let known: Vec<&'static str> = known.copied().collect();
            for (texts, is_import) in [(framework.imports, true), (framework.texts, false)] {
                let texts = texts.iter().filter(|_| !known.is_empty());
                of.extend(texts.clone().map(|_| (at, is_import)));
                patterns.extend(texts.copied());
            }
            for ending in known {
                by_ending.entry(ending).or_default().extend(framework.imports.iter().chain(framework.texts));
            }
        }
        let of_ending = by_ending.into_iter().map(|(ending, texts)| (ending, prefilter::automaton(&texts))).collect();
        Self { frameworks, search: prefilter::overlapping(&patterns), of, patterns, of_ending }
    }

    fn in_file(&self, file: &SourceFile) -> BTreeMap<usize, Evidence> {
        let mut out = BTreeMap::new();
        let bytes = file.bytes();
        for hit in self.search.find_overlapping_iter(bytes) {
            let pattern = hit.pattern().as_usize();
            let (at, is_import) = self.of[pattern];
            let framework = self.frameworks[at];
            if out.contains_key(&at) || !is_of(framework, file) || !is_whole(bytes, hit.start(), self.patterns[pattern])
            {
                continue;
            }
            let start = memchr::memrchr(b'\n', &bytes[..hit.start()]).map_or(0, |end| end + 1);
            let before = String::from_utf8_lossy(&bytes[start..hit.start()]);
            let begins = |marks: &[&str]| marks.iter().any(|mark| before.trim_start().starts_with(mark));
            // `#` begins a comment only where it begins no `#include` and no attribute.
            let is_comment = begins(COMMENTS) || before.trim_start().starts_with("# ");
            let is_told = if is_import { begins(framework.language.imports) } else { !is_comment };
            if is_told && !(is_import && begins(&["//", "/*", "*"])) {
                let line = file.line_at(hit.start());
                out.insert(at, file.lines(line, line));
            }
        }
        out
    }
}

/// Whether what stands there is the name and no part of a longer one.
fn is_whole(bytes: &[u8], start: usize, text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let joins =
        |edge: Option<u8>, beside: Option<&u8>| edge.is_some_and(is_part) && beside.is_some_and(|byte| is_part(*byte));
    let before = start.checked_sub(1).map(|at| &bytes[at]);
    let is_below = text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && before.is_some_and(|byte| matches!(byte, b'.' | b'-'));
    let after = bytes.get(start + text.len());
    !is_below && !joins(text.bytes().next(), before) && !joins(text.bytes().last(), after)
}
