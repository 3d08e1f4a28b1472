//! One repository over time: `GET /api/ci/repos/{owner}/{repo}/trend`, and its latest file under a lasting address.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::{Answer, Made, artifact_url};
use super::error::ApiError;
use super::extract::{MayRead, Path, Query};
use super::{AppState, artifacts, runs};
use crate::model::{CommitSha, EventType, GitRef, JsonView, RawJson, RunStatus, millis};
use crate::store::{Events, Run};

/// Values of one kind that a point shows; the built-in analyzer has fewer of each.
const MAX_VALUES: usize = 100;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct TrendQuery {
    r#ref: Option<String>,
    limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Trend {
    /// The branch that these are of; none where nobody said which the default branch is.
    #[serde(rename = "ref")]
    git_ref: Option<String>,
    /// Branches to ask for.
    branches: Vec<String>,
    points: Vec<Point>,
}

/// A run as a point of the charts.
#[derive(Serialize, ToSchema)]
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
    #[schema(value_type = BTreeMap<String, f64>)]
    facts: Map<String, Value>,
    #[schema(value_type = BTreeMap<String, f64>)]
    claims: Map<String, Value>,
    #[schema(value_type = BTreeMap<String, f64>)]
    findings: Map<String, Value>,
    #[schema(value_type = BTreeMap<String, f64>)]
    metrics: Map<String, Value>,
    lines: Option<f64>,
    partial: Option<bool>,
    /// Frameworks whose routes are not in `facts`, because no rule reads them.
    unread_frameworks: Vec<String>,
    drift: Option<DriftCounts>,
}

#[derive(Serialize, ToSchema)]
struct DriftCounts {
    is_empty: Option<bool>,
    #[schema(value_type = BTreeMap<String, f64>)]
    counts: Map<String, Value>,
}

/// The newest runs of a branch, oldest first, each with the numbers of its summary.
pub(super) async fn trend(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Path((owner, repo)): Path<(String, String)>,
    Query(query): Query<TrendQuery>,
) -> Result<Made<Trend>, ApiError> {
    let limit = runs::checked_limit(query.limit)?;
    let is_named = query.r#ref.as_ref().is_some_and(|branch| !branch.is_empty());
    let filter = runs::of_branch(&state, owner, repo, query.r#ref).await?;
    let share = runs::room_for(&state, limit).await?;
    let mut runs = state.store.runs(reader, &filter, limit).await?;
    if runs.is_empty() && is_named {
        runs::known_branch(&state, reader, &filter).await?;
    }
    runs.reverse();
    let branches = state.store.branches_with_runs(reader, &filter).await?;
    let git_ref = if let Events::Of(branch) = filter.events { Some(branch).filter(|_| !runs.is_empty()) } else { None };
    let points = runs.into_iter().filter(|run| run.finished_at.is_some()).map(Point::from).collect();
    Ok((share.until_sent(), Trend { git_ref, branches, points }.into()))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct LatestQuery {
    r#ref: Option<String>,
}

/// A file of the branch's dossier, byte for byte. While its head's run is under way that is an earlier one, which the status
/// 202 and a link to the run say; a failed run takes nothing away.
pub(super) async fn latest(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    headers: HeaderMap,
    Path((owner, repo, name)): Path<(String, String, String)>,
    Query(query): Query<LatestQuery>,
) -> Result<Response, ApiError> {
    let filter = runs::of_branch(&state, owner, repo, query.r#ref).await?;
    let standing = state.store.standing(reader, &filter).await?;
    let under_way = standing.newest.filter(|run| run.finished_at.is_none());
    let mut response = match (standing.dossier, &under_way) {
        (Some(run), _) => {
            let mut response = artifacts::file(&state, reader, &headers, run.id, &name).await?;
            if let Ok(source) = HeaderValue::from_str(&artifact_url(run.id, &name)) {
                response.headers_mut().insert(header::CONTENT_LOCATION, source);
            }
            response
        }
        (None, Some(run)) => Answer::from(UnderWay { run_id: run.id, status: run.status }).into_response(),
        (None, None) => return Err(ApiError::NotFound("a dossier of this branch")),
    };
    if let Some(run) = under_way
        && let Ok(link) = HeaderValue::from_str(&format!("</api/ci/runs/{}>; rel=\"latest-version\"", run.id))
    {
        response.headers_mut().insert(header::LINK, link);
        if response.status() == StatusCode::OK {
            *response.status_mut() = StatusCode::ACCEPTED;
        }
    }
    Ok(response)
}

/// The run that will bring the first dossier.
#[derive(Serialize, ToSchema)]
struct UnderWay {
    run_id: Uuid,
    status: RunStatus,
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
