//! What a pull request changes: its head against the commit that it started from, of which there must be a dossier. The
//! base branch may be further by now; compared with that, what it got meanwhile would seem to be taken away.

use ci_feed_dossier::drift::{self, v1::Drift};
use ci_feed_dossier::v1::Dossier;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Speech, Stop, Worker, refused};
use crate::github::message::{self, Common, MessageFault, Pulled};
use crate::model::{CommitSha, JsonView, MAX_COMPARED_BYTES, Reader};
use crate::store::{Message, StoreError};

/// What a pull request changes.
pub(super) enum Compared {
    Known(Box<Drift>, Pulled),
    /// Not yet: the head's run is under way.
    Later,
    /// It is closed, stands elsewhere by now, or there is nothing to compare it with: what is said of it stays.
    Unknown,
}

/// What there is to compare.
enum Found {
    Drift(Box<Drift>),
    /// Not yet.
    Later,
    /// Never, for this head.
    Nothing(&'static str),
}

impl Worker {
    /// What an open pull request whose head this is changes, as it stands here and at the forge.
    pub(super) async fn pull_drift(
        &self,
        message: &Message,
        speech: &Speech<'_>,
        number: i64,
        head: &CommitSha,
    ) -> Result<Compared, Stop> {
        let pulled: Pulled = speech.forge.get(&message::pull(&message.repo, number)).await?;
        let repo_id = pulled.base.repo.as_ref().map(|repo| repo.id);
        if message.repo_id.is_some_and(|known| repo_id != Some(known)) {
            return Err(refused("another repository has its name").into());
        }
        // What closed it or moved it on comes, or came, as an event of its own.
        if pulled.state != "open" || pulled.head.sha != head.as_str() {
            return Ok(Compared::Unknown);
        }
        let start = start(speech, &pulled, head).await?;
        let drift = match self.drift(message, head, &start).await? {
            Found::Drift(drift) => drift,
            Found::Later => return Ok(Compared::Later),
            Found::Nothing(why) => {
                tracing::info!(repo = %message.repo, "nothing is said of pull request {number}: {why}");
                return Ok(Compared::Unknown);
            }
        };
        Ok(Compared::Known(drift, pulled))
    }

    /// What `head` changes against `start`.
    async fn drift(&self, message: &Message, head: &CommitSha, start: &CommitSha) -> Result<Found, Stop> {
        let (run, is_live) = self.store.newest_dossier(message, head).await?;
        let Some(run) = run else {
            return Ok(if is_live { Found::Later } else { Found::Nothing("its head has no dossier") });
        };
        // What its run was compared with may be that very commit, made for it where no run is of it.
        if let Some(bytes) = self.artifact(run, "drift.json").await? {
            let stored = in_thread(move || of_json::<Drift>(&bytes)).await.ok();
            let is_it = |stored: &Drift| stored.base.subject.sha.as_deref() == Some(start.as_str());
            if let Some(stored) = stored.filter(|stored| is_it(stored) && !stored.analyzer_changed) {
                return Ok(Found::Drift(Box::new(stored)));
            }
        }
        let (base, _) = self.store.newest_dossier(message, start).await?;
        let Some(base) = base else {
            return Ok(Found::Nothing("the commit that it started from has no dossier"));
        };
        let dossiers = (self.artifact(base, "dossier.json").await?, self.artifact(run, "dossier.json").await?);
        let (Some(base), Some(head)) = dossiers else {
            return Ok(Found::Nothing("an external analyzer left no dossiers that can be compared"));
        };
        let drift = in_thread(move || {
            let (base, head): (Dossier, Dossier) = (of_json(&base)?, of_json(&head)?);
            Ok(drift::between(&base, &head))
        });
        let drift = drift.await?;
        Ok(match drift.analyzer_changed {
            true => Found::Nothing("the commit that it started from was read by another version"),
            false => Found::Drift(Box::new(drift)),
        })
    }

    async fn artifact(&self, run: Uuid, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let artifacts = self.store.artifacts(Reader::Trusted, run).await?;
        let Some(artifact) = artifacts.into_iter().find(|artifact| artifact.name == name) else { return Ok(None) };
        self.artifacts.read(&self.store, run, &artifact).await
    }
}

/// The commit that a pull request started from. A token that may not read commits gets the base branch's.
async fn start(speech: &Speech<'_>, pulled: &Pulled, head: &CommitSha) -> Result<CommitSha, MessageFault> {
    let of = |sha: &str| CommitSha::parse(sha).map_err(|_| refused("the forge names a commit that is none"));
    let base = of(&pulled.base.sha)?;
    match speech.forge.get::<Common>(&message::common(speech.repo, &base, head)).await {
        Ok(common) => of(&common.merge_base_commit.sha),
        Err(MessageFault::Refused(..)) => Ok(base),
        Err(trouble) => Err(trouble),
    }
}

/// Reading and comparing takes a while.
async fn in_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MessageFault> + Send + 'static,
) -> Result<T, MessageFault> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| Err(unreadable(&panic.to_string())))
}

fn of_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, MessageFault> {
    let weight = JsonView::parse(bytes).map_or(0, JsonView::weight);
    if weight > MAX_COMPARED_BYTES / 2 {
        return Err(unreadable("it is too large to be compared here"));
    }
    serde_json::from_slice(bytes).map_err(|_| unreadable("it was made by something else than the built-in analyzer"))
}

fn unreadable(why: &str) -> MessageFault {
    MessageFault::Refused(0, format!("nothing is said of a dossier that cannot be read: {why}"))
}
