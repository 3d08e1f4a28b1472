//! The documentation about frameworks is what their rules say.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ci_feed_analyzer::extract::framework_pages;

#[test]
fn the_pages_about_frameworks_are_made_from_the_rules() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/frameworks");
    let written: BTreeMap<String, String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect();
    assert_eq!(written, framework_pages(), "run `cargo run -- doctor --framework-pages docs/frameworks`");
}

#[test]
fn every_page_names_a_fixture_that_exists_and_documentation() {
    for (name, text) in
        framework_pages().iter().filter(|(name, _)| !matches!(name.as_str(), "README.md" | "not-read.md"))
    {
        let fixtures: Vec<&str> = text.split("](../../").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(!fixtures.is_empty(), "{name} names no fixture");
        for fixture in fixtures {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(fixture);
            assert!(path.is_dir(), "{name}: {fixture} does not exist");
        }
        assert!(text.contains("documentation: <https://"), "{name} links to no documentation");
    }
}
