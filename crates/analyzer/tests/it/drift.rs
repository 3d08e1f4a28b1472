//! Drift between two trees, facts and rules together: exactly the rows that a reader would expect, and none for what
//! only moved. What needs no tree is a test of the dossier.

use ci_feed_analyzer::tree::corpus::Corpus;
use ci_feed_dossier::drift::{self, v1::Drift};
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::v1::{Dossier, kind_name};

use crate::support::{dossier, files, in_memory};

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
    drift::between(&dossier(base), &dossier(head))
}

/// Two commits of one service. Between them exactly one fact of each kind is added, and some are removed or changed.
fn fixtures() -> (Dossier, Dossier) {
    (dossier(&files("drift/before")), dossier(&files("drift/after")))
}

#[test]
fn one_change_of_each_kind_gives_exactly_those_rows() {
    let (base, head) = fixtures();
    insta::assert_snapshot!(rows(&drift::between(&base, &head)).join("\n"), @r"
    + endpoint POST /items
    + env_var PAYMENT_KEY
    + port 9090/tcp
    + command lint: npm run lint
    + dependency npm:pg (runtime) package.json
    + table orders
    + migration db/migrations/0002_orders.sql
    + entrypoint npm:shopctl package.json
    + datastore postgres
    + outbound_host api.stripe.com
    + language Python
    - endpoint GET /old
    - dependency npm:left (runtime) package.json
    ~ env_var REGION [default]
    ~ command start: npm start [runs]
    ~ dependency npm:express (runtime) package.json [requirement]
    ~ runtime node >=22 package.json [version]
    ~ container base image node:22 [tag]
    ~ workflow github .github/workflows/ci.yml [events]
    ~ license Apache-2.0 package.json [license]
    ");
}

#[test]
fn the_list_before_deploying_names_what_somebody_has_to_do() {
    let (base, head) = fixtures();
    let drift = drift::between(&base, &head);
    let steps: Vec<String> = drift.before_deploy.iter().map(|step| format!("{}: {}", step.rule, step.text)).collect();
    insta::assert_snapshot!(steps.join("\n"), @r"
    new-migration: Run the migrations: db/migrations/0002_orders.sql is new
    new-env-var: Decide about PAYMENT_KEY: it is read now, and no default stands beside it
    changed-default: REGION: its default changed: `us` instead of `eu`
    new-datastore: Provide postgres: it is used now
    new-port: Open or map 9090/tcp: it is named now
    changed-start-command: It is started differently: `node --enable-source-maps src/server.js` instead of `node src/server.js`
    new-outbound-host: Allow requests to api.stripe.com: the code names it now
    changed-base-image: Rebuild the image: base image node:22 instead of base image node:20
    changed-runtime: Check the runtime: node >=22 package.json instead of node >=20 package.json
    removed-endpoint: Tell its callers: GET /old is gone
    ");
}

/// Whether an anchor's hash is that of the text at its place in this tree.
fn holds(corpus: &Corpus, evidence: &Evidence) -> bool {
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
    let (before, after) = (in_memory(&files("drift/before")), in_memory(&files("drift/after")));
    let (before, after) = (&before.corpus, &after.corpus);
    let facts = &drift.facts;
    let mut sides: Vec<(&Corpus, &[Evidence])> = Vec::new();
    sides.extend(facts.added.iter().map(|fact| (after, fact.evidence.as_slice())));
    sides.extend(facts.removed.iter().map(|fact| (before, fact.evidence.as_slice())));
    for row in &facts.changed {
        sides.push((before, &row.base_evidence));
        sides.push((after, &row.head_evidence));
    }
    for row in &facts.moved {
        sides.push((before, &row.base_evidence));
        sides.push((after, &row.head_evidence));
    }
    for step in &drift.before_deploy {
        sides.push((if step.side == "base" { before } else { after }, &step.evidence));
    }
    assert!(sides.len() > 20);
    for (corpus, evidence) in sides {
        assert!(!evidence.is_empty());
        for one in evidence {
            assert!(holds(corpus, one), "{one:?}");
        }
    }
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
fn changed_files_that_nobody_read_are_counted_and_named() {
    let drift = between(
        &[("a.js", SERVER), ("same.png", "\0same"), ("logo.png", "\0one"), ("lib.ex", "x = 1\n")],
        &[("a.js", SERVER), ("same.png", "\0same"), ("logo.png", "\0two"), ("lib.ex", "x = 2\n")],
    );
    assert!(drift.is_empty);
    let files: Vec<(&str, &str)> =
        drift.not_read.files.iter().map(|file| (file.path.as_str(), file.reason.as_str())).collect();
    assert_eq!(files, [("lib.ex", "language_without_rules"), ("logo.png", "binary")]);
    assert_eq!((drift.not_read.changed, drift.not_read.complete), (2, true));
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
