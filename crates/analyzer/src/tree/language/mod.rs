//! The language of a file, by its name, its ending or its `#!` line.

pub(crate) mod count;
mod table;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::file::SourceFile;

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
    let all = |pick: fn(&table::CountedLanguage) -> &'static [&'static str]| {
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
