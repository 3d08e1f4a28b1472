//! The same files give the same bytes: in memory in any order, in a folder, in a commit, with and without the
//! prefilter, and whatever else runs.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

use ci_feed_analyzer::tree::progress::Progress;
use ci_feed_dossier::v1::Subject;

use crate::support::{commit, dossier, dossier_of, files, fixture, fixtures, in_memory, published, read};

#[test]
fn memory_a_folder_and_its_commit_give_the_same_bytes() {
    for name in fixtures() {
        let mut files = files(&name);
        let first = published(&dossier(&files));
        files.reverse();
        assert!(first == published(&dossier(&files)), "{name}, files in another order");
        let folder = fixture(&name);
        assert!(first == published(&dossier_of(&read(&folder, None))), "{name}, from its folder");
        let bare = tempfile::tempdir().unwrap();
        let sha = commit(&folder, bare.path());
        assert!(first == published(&dossier_of(&read(bare.path(), Some(&sha)))), "{name}, from its commit");
    }
}

#[test]
fn what_the_prefilter_keeps_from_being_parsed_would_not_change_a_byte() {
    let mut languages = BTreeSet::new();
    for name in fixtures() {
        let files = files(&name);
        let filtered = dossier(&files);
        let whole = ci_feed_analyzer::analyze_thoroughly(&mut in_memory(&files), &Progress::default());
        let whole = ci_feed_analyzer::publish(whole, Subject::default());
        let differs = filtered.facts.iter().zip(&whole.facts).find(|(one, other)| one != other);
        assert!(published(&filtered) == published(&whole), "{name}: {differs:?}");
        languages.extend(whole.coverage.languages.into_iter().map(|language| language.name));
    }
    for parsed in ["JavaScript", "TypeScript", "Python", "Rust", "Go", "Java", "C#", "Ruby", "PHP"] {
        assert!(languages.contains(parsed), "no fixture is written in {parsed}");
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
    let trees: Vec<_> = fixtures().iter().step_by(3).map(|name| files(name)).collect();
    let alone: Vec<Vec<u8>> = trees.iter().map(|files| published(&dossier(files))).collect();
    let count = trees.len();
    let together = within_two_minutes(move || {
        // Each begins at another tree, so that every two of them meet.
        let analyze = |first: usize| {
            let order = (0..count).map(|step| (first + step) % count);
            order.map(|at| (at, published(&dossier(&trees[at])))).collect::<Vec<_>>()
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
