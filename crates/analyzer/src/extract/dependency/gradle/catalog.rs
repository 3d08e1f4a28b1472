//! Version catalogs (`gradle/libs.versions.toml`): libraries by their alias, and bundles of them.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;

use crate::tree::corpus::Corpus;
use crate::tree::document::{KeyValue, Node};
use crate::tree::file::SourceFile;
use crate::tree::path::{inside, upwards};

/// A library of a catalog.
pub(super) struct Library {
    /// `group:artifact`
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) evidence: Evidence,
}

/// The catalog named `libs` that counts for a folder: the nearest above it.
pub(super) fn of<'c>(corpus: &'c Corpus, folder: &str) -> Option<&'c SourceFile> {
    upwards(folder).find_map(|at| corpus.file(&inside(at, "gradle/libs.versions.toml")))
}

/// The libraries that `libs.a.b` or `libs.bundles.a` means.
pub(super) fn libraries(file: &SourceFile, accessor: &str) -> Vec<Library> {
    let root = file.document().root();
    let Some(alias) = accessor.strip_prefix("libs.") else { return Vec::new() };
    let alias = alias.strip_suffix(".get").unwrap_or(alias);
    let entries = root.get("libraries").map(Node::entries).unwrap_or_default();
    let by_alias: BTreeMap<String, &KeyValue> = entries.iter().map(|entry| (dotted(&entry.key), entry)).collect();
    let Some(bundle) = alias.strip_prefix("bundles.") else {
        return by_alias.get(alias).and_then(|entry| library(file, entry)).into_iter().collect();
    };
    let bundles = root.get("bundles").map(Node::entries).unwrap_or_default();
    let members = bundles.iter().find(|entry| dotted(&entry.key) == bundle).map(|entry| entry.value.items());
    let members = members.unwrap_or_default().iter().filter_map(Node::as_str);
    members.filter_map(|member| library(file, by_alias.get(&dotted(member))?)).collect()
}

/// `spring-boot_web` is called `spring.boot.web`.
fn dotted(alias: &str) -> String {
    alias.replace(['-', '_'], ".")
}

fn library(file: &SourceFile, entry: &KeyValue) -> Option<Library> {
    let evidence = file.lines(entry.line, entry.value.end_line);
    if let Some(short) = entry.value.as_str() {
        let mut parts = short.split(':');
        let name = format!("{}:{}", parts.next()?, parts.next()?);
        return Some(Library { name, version: parts.next().map(str::to_owned), evidence });
    }
    let text = |key: &str| entry.value.get(key).and_then(Node::as_str).map(str::to_owned);
    let name = match text("module") {
        Some(module) => module,
        None => format!("{}:{}", text("group")?, text("name")?),
    };
    let version = entry.value.get("version").and_then(|version| match version.as_str() {
        Some(version) => Some(version.to_owned()),
        None => {
            let rich = |node: &Node| {
                ["strictly", "require", "prefer"].iter().find_map(|key| node.get(key)?.as_str().map(str::to_owned))
            };
            match version.get("ref").and_then(Node::as_str) {
                Some(reference) => {
                    let kept = file.document().root().at(&["versions", reference])?;
                    kept.as_str().map(str::to_owned).or_else(|| rich(kept))
                }
                None => rich(version),
            }
        }
    });
    Some(Library { name, version, evidence })
}
