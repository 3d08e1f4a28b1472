//! What Ruby requires. What Rails loads by itself is told by its path (`classify`).

use super::super::corpus::Corpus;
use super::super::file::SourceFile;
use super::super::path::{inside, resolve, upwards};
use super::{Edge, Edges, quoted};

pub(super) struct Requires;

impl Edges for Requires {
    fn of(&self, corpus: &Corpus, file: &SourceFile) -> Vec<Edge> {
        let text = file.text();
        let mut out = Vec::new();
        let words = ["require", "load", "autoload"];
        for line in text.lines().map(str::trim_start).filter(|line| words.iter().any(|word| line.starts_with(word))) {
            let Some((_, name)) = quoted(line).next() else { continue };
            let name = if name.ends_with(".rb") { name.to_owned() } else { format!("{name}.rb") };
            let found = if line.starts_with("require_relative") {
                resolve(file.folder(), &name).filter(|path| corpus.file(path).is_some())
            } else {
                upwards(file.folder())
                    .flat_map(|base| [inside(base, &name), inside(base, &format!("lib/{name}"))])
                    .find(|path| corpus.file(path).is_some())
            };
            out.extend(found.map(Edge::import));
        }
        out
    }
}
