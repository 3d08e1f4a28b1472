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

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::model::{CommitSha, EventType, GitRef, Lease, NewRun, RepoName, Retention, Run, RunDetail, RunStatus};

pub use open::SqlStore;

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

/// A verified webhook delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// `X-GitHub-Delivery`, or an id of our own where the header is missing.
    pub id: String,
    /// Lower-case hex of the raw body.
    pub body_sha256: String,
    /// `X-GitHub-Event`.
    pub event: String,
    /// The payload's `action`.
    pub action: Option<String>,
    /// `owner/name`, where the payload names one.
    pub repo: Option<String>,
}

/// When an earlier run of the same commit stands in for a new one.
#[derive(Debug, Clone, Copy)]
pub enum Dedupe {
    /// Any run younger than this that has not failed: pushes and pull requests.
    Within(Duration),
    /// Only a run that is QUEUED or RUNNING now: what people ask for.
    WhileLive,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enqueued {
    /// The run that answers it.
    pub run_id: Uuid,
    /// Whether that run was there before.
    pub deduplicated: bool,
}

/// What a call for work came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Leasing {
    /// This caller now holds the job.
    Leased(Box<Lease>),
    /// No job waits.
    Idle,
    /// Jobs wait, none is due yet.
    BackingOff {
        /// Seconds until the first one is.
        next_due_in_seconds: i64,
    },
}

/// A stored file of a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Exact file name.
    pub name: String,
    /// Media type it is served as.
    pub media_type: String,
    /// Lower-case hex.
    pub sha256: String,
    /// Size.
    pub bytes: i64,
}

/// A result, ready to be accepted.
pub struct Success<'a> {
    /// Pointer to the artifacts, for `ci_runs.out_dir`.
    pub out_dir: String,
    /// The small summary, for `ci_runs.summary_json`.
    pub summary_json: Value,
    /// Name and version of what analyzed, for `ci_runs.analyzer_version`.
    pub analyzer_version: String,
    /// The files; the bytes are given where the database itself keeps them.
    pub artifacts: Vec<(Artifact, Option<Vec<u8>>)>,
    /// Puts the files in place. Called once the fence has been passed and before COMMIT; may be called again.
    pub publish: &'a (dyn Fn() -> io::Result<()> + Send + Sync),
    /// Whether the credentials were needed to read the repository.
    pub private: bool,
    /// What the commit says of itself; for a run that no event described.
    pub title: Option<String>,
    /// Its author's name.
    pub author: Option<String>,
    /// The run that its drift was measured against, for `ci_runs.base_run_id`.
    pub base_run_id: Option<Uuid>,
}

/// A failed attempt.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Stable code, UPPER_SNAKE.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// Wait before the next attempt; `None` when another attempt cannot change anything.
    pub retry_after: Option<Duration>,
}

/// How long the two long steps of an attempt took.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "milliseconds of the step of that name")]
pub struct Timings {
    pub fetch_ms: Option<i64>,
    pub analyze_ms: Option<i64>,
}

/// Which runs to list.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "query parameters of the same names, see docs/api.md")]
pub struct RunFilter {
    pub owner: Option<String>,
    pub repo: Option<String>,
    pub git_ref: Option<String>,
    pub status: Option<RunStatus>,
    pub event_type: Option<EventType>,
    /// Continue below this position.
    pub before: Option<(DateTime<Utc>, Uuid)>,
    /// Whether runs of private repositories are shown.
    pub include_private: bool,
}

/// Which run to take as the base of another one's drift; every part that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BaseQuery {
    /// A run of exactly this commit.
    pub commit_sha: Option<String>,
    /// A run that a push to this branch, or a person's request for it, led to.
    pub git_ref: Option<String>,
    /// Whether a run of a private repository may be taken.
    pub include_private: bool,
}

/// A run that another one is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns are described in migrations/")]
pub struct BaseRun {
    pub run_id: Uuid,
    pub commit_sha: String,
}

/// A branch and the commit that it is at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "see above")]
pub struct Head {
    pub branch: GitRef,
    pub commit_sha: CommitSha,
}

/// A branch whose commit no event told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissedHead {
    /// The branch.
    pub head: Head,
    /// Whether an earlier look found the branch at this very commit.
    pub seen_before: bool,
    /// Whether the branch itself was seen before, in a push or in an earlier look.
    pub branch_is_known: bool,
}

/// A repository that a webhook told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRepo {
    /// Which.
    pub repo: RepoName,
    /// Whether its branches were looked at before: then a branch that is new is one that was pushed since.
    pub looked_at_before: bool,
}

/// A repository that has runs.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "counts of runs of that state")]
pub struct RepoOverview {
    pub runs: i64,
    pub succeeded: i64,
    pub failed: i64,
    pub latest: Run,
}

/// One line of the webhook log.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns are described in migrations/")]
pub struct DeliveryRecord {
    pub delivery: Delivery,
    pub outcome: String,
    pub reason: Option<String>,
    pub run_id: Option<Uuid>,
    pub received_at: DateTime<Utc>,
}

/// When something last happened, and how often.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns are described in migrations/")]
pub struct Signal {
    pub name: String,
    pub count: i64,
    pub last_at: DateTime<Utc>,
    pub detail: Option<String>,
}

/// What health needs to know of a run.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "fields of the same names in [`Run`]")]
pub struct RecentRun {
    pub id: Uuid,
    pub repo_owner: String,
    pub repo_name: String,
    pub status: RunStatus,
    pub error_code: Option<String>,
    pub private: bool,
    pub attempts: i64,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// What `/api/ci/health` reads from the database, at a constant cost.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is a line of docs/api.md, health")]
pub struct QueueHealth {
    pub kind: &'static str,
    pub ready: i64,
    pub leased: i64,
    pub done: i64,
    pub dead: i64,
    pub oldest_ready_at: Option<DateTime<Utc>>,
    pub next_due_at: Option<DateTime<Utc>>,
    pub expired_leases: i64,
    /// The newest runs, newest first, a bounded number.
    pub recent_runs: Vec<RecentRun>,
    pub signals: Vec<Signal>,
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
