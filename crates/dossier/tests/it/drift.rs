//! Drift between two dossiers, whatever made them.

use ci_feed_dossier::drift;
use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::policy::{Noise, Policy};
use ci_feed_dossier::v1::{Dossier, What};

use crate::support::{claim, dossier, fact, finding, line, unresolved};

fn with_port(key: &str) -> Dossier {
    Dossier { facts: vec![fact(FactKind::Port, key, line("compose.yaml", key))], ..dossier() }
}

#[test]
fn a_dossier_has_no_drift_against_itself() {
    let claims = vec![claim("npm start", "CONTRADICTED")];
    let base = Dossier { claims, findings: vec![finding("one", "src/a.js")], ..with_port("80/tcp") };
    let drift = drift::between(&base, &base);
    assert!(drift.is_empty && !drift.analyzer_changed && drift.before_deploy.is_empty());
    assert_eq!(drift.counts, Default::default());
}

#[test]
fn another_analyzer_is_told_apart_from_other_code() {
    let mut base = with_port("80/tcp");
    base.analyzer.rules_digest = "1".repeat(64);
    assert!(drift::between(&base, &with_port("81/tcp")).analyzer_changed);
    assert!(!drift::between(&with_port("80/tcp"), &with_port("81/tcp")).analyzer_changed);
}

#[test]
fn a_statement_that_becomes_untrue_is_a_row_with_both_sides() {
    let with = |verdict| Dossier { claims: vec![claim("npm run seed", verdict)], ..dossier() };
    let drift = drift::between(&with("VERIFIED"), &with("CONTRADICTED"));
    let [claim] = drift.claims.as_slice() else { panic!("{:?}", drift.claims) };
    assert_eq!((claim.base.as_deref(), claim.head.as_deref()), (Some("VERIFIED"), Some("CONTRADICTED")));
    assert_eq!(drift.counts.newly_contradicted, 1);
    assert!(!claim.base_evidence.is_empty() && !claim.head_evidence.is_empty());
}

#[test]
fn findings_of_the_base_are_the_baseline_also_in_a_file_that_was_renamed() {
    let base = Dossier { findings: vec![finding("old", "src/a.js")], ..dossier() };
    let head = Dossier { findings: vec![finding("old", "src/b.js"), finding("new", "src/c.js")], ..dossier() };
    let drift = drift::between(&base, &head);
    let new: Vec<&str> = drift.findings.new.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(new, ["new"]);
    assert_eq!((drift.findings.baseline, drift.findings.resolved.len()), (1, 0));
}

#[test]
fn a_variable_that_is_optional_or_that_only_a_container_sets_is_no_step_before_a_deploy() {
    let variable = |key: &str, attrs: &[(&str, serde_json::Value)]| {
        let mut fact = fact(FactKind::EnvVar, key, line("app.py", key));
        fact.attrs.extend(attrs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        fact
    };
    let facts = vec![
        variable("COMPUTED", &[("read_by", serde_json::json!(["Python"])), ("required", false.into())]),
        variable("CONTAINER", &[("read_by", serde_json::json!([])), ("set_only_by_container", true.into())]),
        variable("OPEN", &[("read_by", serde_json::json!(["Python"]))]),
    ];
    let head = Dossier { facts, ..dossier() };
    let steps = drift::between(&dossier(), &head).before_deploy;
    let said: Vec<_> = steps.iter().map(|step| (step.rule.as_str(), step.key.as_str())).collect();
    assert_eq!(said, [("new-env-var", "OPEN")]);
    let text = ci_feed_dossier::markdown::render(&head, None);
    let (to_set, of_container) = text.split_once("## Variables that only a container sets").unwrap();
    assert!(to_set.contains("`OPEN`") && !to_set.contains("`CONTAINER`") && of_container.contains("`CONTAINER`"));
}

fn with_open(rows: &[(What, &str, &str, &str)]) -> Dossier {
    let rows = rows.iter().map(|(what, name, path, text)| unresolved(*what, name, line(path, text)));
    Dossier { unresolved: rows.collect(), ..dossier() }
}

#[test]
fn a_route_that_appears_without_its_full_path_is_drift_and_a_step() {
    let base = with_open(&[(What::Route, "GET /a", "r.js", "r.get('/a')")]);
    let route = (What::Route, "POST /impersonate", "r.js", "r.post('/impersonate')");
    let head = with_open(&[(What::Route, "GET /a", "r.js", "r.get('/a')"), route]);
    let came = drift::between(&base, &head);
    assert!(!came.is_empty && came.unresolved.comparable);
    assert_eq!((came.counts.unresolved_added, came.counts.unresolved_removed), (1, 0));
    let step = &came.before_deploy[0];
    assert_eq!(step.text, "a route `POST /impersonate` appeared; its full path is not known");
    assert_eq!((step.rule.as_str(), step.side.as_str()), ("new-unresolved-route", "head"));
    let said = ci_feed_dossier::markdown::changes(&head, &came);
    assert!(said.contains("appeared; its full path is not known") && !said.contains("No drift"), "{said}");
    let gone = drift::between(&head, &base);
    assert_eq!((gone.counts.unresolved_added, gone.counts.unresolved_removed), (0, 1));
    assert_eq!(gone.before_deploy[0].rule, "removed-unresolved-route");
}

#[test]
fn what_is_open_may_move_within_its_file_or_with_it() {
    let one = |path: &'static str, text: &'static str| (What::Construct, "a computed name", path, text);
    for (base, head) in [
        (vec![one("a.js", "x")], vec![one("a.js", "y")]),
        (vec![one("a.js", "x")], vec![one("b.js", "x")]),
        (vec![one("a.js", "x"), one("a.js", "y")], vec![one("a.js", "y"), one("a.js", "x")]),
        (vec![(What::Framework, "Slim", "a.json", "x")], vec![(What::Framework, "Slim", "b.json", "y")]),
    ] {
        let drift = drift::between(&with_open(&base), &with_open(&head));
        assert!(drift.is_empty, "{base:?} {head:?}: {:?}", drift.unresolved);
    }
    // Of two that are called the same the one that came is told.
    let more = drift::between(&with_open(&[one("a.js", "x")]), &with_open(&[one("a.js", "new"), one("a.js", "x")]));
    assert_eq!(more.unresolved.added[0].evidence, [line("a.js", "new")]);
}

#[test]
fn a_base_without_ids_is_not_compared_and_that_is_said() {
    let mut base = with_open(&[]);
    base.coverage.unresolved_has_ids = false;
    let head = with_open(&[(What::Route, "GET /a", "r.js", "x")]);
    for drift in [drift::between(&base, &head), drift::between(&head, &base)] {
        assert!(
            drift.unresolved.added.is_empty() && drift.unresolved.removed.is_empty() && !drift.unresolved.comparable
        );
        assert!(drift.before_deploy.is_empty());
        let said = ci_feed_dossier::markdown::changes(&head, &drift);
        assert!(said.contains("What could not be pinned down is not compared"), "{said}");
    }
}

#[test]
fn a_dossier_of_a_version_without_ids_is_still_read() {
    let mut old = serde_json::to_value(with_open(&[(What::Route, "GET /a", "r.js", "x")])).unwrap();
    let row = old["unresolved"][0].as_object_mut().unwrap();
    ["id", "what", "name"].iter().for_each(|name| drop(row.remove(*name)));
    old["coverage"].as_object_mut().unwrap().remove("unresolved_has_ids");
    let old: Dossier = serde_json::from_value(old).unwrap();
    assert_eq!((old.unresolved[0].id.as_str(), old.unresolved[0].what), ("", What::Construct));
    assert!(!drift::between(&old, &old).unresolved.comparable && drift::between(&old, &old).is_empty);
}

#[test]
fn a_drift_that_is_too_large_for_an_artifact_is_cut_evenly_and_says_so() {
    let with = |letter: &str, count| Dossier {
        facts: (0..count)
            .map(|n| {
                let key = format!("{letter}_{n:05}_{}", letter.repeat(150));
                fact(FactKind::EnvVar, &key, line("a.js", &key))
            })
            .collect(),
        ..dossier()
    };
    let head = Dossier { findings: vec![finding("new", "src/c.js")], ..with("B", 15_000) };
    let drift = drift::between(&with("A", 15_000), &head);
    assert_eq!((drift.counts.added, drift.counts.removed), (15_000, 15_000), "the counts count all");
    let (added, removed) = (drift.facts.added.len(), drift.facts.removed.len());
    assert!(added > 3_000 && added.abs_diff(removed) < 100, "{added} and {removed}");
    assert_eq!(drift.findings.new.len(), 1, "what is little is whole");
    let steps = drift.counts.before_deploy - drift.before_deploy.len();
    assert_eq!(drift.left_out, 30_000 - added - removed + steps);
    assert_eq!(drift.facts.added[0].key, head.facts[0].key, "the first rows are kept");
    let bytes = ci_feed_dossier::canonical::to_bytes(&drift).unwrap();
    assert!((7 << 20..8 << 20).contains(&bytes.len()), "{}", bytes.len());
    assert!(String::from_utf8(bytes).unwrap().contains("\"left_out\":"));
    let told = ci_feed_dossier::markdown::render(&head, Some(&drift));
    assert!(
        told.contains(&format!("{} rows are left out here and in `drift.json`", drift.left_out)),
        "{}",
        &told[..800]
    );
    let small = drift::between(&with("A", 1), &with("B", 1));
    assert!(!serde_json::to_string(&small).unwrap().contains("left_out"));
}

#[test]
fn the_policy_of_the_base_leaves_out_noise_and_fails_on_what_is_new_only() {
    let port = |path: &str, key: &str| fact(FactKind::Port, key, line(path, key));
    let policy = Policy {
        fail: ["new-port", "contradicted-claim", "undocumented-env-var"].map(str::to_owned).to_vec(),
        ignore: Noise {
            paths: vec!["examples/**".to_owned()],
            findings: vec!["removed-port".to_owned()],
            claims: vec!["npm run old".to_owned()],
        },
        services: [("api".to_owned(), "services/api".to_owned())].into(),
        ..Policy::default()
    };
    let base = Dossier {
        facts: vec![port("old.yaml", "1/tcp"), port("kept.yaml", "2/tcp")],
        findings: vec![finding("known", "a.js")],
        policy: Some(policy),
        ..dossier()
    };
    let head = Dossier {
        facts: vec![
            port("kept.yaml", "2/tcp"),
            port("services/api/c.yaml", "3/tcp"),
            port("examples/x/c.yaml", "4/tcp"),
        ],
        findings: vec![finding("known", "a.js"), finding("new", "b.js")],
        claims: vec![claim("npm run old", "CONTRADICTED"), claim("npm run new", "CONTRADICTED")],
        // Its own policy is for what comes after it.
        policy: Some(Policy::default()),
        ..dossier()
    };
    let drift = drift::between(&base, &head);
    let steps: Vec<_> = drift.before_deploy.iter().map(|step| (step.key.as_str(), step.service.as_deref())).collect();
    assert_eq!(steps, [("3/tcp", Some("api"))]);
    let applied = drift.policy.as_ref().unwrap();
    let fails: Vec<_> = applied.fails.iter().map(|(rule, rows)| (rule.as_str(), *rows)).collect();
    assert_eq!(fails, [("contradicted-claim", 1), ("new-port", 1), ("undocumented-env-var", 1)]);
    assert_eq!((applied.left_out, drift.failing()), (3, 3));
    assert_eq!(drift.counts.newly_contradicted, 1);
    let same = drift::between(&base, &base);
    assert!(same.is_empty && same.failing() == 0, "what the base already had never fails");
    assert_eq!(drift::between(&dossier(), &head).policy, None);
}

#[test]
fn every_step_has_a_rule_of_the_list() {
    let source = include_str!("../../src/drift/deploy.rs");
    let rules = source.split("/// Every rule of the list.").nth(1).unwrap().split("];").nth(1).unwrap();
    let is_rule =
        |word: &&str| word.contains('-') && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let mut used: Vec<&str> = rules.split('"').filter(is_rule).collect();
    used.sort_unstable();
    used.dedup();
    assert_eq!(used, drift::DEPLOY_RULES);
}
