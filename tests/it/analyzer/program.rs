//! The subcommand as a program: exit codes, progress lines, the artifact set.

use std::path::Path;
use std::process::{Command, Output};

use sha2::{Digest as _, Sha256};

use super::support::tree;

fn analyze(source: &Path, out: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ci-feed"));
    command.arg("analyze").arg(source).arg("--out").arg(out).args(more).output().unwrap()
}

#[test]
fn the_manifest_names_every_other_file_with_its_size_and_hash() {
    let folder = tree(&[("a.py", "x = 1\n")]);
    let out = tempfile::tempdir().unwrap();
    assert!(analyze(folder.path(), out.path(), &[]).status.success());
    let read = |name: &str| std::fs::read(out.path().join(name)).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&read("manifest.json")).unwrap();
    let names: Vec<&str> =
        manifest["files"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["DOSSIER.md", "dossier.json", "findings.sarif", "summary.json"]);
    for file in manifest["files"].as_array().unwrap() {
        let bytes = read(file["name"].as_str().unwrap());
        assert_eq!(file["bytes"], bytes.len());
        assert_eq!(file["sha256"], hex::encode(Sha256::digest(&bytes)));
    }
    assert_eq!(manifest["dossier_sha256"], hex::encode(Sha256::digest(read("dossier.json"))));
    assert_eq!(std::fs::read_dir(out.path()).unwrap().count(), 5, "something else was left behind");
}

#[test]
fn progress_lines_end_with_the_whole() {
    let folder = tree(&[("a.py", ""), ("b.py", "")]);
    let out = tempfile::tempdir().unwrap();
    let output = analyze(folder.path(), out.path(), &["--progress"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("progress reading 2 2\n"), "{text}");
}

#[test]
fn exit_codes_are_as_documented() {
    let folder = tree(&[("a.py", ""), ("file", "")]);
    let out = tempfile::tempdir().unwrap();
    assert_eq!(analyze(Path::new("/no/such/folder"), out.path(), &[]).status.code(), Some(2));
    assert_eq!(analyze(folder.path(), &folder.path().join("file"), &[]).status.code(), Some(1));
    assert!(!out.path().join("manifest.json").exists());
}

#[test]
fn a_result_inside_the_tree_is_not_read_by_the_next_run() {
    let folder = tree(&[("a.py", "x = 1\n")]);
    let out = folder.path().join("out");
    let run = || {
        assert!(analyze(folder.path(), &out, &[]).status.success());
        std::fs::read(out.join("dossier.json")).unwrap()
    };
    assert!(run() == run());
}

#[test]
fn the_summary_is_flat_and_small() {
    let folder = tree(&[("package.json", "{\"scripts\": {\"test\": \"x\"}}")]);
    let out = tempfile::tempdir().unwrap();
    let output = analyze(folder.path(), out.path(), &["--json"]);
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["facts"]["command"], 1);
    assert_eq!(summary["metrics"]["dci"], serde_json::Value::Null);
    assert_eq!(summary["files"], serde_json::json!({"seen": 1, "analyzed": 1}));
    assert!(output.stdout.len() < 64 * 1024);
}

/// The folders that each are one fixture.
fn fixtures() -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for kind in std::fs::read_dir(super::support::fixture("")).unwrap() {
        let kind = kind.unwrap().path();
        out.push(kind.clone());
        let inner = std::fs::read_dir(&kind).unwrap().map(|entry| entry.unwrap().path());
        out.extend(inner.filter(|path| path.is_dir()));
    }
    out.sort();
    out
}

#[test]
fn what_the_prefilter_keeps_from_being_parsed_would_not_change_a_byte() {
    let out = tempfile::tempdir().unwrap();
    let fixtures = fixtures();
    assert!(fixtures.len() > 30, "{}", fixtures.len());
    let mut languages = std::collections::BTreeSet::new();
    for fixture in fixtures {
        let dossier = |more: &[&str]| {
            assert!(analyze(&fixture, out.path(), more).status.success());
            std::fs::read_to_string(out.path().join("dossier.json")).unwrap()
        };
        let (filtered, whole) = (dossier(&[]), dossier(&["--no-prefilter"]));
        let differs = filtered.split("{\"").zip(whole.split("{\"")).find(|(one, other)| one != other);
        assert!(filtered == whole, "{}: {differs:?}", fixture.display());
        let dossier: serde_json::Value = serde_json::from_str(&whole).unwrap();
        let counted = dossier["coverage"]["languages"].as_array().unwrap().iter();
        languages.extend(counted.map(|language| language["name"].as_str().unwrap().to_owned()));
    }
    for parsed in ["JavaScript", "TypeScript", "Python", "Rust", "Go", "Java", "C#", "Ruby", "PHP"] {
        assert!(languages.contains(parsed), "no fixture is written in {parsed}");
    }
}
