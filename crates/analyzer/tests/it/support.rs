//! What the tests analyze: fixtures, files in memory, folders and commits.

use std::fs;
use std::path::{Path, PathBuf};

use ci_feed_analyzer::judge::findings::rule_texts;
use ci_feed_analyzer::tree::progress::Progress;
use ci_feed_analyzer::tree::walk::{self, Caps, Tree};
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::{Dossier, Fact, Subject, Unresolved};

/// The paths and bytes of a tree.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// The folder of a fixture, `kind/name`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// The name of every fixture, sorted.
pub(crate) fn fixtures() -> Vec<String> {
    let folders = |parent: &str| -> Vec<String> {
        let entries = fs::read_dir(fixture(parent)).unwrap().map(|entry| entry.unwrap());
        let entries = entries.filter(|entry| entry.path().is_dir());
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    };
    let named = |kind: &String| folders(kind).into_iter().map(move |name| format!("{kind}/{name}")).collect::<Vec<_>>();
    let mut names: Vec<String> = folders("").iter().flat_map(named).collect();
    names.sort();
    assert!(names.len() > 50, "{names:?}");
    names
}

/// The files of a fixture, sorted by path.
pub(crate) fn files(fixture_name: &str) -> Files {
    let root = fixture(fixture_name);
    let mut open = vec![root.clone()];
    let mut out = Files::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            out.push((path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()));
        }
    }
    assert!(!out.is_empty(), "{fixture_name} has no files");
    out.sort();
    out
}

/// A tree in memory.
pub(crate) fn in_memory(files: &[(impl AsRef<str>, impl AsRef<[u8]>)]) -> Tree {
    walk::of_files(files.iter().map(|(path, bytes)| (path.as_ref().to_owned(), bytes.as_ref().to_vec())))
}

/// The dossier of a tree.
pub(crate) fn dossier_of(tree: &Tree) -> Dossier {
    ci_feed_analyzer::publish(ci_feed_analyzer::analyze(tree, &Progress::default()), Subject::default())
}

/// The dossier of files in memory.
pub(crate) fn dossier(files: &[(impl AsRef<str>, impl AsRef<[u8]>)]) -> Dossier {
    dossier_of(&in_memory(files))
}

/// What a dossier says of one kind of fact.
#[derive(Debug)]
pub(crate) struct Stated {
    pub(crate) facts: Vec<Fact>,
    pub(crate) unresolved: Vec<Unresolved>,
}

/// What the dossier of files in memory says of one kind of fact.
fn stated(kind: FactKind, files: &[(impl AsRef<str>, impl AsRef<[u8]>)]) -> Stated {
    let Dossier { mut facts, mut unresolved, .. } = dossier(files);
    facts.retain(|fact| fact.kind == kind);
    unresolved.retain(|one| one.kind == kind);
    Stated { facts, unresolved }
}

pub(crate) fn endpoints(files: &[(impl AsRef<str>, impl AsRef<[u8]>)]) -> Stated {
    stated(FactKind::Endpoint, files)
}

pub(crate) fn variables(files: &[(impl AsRef<str>, impl AsRef<[u8]>)]) -> Stated {
    stated(FactKind::EnvVar, files)
}

pub(crate) fn ports(files: &[(impl AsRef<str>, impl AsRef<[u8]>)]) -> Stated {
    stated(FactKind::Port, files)
}

pub(crate) fn tables(files: &[(impl AsRef<str>, impl AsRef<[u8]>)]) -> Stated {
    stated(FactKind::Table, files)
}

/// The keys of the facts, sorted.
pub(crate) fn keys(stated: &Stated) -> Vec<&str> {
    stated.facts.iter().map(|fact| fact.key.as_str()).collect()
}

/// A module of Go with one file.
pub(crate) fn module(main: &str) -> [(&str, &str); 2] {
    [("go.mod", "module example.test/x\n"), ("main.go", main)]
}

/// All evidence of a dossier.
pub(crate) fn evidence(dossier: &Dossier) -> impl Iterator<Item = &Evidence> {
    let facts = dossier.facts.iter().flat_map(|fact| &fact.evidence);
    let unresolved = dossier.unresolved.iter().flat_map(|one| &one.evidence);
    let claims = dossier.claims.iter().flat_map(|claim| &claim.evidence);
    let unknowns = dossier.unknowns.iter().flat_map(|unknown| &unknown.evidence);
    facts.chain(unresolved).chain(claims).chain(unknowns).chain(dossier.findings.iter().flat_map(|one| &one.evidence))
}

/// Read a directory, or a commit, with the default caps.
pub(crate) fn read(source: &Path, sha: Option<&str>) -> Tree {
    walk::read(source, sha, None, Caps::default(), &Progress::default()).unwrap()
}

/// A temporary directory with these files.
pub(crate) fn folder(files: &[(impl AsRef<str>, impl AsRef<[u8]>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path.as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
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

/// The bytes of every file that is made of a dossier.
pub(crate) fn published(dossier: &Dossier) -> Vec<u8> {
    let out = tempfile::tempdir().unwrap();
    ci_feed_dossier::write(dossier, None, &rule_texts(), out.path()).unwrap();
    let mut names: Vec<_> = fs::read_dir(out.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert_eq!(names.len(), 5);
    names.iter().flat_map(|name| fs::read(name).unwrap()).collect()
}
