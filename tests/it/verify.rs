//! `ci-feed verify` and `ci-feed drift` as programs: a true dossier passes, each way to touch it is named.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::support::repo::TestRepo;
use super::support::server::BINARY;

fn ci_feed(args: &[&str]) -> Output {
    Command::new(BINARY).args(args).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A commit with its dossier beside it.
struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sha = TestRepo::create(folder.path(), "octo", "shop").commit(files);
        let made = Self { folder };
        let output = ci_feed(&["analyze", text(&made.repo()), "--sha", &sha, "--out", text(&made.out())]);
        assert!(output.status.success(), "{output:?}");
        made
    }

    fn repo(&self) -> PathBuf {
        self.folder.path().join("octo/shop.git")
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn verify(&self) -> (Option<i32>, String) {
        let output = ci_feed(&["verify", text(&self.out()), "--repo", text(&self.repo())]);
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    }

    /// Change the dossier, in canonical form and with a manifest that agrees: only the commit can tell.
    fn tamper(&self, change: impl FnOnce(&mut Value)) {
        let path = self.out().join("dossier.json");
        let mut dossier: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut dossier);
        fs::write(&path, format!("{dossier}\n")).unwrap();
        fs::remove_file(self.out().join("manifest.json")).unwrap_or_default();
    }
}

/// Something of everything that a dossier says.
const SHOP: &[(&str, &str)] = &[
    ("README.md", "# It\n\n```sh\nnpm start\nnpm run gone\n```\n"),
    ("package.json", "{ \"scripts\": { \"start\": \"node s.js\" }, \"dependencies\": { \"express\": \"4.0.0\" } }"),
    (
        "s.js",
        "const app = require('express')();\napp.get('/a', (q, s) => s.send(process.env.KEY));\napp.get(other(), x);\napp.listen(3000);\n",
    ),
];

type Mutation = (&'static str, fn(&mut Value), &'static str);

/// What is changed, how, and what the answer must name.
const MUTATIONS: &[Mutation] = &[
    ("a hash", |d| d["facts"][0]["evidence"][0]["sha256"] = json!("0".repeat(64)), "facts[0]"),
    ("a line", |d| d["facts"][1]["evidence"][0]["start_line"] = json!(900_000), "facts[1]"),
    ("a path", |d| d["facts"][2]["evidence"][0]["path"] = json!("no/such.file"), "facts[2]"),
    ("an excerpt", |d| d["facts"][1]["evidence"][0]["excerpt"] = json!("rm -rf /"), "facts[1]"),
    ("a key", |d| d["facts"][0]["key"] = json!("GET /invented"), "facts[0].key"),
    ("an id", |d| d["facts"][0]["id"] = json!("0123456789abcdef"), "facts[0].id"),
    ("a status", |d| d["facts"][0]["status"] = json!("INFERRED"), "facts[0].status"),
    ("a detail", |d| d["facts"][0]["attrs"]["guard"] = json!("found"), "facts[0].attrs.guard"),
    ("a fact gone", |d| drop(d["facts"].as_array_mut().unwrap().remove(3)), "facts[3]"),
    (
        "a fact twice",
        |d| {
            let one = d["facts"][0].clone();
            d["facts"].as_array_mut().unwrap().push(one);
        },
        "facts[",
    ),
    ("a verdict", |d| d["claims"][0]["verdict"] = json!("UNVERIFIABLE"), "claims[0].verdict"),
    ("a reason", |d| d["claims"][0]["why"] = json!("because"), "claims[0].why"),
    ("a claim's line", |d| d["claims"][0]["line"] = json!(77), "claims[0].line"),
    ("a finding", |d| d["findings"][0]["message"] = json!("all is well"), "findings[0].message"),
    ("an unknown", |d| d["unknowns"][0]["status"] = json!("EVIDENCED"), "unknowns[0].status"),
    ("a metric", |d| d["metrics"]["dci"]["value"] = json!(1), "metrics.dci.value"),
    ("coverage", |d| d["coverage"]["analyzed"] = json!(1_000), "coverage.analyzed"),
    ("the tree", |d| d["subject"]["tree"] = json!("0".repeat(40)), "subject.tree"),
    ("a field more", |d| d["approved"] = json!(true), "approved"),
    ("the unresolved", |d| d["unresolved"] = json!([]), "unresolved"),
];

#[test]
fn a_true_dossier_passes() {
    let (code, said) = Made::new(SHOP).verify();
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn each_way_to_tamper_with_a_dossier_is_named() {
    for (what, change, named) in MUTATIONS {
        let made = Made::new(SHOP);
        made.tamper(change);
        let (code, said) = made.verify();
        assert_eq!(code, Some(4), "{what}: {said}");
        assert!(said.contains(named), "{what}: {said}");
    }
    assert_eq!(MUTATIONS.len(), 20);
}

#[test]
fn white_space_and_a_stale_manifest_are_named() {
    let made = Made::new(SHOP);
    let path = made.out().join("dossier.json");
    let pretty: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    fs::write(&path, serde_json::to_vec_pretty(&pretty).unwrap()).unwrap();
    let (code, said) = made.verify();
    assert_eq!(code, Some(4));
    assert!(said.contains("canonical form") && said.contains("manifest.json"), "{said}");
}

#[test]
fn a_dossier_by_other_rules_has_its_evidence_checked_and_says_so() {
    let made = Made::new(SHOP);
    made.tamper(|dossier| dossier["analyzer"]["rules_digest"] = json!("another"));
    let (code, said) = made.verify();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("only its evidence"), "{said}");
}

#[test]
fn what_cannot_be_checked_is_no_match() {
    let made = Made::new(SHOP);
    made.tamper(|dossier| dossier["subject"]["sha"] = json!("3".repeat(40)));
    assert_eq!(made.verify().0, Some(3));
    fs::write(made.out().join("dossier.json"), "{").unwrap();
    assert_eq!(made.verify().0, Some(3));
}

#[test]
fn drift_answers_with_the_documented_exit_codes() {
    let (one, other) = (Made::new(SHOP), Made::new(&[SHOP, &[("s.js", "")]].concat()));
    let drift = |args: &[&str]| ci_feed(&[&["drift"], args].concat());
    let (base, head) = (one.out(), other.out());
    assert_eq!(drift(&[text(&base), text(&head)]).status.code(), Some(0));
    assert_eq!(drift(&[text(&base), text(&head), "--exit-code"]).status.code(), Some(4));
    assert_eq!(drift(&[text(&base), text(&base), "--exit-code"]).status.code(), Some(0));
    assert_eq!(drift(&[text(&base), "/no/such/dossier"]).status.code(), Some(3));
    let json: Value = serde_json::from_slice(&drift(&[text(&base), text(&head), "--json"]).stdout).unwrap();
    assert_eq!(json["schema"], json!("ci-feed.drift.v1"));
}

/// What a terminal obeys, and what makes a line of its own.
const HOSTILE: &str = "x\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}\u{2028}\n181 anchors match";

fn assert_shown_only(what: &str, output: &Output) {
    let said = String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap();
    assert!(said.contains("owned"), "{what}: {said:?}");
    assert!(!said.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{2028}']), "{what}: {said:?}");
    assert!(!said.lines().any(|line| line.starts_with("181 anchors")), "{what}: {said}");
}

#[test]
fn what_strangers_wrote_reaches_no_terminal_as_it_is() {
    let made = Made::new(SHOP);
    made.tamper(|dossier| {
        dossier["facts"][0]["key"] = json!(HOSTILE);
        dossier["facts"][0]["evidence"][0]["path"] = json!(HOSTILE);
    });
    let (out, repo) = (made.out(), made.repo());
    let verify = |more: &[&str]| ci_feed(&[&["verify", text(&out), "--repo", text(&repo)], more].concat());
    assert_shown_only("verify", &verify(&[]));
    let json = verify(&["--json"]);
    assert_shown_only("verify --json", &json);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(json["mismatches"].to_string().contains("owned"), "it is JSON still: {json}");
    let other = Made::new(SHOP);
    other.tamper(|dossier| dossier["facts"][0]["id"] = json!("another"));
    for flag in ["--exit-code", "--json"] {
        assert_shown_only("drift", &ci_feed(&["drift", text(&other.out()), text(&out), flag]));
    }
    for wrong in [json!({ "schema": HOSTILE }), json!(HOSTILE)] {
        made.tamper(|dossier| match wrong.as_object() {
            Some(_) => dossier["schema"] = wrong["schema"].clone(),
            None => dossier["facts"] = wrong.clone(),
        });
        assert_shown_only("verify of no dossier", &verify(&[]));
        assert_shown_only("drift of no dossier", &ci_feed(&["drift", text(&out), text(&out)]));
    }
}

#[test]
fn what_a_server_answers_reaches_no_terminal_as_it_is() {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answers = [json!({ "ok": false, "error": HOSTILE, "code": HOSTILE }), json!({ "ok": true, "run_id": HOSTILE })];
    let server = std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = Vec::new();
            while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                let mut part = [0; 4096];
                let read = stream.read(&mut part).unwrap();
                asked.extend_from_slice(&part[..read]);
            }
            let body = answer.to_string();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
                .unwrap();
        }
    });
    for _ in 0..2 {
        assert_shown_only("enqueue", &ci_feed(&["enqueue", "octo/shop", "--url", &url]));
    }
    server.join().unwrap();
}
