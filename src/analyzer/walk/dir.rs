//! The files of a directory on disk. In a git checkout: what git tracks, and what it does not ignore.
//! In any other directory: everything. Never `.git`, and never through a symlink.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid};

use super::ignore::Ignores;
use super::{Caps, Content, Entry, EntryKind, Listing, Place, git, path};

/// List a directory.
pub(super) fn list(root: &Path, repository: Option<&git::Repository>, exclude: Option<&Path>, caps: Caps) -> Listing {
    let mut walk = Walk {
        caps,
        tracked: repository.map(|repository| repository.tracked().into_iter().collect()).unwrap_or_default(),
        checkout: repository.is_some(),
        exclude: exclude.and_then(|folder| folder.canonicalize().ok()),
        listing: Listing::default(),
    };
    let ignores = repository.map(|repository| Ignores::root(&repository.exclude_file())).unwrap_or_default();
    walk.folder(root, &[], &ignores, 0);
    walk.listing
}

struct Walk {
    caps: Caps,
    tracked: BTreeSet<Vec<u8>>,
    checkout: bool,
    exclude: Option<PathBuf>,
    listing: Listing,
}

impl Walk {
    /// Recursion is bounded by `max_depth`.
    fn folder(&mut self, folder: &Path, prefix: &[u8], ignores: &Ignores, depth: usize) {
        let Ok(read) = fs::read_dir(folder) else {
            self.listing.unreadable.push(path::escape(prefix));
            return;
        };
        let ignores = if self.checkout { ignores.enter(folder, prefix) } else { ignores.clone() };
        let mut entries: Vec<_> = read.flatten().collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            if name.as_bytes().eq_ignore_ascii_case(b".git") {
                continue;
            }
            let full = [prefix, name.as_bytes()].concat();
            if full.len() > self.caps.max_path_bytes {
                self.listing.too_long.push(path::start(&full));
                continue;
            }
            let Ok(meta) = fs::symlink_metadata(entry.path()) else {
                self.listing.unreadable.push(path::escape(&full));
                continue;
            };
            if meta.is_dir() {
                self.sub_folder(&entry.path(), full, &ignores, depth);
                continue;
            }
            if self.checkout && ignores.ignored(&full, false) && !self.tracked.contains(&full) {
                continue;
            }
            let kind = if meta.is_symlink() {
                EntryKind::Symlink
            } else if meta.is_file() {
                EntryKind::File { executable: meta.permissions().mode() & 0o100 != 0 }
            } else {
                continue; // sockets, pipes and devices are never part of a tree
            };
            self.listing.entries.push(Entry { path: full, kind, place: Place::Disk(entry.path()) });
        }
    }

    fn sub_folder(&mut self, folder: &Path, mut full: Vec<u8>, ignores: &Ignores, depth: usize) {
        if self.exclude.is_some() && folder.canonicalize().ok() == self.exclude {
            return;
        }
        if folder.join(".git").exists() {
            self.listing.entries.push(Entry {
                path: full,
                kind: EntryKind::Submodule,
                place: Place::Disk(folder.to_owned()),
            });
            return;
        }
        full.push(b'/');
        if self.checkout && ignores.ignored(&full[..full.len() - 1], true) && !self.tracks_below(&full) {
            return;
        }
        if depth + 1 > self.caps.max_depth {
            self.listing.too_deep.push(path::escape(&full));
            return;
        }
        self.folder(folder, &full, ignores, depth + 1);
    }

    fn tracks_below(&self, folder: &[u8]) -> bool {
        self.tracked.range(folder.to_vec()..).next().is_some_and(|path| path.starts_with(folder))
    }
}

/// The bytes of a file on disk, unless it is larger than the cap.
pub(super) fn content(path: &Path, max_bytes: u64) -> Content {
    match fs::metadata(path) {
        Ok(meta) if meta.len() > max_bytes => Content::TooLarge(Oid::hash_file(ObjectType::Blob, path).ok()),
        Ok(_) => fs::read(path).map_or(Content::Unreadable, Content::Bytes),
        Err(_) => Content::Unreadable,
    }
}

/// The blob id that git gives a symlink: of its target's text.
pub(super) fn link_id(place: &Place) -> Option<Oid> {
    let Place::Disk(path) = place else { return None };
    let target = fs::read_link(path).ok()?;
    Oid::hash_object(ObjectType::Blob, target.as_os_str().as_bytes()).ok()
}
