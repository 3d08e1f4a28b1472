//! What a run's drift is measured against: the dossier of an earlier run if this analyzer made it, else the base commit, which
//! is fetched and analyzed with the run's own. Without a base the run succeeds, without drift.

use std::path::{Path, PathBuf};

use ci_feed_dossier::v1::{Analyzer, SCHEMA};
use serde::Deserialize;
use tokio::time::Instant;
use uuid::Uuid;

use super::commit::{BaseCommit, BaseSource, FetchedCommit};
use super::fault::Stopped;
use super::{Phase, REPOSITORY, Watch, Worker, folder};
use crate::model::{CommitSha, EventType, Fault, FaultCode, Reader};
use crate::store::{BaseQuery, BaseRun, Run};

/// The part of an attempt's remaining time that fetching its base may take.
const TIME_SHARE: u32 = 3;

/// What to compare with.
pub(super) struct Base {
    pub(super) source: BaseSource,
    /// The run that it is of; `None` when only its commit is known here.
    pub(super) run_id: Option<Uuid>,
}

/// Where a base may come from.
enum Candidate {
    Run(BaseRun),
    Commit(CommitSha),
}

/// The head of a dossier: who made it.
#[derive(Deserialize)]
struct MadeBy {
    schema: String,
    analyzer: Analyzer,
}

impl Worker {
    /// The base of a run whose dossier this reader may see, for the built-in analyzer; `None` when the run has none, or it is
    /// unavailable.
    ///
    /// # Errors
    /// Only when the attempt was cancelled.
    pub(super) async fn base(
        &self,
        run: &Run,
        reader: Reader,
        own: FetchedCommit<'_>,
        work: &Path,
        watch: Watch<'_>,
    ) -> Result<Option<Base>, Stopped> {
        if self.config.analyzer.is_some() {
            return Ok(None);
        }
        let left = watch.deadline.saturating_duration_since(Instant::now());
        let watch = Watch { deadline: Instant::now() + left / TIME_SHARE, ..watch };
        for (at, candidate) in self.candidates(run, reader).await.into_iter().enumerate() {
            let folder = work.join(format!("base-{at}"));
            match self.source_of(run, &candidate, own, &folder, watch).await {
                Ok(Some(source)) => {
                    let run_id = if let Candidate::Run(base) = candidate { Some(base.run_id) } else { None };
                    return Ok(Some(Base { source, run_id }));
                }
                Ok(None) => {}
                Err(Stopped::Cancelled) => return Err(Stopped::Cancelled),
                Err(Stopped::Fault(fault)) => {
                    tracing::warn!(error_code = fault.code.as_str(), "no drift against this base: {}", fault.message);
                }
            }
        }
        Ok(None)
    }

    /// For a push the last run of its branch, then the commit before it; for a pull request its base commit, then the
    /// last run of its base branch. Without an answer of the database there is no drift.
    async fn candidates(&self, run: &Run, reader: Reader) -> Vec<Candidate> {
        let find = async |query: Option<BaseQuery<'_>>| {
            let found = self.store.base_of(reader, run, query?).await.unwrap_or_else(|error| {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the base of a drift is unknown: the database is unavailable"
                );
                None
            });
            found.map(Candidate::Run)
        };
        let commit = run.base_sha.as_ref().filter(|sha| **sha != run.commit_sha);
        let of_commit = || find(commit.map(BaseQuery::Commit));
        let on_base_ref = || find(run.base_ref.as_ref().map(BaseQuery::Branch));
        let itself = commit.cloned().map(Candidate::Commit);
        let found = if run.event_type == EventType::PullRequest {
            [of_commit().await, itself, on_base_ref().await]
        } else {
            let on_ref = find(Some(BaseQuery::Branch(&run.git_ref))).await;
            let before = if on_ref.is_none() { of_commit().await.or(itself) } else { itself };
            [on_ref, before, on_base_ref().await]
        };
        found.into_iter().flatten().collect()
    }

    async fn source_of(
        &self,
        run: &Run,
        candidate: &Candidate,
        own: FetchedCommit<'_>,
        folder: &Path,
        watch: Watch<'_>,
    ) -> Result<Option<BaseSource>, Stopped> {
        let created = folder::create(folder.to_owned(), watch.user).await;
        created.map_err(|error| Fault::new(FaultCode::Disk, error.to_string()))?;
        let (sha, stale) = match candidate {
            Candidate::Commit(sha) => (sha, None),
            Candidate::Run(base) => {
                let Some(stored) = self.stored_dossier(base.run_id, folder, watch.user).await else { return Ok(None) };
                if stored.is_current {
                    return Ok(Some(BaseSource::Dossier(stored.path)));
                }
                (&base.commit_sha, Some(stored.path))
            }
        };
        watch.phase.set("fetching the commit before");
        let quiet = Phase::default();
        match (self.fetch_base(run, sha, own, folder, Watch { phase: &quiet, ..watch }).await, stale) {
            (Ok(commit), stale) => Ok(Some(BaseSource::Commit { commit, stale })),
            // Other rules made it: the drift says so.
            (Err(Stopped::Fault(fault)), Some(stale)) => {
                tracing::warn!(error_code = fault.code.as_str(), "the base was not analyzed again: {}", fault.message);
                Ok(Some(BaseSource::Dossier(stale)))
            }
            (Err(stopped), _) => Err(stopped),
        }
    }

    /// Fetch a base, most of which came with the run's own commit.
    pub(super) async fn fetch_base(
        &self,
        run: &Run,
        sha: &CommitSha,
        own: FetchedCommit<'_>,
        folder: &Path,
        watch: Watch<'_>,
    ) -> Result<BaseCommit, Stopped> {
        if self.config.github_server_url.starts_with("file://") {
            // libgit2's local transport cannot be shallow: the run's own fetch has brought the history along.
            return Ok(BaseCommit { sha: sha.clone(), repository: own.repository.to_owned(), known: None });
        }
        let mut known = own.known.cloned().unwrap_or_default();
        known.folders.push(own.repository.join("objects"));
        known.commits.insert(0, run.commit_sha.to_string());
        let repository = folder.join(REPOSITORY);
        let fetched = self.fetch(run, sha, false, Some(&known), &repository, watch).await?;
        Ok(BaseCommit { sha: sha.clone(), repository, known: fetched.builds_on_known.then_some(known) })
    }

    async fn stored_dossier(&self, run_id: Uuid, folder: &Path, user: Option<u32>) -> Option<Stored> {
        let artifacts = self.store.artifacts(Reader::Trusted, run_id).await.ok()?;
        let artifact = artifacts.into_iter().find(|artifact| artifact.name == "dossier.json")?;
        let bytes = self.artifacts.read(&self.store, run_id, &artifact).await.ok()??;
        let made: MadeBy = serde_json::from_slice(&bytes).ok().filter(|made: &MadeBy| made.schema == SCHEMA)?;
        let path = folder.join("stored.json");
        tokio::fs::write(&path, bytes).await.ok()?;
        std::os::unix::fs::chown(&path, user, user).ok()?;
        Some(Stored { path, is_current: made.analyzer == self.analyzer })
    }
}

/// A dossier of an earlier run, in the work folder.
struct Stored {
    path: PathBuf,
    /// Whether this analyzer made it.
    is_current: bool,
}
