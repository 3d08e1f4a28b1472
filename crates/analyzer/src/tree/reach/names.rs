//! Files of one class, named in full (`use App\Models\LabTest`, `import shop.sample.Controller`) or from beside them; and the
//! files that PHP includes.

use std::collections::BTreeMap;

use super::super::corpus::Corpus;
use super::super::file::SourceFile;
use super::super::path::{resolve, upwards};
use super::{Edge, Edges, quoted};

/// What leads from a file to the candidates.
pub(super) fn edges(candidates: &[&SourceFile], separator: char) -> Box<dyn Edges> {
    Box::new(Names::of(candidates, separator))
}

/// Where the package or namespace of a file is declared.
const HEAD: usize = 16 << 10;

struct Names {
    separator: char,
    /// The candidates, by full name.
    by_name: BTreeMap<String, Vec<String>>,
}

impl Names {
    fn of(candidates: &[&SourceFile], separator: char) -> Self {
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for file in candidates {
            let head = &file.bytes()[..file.bytes().len().min(HEAD)];
            let text = String::from_utf8_lossy(head);
            let stem = file.name().split('.').next().unwrap_or_default();
            let name = match namespace(&text, separator) {
                Some(space) => format!("{space}{separator}{stem}"),
                None => continue,
            };
            by_name.entry(name).or_default().push(file.path.clone());
        }
        Self { separator, by_name }
    }

    fn add(&self, name: &str, out: &mut Vec<Edge>) {
        // A name that two files declare says nothing about either.
        if let Some([path]) = self.by_name.get(name).map(Vec::as_slice) {
            out.push(Edge::import(path.as_str()));
        }
    }
}

impl Edges for Names {
    fn of(&self, corpus: &Corpus, file: &SourceFile) -> Vec<Edge> {
        let text = file.text();
        let mut out = Vec::new();
        let space = namespace(&text, self.separator).unwrap_or_default();
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == self.separator;
        for line in text.lines().map(str::trim_start).filter(|line| !line.starts_with(['/', '*', '#'])) {
            if self.separator == '\\' {
                out.extend(included(corpus, file, line).map(Edge::import));
                grouped(line).for_each(|name| self.add(&name, &mut out));
            }
            for word in line.split(|c: char| !is_part(c)) {
                let word = word.trim_matches(self.separator);
                let is_name =
                    word.rsplit(self.separator).next().is_some_and(|last| last.starts_with(char::is_uppercase));
                if !is_name {
                    continue;
                }
                if word.contains(self.separator) {
                    self.add(word, &mut out);
                }
                // A member of a class beside this file (`LabTest.of`) starts with its name.
                let first = word.split(self.separator).next().unwrap_or(word);
                self.add(&format!("{space}{}{first}", self.separator), &mut out);
            }
        }
        out
    }
}

/// The package or namespace that a file declares.
fn namespace(text: &str, separator: char) -> Option<&str> {
    let keyword = if separator == '.' { "package " } else { "namespace " };
    let mut lines = text.lines().map(str::trim_start);
    let rest = lines.find_map(|line| line.strip_prefix("<?php ").unwrap_or(line).strip_prefix(keyword))?;
    Some(rest.split([';', '{']).next().unwrap_or(rest).trim())
}

/// `use App\{Samples\A, B as C};`.
fn grouped(line: &str) -> impl Iterator<Item = String> {
    let group = line.strip_prefix("use ").and_then(|rest| rest.split_once('{'));
    group.into_iter().flat_map(|(start, names)| {
        let names = names.split(['}', ',']).filter_map(|name| name.split_whitespace().next());
        names.map(move |name| format!("{start}{name}"))
    })
}

/// The file that a line of PHP includes: beside the file, or below a folder above it.
fn included(corpus: &Corpus, file: &SourceFile, line: &str) -> Option<String> {
    if !["require", "include"].iter().any(|word| line.contains(word)) && !line.contains("base_path(") {
        return None;
    }
    let (before, path) = quoted(line).find(|(_, path)| path.ends_with(".php"))?;
    let is_here = before.contains("__DIR__") || before.contains("dirname(__FILE__)");
    let places = upwards(file.folder()).filter(|folder| !is_here || *folder == file.folder());
    places.filter_map(|folder| resolve(folder, path.trim_start_matches('/'))).find(|path| corpus.file(path).is_some())
}
