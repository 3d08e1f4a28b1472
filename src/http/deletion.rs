//! `DELETE /api/ci/repos/{owner}/{repo}`: forget a repository with its runs and dossiers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::AppState;
use super::answer::Answer;
use super::error::ApiError;
use super::extract::{MayWrite, Path, Query};
use crate::model::RepoName;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DeletionQuery {
    /// The forge's number, for one that lost its name to another.
    id: Option<i64>,
}

pub(super) async fn delete(
    State(state): State<AppState>,
    _: MayWrite,
    Path((owner, repo)): Path<(String, String)>,
    Query(query): Query<DeletionQuery>,
) -> Result<Response, ApiError> {
    let repo = RepoName::parse(&owner, &repo).map_err(|_| ApiError::NotFound("this repository"))?;
    let deleted = state.worker.delete_repo(&repo, query.id).await?.ok_or(ApiError::NotFound("this repository"))?;
    let status = if deleted.done { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Answer::from(deleted)).into_response())
}
