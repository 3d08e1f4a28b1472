//! Lines and blank lines per language, for every text file whatever its class. Counts nothing else: what is a
//! comment is a matter of grammar, what is a line is not.

mod table;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::corpus::Corpus;
use super::deal;
use super::file::SourceFile;

/// What one language amounts to in a tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) files: u64,
    pub(crate) lines: u64,
    pub(crate) blank: u64,
}

impl Count {
    fn add(&mut self, other: Self) {
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

/// The language of a file, by name, then ending, then `#!` line.
pub(crate) fn of(file: &SourceFile) -> Option<&'static str> {
    of_named(file.name(), file.bytes())
}

/// The same for a name without its folders.
pub(crate) fn of_named(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let tables = &*TABLES;
    let by_name = tables.names.get(name.as_str()).or_else(|| {
        let (_, ending) = name.rsplit_once('.')?;
        tables.endings.get(ending)
    });
    by_name.copied().or_else(|| tables.interpreters.get(interpreter(bytes)?.as_str()).copied())
}

struct Tables {
    names: BTreeMap<&'static str, &'static str>,
    endings: BTreeMap<&'static str, &'static str>,
    interpreters: BTreeMap<&'static str, &'static str>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let all = |pick: fn(&table::Language) -> &'static [&'static str]| {
        table::LANGUAGES.iter().flat_map(|language| pick(language).iter().map(|key| (*key, language.name))).collect()
    };
    Tables {
        names: all(|language| language.names),
        endings: all(|language| language.endings),
        interpreters: all(|language| language.interpreters),
    }
});

/// The program of a `#!` line, without its folder and version; `env` is looked through.
fn interpreter(bytes: &[u8]) -> Option<String> {
    let line = bytes.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = words.find(|word| *word != "env" && !word.starts_with('-'))?;
    Some(program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').to_owned())
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
