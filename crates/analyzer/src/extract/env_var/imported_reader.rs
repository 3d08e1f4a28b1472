//! Python settings that are split over files: `env = environ.Env()` in one of them, `from .base import *` or
//! `from .base import env` in the others, which read variables through it without naming the package.

use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::path::{inside, upwards};

/// The files that read variables through the reader of another file, and name no package that makes one.
pub(super) fn files(corpus: &Corpus) -> Vec<&SourceFile> {
    let calls = prefilter::automaton(&["env(", "env."]);
    let makers = prefilter::automaton(&["environ"]);
    let imports = prefilter::automaton(&["import env", "import *", ", env"]);
    let all = corpus.programs(Family::Python);
    let candidates: Vec<&SourceFile> = all
        .filter(|file| {
            let bytes = file.bytes();
            imports.is_match(bytes) && calls.is_match(bytes) && !makers.is_match(bytes)
        })
        .collect();
    candidates.into_iter().filter(|file| borrows(corpus, file)).collect()
}

fn borrows(corpus: &Corpus, file: &SourceFile) -> bool {
    file.text().lines().any(|line| {
        let Some((module, names)) = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) else {
            return false;
        };
        let names = names.split('#').next().unwrap_or_default();
        let mut names = names.split(',').map(|name| name.trim().trim_matches(['(', ')']));
        names.any(|name| matches!(name, "*" | "env")) && makes(corpus, file, module.trim())
    })
}

/// Whether the module that a file means by a name makes the reader itself.
fn makes(corpus: &Corpus, file: &SourceFile, module: &str) -> bool {
    let dots = module.len() - module.trim_start_matches('.').len();
    let inner = module.trim_start_matches('.').replace('.', "/");
    // What is not relative starts at a folder around.
    let folders = upwards(file.folder()).skip(dots.saturating_sub(1)).take(if dots > 0 { 1 } else { usize::MAX });
    let mut paths = folders.flat_map(|at| ["", "/__init__"].map(|end| inside(at, &format!("{inner}{end}.py"))));
    paths.find_map(|path| corpus.file(&path)).is_some_and(|found| {
        let text = found.text();
        text.contains("environ") && text.lines().any(|line| line.replace(' ', "").starts_with("env="))
    })
}
