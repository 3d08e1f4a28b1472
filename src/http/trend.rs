//! One repository over time: `GET /api/ci/repos/{owner}/{repo}/trend`, and its latest file under a lasting address.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use uuid::Uuid;

use super::answer::{Made, artifact_url};
use super::error::ApiError;
use super::extract::{MayRead, Path, Query};
use super::{AppState, artifacts, runs};
use crate::model::{CommitSha, EventType, GitRef, JsonView, RawJson, RunStatus, millis};
use crate::store::{Run, RunFilter};

/// Values of one kind that a point shows; the built-in analyzer has fewer of each.
const MAX_VALUES: usize = 100;

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
) -> Result<Made<Trend>, ApiError> {
    let limit = runs::checked_limit(query.limit)?;
    let filter = runs::of_repo(owner, repo, query.r#ref)?;
    let share = runs::room_for(&state, limit).await?;
    let mut runs = state.store.runs(reader, &filter, limit).await?;
    runs.reverse();
    let points = runs.into_iter().filter(|run| run.finished_at.is_some()).map(Point::from).collect();
    Ok((share.until_sent(), Trend { points }.into()))
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
        let summary = run.summary_json.as_ref().map_or(JsonView::NULL, RawJson::view);
        let drift = summary.at("drift");
        let is_known = drift.text().starts_with('{');
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
            facts: numbers(summary.at("facts")),
            claims: numbers(summary.at("claims")),
            findings: numbers(summary.at("findings")),
            metrics: numbers(summary.at("metrics")),
            lines: summary.at("lines").plain(),
            partial: summary.at("partial").plain(),
            unread_frameworks: texts(summary.at("unread_frameworks")),
            drift: is_known
                .then(|| DriftCounts { is_empty: drift.at("is_empty").plain(), counts: numbers(drift.at("counts")) }),
        }
    }
}

fn texts(value: JsonView<'_>) -> Vec<String> {
    let mut texts = Vec::new();
    value.items(|item| {
        if texts.len() < MAX_VALUES {
            texts.extend(item.plain::<String>());
        }
    });
    texts
}

fn numbers(value: JsonView<'_>) -> Map<String, Value> {
    let mut numbers = Map::new();
    value.members(|name, value| {
        if let Some(number) = value.plain::<Number>().filter(|_| numbers.len() < MAX_VALUES) {
            numbers.insert(name.to_owned(), number.into());
        }
    });
    numbers
}
