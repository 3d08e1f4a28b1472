//! What goes into the store and what comes out of it, runs and leases apart.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::columns::{Id, OptionalId};
use super::{FactChanges, Lease, Messages, Repositories, Run};
use crate::model::{
    CommitSha, EventType, FactSet, Fault, GitRef, Identity, Reader, RepoName, RunStatus, SignalName, millis,
    optional_millis,
};

/// A verified webhook delivery.
#[derive(Debug, Clone, FromRow, Serialize, ToSchema)]
pub struct Delivery {
    /// `X-GitHub-Delivery`, or an id of our own where the header is missing.
    #[sqlx(rename = "delivery_id")]
    #[serde(rename = "delivery_id")]
    pub id: String,
    /// Lower-case hex of the raw body.
    #[serde(skip)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
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

/// Puts a result's files in place.
pub type Publish = Arc<dyn Fn() -> io::Result<()> + Send + Sync>;

/// A result, ready to be accepted.
pub struct Success {
    /// Pointer to the artifacts, for `ci_runs.out_dir`.
    pub out_dir: String,
    /// The small summary, for `ci_runs.summary_json`.
    pub summary_json: Value,
    /// Name and version of what analyzed, for `ci_runs.analyzer_version`.
    pub analyzer_version: String,
    /// The files; the bytes are given where the database itself keeps them.
    pub artifacts: Vec<(Artifact, Option<Vec<u8>>)>,
    /// Called once the fence has been passed and before COMMIT; may be called again.
    pub publish: Publish,
    /// First line of the commit's message, for a run that no event described.
    pub title: Option<String>,
    /// The commit's author, likewise.
    pub author: Option<String>,
    /// The run that its drift was measured against, for `ci_runs.base_run_id`.
    pub base_run_id: Option<Uuid>,
    /// The facts of its dossier; `None` of another analyzer's.
    pub facts: Option<FactSet>,
    /// What these change in the index, as far as it was compared before.
    pub changes: FactChanges,
}

/// A failed attempt.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Why.
    pub fault: Fault,
    /// Wait before the next attempt; `None` when another attempt cannot change anything.
    pub retry_after: Option<Duration>,
}

/// How the steps of an attempt went: how long the two long ones took, and within what.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "milliseconds of the step of that name")]
pub struct Timings {
    pub fetch_ms: Option<i64>,
    pub analyze_ms: Option<i64>,
    /// Layers of the sandbox.
    pub sandbox: Option<String>,
    /// Why nothing was compared, where there was a base.
    pub base_error: Option<String>,
}

/// Which runs to list.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "query parameters of the same names, see docs/api.md")]
pub struct RunFilter {
    pub owner: Option<String>,
    pub repo: Option<String>,
    pub events: Events,
    /// The first digits of a commit's id.
    pub commit: Option<String>,
    pub status: Option<RunStatus>,
    pub event_type: Option<EventType>,
    /// Continue below this position.
    pub before: Option<(DateTime<Utc>, Uuid)>,
}

/// Which events led to a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Events {
    /// Whatever they are.
    #[default]
    Any,
    /// At least one of a branch, whichever: what only a pull request brought is of no branch.
    OfBranches,
    /// One of this branch.
    Of(String),
    /// One of this pull request.
    OfPull(i64),
}

/// A part of a list of runs.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Newest first.
    pub runs: Vec<Run>,
    /// Where to go on, unless these are the last.
    pub next: Option<(DateTime<Utc>, Uuid)>,
}

/// What a branch comes to.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The newest run of its head; where no run is of that, the run of its last event.
    pub newest: Option<Run>,
    /// The newest dossier of its head; where it has none, that of the last event which led to one.
    pub dossier: Option<Run>,
}

/// Which run to take as the base of another one's drift.
#[derive(Debug, Clone, Copy)]
pub enum BaseQuery<'a> {
    /// A run of exactly this commit.
    Commit(&'a CommitSha),
    /// A run that a push to this branch, or a person's request for it, led to.
    Branch(&'a GitRef),
}

/// A run that another one is compared with.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[expect(missing_docs, reason = "the columns are described in migrations/")]
pub struct BaseRun {
    #[sqlx(rename = "id", try_from = "Id")]
    pub run_id: Uuid,
    pub commit_sha: CommitSha,
}

/// A branch and the commit that it is at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "see above")]
pub struct Head {
    pub branch: GitRef,
    pub commit_sha: CommitSha,
}

/// Where a branch stands, as far as is known.
#[derive(Debug, Clone, FromRow)]
pub struct Branch {
    pub(super) branch: String,
    pub(super) head_sha: String,
    /// The last commit whose author asked for no run.
    pub(super) skipped_sha: Option<String>,
    /// When it was pushed there, as the push says; `None` where a look found it there.
    pub(super) said_at: Option<DateTime<Utc>>,
    pub(super) seen_at: DateTime<Utc>,
}

/// A branch or a pull request of a repository, as the events of runs name it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Lane {
    pub(super) repo_key: String,
    pub(super) branch: Option<String>,
    pub(super) number: Option<i64>,
}

/// A branch whose commit no event announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissedHead {
    /// The branch.
    pub head: Head,
    /// Whether the branch was known to be at this very commit.
    pub seen_before: bool,
    /// Whether the branch itself was known.
    pub branch_is_known: bool,
}

/// A repository that a webhook named.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct KnownRepo {
    /// Which, by its name now.
    #[sqlx(flatten)]
    pub repo: RepoName,
    /// What it is kept by, whatever its name.
    #[sqlx(rename = "repo_key")]
    pub key: String,
    /// Whether its branches were compared before: then a branch that is new is one that was pushed since.
    pub looked_at_before: bool,
}

impl KnownRepo {
    /// For what is found in it.
    pub fn identity(&self) -> Identity {
        Identity::Key(self.key.clone())
    }

    /// The name under which all that belongs to it is kept.
    pub(super) fn kept(&self) -> RepoName {
        RepoName::of_key(&self.key)
    }
}

/// A repository that has runs.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[expect(missing_docs, reason = "counts of runs of that state")]
pub struct RepoOverview {
    pub owner: String,
    pub repo: String,
    pub runs: i64,
    pub succeeded: i64,
    pub failed: i64,
    pub latest: Run,
}

/// One line of the webhook log.
#[derive(Debug, Clone, FromRow, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the columns are described in migrations/")]
pub struct DeliveryRecord {
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub delivery: Delivery,
    pub outcome: String,
    pub reason: Option<String>,
    #[sqlx(try_from = "OptionalId")]
    pub run_id: Option<Uuid>,
    #[serde(serialize_with = "millis")]
    pub received_at: DateTime<Utc>,
}

/// When something last happened, and how often.
#[derive(Debug, Clone, FromRow, Serialize, ToSchema)]
pub struct Signal {
    /// A [`SignalName`], or one of another version.
    #[serde(skip)]
    pub name: String,
    /// When last.
    #[serde(rename = "at", serialize_with = "millis")]
    pub last_at: DateTime<Utc>,
    /// More about the last time.
    pub detail: Option<String>,
    /// How often.
    pub count: i64,
}

/// What health needs to know of a run.
#[derive(Debug, Clone, FromRow, Serialize, ToSchema)]
#[expect(missing_docs, reason = "fields of the same names in [`Run`]")]
pub struct RecentRun {
    #[sqlx(try_from = "Id")]
    pub id: Uuid,
    #[sqlx(flatten)]
    #[serde(skip)]
    pub(super) repo: RepoName,
    #[serde(skip)]
    pub(super) repo_key: String,
    pub status: RunStatus,
    #[serde(skip)]
    pub error_code: Option<String>,
    #[serde(skip)]
    pub(super) private: bool,
    #[serde(skip)]
    pub attempts: i64,
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    #[serde(serialize_with = "optional_millis")]
    pub finished_at: Option<DateTime<Utc>>,
}

impl RecentRun {
    /// Its repository, for those who may know it.
    pub fn repo(&self, reader: Reader) -> Option<&RepoName> {
        self.is_there(reader).then_some(&self.repo)
    }

    /// Whether it exists for this reader.
    pub fn is_there(&self, reader: Reader) -> bool {
        reader == Reader::Trusted || !self.private
    }

    /// The same for all runs of one repository; not to be shown.
    pub fn repo_key(&self) -> &str {
        &self.repo_key
    }
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
    pub repositories: Repositories,
    pub messages: Messages,
}

impl QueueHealth {
    /// When this last happened, if it ever did.
    pub fn signal(&self, name: SignalName) -> Option<&Signal> {
        self.signals.iter().find(|signal| signal.name == name.as_str())
    }
}
