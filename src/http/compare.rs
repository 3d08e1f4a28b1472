//! `GET /api/ci/compare`: what differs between any two commits of a repository whose dossiers are stored, by whatever they are
//! called: a run, a branch, a commit, a pull request, or what runs in an environment.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::budget::Share;
use super::error::ApiError;
use super::extract::{MayRead, Query};
use super::runs::{commit_prefix, given, known_branch};
use super::{AppState, artifacts, drift};
use crate::model::{CommitSha, GitRef, Reader, RunStatus, optional_millis};
use crate::store::{Events, Run, RunFilter};

/// Longest name of a side.
const MAX_NAME_BYTES: usize = 1 << 10;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct CompareQuery {
    owner: String,
    repo: String,
    /// A run's id, a branch (or `branch:NAME`), the first 7 or more digits of a commit, `pr:7`, or `deployed:ENVIRONMENT`.
    base: String,
    /// As `base`.
    head: String,
}

/// Two sides, and what differs between them.
#[derive(Serialize, ToSchema)]
pub(super) struct Comparison<'a> {
    base: Side<'a>,
    head: Side<'a>,
    /// The content of drift.json.
    #[schema(value_type = Object)]
    drift: (),
}

/// A side as the answer says it.
#[derive(Serialize, ToSchema)]
struct Side<'a> {
    asked: &'a str,
    run_id: Uuid,
    commit_sha: &'a CommitSha,
    #[serde(rename = "ref")]
    git_ref: &'a GitRef,
    pr_number: Option<i64>,
    #[serde(serialize_with = "optional_millis")]
    as_of: Option<DateTime<Utc>>,
    /// Whether a newer commit stands there, of which there is no dossier yet.
    is_behind: bool,
}

/// What a side may be called.
enum Name<'a> {
    Run(Uuid),
    Commit(String),
    Pull(i64),
    Deployed(&'a str),
    Branch(&'a str),
}

impl<'a> Name<'a> {
    fn of(text: &'a str) -> Self {
        let pull = ["#", "pr:", "pull:"].iter().find_map(|start| text.strip_prefix(start)?.parse().ok());
        match (Uuid::parse_str(text), text.strip_prefix("deployed:"), text.strip_prefix("branch:"), pull) {
            (Ok(id), ..) => Self::Run(id),
            (_, Some(environment), ..) => Self::Deployed(environment),
            (_, _, Some(branch), _) => Self::Branch(branch),
            (.., Some(number)) => Self::Pull(number),
            _ => commit_prefix(text.to_owned()).map_or(Self::Branch(text), Self::Commit),
        }
    }
}

pub(super) async fn show(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Query(query): Query<CompareQuery>,
) -> Result<Response, ApiError> {
    let CompareQuery { owner, repo, base, head } = query;
    let (share, bytes) = answer(&state, reader, (owner, repo), (base, head)).await?;
    Ok((share.until_sent(), drift::json(bytes.into())).into_response())
}

/// The answer, and its share of the memory that is made use of.
pub(super) async fn answer(
    state: &AppState,
    reader: Reader,
    (owner, repo): (String, String),
    (base, head): (String, String),
) -> Result<(Share, Vec<u8>), ApiError> {
    let text = |text: String| match given(Some(text))? {
        Some(text) if text.len() <= MAX_NAME_BYTES => Ok(text),
        _ => Err(ApiError::Invalid("owner, repo, base and head are texts of at most 1024 bytes".into())),
    };
    let (owner, repo) = (text(owner)?, text(repo)?);
    let (base, head) = (text(base)?, text(head)?);
    let of_repo = RunFilter { owner: Some(owner), repo: Some(repo), ..RunFilter::default() };
    let Some(any) = state.store.runs(reader, &of_repo, 1).await?.pop() else {
        return Err(ApiError::NotFound("this repository"));
    };
    let (base_run, is_base_behind) = resolve(state, reader, (&of_repo, &any), &base).await?;
    let (head_run, is_head_behind) = resolve(state, reader, (&of_repo, &any), &head).await?;
    let (base, head) = (side(&base, &base_run, is_base_behind), side(&head, &head_run, is_head_behind));
    let before = drift::up_to_drift(Comparison { base, head, drift: () });
    let base = (base_run.id, artifacts::find(state, reader, base_run.id, "dossier.json").await?);
    let head = (head_run.id, artifacts::find(state, reader, head_run.id, "dossier.json").await?);
    drift::between(state, &base, &head, before).await
}

fn side<'a>(asked: &'a str, run: &'a Run, is_behind: bool) -> Side<'a> {
    let Run { id, commit_sha, git_ref, pr_number, finished_at, .. } = run;
    Side { asked, run_id: *id, commit_sha, git_ref, pr_number: *pr_number, as_of: *finished_at, is_behind }
}

/// The run whose dossier a side is, and whether something newer stands there. `any`: some run of the repository.
async fn resolve(
    state: &AppState,
    reader: Reader,
    (of_repo, any): (&RunFilter, &Run),
    text: &str,
) -> Result<(Run, bool), ApiError> {
    let newest = async |filter: RunFilter| {
        let filter = RunFilter { status: Some(RunStatus::Succeeded), ..filter };
        Ok::<_, ApiError>(state.store.runs(reader, &filter, 1).await?.pop())
    };
    let repo = &any.repo;
    let none = |what: String, how: String| ApiError::NoDossier { what, how };
    match Name::of(text) {
        Name::Run(id) => {
            let run = state.store.run(reader, id).await?.map(|detail| detail.run);
            let run = run.filter(|run| run.repo_key == any.repo_key && run.status == RunStatus::Succeeded);
            let how = format!("name its commit, or ask for it again: ci-feed enqueue {repo} --sha COMMIT");
            Ok((run.ok_or_else(|| none(format!("no dossier of run {id} of {repo} is stored"), how))?, false))
        }
        Name::Commit(sha) => {
            if let Some(run) = newest(RunFilter { commit: Some(sha.clone()), ..of_repo.clone() }).await? {
                return Ok((run, false));
            }
            // A branch may be called like a commit.
            let events = Events::Of(text.to_owned());
            if let Some(run) = state.store.standing(reader, &RunFilter { events, ..of_repo.clone() }).await?.dossier {
                return Ok((run, false));
            }
            Err(none(
                format!("no dossier of commit {sha} of {repo} is stored"),
                format!("make one: ci-feed enqueue {repo} --sha {sha}, with the whole id"),
            ))
        }
        Name::Pull(number) => {
            let events = Events::OfPull(number);
            let run = newest(RunFilter { events, ..of_repo.clone() }).await?;
            let how = "GitHub delivers it again: push to it, or redeliver its webhook".to_owned();
            Ok((
                run.ok_or_else(|| none(format!("no dossier of pull request {number} of {repo} is stored"), how))?,
                false,
            ))
        }
        Name::Deployed(environment) => {
            let deployments = state.store.deployments(repo.owner(), repo.name()).await?;
            let Some(deployed) = deployments.iter().find(|one| one.environment == environment) else {
                let names: Vec<_> = deployments.iter().map(|one| format!("{:?}", one.environment)).collect();
                let names = if names.is_empty() { "none is known".to_owned() } else { names.join(", ") };
                return Err(ApiError::Invalid(format!(
                    "{environment:?} is no environment of {repo}: {names}; tell what runs where with POST /api/ci/deployments"
                )));
            };
            let sha = deployed.commit_sha.to_string();
            let run = newest(RunFilter { commit: Some(sha.clone()), ..of_repo.clone() }).await?;
            let what = format!("{environment:?} runs commit {sha} of {repo}, of which no dossier is stored");
            Ok((run.ok_or_else(|| none(what, format!("make one: ci-feed enqueue {repo} --sha {sha}")))?, false))
        }
        Name::Branch(branch) => {
            let filter = RunFilter { events: Events::Of(branch.to_owned()), ..of_repo.clone() };
            let standing = state.store.standing(reader, &filter).await?;
            if let Some(run) = standing.dossier {
                let is_behind = standing.newest.is_some_and(|newest| newest.commit_sha != run.commit_sha);
                return Ok((run, is_behind));
            }
            known_branch(state, reader, &filter).await?;
            let what = format!("no dossier of branch {branch:?} of {repo} is stored");
            let how = match standing.newest {
                Some(run) if run.finished_at.is_none() => format!("its run {} is {}", run.id, run.status.as_str()),
                Some(run) => format!("its run {} FAILED; repeat it: POST /api/ci/runs/{}/retry", run.id, run.id),
                None => format!("make one: ci-feed enqueue {repo} --ref {branch}"),
            };
            Err(none(what, how))
        }
    }
}
