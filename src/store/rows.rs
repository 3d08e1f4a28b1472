//! Rows as the databases return them, and their way into the model.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;

use super::db::Id;
use crate::model::{Attempt, EventType, Job, JobStatus, Run, RunRef, RunStatus};

/// Columns of a run with the two that its job adds; for `select`, over `ci_runs r join ci_jobs j`.
macro_rules! run_columns {
    () => {
        "r.id, r.repo_owner, r.repo_name, r.ref, r.commit_sha, r.event_type, r.status, r.created_at, r.started_at,
         r.finished_at, r.error, r.error_code, r.out_dir, r.summary_json, r.pr_number, r.title, r.author, r.private,
         r.base_sha, r.base_ref, r.base_run_id, r.analyzer_version, r.reconciled, j.attempts, j.max_attempts, j.phase"
    };
}
pub(super) use run_columns;

#[derive(sqlx::FromRow)]
pub(super) struct RunRow {
    id: Id,
    repo_owner: String,
    repo_name: String,
    r#ref: String,
    commit_sha: String,
    #[sqlx(try_from = "String")]
    event_type: EventType,
    #[sqlx(try_from = "String")]
    status: RunStatus,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    error: Option<String>,
    error_code: Option<String>,
    out_dir: Option<String>,
    summary_json: Option<Json<Value>>,
    pr_number: Option<i64>,
    title: Option<String>,
    author: Option<String>,
    private: bool,
    base_sha: Option<String>,
    base_ref: Option<String>,
    base_run_id: Option<Id>,
    analyzer_version: Option<String>,
    reconciled: bool,
    attempts: i64,
    max_attempts: i64,
    phase: Option<String>,
}

impl From<RunRow> for Run {
    fn from(row: RunRow) -> Self {
        Self {
            id: row.id.into(),
            repo_owner: row.repo_owner,
            repo_name: row.repo_name,
            git_ref: row.r#ref,
            commit_sha: row.commit_sha,
            event_type: row.event_type,
            status: row.status,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            error: row.error,
            error_code: row.error_code,
            out_dir: row.out_dir,
            summary_json: row.summary_json.map(|json| json.0),
            pr_number: row.pr_number,
            title: row.title,
            author: row.author,
            private: row.private,
            base_sha: row.base_sha,
            base_ref: row.base_ref,
            base_run_id: row.base_run_id.map(Into::into),
            analyzer_version: row.analyzer_version,
            reconciled: row.reconciled,
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            phase: row.phase.filter(|_| row.status == RunStatus::Running),
            queue_position: None,
            refs: Vec::new(),
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct RefRow {
    pub(super) run_id: Id,
    #[sqlx(try_from = "String")]
    event_type: EventType,
    r#ref: String,
    pr_number: Option<i64>,
    base_sha: Option<String>,
    received_at: DateTime<Utc>,
}

impl From<RefRow> for RunRef {
    fn from(row: RefRow) -> Self {
        Self {
            event_type: row.event_type,
            git_ref: row.r#ref,
            pr_number: row.pr_number,
            base_sha: row.base_sha,
            received_at: row.received_at,
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct JobRow {
    id: Id,
    #[sqlx(try_from = "String")]
    status: JobStatus,
    attempts: i64,
    max_attempts: i64,
    lease_epoch: i64,
    run_after: DateTime<Utc>,
    leased_until: Option<DateTime<Utc>>,
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id.into(),
            status: row.status,
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            lease_epoch: row.lease_epoch,
            run_after: row.run_after,
            leased_until: row.leased_until,
            last_error: row.last_error,
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct AttemptRow {
    attempt: i64,
    leased_at: DateTime<Utc>,
    fetch_ms: Option<i64>,
    analyze_ms: Option<i64>,
    finished_at: Option<DateTime<Utc>>,
    outcome: Option<String>,
    error_code: Option<String>,
    error: Option<String>,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            attempt: row.attempt,
            leased_at: row.leased_at,
            fetch_ms: row.fetch_ms,
            analyze_ms: row.analyze_ms,
            finished_at: row.finished_at,
            outcome: row.outcome,
            error_code: row.error_code,
            error: row.error,
        }
    }
}
