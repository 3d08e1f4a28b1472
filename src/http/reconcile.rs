//! `POST /api/ci/reconcile`: make runs of what a webhook missed, in one repository or in a page of all known ones.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::extract::Json;
use super::{AppState, auth};
use crate::model::RepoName;
use crate::store::KnownRepo;
use crate::worker::Look;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReconcileBody {
    owner: Option<String>,
    repo: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

pub(super) async fn reconcile(
    State(state): State<AppState>,
    headers: HeaderMap,
    Json(body): Json<ReconcileBody>,
) -> Result<Answer<Value>, ApiError> {
    auth::require_write(&state.config, &headers)?;
    let only = match (body.owner, body.repo) {
        (Some(owner), Some(repo)) => Some(known(&state, &RepoName::parse(&owner, &repo)?).await?),
        (None, None) => None,
        _ => return Err(ApiError::Invalid("give owner and repo, or neither".into())),
    };
    let page = state.worker.reconcile(only, body.after.as_deref().unwrap_or_default()).await?;
    let repositories: Vec<_> = page.repositories.iter().map(view).collect();
    Ok(Answer(json!({ "ok": true, "repositories": repositories, "next": page.next })))
}

/// Only what a verified webhook told of: the token may be used to look at it.
async fn known(state: &AppState, repo: &RepoName) -> Result<KnownRepo, ApiError> {
    let unknown =
        || ApiError::Invalid(format!("no webhook has told of {repo} yet; enqueue one of its branches instead"));
    state.store.known_repo(repo).await?.ok_or_else(unknown)
}

fn view(look: &Look) -> Value {
    let mut value = json!({
        "repo": look.repo, "branches": look.branches, "left": look.left,
        "enqueued": look.enqueued,
    });
    if let Some((code, message)) = &look.failure {
        value["error_code"] = json!(code);
        value["error"] = json!(message);
    }
    value
}
