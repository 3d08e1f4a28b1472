//! `GET /api/ci/runs/{id}/drift`: what a run's commit changed, against its stored base or against another run.

use axum::extract::State;
use ci_feed_dossier::drift;
use ci_feed_dossier::v1::Dossier;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::answer::Answer;
use super::error::ApiError;
use super::extract::{MayRead, Path, Query};
use super::{AppState, artifacts};
use crate::model::Reader;

/// Memory that a parsed dossier takes, as a multiple of its file.
const PARSED_SIZE: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DriftQuery {
    base: Option<Uuid>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Shown {
    /// As it was stored with the run.
    Stored(Value),
    Computed(Box<drift::v1::Drift>),
}

#[derive(Serialize)]
pub(super) struct DriftAnswer {
    drift: Shown,
}

pub(super) async fn show(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Path(id): Path<Uuid>,
    Query(query): Query<DriftQuery>,
) -> Result<Answer<DriftAnswer>, ApiError> {
    let Some(base) = query.base else {
        let stored = artifacts::find(&state, reader, id, "drift.json").await;
        let stored = stored.map_err(|error| match error {
            ApiError::NotFound("this artifact") => ApiError::NotFound("a base to compare this run with"),
            error => error,
        })?;
        let loaded = artifacts::load(&state, id, &stored, PARSED_SIZE).await?;
        let drift: Value = serde_json::from_slice(&loaded.bytes).map_err(|error| ApiError::Internal(error.into()))?;
        return Ok(DriftAnswer { drift: Shown::Stored(drift) }.into());
    };
    let (base, head) = (dossier(&state, reader, base).await?, dossier(&state, reader, id).await?);
    let compare = move || drift::between(&base, &head);
    let drift = tokio::task::spawn_blocking(compare).await?;
    Ok(DriftAnswer { drift: Shown::Computed(Box::new(drift)) }.into())
}

async fn dossier(state: &AppState, reader: Reader, id: Uuid) -> Result<Dossier, ApiError> {
    let artifact = artifacts::find(state, reader, id, "dossier.json").await?;
    let loaded = artifacts::load(state, id, &artifact, PARSED_SIZE).await?;
    let parsed = tokio::task::spawn_blocking(move || serde_json::from_slice(&loaded.bytes)).await?;
    parsed
        .map_err(|_| ApiError::Invalid("drift compares dossiers of the built-in analyzer; this run has another".into()))
}
