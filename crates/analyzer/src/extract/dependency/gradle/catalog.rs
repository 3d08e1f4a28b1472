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

/// One catalog, by the names that builds use.
pub(super) struct Catalog<'c> {
    file: &'c SourceFile,
    libraries: BTreeMap<String, &'c KeyValue>,
    bundles: BTreeMap<String, &'c Node>,
    versions: BTreeMap<&'c str, &'c Node>,
}

/// All catalogs of the tree by their paths.
pub(super) fn all(corpus: &Corpus) -> BTreeMap<&str, Catalog<'_>> {
    let files = corpus.application().filter(|file| file.name() == "libs.versions.toml");
    files.map(|file| (file.path.as_str(), Catalog::of(file))).collect()
}

/// The catalog named `libs` that counts for a folder: the nearest above it.
pub(super) fn nearest<'a, 'c>(catalogs: &'a BTreeMap<&str, Catalog<'c>>, folder: &str) -> Option<&'a Catalog<'c>> {
    upwards(folder).find_map(|at| catalogs.get(inside(at, "gradle/libs.versions.toml").as_str()))
}

impl<'c> Catalog<'c> {
    fn of(file: &'c SourceFile) -> Self {
        let table = |name: &str| file.document().root().get(name).map(Node::entries).unwrap_or_default();
        Self {
            file,
            libraries: table("libraries").iter().map(|entry| (dotted(&entry.key), entry)).collect(),
            bundles: table("bundles").iter().map(|entry| (dotted(&entry.key), &entry.value)).collect(),
            versions: table("versions").iter().map(|entry| (entry.key.as_str(), &entry.value)).collect(),
        }
    }

    /// The libraries that `libs.a.b` or `libs.bundles.a` means.
    pub(super) fn libraries(&self, accessor: &str) -> Vec<Library> {
        let Some(alias) = accessor.strip_prefix("libs.") else { return Vec::new() };
        let alias = alias.strip_suffix(".get").unwrap_or(alias);
        let Some(bundle) = alias.strip_prefix("bundles.") else {
            return self.library(alias).into_iter().collect();
        };
        let members = self.bundles.get(bundle).map(|members| members.items()).unwrap_or_default();
        members.iter().filter_map(Node::as_str).filter_map(|member| self.library(&dotted(member))).collect()
    }

    fn library(&self, alias: &str) -> Option<Library> {
        let entry = self.libraries.get(alias)?;
        let evidence = self.file.lines(entry.line, entry.value.end_line);
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
        let version = entry.value.get("version").and_then(|version| self.version(version));
        Some(Library { name, version, evidence })
    }

    fn version(&self, version: &Node) -> Option<String> {
        let rich = |node: &Node| {
            let keys = ["strictly", "require", "prefer"];
            keys.iter().find_map(|key| node.get(key)?.as_str().map(str::to_owned))
        };
        if let Some(version) = version.as_str() {
            return Some(version.to_owned());
        }
        let Some(reference) = version.get("ref").and_then(Node::as_str) else { return rich(version) };
        let kept = *self.versions.get(reference)?;
        kept.as_str().map(str::to_owned).or_else(|| rich(kept))
    }
}

/// `spring-boot_web` is called `spring.boot.web`.
fn dotted(alias: &str) -> String {
    alias.replace(['-', '_'], ".")
}
