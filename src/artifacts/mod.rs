//! Where the files of a dossier live: a folder below `out/ci`, the database, or a bucket. Names come from the run's manifest
//! only; no path is ever joined with what a caller sent.

mod disk;
mod objects;
mod opened;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::config::{ArtifactsPlace, ConfigError};
use crate::model::{Fault, FaultCode};
use crate::store::{Artifact, Publish, Store, StoreError};
use disk::Staging;
use objects::{Objects, Sink};
pub use opened::Opened;

/// What every `ci_runs.out_dir` begins with.
const OUT: &str = "out/ci";
/// Which database the runs of all results are in.
const DATABASE: &str = ".database";
/// How many times longer an attempt may take than the object store for its result: the job must end before its lease.
const PART_OF_AN_ATTEMPT: u32 = 4;

/// A file that an analyzer left.
#[derive(Debug, Clone)]
pub struct OutputFile {
    /// Plain file name, no folders.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// The place for artifacts.
#[derive(Debug, Clone)]
pub struct Artifacts {
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Disk(PathBuf),
    Database,
    Objects(Objects),
}

/// A result that is written and not yet visible.
pub struct Staged {
    /// For `ci_runs.out_dir`: a stable pointer, the same wherever the folder lies on this machine, or the bucket.
    pub out_dir: String,
    /// The manifest, with the bytes where the database keeps them.
    pub files: Vec<(Artifact, Option<Vec<u8>>)>,
    /// Puts the files where readers look, or fails and makes nothing visible. Harmless when repeated.
    pub publish: Publish,
}

/// A result that lies in the folder or bucket, of a run or of none.
#[derive(Debug)]
pub struct Stored {
    /// The run that it says it is of.
    pub run_id: Uuid,
    /// Where it is, where a run may have several.
    pub out_dir: Option<String>,
    /// What it consists of, where that is no folder.
    keys: Vec<object_store::path::Path>,
}

/// Some of what lies there.
#[derive(Debug, Default)]
pub struct Listing {
    /// In the order of the runs' ids.
    pub results: Vec<Stored>,
    /// Where to go on, unless these are the last.
    pub next: Option<String>,
}

impl Artifacts {
    /// Artifacts at the configured place. `attempt`: what an attempt may take.
    ///
    /// # Errors
    /// When the bucket's settings do not fit together; nothing is asked of it yet.
    pub fn new(place: &ArtifactsPlace, attempt: Duration) -> Result<Self, ConfigError> {
        Ok(Self {
            place: match place {
                ArtifactsPlace::Disk(folder) => Place::Disk(folder.clone()),
                ArtifactsPlace::Database => Place::Database,
                ArtifactsPlace::Objects(bucket) => Place::Objects(Objects::new(bucket, attempt / PART_OF_AN_ATTEMPT)?),
            },
        })
    }

    /// Write a run's files so that one rename, or the database's COMMIT, makes them visible. `epoch` is the lease's:
    /// files of a later one are never replaced.
    ///
    /// # Errors
    /// When the file system (full, read-only) or the object store refuses.
    pub async fn stage(&self, run_id: Uuid, epoch: i64, files: Vec<OutputFile>) -> Result<Staged, Fault> {
        let out_dir = format!("{OUT}/{run_id}");
        match &self.place {
            Place::Database => {
                let files = files.into_iter().map(|file| (describe(&file), Some(file.bytes))).collect();
                Ok(Staged { out_dir, files, publish: Arc::new(|| Ok(())) })
            }
            Place::Objects(objects) => {
                let described = files.iter().map(|file| (describe(file), None)).collect();
                let out_dir = Objects::new_place(run_id, epoch);
                objects.put(&out_dir, files).await?;
                Ok(Staged { out_dir, files: described, publish: Arc::new(|| Ok(())) })
            }
            Place::Disk(root) => {
                let root = root.clone();
                // An analyzer's file of that name would be ours in the folder and its own in the manifest.
                let files: Vec<_> = files.into_iter().filter(|file| file.name != disk::EPOCH).collect();
                let write = move || {
                    let staging = Staging::write(&root, run_id, epoch, &files)?;
                    let files = files.iter().map(|file| (describe(file), None)).collect();
                    Ok(Staged { out_dir, files, publish: Arc::new(move || staging.publish()) })
                };
                let written = tokio::task::spawn_blocking(write).await;
                let written = written.unwrap_or_else(|panic| Err(io::Error::other(panic)));
                written
                    .map_err(|error| Fault::new(FaultCode::Disk, format!("the dossier could not be written: {error}")))
            }
        }
    }

    /// A published file's bytes; `None` when it is not there.
    ///
    /// # Errors
    /// When the database, the file system or the object store cannot be read, or the last has other bytes than those.
    pub async fn read(&self, store: &Store, run_id: Uuid, artifact: &Artifact) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes = usize::try_from(artifact.bytes).unwrap_or_default();
        if let Place::Objects(objects) = &self.place
            && let Some(out_dir) = store.out_dir(run_id).await?
        {
            let read = objects.get(&out_dir, artifact, Sink::Memory(Vec::with_capacity(bytes))).await;
            if let Some(Sink::Memory(bytes)) = read.map_err(StoreError::Objects)? {
                return Ok(Some(bytes));
            }
        }
        self.read_part(store, run_id, artifact, 0, bytes).await
    }

    /// A part of a published file: at most so many bytes from there on; `None` when the file is not there.
    async fn read_part(
        &self,
        store: &Store,
        run_id: Uuid,
        artifact: &Artifact,
        from: u64,
        bytes: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if let Place::Disk(root) = &self.place {
            let folder = root.join(run_id.to_string());
            let part = part_on_disk(folder.join(&artifact.name), from, bytes).await?;
            if part.is_some() {
                return Ok(part);
            }
            // Written before the place was changed to a folder, perhaps: into a bucket that was copied into it, or the database.
            let out_dir = store.out_dir(run_id).await?.unwrap_or_default();
            if let Some(attempt) = out_dir.strip_prefix(&format!("{OUT}/{run_id}/")) {
                let part = part_on_disk(folder.join(attempt).join(&artifact.name), from, bytes).await?;
                if part.is_some() {
                    return Ok(part);
                }
            }
        }
        store.artifact_part(run_id, &artifact.name, from, bytes).await
    }

    /// Remove what attempts left that ended between writing and publishing.
    pub fn remove_leftovers(&self, age: Duration) -> usize {
        self.folder().map_or(0, |root| disk::remove_leftovers(root, age))
    }

    /// Whether the folder or bucket is this database's: of the first that asked. Where there is neither it is nobody's.
    ///
    /// # Errors
    /// When its mark can be neither read nor written.
    pub async fn are_of(&self, database: &str) -> Result<bool, Fault> {
        match &self.place {
            Place::Database => Ok(false),
            Place::Objects(objects) => objects.is_of(database).await,
            Place::Disk(root) => {
                let (root, database) = (root.clone(), database.to_owned());
                on_disk(move || disk::is_of(&root, &database)).await
            }
        }
    }

    /// Let the folder or bucket be the database's that asks next.
    ///
    /// # Errors
    /// When the file system or the object store refuses.
    pub async fn leave(&self) -> Result<(), Fault> {
        match &self.place {
            Place::Database => Ok(()),
            Place::Objects(objects) => objects.leave().await,
            Place::Disk(root) => {
                let root = root.clone();
                on_disk(move || disk::leave(&root)).await
            }
        }
    }

    /// Results that are older than `age`, from behind `after` on, in the order of their runs' ids. A bounded number:
    /// `folders` of a file system, `objects` of a bucket.
    ///
    /// # Errors
    /// When the object store refuses.
    pub async fn stored(&self, after: Option<&str>, age: Duration, most: Most) -> Result<Listing, Fault> {
        match &self.place {
            Place::Database => Ok(Listing::default()),
            Place::Objects(objects) => objects.stored(after, age, most.objects).await,
            Place::Disk(root) => {
                let (root, after) = (root.clone(), after.and_then(|after| Uuid::parse_str(after).ok()));
                let runs = on_disk(move || Ok(disk::folders(&root, after, age, most.folders))).await?;
                let next = runs.last().filter(|_| runs.len() == most.folders).map(Uuid::to_string);
                let result = |run_id| Stored { run_id, out_dir: None, keys: Vec::new() };
                Ok(Listing { results: runs.into_iter().map(result).collect(), next })
            }
        }
    }

    /// Remove these results. What cannot be removed is found by a later round.
    pub async fn remove(&self, results: Vec<Stored>) {
        match &self.place {
            Place::Objects(objects) => {
                let keys: Vec<_> = results.into_iter().flat_map(|result| result.keys).collect();
                // Said where it was asked.
                let _ = if keys.is_empty() { Ok(()) } else { objects.remove(keys).await };
            }
            _ => self.remove_runs(results.into_iter().map(|result| result.run_id).collect()).await,
        }
    }

    /// Remove all that there is of these runs; what the database keeps goes with a run's row.
    pub async fn remove_runs(&self, runs: Vec<Uuid>) {
        match &self.place {
            Place::Database => {}
            Place::Objects(objects) => drop(objects.remove_runs(&runs).await),
            Place::Disk(root) => {
                let root = root.clone();
                let remove = move || runs.iter().for_each(|run| disk::remove(&root, *run));
                let _ = tokio::task::spawn_blocking(remove).await;
            }
        }
    }

    /// Whether there is nothing yet that could be anybody's.
    pub fn is_nowhere(&self) -> bool {
        match &self.place {
            Place::Disk(root) => !root.exists(),
            Place::Database => true,
            Place::Objects(_) => false,
        }
    }

    /// The folder whose free space matters, where there is one.
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Disk(root) => Some(root),
            Place::Database | Place::Objects(_) => None,
        }
    }

    /// Why the object store cannot be used, where its last answer was none: then it is asked once more.
    pub async fn trouble(&self) -> Option<Fault> {
        match &self.place {
            Place::Objects(objects) => objects.trouble().await,
            _ => None,
        }
    }

    /// The same as it was last, for those who cannot wait; it is looked at again meanwhile.
    pub fn known_trouble(&self) -> Option<Fault> {
        match &self.place {
            Place::Objects(objects) => objects.look_again(),
            _ => None,
        }
    }

    /// Write, read, list and remove, as a server would; answers what cannot be done.
    pub async fn check(&self) -> Vec<Fault> {
        match &self.place {
            Place::Objects(objects) => objects.check().await,
            _ => Vec::new(),
        }
    }
}

/// How much of what is stored one look takes in.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "of a file system; of a bucket")]
pub struct Most {
    pub folders: usize,
    pub objects: usize,
}

async fn part_on_disk(path: PathBuf, from: u64, bytes: usize) -> Result<Option<Vec<u8>>, StoreError> {
    // Here, not in one of many threads: each would keep what it gets back for itself.
    let part = Vec::with_capacity(bytes);
    match tokio::task::spawn_blocking(move || disk::read_part(&path, from, part)).await {
        Ok(Ok(part)) => Ok(Some(part)),
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Ok(Err(error)) => Err(StoreError::Publish(error)),
        Err(panic) => Err(StoreError::Publish(io::Error::other(panic))),
    }
}

async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| Err(io::Error::other(panic)));
    done.map_err(|error| Fault::new(FaultCode::Disk, format!("the folder of the artifacts cannot be used: {error}")))
}

fn describe(file: &OutputFile) -> Artifact {
    Artifact {
        name: file.name.clone(),
        media_type: media_type(&file.name).to_owned(),
        sha256: hex::encode(Sha256::digest(&file.bytes)),
        bytes: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
    }
}

/// Text, JSON and pictures of pixels are shown in the browser; anything else is only offered for download.
fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "json" => "application/json",
        "sarif" => "application/sarif+json",
        "md" => "text/markdown; charset=utf-8",
        "txt" | "log" | "csv" | "yaml" | "yml" | "toml" => "text/plain; charset=utf-8",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}
