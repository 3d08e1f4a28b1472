//! One repository over time: `GET /api/ci/repos/{owner}/{repo}/trend`, and its latest file under a lasting address.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::answer::{Answer, artifact_url};
use super::error::ApiError;
use super::extract::{MayRead, Path, Query};
use super::{AppState, artifacts, runs};
use crate::model::{CommitSha, EventType, GitRef, RunStatus, millis};
use crate::store::{Run, RunFilter};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrendQuery {
    r#ref: Option<String>,
    limit: Option<i64>,
}

#[derive(Serialize)]
pub(super) struct Trend {
    points: Vec<Point>,
}

/// A run as a point of the charts.
#[derive(Serialize)]
struct Point {
    run_id: Uuid,
    commit_sha: CommitSha,
    #[serde(rename = "ref")]
    git_ref: GitRef,
    event_type: EventType,
    pr_number: Option<i64>,
    title: Option<String>,
    status: RunStatus,
    #[serde(serialize_with = "millis")]
    created_at: DateTime<Utc>,
    duration_ms: Option<i64>,
    facts: Map<String, Value>,
    claims: Map<String, Value>,
    findings: Map<String, Value>,
    metrics: Map<String, Value>,
    lines: Option<f64>,
    partial: Option<bool>,
    /// Frameworks whose routes are not in `facts`, because no rule reads them.
    unread_frameworks: Vec<String>,
    drift: Option<DriftCounts>,
}

#[derive(Serialize)]
struct DriftCounts {
    is_empty: Option<bool>,
    counts: Map<String, Value>,
}

/// The newest runs, oldest first, each with the numbers of its summary.
pub(super) async fn trend(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Path((owner, repo)): Path<(String, String)>,
    Query(query): Query<TrendQuery>,
) -> Result<Answer<Trend>, ApiError> {
    let limit = runs::checked_limit(query.limit)?;
    let filter = runs::of_repo(owner, repo, query.r#ref)?;
    let mut runs = state.store.runs(reader, &filter, limit).await?;
    runs.reverse();
    let points = runs.into_iter().filter(|run| run.finished_at.is_some()).map(Point::from).collect();
    Ok(Trend { points }.into())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LatestQuery {
    r#ref: Option<String>,
}

/// A file of the latest dossier, byte for byte; a run under way or a failed one takes nothing away.
pub(super) async fn latest(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    headers: HeaderMap,
    Path((owner, repo, name)): Path<(String, String, String)>,
    Query(query): Query<LatestQuery>,
) -> Result<Response, ApiError> {
    let status = Some(RunStatus::Succeeded);
    let filter = RunFilter { status, ..runs::of_repo(owner, repo, query.r#ref)? };
    let run =
        state.store.runs(reader, &filter, 1).await?.pop().ok_or(ApiError::NotFound("a dossier of this repository"))?;
    let mut response = artifacts::file(&state, reader, &headers, run.id, &name).await?;
    if let Ok(source) = HeaderValue::from_str(&artifact_url(run.id, &name)) {
        response.headers_mut().insert(header::CONTENT_LOCATION, source);
    }
    Ok(response)
}

/// An external analyzer may have written any summary: what is no number is left out.
impl From<Run> for Point {
    fn from(run: Run) -> Self {
        let summary = run.summary_json.unwrap_or_default();
        let drift = Some(&summary["drift"]).filter(|drift| drift.is_object());
        Self {
            run_id: run.id,
            commit_sha: run.commit_sha,
            git_ref: run.git_ref,
            event_type: run.event_type,
            pr_number: run.pr_number,
            title: run.title,
            status: run.status,
            created_at: run.created_at,
            duration_ms: run.duration_ms,
            facts: numbers(&summary["facts"]),
            claims: numbers(&summary["claims"]),
            findings: numbers(&summary["findings"]),
            metrics: numbers(&summary["metrics"]),
            lines: summary["lines"].as_f64(),
            partial: summary["partial"].as_bool(),
            unread_frameworks: texts(&summary["unread_frameworks"]),
            drift: drift
                .map(|drift| DriftCounts { is_empty: drift["is_empty"].as_bool(), counts: numbers(&drift["counts"]) }),
        }
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn numbers(value: &Value) -> Map<String, Value> {
    let entries = value.as_object().into_iter().flatten();
    entries.filter(|(_, value)| value.is_number()).map(|(name, value)| (name.clone(), value.clone())).collect()
}
