//! A pinned tree straight from git's object database: no checkout, no filters, no configuration.
//!
//! The analyzer's only use of libgit2. Only the object database is opened, never the repository itself: that needs
//! no owner check and reads nobody's configuration.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Odb, Oid};

use super::id::Id;
use super::{Caps, Content, ENTRIES_PER_FILE, Entry, EntryKind, Listing, Place, WalkError, index, path};

/// A path that is longer counts as more entries.
const PATH_BYTES: usize = 256;

/// A git repository on disk.
#[derive(Debug)]
pub(super) struct Repository {
    /// The folder with `HEAD`: the bare repository itself, or a checkout's `.git`.
    git_dir: PathBuf,
    /// Where the objects are; differs from `git_dir` in a linked worktree.
    common_dir: PathBuf,
    bare: bool,
}

/// The repository at this path, if it is one.
pub(super) fn find(source: &Path) -> Option<Repository> {
    let dot_git = source.join(".git");
    if dot_git.is_dir() {
        return Some(Repository { common_dir: dot_git.clone(), git_dir: dot_git, bare: false });
    }
    if dot_git.is_file() {
        let text = std::fs::read_to_string(&dot_git).ok()?;
        let git_dir = source.join(text.strip_prefix("gitdir:")?.trim());
        let common = std::fs::read_to_string(git_dir.join("commondir")).ok();
        let common_dir = common.map_or_else(|| git_dir.clone(), |common| git_dir.join(common.trim()));
        return Some(Repository { git_dir, common_dir, bare: false });
    }
    let bare = source.join("HEAD").is_file() && source.join("objects").is_dir() && source.join("refs").is_dir();
    bare.then(|| Repository { git_dir: source.to_owned(), common_dir: source.to_owned(), bare: true })
}

impl Repository {
    pub(super) fn is_bare(&self) -> bool {
        self.bare
    }

    /// The patterns of `info/exclude`.
    pub(super) fn exclude_file(&self) -> PathBuf {
        self.common_dir.join("info/exclude")
    }

    /// Paths that git tracks; none when there is no readable index.
    pub(super) fn tracked(&self) -> Vec<Vec<u8>> {
        std::fs::read(self.git_dir.join("index")).map_or_else(|_| Vec::new(), |bytes| index::paths(&bytes))
    }

    /// Open the object database alone.
    pub(super) fn objects(&self) -> Result<Odb<'static>, WalkError> {
        let objects = self.common_dir.join("objects");
        let objects = objects.to_str().ok_or_else(|| WalkError::Repository("its path is not UTF-8".to_owned()))?;
        let odb = Odb::new().map_err(|error| WalkError::Repository(error.message().to_owned()))?;
        odb.add_disk_alternate(objects).map_err(|error| WalkError::Repository(error.message().to_owned()))?;
        Ok(odb)
    }
}

/// List the tree of a commit.
pub(super) fn list(objects: &Odb<'_>, sha: &str, caps: Caps) -> Result<Listing, WalkError> {
    let is_id = sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = Oid::from_str(sha).ok().filter(|_| is_id).ok_or_else(|| WalkError::BadSha(sha.to_owned()))?;
    let not_found = || WalkError::CommitNotFound(sha.to_owned());
    let commit = objects.read(id).map_err(|error| match error.code() {
        ErrorCode::NotFound => not_found(),
        _ => WalkError::Repository(error.message().to_owned()),
    })?;
    if commit.kind() != ObjectType::Commit {
        return Err(not_found());
    }
    let tree = tree_of(commit.data()).ok_or_else(|| WalkError::Repository("the commit names no tree".to_owned()))?;
    let mut listing = Listing::default();
    // Level by level, so that a folder that unfolds without end takes nothing from what lies beside it; and with a
    // queue of our own, so that the depth of a hostile tree is not bounded by our stack.
    let mut open = VecDeque::from([(Vec::new(), tree, 0_usize)]);
    // Trees that name one tree many times are small and hold any number of folders.
    let mut left = caps.max_files.saturating_mul(ENTRIES_PER_FILE);
    while let Some((prefix, tree, depth)) = open.pop_front() {
        if left == 0 {
            listing.too_many.push(path::escape(&prefix));
            continue;
        }
        let Ok(object) = objects.read(tree) else {
            listing.unreadable.push(path::escape(&prefix));
            continue;
        };
        for (mode, name, id) in entries_of(object.data()) {
            let mut full = prefix.clone();
            full.extend_from_slice(name);
            left = left.saturating_sub(1 + full.len() / PATH_BYTES);
            if left == 0 {
                listing.too_many.push(path::escape(&prefix));
                break;
            }
            if full.len() > caps.max_path_bytes {
                listing.too_long.push(path::start(&full));
                continue;
            }
            let kind = match mode {
                b"40000" | b"040000" => {
                    full.push(b'/');
                    if depth + 1 > caps.max_depth {
                        listing.too_deep.push(path::escape(&full));
                    } else {
                        open.push_back((full, id, depth + 1));
                    }
                    continue;
                }
                b"120000" => EntryKind::Symlink,
                b"160000" => EntryKind::Submodule,
                b"100755" => EntryKind::File { executable: true },
                _ => EntryKind::File { executable: false },
            };
            let Some(id) = Id::from_bytes(id.as_bytes()) else { continue };
            listing.entries.push(Entry { path: full, kind, place: Place::Object(id) });
        }
    }
    Ok(listing)
}

/// Whether a blob has so many bytes; its content is not read.
pub(super) fn is_within(objects: &Odb<'_>, id: Id, bytes: Range<u64>) -> bool {
    let header = Oid::from_bytes(id.as_bytes()).and_then(|at| objects.read_header(at));
    header.is_ok_and(|(size, kind)| kind == ObjectType::Blob && bytes.contains(&(size as u64)))
}

/// The bytes of a blob, unless it is larger than the cap.
pub(super) fn content(objects: &Odb<'_>, id: Id, max_bytes: u64) -> Content {
    let Ok(at) = Oid::from_bytes(id.as_bytes()) else { return Content::Unreadable };
    match objects.read_header(at) {
        Ok((size, ObjectType::Blob)) if size as u64 > max_bytes => Content::TooLarge(Some(id)),
        Ok((_, ObjectType::Blob)) => {
            objects.read(at).map_or(Content::Unreadable, |object| Content::Bytes(object.data().to_vec()))
        }
        _ => Content::Unreadable,
    }
}

/// `tree <40 hex>` is a commit's first line.
fn tree_of(commit: &[u8]) -> Option<Oid> {
    let line = commit.split(|byte| *byte == b'\n').next()?;
    let hex = std::str::from_utf8(line.strip_prefix(b"tree ")?).ok()?;
    Oid::from_str(hex).ok()
}

/// The entries of a tree object: `mode SP name NUL id`. Stops at the first one that is not whole.
fn entries_of(mut data: &[u8]) -> impl Iterator<Item = (&[u8], &[u8], Oid)> {
    std::iter::from_fn(move || {
        let space = data.iter().position(|byte| *byte == b' ')?;
        let nul = data.iter().position(|byte| *byte == 0)?;
        let id = Oid::from_bytes(data.get(nul + 1..nul + 21)?).ok()?;
        let name = data.get(space + 1..nul)?;
        let mode = &data[..space];
        data = &data[nul + 21..];
        Some((mode, name, id))
    })
}
