//! Dependencies of `pyproject.toml` (PEP 621, dependency groups, Poetry, uv) and of a Pipfile.

use crate::fact::{Fact, Found};
use crate::tree::document::{KeyValue, Node};
use crate::tree::file::SourceFile;

use super::lock::Locks;
use super::{Dependency, locked, pep508};

pub(super) fn extract(locks: &Locks<'_>, file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    list(locks, file, root.at(&["project", "dependencies"]), "runtime", found);
    for extra in root.at(&["project", "optional-dependencies"]).map(Node::entries).unwrap_or_default() {
        list(locks, file, Some(&extra.value), "optional", found);
    }
    for group in root.get("dependency-groups").map(Node::entries).unwrap_or_default() {
        list(locks, file, Some(&group.value), "dev", found);
    }
    list(locks, file, root.at(&["tool", "uv", "dev-dependencies"]), "dev", found);
    for group in root.at(&["tool", "pdm", "dev-dependencies"]).map(Node::entries).unwrap_or_default() {
        list(locks, file, Some(&group.value), "dev", found);
    }
    table(locks, file, root.at(&["tool", "poetry", "dependencies"]), "runtime", found);
    table(locks, file, root.at(&["tool", "poetry", "dev-dependencies"]), "dev", found);
    for group in root.at(&["tool", "poetry", "group"]).map(Node::entries).unwrap_or_default() {
        let scope = if group.key == "main" { "runtime" } else { "dev" };
        table(locks, file, group.value.get("dependencies"), scope, found);
    }
}

pub(super) fn pipfile(locks: &Locks<'_>, file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    table(locks, file, root.get("packages"), "runtime", found);
    table(locks, file, root.get("dev-packages"), "dev", found);
}

/// A list of PEP 508 lines; `{include-group = ...}` is no dependency itself.
fn list(locks: &Locks<'_>, file: &SourceFile, items: Option<&Node>, scope: &str, found: &mut Found) {
    for item in items.map(Node::items).unwrap_or_default() {
        let lines = (item.start_line, item.end_line);
        found.facts.extend(item.as_str().and_then(|line| requirement(locks, file, line, scope, lines)));
    }
}

/// A PEP 508 line of a manifest.
pub(super) fn requirement(
    locks: &Locks<'_>,
    file: &SourceFile,
    line: &str,
    scope: &str,
    (start, end): (u32, u32),
) -> Option<Fact> {
    let requirement = pep508::parse(line)?;
    let dependency = Dependency {
        ecosystem: "pypi",
        name: &requirement.name,
        scope,
        requirement: requirement.specifier,
        evidence: file.lines(start, end),
    };
    let mut fact = dependency.fact(file);
    if let Some(marker) = requirement.marker {
        fact = fact.with("marker", marker);
    }
    Some(locked(fact, locks.pin("python", file.folder(), &requirement.name)))
}

/// A table of names and versions; `python` is the interpreter, not a package.
fn table(locks: &Locks<'_>, file: &SourceFile, table: Option<&Node>, scope: &str, found: &mut Found) {
    for KeyValue { key, line, value } in table.map(Node::entries).unwrap_or_default() {
        if key == "python" {
            continue;
        }
        let name = pep508::normalise(key);
        let scope = if value.get("optional").is_some_and(Node::is_true) { "optional" } else { scope };
        // Several constraints for several platforms stand in a list.
        let settings = value.items().first().unwrap_or(value);
        let requirement = settings.as_str().or_else(|| settings.get("version")?.as_str());
        let dependency = Dependency {
            ecosystem: "pypi",
            name: &name,
            scope,
            requirement: requirement.map(str::to_owned),
            evidence: file.lines(*line, value.end_line),
        };
        let mut fact = dependency.fact(file);
        for source in ["path", "git", "url"] {
            if let Some(place) = settings.get(source).and_then(Node::as_str) {
                fact = fact.with(source, place);
            }
        }
        found.facts.push(locked(fact, locks.pin("python", file.folder(), &name)));
    }
}
