//! One repository over time: `GET /api/ci/repos/{owner}/{repo}/trend`, and its latest file under a lasting address.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::extract::{Path, Query};
use super::{AppState, artifacts, auth, runs, view};
use crate::model::{Run, RunStatus, rfc3339};
use crate::store::RunFilter;

#[derive(Deserialize)]
pub(super) struct TrendQuery {
    r#ref: Option<String>,
    limit: Option<i64>,
}

/// The newest runs, oldest first, each with the numbers of its summary.
pub(super) async fn trend(
    State(state): State<AppState>,
    headers: HeaderMap,
    Path((owner, repo)): Path<(String, String)>,
    Query(query): Query<TrendQuery>,
) -> Result<Json<Value>, ApiError> {
    let include_private = auth::require_read(&state.config, &headers)?;
    let limit = runs::checked_limit(query.limit)?;
    let filter = runs::of_repo(owner, repo, query.r#ref, include_private)?;
    let mut runs = state.store.runs(&filter, limit).await?;
    runs.reverse();
    let points: Vec<_> = runs.iter().filter(|run| run.finished_at.is_some()).map(point).collect();
    Ok(Json(json!({ "ok": true, "points": points })))
}

#[derive(Deserialize)]
pub(super) struct LatestQuery {
    r#ref: Option<String>,
}

/// A file of the latest dossier, byte for byte; a run under way or a failed one takes nothing away.
pub(super) async fn latest(
    State(state): State<AppState>,
    headers: HeaderMap,
    Path((owner, repo, name)): Path<(String, String, String)>,
    Query(query): Query<LatestQuery>,
) -> Result<Response, ApiError> {
    let include_private = auth::require_read(&state.config, &headers)?;
    let status = Some(RunStatus::Succeeded);
    let filter = RunFilter { status, ..runs::of_repo(owner, repo, query.r#ref, include_private)? };
    let run = state.store.runs(&filter, 1).await?.pop().ok_or(ApiError::NotFound("a dossier of this repository"))?;
    let mut response = artifacts::file(&state, &headers, run.id, &name).await?;
    let source = format!("/api/ci/runs/{}/artifacts/{}", run.id, view::percent_encoded(&name));
    if let Ok(source) = HeaderValue::from_str(&source) {
        response.headers_mut().insert(header::CONTENT_LOCATION, source);
    }
    Ok(response)
}

/// A run as a point of the charts. An external analyzer may have written any summary: what is no number is left out.
fn point(run: &Run) -> Value {
    let summary = run.summary_json.as_ref().unwrap_or(&Value::Null);
    json!({
        "run_id": run.id,
        "commit_sha": run.commit_sha,
        "ref": run.git_ref,
        "event_type": run.event_type,
        "pr_number": run.pr_number,
        "title": run.title,
        "status": run.status,
        "created_at": rfc3339(run.created_at),
        "duration_ms": run.duration_ms(),
        "facts": numbers(&summary["facts"]),
        "claims": numbers(&summary["claims"]),
        "findings": numbers(&summary["findings"]),
        "metrics": numbers(&summary["metrics"]),
        "lines": summary["lines"].as_f64(),
        "partial": summary["partial"].as_bool(),
        "drift": drift(&summary["drift"]),
    })
}

fn numbers(value: &Value) -> Map<String, Value> {
    let entries = value.as_object().into_iter().flatten();
    entries.filter(|(_, value)| value.is_number()).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn drift(drift: &Value) -> Value {
    if !drift.is_object() {
        return Value::Null;
    }
    json!({ "is_empty": drift["is_empty"].as_bool(), "counts": numbers(&drift["counts"]) })
}
