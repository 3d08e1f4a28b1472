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
