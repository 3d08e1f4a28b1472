//! Trees to analyze: fixtures, and small ones written on the spot.

use std::fs;
use std::path::{Path, PathBuf};

use ci_feed_analyzer::tree::progress::Progress;
use ci_feed_analyzer::tree::walk::{self, Caps, Tree};
use ci_feed_dossier::v1::{Dossier, Subject};

/// The folder of a fixture.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(name)
}

/// Read a tree with the default caps.
pub(crate) fn read(source: &Path, sha: Option<&str>) -> Tree {
    walk::read(source, sha, None, Caps::default(), &Progress::default()).unwrap()
}

/// The dossier of a directory, or of a commit.
pub(crate) fn dossier(source: &Path, sha: Option<&str>) -> Dossier {
    ci_feed_analyzer::publish(ci_feed_analyzer::analyze(&read(source, sha), &Progress::default()), Subject::default())
}

/// A temporary directory with these files.
pub(crate) fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Commit a directory into a fresh bare repository; answers with the commit's id.
pub(crate) fn commit(folder: &Path, bare: &Path) -> String {
    let repository = git2::Repository::init_bare(bare).unwrap();
    let tree = write_tree(&repository, folder);
    let who = git2::Signature::new("a", "a@example.org", &git2::Time::new(0, 0)).unwrap();
    let tree = repository.find_tree(tree).unwrap();
    repository.commit(Some("refs/heads/main"), &who, &who, "x", &tree, &[]).unwrap().to_string()
}

fn write_tree(repository: &git2::Repository, folder: &Path) -> git2::Oid {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::PermissionsExt as _;
    let mut builder = repository.treebuilder(None).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let meta = fs::symlink_metadata(entry.path()).unwrap();
        let (id, mode) = if meta.is_dir() {
            (write_tree(repository, &entry.path()), 0o040000)
        } else if meta.is_symlink() {
            (repository.blob(fs::read_link(entry.path()).unwrap().as_os_str().as_bytes()).unwrap(), 0o120000)
        } else {
            let mode = if meta.permissions().mode() & 0o100 != 0 { 0o100755 } else { 0o100644 };
            (repository.blob(&fs::read(entry.path()).unwrap()).unwrap(), mode)
        };
        builder.insert(entry.file_name(), id, mode).unwrap();
    }
    builder.write().unwrap()
}

/// The canonical bytes of a dossier, as they are published.
pub(crate) fn bytes(dossier: &Dossier) -> Vec<u8> {
    let out = tempfile::tempdir().unwrap();
    ci_feed_dossier::write(dossier, None, &ci_feed_analyzer::judge::findings::rule_texts(), out.path()).unwrap();
    let mut all = Vec::new();
    for name in ["DOSSIER.md", "dossier.json", "findings.sarif", "manifest.json", "summary.json"] {
        all.extend(fs::read(out.path().join(name)).unwrap());
    }
    all
}
