//! `GET /badge/{owner}/{repo}.svg`: one number of the latest dossier, and an honest word when a newer run has none.
//!
//! A repository without runs gets a badge that says so: an image that cannot be shown would say nothing.

mod svg;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::error::ApiError;
use super::extract::{MayRead, Path, Query};
use super::{AppState, runs};
use crate::model::{JsonView, RawJson, RunStatus};
use crate::store::Run;
use svg::Badge;
use utoipa::{IntoParams, ToSchema};

const GREEN: &str = "#17693a";
const RED: &str = "#b3261e";
const AMBER: &str = "#765300";
/// For shares: they are measures of reading, not marks.
const BLUE: &str = "#1f56c2";
const GREY: &str = "#54585f";

/// Most frameworks that are named.
const MAX_NAMES: usize = 5;

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Metric {
    #[default]
    Status,
    Dci,
    Rci,
    Drift,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BadgeQuery {
    /// A branch; without it the default branch.
    r#ref: Option<String>,
    #[param(inline)]
    metric: Option<Metric>,
}

pub(super) async fn show(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Path((owner, file)): Path<(String, String)>,
    Query(query): Query<BadgeQuery>,
) -> Result<Response, ApiError> {
    let repo = file.strip_suffix(".svg").ok_or(ApiError::NotFound("this badge; its address ends in .svg"))?;
    let filter = runs::of_branch(&state, owner, repo.to_owned(), query.r#ref).await?;
    let standing = state.store.standing(reader, &filter).await?;
    let metric = query.metric.unwrap_or_default();
    let badge = match (metric, standing.newest) {
        (_, None) => {
            Badge { label: label(metric), message: "no runs".into(), colour: GREY, title: "no run yet".into() }
        }
        (Metric::Status, Some(newest)) => status(&newest),
        (metric, Some(newest)) => value(metric, &newest, standing.dossier),
    };
    let mut response = svg::draw(&badge).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    // It is made to stand on other sites' pages.
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(policy, HeaderValue::from_static("cross-origin"));
    Ok(response)
}

fn label(metric: Metric) -> &'static str {
    match metric {
        Metric::Status => "dossier",
        Metric::Dci => "DCI",
        Metric::Rci => "RCI",
        Metric::Drift => "drift",
    }
}

fn status(newest: &Run) -> Badge {
    let (message, colour) = match newest.status {
        RunStatus::Queued => ("queued", AMBER),
        RunStatus::Running => ("running", BLUE),
        RunStatus::Succeeded => ("succeeded", GREEN),
        RunStatus::Failed => ("failed", RED),
    };
    let title = format!("dossier of {}: {message}", commit(newest));
    Badge { label: label(Metric::Status), message: message.into(), colour, title }
}

/// A number out of the latest dossier. What a newer run has not confirmed is marked.
fn value(metric: Metric, newest: &Run, succeeded: Option<Run>) -> Badge {
    let label = label(metric);
    let Some(run) = succeeded else {
        let title = format!("no dossier yet; the run of {} has none", commit(newest));
        return Badge { label, message: "no dossier".into(), colour: GREY, title };
    };
    let summary = run.summary_json.as_ref().map_or(JsonView::NULL, RawJson::view);
    let (mut message, mut colour) = match metric {
        Metric::Dci => (share(summary.at("metrics").at("dci")), BLUE),
        Metric::Rci => (share(summary.at("metrics").at("rci")), BLUE),
        Metric::Status | Metric::Drift => drift(summary.at("drift")),
    };
    let unread = unread_frameworks(summary);
    // What is not read is not without drift.
    if matches!(metric, Metric::Drift) && colour == GREEN && !unread.is_empty() {
        (message, colour) = ("none in what is read".into(), GREY);
    }
    let mut title = format!("{label} {message}, of {}", commit(&run));
    if !unread.is_empty() {
        title.push_str(&format!("; routes of {unread} are not read"));
    }
    match newest.status {
        RunStatus::Failed => {
            message.push_str(" · stale");
            colour = GREY;
            title.push_str("; the newest run failed");
        }
        RunStatus::Queued | RunStatus::Running => {
            message.push_str(" · updating");
            title.push_str("; a newer run is under way");
        }
        RunStatus::Succeeded => {}
    }
    Badge { label, message, colour, title }
}

/// The frameworks of the dossier that no rule reads, in words.
fn unread_frameworks(summary: JsonView<'_>) -> String {
    let mut names: Vec<String> = Vec::new();
    summary.at("unread_frameworks").items(|name| {
        if names.len() < MAX_NAMES {
            names.extend(name.plain::<String>());
        }
    });
    names.join(", ")
}

fn share(value: JsonView<'_>) -> String {
    value.plain::<f64>().map_or_else(|| "none".into(), |share| format!("{share:.2}"))
}

fn drift(drift: JsonView<'_>) -> (String, &'static str) {
    if drift.text() == "null" {
        return ("no base".into(), GREY);
    }
    let count = |name: &str| drift.at("counts").at(name).plain::<u64>();
    let parts = [("+", "added"), ("−", "removed"), ("~", "changed")].into_iter().filter_map(|(sign, name)| {
        let count = count(name).filter(|count| *count > 0)?;
        Some(format!("{sign}{count}"))
    });
    let open = ["unresolved_added", "unresolved_removed"].iter().filter_map(|name| count(name));
    let open = open.fold(0, u64::saturating_add);
    // What came or went and could not be pinned down is drift too.
    let open = (open > 0).then(|| format!("?{open}"));
    let text = parts.chain(open).collect::<Vec<_>>().join(" ");
    if text.is_empty() { ("none".into(), GREEN) } else { (text, AMBER) }
}

/// Which commit, and when its run was made.
fn commit(run: &Run) -> String {
    let sha: String = run.commit_sha.as_str().chars().take(7).collect();
    format!("commit {sha}, {}", run.created_at.format("%Y-%m-%d"))
}
