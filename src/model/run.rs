//! Runs, jobs and leases as the store hands them out.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{CommitSha, EventType, GitRef, JobStatus, RepoName, RunStatus};

/// Longest title and author that are kept, in characters.
pub(crate) const MAX_TEXT_CHARS: usize = 200;

/// A commit to analyze, as an event names it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns are described in migrations/")]
pub struct NewRun {
    pub repo: RepoName,
    pub git_ref: GitRef,
    pub commit_sha: CommitSha,
    pub event_type: EventType,
    pub pr_number: Option<i64>,
    pub base_sha: Option<String>,
    /// The branch that the change goes to, or that a new branch started from.
    pub base_ref: Option<String>,
    pub title: Option<String>,
    pub author: Option<String>,
    pub private: bool,
    /// Whether no webhook told of it: it was found by looking at the branches.
    pub reconciled: bool,
}

impl NewRun {
    /// A commit of which no more is known.
    pub fn new(repo: RepoName, git_ref: GitRef, commit_sha: CommitSha, event_type: EventType) -> Self {
        Self {
            repo,
            git_ref,
            commit_sha,
            event_type,
            pr_number: None,
            base_sha: None,
            base_ref: None,
            title: None,
            author: None,
            private: false,
            reconciled: false,
        }
    }
}

/// One commit's way through the feed.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the columns are described in migrations/ and docs/api.md")]
pub struct Run {
    pub id: Uuid,
    pub repo_owner: String,
    pub repo_name: String,
    pub git_ref: String,
    pub commit_sha: String,
    pub event_type: EventType,
    pub status: RunStatus,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub error: Option<String>,
    pub error_code: Option<String>,
    pub out_dir: Option<String>,
    pub summary_json: Option<Value>,
    pub pr_number: Option<i64>,
    pub title: Option<String>,
    pub author: Option<String>,
    pub private: bool,
    pub base_sha: Option<String>,
    pub base_ref: Option<String>,
    /// The run whose dossier this one's drift is measured against.
    pub base_run_id: Option<Uuid>,
    pub analyzer_version: Option<String>,
    /// Whether no webhook told of it: it was found by looking at the branches.
    pub reconciled: bool,
    /// Attempts that its job has used up.
    pub attempts: i64,
    pub max_attempts: i64,
    /// What a RUNNING job is doing, as its last heartbeat said.
    pub phase: Option<String>,
    /// 1 for the job that the next tick takes; only for QUEUED runs near the front.
    pub queue_position: Option<i64>,
    /// Every event that led to this run, the first one first.
    pub refs: Vec<RunRef>,
}

impl Run {
    /// From the first attempt's start to the end, in milliseconds.
    pub(crate) fn duration_ms(&self) -> Option<i64> {
        self.started_at.zip(self.finished_at).map(|(from, to)| (to - from).num_milliseconds())
    }
}

/// One event that led to a run.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[expect(missing_docs, reason = "the columns are described in migrations/ and docs/api.md")]
pub struct RunRef {
    pub event_type: EventType,
    #[serde(rename = "ref")]
    pub git_ref: String,
    pub pr_number: Option<i64>,
    pub base_sha: Option<String>,
    #[serde(serialize_with = "millis")]
    pub received_at: DateTime<Utc>,
}

/// The queue's row for a run.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the columns are described in migrations/ and docs/api.md")]
pub struct Job {
    pub id: Uuid,
    pub status: JobStatus,
    pub attempts: i64,
    pub max_attempts: i64,
    pub lease_epoch: i64,
    pub run_after: DateTime<Utc>,
    pub leased_until: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// What one lease of a job came to.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the columns are described in migrations/ and docs/api.md")]
pub struct Attempt {
    pub attempt: i64,
    pub leased_at: DateTime<Utc>,
    pub fetch_ms: Option<i64>,
    pub analyze_ms: Option<i64>,
    pub finished_at: Option<DateTime<Utc>>,
    pub outcome: Option<String>,
    pub error_code: Option<String>,
    pub error: Option<String>,
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

/// RFC 3339 in UTC with milliseconds, the one form of a time in our JSON.
pub(crate) fn millis<S: serde::Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*time))
}

/// See [`millis`].
pub fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
