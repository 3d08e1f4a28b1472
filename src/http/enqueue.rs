//! `POST /api/ci/enqueue`, `POST /api/ci/runs/{id}/retry` and `.../cancel`: runs that a person asks for, or no longer.

use std::time::Duration;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::Answer;
use super::error::ApiError;
use super::extract::{Json, MayWrite, Path};
use super::{AppState, runs};
use crate::model::{CommitSha, EventType, GitRef, NewRun, Privacy, Reader, RepoName, RunStatus};
use crate::store::{Dedupe, Enqueued};

/// How long the git server may take to say where a branch is.
const RESOLVE_TIME: Duration = Duration::from_secs(20);

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct EnqueueBody {
    owner: String,
    repo: String,
    r#ref: Option<String>,
    /// The whole id; without it the current commit of the branch `ref`.
    commit_sha: Option<String>,
    /// Only `manual`.
    event_type: Option<String>,
    /// Whether the run is only made where its commit has none, and waits in turn.
    #[serde(default)]
    backfill: bool,
}

pub(super) async fn enqueue(
    State(state): State<AppState>,
    _: MayWrite,
    Json(body): Json<EnqueueBody>,
) -> Result<Answer<Enqueued>, ApiError> {
    if body.event_type.as_deref().is_some_and(|word| word != "manual") {
        return Err(ApiError::Invalid("event_type must be \"manual\"; other events come through the webhook".into()));
    }
    let repo = RepoName::parse(&body.owner, &body.repo)?;
    if !state.config.allows(&repo) {
        return Err(ApiError::Invalid(format!("{repo} is not in CI_REPO_ALLOWLIST")));
    }
    let given_ref = body.r#ref.filter(|text| !text.is_empty());
    let given_sha = body.commit_sha.filter(|text| !text.is_empty());
    let (git_ref, commit_sha, privacy) = match (given_ref, given_sha) {
        (None, None) if !body.backfill => {
            return Err(ApiError::Invalid("give commit_sha, or ref to take the branch's current commit".into()));
        }
        (git_ref, Some(sha)) => {
            let git_ref = GitRef::parse(git_ref.as_deref().unwrap_or("HEAD"))?;
            (git_ref, CommitSha::parse(&sha)?, state.worker.privacy_of_a_wish(&repo))
        }
        (git_ref, None) => {
            let git_ref = git_ref.as_deref().map(GitRef::parse).transpose()?;
            let resolved = state.worker.resolve_branch(&repo, git_ref.as_ref(), RESOLVE_TIME).await;
            resolved.map_err(ApiError::Remote)?
        }
    };
    // Of any age: that a commit has a dossier does not change.
    let dedupe = if body.backfill { Dedupe::Within(Duration::MAX) } else { Dedupe::WhileLive };
    answer(&state, &NewRun::new(repo, git_ref, commit_sha, EventType::Manual, privacy), dedupe).await
}

/// A new run of the same commit.
pub(super) async fn retry(
    State(state): State<AppState>,
    _: MayWrite,
    Path(id): Path<Uuid>,
) -> Result<Answer<Enqueued>, ApiError> {
    let old = runs::readable(&state, Reader::Trusted, id).await?.run;
    // What all could see they may see again; what was hidden is decided anew.
    let privacy = if old.private { Privacy::Undecided } else { Privacy::Readable };
    let run = NewRun {
        identity: old.identity(),
        pr_number: old.pr_number,
        base_sha: old.base_sha,
        base_ref: old.base_ref,
        title: old.title,
        author: old.author,
        // A repeated push may use the token that the push might have used.
        ..NewRun::new(old.repo, old.git_ref, old.commit_sha, old.event_type, privacy)
    };
    answer(&state, &run, Dedupe::WhileLive).await
}

/// What became of a run.
#[derive(Serialize, ToSchema)]
pub(super) struct Cancelled {
    run_id: Uuid,
    status: RunStatus,
}

/// A run that waits is given up.
pub(super) async fn cancel(
    State(state): State<AppState>,
    _: MayWrite,
    Path(id): Path<Uuid>,
) -> Result<Answer<Cancelled>, ApiError> {
    let run = runs::readable(&state, Reader::Trusted, id).await?.run;
    if !state.store.cancel(id).await? {
        return Err(ApiError::NotWaiting);
    }
    tracing::info!(run.id = %id, repo = %run.repo, commit = %run.commit_sha, "cancelled");
    Ok(Cancelled { run_id: id, status: RunStatus::Failed }.into())
}

async fn answer(state: &AppState, run: &NewRun, dedupe: Dedupe) -> Result<Answer<Enqueued>, ApiError> {
    let enqueued = state.store.enqueue(run, None, dedupe).await?;
    tracing::info!(run.id = %enqueued.run_id, repo = %run.repo, commit = %run.commit_sha, deduplicated = enqueued.deduplicated, "enqueued");
    Ok(enqueued.into())
}
