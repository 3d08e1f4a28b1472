//! Drift between two dossiers, whatever made them.

use ci_feed_dossier::drift;
use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::Dossier;

use crate::support::{claim, dossier, fact, finding, line};

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
