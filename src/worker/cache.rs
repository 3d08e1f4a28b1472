//! What fetches of a repository brought, kept so that the next one asks only for what is new.
//!
//! Each repository has a folder of its own below `CI_CACHE_DIR`, laid out like git's `objects`: packs, as fetches left
//! them, and the list of commits that are whole in them. Children read it and never write it; whatever is in it is read
//! against its id, so that a damaged or forged pack is found and costs a whole fetch, and no repository gets another's.
//! Losing it at any time costs time only: there are no locks.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::Worker;
use super::git::Known;
use super::sandbox::is_open_to_all;
use crate::config::Config;
use crate::model::CommitSha;
use crate::store::{Run, StoreError};

/// The list of whole commits in a repository's folder, one a line, the newest first.
const COMMITS: &str = "commits";
/// Which repository a folder is of.
const REPOSITORY: &str = "repository";
/// How many of them a fetch offers to the git server.
const MAX_COMMITS: usize = 16;
/// A repository with more packs than this begins anew: each lookup of an object asks them all.
const MAX_PACKS: usize = 48;

/// The folder of all repositories.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    folder: PathBuf,
    /// Bytes of all packs.
    max_bytes: u64,
    /// Bytes of one repository's packs.
    max_repo_bytes: u64,
    /// Tells repositories of several servers apart.
    server: String,
    /// Whether children are other users, who must be able to read it.
    other_users: bool,
}

impl Cache {
    /// `None` where nothing is to be kept.
    pub(super) fn new(config: &Config, other_users: bool) -> Option<Self> {
        let max_bytes = Some(config.cache_bytes).filter(|bytes| *bytes > 0)?;
        // libgit2 reads a repository on disk with all of its history.
        let server = Some(&config.github_server_url).filter(|url| url.starts_with("http"))?.clone();
        let folder = std::path::absolute(&config.cache_dir).ok()?;
        let max_repo_bytes = config.max_repo_bytes.min(max_bytes);
        Some(Self { folder, max_bytes, max_repo_bytes, server, other_users })
    }

    /// What is known of a repository.
    pub(super) fn known(&self, repo_key: &str) -> Option<Known> {
        let objects = self.of(repo_key)?;
        let commits = commits(&objects);
        // Whoever is used is not the next to go.
        let used = File::open(objects.join(COMMITS)).and_then(|list| list.set_modified(SystemTime::now()));
        used.ok()?;
        (!commits.is_empty()).then(|| Known { folders: vec![objects], commits })
    }

    /// Take the packs of a fetched repository, in which `commit` is whole together with what was known; then make room.
    /// Nobody reads that repository any more.
    ///
    /// # Errors
    /// When the folder cannot be written, or is somebody else's. What was there may be gone then.
    pub(super) fn keep(&self, repo_key: &str, repository: &Path, commit: &CommitSha) -> io::Result<()> {
        self.create_root()?;
        let entry = match self.of(repo_key) {
            Some(entry) => entry,
            None => self.create(repo_key)?,
        };
        let kept = self.take(&entry, repository, commit);
        if kept.is_err() || self.is_full(&entry)? {
            fs::remove_dir_all(&entry)?;
        }
        self.make_room()?;
        kept
    }

    /// Forget a repository; the next fetch brings all of its commit.
    pub(super) fn forget(&self, repo_key: &str) {
        for entry in self.entries().filter(|entry| is_of(entry, &self.name(repo_key))) {
            remove(&entry);
        }
    }

    /// Forget everything.
    pub(super) fn clear(&self) {
        self.entries().for_each(|entry| remove(&entry));
    }

    /// The repositories that something is kept of.
    pub(super) fn repositories(&self) -> Vec<String> {
        self.entries().filter_map(|entry| fs::read_to_string(entry.join(REPOSITORY)).ok()).collect()
    }

    fn of(&self, repo_key: &str) -> Option<PathBuf> {
        let name = self.name(repo_key);
        self.entries().filter(|entry| is_of(entry, &name)).min()
    }

    fn name(&self, repo_key: &str) -> String {
        hex::encode(Sha256::digest(format!("{} {repo_key}", self.server)))
    }

    /// Folders that this made; others may lie beside them.
    fn entries(&self) -> impl Iterator<Item = PathBuf> + use<> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let ours = |entry: &fs::DirEntry| {
            let name = entry.file_name().into_string().unwrap_or_default();
            let parts = name.split_once('-').filter(|(hash, random)| hash.len() == 64 && random.len() == 32);
            parts.is_some() && entry.file_type().is_ok_and(|kind| kind.is_dir())
        };
        entries.filter(ours).map(|entry| entry.path())
    }

    fn create_root(&self) -> io::Result<()> {
        // Another user has to pass; the names below cannot be listed, nor guessed.
        let mode = if self.other_users { 0o711 } else { 0o700 };
        DirBuilder::new().recursive(true).mode(mode).create(&self.folder)?;
        if self.folder.metadata()?.uid() != rustix::process::geteuid().as_raw() {
            return Err(io::Error::other("CI_CACHE_DIR is another user's"));
        }
        fs::set_permissions(&self.folder, Permissions::from_mode(mode))?;
        if self.other_users && !is_open_to_all(&self.folder) {
            return Err(io::Error::other("the user that children are cannot reach CI_CACHE_DIR"));
        }
        Ok(())
    }

    fn create(&self, repo_key: &str) -> io::Result<PathBuf> {
        let entry = self.folder.join(format!("{}-{}", self.name(repo_key), Uuid::new_v4().simple()));
        let mode = if self.other_users { 0o755 } else { 0o700 };
        for folder in [entry.clone(), entry.join("pack")] {
            DirBuilder::new().mode(0o700).create(&folder)?;
            // Whatever the process's mask says.
            fs::set_permissions(&folder, Permissions::from_mode(mode))?;
        }
        fs::write(entry.join(REPOSITORY), repo_key)?;
        Ok(entry)
    }

    /// Packs before their indexes, by which git finds them, and the commit last: whatever is listed is there.
    fn take(&self, entry: &Path, repository: &Path, commit: &CommitSha) -> io::Result<()> {
        let from = repository.join("objects/pack");
        for name in packs(&from)? {
            for end in ["pack", "idx"] {
                let file = format!("{name}.{end}");
                self.take_file(&from.join(&file), &entry.join("pack").join(&file))?;
            }
        }
        let mut commits = commits(entry);
        commits.retain(|known| known != commit.as_str());
        commits.insert(0, commit.to_string());
        let beside = entry.join(Uuid::new_v4().simple().to_string());
        fs::write(&beside, commits.join("\n"))?;
        fs::rename(beside, entry.join(COMMITS))
    }

    fn take_file(&self, from: &Path, to: &Path) -> io::Result<()> {
        let meta = from.symlink_metadata()?;
        if !meta.is_file() || meta.nlink() != 1 {
            return Err(io::Error::other("a fetch left something else than a pack"));
        }
        if fs::rename(from, to).is_err() {
            // The work folder may lie on another file system.
            let beside = to.with_extension(Uuid::new_v4().simple().to_string());
            if let Err(error) = fs::copy(from, &beside).and_then(|_| fs::rename(&beside, to)) {
                let _ = fs::remove_file(&beside);
                return Err(error);
            }
        }
        chown(to, Some(rustix::process::geteuid().as_raw()), Some(rustix::process::getegid().as_raw()))?;
        fs::set_permissions(to, Permissions::from_mode(if self.other_users { 0o444 } else { 0o400 }))
    }

    fn is_full(&self, entry: &Path) -> io::Result<bool> {
        Ok(packs(&entry.join("pack"))?.len() > MAX_PACKS || bytes(entry) > self.max_repo_bytes)
    }

    /// Remove those that were not used for longest.
    fn make_room(&self) -> io::Result<()> {
        let last_used = |entry: &PathBuf| entry.join(COMMITS).metadata().and_then(|list| list.modified()).ok();
        let mut entries: Vec<_> = self.entries().map(|entry| (last_used(&entry), bytes(&entry), entry)).collect();
        entries.sort();
        let mut all: u64 = entries.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, entry) in entries {
            if all <= self.max_bytes {
                break;
            }
            fs::remove_dir_all(&entry)?;
            all -= bytes;
        }
        Ok(())
    }
}

impl Worker {
    /// What is here of earlier fetches of the run's repository.
    pub(super) async fn known(&self, run: &Run) -> Option<Known> {
        let repo_key = run.repo_key.clone();
        self.with_cache(move |cache| cache.known(&repo_key)).await.flatten()
    }

    /// Keep what was fetched for the next run of this repository, beside what was kept before or in its place.
    pub(super) async fn keep(&self, run: &Run, repository: PathBuf, in_place: bool) {
        let (repo_key, commit) = (run.repo_key.clone(), run.commit_sha.clone());
        let keep = move |cache: &Cache| {
            if in_place {
                tracing::warn!(
                    "what was kept in CI_CACHE_DIR of this repository is of no use; all of the commit was fetched"
                );
                cache.forget(&repo_key);
            }
            if let Err(error) = cache.keep(&repo_key, &repository, &commit) {
                tracing::warn!(%error, "what was fetched could not be kept in CI_CACHE_DIR; the next fetch takes longer");
            }
        };
        self.with_cache(keep).await;
    }

    /// Give up all that was kept.
    pub(super) async fn empty_cache(&self) {
        self.with_cache(Cache::clear).await;
    }

    /// Forget repositories that were deleted here.
    pub(super) async fn forget_deleted(&self) -> Result<(), StoreError> {
        for repo_key in self.with_cache(Cache::repositories).await.unwrap_or_default() {
            if !self.store.knows(&repo_key).await? {
                self.with_cache(move |cache| cache.forget(&repo_key)).await;
            }
        }
        Ok(())
    }

    /// Files are read and written aside. `None` where nothing is kept.
    async fn with_cache<T: Send + 'static>(&self, work: impl FnOnce(&Cache) -> T + Send + 'static) -> Option<T> {
        let cache = self.cache.clone()?;
        spawn_blocking(move || work(&cache)).await.ok()
    }
}

fn is_of(entry: &Path, name: &str) -> bool {
    entry.file_name().and_then(|file| file.to_str()).is_some_and(|file| file.starts_with(name))
}

/// The newest commits that are listed.
fn commits(entry: &Path) -> Vec<String> {
    let list = fs::read_to_string(entry.join(COMMITS)).unwrap_or_default();
    let commits = list.lines().filter_map(|line| CommitSha::parse(line).ok());
    commits.take(MAX_COMMITS).map(|commit| commit.to_string()).collect()
}

/// Names of the packs in a folder, without their endings.
fn packs(folder: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    let names = entries.iter().filter_map(|entry| entry.file_name().into_string().ok());
    let packs = names.filter_map(|name| {
        let name = name.strip_suffix(".idx")?;
        let id = name.strip_prefix("pack-")?;
        id.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| name.to_owned())
    });
    Ok(packs.collect())
}

/// Bytes of a repository's packs.
fn bytes(entry: &Path) -> u64 {
    let files = fs::read_dir(entry.join("pack")).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|meta| meta.len()).sum()
}

fn remove(entry: &Path) {
    if let Err(error) = fs::remove_dir_all(entry) {
        tracing::warn!(%error, "a folder of CI_CACHE_DIR could not be removed");
    }
}
