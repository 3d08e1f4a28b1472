//! Which file an import of Python means: absolute and relative names, packages, `src` layouts, and programs that start in a
//! folder of the repository.

use std::collections::{BTreeSet, HashMap};

use crate::tree::corpus::Corpus;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;
use crate::tree::path::{folder_of, inside, resolve, upwards};

/// The file of a module, or the folder of a package without one (with a slash at its end).
pub(crate) fn file_of(corpus: &Corpus, importer: &str, from: &str) -> Option<String> {
    let dots = from.len() - from.trim_start_matches('.').len();
    let rest = from[dots..].replace('.', "/");
    if dots > 0 {
        let base = upwards(folder_of(importer)).nth(dots - 1)?;
        if rest.is_empty() {
            return package(corpus, base).or_else(|| Some(format!("{base}/")));
        }
        return at(corpus, &inside(base, &rest));
    }
    // Programs are started outside of packages, so a folder that is a package is the last choice.
    let mut bases: Vec<&str> = upwards(folder_of(importer)).collect();
    bases.sort_by_key(|base| package(corpus, base).is_some());
    let found = bases.iter().find_map(|base| {
        let source = inside(base, "src");
        at(corpus, &inside(base, &rest)).or_else(|| at(corpus, &inside(&source, &rest)))
    });
    found.or_else(|| at(corpus, &inside(member_of(corpus, &rest)?, &rest)))
}

/// The folder in which a project of the tree keeps the package that a path starts with: a workspace (of uv, hatch, poetry)
/// installs its members beside each other. A name that several have says nothing.
pub(crate) fn member_of<'c>(corpus: &'c Corpus, path: &str) -> Option<&'c str> {
    let top = path.split('/').next().unwrap_or(path);
    match corpus.python_members(members).get(top).map(Vec::as_slice) {
        Some([only]) => Some(only),
        _ => None,
    }
}

fn members(corpus: &Corpus) -> HashMap<String, Vec<String>> {
    let mut out: HashMap<String, Vec<String>> = HashMap::new();
    let is_project = |file: &&SourceFile| matches!(file.name(), "pyproject.toml" | "setup.py" | "setup.cfg");
    let projects: BTreeSet<&str> = corpus.application().filter(is_project).map(SourceFile::folder).collect();
    for project in projects.into_iter().filter(|project| !project.is_empty()) {
        let mut bases: BTreeSet<String> = [project.to_owned(), inside(project, "src"), inside(project, "lib")].into();
        if let Some(manifest) = corpus.file(&inside(project, "pyproject.toml")) {
            bases.extend(declared(manifest).iter().filter_map(|folder| resolve(project, folder)));
        }
        for base in bases {
            let below = corpus.below(&base).filter(|file| file.path.ends_with(".py"));
            let tops: BTreeSet<&str> = below
                .filter_map(|file| file.path[base.len() + 1..].split('/').next())
                .map(|top| top.trim_end_matches(".py"))
                .collect();
            for top in tops {
                out.entry(top.to_owned()).or_default().push(base.clone());
            }
        }
    }
    out
}

/// The folders that a manifest says its packages are in: poetry's `from`, hatch's and setuptools' own lists.
fn declared(manifest: &SourceFile) -> Vec<String> {
    let root = manifest.document().root();
    let mut out = Vec::new();
    for package in root.at(&["tool", "poetry", "packages"]).map(Node::items).unwrap_or_default() {
        out.extend(package.get("from").and_then(Node::as_str).map(str::to_owned));
    }
    for package in
        root.at(&["tool", "hatch", "build", "targets", "wheel", "packages"]).map(Node::items).unwrap_or_default()
    {
        out.extend(package.as_str().map(|package| folder_of(package).to_owned()));
    }
    for folder in root.at(&["tool", "setuptools", "packages", "find", "where"]).map(Node::items).unwrap_or_default() {
        out.extend(folder.as_str().map(str::to_owned));
    }
    out
}

fn package(corpus: &Corpus, folder: &str) -> Option<String> {
    let init = inside(folder, "__init__.py");
    corpus.file(&init).is_some().then_some(init)
}

/// The same of a module below a folder.
pub(crate) fn at(corpus: &Corpus, path: &str) -> Option<String> {
    let file = format!("{path}.py");
    if let Some(package) = package(corpus, path) {
        return Some(package);
    }
    if corpus.file(&file).is_some() {
        return Some(file);
    }
    let inside = format!("{path}/");
    let files = corpus.files();
    let first = files.partition_point(|file| file.path.as_str() < inside.as_str());
    let mut below = files[first..].iter().take_while(|file| file.path.starts_with(&inside));
    below.any(|file| file.path.ends_with(".py")).then_some(inside)
}
