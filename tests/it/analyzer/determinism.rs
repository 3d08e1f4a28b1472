//! The same content gives the same bytes: twice, in another folder, from a directory or from the object database.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use super::support::{bytes, commit, dossier, fixture, read, tree};

#[test]
fn two_runs_give_the_same_bytes() {
    for entry in fs::read_dir(fixture("")).unwrap() {
        let root = entry.unwrap().path();
        assert!(bytes(&dossier(&root, None)) == bytes(&dossier(&root, None)), "{}", root.display());
    }
}

/// What `work` answers; a failure instead of standing still, should threads wait for each other.
fn within_two_minutes<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(Duration::from_secs(120)).expect("the analysis stands still, or panicked")
}

#[test]
fn several_analyses_in_one_process_end_and_say_what_one_alone_says() {
    let roots: Vec<_> = fs::read_dir(fixture("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let alone: Vec<Vec<u8>> = roots.iter().map(|root| bytes(&dossier(root, None))).collect();
    let count = roots.len();
    let together = within_two_minutes(move || {
        // Each begins at another tree, so that every two of them meet.
        let analyze = |first: usize| {
            let order = (0..roots.len()).map(|step| (first + step) % roots.len());
            order.map(|at| (at, bytes(&dossier(&roots[at], None)))).collect::<Vec<_>>()
        };
        let analyze = &analyze;
        std::thread::scope(|threads| {
            let running: Vec<_> = (0..8).map(|one| threads.spawn(move || analyze(one * count / 8))).collect();
            running.into_iter().flat_map(|one| one.join().unwrap()).collect::<Vec<_>>()
        })
    });
    assert_eq!(together.len(), 8 * count);
    for (at, dossier) in together {
        assert!(dossier == alone[at], "tree {at}");
    }
}

#[test]
fn any_number_of_threads_ends_and_says_the_same() {
    let run = |threads: &'static str| {
        within_two_minutes(move || {
            let out = tempfile::tempdir().unwrap();
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ci-feed"));
            command.arg("analyze").arg(fixture("")).arg("--out").arg(out.path()).env("RAYON_NUM_THREADS", threads);
            assert!(command.output().unwrap().status.success());
            fs::read(out.path().join("dossier.json")).unwrap()
        })
    };
    let one = run("1");
    assert!(one == run("2") && one == run("8"));
}

#[test]
fn a_directory_and_its_commit_give_the_same_bytes() {
    for entry in fs::read_dir(fixture("")).unwrap() {
        let root = entry.unwrap().path();
        let bare = tempfile::tempdir().unwrap();
        let sha = commit(&root, bare.path());
        assert!(bytes(&dossier(&root, None)) == bytes(&dossier(bare.path(), Some(&sha))), "{}", root.display());
    }
}

#[test]
fn links_binaries_and_executables_do_not_make_a_directory_differ_from_its_commit() {
    let folder =
        tree(&[("src/a.py", "x = 1\n"), ("run.sh", "#!/bin/sh\n"), ("a.b/c", "1"), ("a/c", "2"), ("a-b", "3")]);
    fs::write(folder.path().join("image.png"), b"\x89PNG\0\0").unwrap();
    fs::set_permissions(folder.path().join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.py")).unwrap();
    let bare = tempfile::tempdir().unwrap();
    let sha = commit(folder.path(), bare.path());
    let from_directory = dossier(folder.path(), None);
    assert!(bytes(&from_directory) == bytes(&dossier(bare.path(), Some(&sha))));
    let id =
        git2::Repository::open_bare(bare.path()).unwrap().revparse_single(&format!("{sha}^{{tree}}")).unwrap().id();
    assert_eq!(from_directory.subject.tree, Some(id.to_string()));
    assert_eq!(from_directory.coverage.skipped["symlink"].paths, ["link.py"]);
    assert_eq!(from_directory.coverage.skipped["binary"].paths, ["image.png"]);
    assert!(!from_directory.coverage.partial);
}

#[test]
fn a_checkout_is_read_without_git_and_without_what_it_ignores() {
    let folder = tree(&[
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
fn the_program_writes_the_same_files_whatever_its_surroundings() {
    let source = fixture("command");
    let run = |settings: &[(&str, &str)], umask: &str, out: &std::path::Path| {
        let script = format!("umask {umask}; exec \"$0\" analyze \"$1\" --out \"$2\"");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_ci-feed")]).arg(&source).arg(out).current_dir("/").env_clear();
        command.envs(settings.iter().copied());
        assert!(command.output().unwrap().status.success());
        ["DOSSIER.md", "dossier.json", "findings.sarif", "manifest.json", "summary.json"]
            .map(|name| fs::read(out.join(name)).unwrap())
    };
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = run(&[], "022", one.path());
    let second = run(
        &[("TZ", "Asia/Tokyo"), ("LANG", "tr_TR.UTF-8"), ("LC_ALL", "C"), ("RAYON_NUM_THREADS", "1")],
        "077",
        two.path(),
    );
    assert!(first == second);
    let text = String::from_utf8(first[1].clone()).unwrap();
    assert!(!text.contains(env!("CARGO_MANIFEST_DIR")), "an absolute path is in the dossier");
}

#[test]
fn a_tracked_file_in_an_ignored_folder_is_read_whatever_the_version_of_the_index() {
    let long = format!("ignored/{}/deep.py", "long".repeat(40));
    let paths = ["a.py", "ignored/one.py", "ignored/one_more.py", "ignored/two.py", &long];
    for (version, is_extended) in [(2, false), (3, true), (4, false), (4, true)] {
        let files: Vec<(&str, &str)> = paths.iter().map(|path| (*path, "x = 1\n")).collect();
        let folder = tree(&[files.as_slice(), &[(".gitignore", "ignored/\n"), ("ignored/no.py", "")]].concat());
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
    let folder = tree(&[("a.py", ""), ("ignored/b.py", ""), ("ignored/c.py", ""), (".gitignore", "ignored/\n")]);
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
