//! What JavaScript and TypeScript import and require.

use std::collections::BTreeSet;

use super::super::corpus::Corpus;
use super::super::file::SourceFile;
use super::{Edge, Edges, quoted};
use crate::lang::script::import::{self, Alias};

/// What leads from a file to the candidates.
pub(super) fn edges(corpus: &Corpus, candidates: &[&SourceFile]) -> Box<dyn Edges> {
    Box::new(Imports::of(corpus, candidates))
}

struct Imports {
    aliases: Vec<Alias>,
    /// The names that an import of a candidate can end with: looking a file up costs more than looking at a name.
    ends: BTreeSet<String>,
    /// Packages of the workspace.
    packages: BTreeSet<String>,
}

impl Imports {
    fn of(corpus: &Corpus, candidates: &[&SourceFile]) -> Self {
        let mut ends = BTreeSet::new();
        for file in candidates {
            let (stem, _) = file.name().rsplit_once('.').unwrap_or((file.name(), ""));
            ends.insert(stem.to_owned());
            if stem == "index" {
                ends.extend(file.folder().rsplit('/').next().map(str::to_owned));
            }
        }
        let aliases = import::aliases_of(corpus, |_| true);
        let packages = aliases.iter().filter_map(Alias::whole).map(str::to_owned).collect();
        Self { aliases, ends, packages }
    }

    fn may_be_one(&self, from: &str) -> bool {
        let last = from.trim_end_matches('/').rsplit('/').next().unwrap_or(from);
        let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
        matches!(last, "." | "..")
            || self.ends.contains(last)
            || self.ends.contains(stem)
            || self.packages.contains(from)
    }
}

impl Edges for Imports {
    fn of(&self, corpus: &Corpus, file: &SourceFile) -> Vec<Edge> {
        let text = file.text();
        let mut out = Vec::new();
        for line in text.lines() {
            let trimmed = line.trim_start();
            let is_import = ["import", "require", "from"].iter().any(|word| line.contains(word));
            if !is_import
                || trimmed.starts_with("//")
                || trimmed.starts_with('*')
                || trimmed.starts_with("import type ")
            {
                continue;
            }
            for (before, from) in quoted(line) {
                let before = before.trim_end();
                let imports = ["require(", "import(", "from", "import"].iter().any(|word| before.ends_with(word));
                if imports && self.may_be_one(from) {
                    out.extend(import::file_of(corpus, &self.aliases, &file.path, from).map(Edge::import));
                }
            }
        }
        out
    }
}
