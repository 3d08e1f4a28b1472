//! Writing a commit's files for an external analyzer: by hand from the tree, without filters, hooks or links.
//!
//! Refuses names that mean something else on some file system; skips links, submodules and files over the limit.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid, Repository, Tree};
use serde::{Deserialize, Serialize};

/// Deepest folder that is written.
const MAX_DEPTH: usize = 64;
/// Longest path, in bytes.
const MAX_PATH_BYTES: usize = 1024;

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
}

/// Why no files were written for the analyzer.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// More files than allowed.
    #[error("the commit has more than {0} files; raise CI_MAX_FILES if it should be analyzed")]
    TooManyFiles(u64),
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
/// [`CheckoutError`]; the folder may then hold a part of the files.
pub fn checkout_child() -> Result<(), CheckoutError> {
    let request: CheckoutRequest = serde_json::from_reader(io::stdin().lock()).map_err(io::Error::other)?;
    let repository = Repository::open_bare(&request.repository)?;
    let tree = repository.find_commit(Oid::from_str(&request.sha)?)?.tree()?;
    fs::create_dir_all(&request.into)?;
    Writer { repository: &repository, request: &request, written: 0 }.folder(&tree, &request.into, 0)
}

struct Writer<'a> {
    repository: &'a Repository,
    request: &'a CheckoutRequest,
    written: u64,
}

impl Writer<'_> {
    fn folder(&mut self, tree: &Tree<'_>, into: &Path, depth: usize) -> Result<(), CheckoutError> {
        if depth > MAX_DEPTH {
            return Ok(());
        }
        for entry in tree {
            let Ok(name) = entry.name() else { continue };
            let path = into.join(name);
            if !is_plain_name(name) || path.as_os_str().len() > self.request.into.as_os_str().len() + MAX_PATH_BYTES {
                continue;
            }
            match (entry.kind(), entry.filemode()) {
                (Some(ObjectType::Tree), _) => {
                    fs::create_dir(&path)?;
                    self.folder(&self.repository.find_tree(entry.id())?, &path, depth + 1)?;
                }
                (Some(ObjectType::Blob), 0o100_644 | 0o100_755 | 0o100_664) => self.file(entry.id(), &path)?,
                // Links and submodules.
                _ => {}
            }
        }
        Ok(())
    }

    fn file(&mut self, id: Oid, path: &Path) -> Result<(), CheckoutError> {
        if self.written >= self.request.max_files {
            return Err(CheckoutError::TooManyFiles(self.request.max_files));
        }
        let (size, _) = self.repository.odb()?.read_header(id)?;
        if size as u64 > self.request.max_file_bytes {
            return Ok(());
        }
        let blob = self.repository.find_blob(id)?;
        File::create_new(path)?.write_all(blob.content())?;
        self.written += 1;
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
