//! Input that is broken, huge or meant to hurt: what parses counts, the rest is a note, and nothing falls over.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use ci_feed_analyzer::tree::progress::Progress;
use ci_feed_analyzer::tree::walk::{self, Caps, WalkError};
use ci_feed_dossier::fact::FactKind;

use super::support::{commit, dossier, tree};

fn problems(dossier: &ci_feed_dossier::v1::Dossier) -> Vec<&str> {
    dossier.coverage.parse_problems.iter().map(|problem| problem.path.as_str()).collect()
}

#[test]
fn a_broken_manifest_yields_what_stands_before_the_break_and_a_note() {
    let folder = tree(&[
        ("package.json", "{ \"scripts\": { \"build\": \"tsc\" }, \"dependencies\": { \"a\": \"1\", \"b\": }"),
        ("Cargo.toml", "[package]\nname = \"x\"\n[dependencies]\nserde = \"1\"\n[dev-dependencies]\ninsta = = 1\n"),
    ]);
    let dossier = dossier(folder.path(), None);
    let keys: Vec<&str> = dossier.facts_of(FactKind::Dependency).map(|fact| fact.key.as_str()).collect();
    assert!(keys.contains(&"npm:a (runtime) package.json"), "{keys:?}");
    assert!(keys.contains(&"cargo:serde (runtime) Cargo.toml"), "{keys:?}");
    assert_eq!(problems(&dossier), ["Cargo.toml", "package.json"]);
}

#[test]
fn nesting_without_end_is_bounded_in_every_format() {
    let deep = 100_000;
    let folder = tree(&[
        ("package.json", &format!("{{\"scripts\":{}", "[".repeat(deep))),
        ("a/package.json", &format!("{}1{}", "{\"a\":".repeat(deep), "}".repeat(deep))),
        ("pyproject.toml", &format!("a = {}", "[".repeat(deep))),
        ("b/pyproject.toml", &format!("{} = 1", vec!["a"; deep].join("."))),
        (".gitlab-ci.yml", &format!("a: {}", "[".repeat(deep))),
        (".github/workflows/x.yml", &format!("jobs: {}", "- ".repeat(10_000))),
        ("README.md", &"> ".repeat(5_000)),
    ]);
    let dossier = dossier(folder.path(), None);
    assert_eq!(dossier.coverage.analyzed, 7);
    assert!(problems(&dossier).len() >= 5, "{:?}", problems(&dossier));
}

#[test]
fn an_alias_bomb_costs_a_note() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let last = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![last; 9].join(", ")));
    }
    let folder = tree(&[(".gitlab-ci.yml", &bomb)]);
    assert_eq!(problems(&dossier(folder.path(), None)), [".gitlab-ci.yml"]);
}

#[test]
fn a_file_over_the_cap_is_skipped_and_named() {
    let folder = tree(&[("big.py", &"x = 1\n".repeat(100)), ("small.py", "x = 1\n")]);
    let caps = Caps { max_file_bytes: 100, ..Caps::default() };
    let tree = walk::read(folder.path(), None, None, caps, &Progress::default()).unwrap();
    assert_eq!(tree.skipped[&walk::SkipReason::TooLarge], ["big.py"]);
    assert!(tree.partial && tree.id.is_some());
}

#[test]
fn files_over_the_number_are_skipped_in_path_order() {
    let folder = tree(&[("a", ""), ("b/c", ""), ("d", "")]);
    let caps = Caps { max_files: 2, ..Caps::default() };
    let tree = walk::read(folder.path(), None, None, caps, &Progress::default()).unwrap();
    assert_eq!(tree.skipped[&walk::SkipReason::TooManyFiles], ["d"]);
    assert!(tree.partial && tree.id.is_none());
}

#[test]
fn folders_over_the_depth_are_not_entered() {
    let folder = tree(&[("a/b/c/d.py", ""), ("a/x.py", "")]);
    let caps = Caps { max_depth: 2, ..Caps::default() };
    let tree = walk::read(folder.path(), None, None, caps, &Progress::default()).unwrap();
    assert_eq!(tree.skipped[&walk::SkipReason::TooDeep], ["a/b/c/"]);
    assert_eq!(tree.corpus.files().len(), 1);
}

#[test]
fn paths_over_the_length_are_skipped_alike_in_a_directory_and_a_commit() {
    let folder = tree(&[("a/b/long-name.py", ""), ("x.py", "")]);
    let bare = tempfile::tempdir().unwrap();
    let sha = super::support::commit(folder.path(), bare.path());
    let caps = Caps { max_path_bytes: 10, ..Caps::default() };
    for (source, sha) in [(folder.path(), None), (bare.path(), Some(sha.as_str()))] {
        let tree = walk::read(source, sha, None, caps, &Progress::default()).unwrap();
        assert_eq!(tree.skipped[&walk::SkipReason::PathTooLong], ["a/b/long-name.py…"]);
        assert_eq!((tree.corpus.files().len(), tree.seen, tree.partial), (1, 2, true));
    }
}

#[test]
fn names_that_are_no_text_are_escaped() {
    let folder = tree(&[("ok.py", "")]);
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9.py")), "x = 1\n").unwrap();
    let tree = walk::read(folder.path(), None, None, Caps::default(), &Progress::default()).unwrap();
    assert_eq!(tree.corpus.files()[0].path, "caf\\xe9.py");
}

#[test]
fn what_cannot_be_read_is_an_error_that_says_so() {
    let read = |path: &std::path::Path, sha| walk::read(path, sha, None, Caps::default(), &Progress::default());
    let bare = tempfile::tempdir().unwrap();
    git2::Repository::init_bare(bare.path()).unwrap();
    assert!(matches!(read(std::path::Path::new("/no/such/folder"), None), Err(WalkError::NotADirectory(_))));
    assert!(matches!(read(bare.path(), None), Err(WalkError::ShaNeeded(_))));
    assert!(matches!(read(bare.path(), Some("main")), Err(WalkError::BadSha(_))));
    assert!(matches!(read(bare.path(), Some(&"0".repeat(40))), Err(WalkError::CommitNotFound(_))));
}

#[test]
fn untrusted_text_stays_text_in_the_markdown() {
    let folder = tree(&[(
        "package.json",
        "{\"scripts\": {\"x`](javascript:1)<img src=x>\\u202e\": \"1\"}, \"license\": \"[a](b) <script>\"}",
    )]);
    let text = ci_feed_dossier::markdown::render(&dossier(folder.path(), None), None);
    assert!(text.contains("<script>`") || text.contains("<script> package.json`"), "only inside code: {text}");
    assert!(!text.contains('\u{202e}'));
    assert!(text.contains("``npm run x`](javascript:1)<img src=x>\\u{202e}``"), "{text}");
}

#[test]
fn a_name_in_large_test_data_is_found_though_the_data_is_not_held() {
    let data = format!("{}ONLY_DATA_NAMES_IT\n", "x\n".repeat(50_000));
    let sample = "ONLY_DATA_NAMES_IT=1\nNOTHING_NAMES_IT=1\n";
    let folder = tree(&[(".env.example", sample), ("tests/data.unheard", &data)]);
    let bare = tempfile::tempdir().unwrap();
    let sha = commit(folder.path(), bare.path());
    for dossier in [dossier(folder.path(), None), dossier(bare.path(), Some(&sha))] {
        let unread = dossier.findings.iter().filter(|finding| finding.rule == "documented-env-var-unread");
        let unread: Vec<&str> = unread.map(|finding| finding.message.as_str()).collect();
        assert!(matches!(unread[..], [one] if one.contains("`NOTHING_NAMES_IT`")), "{unread:?}");
        assert_eq!(dossier.coverage.analyzed, 2);
    }
}
