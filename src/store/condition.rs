//! What keeps a database from taking anything: told from errors, and for a SQLite file from the file itself, which may be
//! deleted or replaced under the server. A commit into a file that nobody will open again is no commit.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::StoreError;

/// Space below which SQLite cannot be relied on to write, in bytes.
const LITTLE_SPACE: u64 = 1 << 20;

/// For how long a refusal is taken for the database's condition: the next write may go through, if there is one.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Why the database takes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A replica, a file or a disk that may only be read.
    #[error("the database is read-only")]
    ReadOnly,
    /// The path of the SQLite file names nothing.
    #[error("the file of the database was deleted while the server runs")]
    Deleted,
    /// The path of the SQLite file names another file.
    #[error("the file of the database was replaced while the server runs")]
    Replaced,
    /// Its disk is full.
    #[error("there is no space left for the database")]
    Full,
}

impl Refusal {
    /// What it means and what to do, for health.
    pub fn advice(self) -> &'static str {
        match self {
            Self::ReadOnly => {
                "nothing is accepted and no job is leased; make it writable, or let DATABASE_URL name the primary after a failover"
            }
            Self::Deleted => {
                "nothing is accepted; stop the server, put the file and its -wal back from a backup, and start it (without them it begins anew)"
            }
            Self::Replaced => "nothing is accepted until the server is started again",
            Self::Full => "nothing is accepted and no job is leased until there is some",
        }
    }
}

/// The condition of one database, shared by its pools.
#[derive(Debug, Default)]
pub(super) struct Condition {
    file: Option<DatabaseFile>,
    /// Whether a commit went into a log that nobody will read.
    lost: AtomicBool,
    /// Why the last write was refused, and when; forgotten with the next one that is not.
    refused: Mutex<Option<(Refusal, Instant)>>,
}

impl Condition {
    /// Of the SQLite file that was just opened; `None` is a database in memory.
    pub(super) fn of_file(path: Option<PathBuf>) -> std::io::Result<Self> {
        Ok(Self { file: path.map(DatabaseFile::open).transpose()?, ..Self::default() })
    }

    /// Whether what is written now will be found again.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.displaced().map_or(Ok(()), |refusal| Err(StoreError::Refused(refusal)))
    }

    /// Whether what was committed on a connection that is still held will be found again.
    pub(super) fn check_committed(&self) -> Result<(), StoreError> {
        self.remember(None);
        // From here on the log and its index are of two minds, until a new start.
        let lost = self.file.as_ref().and_then(|file| file.log.as_ref()).is_some_and(|log| !log.exists());
        self.lost.fetch_or(lost, Ordering::Relaxed);
        self.check()
    }

    fn displaced(&self) -> Option<Refusal> {
        let lost = self.lost.load(Ordering::Relaxed).then_some(Refusal::Deleted);
        lost.or_else(|| self.file.as_ref()?.displaced())
    }

    /// A write has failed.
    pub(super) fn failed(&self, error: sqlx::Error) -> StoreError {
        let refusal = refusal(&error);
        self.remember(refusal);
        refusal.map_or(StoreError::Database(error), StoreError::Refused)
    }

    /// Why nothing is taken, as far as it can be told without writing.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        let of_file = self.displaced().or_else(|| self.file.as_ref()?.closed());
        let refused = *self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        of_file.or(refused.filter(|(_, at)| at.elapsed() < REMEMBERED).map(|(refusal, _)| refusal))
    }

    fn remember(&self, refusal: Option<Refusal>) {
        let refused = refusal.map(|refusal| (refusal, Instant::now()));
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = refused;
    }
}

/// Which file was opened.
#[derive(Debug)]
struct DatabaseFile {
    path: PathBuf,
    /// Its log, which is there for as long as a connection is; `None` on a file system that cannot have one.
    log: Option<PathBuf>,
    identity: (u64, u64),
}

impl DatabaseFile {
    fn open(path: PathBuf) -> std::io::Result<Self> {
        let identity = identity(&path)?;
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        let log = Some(PathBuf::from(log)).filter(|log| log.exists());
        Ok(Self { path, log, identity })
    }

    /// Whether the path names another file by now.
    fn displaced(&self) -> Option<Refusal> {
        match identity(&self.path) {
            Ok(found) if found != self.identity => Some(Refusal::Replaced),
            Ok(_) => None,
            Err(_) => Some(Refusal::Deleted),
        }
    }

    /// Whether its disk takes nothing.
    fn closed(&self) -> Option<Refusal> {
        let disk = rustix::fs::statvfs(&self.path).ok()?;
        if disk.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY)
            || rustix::fs::access(&self.path, rustix::fs::Access::WRITE_OK).is_err()
        {
            return Some(Refusal::ReadOnly);
        }
        (disk.f_bavail.saturating_mul(disk.f_frsize) < LITTLE_SPACE).then_some(Refusal::Full)
    }
}

fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    std::fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

/// What an error says about all that will be written.
fn refusal(error: &sqlx::Error) -> Option<Refusal> {
    let code = error.as_database_error()?.code()?;
    match code.as_ref() {
        "25006" => Some(Refusal::ReadOnly),
        "53100" => Some(Refusal::Full),
        // SQLite's extended codes have the primary one in their lowest byte.
        code => match code.parse::<u32>().ok().filter(|code| *code < 10_000)? & 0xff {
            8 => Some(Refusal::ReadOnly),
            13 => Some(Refusal::Full),
            _ => None,
        },
    }
}
