//! `findings.sarif`: valid by the published schema, and within the limits of code scanning.

use std::fs;
use std::path::Path;

use ci_feed_dossier::evidence::{Anchor, Evidence};
use ci_feed_dossier::v1::{Dossier, Finding, Subject};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::sarif_schema::{SCHEMA, problems, validator};
use crate::support::{RULES, dossier, finding};

fn sarif(dossier: &Dossier) -> (Value, usize) {
    let out = tempfile::tempdir().unwrap();
    ci_feed_dossier::write(dossier, None, RULES, out.path()).unwrap();
    let bytes = fs::read(out.path().join("findings.sarif")).unwrap();
    (serde_json::from_slice(&bytes).unwrap(), bytes.len())
}

#[test]
fn the_vendored_schema_is_the_one_that_its_readme_names() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/README.md");
    assert!(fs::read_to_string(readme).unwrap().contains(&hex::encode(Sha256::digest(SCHEMA))));
}

#[test]
fn the_validator_sees_what_is_wrong() {
    let validator = validator();
    let (mut log, _) = sarif(&Dossier { findings: vec![finding("one", "src/a.js")], ..dossier() });
    assert!(problems(&validator, &log).is_empty());
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = json!("a b{c}");
    assert!(!problems(&validator, &log).is_empty(), "an address that is none");
    log["runs"][0]["results"][0] = json!({ "level": "bad" });
    assert!(problems(&validator, &log).len() >= 2);
}

#[test]
fn thirty_thousand_hostile_findings_stay_valid_and_within_the_limits() {
    let mut dossier = dossier();
    dossier.subject = Subject {
        owner: Some("o\"wner".to_owned()),
        repo: Some("r<b>".to_owned()),
        forge: Some("https://example.org".to_owned()),
        sha: Some("0".repeat(40)),
        tree: None,
    };
    let texts = [
        "[click](https://evil.example) {0} {{1}} \u{0}\u{7}\u{1b}[31m",
        "<img src=x onerror=alert(1)> \u{202e}\u{feff} \"quotes\" \\ \n\r\t",
        &"very long ".repeat(150),
        "Ω≈ç√ 🦀 \u{fffd}",
    ];
    let paths = ["a b/#?%.md", "..\\x\\xff.rs", "http:/evil", "%2e%2e/é/🦀.py", "-/--/[x](y)"];
    let evidence = |n: usize| {
        Evidence::from(Anchor {
            path: paths[n % paths.len()].to_owned(),
            start_line: u32::try_from(n).unwrap() % 7,
            end_line: 3,
            excerpt: texts[n % texts.len()].to_owned(),
            sha256: String::new(),
        })
    };
    dossier.findings = (0..30_000)
        .map(|n| Finding {
            id: format!("{n:016x}"),
            rule: RULES[n % RULES.len()].id.to_owned(),
            level: if n % 10 == 9 { "warning" } else { "note" }.to_owned(),
            message: texts[n % texts.len()].to_owned(),
            evidence: (0..if n == 19 { 1_500 } else { n % 4 }).map(evidence).collect(),
        })
        .collect();
    let (log, bytes) = sarif(&dossier);
    assert_eq!(problems(&validator(), &log), Vec::<String>::new());
    assert!(bytes < 8 * 1024 * 1024, "{bytes} bytes are more than the server keeps of an artifact");
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert!((1_000..=5_000).contains(&results.len()), "{}", results.len());
    let warnings = results.iter().filter(|result| result["level"] == "warning").count();
    assert_eq!(warnings, 3_000, "every warning stays while notes are left out");
    assert_eq!(run["properties"]["findingsLeftOut"], 30_000 - results.len());
    let said = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(said.contains(&(30_000 - results.len()).to_string()), "{said}");
    for result in results {
        let related = result["relatedLocations"].as_array().map_or(0, Vec::len);
        assert!(related < 100, "{related} locations");
        let text = result["message"]["text"].as_str().unwrap();
        assert!(!text.contains("[click](") && text.chars().count() < 1_100);
        assert_eq!(
            result["ruleId"],
            run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize]["id"]
        );
    }
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 10);
    }
}
