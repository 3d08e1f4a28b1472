//! `GET /api/ci/health`: counts, times, and sentences that say why the feed stopped.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::diagnosis::{Process, diagnose};
use super::{AppState, auth, view};
use crate::model::{self, rfc3339};
use crate::store::QueueHealth;
use crate::worker::{free_bytes, sandbox};

/// An external analyzer may be led astray by what it reads; ours only parses.
const NOT_ISOLATED: &str = "the sandbox is incomplete: CI_ANALYZER runs with limits and a cleared environment, but nothing keeps it from the file system and the network; let it read only repositories that you trust";

pub(super) async fn health(State(state): State<AppState>, headers: HeaderMap) -> (StatusCode, Json<Value>) {
    let asked = Instant::now();
    let queue = state.store.health().await;
    let took = asked.elapsed();
    let trusted = auth::is_trusted(&state.config, &headers);
    let disk = disk(&state);
    let stopping = state.worker.is_stopping();
    let process = Process {
        stopping,
        disk_is_low: disk["low"] == json!(true),
        secret_is_set: !state.config.webhook_secrets.is_empty(),
        database_took: took.max(state.worker.last_lease_took()),
        trusted,
    };
    let (mut body, mut diagnosis) = match &queue {
        Ok(queue) => (facts(queue, trusted), diagnose(queue, &process, model::now())),
        Err(error) => {
            tracing::error!(error = error as &dyn std::error::Error, "the health check could not ask the database");
            let sentence = "the database does not answer: check DATABASE_URL and that the database runs";
            (json!({}), vec![sentence.to_owned()])
        }
    };
    let ok = queue.is_ok() && !stopping;
    body["ok"] = json!(ok);
    body["status"] = json!(match (stopping, ok && diagnosis.is_empty()) {
        (true, _) => "stopping",
        (false, true) => "ok",
        (false, false) => "degraded",
    });
    if state.config.analyzer.is_some() && !sandbox::isolates() {
        // Worth knowing, yet nothing that keeps the feed from moving.
        diagnosis.push(NOT_ISOLATED.to_owned());
    }
    body["database"] = json!({
        "kind": queue.as_ref().map_or("unknown", |queue| queue.kind),
        "latency_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    });
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
    let last_run = queue.recent_runs.first().filter(|run| trusted || !run.private).map(|run| {
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
