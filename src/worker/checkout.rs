//! Writing a commit's files for an external analyzer: by hand from the tree, without filters, hooks or links.
//!
//! Refuses names that mean something else on some file system; skips links, submodules and files over the limit.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use git2::{ObjectType, Odb, Oid, Repository, Tree};
use serde::{Deserialize, Serialize};

/// Deepest folder that is written.
const MAX_FOLDER_DEPTH: usize = 64;
/// Longest path, in bytes.
const MAX_PATH_BYTES: usize = 1024;

/// Entries of folders that may be looked at for each file that may be written.
const ENTRIES_A_FILE: u64 = 4;

/// What to write, and how much at most; read from standard input.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CheckoutRequest {
    /// Bare repository that holds the commit.
    pub(super) repository: PathBuf,
    /// Full commit id.
    pub(super) sha: String,
    /// Folder to write into.
    pub(super) into: PathBuf,
    pub(super) max_files: u64,
    /// Larger files are skipped.
    pub(super) max_file_bytes: u64,
    pub(super) max_total_bytes: u64,
}

/// Why no files were written for the analyzer.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// More files, or more folders, than allowed.
    #[error("the commit has more than {0} {1}; raise CI_MAX_FILES if it should be analyzed")]
    TooMany(u64, &'static str),
    /// More bytes than allowed.
    #[error(
        "the commit's files have more than {} MiB together; raise CI_MAX_REPO_BYTES if it should be analyzed", .0 >> 20
    )]
    TooLarge(u64),
    /// The object database could not be read.
    #[error("the commit could not be read: {}", .0.message())]
    Git(#[from] git2::Error),
    /// The folder could not be written.
    #[error("the commit's files could not be written: {0}")]
    Io(#[from] io::Error),
}

/// The main function of the child that writes a commit's regular files.
///
/// # Errors
/// [`CheckoutError`]; over a limit nothing is written, else the folder may then hold a part of the files.
pub fn checkout_child() -> Result<(), CheckoutError> {
    let request: CheckoutRequest = serde_json::from_reader(io::stdin().lock()).map_err(io::Error::other)?;
    let repository = Repository::open_bare(&request.repository)?;
    let plan = Plan::of(&repository, &request)?;
    fs::create_dir_all(&request.into)?;
    for folder in &plan.folders {
        fs::create_dir(request.into.join(folder))?;
    }
    for (path, id) in &plan.files {
        let mut file = File::create_new(request.into.join(path))?;
        file.write_all(repository.find_blob(*id)?.content())?;
    }
    Ok(())
}

/// What is to be written. A tree can name the same folder many times at every level, so that a few kilobytes unfold to
/// any number of folders and bytes: everything is counted before the first is written.
struct Plan<'a> {
    repository: &'a Repository,
    odb: Odb<'a>,
    request: &'a CheckoutRequest,
    folders: Vec<PathBuf>,
    files: Vec<(PathBuf, Oid)>,
    bytes: u64,
    /// Entries that were looked at: links and submodules cost time too.
    entries: u64,
}

impl<'a> Plan<'a> {
    fn of(repository: &'a Repository, request: &'a CheckoutRequest) -> Result<Self, CheckoutError> {
        let mut plan = Self {
            repository,
            odb: repository.odb()?,
            request,
            folders: Vec::new(),
            files: Vec::new(),
            bytes: 0,
            entries: 0,
        };
        let commit = repository.find_commit(Oid::from_str(&request.sha)?)?;
        plan.folder(&commit.tree()?, Path::new(""), 0)?;
        Ok(plan)
    }

    fn folder(&mut self, tree: &Tree<'_>, path: &Path, depth: usize) -> Result<(), CheckoutError> {
        if depth > MAX_FOLDER_DEPTH {
            return Ok(());
        }
        for entry in tree {
            self.entries += 1;
            if self.entries > self.request.max_files.saturating_mul(ENTRIES_A_FILE) {
                return Err(CheckoutError::TooMany(self.entries - 1, "entries in its folders"));
            }
            let Ok(name) = entry.name() else { continue };
            let path = path.join(name);
            if !is_plain_name(name) || path.as_os_str().len() > MAX_PATH_BYTES {
                continue;
            }
            match (entry.kind(), entry.filemode()) {
                (Some(ObjectType::Tree), _) => {
                    if self.folders.len() as u64 >= self.request.max_files {
                        return Err(CheckoutError::TooMany(self.request.max_files, "folders"));
                    }
                    self.folders.push(path.clone());
                    self.folder(&self.repository.find_tree(entry.id())?, &path, depth + 1)?;
                }
                (Some(ObjectType::Blob), 0o100_644 | 0o100_755 | 0o100_664) => self.file(entry.id(), path)?,
                // Links and submodules.
                _ => {}
            }
        }
        Ok(())
    }

    fn file(&mut self, id: Oid, path: PathBuf) -> Result<(), CheckoutError> {
        let (size, _) = self.odb.read_header(id)?;
        if size as u64 > self.request.max_file_bytes {
            return Ok(());
        }
        if self.files.len() as u64 >= self.request.max_files {
            return Err(CheckoutError::TooMany(self.request.max_files, "files"));
        }
        self.bytes += size as u64;
        if self.bytes > self.request.max_total_bytes {
            return Err(CheckoutError::TooLarge(self.request.max_total_bytes));
        }
        self.files.push((path, id));
        Ok(())
    }
}

/// A name that is one path component everywhere: not `.git` in any disguise that HFS+ or NTFS would see through.
fn is_plain_name(name: &str) -> bool {
    let visible: String = name.chars().filter(|c| !is_ignored_by_hfs(*c)).collect();
    let bare = visible.trim_end_matches(['.', ' ']).to_ascii_lowercase();
    let bare = bare.split(':').next().unwrap_or_default();
    !name.is_empty()
        && !matches!(name, "." | "..")
        && !name.contains(['/', '\\', '\0'])
        && !matches!(bare, ".git" | "git~1")
}

/// Code points that HFS+ drops from names (git's own list in utf8.c).
fn is_ignored_by_hfs(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}
