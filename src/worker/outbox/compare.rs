//! What a pull request changes: its head against the commit that it started from, of which there must be a dossier. The
//! base branch may be further by now; compared with that, what it got meanwhile would seem to be taken away.

use ci_feed_dossier::drift::{self, v1::Drift};
use ci_feed_dossier::v1::Dossier;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Stop, Worker};
use crate::github::message::Trouble;
use crate::model::{CommitSha, JsonView, Reader};
use crate::store::{Message, StoreError};

/// Most that what is compared takes, as values, in bytes.
const MAX_COMPARED_BYTES: usize = 28 << 20;

/// What there is to compare.
pub(super) enum Compared {
    Known(Box<Drift>),
    /// Not yet: the head's run is under way.
    Later,
    /// Never, for this head.
    Unknown(&'static str),
}

impl Worker {
    /// What `head` changes against `start`.
    pub(super) async fn compared(
        &self,
        message: &Message,
        head: &CommitSha,
        start: &CommitSha,
    ) -> Result<Compared, Stop> {
        let (run, is_live) = self.store.newest_dossier(message, head).await?;
        let Some(run) = run else {
            return Ok(if is_live { Compared::Later } else { Compared::Unknown("its head has no dossier") });
        };
        // What its run was compared with may be that very commit, made for it where no run is of it.
        if let Some(bytes) = self.artifact(run, "drift.json").await? {
            let stored = in_thread(move || of_json::<Drift>(&bytes)).await.ok();
            let is_it = |stored: &Drift| stored.base.subject.sha.as_deref() == Some(start.as_str());
            if let Some(stored) = stored.filter(|stored| is_it(stored) && !stored.analyzer_changed) {
                return Ok(Compared::Known(Box::new(stored)));
            }
        }
        let (base, _) = self.store.newest_dossier(message, start).await?;
        let Some(base) = base else {
            return Ok(Compared::Unknown("the commit that it started from has no dossier"));
        };
        let dossiers = (self.artifact(base, "dossier.json").await?, self.artifact(run, "dossier.json").await?);
        let (Some(base), Some(head)) = dossiers else {
            return Ok(Compared::Unknown("an external analyzer left no dossiers that can be compared"));
        };
        let drift = in_thread(move || {
            let (base, head): (Dossier, Dossier) = (of_json(&base)?, of_json(&head)?);
            Ok(drift::between(&base, &head))
        });
        let drift = drift.await?;
        Ok(match drift.analyzer_changed {
            true => Compared::Unknown("the commit that it started from was read by another version"),
            false => Compared::Known(Box::new(drift)),
        })
    }

    async fn artifact(&self, run: Uuid, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let artifacts = self.store.artifacts(Reader::Trusted, run).await?;
        let Some(artifact) = artifacts.into_iter().find(|artifact| artifact.name == name) else { return Ok(None) };
        self.artifacts.read(&self.store, run, &artifact).await
    }
}

/// Reading and comparing takes a while.
async fn in_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| Err(unreadable(&panic.to_string())))
}

fn of_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Trouble> {
    let weight = JsonView::parse(bytes).map_or(0, JsonView::weight);
    if weight > MAX_COMPARED_BYTES / 2 {
        return Err(unreadable("it is too large to be compared here"));
    }
    serde_json::from_slice(bytes).map_err(|_| unreadable("it was made by something else than the built-in analyzer"))
}

fn unreadable(why: &str) -> Trouble {
    Trouble::Refused(0, format!("nothing is said of a dossier that cannot be read: {why}"))
}
