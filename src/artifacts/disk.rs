//! Files on disk: written aside and flushed, then made visible by one rename.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use uuid::Uuid;

use super::OutputFile;

/// Folder for what is not visible yet; on the same file system, so that the rename is atomic.
const STAGING: &str = ".staging";

/// A written result, removed when dropped unless published.
#[derive(Debug)]
pub(super) struct Staging {
    folder: TempDir,
    target: PathBuf,
}

impl Staging {
    pub(super) fn write(root: &Path, run_id: Uuid, files: &[OutputFile]) -> io::Result<Self> {
        let aside = root.join(STAGING);
        fs::create_dir_all(&aside)?;
        let folder = tempfile::Builder::new().prefix(&format!("{run_id}-")).tempdir_in(&aside)?;
        for output in files {
            let mut file = File::create_new(folder.path().join(&output.name))?;
            file.write_all(&output.bytes)?;
            file.sync_all()?;
        }
        File::open(folder.path())?.sync_all()?;
        Ok(Self { folder, target: root.join(run_id.to_string()) })
    }

    /// Rename into place. A folder that is there already belongs to an attempt whose settle never committed: the
    /// caller holds the fence, so it is replaced. Repeating after a success finds nothing left to do.
    pub(super) fn publish(&self) -> io::Result<()> {
        if !self.folder.path().exists() {
            return if self.target.exists() { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) };
        }
        if self.target.exists() {
            fs::remove_dir_all(&self.target)?;
        }
        fs::rename(self.folder.path(), &self.target)?;
        File::open(self.target.parent().unwrap_or(&self.target))?.sync_all()
    }
}

/// Staging folders that no live attempt can own any more.
pub(super) fn remove_leftovers(root: &Path, age: Duration) -> usize {
    let Ok(entries) = fs::read_dir(root.join(STAGING)) else { return 0 };
    entries.flatten().filter(|entry| is_older(entry, age) && fs::remove_dir_all(entry.path()).is_ok()).count()
}

/// See [`super::Artifacts::folders`].
pub(super) fn folders(root: &Path, after: Option<Uuid>, age: Duration, limit: usize) -> Vec<Uuid> {
    let Ok(entries) = fs::read_dir(root) else { return Vec::new() };
    let run = |entry: &fs::DirEntry| Uuid::parse_str(entry.file_name().to_str()?).ok();
    let named = entries.flatten().filter_map(|entry| Some((run(&entry)?, entry)));
    let mut later: Vec<_> = named.filter(|(run, _)| after.is_none_or(|after| *run > after)).collect();
    later.sort_unstable_by_key(|(run, _)| *run);
    later.into_iter().filter(|(_, entry)| is_older(entry, age)).map(|(run, _)| run).take(limit).collect()
}

fn is_older(entry: &fs::DirEntry, age: Duration) -> bool {
    let oldest = SystemTime::now() - age;
    entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|at| at < oldest)
}
