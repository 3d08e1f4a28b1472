//! One fixture and one snapshot for each kind of fact, and one property over all of them: every hash is the hash of
//! the lines that it claims.

use std::fmt::Write as _;
use std::fs;

use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::{Dossier, kind_name};
use sha2::{Digest as _, Sha256};

use super::support::{dossier, fixture};

const KINDS: &[FactKind] = &[
    FactKind::Command,
    FactKind::Dependency,
    FactKind::Container,
    FactKind::Runtime,
    FactKind::License,
    FactKind::Entrypoint,
    FactKind::Workflow,
    FactKind::Datastore,
    FactKind::OutboundHost,
    FactKind::Language,
];

#[test]
fn each_fixture_yields_exactly_the_facts_of_its_snapshot() {
    for kind in KINDS {
        let name = kind_name(*kind);
        let dossier = dossier(&fixture(&name), None);
        assert!(dossier.facts_of(*kind).count() > 0, "{name} found nothing");
        insta::assert_snapshot!(name.clone(), render(&dossier, *kind));
    }
}

fn render(dossier: &Dossier, kind: FactKind) -> String {
    let mut out = String::new();
    for fact in dossier.facts_of(kind) {
        writeln!(out, "{:?} {}", fact.status, fact.key).unwrap();
        writeln!(out, "    {}", serde_json::to_string(&fact.attrs).unwrap()).unwrap();
        for one in &fact.evidence {
            writeln!(out, "    {}:{}-{} {:?}", one.path, one.start_line, one.end_line, one.excerpt).unwrap();
        }
    }
    for one in dossier.unresolved.iter().filter(|one| one.kind == kind) {
        writeln!(out, "unresolved: {} {}:{}", one.reason, one.evidence[0].path, one.evidence[0].start_line).unwrap();
    }
    out
}

#[test]
fn unknowns_are_proven_by_parsed_files_only() {
    let dossier = dossier(&fixture("unknowns"), None);
    let mut out = String::new();
    for unknown in &dossier.unknowns {
        writeln!(out, "{} {}", unknown.category, unknown.status).unwrap();
        for one in &unknown.evidence {
            writeln!(out, "    {}:{}-{} {:?}", one.path, one.start_line, one.end_line, one.excerpt).unwrap();
        }
    }
    assert_eq!(dossier.unknowns.len(), 9);
    insta::assert_snapshot!("unknowns", out);
}

#[test]
fn findings_name_their_rule_level_and_place() {
    let dossier = dossier(&fixture("findings"), None);
    let mut out = String::new();
    for one in &dossier.findings {
        writeln!(
            out,
            "{} {}: {} ({}:{})",
            one.level, one.rule, one.message, one.evidence[0].path, one.evidence[0].start_line
        )
        .unwrap();
    }
    insta::assert_snapshot!("findings", out);
}

#[test]
fn every_hash_is_the_hash_of_the_lines_that_it_claims() {
    let mut checked = 0;
    for entry in fs::read_dir(fixture("")).unwrap() {
        let root = entry.unwrap().path();
        let dossier = dossier(&root, None);
        let facts = dossier.facts.iter().flat_map(|fact| &fact.evidence);
        let claims = dossier.claims.iter().flat_map(|claim| &claim.evidence);
        let rest = dossier
            .unknowns
            .iter()
            .flat_map(|unknown| &unknown.evidence)
            .chain(dossier.findings.iter().flat_map(|one| &one.evidence));
        for evidence in facts.chain(claims).chain(rest) {
            let bytes = fs::read(root.join(&evidence.path)).unwrap();
            if evidence.start_line == 0 {
                assert_eq!(
                    evidence.sha256,
                    git2::Oid::hash_object(git2::ObjectType::Blob, &bytes).unwrap().to_string()
                );
                continue;
            }
            let text = String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
            let lines: Vec<&str> = text.lines().collect();
            let said = lines[evidence.start_line as usize - 1..evidence.end_line as usize].join("\n");
            assert_eq!(evidence.sha256, hex::encode(Sha256::digest(&said)), "{evidence:?}");
            assert!(said.starts_with(evidence.excerpt.trim_end_matches('…')), "{evidence:?}");
            checked += 1;
        }
    }
    assert!(checked > 80, "only {checked} were checked");
}

#[test]
fn every_fact_has_evidence_and_an_id_of_its_own() {
    for entry in fs::read_dir(fixture("")).unwrap() {
        let dossier = dossier(&entry.unwrap().path(), None);
        let mut ids: Vec<&str> = dossier.facts.iter().map(|fact| fact.id.as_str()).collect();
        assert!(dossier.facts.iter().all(|fact| !fact.evidence.is_empty() && fact.id.len() == 16));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), dossier.facts.len());
    }
}
