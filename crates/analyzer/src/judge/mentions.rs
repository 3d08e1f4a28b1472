//! Which names occur in which files, as whole words, in any case of letters: one pass over the tree for all of them.
//! Every byte of a tree goes through this, so the names with an underscore, which most are, are found from their
//! underscores: those are rare, and finding them costs nearly nothing.

use std::collections::{BTreeSet, HashMap};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::{PathClass, SourceFile};

/// Which names occur as whole words, in any case, in files that `wanted` picks.
pub(crate) fn mentions<'n>(
    corpus: &Corpus,
    names: impl Iterator<Item = &'n str>,
    wanted: impl Fn(&SourceFile) -> bool,
) -> BTreeSet<String> {
    let mut missing: BTreeSet<&str> = names.collect();
    let mut found = BTreeSet::new();
    // Test data may be a hundred times the application, which names most of what there is to find.
    for is_own in [true, false] {
        if missing.is_empty() {
            break;
        }
        let search = Names::new(missing.clone());
        let is_next = |file: &&SourceFile| (file.class == PathClass::Application) == is_own && wanted(file);
        let files = corpus.files().iter().filter(is_next);
        for name in deal::map(files, |file| search.in_file(&corpus.content(file))).into_iter().flatten() {
            missing.remove(name);
            found.insert(name.to_owned());
        }
    }
    found
}

/// Which names occur as whole file names in a line of which `test` accepts what stands before and after, in files that
/// `wanted` picks.
pub(crate) fn mentions_where(
    corpus: &Corpus,
    names: &BTreeSet<String>,
    wanted: impl Fn(&SourceFile) -> bool,
    test: impl Fn(&str, &str) -> bool + Sync,
) -> BTreeSet<String> {
    let patterns: Vec<&String> = names.iter().collect();
    let Ok(search) = AhoCorasick::new(&patterns) else { return BTreeSet::new() };
    let is_of_name = |byte: &u8| is_part(byte) || *byte == b'-';
    let in_file = |file: &SourceFile| {
        let bytes = file.bytes();
        let hits = search.find_overlapping_iter(bytes).filter(|hit| {
            let is_whole =
                !bytes[..hit.start()].last().is_some_and(is_of_name) && !bytes.get(hit.end()).is_some_and(is_of_name);
            // No more of a line than a person writes.
            let before = &bytes[hit.start().saturating_sub(500)..hit.start()];
            let after = &bytes[hit.end()..bytes.len().min(hit.end() + 500)];
            let before = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
            let after = after.split(|byte| *byte == b'\n').next().unwrap_or_default();
            is_whole && test(&String::from_utf8_lossy(before), &String::from_utf8_lossy(after))
        });
        hits.map(|hit| patterns[hit.pattern().as_usize()].clone()).collect::<BTreeSet<_>>()
    };
    let files = corpus.files().iter().filter(|file| wanted(file));
    deal::map(files, in_file).into_iter().flatten().collect()
}

/// The search for some names.
struct Names<'n> {
    /// Names of word characters with an underscore, by their lower case.
    joined: HashMap<Vec<u8>, Vec<&'n str>>,
    longest: usize,
    others: Vec<&'n str>,
    /// The search for the others.
    search: Option<AhoCorasick>,
}

impl<'n> Names<'n> {
    fn new(names: BTreeSet<&'n str>) -> Self {
        let is_joined = |name: &&str| name.contains('_') && name.bytes().all(|byte| is_part(&byte));
        let (joined, others): (Vec<&str>, Vec<&str>) = names.into_iter().partition(is_joined);
        // The automaton that is slowest to build is the fastest to run. A search for the rarest letters first only
        // costs: in either case they are everywhere.
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).prefilter(false);
        let search = if others.is_empty() { None } else { builder.build(&others).ok() };
        let longest = joined.iter().map(|name| name.len()).max().unwrap_or_default();
        let mut by_text: HashMap<Vec<u8>, Vec<&str>> = HashMap::new();
        for name in joined {
            by_text.entry(name.to_ascii_lowercase().into_bytes()).or_default().push(name);
        }
        Self { joined: by_text, longest, others, search }
    }

    /// The names that a file mentions.
    fn in_file(&self, bytes: &[u8]) -> BTreeSet<&'n str> {
        let mut found = BTreeSet::new();
        if let Some(search) = &self.search {
            let is_whole = |start: usize, end: usize| {
                !start.checked_sub(1).is_some_and(|at| is_part(&bytes[at])) && !bytes.get(end).is_some_and(is_part)
            };
            let hits = search.find_overlapping_iter(bytes).filter(|hit| is_whole(hit.start(), hit.end()));
            found.extend(hits.map(|hit| self.others[hit.pattern().as_usize()]));
        }
        if self.joined.is_empty() {
            return found;
        }
        let mut word = Vec::with_capacity(self.longest);
        let mut at = 0;
        while let Some(underscore) = memchr::memchr(b'_', &bytes[at..]).map(|found| at + found) {
            let start =
                bytes[at..underscore].iter().rposition(|byte| !is_part(byte)).map_or(at, |before| at + before + 1);
            let rest = &bytes[underscore..];
            let end = underscore + rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
            if end - start <= self.longest {
                word.clear();
                word.extend(bytes[start..end].iter().map(u8::to_ascii_lowercase));
                found.extend(self.joined.get(&word).into_iter().flatten());
            }
            at = end;
        }
        found
    }
}

fn is_part(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&'static str> {
        let names = ["DB_URL", "_A", "B_", "PORT", "A.B_C", "db_url"];
        Names::new(names.into_iter().collect()).in_file(text.as_bytes()).into_iter().collect()
    }

    #[test]
    fn names_are_found_as_whole_words_in_any_case() {
        assert_eq!(found("x DB_url-port"), ["DB_URL", "PORT", "db_url"]);
        assert_eq!(found("_a"), ["_A"]);
        assert_eq!(found("(b_)"), ["B_"]);
        assert_eq!(found("a.b_c"), ["A.B_C"]);
        assert_eq!(found("MY_DB_URL DB_URL_2 DB__URL PORTS xport ____"), [] as [&str; 0]);
        assert_eq!(found("\u{e4}DB_URL\u{e4}"), ["DB_URL", "db_url"]);
    }
}
