//! `GET /api/ci/health`: counts, times, and sentences that say why the feed stopped.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{AppState, auth, view};
use crate::model::{self, RunStatus, rfc3339};
use crate::store::QueueHealth;
use crate::worker::{LOW_DISK_BYTES, free_bytes, sandbox};

/// Waiting jobs are no news while somebody calls tick at least this often.
const TICK_SILENCE: TimeDelta = TimeDelta::minutes(2);

pub(super) async fn health(State(state): State<AppState>, headers: HeaderMap) -> (StatusCode, Json<Value>) {
    let asked = Instant::now();
    let queue = state.store.health().await;
    let latency_ms = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
    let trusted = auth::is_trusted(&state.config, &headers);
    let disk = disk(&state);
    let mut diagnosis = Vec::new();
    let mut body = match &queue {
        Ok(queue) => {
            diagnosis.extend(explain(queue, state.worker.is_stopping(), disk["low"] == json!(true), model::now()));
            facts(queue, trusted)
        }
        Err(error) => {
            tracing::error!(error = error as &dyn std::error::Error, "the health check could not ask the database");
            diagnosis.push("the database does not answer: check DATABASE_URL and that the database runs".into());
            json!({})
        }
    };
    if state.config.webhook_secrets.is_empty() {
        diagnosis.push("GITHUB_WEBHOOK_SECRET is not set: every webhook is answered with 503".into());
    }
    let stopping = state.worker.is_stopping();
    let ok = queue.is_ok() && !stopping;
    body["ok"] = json!(ok);
    body["status"] = json!(match (stopping, ok && diagnosis.is_empty()) {
        (true, _) => "stopping",
        (false, true) => "ok",
        (false, false) => "degraded",
    });
    body["database"] =
        json!({ "kind": queue.as_ref().map_or("unknown", |queue| queue.kind), "latency_ms": latency_ms });
    body["disk"] = disk;
    body["sandbox"] = json!({ "layers": sandbox::layers() });
    body["version"] = json!(env!("CARGO_PKG_VERSION"));
    body["webhook_secret"] = json!(if state.config.webhook_secrets.is_empty() { "not set" } else { "set" });
    body["public_url"] = json!(state.config.public_url);
    body["access"] = json!({
        "read": match state.config.read_access {
            crate::config::ReadAccess::Public => "public",
            crate::config::ReadAccess::Token => "token",
        },
        "write": auth::write_access(&state.config),
    });
    body["diagnosis"] = json!(diagnosis);
    (if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(body))
}

fn facts(queue: &QueueHealth, trusted: bool) -> Value {
    let last_run = queue.last_run.as_ref().filter(|run| trusted || !run.private).map(|run| {
        json!({
            "id": run.id,
            "status": run.status,
            "created_at": rfc3339(run.created_at),
            "finished_at": view::time(run.finished_at),
        })
    });
    let mut last_webhook = view::signal(&queue.signals, "webhook");
    if !trusted && last_webhook.is_object() {
        // It names the repository, which may be private.
        last_webhook["detail"] = Value::Null;
    }
    json!({
        "jobs": { "READY": queue.ready, "LEASED": queue.leased, "DONE": queue.done, "DEAD": queue.dead },
        "last_run": last_run,
        "last_tick": view::signal(&queue.signals, "tick"),
        "last_webhook": last_webhook,
        "last_rejected": view::signal(&queue.signals, "webhook_rejected"),
        "oldest_ready_seconds": queue.oldest_ready_at.map(|at| (model::now() - at).num_seconds().max(0)),
    })
}

fn disk(state: &AppState) -> Value {
    let tmp = free_bytes(&state.config.tmp_dir);
    let artifacts = state.artifacts.folder().and_then(free_bytes);
    let low = state.worker.disk_is_low();
    json!({ "tmp_free_bytes": tmp, "artifacts_free_bytes": artifacts, "low": low })
}

/// Why the feed does not move, most telling first; empty when all is well.
fn explain(queue: &QueueHealth, stopping: bool, disk_is_low: bool, now: DateTime<Utc>) -> Vec<String> {
    let signal = |name: &str| queue.signals.iter().find(|signal| signal.name == name);
    let mut sentences = Vec::new();
    if stopping {
        sentences.push("the server is stopping: running jobs finish or are given back".to_owned());
    }
    if disk_is_low {
        sentences.push(format!(
            "less than {} MiB are free under CI_TMP_DIR or the artifacts folder: no job is leased until there is more",
            LOW_DISK_BYTES >> 20
        ));
    }
    let due = queue.next_due_at.is_some_and(|at| at <= now);
    let last_tick = signal("tick").map(|tick| tick.last_at);
    if queue.ready > 0 && due {
        match last_tick {
            None => sentences.push(format!(
                "{} and nobody has ever called tick: keep the feed page open, or call POST /api/ci/worker/tick from cron",
                jobs(queue.ready, "waits", "wait")
            )),
            Some(at) if now - at > TICK_SILENCE => sentences.push(format!(
                "{} and nobody has called tick for {}: keep the feed page open, or call POST /api/ci/worker/tick from cron",
                jobs(queue.ready, "waits", "wait"),
                ago(now - at)
            )),
            Some(_) => {}
        }
    }
    if let Some(at) = queue.next_due_at.filter(|_| queue.ready > 0 && !due) {
        sentences.push(format!(
            "{} for another attempt after a failure; the first is due in {}",
            jobs(queue.ready, "waits", "wait"),
            ago(at - now)
        ));
    }
    if queue.expired_leases > 0 {
        sentences.push(format!(
            "{} to workers that went silent; the next tick takes them back",
            jobs(queue.expired_leases, "belongs", "belong")
        ));
    }
    match (signal("webhook"), signal("webhook_rejected")) {
        (accepted, Some(rejected)) if accepted.is_none_or(|accepted| accepted.last_at < rejected.last_at) => {
            sentences.push(format!(
                "the last webhook was refused {} ago: {}",
                ago(now - rejected.last_at),
                rejected.detail.as_deref().unwrap_or("its signature was wrong")
            ));
        }
        (None, _) if queue.last_run.is_none() => {
            sentences.push("no webhook has arrived yet: see the set-up page for its address and settings".to_owned());
        }
        _ => {}
    }
    if let Some(run) = queue.last_run.as_ref().filter(|run| run.status == RunStatus::Failed) {
        let why = run.error.as_deref().filter(|_| !run.private).unwrap_or("see the run for the reason");
        sentences.push(format!("the last run failed: {}", why.lines().next().unwrap_or_default()));
    }
    sentences
}

fn jobs(n: i64, does: &str, they_do: &str) -> String {
    if n == 1 { format!("1 job {does}") } else { format!("{n} jobs {they_do}") }
}

fn ago(time: TimeDelta) -> String {
    match (time.num_hours(), time.num_minutes()) {
        (0, 0) => format!("{} s", time.num_seconds().max(0)),
        (0, minutes) => format!("{minutes} min"),
        (hours, _) => format!("{hours} h"),
    }
}
