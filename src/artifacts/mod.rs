//! Where the files of a dossier live: a folder below `out/ci`, or the database. Names come from the run's manifest
//! only; no path is ever joined with what a caller sent.

mod disk;

use std::io;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::config::ArtifactsPlace;
use crate::store::{Artifact, Publish, Store, StoreError};
use disk::Staging;

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
    place: ArtifactsPlace,
}

/// A result that is written and not yet visible.
pub struct Staged {
    /// For `ci_runs.out_dir`: a stable pointer, the same wherever the folder lies on this machine.
    pub out_dir: String,
    /// The manifest, with the bytes where the database keeps them.
    pub files: Vec<(Artifact, Option<Vec<u8>>)>,
    /// Puts the files where readers look, or fails and makes nothing visible. Harmless when repeated.
    pub publish: Publish,
}

impl Artifacts {
    /// Artifacts at the configured place.
    pub fn new(place: ArtifactsPlace) -> Self {
        Self { place }
    }

    /// Write a run's files so that one rename, or the database's COMMIT, makes them visible. `epoch` is the lease's:
    /// files of a later one are never replaced.
    ///
    /// # Errors
    /// When the file system refuses (full, read-only).
    pub async fn stage(&self, run_id: Uuid, epoch: i64, files: Vec<OutputFile>) -> io::Result<Staged> {
        let out_dir = format!("out/ci/{run_id}");
        match &self.place {
            ArtifactsPlace::Database => {
                let files = files.into_iter().map(|file| (describe(&file), Some(file.bytes))).collect();
                Ok(Staged { out_dir, files, publish: Arc::new(|| Ok(())) })
            }
            ArtifactsPlace::Disk(root) => {
                let root = root.clone();
                // An analyzer's file of that name would be ours in the folder and its own in the manifest.
                let files: Vec<_> = files.into_iter().filter(|file| file.name != disk::EPOCH).collect();
                let write = move || {
                    let staging = Staging::write(&root, run_id, epoch, &files)?;
                    let files = files.iter().map(|file| (describe(file), None)).collect();
                    Ok(Staged { out_dir, files, publish: Arc::new(move || staging.publish()) })
                };
                tokio::task::spawn_blocking(write).await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
            }
        }
    }

    /// A published file's bytes; `None` when it is not there.
    ///
    /// # Errors
    /// When the database or the file system cannot be read.
    pub async fn read(&self, store: &Store, run_id: Uuid, artifact: &Artifact) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes = usize::try_from(artifact.bytes).unwrap_or_default();
        self.read_part(store, run_id, artifact, 0, bytes).await
    }

    /// A part of a published file: at most so many bytes from there on; `None` when the file is not there.
    ///
    /// # Errors
    /// When the database or the file system cannot be read.
    pub async fn read_part(
        &self,
        store: &Store,
        run_id: Uuid,
        artifact: &Artifact,
        from: u64,
        bytes: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if let ArtifactsPlace::Disk(root) = &self.place {
            let path = root.join(run_id.to_string()).join(&artifact.name);
            // Here, not in one of many threads: each would keep what it gets back for itself.
            let part = Vec::with_capacity(bytes);
            match tokio::task::spawn_blocking(move || disk::read_part(&path, from, part)).await {
                Ok(Ok(part)) => return Ok(Some(part)),
                // Written before the place was changed to a folder, perhaps.
                Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {}
                Ok(Err(error)) => return Err(StoreError::Publish(error)),
                Err(panic) => return Err(StoreError::Publish(io::Error::other(panic))),
            }
        }
        store.artifact_part(run_id, &artifact.name, from, bytes).await
    }

    /// Remove what attempts left that ended between writing and publishing.
    pub fn remove_leftovers(&self, age: std::time::Duration) -> usize {
        self.folder().map_or(0, |root| disk::remove_leftovers(root, age))
    }

    /// Whether the folder is this database's: of the first that asked. Where there is no folder it is nobody's.
    ///
    /// # Errors
    /// When the folder's mark can be neither read nor written.
    pub fn are_of(&self, database: &str) -> io::Result<bool> {
        self.folder().map_or(Ok(false), |root| disk::is_of(root, database))
    }

    /// Let the folder be the database's that asks next.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn leave(&self) -> io::Result<()> {
        self.folder().map_or(Ok(()), disk::leave)
    }

    /// Runs that have a folder which is older than `age`, in the order of their ids, from behind `after` on.
    pub fn folders(&self, after: Option<Uuid>, age: std::time::Duration, limit: usize) -> Vec<Uuid> {
        self.folder().map_or_else(Vec::new, |root| disk::folders(root, after, age, limit))
    }

    /// Remove a run's folder; what the database keeps goes with the run's row.
    pub fn remove(&self, run_id: Uuid) {
        if let Some(root) = self.folder()
            && let Err(error) = std::fs::remove_dir_all(root.join(run_id.to_string()))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(run.id = %run_id, %error, "a folder of artifacts could not be removed");
        }
    }

    /// The folder whose free space matters, where there is one.
    pub fn folder(&self) -> Option<&std::path::Path> {
        match &self.place {
            ArtifactsPlace::Database => None,
            ArtifactsPlace::Disk(root) => Some(root),
        }
    }
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
