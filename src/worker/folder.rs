//! Work folders: made for the user that the children of an attempt are, and removed within a time, whatever was built
//! inside.

use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::Instant;

use tempfile::TempDir;
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// The folder of one attempt, or of one question to a git server; removed when dropped.
pub(super) struct WorkFolder {
    folder: TempDir,
    /// Says to other processes, whose leases may be shorter, that somebody works here.
    lock: File,
    /// Who its children are; `None` is the server's own user.
    pub(super) user: Option<u32>,
}

impl WorkFolder {
    /// A fresh folder below `parent` that only `user` can enter.
    pub(super) async fn create(parent: PathBuf, prefix: String, user: Option<u32>) -> io::Result<Self> {
        let create = move || {
            // Another user has to pass; the names below cannot be listed.
            let mode = if user.is_some() { 0o711 } else { 0o700 };
            DirBuilder::new().recursive(true).mode(mode).create(&parent)?;
            if user.is_some() {
                let mode = fs::metadata(&parent)?.permissions().mode();
                fs::set_permissions(&parent, Permissions::from_mode(mode | 0o111))?;
            }
            let only_one = Permissions::from_mode(0o700);
            let folder = tempfile::Builder::new().prefix(&prefix).permissions(only_one).tempdir_in(&parent)?;
            let lock = File::open(folder.path())?;
            lock.lock_shared()?;
            chown(folder.path(), user, user)?;
            Ok(Self { folder, lock, user })
        };
        spawn_blocking(create).await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Remove it all until `until`; what is left then is for a later round.
    pub(super) async fn remove(self, until: tokio::time::Instant) -> io::Result<()> {
        let (path, lock) = (self.folder.keep(), self.lock);
        let removing = spawn_blocking(move || {
            let removed = remove_until(&path, until.into_std());
            drop(lock);
            removed
        });
        removing.await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
    }
}

/// Whether a process that lives works in this folder.
pub(super) fn is_worked_in(folder: &Path) -> bool {
    File::open(folder).is_ok_and(|folder| matches!(folder.try_lock(), Err(TryLockError::WouldBlock)))
}

/// A folder inside, of the same user.
pub(super) async fn create(folder: PathBuf, user: Option<u32>) -> io::Result<()> {
    let create = move || {
        fs::create_dir(&folder)?;
        chown(&folder, user, user)
    };
    spawn_blocking(create).await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
}

/// Remove a folder that nobody writes any more. Folders inside are moved up before they are emptied, so that neither the
/// depth of a tree nor the length of its paths costs anything: a program can nest folders a hundred thousand deep.
pub(super) fn remove_until(root: &Path, until: Instant) -> io::Result<()> {
    let (mut waiting, mut moved) = (vec![root.to_owned()], 0_u64);
    // What an earlier call moved up and did not come to is still there, by its own names.
    let this_call = Uuid::new_v4().simple();
    while let Some(folder) = waiting.pop() {
        // Whoever made it may have closed it.
        fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
        for entry in fs::read_dir(&folder)? {
            if Instant::now() > until {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "there was too much in it"));
            }
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                fs::remove_file(entry.path())?;
            } else if folder == root {
                waiting.push(entry.path());
            } else {
                moved += 1;
                let up = root.join(format!(".removed-{this_call}-{moved}"));
                fs::rename(entry.path(), &up)?;
                waiting.push(up);
            }
        }
        if folder != root {
            fs::remove_dir(&folder)?;
        }
    }
    fs::remove_dir(root)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_an_earlier_removal_left_is_removed_by_the_next() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("attempt");
        let later = || Instant::now() + Duration::from_secs(60);
        for n in 0..40 {
            // As a process leaves it that is killed on its way, and as it was before.
            fs::create_dir_all(root.join(format!(".removed-{n}/half"))).unwrap();
            fs::create_dir_all(root.join(format!("tree-{n}/a/b"))).unwrap();
        }
        let stopped = remove_until(&root, Instant::now());
        assert_eq!(stopped.unwrap_err().kind(), io::ErrorKind::TimedOut);
        remove_until(&root, later()).unwrap();
        assert!(!root.exists());
    }
}
