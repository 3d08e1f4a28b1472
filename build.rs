//! The binary carries the migrations; a new file alone would not make it be built again. And it says what it was built from.

/// Set by whoever builds from a known commit (scripts/release, the Dockerfile); git is not asked, since a tree may differ
/// from its commit and a build from an archive has no git.
const COMMIT: Option<&str> = option_env!("CI_FEED_COMMIT");

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    let commit = COMMIT.filter(|commit| !commit.is_empty()).unwrap_or("unknown");
    println!("cargo:rustc-env=CI_FEED_VERSION={} (commit {commit})", env!("CARGO_PKG_VERSION"));
}
