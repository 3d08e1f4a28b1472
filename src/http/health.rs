//! `GET /api/ci/health`: counts, times, and sentences that say why the feed stopped.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::answer::Tagged;
use super::diagnosis::{Process, diagnose, notes};
use super::unchanged::tag_of;
use super::{AppState, auth};
use crate::config::ReadAccess;
use crate::model::{self, Reader, SignalName};
use crate::store::{QueueHealth, RecentRun, Signal};

/// An external analyzer may be led astray by what it reads; ours only parses.
const NOT_ISOLATED: &str = "the sandbox is incomplete: CI_ANALYZER runs with limits and a cleared environment, but nothing keeps it from the file system and the network; let it read only repositories that you trust";

/// Free space that differs by less is the same to whoever asks again.
const FREE_BYTES_STEP: u64 = 256 << 20;

/// The answer; the database's part is missing while it is unavailable.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    #[schema(nullable = false)]
    #[serde(flatten)]
    queue: Option<Queue>,
    ok: bool,
    status: &'static str,
    database: Database,
    disk: Disk,
    sandbox: Sandbox,
    version: &'static str,
    webhook_secret: &'static str,
    public_url: Option<String>,
    /// Where repositories have pages; none where the forge is a folder.
    forge_url: Option<String>,
    access: Access,
    diagnosis: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct Queue {
    jobs: Jobs,
    last_run: Option<RecentRun>,
    last_tick: Option<Signal>,
    last_webhook: Option<Signal>,
    last_rejected: Option<Signal>,
    oldest_ready_seconds: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
struct Jobs {
    ready: i64,
    leased: i64,
    done: i64,
    dead: i64,
}

#[derive(Serialize, ToSchema)]
struct Database {
    kind: &'static str,
    /// Whether a transaction pooler is in front of it.
    pooled: bool,
    latency_ms: u64,
}

#[derive(Serialize, ToSchema)]
struct Disk {
    tmp_free_bytes: Option<u64>,
    artifacts_free_bytes: Option<u64>,
    low: bool,
}

#[derive(Serialize, ToSchema)]
struct Sandbox {
    layers: BTreeMap<&'static str, bool>,
}

#[derive(Serialize, ToSchema)]
struct Access {
    read: &'static str,
    write: &'static str,
}

pub(super) async fn health(State(state): State<AppState>, headers: HeaderMap) -> Tagged<Health> {
    let config = &state.config;
    let asked = Instant::now();
    let mut queue = state.store.health().await;
    let took = asked.elapsed();
    if let Ok(queue) = &mut queue {
        state.worker.add_unheard(&mut queue.signals);
    }
    let refusal = state.store.refusal().await;
    let reader = auth::reader(&state, &headers).await;
    let free = state.worker.free_space().await;
    let stopping = state.worker.is_stopping();
    let process = Process {
        stopping,
        disk_is_low: free.is_low(),
        secret_is_set: !config.webhook_secrets.is_empty(),
        database_took: took.max(state.worker.database_took()),
        reader,
    };
    let mut diagnosis = match &queue {
        Ok(queue) => diagnose(queue, &process, model::now()),
        Err(error) => {
            tracing::error!(error = error as &dyn std::error::Error, "the database did not answer the health check");
            vec!["the database does not answer: check DATABASE_URL and that the database runs".to_owned()]
        }
    };
    if let Some(fault) = state.artifacts.known_trouble() {
        diagnosis.insert(0, format!("{}: {}; no job is leased until then", fault.message, fault.code.advice()));
    }
    if let Some(refusal) = refusal {
        diagnosis.insert(0, format!("{refusal}: {}", refusal.advice()));
    }
    let ok = queue.is_ok() && refusal.is_none() && !stopping;
    let status = match (stopping, ok && diagnosis.is_empty()) {
        (true, _) => "stopping",
        (false, true) => "ok",
        (false, false) => "degraded",
    };
    // Worth knowing, yet nothing that keeps the feed from moving.
    if let Ok(queue) = &queue {
        diagnosis.extend(notes(queue, reader, model::now()));
    }
    if config.analyzer.is_some() && !state.worker.sandbox().isolates() {
        diagnosis.push(NOT_ISOLATED.to_owned());
    }
    let health = Health {
        ok,
        status,
        database: Database {
            kind: queue.as_ref().map_or("unknown", |queue| queue.kind),
            pooled: state.store.is_pooled(),
            latency_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        },
        queue: queue.ok().map(|queue| Queue::shown(queue, reader)),
        disk: Disk { tmp_free_bytes: free.tmp, artifacts_free_bytes: free.artifacts, low: free.is_low() },
        sandbox: Sandbox { layers: state.worker.sandbox().shown() },
        version: env!("CARGO_PKG_VERSION"),
        webhook_secret: if process.secret_is_set { "set" } else { "not set" },
        public_url: config.public_url.clone(),
        forge_url: Some(config.github_server_url.clone()).filter(|url| url.starts_with("http")),
        access: Access {
            read: match config.read_access {
                ReadAccess::Public => "public",
                ReadAccess::Token => "token",
            },
            write: auth::write_access(config),
        },
        diagnosis,
    };
    let status = if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::ETAG, health.tag())], Json(health))
}

impl Health {
    /// Of what it says, but for the moment's measurements: they are new each time, and no news.
    fn tag(&self) -> String {
        let mut steady = serde_json::to_value(self).unwrap_or_default();
        steady["database"]["latency_ms"].take();
        for free in ["tmp_free_bytes", "artifacts_free_bytes"] {
            steady["disk"][free] = json!(steady["disk"][free].as_u64().map(|bytes| bytes / FREE_BYTES_STEP));
        }
        tag_of(steady.to_string().as_bytes())
    }
}

impl Queue {
    fn shown(queue: QueueHealth, reader: Reader) -> Self {
        let signal = |name| queue.signal(name).cloned();
        // Its detail names the repository, which may be private.
        let without_detail =
            |webhook: Signal| Signal { detail: webhook.detail.filter(|_| reader == Reader::Trusted), ..webhook };
        Self {
            jobs: Jobs { ready: queue.ready, leased: queue.leased, done: queue.done, dead: queue.dead },
            last_tick: signal(SignalName::Tick),
            last_webhook: signal(SignalName::Webhook).map(without_detail),
            last_rejected: signal(SignalName::WebhookRejected),
            oldest_ready_seconds: queue.oldest_ready_at.map(|at| (model::now() - at).num_seconds().max(0)),
            last_run: queue.recent_runs.into_iter().next().filter(|run| run.is_there(reader)),
        }
    }
}
