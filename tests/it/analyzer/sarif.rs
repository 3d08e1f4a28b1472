//! `findings.sarif`: valid by the published schema, within the limits of code scanning, the same while lines move; and
//! the pages about its rules.

use std::fs;
use std::path::Path;

use ci_feed_analyzer::judge::findings::rule_texts;
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::v1::{Dossier, Finding, Subject};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::support::{dossier, fixture, tree};

const SCHEMA: &[u8] = include_bytes!("../fixtures/schemas/sarif-schema-2.1.0.json");

fn sarif(dossier: &Dossier) -> (Value, usize) {
    let out = tempfile::tempdir().unwrap();
    ci_feed_dossier::write(dossier, None, &rule_texts(), out.path()).unwrap();
    let bytes = fs::read(out.path().join("findings.sarif")).unwrap();
    (serde_json::from_slice(&bytes).unwrap(), bytes.len())
}

/// What the published schema finds wrong, formats of addresses included.
fn problems(validator: &jsonschema::Validator, log: &Value) -> Vec<String> {
    validator.iter_errors(log).take(5).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn validator() -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_slice(SCHEMA).unwrap();
    // One pattern of the published schema is no regular expression (it closes a bracket that it never opened), and it
    // is about a property that we do not write.
    for place in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{place}/properties/language")).unwrap();
        assert!(language.as_object_mut().unwrap().remove("pattern").is_some());
    }
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

#[test]
fn the_vendored_schema_is_the_one_that_its_readme_names() {
    let readme = fs::read_to_string(fixture("schemas").join("README.md")).unwrap();
    assert!(readme.contains(&hex::encode(Sha256::digest(SCHEMA))));
}

#[test]
fn the_validator_sees_what_is_wrong() {
    let validator = validator();
    let (mut log, _) = sarif(&dossier(&fixture("findings"), None));
    assert!(problems(&validator, &log).is_empty());
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = json!("a b{c}");
    assert!(!problems(&validator, &log).is_empty(), "an address that is none");
    log["runs"][0]["results"][0] = json!({ "level": "bad" });
    assert!(problems(&validator, &log).len() >= 2);
}

#[test]
fn every_fixture_gives_a_valid_log() {
    let validator = validator();
    let mut results = 0;
    for entry in fs::read_dir(fixture("")).unwrap() {
        let folder = entry.unwrap().path();
        let (log, _) = sarif(&dossier(&folder, None));
        assert_eq!(problems(&validator, &log), Vec::<String>::new(), "{}", folder.display());
        results += log["runs"][0]["results"].as_array().unwrap().len();
    }
    assert!(results > 20, "only {results} results in all fixtures");
}

#[test]
fn thirty_thousand_hostile_findings_stay_valid_and_within_the_limits() {
    let mut dossier = dossier(&fixture("findings"), None);
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
    let evidence = |n: usize| Evidence {
        path: paths[n % paths.len()].to_owned(),
        start_line: u32::try_from(n).unwrap() % 7,
        end_line: 3,
        excerpt: texts[n % texts.len()].to_owned(),
        sha256: String::new(),
    };
    let rules = rule_texts();
    dossier.findings = (0..30_000)
        .map(|n| Finding {
            id: format!("{n:016x}"),
            rule: rules[n % rules.len()].id.to_owned(),
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

const MOVING: &[(&str, &str)] = &[
    ("README.md", "# A\n\n[x](gone.md)\n\n```sh\nnpm run gone\n```\n"),
    ("package.json", "{\"scripts\": {\"dev\": \"vite\"}}\n"),
    ("src/a.js", "const x = process.env.SECRET_THING;\n"),
    ("Dockerfile", "FROM node:20\n"),
];

#[test]
fn ids_and_fingerprints_stay_while_lines_move_and_are_unique() {
    let before = dossier(tree(MOVING).path(), None);
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
    let after = dossier(tree(&moved).path(), None);
    let ids = |dossier: &Dossier| dossier.findings.iter().map(|finding| finding.id.clone()).collect::<Vec<_>>();
    let lines =
        |dossier: &Dossier| dossier.findings.iter().map(|finding| finding.evidence[0].start_line).collect::<Vec<_>>();
    let mut unique = ids(&before);
    unique.sort();
    unique.dedup();
    assert!(unique.len() >= 4 && unique.len() == before.findings.len(), "{:?}", before.findings);
    assert_eq!(ids(&before), ids(&after));
    assert_ne!(lines(&before), lines(&after));
    let (log, _) = sarif(&after);
    for (result, finding) in log["runs"][0]["results"].as_array().unwrap().iter().zip(&after.findings) {
        assert_eq!(result["partialFingerprints"]["ciFeed/v1"].as_str().map(str::len), Some(16));
        assert!(finding.id.len() == 16);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "insta's own switch says whether the pages are written anew")]
fn the_documentation_has_one_page_for_each_rule_and_says_what_the_rule_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    let update = std::env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always");
    let index = fs::read_to_string(folder.join("README.md")).unwrap();
    let rules = rule_texts();
    for rule in &rules {
        let page = folder.join(format!("{}.md", rule.id));
        if update {
            fs::write(&page, rule.page()).unwrap();
        }
        assert_eq!(fs::read_to_string(&page).unwrap_or_default(), rule.page(), "INSTA_UPDATE=always writes the page");
        let row = format!("| [{0}]({0}.md) | {1} | {2} |\n", rule.id, rule.level.name(), rule.short);
        assert!(index.contains(&row), "docs/rules/README.md lacks {row}");
    }
    let pages = fs::read_dir(&folder).unwrap().count();
    assert_eq!(pages, rules.len() + 1, "a page is about no rule");
}
