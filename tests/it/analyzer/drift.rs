//! Drift between two trees: exactly the rows that a reader would expect, and none for what only moved.

use std::fs;
use std::path::Path;

use ci_feed_dossier::drift::{self, v1::Drift};
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::v1::{Dossier, kind_name};

use super::support::{dossier, fixture, read, tree};

/// The rows as lines: a sign, the kind, the key.
fn rows(drift: &Drift) -> Vec<String> {
    let facts = &drift.facts;
    let mut rows: Vec<String> = Vec::new();
    rows.extend(facts.added.iter().map(|fact| format!("+ {} {}", kind_name(fact.kind), fact.key)));
    rows.extend(facts.removed.iter().map(|fact| format!("- {} {}", kind_name(fact.kind), fact.key)));
    rows.extend(facts.changed.iter().map(|fact| {
        let attrs: Vec<&str> = fact.changes.iter().map(|change| change.attr.as_str()).collect();
        format!("~ {} {} [{}]", kind_name(fact.kind), fact.key, attrs.join(" "))
    }));
    rows
}

fn between(base: &[(&str, &str)], head: &[(&str, &str)]) -> Drift {
    let (base, head) = (tree(base), tree(head));
    drift::between(&dossier(base.path(), None), &dossier(head.path(), None))
}

fn fixtures() -> (Dossier, Dossier) {
    (dossier(&fixture("drift/before"), None), dossier(&fixture("drift/after"), None))
}

#[test]
fn one_change_of_each_kind_gives_exactly_those_rows() {
    let (base, head) = fixtures();
    insta::assert_snapshot!(rows(&drift::between(&base, &head)).join("\n"));
}

#[test]
fn the_list_before_deploying_names_what_somebody_has_to_do() {
    let (base, head) = fixtures();
    let drift = drift::between(&base, &head);
    let steps: Vec<String> = drift.before_deploy.iter().map(|step| format!("{}: {}", step.rule, step.text)).collect();
    insta::assert_snapshot!(steps.join("\n"));
}

/// Whether an anchor's hash is that of the text at its place in this tree.
fn holds(root: &Path, evidence: &Evidence) -> bool {
    let corpus = read(root, None).corpus;
    let file = corpus.file(&evidence.path).unwrap();
    let there = match evidence.start_line {
        0 => file.exists(),
        start => file.lines(start, evidence.end_line),
    };
    there == *evidence
}

#[test]
fn every_row_has_evidence_that_hashes_right_on_its_side() {
    let (base, head) = fixtures();
    let drift = drift::between(&base, &head);
    let (before, after) = (fixture("drift/before"), fixture("drift/after"));
    let facts = &drift.facts;
    let mut sides: Vec<(&Path, &[Evidence])> = Vec::new();
    sides.extend(facts.added.iter().map(|fact| (after.as_path(), fact.evidence.as_slice())));
    sides.extend(facts.removed.iter().map(|fact| (before.as_path(), fact.evidence.as_slice())));
    for row in &facts.changed {
        sides.push((&before, &row.base_evidence));
        sides.push((&after, &row.head_evidence));
    }
    for row in &facts.moved {
        sides.push((&before, &row.base_evidence));
        sides.push((&after, &row.head_evidence));
    }
    for step in &drift.before_deploy {
        sides.push((if step.side == "base" { &before } else { &after }, &step.evidence));
    }
    assert!(sides.len() > 20);
    for (root, evidence) in sides {
        assert!(!evidence.is_empty());
        for one in evidence {
            assert!(holds(root, one), "{one:?} is not what stands in {}", root.display());
        }
    }
}

#[test]
fn a_dossier_has_no_drift_against_itself() {
    let (base, _) = fixtures();
    let drift = drift::between(&base, &base);
    assert!(drift.is_empty && !drift.analyzer_changed && drift.before_deploy.is_empty());
    assert_eq!(drift.counts, Default::default());
}

const SERVER: &str = "const express = require('express');\nconst app = express();\napp.get('/a/:id', (req, res) => res.send(process.env.KEY));\napp.listen(3000);\n";

#[test]
fn moved_lines_renamed_files_and_parameters_are_no_drift() {
    let moved = format!("// first\n\n\n{}", SERVER.replace(":id", ":identifier").replace("(req, res)", "(q, s)"));
    let drift = between(
        &[
            ("web/package.json", "{ \"dependencies\": { \"express\": \"4.0.0\" } }"),
            ("web/index.js", SERVER),
            ("db/migrate/001_a.sql", "create table a (id int);\n"),
        ],
        &[
            ("shop/package.json", "{ \"dependencies\": { \"express\": \"4.0.0\" } }"),
            ("shop/server.js", &moved),
            ("store/migrate/001_a.sql", "create table a (id int);\n"),
        ],
    );
    assert_eq!(rows(&drift), Vec::<String>::new());
    assert!(drift.is_empty);
    let moved: Vec<&str> = drift.facts.moved.iter().map(|row| row.key.as_str()).collect();
    assert!(
        moved.contains(&"GET /a/{identifier}") && moved.contains(&"npm:express (runtime) shop/package.json"),
        "{moved:?}"
    );
}

#[test]
fn documents_that_say_more_are_no_drift() {
    let drift = between(
        &[("index.js", SERVER)],
        &[
            ("index.js", SERVER),
            ("README.md", "# It\n\nSet `KEY`.\n\n```sh\nnode index.js\n```\n"),
            (".env.example", "KEY=\nOTHER=1\n"),
        ],
    );
    assert_eq!(rows(&drift), Vec::<String>::new());
    assert!(drift.claims.is_empty(), "{:?}", drift.claims);
}

#[test]
fn a_statement_that_the_code_makes_untrue_is_a_row_with_both_sides() {
    let readme = "# It\n\n```sh\nnpm run seed\n```\n";
    let package = |scripts: &str| format!("{{ \"scripts\": {{ {scripts} }} }}");
    let drift = between(
        &[("README.md", readme), ("package.json", &package("\"seed\": \"node seed.js\""))],
        &[("README.md", readme), ("package.json", &package("\"sow\": \"node seed.js\""))],
    );
    let [claim] = drift.claims.as_slice() else { panic!("{:?}", drift.claims) };
    assert_eq!((claim.base.as_deref(), claim.head.as_deref()), (Some("VERIFIED"), Some("CONTRADICTED")));
    assert_eq!(drift.counts.newly_contradicted, 1);
    assert!(!claim.base_evidence.is_empty() && !claim.head_evidence.is_empty());
}

#[test]
fn findings_of_the_base_are_the_baseline() {
    let server = |name: &str| format!("module.exports = () => process.env.{name};\n");
    let drift = between(
        &[("src/a.js", &server("OLD_ONE"))],
        &[("src/b.js", &server("OLD_ONE")), ("src/c.js", &server("NEW_ONE"))],
    );
    let new: Vec<&str> = drift.findings.new.iter().map(|finding| finding.message.as_str()).collect();
    assert!(matches!(new.as_slice(), [one] if one.contains("NEW_ONE")), "{new:?}");
    assert_eq!((drift.findings.baseline, drift.findings.resolved.len()), (1, 0));
}

#[test]
fn changed_files_that_nobody_read_are_counted_and_named() {
    let base = tree(&[("a.js", SERVER), ("same.png", "\0same"), ("logo.png", "\0one"), ("lib.ex", "x = 1\n")]);
    let head = tree(&[("a.js", SERVER), ("same.png", "\0same"), ("logo.png", "\0two"), ("lib.ex", "x = 2\n")]);
    let drift = drift::between(&dossier(base.path(), None), &dossier(head.path(), None));
    assert!(drift.is_empty);
    let files: Vec<(&str, &str)> =
        drift.not_read.files.iter().map(|file| (file.path.as_str(), file.reason.as_str())).collect();
    assert_eq!(files, [("lib.ex", "language_without_rules"), ("logo.png", "binary")]);
    assert_eq!((drift.not_read.changed, drift.not_read.complete), (2, true));
}

#[test]
fn another_analyzer_is_told_apart_from_other_code() {
    let (mut base, head) = fixtures();
    base.analyzer.rules_digest = "0".repeat(64);
    assert!(drift::between(&base, &head).analyzer_changed);
}

#[test]
fn an_edited_migration_is_named_before_deploying() {
    let drift = between(
        &[
            ("db/migrations/0001_a.sql", "create table a (id int);\n"),
            ("db/migrations/0002_b.sql", "create table b (id int);\n"),
        ],
        &[
            ("db/migrations/0001_a.sql", "create table a (id bigint);\n"),
            ("db/migrations/0002_b.sql", "-- formatted\ncreate table b (\n    id int);\n"),
        ],
    );
    let edited: Vec<&str> = drift.before_deploy.iter().map(|step| step.key.as_str()).collect();
    assert!(!edited.contains(&"db/migrations/0002_b.sql"), "{edited:?}");
    assert!(drift.before_deploy.iter().any(|step| step.rule == "edited-migration"), "{:?}", drift.before_deploy);
}

#[test]
fn dossier_md_begins_with_what_changed() {
    let (base, head) = fixtures();
    let drift = drift::between(&base, &head);
    let out = tempfile::tempdir().unwrap();
    ci_feed_dossier::write(&head, Some(&drift), &ci_feed_analyzer::judge::findings::rule_texts(), out.path()).unwrap();
    let text = fs::read_to_string(out.path().join("DOSSIER.md")).unwrap();
    let sections: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(sections[0], "What this commit changed");
    let stored: Drift = serde_json::from_slice(&fs::read(out.path().join("drift.json")).unwrap()).unwrap();
    assert_eq!(stored, drift);
}
