//! `/api/ci/deployments`: which commit runs in which environment, so that "since production" is a comparison.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::AppState;
use super::answer::Answer;
use super::error::ApiError;
use super::extract::{Json, MayRead, MayWrite, Query};
use super::runs::given;
use crate::model::{CommitSha, MAX_TEXT_CHARS, Reader, RepoName, RunStatus};
use crate::store::{Deployment, RunFilter};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeploymentBody {
    owner: String,
    repo: String,
    environment: String,
    commit_sha: String,
}

/// What runs there now.
#[derive(Serialize, ToSchema)]
pub(super) struct Deployed {
    environment: String,
    commit_sha: CommitSha,
    /// The run of its dossier; none where that is not made yet.
    run_id: Option<Uuid>,
}

pub(super) async fn deploy(
    State(state): State<AppState>,
    _: MayWrite,
    Json(body): Json<DeploymentBody>,
) -> Result<Answer<Deployed>, ApiError> {
    let repo = RepoName::parse(&body.owner, &body.repo)?;
    let commit_sha = CommitSha::parse(&body.commit_sha)?;
    let environment = given(Some(body.environment.trim().to_owned()))?.unwrap_or_default();
    if environment.is_empty() || environment.chars().count() > MAX_TEXT_CHARS {
        return Err(ApiError::Invalid(format!("environment must be a name of at most {MAX_TEXT_CHARS} characters")));
    }
    let of_repo = RunFilter { owner: Some(body.owner), repo: Some(body.repo), ..RunFilter::default() };
    if state.store.runs(Reader::Trusted, &of_repo, 1).await?.is_empty() {
        return Err(ApiError::NotFound("this repository"));
    }
    state.store.deploy(repo.clone(), environment.clone(), commit_sha.clone()).await?;
    tracing::info!(%repo, commit = %commit_sha, environment, "deployed");
    let of_commit = RunFilter { commit: Some(commit_sha.to_string()), status: Some(RunStatus::Succeeded), ..of_repo };
    let run_id = state.store.runs(Reader::Trusted, &of_commit, 1).await?.pop().map(|run| run.id);
    Ok(Deployed { environment, commit_sha, run_id }.into())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DeploymentsQuery {
    owner: String,
    repo: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Deployments {
    deployments: Vec<Deployment>,
}

pub(super) async fn list(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Query(DeploymentsQuery { owner, repo }): Query<DeploymentsQuery>,
) -> Result<Answer<Deployments>, ApiError> {
    let (owner, repo) = (given(Some(owner))?, given(Some(repo))?);
    let of_repo = RunFilter { owner, repo, ..RunFilter::default() };
    let Some(run) = state.store.runs(reader, &of_repo, 1).await?.pop() else {
        return Err(ApiError::NotFound("this repository"));
    };
    Ok(Deployments { deployments: state.store.deployments(run.repo.owner(), run.repo.name()).await? }.into())
}
