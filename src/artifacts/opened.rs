//! A published file that is read in parts, as fast as a client takes them. From a bucket all of it is brought into a file without a
//! name first: what it sends is known to be what was stored before the first byte goes on, and nobody's pace holds a connection.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use super::objects::Sink;
use super::{Artifacts, Place};
use crate::model::{Fault, FaultCode};
use crate::store::{Artifact, Store, StoreError};

/// See the module.
#[derive(Clone)]
pub struct Opened(Source);

#[derive(Clone)]
enum Source {
    /// Where it was stored.
    Kept(Arc<Kept>),
    /// Here.
    Copied(Arc<std::fs::File>),
}

struct Kept {
    artifacts: Artifacts,
    store: Store,
    run_id: Uuid,
    artifact: Artifact,
}

impl Artifacts {
    /// Whether [`Artifacts::open`] copies files, in bytes of this machine's disk.
    pub fn are_copied(&self) -> bool {
        matches!(self.place, Place::Objects(_))
    }

    /// Open a published file; a copy of it lies in `folder`, for as long as anybody reads it.
    ///
    /// # Errors
    /// When the object store cannot be read or has other bytes, or the copy cannot be written.
    pub async fn open(
        &self,
        store: &Store,
        run_id: Uuid,
        artifact: Artifact,
        folder: &Path,
    ) -> Result<Opened, StoreError> {
        if let Place::Objects(objects) = &self.place
            && let Some(out_dir) = store.out_dir(run_id).await?
        {
            let copy = Sink::File(tokio::fs::File::from_std(nameless(folder).await.map_err(StoreError::Objects)?));
            let copied = objects.get(&out_dir, &artifact, copy).await.map_err(StoreError::Objects)?;
            if let Some(Sink::File(file)) = copied {
                return Ok(Opened(Source::Copied(Arc::new(file.into_std().await))));
            }
        }
        let kept = Kept { artifacts: self.clone(), store: store.clone(), run_id, artifact };
        Ok(Opened(Source::Kept(Arc::new(kept))))
    }
}

impl Opened {
    /// At most so many bytes from there on; `None` when the file is not there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn part(&self, from: u64, bytes: usize) -> Result<Option<Vec<u8>>, StoreError> {
        match &self.0 {
            Source::Kept(kept) => {
                let Kept { artifacts, store, run_id, artifact } = &**kept;
                artifacts.read_part(store, *run_id, artifact, from, bytes).await
            }
            Source::Copied(file) => {
                let (file, mut part) = (Arc::clone(file), Vec::with_capacity(bytes));
                let read = move || {
                    let mut file = &*file;
                    file.seek(SeekFrom::Start(from))?;
                    file.take(part.capacity() as u64).read_to_end(&mut part)?;
                    Ok(Some(part))
                };
                super::on_disk(read).await.map_err(StoreError::Objects)
            }
        }
    }
}

async fn nameless(folder: &Path) -> Result<std::fs::File, Fault> {
    let folder = folder.to_owned();
    let create = move || {
        std::fs::create_dir_all(&folder)?;
        tempfile::tempfile_in(folder)
    };
    let created = tokio::task::spawn_blocking(create).await.unwrap_or_else(|panic| Err(std::io::Error::other(panic)));
    created.map_err(|error| Fault::new(FaultCode::Disk, format!("no file under CI_TMP_DIR: {error}")))
}
