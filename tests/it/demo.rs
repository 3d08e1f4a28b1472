//! `ci-feed demo` and `ci-feed analyze` as a person runs them.

use std::process::Command;

use serde_json::json;

use crate::support::free_port;
use crate::support::git_server::GitServer;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::BINARY;

fn demo(folder: &std::path::Path, args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(BINARY).arg("demo").arg("--exit").args(args).current_dir(folder).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

#[test]
fn the_demo_shows_the_last_commits_of_a_local_repository() {
    let folder = tempfile::tempdir().unwrap();
    let mut repo = TestRepo::create(folder.path(), "octo", "shop");
    repo.commit(EXPRESS_APP);
    let before = repo.commit(&[("NEWS.md", "We sell eggs.\n")]);
    let (code, said) = demo(folder.path(), &["octo/shop.git", "--commits", "2"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the last 2 commits of shop"), "{said}");
    assert!(said.contains("2 endpoints"), "{said}");
    // Nothing in them is for a deploy; the bundled history comes after them, with something that is.
    let (ours, example) = said.split_once("An example of ours").unwrap();
    assert_eq!(ours.matches("SUCCEEDED").count(), 2, "{said}");
    assert!(example.contains("Look here:  http://127.0.0.1:") && example.contains("SMTP_URL"), "{said}");
    // Reading a repository leaves it as it was.
    let after = git2::Repository::open_bare(folder.path().join("octo/shop.git")).unwrap();
    assert_eq!(after.head().unwrap().target().unwrap().to_string(), before);
    assert_eq!(after.references().unwrap().count(), 1);
}

#[test]
fn without_a_repository_the_demo_brings_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = demo(folder.path(), &[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.matches("SUCCEEDED").count(), 3, "{said}");
    let list = said.split_once("Before you deploy:").unwrap().1;
    assert!(list.contains("SMTP_URL") && list.contains("(routes/loans.js:4)") && list.contains("Look here:"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the demo left something in the current folder");
}

#[test]
fn a_path_that_is_no_repository_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = demo(folder.path(), &["nowhere"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("nowhere cannot be shown"), "{said}");
}

/// What a person sees who runs it in a terminal.
fn in_a_terminal(folder: &std::path::Path, no_color: &str) -> String {
    let mut command = Command::new("script");
    command.args(["-qec", &format!("{BINARY} demo --exit"), "/dev/null"]).current_dir(folder);
    let output = command.env("TERM", "xterm-256color").env("NO_COLOR", no_color).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn in_a_terminal_the_demo_says_what_goes_on_in_colours_unless_nobody_wants_them() {
    let folder = tempfile::tempdir().unwrap();
    let said = in_a_terminal(folder.path(), "");
    assert!(said.contains("fetching and reading commit 1 of 3"), "{said:?}");
    assert!(said.contains("\u{1b}[32mSUCCEEDED"), "{said:?}");
    let said = in_a_terminal(folder.path(), "1");
    assert!(said.contains("fetching and reading commit 1 of 3") && !said.contains("\u{1b}[32m"), "{said:?}");
}

fn public(folder: &std::path::Path, forge: &str, repo: &str) -> (Option<i32>, String) {
    let mut command = Command::new(BINARY);
    command.args(["demo", "--exit", repo, "--commits", "2"]).current_dir(folder).env("GITHUB_SERVER_URL", forge);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_repository_is_shown_by_its_name() {
    let git = GitServer::start().await;
    let mut shop = TestRepo::create(git.root(), "octo", "shop");
    let mut commits = vec![shop.commit(EXPRESS_APP)];
    commits.push(shop.commit(&[("late.js", "console.log(process.env.LATE_FEE)\n")]));
    commits.push(shop.commit(&[("pay.js", "require('http').get(process.env.PAY_URL)\n")]));
    // Newest first, with one that a merge brought and that is no state of the branch.
    let listed = [
        json!({ "sha": commits[2], "parents": [{ "sha": commits[1] }], "commit": { "message": "Pay\n\nat once", "author": { "name": "Ada" } } }),
        json!({ "sha": "e".repeat(40), "parents": [], "commit": { "message": "Aside", "author": null } }),
        json!({ "sha": commits[1], "parents": [{ "sha": commits[0] }], "commit": { "message": "Late", "author": { "name": "Ada" } } }),
        json!({ "sha": commits[0], "parents": [], "commit": { "message": "First", "author": { "name": "Ada" } } }),
    ];
    git.tell("repos/octo/shop", &json!({ "default_branch": "main" }));
    git.tell("repos/octo/shop/commits", &json!(listed));
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = public(folder.path(), &git.url, "octo/shop");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the last 2 commits of octo/shop") && said.contains("Pay"), "{said}");
    assert!(said.contains("PAY_URL") && said.contains("(pay.js:1)"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the demo left something in the current folder");

    let (code, said) = public(folder.path(), &git.url, "octo/nothing");
    assert!(code == Some(1) && said.contains("has no repository octo/nothing, or hides it"), "{said}");
    let away = format!("http://127.0.0.1:{}", free_port());
    let (code, said) = public(folder.path(), &away, "octo/shop");
    assert!(code == Some(1) && said.contains("does not answer") && said.contains("needs no network"), "{said}");
}
