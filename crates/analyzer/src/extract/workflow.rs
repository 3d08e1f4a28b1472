//! `workflow` facts: what GitHub Actions and GitLab CI run by themselves, with the events that start it.

use ci_feed_dossier::fact::FactKind;

use crate::fact::{Fact, Found};
use crate::tree::corpus::Corpus;
use crate::tree::document::{DocumentValue, Node};
use crate::tree::file::SourceFile;

/// Every workflow.
pub(crate) fn extract(corpus: &Corpus) -> Found {
    let mut found = Found::default();
    for file in corpus.application() {
        let yaml = file.path.ends_with(".yml") || file.path.ends_with(".yaml");
        if file.folder() == ".github/workflows" && yaml {
            github(file, &mut found);
        } else if file.path == ".gitlab-ci.yml" {
            gitlab(file, &mut found);
        }
    }
    found
}

fn github(file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    let Some(jobs) = root.entry("jobs") else { return };
    let anchor = root.entry("name").map_or(jobs.line, |name| name.line);
    let events = root.get("on").map(events).unwrap_or_default();
    let fact = Fact::evidenced(FactKind::Workflow, format!("github {}", file.path), file.lines(anchor, anchor))
        .with("jobs", names(&jobs.value))
        .with("events", events)
        .with("name", root.get("name").and_then(Node::scalar));
    found.facts.push(fact);
}

fn gitlab(file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    let jobs: Vec<_> = root.entries().iter().filter(|entry| entry.value.get("script").is_some()).collect();
    let Some(first) = jobs.first() else { return };
    let names: Vec<String> = jobs.iter().map(|entry| entry.key.clone()).collect();
    let fact = Fact::evidenced(FactKind::Workflow, format!("gitlab {}", file.path), file.lines(first.line, first.line));
    found.facts.push(fact.with("jobs", names));
}

/// `on: push`, `on: [push]` and `on: {push: ...}` say the same.
fn events(on: &Node) -> Vec<String> {
    match &on.value {
        DocumentValue::Map(_) => names(on),
        DocumentValue::List(items) => items.iter().filter_map(Node::scalar).collect(),
        _ => on.scalar().into_iter().collect(),
    }
}

fn names(map: &Node) -> Vec<String> {
    map.entries().iter().map(|entry| entry.key.clone()).collect()
}
