//! `ci-feed analyze` as a program: exit codes, progress lines, the same files whatever its surroundings.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::support::repo::TestRepo;
use super::support::server::BINARY;

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn analyze(source: &Path, out: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(BINARY);
    command.arg("analyze").arg(source).arg("--out").arg(out).args(more).output().unwrap()
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
    assert_eq!(analyze(Path::new("/no/such/folder"), out.path(), &[]).status.code(), Some(3));
    assert_eq!(analyze(folder.path(), &folder.path().join("file"), &[]).status.code(), Some(1));
    assert!(!out.path().join("manifest.json").exists());
}

#[test]
fn a_result_inside_the_tree_is_not_read_by_the_next_run() {
    let folder = tree(&[("a.py", "x = 1\n")]);
    let out = folder.path().join("out");
    let run = || {
        assert!(analyze(folder.path(), &out, &[]).status.success());
        fs::read(out.join("dossier.json")).unwrap()
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

/// Trees of every language, as one.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/analyzer/tests/fixtures");

/// The files below a folder that are text, by their paths in it.
fn texts(folder: &Path, prefix: &str, out: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            texts(&entry.path(), &format!("{path}/"), out);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            out.push((path, text));
        }
    }
}

#[test]
fn a_base_that_is_analyzed_with_its_successor_changes_nothing_of_either() {
    let mut files = Vec::new();
    texts(Path::new(FIXTURES), "", &mut files);
    files.sort();
    assert!(files.len() > 300);
    let root = tempfile::tempdir().unwrap();
    let mut repo = TestRepo::create(root.path(), "octo", "all");
    let of = |wanted: &dyn Fn(usize) -> bool| -> Vec<(&str, &str)> {
        let wanted = files.iter().enumerate().filter(|(n, _)| wanted(*n));
        wanted.map(|(_, (path, text))| (path.as_str(), text.as_str())).collect()
    };
    let first = repo.commit(&of(&|n| n % 5 != 0));
    // Some are new, some are cut in two, so that what parsed does not and the other way round.
    let mut second = of(&|n| n % 5 == 0);
    let half = |(path, text)| (path, &text[..str::floor_char_boundary(text, text.len() / 2)]);
    second.extend(of(&|n| n % 7 == 1).into_iter().map(half));
    let second = repo.commit(&second);
    let source = root.path().join("octo/all.git");
    for (base, head) in [(&first, &second), (&second, &first)] {
        let out = |name: &str| root.path().join(format!("{name}-{head}"));
        let (apart, of_base, together) = (out("apart"), out("base"), out("together"));
        assert!(analyze(&source, &of_base, &["--sha", base]).status.success());
        let dossier = of_base.join("dossier.json").display().to_string();
        assert!(analyze(&source, &apart, &["--sha", head, "--base", &dossier]).status.success());
        let output = analyze(&source, &together, &["--sha", head, "--base-sha", base]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for name in ["dossier.json", "drift.json", "DOSSIER.md", "summary.json"] {
            let (one, other) = (fs::read(apart.join(name)).unwrap(), fs::read(together.join(name)).unwrap());
            assert!(one == other, "{name} differs");
        }
    }
}

#[test]
fn any_number_of_threads_says_the_same() {
    let run = |threads: &str| {
        let out = tempfile::tempdir().unwrap();
        let mut command = Command::new(BINARY);
        command.args(["analyze", FIXTURES, "--out"]).arg(out.path()).env("RAYON_NUM_THREADS", threads);
        assert!(command.output().unwrap().status.success());
        fs::read(out.path().join("dossier.json")).unwrap()
    };
    let one = run("1");
    assert!(one == run("2") && one == run("8"));
}

#[test]
fn the_program_writes_the_same_files_whatever_its_surroundings() {
    let source = Path::new(FIXTURES).join("command/tools");
    let run = |settings: &[(&str, &str)], umask: &str, out: &Path| {
        let script = format!("umask {umask}; exec \"$0\" analyze \"$1\" --out \"$2\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script, BINARY]).arg(&source).arg(out).current_dir("/").env_clear();
        command.envs(settings.iter().copied());
        assert!(command.output().unwrap().status.success());
        ["DOSSIER.md", "dossier.json", "findings.sarif", "manifest.json", "summary.json"]
            .map(|name| fs::read(out.join(name)).unwrap())
    };
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = run(&[], "022", one.path());
    let second = run(
        &[("TZ", "Asia/Tokyo"), ("LANG", "tr_TR.UTF-8"), ("LC_ALL", "C"), ("RAYON_NUM_THREADS", "1")],
        "077",
        two.path(),
    );
    assert!(first == second);
    let text = String::from_utf8(first[1].clone()).unwrap();
    assert!(!text.contains(env!("CARGO_MANIFEST_DIR")), "an absolute path is in the dossier");
}
