//! What was read and what was not: the part of a dossier that says how far the rest can be trusted.

use std::collections::{BTreeMap, BTreeSet};

use super::claims;
use crate::tree::corpus::Corpus;
use crate::tree::file::{PathClass, SourceFile};
use crate::tree::language;
use crate::tree::language::count::{Count, Languages};
use crate::tree::path::folder_of;
use crate::tree::walk::{SkipReason, Tree};

/// How much of the tree the facts rest on.
#[derive(Debug)]
pub(crate) struct Coverage {
    pub(crate) files_seen: usize,
    pub(crate) analyzed: usize,
    pub(crate) by_class: BTreeMap<&'static str, usize>,
    pub(crate) skipped: BTreeMap<SkipReason, Vec<String>>,
    pub(crate) languages: BTreeMap<&'static str, Count>,
    pub(crate) unsupported: BTreeMap<String, u64>,
    pub(crate) parse_problems: BTreeMap<String, String>,
    pub(crate) unread: Vec<Unread>,
    /// By path; the root is empty.
    pub(crate) folders: BTreeMap<String, Folder>,
    pub(crate) partial: bool,
}

/// The files of a folder, and how many of them were read to their end.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Folder {
    pub(crate) files: usize,
    pub(crate) read: usize,
}

/// Most folders that are counted apart.
const MAX_FOLDERS: usize = 1000;

/// A file whose content no rule understood, or not to its end. With its id a drift can tell whether it changed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unread {
    pub(crate) path: String,
    /// Git's blob id, where it is known.
    pub(crate) blob: Option<String>,
    pub(crate) why: UnreadReason,
}

/// Why a file's content says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum UnreadReason {
    Skipped(SkipReason),
    /// It holds a program in a language without rules.
    Language,
    /// It did not parse to its end.
    Broken,
}

/// Languages of programs that no rule reads. What documents, styles and data say is no fact in any language.
const WITHOUT_RULES: &[&str] = &[
    "Ada",
    "Assembly",
    "C",
    "C Header",
    "C++",
    "C++ Header",
    "CUDA",
    "Clojure",
    "CoffeeScript",
    "Common Lisp",
    "Crystal",
    "Cython",
    "D",
    "Dart",
    "Elixir",
    "Elm",
    "Emacs Lisp",
    "Erlang",
    "F#",
    "Fortran",
    "Gleam",
    "Groovy",
    "Haskell",
    "Haxe",
    "Julia",
    "Kotlin",
    "Lua",
    "Nim",
    "OCaml",
    "Objective-C",
    "Objective-C++",
    "Pascal",
    "Perl",
    "PureScript",
    "R",
    "Racket",
    "Scala",
    "Scheme",
    "Solidity",
    "Svelte",
    "Swift",
    "V",
    "Visual Basic",
    "Vue",
    "Zig",
];

/// Sum up after all extractors ran: only then is it known which documents were read.
pub(crate) fn of(tree: &Tree, languages: &Languages) -> Coverage {
    let mut by_class = BTreeMap::new();
    for file in tree.corpus.files() {
        *by_class.entry(class_name(file.class)).or_default() += 1;
    }
    let unread = unread(tree);
    Coverage {
        files_seen: tree.seen,
        analyzed: tree.corpus.files().len(),
        by_class,
        skipped: tree.skipped.clone(),
        languages: languages.counts.clone(),
        unsupported: languages.unsupported.clone(),
        parse_problems: problems(&tree.corpus),
        folders: folders(tree, &unread),
        unread,
        partial: tree.partial,
    }
}

fn problems(corpus: &Corpus) -> BTreeMap<String, String> {
    let problem = |file: &SourceFile| Some((file.path.clone(), problem(file)?.to_owned()));
    corpus.files().iter().filter_map(problem).collect()
}

fn problem(file: &SourceFile) -> Option<&str> {
    file.document_problem().or_else(|| file.syntax_problem()).or_else(|| claims::problem(file))
}

fn unread(tree: &Tree) -> Vec<Unread> {
    let skipped = tree.skipped.iter().flat_map(|(reason, paths)| paths.iter().map(|path| (*reason, path)));
    let skipped = skipped.map(|(reason, path)| Unread {
        path: path.clone(),
        blob: tree.corpus.id_of_other(path).map(str::to_owned),
        why: UnreadReason::Skipped(reason),
    });
    let in_part = tree.corpus.application().filter_map(|file| {
        let why = match language::of(file) {
            _ if problem(file).is_some() => UnreadReason::Broken,
            Some(language) if WITHOUT_RULES.contains(&language) => UnreadReason::Language,
            _ => return None,
        };
        Some(Unread { path: file.path.clone(), blob: Some(file.blob_id.clone()), why })
    });
    let mut unread: Vec<Unread> = skipped.chain(in_part).collect();
    unread.sort();
    unread
}

/// Where there are too many folders, the files of the deepest count with the folder above them.
fn folders(tree: &Tree, unread: &[Unread]) -> BTreeMap<String, Folder> {
    let unread: BTreeSet<&str> = unread.iter().map(|file| file.path.as_str()).collect();
    let listed = tree.corpus.files().iter().map(|file| file.path.as_str());
    let skipped = tree.skipped.values().flatten().map(String::as_str);
    let mut folders: BTreeMap<String, Folder> = BTreeMap::new();
    for path in listed.chain(skipped) {
        let folder = folders.entry(folder_of(path).to_owned()).or_default();
        folder.files += 1;
        folder.read += usize::from(!unread.contains(path));
    }
    while folders.len() > MAX_FOLDERS {
        let depth = |path: &str| path.split('/').filter(|part| !part.is_empty()).count();
        let deepest = folders.keys().map(|path| depth(path)).max().unwrap_or_default();
        let (kept, deep): (BTreeMap<_, _>, _) = folders.into_iter().partition(|(path, _)| depth(path) < deepest);
        folders = kept;
        for (path, below) in deep {
            let folder = folders.entry(folder_of(&path).to_owned()).or_default();
            folder.files += below.files;
            folder.read += below.read;
        }
    }
    folders
}

fn class_name(class: PathClass) -> &'static str {
    match class {
        PathClass::Application => "application",
        PathClass::Test => "test",
        PathClass::Example => "example",
        PathClass::Vendored => "vendored",
        PathClass::Generated => "generated",
    }
}
