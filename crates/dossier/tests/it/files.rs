//! The files that are made of a dossier: its manifest, its Markdown, its drift.

use std::fs;

use ci_feed_dossier::drift::{self, v1::Drift};
use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::markdown;
use ci_feed_dossier::v1::Dossier;
use sha2::{Digest as _, Sha256};

use crate::support::{RULES, dossier, fact, line};

#[test]
fn the_manifest_names_every_other_file_with_its_size_and_hash() {
    let out = tempfile::tempdir().unwrap();
    let manifest = ci_feed_dossier::write(&dossier(), None, RULES, out.path()).unwrap();
    let read = |name: &str| fs::read(out.path().join(name)).unwrap();
    assert_eq!(serde_json::from_slice::<ci_feed_dossier::Manifest>(&read("manifest.json")).unwrap(), manifest);
    let names: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["DOSSIER.md", "dossier.json", "findings.sarif", "summary.json"]);
    for file in &manifest.files {
        let bytes = read(&file.name);
        assert_eq!(file.bytes, bytes.len() as u64);
        assert_eq!(file.sha256, hex::encode(Sha256::digest(&bytes)));
    }
    assert_eq!(manifest.dossier_sha256, hex::encode(Sha256::digest(read("dossier.json"))));
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 5, "something else was left behind");
}

#[test]
fn dossier_md_begins_with_what_changed() {
    let head = Dossier { facts: vec![fact(FactKind::Port, "80/tcp", line("Dockerfile", "EXPOSE 80"))], ..dossier() };
    let drift = drift::between(&dossier(), &head);
    let out = tempfile::tempdir().unwrap();
    ci_feed_dossier::write(&head, Some(&drift), RULES, out.path()).unwrap();
    let text = fs::read_to_string(out.path().join("DOSSIER.md")).unwrap();
    let first = text.lines().find_map(|line| line.strip_prefix("## "));
    assert_eq!(first, Some("What this commit changed"));
    let stored: Drift = serde_json::from_slice(&fs::read(out.path().join("drift.json")).unwrap()).unwrap();
    assert_eq!(stored, drift);
}

#[test]
fn untrusted_text_stays_text_in_the_markdown() {
    let command = "npm run x`](javascript:1)<img src=x>\u{202e}";
    let licence = "[a](b) <script> package.json";
    let facts = [(FactKind::Command, command), (FactKind::License, licence)];
    let mut facts = facts.map(|(kind, key)| fact(kind, key, line("package.json", key)));
    facts[0].attrs.insert("kind".to_owned(), "start".into());
    let text = markdown::render(&Dossier { facts: facts.to_vec(), ..dossier() }, None);
    assert!(text.contains("<script>`") || text.contains("<script> package.json`"), "only inside code: {text}");
    assert!(!text.contains('\u{202e}'));
    assert!(text.contains("``npm run x`](javascript:1)<img src=x>\\u{202e}``"), "{text}");
}
