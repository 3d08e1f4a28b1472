//! What the application's code imports, compiles or lists as installed is application code, whatever its folder or file is
//! called: the class that a path suggests is a guess, and these are evidence. Refuses what tools and package managers
//! wrote, what comes with a licence of its own, and what uses a test framework.

mod csharp;
mod go;
mod guard;
mod names;
mod php;
mod python;
mod ruby;
mod rust;
mod script;

use std::collections::BTreeSet;

use super::classify;
use super::corpus::Corpus;
use super::deal;
use super::file::{PathClass, SourceFile};
use crate::syntax::grammar::{Family, Language};
use guard::Guard;

/// A file that another one leads to.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    path: String,
    /// Named in a list of what is installed: also what comes with a licence of its own belongs to the application.
    is_installed: bool,
}

impl Edge {
    fn import(path: impl Into<String>) -> Self {
        Self { path: path.into(), is_installed: false }
    }
}

/// Finds what a file of one family leads to.
trait Edges: Send + Sync {
    fn of(&self, corpus: &Corpus, file: &SourceFile) -> Vec<Edge>;
}

/// Give the files that the application reaches the class of the application, and note somebody else's that it imports.
pub(super) fn raise(corpus: &mut Corpus) {
    let (mut raised, mut foreign) = (Vec::new(), BTreeSet::new());
    for family in Family::ALL {
        raised.extend(reached(corpus, family, &mut foreign));
    }
    corpus.belong_to_application(raised);
    corpus.import_foreign(foreign);
}

/// Whether a file is a program of the family.
fn is_of(file: &SourceFile, family: Family) -> bool {
    Language::of_path(&file.path).is_some_and(|language| language.family() == family)
}

/// The files of a family that are the application's though their paths say otherwise; `foreign` gets those of others that
/// these and it import.
fn reached(corpus: &Corpus, family: Family, foreign: &mut BTreeSet<String>) -> BTreeSet<String> {
    let mut raised = BTreeSet::new();
    let guard = Guard::of(corpus);
    let of_family = || corpus.files().iter().filter(|file| is_of(file, family));
    let candidates: Vec<&SourceFile> = of_family().filter(|file| guard.is_candidate(file)).collect();
    if candidates.is_empty() {
        return raised;
    }
    let edges = match family {
        Family::Script => script::edges(corpus, &candidates),
        Family::Python => python::edges(&candidates),
        Family::Go => go::edges(corpus),
        Family::Rust => rust::edges(corpus),
        Family::Ruby => Box::new(ruby::Requires),
        Family::Java => names::edges(&candidates, '.'),
        Family::Php => names::edges(&candidates, '\\'),
        Family::CSharp => {
            raised.extend(csharp::compiled(corpus, &candidates));
            return raised;
        }
    };
    if family == Family::Php {
        raised.extend(php::autoloaded(corpus, &candidates));
    }
    let is_application = |file: &&SourceFile| file.class == PathClass::Application && !guard::is_tooling(&file.path);
    let mut open: Vec<&SourceFile> = of_family().filter(is_application).collect();
    open.extend(raised.iter().filter_map(|path| corpus.file(path)));
    // Each file is read once: the waves end with the candidates.
    while !open.is_empty() {
        let found = deal::map(open, |file| (file, edges.of(corpus, file)));
        let mut next = BTreeSet::new();
        for (from, edge) in found.iter().flat_map(|(from, edges)| edges.iter().map(move |edge| (from, edge))) {
            let Some(to) = corpus.file(&edge.path).filter(|to| !raised.contains(&to.path)) else { continue };
            if !guard.is_candidate(to) || !guard::may_be_raised(to) {
                continue;
            }
            if edge.is_installed || guard.is_own(from, to) {
                next.insert(&to.path);
            } else {
                foreign.insert(to.path.clone());
            }
        }
        open = next.iter().filter_map(|path| corpus.file(path)).collect();
        raised.extend(next.into_iter().cloned());
    }
    let manifests: BTreeSet<String> = raised.iter().filter_map(|path| manifest_of(corpus, family, path)).collect();
    raised.extend(manifests);
    raised
}

/// The manifest of the package that a raised file stands in, if its own path makes it no application's.
fn manifest_of(corpus: &Corpus, family: Family, path: &str) -> Option<String> {
    let name = match family {
        Family::Script => "package.json",
        Family::Rust => "Cargo.toml",
        _ => return None,
    };
    let nearest = super::path::ancestors(path).find_map(|folder| corpus.file(&format!("{folder}/{name}")))?;
    (nearest.class != PathClass::Application).then(|| nearest.path.clone())
}

/// What a file below a folder is, seen from that folder.
fn class_below(file: &SourceFile, folder: &str) -> PathClass {
    let rest = file.path.strip_prefix(folder).unwrap_or(&file.path);
    classify::classify(rest.trim_start_matches('/'), file.bytes())
}

/// The texts in quotes of a line, with what stands before each.
fn quoted(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let open = at + line.get(at..)?.find(['"', '\'', '`'])?;
        let quote = line[open..].chars().next()?;
        let close = open + 1 + line[open + 1..].find(quote)?;
        let before = &line[at..open];
        at = close + 1;
        Some((before, &line[open + 1..close]))
    })
}
