//! The `go.mod` files of a tree: which module path lies in which folder.

use super::GoPrograms;
use crate::tree::corpus::Corpus;

impl GoPrograms {
    /// Read the `go.mod` files.
    pub(in crate::trace) fn of(corpus: &Corpus) -> Self {
        let mut modules = Vec::new();
        for file in corpus.files().iter().filter(|file| file.name() == "go.mod") {
            let text = file.text();
            for line in text.lines() {
                let words: Vec<&str> = line
                    .split("//")
                    .next()
                    .unwrap_or_default()
                    .split_whitespace()
                    .map(|word| word.trim_matches('"'))
                    .collect();
                match words.as_slice() {
                    ["module", path] => modules.push(((*path).to_owned(), file.folder().to_owned())),
                    // `replace x => ../x`, alone or inside of a block.
                    ["replace", path, .., "=>", to] | [path, "=>", to] | [path, _, "=>", to] if to.starts_with('.') => {
                        if let Some(folder) = relative(file.folder(), to) {
                            modules.push(((*path).to_owned(), folder));
                        }
                    }
                    _ => {}
                }
            }
        }
        modules.sort_by(|one, two| two.0.len().cmp(&one.0.len()).then_with(|| one.cmp(two)));
        Self { modules, ..Self::default() }
    }
}

/// A path with `.` and `..` from a folder; nothing when it leaves the tree.
fn relative(folder: &str, to: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in to.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}
