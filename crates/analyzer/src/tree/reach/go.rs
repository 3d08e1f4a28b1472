//! The packages that Go imports by the paths of the tree's own modules.

use std::collections::HashMap;

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
    /// The files of each package, by its folder: of those that import it there may be hundreds.
    packages: HashMap<String, Vec<String>>,
}

impl Imports {
    fn of(corpus: &Corpus) -> Self {
        let mut packages: HashMap<String, Vec<String>> = HashMap::new();
        for file in corpus.files().iter().filter(|file| file.name().ends_with(".go")) {
            if class_below(file, file.folder()) == PathClass::Application {
                packages.entry(file.folder().to_owned()).or_default().push(file.path.clone());
            }
        }
        Self { modules: modules::modules(corpus), packages }
    }
}

impl Edges for Imports {
    fn of(&self, _: &Corpus, file: &SourceFile) -> Vec<Edge> {
        let mut out = Vec::new();
        let text = file.text();
        // Imports end with the first declaration.
        let is_over = |line: &&str| !["func ", "type ", "var ", "const "].iter().any(|word| line.starts_with(word));
        for (_, path) in text.lines().take_while(is_over).filter(|line| !line.starts_with("//")).flat_map(quoted) {
            let Some(folder) = modules::folder_of(&self.modules, path) else { continue };
            out.extend(self.packages.get(&folder).into_iter().flatten().map(|path| Edge::import(path.as_str())));
        }
        out
    }
}
