//! Reading a tree: caps, git, ignored files, names that are no text.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ci_feed_analyzer::tree::progress::Progress;
use ci_feed_analyzer::tree::walk::{self, Caps, SkipReason, WalkError};

use crate::support::{commit, dossier_of, folder, published, read};

#[test]
fn a_file_over_the_cap_is_skipped_and_named() {
    let folder = folder(&[("big.py", "x = 1\n".repeat(100).as_str()), ("small.py", "x = 1\n")]);
    let caps = Caps { max_file_bytes: 100, ..Caps::default() };
    let tree = walk::read(folder.path(), None, None, caps, &Progress::default()).unwrap();
    assert_eq!(tree.skipped[&walk::SkipReason::TooLarge], ["big.py"]);
    assert!(tree.partial && tree.id.is_some());
}

#[test]
fn files_over_the_number_are_skipped_in_path_order() {
    let folder = folder(&[("a", ""), ("b/c", ""), ("d", "")]);
    let caps = Caps { max_files: 2, ..Caps::default() };
    let tree = walk::read(folder.path(), None, None, caps, &Progress::default()).unwrap();
    assert_eq!(tree.skipped[&walk::SkipReason::TooManyFiles], ["d"]);
    assert!(tree.partial && tree.id.is_none());
}

#[test]
fn folders_over_the_depth_are_not_entered() {
    let folder = folder(&[("a/b/c/d.py", ""), ("a/x.py", "")]);
    let caps = Caps { max_depth: 2, ..Caps::default() };
    let tree = walk::read(folder.path(), None, None, caps, &Progress::default()).unwrap();
    assert_eq!(tree.skipped[&walk::SkipReason::TooDeep], ["a/b/c/"]);
    assert_eq!(tree.corpus.files().len(), 1);
}

#[test]
fn paths_over_the_length_are_skipped_alike_in_a_directory_and_a_commit() {
    let folder = folder(&[("a/b/long-name.py", ""), ("x.py", "")]);
    let bare = tempfile::tempdir().unwrap();
    let sha = commit(folder.path(), bare.path());
    let caps = Caps { max_path_bytes: 10, ..Caps::default() };
    for (source, sha) in [(folder.path(), None), (bare.path(), Some(sha.as_str()))] {
        let tree = walk::read(source, sha, None, caps, &Progress::default()).unwrap();
        assert_eq!(tree.skipped[&walk::SkipReason::PathTooLong], ["a/b/long-name.py…"]);
        assert_eq!((tree.corpus.files().len(), tree.seen, tree.partial), (1, 2, true));
    }
}

#[test]
fn files_of_binary_formats_are_told_by_their_names_alike_in_a_directory_and_a_commit() {
    let large = "x".repeat(1024);
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n";
    let files =
        [("a.PNG", large.as_str()), ("a.py", &large), ("pointer.png", pointer), ("png", &large), ("small.woff2", "x")];
    let folder = folder(&files);
    let bare = tempfile::tempdir().unwrap();
    let sha = commit(folder.path(), bare.path());
    let mut ids = Vec::new();
    for (source, sha) in [(folder.path(), None), (bare.path(), Some(sha.as_str()))] {
        let tree = walk::read(source, sha, None, Caps::default(), &Progress::default()).unwrap();
        assert_eq!(tree.skipped[&walk::SkipReason::Binary], ["a.PNG"]);
        assert_eq!(tree.skipped[&walk::SkipReason::LfsPointer], ["pointer.png"]);
        let read: Vec<&str> = tree.corpus.files().iter().map(|file| file.path.as_str()).collect();
        assert_eq!(read, ["a.py", "png", "small.woff2"]);
        ids.push(tree.id);
    }
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn names_that_are_no_text_are_escaped() {
    let folder = folder(&[("ok.py", "")]);
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
fn a_name_in_large_test_data_is_found_though_the_data_is_not_held() {
    let data = format!("{}ONLY_DATA_NAMES_IT\n", "x\n".repeat(50_000));
    let sample = "ONLY_DATA_NAMES_IT=1\nNOTHING_NAMES_IT=1\n";
    let folder = folder(&[(".env.example", sample), ("tests/data.unheard", &data)]);
    let bare = tempfile::tempdir().unwrap();
    let sha = commit(folder.path(), bare.path());
    for dossier in [dossier_of(&read(folder.path(), None)), dossier_of(&read(bare.path(), Some(&sha)))] {
        let unread = dossier.findings.iter().filter(|finding| finding.rule == "documented-env-var-unread");
        let unread: Vec<&str> = unread.map(|finding| finding.message.as_str()).collect();
        assert!(matches!(unread[..], [one] if one.contains("`NOTHING_NAMES_IT`")), "{unread:?}");
        assert_eq!(dossier.coverage.analyzed, 2);
    }
}

#[test]
fn links_binaries_and_executables_do_not_make_a_directory_differ_from_its_commit() {
    let folder = crate::support::folder(&[
        ("src/a.py", "x = 1\n"),
        ("run.sh", "#!/bin/sh\n"),
        ("a.b/c", "1"),
        ("a/c", "2"),
        ("a-b", "3"),
    ]);
    fs::write(folder.path().join("image.png"), b"\x89PNG\0\0").unwrap();
    fs::set_permissions(folder.path().join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.py")).unwrap();
    let bare = tempfile::tempdir().unwrap();
    let sha = commit(folder.path(), bare.path());
    let from_directory = dossier_of(&read(folder.path(), None));
    assert!(published(&from_directory) == published(&dossier_of(&read(bare.path(), Some(&sha)))));
    let id =
        git2::Repository::open_bare(bare.path()).unwrap().revparse_single(&format!("{sha}^{{tree}}")).unwrap().id();
    assert_eq!(from_directory.subject.tree, Some(id.to_string()));
    assert_eq!(from_directory.coverage.skipped["symlink"].paths, ["link.py"]);
    assert_eq!(from_directory.coverage.skipped["binary"].paths, ["image.png"]);
    assert!(!from_directory.coverage.partial);
}

#[test]
fn a_checkout_is_read_without_git_and_without_what_it_ignores() {
    let folder = folder(&[
        (".gitignore", "/out/\n*.log\n!keep.log\nnode_modules\n"),
        ("out/x.py", ""),
        ("sub/out/y.py", ""),
        ("a.log", ""),
        ("keep.log", ""),
        ("node_modules/m/i.js", ""),
        ("tracked.log", ""),
    ]);
    let repository = git2::Repository::init(folder.path()).unwrap();
    let mut index = repository.index().unwrap();
    index.add_path(std::path::Path::new("tracked.log")).unwrap();
    index.write().unwrap();
    let tree = read(folder.path(), None);
    let paths: Vec<&str> = tree.corpus.files().iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, [".gitignore", "keep.log", "sub/out/y.py", "tracked.log"]);
}

#[test]
fn a_tracked_file_in_an_ignored_folder_is_read_whatever_the_version_of_the_index() {
    let long = format!("ignored/{}/deep.py", "long".repeat(40));
    let paths = ["a.py", "ignored/one.py", "ignored/one_more.py", "ignored/two.py", &long];
    for (version, is_extended) in [(2, false), (3, true), (4, false), (4, true)] {
        let files: Vec<(&str, &str)> = paths.iter().map(|path| (*path, "x = 1\n")).collect();
        let folder = folder(&[files.as_slice(), &[(".gitignore", "ignored/\n"), ("ignored/no.py", "")]].concat());
        let repository = git2::Repository::init(folder.path()).unwrap();
        let mut index = repository.index().unwrap();
        index.set_version(version).unwrap();
        for path in paths {
            index.add_path(Path::new(path)).unwrap();
        }
        if is_extended {
            let mut entry = index.get_path(Path::new("ignored/one.py"), 0).unwrap();
            // "Intent to add", which makes an entry two bytes longer.
            entry.flags_extended |= 1 << 13;
            index.add(&entry).unwrap();
        }
        index.write().unwrap();
        let written = fs::read(folder.path().join(".git/index")).unwrap();
        assert_eq!(u32::from(written[7]), version, "the index is not of the version that is to be read");
        let read = read(folder.path(), None);
        let mut found: Vec<&str> = read.corpus.files().iter().map(|file| file.path.as_str()).collect();
        found.retain(|path| *path != ".gitignore");
        let mut expected = paths.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "version {version}");
    }
}

#[test]
fn an_index_that_is_cut_short_is_read_up_to_there() {
    let folder = folder(&[("a.py", ""), ("ignored/b.py", ""), ("ignored/c.py", ""), (".gitignore", "ignored/\n")]);
    let repository = git2::Repository::init(folder.path()).unwrap();
    let mut index = repository.index().unwrap();
    for path in ["a.py", "ignored/b.py", "ignored/c.py"] {
        index.add_path(Path::new(path)).unwrap();
    }
    index.write().unwrap();
    let path = folder.path().join(".git/index");
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let read = read(folder.path(), None);
        assert!(read.corpus.file("a.py").is_some(), "what is not ignored needs no index");
        assert!(length > 100 || read.corpus.file("ignored/b.py").is_none());
    }
}

/// The commit of a tree with one file and a folder in which each of so many levels holds the next ten times.
fn bomb_of_folders(bare: &Path, levels: usize) -> String {
    let repository = git2::Repository::init_bare(bare).unwrap();
    let blob = repository.blob(b"FROM alpine:3\nEXPOSE 9999\n").unwrap();
    let tree = |entries: &[(String, git2::Oid, i32)]| {
        let mut builder = repository.treebuilder(None).unwrap();
        entries.iter().for_each(|(name, id, mode)| {
            builder.insert(name, *id, *mode).unwrap();
        });
        builder.write().unwrap()
    };
    let bomb = (0..levels)
        .fold(tree(&[]), |inner, _| tree(&(0..10).map(|at| (format!("f{at}"), inner, 0o040000)).collect::<Vec<_>>()));
    let inner = tree(&[("Dockerfile".to_owned(), blob, 0o100644)]);
    let root =
        tree(&[("a".to_owned(), bomb, 0o040000), ("b".to_owned(), inner, 0o040000), ("z".to_owned(), bomb, 0o040000)]);
    let who = git2::Signature::new("a", "a@example.org", &git2::Time::new(0, 0)).unwrap();
    let root = repository.find_tree(root).unwrap();
    repository.commit(Some("refs/heads/main"), &who, &who, "x", &root, &[]).unwrap().to_string()
}

#[test]
fn folders_without_end_are_counted_and_take_nothing_from_their_neighbours() {
    let bare = tempfile::tempdir().unwrap();
    let sha = bomb_of_folders(bare.path(), 12);
    let read = read(bare.path(), Some(&sha));
    assert!(read.partial && read.id.is_none());
    let unread = &read.skipped[&SkipReason::TooManyFiles];
    assert!((10_000..500_000).contains(&unread.len()), "{}", unread.len());
    assert!(unread.iter().all(|path| path.ends_with('/')), "{:?}", &unread[..9]);
    assert!(read.corpus.file("b/Dockerfile").is_some());
}
