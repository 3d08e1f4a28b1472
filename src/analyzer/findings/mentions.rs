//! Which names occur in which files: one pass over the tree for all of them.

use std::collections::BTreeSet;

use crate::analyzer::claims;
use crate::analyzer::corpus::Corpus;
use crate::analyzer::deal;
use crate::analyzer::file::SourceFile;

use super::names::Names;

/// Text for people, or a sample of settings: what it names is documented.
pub(in crate::analyzer) fn is_documentation(file: &SourceFile) -> bool {
    let lower = file.name().to_ascii_lowercase();
    let text = [".md", ".markdown", ".rst", ".adoc"].iter().any(|end| lower.ends_with(end));
    text || claims::is_env_sample(file.name()) || (lower.ends_with(".txt") && lower.starts_with("readme"))
}

/// Which names occur as whole words, in any case, in files that `wanted` picks.
pub(in crate::analyzer) fn mentions<'n>(
    corpus: &Corpus,
    names: impl Iterator<Item = &'n str>,
    wanted: impl Fn(&SourceFile) -> bool,
) -> BTreeSet<String> {
    let names: BTreeSet<&str> = names.collect();
    if names.is_empty() {
        return BTreeSet::new();
    }
    let search = Names::new(names);
    let files = corpus.files().iter().filter(|file| wanted(file));
    deal::map(files, |file| search.in_file(file.bytes())).into_iter().flatten().map(str::to_owned).collect()
}
