//! Lines and blank lines per language, for every text file whatever its class. Counts nothing else: what is a
//! comment is a matter of grammar, what is a line is not.

use super::of;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use std::collections::BTreeMap;

/// What one language amounts to in a tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) files: u64,
    pub(crate) lines: u64,
    pub(crate) blank: u64,
}

impl Count {
    pub(crate) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.lines += other.lines;
        self.blank += other.blank;
    }
}

/// The languages of a tree, and the endings of text files that belong to none.
#[derive(Debug, Default)]
pub(crate) struct Languages {
    pub(crate) counts: BTreeMap<&'static str, Count>,
    /// For each language the file with the most lines, as its evidence.
    pub(crate) largest: BTreeMap<&'static str, String>,
    pub(crate) unsupported: BTreeMap<String, u64>,
}

/// Count a tree.
pub(crate) fn count(corpus: &Corpus) -> Languages {
    // Lines of what is in no language are not asked for, and large data is often in none.
    let counted = deal::map(corpus.files(), |file| {
        let language = of(file);
        (file, language.map(|language| (language, lines(file.bytes()))))
    });
    let mut languages = Languages::default();
    let mut most: BTreeMap<&'static str, u64> = BTreeMap::new();
    for (file, counted) in counted {
        let Some((language, count)) = counted else {
            *languages.unsupported.entry(ending(file.name())).or_default() += 1;
            continue;
        };
        languages.counts.entry(language).or_default().add(count);
        let record = most.get(language).copied();
        if record.is_none_or(|record| count.lines > record) {
            most.insert(language, count.lines);
            languages.largest.insert(language, file.path.clone());
        }
    }
    languages
}

fn ending(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => format!(".{}", ending.to_ascii_lowercase()),
        _ => name.to_owned(),
    }
}

/// Lines as an editor numbers them: a last line without its ending counts; blank is nothing but white space.
fn lines(bytes: &[u8]) -> Count {
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if bytes.is_empty() {
        return Count { files: 1, lines: 0, blank: 0 };
    }
    let mut count = Count { files: 1, ..Count::default() };
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', body).chain([body.len()]) {
        count.lines += 1;
        count.blank += u64::from(body[start..end].iter().all(u8::is_ascii_whitespace));
        start = end + 1;
    }
    count
}
