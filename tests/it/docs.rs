//! What is written stays true: links lead somewhere, and each acceptance criterion names tests that exist.

mod named;

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn documents() -> Vec<PathBuf> {
    let (mut documents, mut folders) = (vec![root().join("tests/acceptance.md")], vec![root().join("docs")]);
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let (below, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
        folders.extend(below);
        documents.extend(files);
    }
    documents.extend(std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()));
    documents.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    documents.sort();
    assert!(documents.len() >= 20, "{documents:?}");
    documents
}

/// Those that speak of the present.
fn current_documents() -> Vec<PathBuf> {
    let is_past = |path: &Path| path.ends_with("CHANGELOG.md") || path.starts_with(root().join("docs/history"));
    documents().into_iter().filter(|path| !is_past(path)).collect()
}

/// The anchors that the forge gives to a document's headings.
fn anchors(text: &str) -> Vec<String> {
    let anchor = |heading: &str| -> String {
        let kept = heading.trim().to_lowercase();
        kept.chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    };
    text.lines().filter(|line| line.starts_with('#')).map(|line| anchor(line.trim_start_matches('#'))).collect()
}

/// Targets of `](...)`, code blocks apart.
fn links(text: &str) -> Vec<String> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if !in_code {
            found.extend(line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())));
        }
    }
    found
}

#[test]
fn every_relative_link_in_the_documentation_leads_to_a_file() {
    let mut dead = Vec::new();
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for link in links(&text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            let has_anchor = || anchors(&std::fs::read_to_string(&target).unwrap()).iter().any(|one| one == anchor);
            if !target.exists() || !(anchor.is_empty() || has_anchor()) {
                dead.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn the_set_up_document_names_everything_that_github_asks_for() {
    let text = read("docs/webhook-setup.md");
    for needed in [
        "/api/webhooks/github",
        "application/json",
        "GITHUB_WEBHOOK_SECRET",
        "Pushes",
        "Pull requests",
        "ping",
        "Redeliver",
    ] {
        assert!(text.contains(needed), "docs/webhook-setup.md does not mention {needed}");
    }
}

#[test]
fn every_acceptance_criterion_names_tests_that_exist() {
    let table = read("tests/acceptance.md");
    let mut sources = String::new();
    let mut folders = ["tests", "crates/analyzer/tests/it", "web/tests"].map(|folder| root().join(folder)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("rs" | "mjs") => sources.push_str(&std::fs::read_to_string(path).unwrap()),
                _ => {}
            }
        }
    }
    let mut named = 0;
    for row in
        table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| id ") && !line.contains("---"))
    {
        let tests: Vec<_> = row.rsplit('|').nth(1).unwrap().split('`').skip(1).step_by(2).collect();
        let documented = row.contains("development.md)") || row.contains("`scripts/test`");
        assert!(!tests.is_empty() || documented, "no test is named for: {row}");
        for test in tests.into_iter().filter(|test| test.contains("::")) {
            let name = test.rsplit("::").next().unwrap();
            assert!(sources.contains(&format!("fn {name}(")), "{test} does not exist, but is named in: {row}");
            named += 1;
        }
    }
    assert!(named > 30, "only {named} tests are named");
}

#[test]
fn every_label_file_has_the_documented_form() {
    let kinds = ["command", "dependency", "endpoint", "env_var", "port", "table"];
    let sets = ["", "/unseen", "/unseen-2", "/unseen-3", "/unseen-4", "/unseen-5"];
    let folders = sets.map(|set| std::fs::read_dir(root().join(format!("tests/accuracy{set}"))));
    for entry in folders.into_iter().flat_map(Result::unwrap) {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let labels: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let labels = labels.as_object().unwrap();
        assert_eq!(labels.keys().collect::<Vec<_>>(), ["commit", "how", "kinds", "repository"], "{}", path.display());
        let repository = labels["repository"].as_str().unwrap().strip_prefix("github.com/").unwrap();
        assert_eq!(path.file_stem().unwrap().to_str().unwrap(), repository.replace('/', "+"));
        let commit = labels["commit"].as_str().unwrap();
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{}", path.display());
        assert!(labels["how"].as_str().unwrap().len() > 20, "{}: say where the labels come from", path.display());
        for (kind, keys) in labels["kinds"].as_object().unwrap() {
            assert!(kinds.contains(&kind.as_str()), "{}: {kind}", path.display());
            let keys: Vec<&str> = keys.as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
            let is_sorted = keys.windows(2).all(|two| two[0] < two[1]);
            assert!(is_sorted, "{}: {kind} is not sorted or names a key twice", path.display());
        }
    }
}

#[test]
fn the_table_of_rules_is_the_one_that_the_analyzer_has() {
    let document = read("docs/analyzer.md");
    let table = document.split("<!-- rules -->\n").nth(1).unwrap();
    assert_eq!(table, ci_feed_analyzer::extract::sources_table(), "run `ci-feed doctor --rules`");
}

#[test]
fn the_table_of_error_codes_is_the_one_that_the_server_has() {
    let document = read("docs/api.md");
    let table = document.split("<!-- error codes -->\n").nth(1).unwrap();
    assert_eq!(table, ci_feed::model::FaultCode::markdown_table(), "run `ci-feed doctor --error-codes`");
}
