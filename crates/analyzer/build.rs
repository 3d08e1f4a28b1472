//! Hashes the sources and queries of all packages that make facts into `CI_FEED_RULES_DIGEST`: the identity of the rules of a dossier.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// This package's sources, and those of the package that says what a fact and its evidence are.
const RULES: [&str; 2] = ["src", "../dossier/src"];

fn main() {
    let mut files = Vec::new();
    for folder in RULES {
        println!("cargo:rerun-if-changed={folder}");
        collect(Path::new(folder), &mut files);
    }
    files.sort();
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    for file in files {
        // Content and relative name only: two machines build the same digest.
        hash.update([0]);
        hash.update(file.to_string_lossy().as_bytes());
        hash.update([0]);
        hash.update(fs::read(&file).unwrap_or_default());
    }
    println!("cargo:rustc-env=CI_FEED_RULES_DIGEST={:x}", HexOf(hash.finalize().as_slice()));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

struct HexOf<'b>(&'b [u8]);

impl std::fmt::LowerHex for HexOf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
