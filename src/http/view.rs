//! Our JSON: the shapes of docs/api.md, made by hand from the model so that columns may change without it.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::config::Config;
use crate::model::{Attempt, Job, Run, RunDetail, rfc3339};
use crate::store::{Artifact, DeliveryRecord, RepoOverview, Signal};

pub(crate) fn time(time: Option<DateTime<Utc>>) -> Option<String> {
    time.map(rfc3339)
}

/// A run as the feed lists it.
pub(crate) fn run(run: &Run) -> Value {
    json!({
        "id": run.id,
        "repo_owner": run.repo_owner,
        "repo_name": run.repo_name,
        "ref": run.git_ref,
        "commit_sha": run.commit_sha,
        "event_type": run.event_type,
        "status": run.status,
        "created_at": rfc3339(run.created_at),
        "started_at": time(run.started_at),
        "finished_at": time(run.finished_at),
        "duration_ms": run.duration_ms(),
        "error": run.error,
        "error_code": run.error_code,
        "out_dir": run.out_dir,
        "summary_json": run.summary_json,
        "pr_number": run.pr_number,
        "title": run.title,
        "author": run.author,
        "private": run.private,
        "base_sha": run.base_sha,
        "base_ref": run.base_ref,
        "base_run_id": run.base_run_id,
        "analyzer_version": run.analyzer_version,
        "reconciled": run.reconciled,
        "attempts": run.attempts,
        "max_attempts": run.max_attempts,
        "phase": run.phase,
        "queue_position": run.queue_position,
        "refs": run.refs,
    })
}

/// A run with everything that explains it.
pub(crate) fn run_detail(detail: &RunDetail, artifacts: &[Artifact], config: &Config) -> Value {
    let mut value = run(&detail.run);
    let forge = config
        .github_server_url
        .starts_with("http")
        .then(|| format!("{}/{}/{}", config.github_server_url, detail.run.repo_owner, detail.run.repo_name));
    value["forge_url"] = json!(forge);
    value["jobs"] = json!([job(&detail.job)]);
    value["attempt_log"] = detail.attempts.iter().map(attempt).collect();
    value["artifacts"] = self::artifacts(&detail.run, artifacts);
    value
}

fn job(job: &Job) -> Value {
    json!({
        "id": job.id,
        "status": job.status,
        "attempts": job.attempts,
        "max_attempts": job.max_attempts,
        "run_after": rfc3339(job.run_after),
        "leased_until": time(job.leased_until),
        "last_error": job.last_error,
        "created_at": rfc3339(job.created_at),
        "finished_at": time(job.finished_at),
    })
}

fn attempt(attempt: &Attempt) -> Value {
    json!({
        "attempt": attempt.attempt,
        "leased_at": rfc3339(attempt.leased_at),
        "fetch_ms": attempt.fetch_ms,
        "analyze_ms": attempt.analyze_ms,
        "finished_at": time(attempt.finished_at),
        "outcome": attempt.outcome,
        "error_code": attempt.error_code,
        "error": attempt.error,
    })
}

/// The manifest of a run's files.
pub(crate) fn artifacts(run: &Run, artifacts: &[Artifact]) -> Value {
    let one = |artifact: &Artifact| {
        json!({
            "name": artifact.name,
            "media_type": artifact.media_type,
            "bytes": artifact.bytes,
            "sha256": artifact.sha256,
            "url": format!("/api/ci/runs/{}/artifacts/{}", run.id, percent_encoded(&artifact.name)),
        })
    };
    artifacts.iter().map(one).collect()
}

pub(crate) fn repo(repo: &RepoOverview) -> Value {
    json!({
        "owner": repo.latest.repo_owner,
        "repo": repo.latest.repo_name,
        "runs": repo.runs,
        "succeeded": repo.succeeded,
        "failed": repo.failed,
        "latest": run(&repo.latest),
    })
}

pub(crate) fn delivery(record: &DeliveryRecord) -> Value {
    json!({
        "delivery_id": record.delivery.id,
        "event": record.delivery.event,
        "action": record.delivery.action,
        "repo": record.delivery.repo,
        "outcome": record.outcome,
        "reason": record.reason,
        "run_id": record.run_id,
        "received_at": rfc3339(record.received_at),
    })
}

pub(crate) fn signal(signals: &[Signal], name: &str) -> Value {
    let found = signals.iter().find(|signal| signal.name == name);
    found.map_or(
        Value::Null,
        |signal| json!({ "at": rfc3339(signal.last_at), "detail": signal.detail, "count": signal.count }),
    )
}

/// RFC 3986 path segment.
pub(crate) fn percent_encoded(segment: &str) -> String {
    segment.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(byte.into()),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}
