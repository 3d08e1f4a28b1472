//! What a run's drift is measured against: the dossier of an earlier run if this analyzer made it, else the base commit, which
//! is fetched and analyzed with the run's own. Without a base the run succeeds, without drift.

use std::path::{Path, PathBuf};

use ci_feed_dossier::v1::{Analyzer, SCHEMA};
use serde::Deserialize;
use tokio::time::Instant;
use uuid::Uuid;

use super::commit::{BaseCommit, BaseSource, FetchedCommit};
use super::fault::{Stopped, scrubbed};
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

impl Candidate {
    fn sha(&self) -> &CommitSha {
        match self {
            Self::Run(base) => &base.commit_sha,
            Self::Commit(sha) => sha,
        }
    }
}

/// The head of a dossier: who made it.
#[derive(Deserialize)]
struct MadeBy {
    schema: String,
    analyzer: Analyzer,
}

impl Worker {
    /// The base of a run whose dossier this reader may see, for the built-in analyzer; `None` when the run has none, or it is
    /// unavailable: `base_error` then says why.
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
        base_error: &mut Option<String>,
    ) -> Result<Option<Base>, Stopped> {
        if self.config.analyzer.is_some() {
            return Ok(None);
        }
        let left = watch.deadline.saturating_duration_since(Instant::now());
        let watch = Watch { deadline: Instant::now() + left / TIME_SHARE, ..watch };
        for (at, candidate) in self.candidates(run, reader, base_error).await.into_iter().enumerate() {
            let folder = work.join(format!("base-{at}"));
            match self.source_of(run, &candidate, own, &folder, watch).await {
                Ok(source) => {
                    let run_id = if let Candidate::Run(base) = candidate { Some(base.run_id) } else { None };
                    *base_error = None;
                    return Ok(Some(Base { source, run_id }));
                }
                Err(Stopped::Cancelled) => return Err(Stopped::Cancelled),
                Err(Stopped::Fault(fault)) => *base_error = Some(self.of_base(candidate.sha(), fault, work)),
            }
        }
        Ok(None)
    }

    /// Say in the log, and answer for the run, why nothing is compared with this base.
    pub(super) fn of_base(&self, sha: &CommitSha, fault: Fault, work: &Path) -> String {
        let Fault { code, message } = scrubbed(fault, &self.config, work);
        tracing::warn!(error_code = code.as_str(), "no drift against this base: {message}");
        format!("{}: {message} ({})", &sha.as_str()[..12], code.as_str())
    }

    /// For a push the last run of its branch, then the commit before it; for a pull request its base commit, then the
    /// last run of its base branch.
    async fn candidates(&self, run: &Run, reader: Reader, base_error: &mut Option<String>) -> Vec<Candidate> {
        let mut find = async |query: Option<BaseQuery<'_>>| {
            let found = self.store.base_of(reader, run, query?).await.unwrap_or_else(|error| {
                tracing::warn!(error = &error as &dyn std::error::Error, "the base of a drift is unknown");
                *base_error = Some("the database did not say which commit came before".into());
                None
            });
            found.map(Candidate::Run)
        };
        let commit = run.base_sha.as_ref().filter(|sha| **sha != run.commit_sha);
        let of_commit = commit.map(BaseQuery::Commit);
        let on_base_ref = run.base_ref.as_ref().map(BaseQuery::Branch);
        let itself = commit.cloned().map(Candidate::Commit);
        let found = if run.event_type == EventType::PullRequest {
            [find(of_commit).await, itself, find(on_base_ref).await]
        } else {
            let on_ref = find(Some(BaseQuery::Branch(&run.git_ref))).await;
            let before = if on_ref.is_none() { find(of_commit).await.or(itself) } else { itself };
            [on_ref, before, find(on_base_ref).await]
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
    ) -> Result<BaseSource, Stopped> {
        let created = folder::create(folder.to_owned(), watch.user).await;
        created.map_err(|error| Fault::new(FaultCode::Disk, error.to_string()))?;
        let (sha, stale) = match candidate {
            Candidate::Commit(sha) => (sha, None),
            Candidate::Run(base) => match self.stored_dossier(base.run_id, folder, watch.user).await {
                Some(stored) if stored.is_current => return Ok(BaseSource::Dossier(stored.path)),
                stored => (&base.commit_sha, stored.map(|stored| stored.path)),
            },
        };
        watch.phase.set("fetching the commit before");
        let quiet = Phase::default();
        match (self.fetch_base(run, sha, own, folder, Watch { phase: &quiet, ..watch }).await, stale) {
            (Ok(commit), stale) => Ok(BaseSource::Commit { commit, stale }),
            // Other rules made it: the drift says so.
            (Err(Stopped::Fault(fault)), Some(stale)) => {
                tracing::warn!(error_code = fault.code.as_str(), "the base was not analyzed again: {}", fault.message);
                Ok(BaseSource::Dossier(stale))
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
