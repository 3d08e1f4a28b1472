//! What was read and what was not: the part of a dossier that says how far the rest can be trusted.

use std::collections::BTreeMap;

use super::corpus::Corpus;
use super::file::PathClass;
use super::language::{Count, Languages};
use super::walk::{SkipReason, Tree};

/// How much of the tree the facts rest on.
#[derive(Debug)]
pub(crate) struct Coverage {
    pub(crate) files_seen: usize,
    pub(crate) analyzed: usize,
    pub(crate) by_class: BTreeMap<&'static str, usize>,
    pub(crate) skipped: BTreeMap<SkipReason, Vec<String>>,
    pub(crate) languages: BTreeMap<&'static str, Count>,
    pub(crate) unsupported: BTreeMap<String, u64>,
    pub(crate) parse_problems: BTreeMap<String, String>,
    pub(crate) partial: bool,
}

/// Sum up after all extractors ran: only then is it known which documents were read.
pub(crate) fn of(tree: &Tree, languages: &Languages) -> Coverage {
    let mut by_class = BTreeMap::new();
    for file in tree.corpus.files() {
        *by_class.entry(class_name(file.class)).or_default() += 1;
    }
    Coverage {
        files_seen: tree.seen,
        analyzed: tree.corpus.files().len(),
        by_class,
        skipped: tree.skipped.clone(),
        languages: languages.counts.clone(),
        unsupported: languages.unsupported.clone(),
        parse_problems: problems(&tree.corpus),
        partial: tree.partial,
    }
}

fn problems(corpus: &Corpus) -> BTreeMap<String, String> {
    let problem = |file: &super::file::SourceFile| {
        let problem = file.document_problem().or_else(|| file.syntax_problem())?;
        Some((file.path.clone(), problem.to_owned()))
    };
    corpus.files().iter().filter_map(problem).collect()
}

fn class_name(class: PathClass) -> &'static str {
    match class {
        PathClass::Application => "application",
        PathClass::Test => "test",
        PathClass::Example => "example",
        PathClass::Vendored => "vendored",
        PathClass::Generated => "generated",
    }
}
