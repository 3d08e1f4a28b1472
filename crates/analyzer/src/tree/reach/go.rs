//! The packages that Go imports by the paths of the tree's own modules.

use super::super::corpus::Corpus;
use super::super::file::{PathClass, SourceFile};
use super::{Edge, Edges, class_below, quoted};
use crate::lang::go::modules;

/// What leads from a file to the packages of the tree.
pub(super) fn edges(corpus: &Corpus) -> Box<dyn Edges> {
    Box::new(Imports::of(corpus))
}

struct Imports {
    modules: Vec<(String, String)>,
}

impl Imports {
    fn of(corpus: &Corpus) -> Self {
        Self { modules: modules::modules(corpus) }
    }
}

impl Edges for Imports {
    fn of(&self, corpus: &Corpus, file: &SourceFile) -> Vec<Edge> {
        let mut out = Vec::new();
        let text = file.text();
        // Imports end with the first declaration.
        let is_over = |line: &&str| !["func ", "type ", "var ", "const "].iter().any(|word| line.starts_with(word));
        for (_, path) in text.lines().take_while(is_over).filter(|line| !line.starts_with("//")).flat_map(quoted) {
            let Some(folder) = modules::folder_of(&self.modules, path) else {
                continue;
            };
            let files = corpus.below(&folder).filter(|file| file.folder() == folder && file.name().ends_with(".go"));
            let files = files.filter(|file| class_below(file, &folder) == PathClass::Application);
            out.extend(files.map(|file| Edge::import(file.path.as_str())));
        }
        out
    }
}
