//! Every folder `fixtures/<kind>/<name>`: its snapshot, and what holds for each of them. Where a fixture has a
//! `WHAT.txt`, or a first line in its main file, it says what must and what must not be found.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use ci_feed_analyzer::verify;
use ci_feed_dossier::canonical;
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::{Dossier, kind_name};
use sha2::{Digest as _, Sha256};

use crate::support::{dossier, dossier_of, evidence, files, fixtures, in_memory};

#[test]
fn each_fixture_yields_exactly_its_snapshot() {
    insta::glob!("../fixtures", "*/*", |folder| {
        let name = format!("{}/{}", part(folder.parent().unwrap()), part(folder));
        insta::assert_snapshot!("fixture", shown(&dossier(&files(&name))));
    });
}

fn part(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// One line for each statement of a dossier.
fn shown(dossier: &Dossier) -> String {
    let places = |evidence: &[Evidence]| {
        let one = |at: &Evidence| format!("{}:{}-{}", at.path, at.start_line, at.end_line);
        evidence.iter().map(one).collect::<Vec<_>>().join(" < ")
    };
    let mut out = String::new();
    let mut of_kind: BTreeMap<FactKind, String> = BTreeMap::new();
    for fact in &dossier.facts {
        let attrs = fact.attrs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ");
        let lines = of_kind.entry(fact.kind).or_default();
        writeln!(lines, "{:?} {}  {}  [{attrs}]", fact.status, fact.key, places(&fact.evidence)).unwrap();
    }
    for one in &dossier.unresolved {
        writeln!(of_kind.entry(one.kind).or_default(), "? {}  {}", one.reason, places(&one.evidence)).unwrap();
    }
    for (kind, lines) in of_kind {
        write!(out, "# {}\n{lines}", kind_name(kind)).unwrap();
    }
    for claim in &dossier.claims {
        writeln!(out, "claim: {} {} ({}:{})", claim.verdict, claim.text, claim.doc, claim.line).unwrap();
    }
    for one in &dossier.findings {
        writeln!(out, "finding: {} {}: {} ({})", one.level, one.rule, one.message, places(&one.evidence)).unwrap();
    }
    for unknown in dossier.unknowns.iter().filter(|unknown| !unknown.evidence.is_empty()) {
        writeln!(out, "known: {} ({})", unknown.category, places(&unknown.evidence)).unwrap();
    }
    for problem in &dossier.coverage.parse_problems {
        writeln!(out, "not parsed: {}: {}", problem.path, problem.problem).unwrap();
    }
    out
}

#[test]
fn every_hash_is_the_hash_of_the_lines_that_it_claims() {
    let mut checked = 0;
    for fixture in fixtures() {
        let files = files(&fixture);
        for evidence in evidence(&dossier(&files)) {
            let (_, bytes) = files.iter().find(|(path, _)| *path == evidence.path).unwrap();
            if evidence.start_line == 0 {
                let id = git2::Oid::hash_object(git2::ObjectType::Blob, bytes).unwrap();
                assert_eq!(evidence.sha256, id.to_string());
                continue;
            }
            let text = String::from_utf8(bytes.clone()).unwrap().replace("\r\n", "\n");
            let lines: Vec<&str> = text.lines().collect();
            let there = lines[evidence.start_line as usize - 1..evidence.end_line as usize].join("\n");
            assert_eq!(evidence.sha256, hex::encode(Sha256::digest(&there)), "{fixture}: {evidence:?}");
            assert!(there.starts_with(evidence.excerpt.trim_end_matches('…')), "{fixture}: {evidence:?}");
            checked += 1;
        }
    }
    assert!(checked > 1_000, "only {checked} were checked");
}

#[test]
fn every_statement_has_evidence_and_every_fact_an_id() {
    for fixture in fixtures() {
        let dossier = dossier(&files(&fixture));
        assert!(dossier.unresolved.iter().all(|one| !one.evidence.is_empty()), "{fixture}");
        let mut ids: Vec<&str> = dossier.facts.iter().map(|fact| fact.id.as_str()).collect();
        assert!(dossier.facts.iter().all(|fact| !fact.evidence.is_empty() && fact.id.len() == 16), "{fixture}");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), dossier.facts.len(), "{fixture}");
        let open: BTreeSet<&str> = dossier.unresolved.iter().map(|one| one.id.as_str()).collect();
        assert!(open.len() == dossier.unresolved.len() && open.iter().all(|id| id.len() == 16), "{fixture}");
    }
}

#[test]
fn every_dossier_is_verified_against_its_tree() {
    for fixture in fixtures() {
        let tree = in_memory(&files(&fixture));
        let dossier = dossier_of(&tree);
        let (checked, mismatches) = verify::evidence(&dossier, &tree.corpus);
        assert_eq!((checked, mismatches), (evidence(&dossier).count(), Vec::new()), "{fixture}");
        let mismatches = verify::compare(&canonical::to_bytes(&dossier).unwrap(), &dossier_of(&tree)).unwrap();
        assert_eq!(mismatches, Vec::new(), "{fixture}");
    }
}

/// What one call adds by itself: `resources`, `devise_for`, `Auth::routes()`, the channels of broadcasting.
const ADDED_BY_CALLS: [&str; 16] = [
    "new",
    "edit",
    "create",
    "auth",
    "github",
    "callback",
    "password",
    "sign_out",
    "login",
    "logout",
    "reset",
    "email",
    "verify",
    "resend",
    "broadcasting",
    "confirm",
];

#[test]
fn no_segment_of_a_path_is_invented() {
    for fixture in fixtures().iter().filter(|name| name.starts_with("endpoint/")) {
        let files = files(fixture);
        let mut whole = String::new();
        for (path, bytes) in &files {
            // Where files make routes, the path of the file says the path of the route.
            write!(whole, "{path}\n{}\n", String::from_utf8_lossy(bytes)).unwrap();
        }
        let whole = whole.to_lowercase();
        for fact in dossier(&files).facts_of(FactKind::Endpoint) {
            let segments = fact.key.split('/').skip(1).filter(|part| !part.is_empty() && !part.starts_with('{'));
            for segment in segments {
                let plain = segment.split('{').next().unwrap_or(segment).trim_end_matches('.').to_lowercase();
                // The letter before a version is the framework's own.
                let plain = plain.strip_prefix('v').filter(|rest| rest.parse::<u8>().is_ok()).unwrap_or(&plain);
                let is_added =
                    matches!(fact.attr("framework"), Some("rails" | "laravel")) && ADDED_BY_CALLS.contains(&segment);
                assert!(whole.contains(plain) || is_added, "{fixture}: nothing says `{segment}` of {}", fact.key);
            }
        }
    }
}

/// Words in the names of what is commented out, quoted, only in tests, or not of the application.
const TRAPS: [&str; 17] = [
    "commented",
    "in_a_",
    "in a string",
    "in-a-string",
    "in-a-docstring",
    "inside_a",
    "only_",
    "only-in-tests",
    "not-ours",
    "not_of",
    "notatable",
    "beside_",
    "left_behind",
    "gone_later",
    "reflected",
    "seen_elsewhere",
    "9999",
];

#[test]
fn comments_strings_and_tests_yield_nothing() {
    for fixture in fixtures() {
        let dossier = dossier(&files(&fixture));
        let kinds = [FactKind::Endpoint, FactKind::EnvVar, FactKind::Port, FactKind::Table];
        for fact in kinds.into_iter().flat_map(|kind| dossier.facts_of(kind)) {
            let key = fact.key.to_lowercase();
            assert!(!TRAPS.iter().any(|trap| key.contains(trap)), "{fixture}: {key}");
        }
    }
}

#[test]
fn half_written_files_end_with_what_did_parse() {
    for fixture in fixtures() {
        let whole = files(&fixture);
        for part in [3, 5, 9] {
            let cut = whole.iter().map(|(path, bytes)| (path, &bytes[..bytes.len() * part / 10]));
            let dossier = dossier(&cut.collect::<Vec<_>>());
            let skipped: usize = dossier.coverage.skipped.values().map(|skipped| skipped.count).sum();
            assert_eq!(dossier.coverage.analyzed + skipped, whole.len(), "{fixture}");
        }
    }
}
