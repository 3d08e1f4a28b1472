//! Which names occur in which files: one pass over the tree for all of them.

use std::collections::BTreeSet;

use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::{PathClass, SourceFile};

use super::names::Names;

/// Which names occur as whole words, in any case, in files that `wanted` picks.
pub(crate) fn mentions<'n>(
    corpus: &Corpus,
    names: impl Iterator<Item = &'n str>,
    wanted: impl Fn(&SourceFile) -> bool,
) -> BTreeSet<String> {
    let mut missing: BTreeSet<&str> = names.collect();
    let mut found = BTreeSet::new();
    // Test data may be a hundred times the application, which names most of what there is to find.
    for is_own in [true, false] {
        if missing.is_empty() {
            break;
        }
        let search = Names::new(missing.clone());
        let is_next = |file: &&SourceFile| (file.class == PathClass::Application) == is_own && wanted(file);
        let files = corpus.files().iter().filter(is_next);
        for name in deal::map(files, |file| search.in_file(&corpus.content(file))).into_iter().flatten() {
            missing.remove(name);
            found.insert(name.to_owned());
        }
    }
    found
}
