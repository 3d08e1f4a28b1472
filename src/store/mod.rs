//! Where runs, jobs and what explains them live. The rest of the program sees only [`Store`].
//!
//! Every write is one transaction, short, and never held while git or an analyzer runs. Leases are judged by the
//! database's clock (see `docs/architecture.md`), so no method takes the time as an argument.

mod base;
mod db;
mod enqueue;
mod feed;
mod health;
mod held;
mod housekeeping;
mod lease;
mod open;
mod repos;
mod rows;
mod settle;
mod sql;
mod types;

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::model::{Lease, NewRun, RepoName, Retention, Run, RunDetail, RunStatus};

pub use open::SqlStore;
pub use types::{
    Artifact, BaseQuery, BaseRun, Dedupe, Delivery, DeliveryRecord, Enqueued, Failure, Head, KnownRepo, Leasing,
    MissedHead, QueueHealth, RecentRun, RepoOverview, RunFilter, Signal, Success, Timings,
};

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another worker holds the job, or it is settled: whatever this worker has must be dropped.
    #[error("the lease of job {job_id} was lost to another worker")]
    LeaseLost {
        /// The job.
        job_id: Uuid,
    },
    /// The result's files could not be put in place; nothing was settled.
    #[error("the result could not be stored")]
    Publish(#[source] io::Error),
    /// The database refused or could not be reached.
    #[error("the database could not be asked")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// The queue and its memory. Each method is one transaction or one read.
#[async_trait]
pub trait Store: Send + Sync {
    /// Turn an event into a run and its job, or find the run that already answers it.
    ///
    /// A delivery that was seen before answers its own run again. A lost COMMIT is an error; repeating is harmless.
    async fn enqueue(&self, run: &NewRun, delivery: Option<&Delivery>, dedupe: Dedupe) -> Result<Enqueued, StoreError>;

    /// Log a verified delivery that makes no run.
    async fn record_ignored(&self, delivery: &Delivery, reason: &str) -> Result<(), StoreError>;

    /// Take back expired leases, then hand the job that has been due longest to this worker.
    async fn lease_next(&self, worker: &str, lease_for: Duration) -> Result<Leasing, StoreError>;

    /// Prolong a lease and say what it is doing.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: stop working and write nothing more.
    async fn heartbeat(&self, lease: &Lease, phase: &str, lease_for: Duration) -> Result<(), StoreError>;

    /// Accept a result: DONE and SUCCEEDED, files included, in one transaction. Repeating it after an unclear
    /// answer is harmless.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] leaves everything as the other worker made it.
    async fn settle_ok(&self, lease: &Lease, success: &Success<'_>, timings: Timings) -> Result<(), StoreError>;

    /// Record a failed attempt: READY again later, or DEAD and FAILED. Answers the run's state.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] leaves everything as the other worker made it.
    async fn settle_failed(&self, lease: &Lease, failure: &Failure, timings: Timings) -> Result<RunStatus, StoreError>;

    /// Return a job unharmed (shutdown): due at once, the attempt is not counted.
    async fn give_back(&self, lease: &Lease) -> Result<(), StoreError>;

    /// Make every lease due at once. Only for a process that knows it is alone (SQLite, at start).
    async fn release_orphans(&self) -> Result<u64, StoreError>;

    /// Newest runs first, at most `limit`.
    async fn runs(&self, filter: &RunFilter, limit: i64) -> Result<Vec<Run>, StoreError>;

    /// One run, its job and its attempts.
    async fn run(&self, id: Uuid) -> Result<Option<RunDetail>, StoreError>;

    /// The latest SUCCEEDED run of the same repository that was there before `run` and is of another commit.
    async fn base_of(&self, run: &Run, query: &BaseQuery) -> Result<Option<BaseRun>, StoreError>;

    /// Every repository that has runs, latest activity first, at most 500.
    async fn repos(&self, include_private: bool) -> Result<Vec<RepoOverview>, StoreError>;

    /// The webhook log, newest first; with an id only that delivery.
    async fn deliveries(&self, id: Option<&str>, limit: i64) -> Result<Vec<DeliveryRecord>, StoreError>;

    /// The files of a succeeded run, by name; none for any other.
    async fn artifacts(&self, run_id: Uuid) -> Result<Vec<Artifact>, StoreError>;

    /// The bytes of a file that the database keeps.
    async fn artifact_body(&self, run_id: Uuid, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Remember that something happened.
    async fn signal(&self, name: &str, detail: Option<&str>) -> Result<(), StoreError>;

    /// Counts and times for the health page.
    async fn health(&self) -> Result<QueueHealth, StoreError>;

    /// Number of jobs that could be leased now.
    async fn ready_count(&self) -> Result<i64, StoreError>;

    /// The repository whose branches should be looked at next, if one is due; nobody else gets it before `again_after`.
    async fn claim_repo_to_reconcile(&self, again_after: Duration) -> Result<Option<KnownRepo>, StoreError>;

    /// Repositories that a webhook told of, in the order of their lower-case `owner/name`, from behind `after` on.
    async fn known_repos(&self, after: &str, limit: i64) -> Result<Vec<KnownRepo>, StoreError>;

    /// This repository, spelled as the webhook did, if one told of it.
    async fn known_repo(&self, repo: &RepoName) -> Result<Option<KnownRepo>, StoreError>;

    /// Which of these branches are at a commit that has no run, though its author did not ask for none.
    async fn missed_heads(&self, repo: &RepoName, heads: &[Head]) -> Result<Vec<MissedHead>, StoreError>;

    /// Whether the last run of a repository was of a private one.
    async fn is_private(&self, repo: &RepoName) -> Result<bool, StoreError>;

    /// Note where branches stand after a look. `all_branches`: these are all that the repository has.
    async fn note_heads(&self, repo: &RepoName, heads: &[Head], all_branches: bool) -> Result<(), StoreError>;

    /// Note a commit whose author asked for no run.
    async fn note_skipped(&self, repo: &RepoName, head: &Head) -> Result<(), StoreError>;

    /// Forget deliveries older than this, a bounded batch at a time.
    async fn prune_deliveries(&self, older_than: Duration) -> Result<u64, StoreError>;

    /// Forget settled runs past retention with all that belongs to them, a bounded batch, the oldest first; answers which.
    async fn prune_runs(&self, retention: &Retention) -> Result<Vec<Uuid>, StoreError>;

    /// Those of these runs that cannot have artifacts: they are gone or FAILED.
    async fn runs_without_artifacts(&self, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError>;

    /// Close the connections.
    async fn close(&self);
}
