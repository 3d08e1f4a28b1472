//! Scripts and tasks of `pyproject.toml`: console scripts, Poetry, PDM, Hatch, taskipy, poe.

use crate::fact::Found;
use crate::tree::document::{KeyValue, Node};
use crate::tree::file::SourceFile;

use super::{Command, kind};

/// Where tasks stand, what calls them, and who that is.
const TABLES: &[(&[&str], &str, &str)] = &[
    (&["project", "scripts"], "", "python"),
    (&["tool", "poetry", "scripts"], "poetry run ", "poetry"),
    (&["tool", "pdm", "scripts"], "pdm run ", "pdm"),
    (&["tool", "taskipy", "tasks"], "task ", "taskipy"),
    (&["tool", "poe", "tasks"], "poe ", "poe"),
];

pub(super) fn extract(file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    for (path, call, manager) in TABLES {
        for entry in root.at(path).map(Node::entries).unwrap_or_default() {
            push(file, entry, format!("{call}{}", entry.key), manager, found);
        }
    }
    for environment in root.at(&["tool", "hatch", "envs"]).map(Node::entries).unwrap_or_default() {
        let prefix = if environment.key == "default" { String::new() } else { format!("{}:", environment.key) };
        for entry in environment.value.get("scripts").map(Node::entries).unwrap_or_default() {
            push(file, entry, format!("hatch run {prefix}{}", entry.key), "hatch", found);
        }
    }
}

fn push(file: &SourceFile, entry: &KeyValue, line: String, manager: &str, found: &mut Found) {
    // PDM and poe keep shared settings under names that start with `_`.
    if entry.key.starts_with('_') {
        return;
    }
    let command = Command { kind: kind::of(&entry.key), line, manager, cwd: file.folder() };
    let runs = entry
        .value
        .scalar()
        .or_else(|| entry.value.get("cmd")?.scalar())
        .or_else(|| entry.value.get("shell")?.scalar());
    let fact = command.fact(file.lines(entry.line, entry.value.end_line)).with("script", entry.key.as_str());
    found.facts.push(match runs {
        Some(runs) => fact.with("runs", runs),
        None => fact,
    });
}
