//! Dependencies of `Cargo.toml`: all sections, targets, renamed packages, and requirements kept in the workspace.

use ci_feed_dossier::evidence::Evidence;

use crate::fact::Found;
use crate::tree::corpus::Corpus;
use crate::tree::document::{KeyValue, Node};
use crate::tree::file::SourceFile;
use crate::tree::path::{inside, upwards};

use super::lock::Locks;
use super::{Dependency, locked};

const SECTIONS: &[(&str, &str)] = &[
    ("dependencies", "runtime"),
    ("dev-dependencies", "dev"),
    ("dev_dependencies", "dev"),
    ("build-dependencies", "build"),
    ("build_dependencies", "build"),
];

pub(super) fn extract(corpus: &Corpus, locks: &Locks<'_>, file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    let mut tables: Vec<(&Node, &str, Option<&str>)> = Vec::new();
    for (section, scope) in SECTIONS {
        tables.extend(root.get(section).map(|table| (table, *scope, None)));
        for target in root.get("target").map(Node::entries).unwrap_or_default() {
            tables.extend(target.value.get(section).map(|table| (table, *scope, Some(target.key.as_str()))));
        }
    }
    tables.extend(root.at(&["workspace", "dependencies"]).map(|table| (table, "workspace", None)));
    for (table, scope, target) in tables {
        for entry in table.entries() {
            let shared = shared(corpus, file, entry);
            let settings = shared.as_ref().map_or(&entry.value, |(shared, _)| &shared.value);
            let name = settings.get("package").and_then(Node::as_str).unwrap_or(&entry.key);
            let requirement = settings.as_str().or_else(|| settings.get("version")?.as_str());
            let dependency = Dependency {
                ecosystem: "cargo",
                name,
                scope,
                requirement: requirement.map(str::to_owned),
                evidence: file.lines(entry.line, entry.value.end_line),
            };
            let mut fact = dependency.fact(file);
            fact.evidence.extend(shared.as_ref().map(|(_, evidence)| evidence.clone()));
            for source in ["path", "git"] {
                if let Some(place) = settings.get(source).and_then(Node::as_str) {
                    fact = fact.with(source, place);
                }
            }
            if name != entry.key {
                fact = fact.with("renamed_to", entry.key.as_str());
            }
            if let Some(target) = target {
                fact = fact.with("target", target);
            }
            if entry.value.get("optional").is_some_and(Node::is_true) {
                fact = fact.with("optional", true);
            }
            let pin = locks.cargo(file.folder(), name, requirement);
            found.facts.push(locked(fact, pin));
        }
    }
}

/// For `name.workspace = true` the entry of the workspace that it stands for.
fn shared<'c>(corpus: &'c Corpus, file: &SourceFile, entry: &KeyValue) -> Option<(&'c KeyValue, Evidence)> {
    if !entry.value.get("workspace").is_some_and(Node::is_true) {
        return None;
    }
    upwards(file.folder()).find_map(|at| {
        let manifest = corpus.file(&inside(at, "Cargo.toml"))?;
        let shared = manifest.document().root().entry_at(&["workspace", "dependencies", &entry.key])?;
        Some((shared, manifest.lines(shared.line, shared.value.end_line)))
    })
}
