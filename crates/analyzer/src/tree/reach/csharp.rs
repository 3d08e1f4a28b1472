//! What the projects of .NET compile: every file below a project's folder, whatever its name, and the projects that the
//! application's reference.

use std::collections::BTreeSet;

use super::super::corpus::Corpus;
use super::super::file::{PathClass, SourceFile};
use super::super::path::{folder_of, is_below, resolve};
use super::guard::may_be_raised;
use crate::lang::csharp::project::{Projects, is_project};

/// The candidates that a project of the application compiles.
pub(super) fn compiled(corpus: &Corpus, candidates: &[&SourceFile]) -> BTreeSet<String> {
    let projects = Projects::read(corpus);
    let own = corpus.application().filter(|file| is_project(file.name())).map(SourceFile::folder);
    let is_test = |folder: &str| projects.at(folder).is_some_and(|project| project.is_test());
    let reached: BTreeSet<&str> =
        own.filter(|folder| !is_test(folder)).flat_map(|folder| projects.reached(folder)).collect();
    let mut out = BTreeSet::new();
    for folder in reached.into_iter().filter(|folder| !is_test(folder)) {
        let project = corpus.files().iter().find(|file| file.folder() == folder && is_project(file.name()));
        let Some(project) = project else { continue };
        let takes = Takes::of(project);
        let here = candidates.iter().filter(|file| is_below(&file.path, folder) && projects.folder_of(file) == folder);
        let is_own =
            |file: &&&SourceFile| file.class != PathClass::Vendored && takes.file(&file.path) && may_be_raised(file);
        let here: Vec<_> = here.filter(is_own).collect();
        if !here.is_empty() && project.class != PathClass::Application {
            out.insert(project.path.clone());
        }
        out.extend(here.into_iter().map(|file| file.path.clone()));
    }
    out
}

/// Which files a project takes: those it lists, or all but those it removes.
struct Takes {
    is_all: bool,
    listed: Vec<String>,
    removed: Vec<String>,
}

impl Takes {
    fn of(project: &SourceFile) -> Self {
        let text = project.text();
        let paths = |attribute: &str| -> Vec<String> {
            let found = text.split("<Compile ").skip(1).filter_map(|element| element.split_once(attribute));
            let found = found.filter_map(|(_, rest)| rest.split('"').next()).flat_map(|paths| paths.split(';'));
            found.filter_map(|path| resolve(project.folder(), &path.trim().replace('\\', "/"))).collect()
        };
        let is_all = text.contains("Sdk=\"") && !text.contains("<EnableDefaultCompileItems>false");
        Self { is_all, listed: paths("Include=\""), removed: paths("Remove=\"") }
    }

    fn file(&self, path: &str) -> bool {
        let names = |pattern: &String| match pattern.split_once('*') {
            Some((start, _)) => path.starts_with(start),
            None => path == pattern || is_below(path, pattern),
        };
        let is_listed = self
            .listed
            .iter()
            .any(|pattern| path == pattern || folder_of(pattern) == folder_of(path) && names(pattern));
        is_listed || (self.is_all && !self.removed.iter().any(names))
    }
}
