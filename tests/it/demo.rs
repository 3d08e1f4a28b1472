//! `ci-feed demo` and `ci-feed analyze` as a person runs them.

use std::process::Command;

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
    assert_eq!(said.matches("SUCCEEDED").count(), 2, "{said}");
    assert!(said.contains("2 endpoints"), "{said}");
    assert!(said.contains("The feed:     http://127.0.0.1:"), "{said}");
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
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the demo left something in the current folder");
}

#[test]
fn a_path_that_is_no_repository_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = demo(folder.path(), &["nowhere"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("nowhere cannot be shown"), "{said}");
}
