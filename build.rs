//! The binary carries the migrations, of which a new file alone would not make it be built again, and says what it was
//! built from.

/// Set by who builds from a commit without changes (`scripts/release`, the image). Git is not asked: an archive has none,
/// a working tree may differ from its commit.
const COMMIT: Option<&str> = option_env!("BUILD_COMMIT");

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    let commit = COMMIT.filter(|commit| !commit.is_empty()).unwrap_or("unknown");
    println!("cargo:rustc-env=CI_FEED_VERSION={} (commit {commit})", env!("CARGO_PKG_VERSION"));
}
