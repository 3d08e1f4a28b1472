//! `GET /api/ci/repos/trends`: the newest runs of the default branches of some repositories, for a list of them.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::AppState;
use super::answer::Made;
use super::error::ApiError;
use super::extract::{MayRead, Query};
use crate::model::RepoName;
use crate::store::ShortTrend;

/// Repositories that one question is about.
const MAX_REPOS: usize = 60;
/// What the trend of one takes at most, as rows and as an answer.
const TREND_BYTES: usize = 32 << 10;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct TrendsQuery {
    /// `owner/repo` of each, with commas between them; at most 60.
    of: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Trends {
    /// In the order in which they were asked for, without those that have no runs.
    trends: Vec<ShortTrend>,
}

pub(super) async fn show(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Query(query): Query<TrendsQuery>,
) -> Result<Made<Trends>, ApiError> {
    let names: Vec<&str> = query.of.split(',').collect();
    if names.len() > MAX_REPOS {
        return Err(ApiError::Invalid(format!("of must name at most {MAX_REPOS} repositories")));
    }
    let repos = names.into_iter().map(RepoName::parse_full).collect::<Result<Vec<_>, _>>()?;
    let share = state.budgets.making.take(repos.len() * TREND_BYTES).await?;
    Ok((share.until_sent(), Trends { trends: state.store.short_trends(reader, &repos).await? }.into()))
}
