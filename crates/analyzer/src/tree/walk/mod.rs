//! Reading the tree: a directory or a pinned commit becomes files in memory. Refuses to follow symlinks or
//! submodules, to read `.git`, and to go past the caps; whatever it leaves out is counted and named.

mod binary;
mod data;
mod dir;
mod git;
mod id;
mod index;
mod kept;
mod path;
mod tree_id;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::binary::{MIN_NAMED_BYTES, is_binary, is_named_binary};
use self::data::Data;
use self::id::Id;
pub use self::kept::KeptFiles;
use super::classify;
use super::corpus::Corpus;
use super::deal;
use super::file::{PathClass, SourceFile, without_mark};
use super::path::resolve;
use super::progress::Progress;
use super::reach;

/// Files and folders that are listed, for each file that may be read: what is not read is counted and named.
const ENTRIES_PER_FILE: usize = 4;

/// What a symbolic link leads to is no longer.
const MAX_LINK_BYTES: u64 = 4096;

/// How much of a tree is read at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Files beyond this number, in path order, are not read.
    pub max_files: usize,
    /// A larger file is skipped.
    pub max_file_bytes: u64,
    /// Files that would take the sum beyond this, in path order, are skipped.
    pub max_total_bytes: u64,
    /// Deeper folders are not entered.
    pub max_depth: usize,
    /// Longer paths are skipped.
    pub max_path_bytes: usize,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            max_files: 50_000,
            max_file_bytes: 5 * 1024 * 1024,
            max_total_bytes: 512 * 1024 * 1024,
            max_depth: 64,
            max_path_bytes: 1024,
        }
    }
}

/// Why a file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name is its own explanation")]
pub enum SkipReason {
    Binary,
    LfsPointer,
    PathTooLong,
    Submodule,
    Symlink,
    TooDeep,
    TooLarge,
    TooManyBytes,
    TooManyFiles,
    Unreadable,
}

impl SkipReason {
    /// Whether the dossier must call itself partial because of it.
    fn cuts(self) -> bool {
        !matches!(self, Self::Binary | Self::LfsPointer | Self::Symlink | Self::Submodule)
    }
}

/// What was read, and what was not.
#[derive(Debug)]
pub struct Tree {
    /// The text files, with the names of all others.
    pub corpus: Corpus,
    /// Entries of the tree, files and others.
    pub seen: usize,
    /// Paths that were not read, by reason, sorted.
    pub skipped: BTreeMap<SkipReason, Vec<String>>,
    /// Git's id of the tree; absent when the tree was not listed to its end or holds a submodule.
    pub id: Option<String>,
    /// Whether a cap or an error left something out that counts.
    pub partial: bool,
}

/// Why nothing could be read at all.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum WalkError {
    #[error("`{0}` is neither a directory nor a git repository")]
    NotADirectory(String),
    #[error("`{0}` is a bare git repository: name the commit with --sha")]
    ShaNeeded(String),
    #[error("`{0}` is not a commit id of 40 hexadecimal digits")]
    BadSha(String),
    #[error("the repository has no commit {0}")]
    CommitNotFound(String),
    #[error("the repository cannot be read: {0}")]
    Repository(String),
}

/// One entry of a tree before it is read.
#[derive(Debug, Clone)]
struct Entry {
    path: Vec<u8>,
    kind: EntryKind,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EntryKind {
    File { executable: bool },
    Symlink,
    Submodule,
}

#[derive(Debug, Clone)]
enum Place {
    Memory(Vec<u8>),
    Disk(PathBuf),
    Object(Id),
}

/// What a lister hands over: entries in any order, and what it did not enter.
#[derive(Debug, Default)]
struct Listing {
    entries: Vec<Entry>,
    too_deep: Vec<String>,
    /// Folders that were not listed, or not to their end.
    too_many: Vec<String>,
    too_long: Vec<String>,
    unreadable: Vec<String>,
}

impl Listing {
    /// Take in what another part of the tree holds.
    fn absorb(&mut self, mut other: Self) {
        self.entries.append(&mut other.entries);
        self.too_deep.append(&mut other.too_deep);
        self.too_many.append(&mut other.too_many);
        self.too_long.append(&mut other.too_long);
        self.unreadable.append(&mut other.unreadable);
    }
}

/// Read a tree: with `sha` and a git repository the pinned commit, else the directory's own files without the
/// folder `exclude`, where the result of an earlier run may lie.
///
/// # Errors
/// When there is nothing to read: no such directory, repository or commit.
pub fn read(
    source: &Path,
    sha: Option<&str>,
    exclude: Option<&Path>,
    caps: Caps,
    progress: &Progress,
) -> Result<Tree, WalkError> {
    read_after(&KeptFiles::default(), source, sha, exclude, caps, progress)
}

/// The same, with the files of a tree that was analyzed before.
///
/// # Errors
/// As [`read`].
pub fn read_after(
    kept: &KeptFiles,
    source: &Path,
    sha: Option<&str>,
    exclude: Option<&Path>,
    caps: Caps,
    progress: &Progress,
) -> Result<Tree, WalkError> {
    match (git::find(source), sha) {
        (Some(repository), Some(sha)) => {
            let objects = repository.objects()?;
            let listing = git::list(&objects, sha, caps)?;
            Ok(load(listing, kept, caps, progress, Some(objects)))
        }
        (Some(repository), None) if repository.is_bare() => Err(WalkError::ShaNeeded(source.display().to_string())),
        (repository, _) => {
            if !source.is_dir() {
                return Err(WalkError::NotADirectory(source.display().to_string()));
            }
            let listing = dir::list(source, repository.as_ref(), exclude, caps);
            Ok(load(listing, kept, caps, progress, None))
        }
    }
}

/// A tree of these files, each a path and its bytes, in place of one that is read.
pub fn of_files(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Tree {
    let kind = EntryKind::File { executable: false };
    let entries = files.into_iter();
    let entries = entries.map(|(path, bytes)| Entry { path: path.into_bytes(), kind, place: Place::Memory(bytes) });
    let listing = Listing { entries: entries.collect(), ..Listing::default() };
    load(listing, &KeptFiles::default(), Caps::default(), &Progress::default(), None)
}

/// What reading one entry gave.
enum Loaded {
    Text {
        id: Id,
        file: Box<SourceFile>,
    },
    /// With the number of its bytes, which are not held.
    Data {
        id: Id,
        bytes: usize,
        class: PathClass,
    },
    /// With what it leads to, which may be outside of the tree.
    Link {
        id: Option<Id>,
        target: Vec<u8>,
    },
    Skipped {
        id: Option<Id>,
        reason: SkipReason,
    },
}

fn load(
    listing: Listing,
    kept: &KeptFiles,
    caps: Caps,
    progress: &Progress,
    objects: Option<git2::Odb<'static>>,
) -> Tree {
    let Listing { mut entries, too_deep, too_many, too_long, unreadable } = listing;
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let seen = entries.len() + too_long.len() + unreadable.len();
    let mut skipped: BTreeMap<SkipReason, Vec<String>> = BTreeMap::new();
    let mut skip = |reason, path: String| skipped.entry(reason).or_default().push(path);
    too_deep.into_iter().for_each(|path| skip(SkipReason::TooDeep, path));
    too_many.into_iter().for_each(|path| skip(SkipReason::TooManyFiles, path));
    too_long.into_iter().for_each(|path| skip(SkipReason::PathTooLong, path));
    unreadable.into_iter().for_each(|path| skip(SkipReason::Unreadable, path));
    let beyond = if entries.len() > caps.max_files { entries.split_off(caps.max_files) } else { Vec::new() };
    beyond.iter().for_each(|entry| skip(SkipReason::TooManyFiles, path::escape(&entry.path)));

    progress.begin("reading", entries.len());
    let loaded: Vec<(String, Loaded)> = deal::map(&mut entries, |entry| {
        let path = path::escape(&entry.path);
        let loaded = load_one(entry, &path, kept, caps, objects.as_ref());
        progress.step();
        (path, loaded)
    });

    let mut files = Vec::new();
    let (mut others, mut places, mut links) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
    let mut ids = Vec::with_capacity(entries.len());
    let mut total = 0_u64;
    for (entry, (path, loaded)) in entries.into_iter().zip(loaded) {
        let (id, reason) = match loaded {
            Loaded::Text { id, file } => {
                total += file.stored_len() as u64;
                if total <= caps.max_total_bytes {
                    files.push(*file);
                    ids.push((entry.path, entry.kind, Some(id)));
                    continue;
                }
                (Some(id), SkipReason::TooManyBytes)
            }
            Loaded::Data { id, bytes, class } => {
                total += bytes as u64;
                if total <= caps.max_total_bytes {
                    files.push(SourceFile::new(path.clone(), class, id.to_string(), Vec::new()));
                    ids.push((entry.path, entry.kind, Some(id)));
                    places.insert(path, entry.place);
                    continue;
                }
                (Some(id), SkipReason::TooManyBytes)
            }
            Loaded::Link { id, target } => {
                let target = String::from_utf8_lossy(&target);
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                if let Some(place) = resolve(folder, &target).filter(|_| !target.starts_with('/')) {
                    links.entry(place).or_default().push(path.clone());
                }
                (id, SkipReason::Symlink)
            }
            Loaded::Skipped { id, reason } => (id, reason),
        };
        others.insert(path.clone(), id.map(|id| id.to_string()));
        skip(reason, path);
        ids.push((entry.path, entry.kind, id));
    }
    skipped.values_mut().for_each(|paths| paths.sort());
    let cut_short = [SkipReason::TooDeep, SkipReason::PathTooLong, SkipReason::Unreadable, SkipReason::TooManyFiles]
        .iter()
        .any(|reason| skipped.contains_key(reason));
    let data = Data::new(places, objects, caps);
    let partial = skipped.keys().any(|reason| reason.cuts());
    let id = || if cut_short { None } else { tree_id::of(&ids) };
    let (id, corpus) = deal::both(id, || {
        let mut corpus = Corpus::with_others(files, others, move |path| data.read(path));
        corpus.link(links);
        reach::raise(&mut corpus);
        corpus
    });
    Tree { corpus, seen, skipped, id, partial }
}

/// Read one entry; whether a file on disk is executable is seen on the way.
fn load_one(entry: &mut Entry, path: &str, kept: &KeptFiles, caps: Caps, objects: Option<&git2::Odb<'_>>) -> Loaded {
    let known = match &entry.place {
        Place::Object(id) => Some(*id),
        Place::Memory(_) | Place::Disk(_) => None,
    };
    let EntryKind::File { executable } = &mut entry.kind else {
        if entry.kind == EntryKind::Submodule {
            return Loaded::Skipped { id: known, reason: SkipReason::Submodule };
        }
        let content = match (&entry.place, objects) {
            (Place::Object(id), Some(objects)) => git::content(objects, *id, MAX_LINK_BYTES),
            (Place::Disk(path), _) => dir::link(path),
            _ => Content::Unreadable,
        };
        let Content::Bytes(target) = content else {
            return Loaded::Skipped { id: known, reason: SkipReason::Symlink };
        };
        return Loaded::Link { id: known.or_else(|| Some(Id::of_blob(&target))), target };
    };
    if let Some((id, file)) = known.and_then(|id| Some((id, kept.take(path, id)?))) {
        return Loaded::Text { id, file: Box::new(file) };
    }
    let content = match (&entry.place, objects) {
        (Place::Object(id), Some(objects))
            if is_named_binary(path) && git::is_within(objects, *id, MIN_NAMED_BYTES..caps.max_file_bytes) =>
        {
            return Loaded::Skipped { id: known, reason: SkipReason::Binary };
        }
        (Place::Object(id), Some(objects)) => git::content(objects, *id, caps.max_file_bytes),
        (Place::Disk(path), _) => dir::content(path, caps.max_file_bytes, executable),
        (Place::Memory(bytes), _) => memory(bytes, caps.max_file_bytes),
        (Place::Object(_), None) => Content::Unreadable,
    };
    match content {
        Content::Bytes(bytes) => {
            let id = known.unwrap_or_else(|| Id::of_blob(&bytes));
            if let Some(file) = kept.take(path, id) {
                return Loaded::Text { id, file: Box::new(file) };
            }
            let is_named_so = bytes.len() as u64 >= MIN_NAMED_BYTES && is_named_binary(path);
            if is_named_so || is_binary(&bytes) {
                return Loaded::Skipped { id: Some(id), reason: SkipReason::Binary };
            }
            if is_lfs_pointer(&bytes) {
                return Loaded::Skipped { id: Some(id), reason: SkipReason::LfsPointer };
            }
            let content = without_mark(&bytes);
            let class = classify::classify(path, content);
            if data::is_data(path, class, content) {
                return Loaded::Data { id, bytes: bytes.len(), class };
            }
            Loaded::Text { id, file: Box::new(SourceFile::new(path.to_owned(), class, id.to_string(), bytes)) }
        }
        Content::TooLarge(id) => Loaded::Skipped { id: known.or(id), reason: SkipReason::TooLarge },
        Content::Unreadable => Loaded::Skipped { id: known, reason: SkipReason::Unreadable },
    }
}

/// The bytes of a file, or why there are none.
enum Content {
    Bytes(Vec<u8>),
    TooLarge(Option<Id>),
    Unreadable,
}

fn memory(bytes: &[u8], max: u64) -> Content {
    if bytes.len() as u64 > max {
        return Content::TooLarge(Some(Id::of_blob(bytes)));
    }
    Content::Bytes(bytes.to_vec())
}

/// Whether this is what Git LFS commits in place of a file: its version, the id of the content and its size, as the
/// specification bounds and orders them.
fn is_lfs_pointer(bytes: &[u8]) -> bool {
    const VERSIONS: [&[u8]; 3] = [
        b"version https://git-lfs.github.com/spec/v1\n",
        b"version https://hawser.github.com/spec/v1\n",
        b"version http://git-media.io/v/2\n",
    ];
    let holds = |key: &[u8]| memchr::memmem::find(bytes, key).is_some();
    bytes.len() < 1024
        && VERSIONS.iter().any(|version| bytes.starts_with(version))
        && holds(b"\noid sha256:")
        && holds(b"\nsize ")
}
