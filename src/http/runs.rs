//! The feed: runs by cursor, one run whole, repositories, the webhook log.

use std::str::FromStr;

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::AppState;
use super::answer::{Answer, ArtifactLine, Made};
use super::budget::Share;
use super::error::ApiError;
use super::extract::{MayRead, MayWrite, Path, Query};
use crate::model::{EventType, MAX_SUMMARY_BYTES, Reader, RunStatus};
use crate::store::{
    Attempt, DeliveryRecord, Events, Job, Listed, MAX_LISTED_SUMMARY_BYTES, MAX_REPOS, RepoOverview, Run, RunDetail,
    RunFilter,
};

const MAX_LIMIT: i64 = 200;
const DEFAULT_LIMIT: i64 = 50;
/// What one run of a list takes at most: three times its summary, as a row, as a value and as an answer, and all else.
const RUN_BYTES: usize = 3 * MAX_SUMMARY_BYTES + (8 << 10);
/// The same for all repositories.
const REPOS_BYTES: usize = MAX_REPOS * (3 * MAX_LISTED_SUMMARY_BYTES + (8 << 10));

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    owner: Option<String>,
    repo: Option<String>,
    /// A branch.
    r#ref: Option<String>,
    /// The number of a pull request, with `owner` and `repo`.
    pr: Option<i64>,
    /// The first 7 or more digits of a commit's id.
    commit: Option<String>,
    #[param(value_type = Option<RunStatus>, inline)]
    status: Option<String>,
    #[param(value_type = Option<EventType>, inline)]
    event_type: Option<String>,
    limit: Option<i64>,
    /// The `next` of an earlier answer.
    before: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RunPage {
    runs: Vec<Run>,
    next: Option<String>,
}

pub(super) async fn list(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Query(query): Query<ListQuery>,
) -> Result<Made<RunPage>, ApiError> {
    let limit = checked_limit(query.limit)?;
    let (owner, repo) = (given(query.owner)?, given(query.repo)?);
    let of_one_repo = owner.is_some() && repo.is_some();
    let filter = RunFilter {
        owner,
        repo,
        events: match (given(query.r#ref)?, query.pr) {
            (None, None) => Events::Any,
            (Some(branch), None) => Events::Of(branch),
            (None, Some(number)) if of_one_repo => Events::OfPull(number),
            (None, Some(_)) => return Err(ApiError::Invalid("pr needs owner and repo".into())),
            (Some(_), Some(_)) => return Err(ApiError::Invalid("give ref or pr, not both".into())),
        },
        commit: given(query.commit)?.map(commit_prefix).transpose()?,
        status: word(query.status)?,
        event_type: word(query.event_type)?,
        before: given(query.before)?.as_deref().map(parse_cursor).transpose()?,
    };
    let share = room_for(&state, limit + 1).await?;
    let Listed { runs, next } = state.store.list(reader, &filter, limit).await?;
    if runs.is_empty() && of_one_repo {
        known_branch(&state, reader, &filter).await?;
    }
    let next = next.map(cursor);
    Ok((share.until_sent(), RunPage { runs, next }.into()))
}

#[derive(Serialize, ToSchema)]
pub(super) struct OneRun {
    run: RunAndMore,
}

/// A run with everything that explains it.
#[derive(Serialize, ToSchema)]
struct RunAndMore {
    #[serde(flatten)]
    run: Run,
    forge_url: Option<String>,
    #[schema(value_type = Vec<Job>)]
    jobs: [Job; 1],
    attempt_log: Vec<Attempt>,
    artifacts: Vec<ArtifactLine>,
}

pub(super) async fn show(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Path(id): Path<Uuid>,
) -> Result<Made<OneRun>, ApiError> {
    let share = room_for(&state, 1).await?;
    let RunDetail { run, job, attempts } = readable(&state, reader, id).await?;
    let forge = Some(&state.config.github_server_url).filter(|url| url.starts_with("http"));
    let forge_url = forge.map(|url| format!("{url}/{}", run.repo));
    let artifacts = ArtifactLine::of(id, state.store.artifacts(reader, id).await?);
    let run = RunAndMore { run, forge_url, jobs: [job], attempt_log: attempts, artifacts };
    Ok((share.until_sent(), OneRun { run }.into()))
}

#[derive(Serialize, ToSchema)]
pub(super) struct Repos {
    repos: Vec<RepoOverview>,
}

pub(super) async fn repos(State(state): State<AppState>, MayRead(reader): MayRead) -> Result<Made<Repos>, ApiError> {
    let share = state.budgets.making.take(REPOS_BYTES).await?;
    Ok((share.until_sent(), Repos { repos: state.store.repos(reader).await? }.into()))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DeliveriesQuery {
    limit: Option<i64>,
    delivery_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryLog {
    deliveries: Vec<DeliveryRecord>,
}

pub(super) async fn deliveries(
    State(state): State<AppState>,
    _: MayWrite,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Answer<DeliveryLog>, ApiError> {
    let delivery_id = given(query.delivery_id)?;
    let deliveries =
        state.store.deliveries(Reader::Trusted, delivery_id.as_deref(), checked_limit(query.limit)?).await?;
    Ok(DeliveryLog { deliveries }.into())
}

/// A run that this caller may see; a private one does not exist for the others.
pub(super) async fn readable(state: &AppState, reader: Reader, id: Uuid) -> Result<RunDetail, ApiError> {
    state.store.run(reader, id).await?.ok_or(ApiError::NotFound("this run"))
}

/// A share for so many runs, before they are read.
pub(super) async fn room_for(state: &AppState, runs: i64) -> Result<Share, ApiError> {
    state.budgets.making.take(usize::try_from(runs).unwrap_or(usize::MAX).saturating_mul(RUN_BYTES)).await
}

pub(super) fn checked_limit(limit: Option<i64>) -> Result<i64, ApiError> {
    match limit.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(limit),
        _ => Err(ApiError::Invalid(format!("limit must be a number from 1 to {MAX_LIMIT}"))),
    }
}

/// The runs of one branch, named by an address: without `ref` the default branch, and where nobody said which that is,
/// every branch; never a pull request.
pub(super) async fn of_branch(
    state: &AppState,
    owner: String,
    repo: String,
    git_ref: Option<String>,
) -> Result<RunFilter, ApiError> {
    let (owner, repo) = (given(Some(owner))?.unwrap_or_default(), given(Some(repo))?.unwrap_or_default());
    let branch = match given(git_ref)? {
        None => state.store.default_branch(&owner, &repo).await?,
        named => named,
    };
    let events = branch.map_or(Events::OfBranches, Events::Of);
    Ok(RunFilter { owner: Some(owner), repo: Some(repo), events, ..RunFilter::default() })
}

/// Refuse a branch that a repository does not have, as far as this reader may know either.
pub(super) async fn known_branch(state: &AppState, reader: Reader, filter: &RunFilter) -> Result<(), ApiError> {
    let has_runs = async |events| {
        let RunFilter { owner, repo, .. } = filter.clone();
        let filter = RunFilter { owner, repo, events, ..RunFilter::default() };
        Ok::<_, ApiError>(!state.store.runs(reader, &filter, 1).await?.is_empty())
    };
    let is_branch = matches!(filter.events, Events::Of(_));
    if is_branch && !has_runs(filter.events.clone()).await? && has_runs(Events::Any).await? {
        return Err(ApiError::NotFound("this branch"));
    }
    Ok(())
}

/// Fewer digits would be those of too many commits.
pub(super) fn commit_prefix(text: String) -> Result<String, ApiError> {
    let text = text.to_ascii_lowercase();
    if (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text)
    } else {
        Err(ApiError::Invalid("commit must be the first 7 or more hex digits of a commit's id".into()))
    }
}

/// An empty parameter counts as absent; forms send those.
pub(super) fn given(parameter: Option<String>) -> Result<Option<String>, ApiError> {
    match parameter.filter(|text| !text.is_empty()) {
        Some(text) if text.contains('\0') => Err(ApiError::Invalid("a parameter holds a NUL character".into())),
        text => Ok(text),
    }
}

fn word<T: FromStr<Err = crate::model::Invalid>>(parameter: Option<String>) -> Result<Option<T>, ApiError> {
    Ok(given(parameter)?.map(|text| text.parse()).transpose()?)
}

/// A place in a list, with digits that tell whether it is one that was given out.
fn cursor((at, id): (DateTime<Utc>, Uuid)) -> String {
    let place = format!("{}_{id}", at.timestamp_micros());
    let check = hex::encode(&Sha256::digest(&place)[..4]);
    format!("{place}_{check}")
}

fn parse_cursor(text: &str) -> Result<(DateTime<Utc>, Uuid), ApiError> {
    let parse = || {
        let mut parts = text.split('_');
        let (micros, id) = (parts.next()?.parse().ok()?, Uuid::parse_str(parts.next()?).ok()?);
        let place = (DateTime::from_timestamp_micros(micros)?, id);
        (cursor(place) == text).then_some(place)
    };
    parse().ok_or_else(|| ApiError::Invalid("before must be the \"next\" of an earlier answer".into()))
}
