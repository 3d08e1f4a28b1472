//! Findings: ids that stay while lines move, and a valid `findings.sarif` with the real rules.

use std::fs;

use ci_feed_analyzer::judge::findings::rule_texts;
use ci_feed_dossier::v1::Dossier;
use serde_json::Value;

use crate::sarif_schema::{problems, validator};
use crate::support::{dossier, files, fixtures};

fn sarif(dossier: &Dossier) -> Value {
    let out = tempfile::tempdir().unwrap();
    ci_feed_dossier::write(dossier, None, &rule_texts(), out.path()).unwrap();
    serde_json::from_slice(&fs::read(out.path().join("findings.sarif")).unwrap()).unwrap()
}

#[test]
fn every_fixture_gives_a_valid_log() {
    let validator = validator();
    let mut results = 0;
    for fixture in fixtures() {
        let log = sarif(&dossier(&files(&fixture)));
        assert_eq!(problems(&validator, &log), Vec::<String>::new(), "{fixture}");
        results += log["runs"][0]["results"].as_array().unwrap().len();
    }
    assert!(results > 20, "only {results} results in all fixtures");
}

const MOVING: &[(&str, &str)] = &[
    ("README.md", "# A\n\n[x](gone.md)\n\n```sh\nnpm run gone\n```\n"),
    ("package.json", "{\"scripts\": {\"dev\": \"vite\"}}\n"),
    ("src/a.js", "const x = process.env.SECRET_THING;\n"),
    ("Dockerfile", "FROM node:20\n"),
];

#[test]
fn ids_and_fingerprints_stay_while_lines_move_and_are_unique() {
    let before = dossier(MOVING);
    let moved: Vec<(&str, String)> = MOVING
        .iter()
        .map(|(path, text)| {
            (*path, if path.ends_with("json") { format!("\n\n{text}") } else { format!("# moved\n\n{text}") })
        })
        .collect();
    let moved: Vec<(&str, &str)> = moved.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let moved: Vec<(&str, &str)> = moved
        .into_iter()
        .map(|(path, text)| (path, text.strip_prefix("# moved").filter(|_| path.ends_with(".js")).unwrap_or(text)))
        .collect();
    let after = dossier(&moved);
    let ids = |dossier: &Dossier| dossier.findings.iter().map(|finding| finding.id.clone()).collect::<Vec<_>>();
    let lines =
        |dossier: &Dossier| dossier.findings.iter().map(|finding| finding.evidence[0].start_line).collect::<Vec<_>>();
    let mut unique = ids(&before);
    unique.sort();
    unique.dedup();
    assert!(unique.len() >= 4 && unique.len() == before.findings.len(), "{:?}", before.findings);
    assert_eq!(ids(&before), ids(&after));
    assert_ne!(lines(&before), lines(&after));
    let log = sarif(&after);
    for (result, finding) in log["runs"][0]["results"].as_array().unwrap().iter().zip(&after.findings) {
        assert_eq!(result["partialFingerprints"]["ciFeed/v1"].as_str().map(str::len), Some(16));
        assert!(finding.id.len() == 16);
    }
}
