//! Files on disk: written aside and flushed, then made visible by one rename.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use uuid::Uuid;

use super::{DATABASE, OutputFile};

/// Folder for what is not visible yet; on the same file system, so that the rename is atomic.
const STAGING: &str = ".staging";
/// Which lease wrote a folder; in no manifest, so that nobody reads it but [`Staging::publish`].
pub(super) const EPOCH: &str = ".epoch";

/// A written result, removed when dropped unless published.
#[derive(Debug)]
pub(super) struct Staging {
    folder: TempDir,
    target: PathBuf,
    epoch: i64,
}

impl Staging {
    pub(super) fn write(root: &Path, run_id: Uuid, epoch: i64, files: &[OutputFile]) -> io::Result<Self> {
        let aside = root.join(STAGING);
        fs::create_dir_all(&aside)?;
        let folder = tempfile::Builder::new().prefix(&format!("{run_id}-")).tempdir_in(&aside)?;
        let mark = epoch.to_string();
        let files = files.iter().map(|output| (output.name.as_str(), output.bytes.as_slice()));
        for (name, bytes) in files.chain([(EPOCH, mark.as_bytes())]) {
            let mut file = File::create_new(folder.path().join(name))?;
            file.write_all(bytes)?;
            file.sync_all()?;
        }
        File::open(folder.path())?.sync_all()?;
        Ok(Self { folder, target: root.join(run_id.to_string()), epoch })
    }

    /// Rename into place. A folder of an earlier lease belongs to an attempt whose settle never committed: the caller
    /// holds the fence, so it is replaced. One of a later lease says that the fence is down: the database gave this
    /// job away when our connection broke, and we froze before we could notice. Repeating after a success finds
    /// nothing left to do.
    pub(super) fn publish(&self) -> io::Result<()> {
        if !self.folder.path().exists() {
            return if self.target.exists() { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) };
        }
        if self.target.exists() {
            let there = fs::read_to_string(self.target.join(EPOCH)).ok().and_then(|epoch| epoch.parse().ok());
            if there.is_some_and(|epoch: i64| epoch > self.epoch) {
                return Err(io::Error::other("a later attempt has stored its result"));
            }
            fs::remove_dir_all(&self.target)?;
        }
        fs::rename(self.folder.path(), &self.target)?;
        File::open(self.target.parent().unwrap_or(&self.target))?.sync_all()
    }
}

/// Bytes of a file from there on, as many as `part` has room for.
pub(super) fn read_part(path: &Path, from: u64, mut part: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(io::SeekFrom::Start(from))?;
    let room = part.capacity() as u64;
    file.take(room).read_to_end(&mut part)?;
    Ok(part)
}

/// Staging folders that no live attempt can own any more.
pub(super) fn remove_leftovers(root: &Path, age: Duration) -> usize {
    let Ok(entries) = fs::read_dir(root.join(STAGING)) else { return 0 };
    entries.flatten().filter(|entry| is_older(entry, age) && fs::remove_dir_all(entry.path()).is_ok()).count()
}

/// See [`super::Artifacts::are_of`].
pub(super) fn is_of(root: &Path, database: &str) -> io::Result<bool> {
    match File::create_new(root.join(DATABASE)) {
        Ok(mut mark) => mark.write_all(database.as_bytes()).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Ok(fs::read_to_string(root.join(DATABASE))? == database)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// See [`super::Artifacts::leave`].
pub(super) fn leave(root: &Path) -> io::Result<()> {
    match fs::remove_file(root.join(DATABASE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Remove a run's folder.
pub(super) fn remove(root: &Path, run_id: Uuid) {
    if let Err(error) = fs::remove_dir_all(root.join(run_id.to_string()))
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(run.id = %run_id, %error, "a folder of artifacts could not be removed");
    }
}

/// Runs that have a folder, see [`super::Artifacts::stored`].
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
