//! Runs, jobs and leases as the store hands them out: read from columns of the same names, shown as docs/api.md says.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::columns::{Id, OptionalId};
use crate::model::{
    CommitSha, EventType, GitRef, Identity, JobStatus, RawJson, Reader, RepoName, RunStatus, millis, optional_millis,
};

/// One commit's way through the feed.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the columns are described in migrations/ and docs/api.md")]
pub struct Run {
    #[sqlx(try_from = "Id")]
    pub id: Uuid,
    /// Its repository, by the name that it has now.
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub repo: RepoName,
    /// What the repository is kept by, whatever its name.
    #[serde(skip)]
    pub(crate) repo_key: String,
    #[sqlx(rename = "ref")]
    #[serde(rename = "ref")]
    pub git_ref: GitRef,
    pub commit_sha: CommitSha,
    pub event_type: EventType,
    pub status: RunStatus,
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    #[serde(serialize_with = "optional_millis")]
    pub started_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_millis")]
    pub finished_at: Option<DateTime<Utc>>,
    /// From the first attempt's start to the end.
    #[sqlx(skip)]
    pub duration_ms: Option<i64>,
    pub error: Option<String>,
    /// A `FaultCode`, or one of another version.
    pub error_code: Option<String>,
    pub out_dir: Option<String>,
    /// The analyzer's summary, in the analyzer's own shape.
    #[schema(value_type = Option<Object>)]
    #[sqlx(json(nullable))]
    pub summary_json: Option<RawJson>,
    pub pr_number: Option<i64>,
    pub title: Option<String>,
    pub author: Option<String>,
    pub private: bool,
    pub base_sha: Option<CommitSha>,
    pub base_ref: Option<GitRef>,
    /// The run whose dossier this one's drift is measured against.
    #[sqlx(try_from = "OptionalId")]
    pub base_run_id: Option<Uuid>,
    pub analyzer_version: Option<String>,
    /// Whether no webhook announced the commit: it was found by comparing the branches with the runs.
    pub reconciled: bool,
    /// Attempts that its job has used up.
    pub attempts: i64,
    pub max_attempts: i64,
    /// What a RUNNING job is doing, according to its last heartbeat.
    pub phase: Option<String>,
    /// 1 for the job that the next tick takes; only for QUEUED runs near the front.
    #[sqlx(skip)]
    pub queue_position: Option<i64>,
    /// Every event that led to this run, the first one first.
    #[sqlx(skip)]
    pub refs: Vec<RunRef>,
    /// Where it stands in the list that it was read for: when it was made, or when the branch came to it.
    #[sqlx(default)]
    #[serde(skip)]
    pub listed_at: Option<DateTime<Utc>>,
}

/// The name that a run's repository has now, and what it is kept by. Where no webhook named it, the name is that of its
/// key, without what may stand behind `~`.
macro_rules! shown_name {
    () => {
        "coalesce((select k.owner from ci_repos k where k.key = lower(r.repo_owner) || '/' || lower(r.repo_name)),
             r.repo_owner) as repo_owner,
         coalesce((select k.name from ci_repos k where k.key = lower(r.repo_owner) || '/' || lower(r.repo_name)),
             {substr(r.repo_name, 1, coalesce(nullif(instr(r.repo_name, '~'), 0) - 1, 200))|split_part(r.repo_name, '~', 1)}) as repo_name,
         lower(r.repo_owner) || '/' || lower(r.repo_name) as repo_key"
    };
}
pub(super) use shown_name;

/// The columns of a [`Run`], two of them its job's.
pub(super) const RUN_COLUMNS: &str = concat!(
    "r.id, ",
    shown_name!(),
    ", r.ref, r.commit_sha, r.event_type, r.status,
     r.created_at, r.started_at, r.finished_at, r.error, r.error_code, r.out_dir, r.summary_json, r.pr_number, r.title,
     r.author, r.private, r.base_sha, r.base_ref, r.base_run_id, r.analyzer_version, r.reconciled, j.attempts,
     j.max_attempts, case when r.status = 'RUNNING' then j.phase end as phase"
);
/// The tables that these columns are in, with the runs that there are for this reader.
pub(super) fn runs(reader: Reader) -> String {
    format!("{} r join ci_jobs j on j.run_id = r.id", reader.runs())
}

/// A select whose `RUNS` are those that there are for the reader.
pub(super) fn of(reader: Reader, select: &str) -> String {
    format!("select {}", select.replace("RUNS", reader.runs()).replace("COUNTS", reader.counts()))
}

impl Run {
    /// For a further run of the same repository.
    pub fn identity(&self) -> Identity {
        Identity::Key(self.repo_key.clone())
    }
}

/// One event that led to a run.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the columns are described in migrations/ and docs/api.md")]
pub struct RunRef {
    #[sqlx(try_from = "Id")]
    #[serde(skip)]
    pub run_id: Uuid,
    pub event_type: EventType,
    #[sqlx(rename = "ref")]
    #[serde(rename = "ref")]
    pub git_ref: GitRef,
    pub pr_number: Option<i64>,
    pub base_sha: Option<CommitSha>,
    #[serde(serialize_with = "millis")]
    pub received_at: DateTime<Utc>,
}

/// The queue's row for a run.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the columns are described in migrations/ and docs/api.md")]
pub struct Job {
    #[sqlx(try_from = "Id")]
    pub id: Uuid,
    pub status: JobStatus,
    pub attempts: i64,
    pub max_attempts: i64,
    #[serde(skip)]
    pub lease_epoch: i64,
    #[serde(serialize_with = "millis")]
    pub run_after: DateTime<Utc>,
    #[serde(serialize_with = "optional_millis")]
    pub leased_until: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    #[serde(serialize_with = "optional_millis")]
    pub finished_at: Option<DateTime<Utc>>,
}

/// What one lease of a job came to.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the columns are described in migrations/ and docs/api.md")]
pub struct Attempt {
    pub attempt: i64,
    #[serde(serialize_with = "millis")]
    pub leased_at: DateTime<Utc>,
    pub fetch_ms: Option<i64>,
    pub analyze_ms: Option<i64>,
    #[serde(serialize_with = "optional_millis")]
    pub finished_at: Option<DateTime<Utc>>,
    pub outcome: Option<String>,
    pub error_code: Option<String>,
    pub error: Option<String>,
    /// Layers of the sandbox.
    pub sandbox: Option<String>,
    /// Why it compared with no base, where there was one.
    pub base_error: Option<String>,
}

/// A run with its queue row and the history of its leases.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each part is documented at its own type")]
pub struct RunDetail {
    pub run: Run,
    pub job: Job,
    pub attempts: Vec<Attempt>,
}

/// A job that this process holds.
///
/// `epoch` is the fence: whatever the holder writes is accepted only while the row still carries it.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// The job.
    pub job_id: Uuid,
    /// The fencing token, raised by every lease of the job.
    pub epoch: i64,
    /// 1 for the first attempt.
    pub attempt: i64,
    /// The attempt after which the job is given up.
    pub max_attempts: i64,
    /// The job's run, as it is once leased.
    pub run: Run,
}
