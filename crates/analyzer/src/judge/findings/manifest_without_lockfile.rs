//! Manifests of programs whose dependencies no lock file pins.

use crate::extract::command::node;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

use super::{Hit, Input, Level, Rule, RuleText};

pub(super) const RULE: Rule = Rule {
    text: RuleText {
        id: "manifest-without-lockfile",
        level: Level::Note,
        short: "A manifest names dependencies, but no lock file pins them.",
        what: "A `package.json`, `Cargo.toml` of a program, `pyproject.toml` of Poetry, `Pipfile` or `go.mod` names \
dependencies, and neither its folder nor one above holds the lock file of its package manager.",
        why: "Two installations of the same commit can get different versions, so that what was tested is not what runs.",
        fix: "Commit the lock file that the package manager writes. A library that is tested against a range of versions \
may go without.",
    },
    find,
};

fn find(input: &Input<'_>, hits: &mut Vec<Hit>) {
    for file in input.corpus.application() {
        if needs_lock(input.corpus, file).is_some_and(|locks| !is_locked(input.corpus, file, &locks)) {
            hits.push(Hit {
                key: file.path.clone(),
                level: None,
                message: format!("`{}` names dependencies, but no lock file pins them", file.path),
                evidence: vec![file.exists()],
            });
        }
    }
}

/// The names of the lock files that would do; `None` when the file needs none.
fn needs_lock(corpus: &Corpus, file: &SourceFile) -> Option<Vec<&'static str>> {
    let root = || file.document().root();
    let (needed, locks) = match file.name() {
        "package.json" => (root().get("dependencies").is_some(), node::LOCKS.map(|(lock, _)| lock).to_vec()),
        // A library need not pin; a package with a program should.
        "Cargo.toml" => {
            let is_program = root().get("bin").is_some() || corpus.has_path(&format!("{}src/main.rs", prefix(file)));
            (is_program, vec!["Cargo.lock"])
        }
        "pyproject.toml" => {
            let is_poetry = root().at(&["tool", "poetry", "dependencies"]).is_some();
            (is_poetry, vec!["poetry.lock", "uv.lock", "pdm.lock"])
        }
        "Pipfile" => (true, vec!["Pipfile.lock"]),
        "go.mod" => (file.text().lines().any(|line| line.starts_with("require")), vec!["go.sum"]),
        _ => (false, Vec::new()),
    };
    needed.then_some(locks)
}

/// Whether a lock lies beside the manifest or above it.
fn is_locked(corpus: &Corpus, file: &SourceFile, locks: &[&str]) -> bool {
    let upwards = std::iter::successors(Some(file.folder()), |at| {
        (!at.is_empty()).then(|| at.rsplit_once('/').map_or("", |(parent, _)| parent))
    });
    upwards.into_iter().any(|folder| {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        locks.iter().any(|lock| corpus.has_path(&format!("{prefix}{lock}")))
    })
}

fn prefix(file: &SourceFile) -> String {
    if file.folder().is_empty() { String::new() } else { format!("{}/", file.folder()) }
}
