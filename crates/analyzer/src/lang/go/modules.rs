//! The `go.mod` files of a tree: which module path lies in which folder.

use crate::tree::corpus::Corpus;
use crate::tree::path::{inside, resolve};

/// Module paths and their folders, the longest path first.
pub(crate) fn modules(corpus: &Corpus) -> Vec<(String, String)> {
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
                    if let Some(folder) = resolve(file.folder(), to) {
                        modules.push(((*path).to_owned(), folder));
                    }
                }
                _ => {}
            }
        }
    }
    modules.sort_by(|one, two| two.0.len().cmp(&one.0.len()).then_with(|| one.cmp(two)));
    modules
}

/// The folder of the tree that an import path means.
pub(crate) fn folder_of(modules: &[(String, String)], path: &str) -> Option<String> {
    modules.iter().find_map(|(module, folder)| {
        let rest = path.strip_prefix(module.as_str())?;
        let is_inside = rest.is_empty() || rest.starts_with('/');
        is_inside.then(|| inside(folder, rest.trim_start_matches('/')).trim_end_matches('/').to_owned())
    })
}
