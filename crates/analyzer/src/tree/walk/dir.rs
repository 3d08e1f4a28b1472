//! The files of a directory on disk. In a git checkout: what git tracks, and what it does not ignore.
//! In any other directory: everything. Never `.git`, and never through a symlink. Level by level: the folders of one
//! level are listed side by side.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::deal;
use super::super::ignore_file::{self, IgnoreFile};
use super::id::Id;
use super::{Caps, Content, ENTRIES_PER_FILE, Entry, EntryKind, Listing, Place, git, path};

/// List a directory, its folders in parallel.
pub(super) fn list(root: &Path, repository: Option<&git::Repository>, exclude: Option<&Path>, caps: Caps) -> Listing {
    let real = |folder: &Path| folder.canonicalize().ok();
    let exclude = exclude.and_then(real).zip(real(root));
    let walk = Walk {
        caps,
        tracked: repository.map(|repository| repository.tracked().into_iter().collect()).unwrap_or_default(),
        checkout: repository.is_some(),
        // No link is followed on the way down, so below the real root all paths are real.
        exclude: exclude
            .and_then(|(folder, root)| Some(folder.strip_prefix(root).ok()?.as_os_str().as_bytes().to_vec())),
    };
    let exclude = repository.and_then(|repository| ignore_file(&repository.exclude_file(), &[]));
    let ignores = exclude.map(Arc::new).into_iter().collect();
    let top = Folder { place: root.to_owned(), path: Vec::new(), ignores, is_ignored: false };
    let mut all = Listing::default();
    let mut level = vec![top];
    let mut left = caps.max_files.saturating_mul(ENTRIES_PER_FILE);
    for depth in 0.. {
        left = left.saturating_sub(level.len());
        if level.is_empty() || left == 0 {
            all.too_many.extend(level.iter().map(|folder| path::escape(&folder.path)));
            break;
        }
        let listed = deal::map(std::mem::take(&mut level), |folder| walk.folder(&folder, depth));
        for (listing, inner) in listed {
            all.absorb(listing);
            level.extend(inner);
        }
    }
    all
}

/// A folder to be listed.
struct Folder {
    place: PathBuf,
    /// Below the root, with a trailing `/`; empty for the root itself.
    path: Vec<u8>,
    /// The ignore files that hold in it, outermost first.
    ignores: Vec<Arc<IgnoreFile>>,
    is_ignored: bool,
}

struct Walk {
    caps: Caps,
    tracked: BTreeSet<Vec<u8>>,
    checkout: bool,
    /// Below the root; the root itself is the empty path.
    exclude: Option<Vec<u8>>,
}

impl Walk {
    /// What a folder holds, in no order, and the folders in it; of an ignored one only what is tracked.
    fn folder(&self, at: &Folder, depth: usize) -> (Listing, Vec<Folder>) {
        let (mut listing, mut folders) = (Listing::default(), Vec::new());
        let prefix = at.path.as_slice();
        let Ok(read) = fs::read_dir(&at.place) else {
            listing.unreadable.push(path::escape(prefix));
            return (listing, folders);
        };
        let entries: Vec<_> = read.flatten().map(|entry| (entry.file_name(), entry)).collect();
        if depth > 0 && entries.iter().any(|(name, _)| name.as_bytes() == b".git") {
            let path = prefix[..prefix.len() - 1].to_vec();
            listing.entries.push(Entry { path, kind: EntryKind::Submodule, place: Place::Disk(at.place.clone()) });
            return (listing, folders);
        }
        let has_patterns = self.checkout && entries.iter().any(|(name, _)| name.as_bytes() == b".gitignore");
        let mut ignores = at.ignores.clone();
        if has_patterns {
            ignores.extend(ignore_file(&at.place.join(".gitignore"), prefix).map(Arc::new));
        }
        for (name, entry) in entries {
            if name.as_bytes().eq_ignore_ascii_case(b".git") {
                continue;
            }
            let full = [prefix, name.as_bytes()].concat();
            if full.len() > self.caps.max_path_bytes {
                listing.too_long.push(path::start(&full));
                continue;
            }
            let Ok(kind) = entry.file_type() else {
                listing.unreadable.push(path::escape(&full));
                continue;
            };
            let is_ignored = self.checkout && (at.is_ignored || is_ignored(&ignores, &full, kind.is_dir()));
            if kind.is_dir() {
                let inner = Folder { place: entry.path(), path: full, ignores: ignores.clone(), is_ignored };
                folders.extend(self.entered(inner, depth + 1, &mut listing));
                continue;
            }
            if is_ignored && !self.tracked.contains(&full) {
                continue;
            }
            let kind = if kind.is_symlink() {
                EntryKind::Symlink
            } else if kind.is_file() {
                EntryKind::File { executable: false }
            } else {
                continue; // sockets, pipes and devices are never part of a tree
            };
            listing.entries.push(Entry { path: full, kind, place: Place::Disk(entry.path()) });
        }
        (listing, folders)
    }

    /// A folder that is to be listed; its path has no trailing `/` yet.
    fn entered(&self, mut folder: Folder, depth: usize, listing: &mut Listing) -> Option<Folder> {
        if self.exclude.as_ref() == Some(&folder.path) {
            return None;
        }
        folder.path.push(b'/');
        if folder.is_ignored && !self.tracks_below(&folder.path) && !folder.place.join(".git").exists() {
            return None;
        }
        if depth > self.caps.max_depth {
            listing.too_deep.push(path::escape(&folder.path));
            return None;
        }
        Some(folder)
    }

    fn tracks_below(&self, folder: &[u8]) -> bool {
        self.tracked.range(folder.to_vec()..).next().is_some_and(|path| path.starts_with(folder))
    }
}

/// The bytes of a file on disk, unless it is larger than the cap, and whether its owner may execute it.
pub(super) fn content(path: &Path, max_bytes: u64, executable: &mut bool) -> Content {
    let Ok((mut file, meta)) = File::open(path).and_then(|file| file.metadata().map(|meta| (file, meta))) else {
        return Content::Unreadable;
    };
    *executable = meta.permissions().mode() & 0o100 != 0;
    if meta.len() > max_bytes {
        return Content::TooLarge(Id::of_reader(meta.len(), file).ok());
    }
    // One byte more than the file has, so that its end is seen without another allocation.
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0) + 1);
    match file.read_to_end(&mut bytes) {
        Ok(_) => Content::Bytes(bytes),
        Err(_) => Content::Unreadable,
    }
}

/// What a symbolic link on disk leads to, which git keeps as its bytes.
pub(super) fn link(path: &Path) -> Content {
    fs::read_link(path)
        .map_or(Content::Unreadable, |target| Content::Bytes(target.into_os_string().into_encoded_bytes()))
}

/// The patterns of a file on disk, for the folder `prefix`.
fn ignore_file(place: &Path, prefix: &[u8]) -> Option<IgnoreFile> {
    let text = fs::read(place).ok()?;
    IgnoreFile::parse(&String::from_utf8_lossy(prefix), &String::from_utf8_lossy(&text))
}

fn is_ignored(ignores: &[Arc<IgnoreFile>], path: &[u8], is_folder: bool) -> bool {
    ignore_file::is_ignored(ignores.iter().map(Arc::as_ref), &String::from_utf8_lossy(path), is_folder)
}
