//! The modules of Rust programs, and the packages that their manifests depend on by path.

use std::collections::BTreeMap;

use super::super::corpus::Corpus;
use super::super::file::{PathClass, SourceFile};
use super::super::path::{folder_of, inside, resolve, upwards};
use super::{Edge, Edges};

/// The tables of what a package itself needs.
const NEEDED: [&[&str]; 2] = [&["dependencies"], &["workspace", "dependencies"]];

/// What leads from a file to others of the tree.
pub(super) fn edges(corpus: &Corpus) -> Box<dyn Edges> {
    Box::new(Modules::of(corpus))
}

struct Modules {
    /// By the folder of the package: the roots of the libraries that it needs by path.
    needed: BTreeMap<String, Vec<String>>,
}

impl Modules {
    fn of(corpus: &Corpus) -> Self {
        let mut needed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for file in corpus.files().iter().filter(|file| file.name() == "Cargo.toml") {
            let root = file.document().root();
            for entry in NEEDED.iter().flat_map(|table| root.at(table).map(|table| table.entries()).unwrap_or_default())
            {
                let path = entry.value.get("path").and_then(|path| path.as_str());
                let Some(folder) = path.and_then(|path| resolve(file.folder(), path)) else { continue };
                let manifest = corpus.file(&inside(&folder, "Cargo.toml"));
                let library = manifest.and_then(|file| file.document().root().at(&["lib", "path"])?.as_str());
                needed
                    .entry(file.folder().to_owned())
                    .or_default()
                    .push(inside(&folder, library.unwrap_or("src/lib.rs")));
            }
        }
        Self { needed }
    }
}

impl Edges for Modules {
    fn of(&self, corpus: &Corpus, file: &SourceFile) -> Vec<Edge> {
        let mut out = Vec::new();
        let package = upwards(file.folder()).find(|folder| corpus.has_path(&inside(folder, "Cargo.toml")));
        let own = package.and_then(|package| corpus.file(&inside(package, "Cargo.toml")));
        // What an example needs, the application does not.
        let is_reached =
            own.is_some_and(|own| own.class == PathClass::Application) || file.class != PathClass::Application;
        if let Some(needed) = package.filter(|_| is_reached).and_then(|package| self.needed.get(package)) {
            out.extend(needed.iter().map(Edge::import));
        }
        let text = file.text();
        let (mut is_for_tests, mut path) = (false, None);
        for line in text.lines().map(str::trim) {
            if let Some(attribute) = line.strip_prefix("#[") {
                is_for_tests |= attribute.starts_with("cfg") && attribute.contains("test");
                path = attribute.strip_prefix("path").and_then(|rest| rest.split('"').nth(1)).or(path);
                continue;
            }
            if let Some(name) = module_of(line).filter(|_| !is_for_tests) {
                let places = match path {
                    Some(path) => resolve(file.folder(), path).into_iter().collect(),
                    None => places(&file.path, name),
                };
                out.extend(places.into_iter().filter(|path| corpus.file(path).is_some()).map(Edge::import));
            }
            if !line.starts_with("//") {
                (is_for_tests, path) = (false, None);
            }
        }
        out
    }
}

/// The module that `mod name;` declares.
fn module_of(line: &str) -> Option<&str> {
    let line = match line.strip_prefix("pub") {
        Some(rest) => {
            rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest)
        }
        None => line,
    };
    let name = line.trim_start().strip_prefix("mod ")?.split(';').next()?.trim();
    (line.contains(';') && name.chars().all(|c| c.is_alphanumeric() || c == '_')).then_some(name)
}

fn places(path: &str, name: &str) -> Vec<String> {
    let folder = folder_of(path);
    let file = path.rsplit('/').next().unwrap_or(path);
    let is_root = matches!(file, "mod.rs" | "lib.rs" | "main.rs") || folder.ends_with("src/bin");
    let base = if is_root { folder } else { path.trim_end_matches(".rs") };
    vec![inside(base, &format!("{name}.rs")), inside(base, &format!("{name}/mod.rs"))]
}
