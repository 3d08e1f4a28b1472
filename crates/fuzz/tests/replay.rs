//! Inputs that a fuzzer found worth keeping, tried again on every run.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

/// The inputs that are kept of a target, sorted.
fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_input_that_was_kept_is_read_without_a_panic() {
    for (name, target) in ci_feed_fuzz::TARGETS {
        let inputs = corpus(name);
        assert!(inputs.len() >= 10, "{name} has {} inputs", inputs.len());
        for input in inputs {
            let bytes = fs::read(&input).unwrap();
            assert!(bytes.len() <= 64 << 10, "{} is long", input.display());
            std::panic::catch_unwind(|| target(&bytes)).unwrap_or_else(|_| panic!("{} is not read", input.display()));
        }
    }
}

#[test]
fn every_folder_of_inputs_belongs_to_a_target() {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).unwrap();
    let mut folders: Vec<String> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    folders.sort();
    assert_eq!(folders, ci_feed_fuzz::TARGETS.map(|(name, _)| name));
}
