//! Python settings that are split over files: `env = environ.Env()` in one of them, `from .base import *` or
//! `from .base import env` in the others, which read variables through it without naming the package.

use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

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
    let mut folder = file.folder();
    let inner = module.trim_start_matches('.').replace('.', "/");
    for _ in 1..dots {
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
    loop {
        let stem = if folder.is_empty() { inner.clone() } else { format!("{folder}/{inner}") };
        for path in [format!("{stem}.py"), format!("{stem}/__init__.py")] {
            if let Some(found) = corpus.file(&path) {
                let text = found.text();
                return text.contains("environ") && text.lines().any(|line| line.replace(' ', "").starts_with("env="));
            }
        }
        // What is not relative starts at a folder around.
        if dots > 0 || folder.is_empty() {
            return false;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}
