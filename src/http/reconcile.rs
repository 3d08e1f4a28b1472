//! `POST /api/ci/reconcile`: make runs of what a webhook missed, in one repository or in a page of all known ones.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::AppState;
use super::answer::Answer;
use super::error::ApiError;
use super::extract::{Json, MayWrite};
use crate::model::RepoName;
use crate::store::KnownRepo;
use crate::worker::ReconcilePage;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct ReconcileBody {
    owner: Option<String>,
    repo: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

pub(super) async fn reconcile(
    State(state): State<AppState>,
    _: MayWrite,
    Json(body): Json<ReconcileBody>,
) -> Result<Answer<ReconcilePage>, ApiError> {
    let only = match (body.owner, body.repo) {
        (Some(owner), Some(repo)) => Some(known(&state, &RepoName::parse(&owner, &repo)?).await?),
        (None, None) => None,
        _ => return Err(ApiError::Invalid("give owner and repo, or neither".into())),
    };
    Ok(state.worker.reconcile(only, body.after.as_deref().unwrap_or_default()).await?.into())
}

/// Only what a verified webhook named: the token may be used to look at it.
async fn known(state: &AppState, repo: &RepoName) -> Result<KnownRepo, ApiError> {
    let unknown = || {
        ApiError::Invalid(format!(
            "no webhook of {repo} has arrived yet, or the forge has it no more; else enqueue one of its branches"
        ))
    };
    state.store.known_repo(repo).await?.ok_or_else(unknown)
}
