//! `GET /api/ci/runs/{id}/export/{name}`: a run's dossier in the forms of others, derived each time it is asked for.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use ci_feed_dossier::export::Export;
use ci_feed_dossier::v1::Dossier;
use uuid::Uuid;

use super::error::ApiError;
use super::extract::{MayRead, Path};
use super::{AppState, artifacts};
use crate::model::JsonView;

/// Most that a dossier takes that is exported, in bytes; what is made of it is of the same size at most.
const MAX_EXPORTED_BYTES: usize = 28 << 20;

pub(super) async fn show(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    headers: HeaderMap,
    Path((id, name)): Path<(Uuid, String)>,
) -> Result<Response, ApiError> {
    let dossier = artifacts::find(&state, reader, id, "dossier.json").await?;
    let export = Export::ALL.into_iter().find(|(known, _)| *known == name);
    let (name, export) = export.ok_or(ApiError::NotFound("an export of this name"))?;
    let tag = format!("W/\"{}-{name}\"", dossier.sha256);
    let body = async {
        let mut share = state.budgets.making.take(2 * MAX_EXPORTED_BYTES).await?;
        let bytes = state.artifacts.read(&state.store, id, &dossier).await?;
        let bytes = bytes.ok_or(ApiError::NotFound("this artifact"))?;
        let text = tokio::task::spawn_blocking(move || exported(&bytes, export)).await??;
        share.shrink_to(text.len());
        Ok(share.of_bytes(text.into_bytes(), None).into())
    };
    artifacts::file_response(&headers, export.media_type(), "inline", name, &tag, body).await
}

fn exported(dossier: &[u8], export: Export) -> Result<String, ApiError> {
    if JsonView::parse(dossier).map_or(0, JsonView::weight) > MAX_EXPORTED_BYTES {
        return Err(ApiError::Invalid(
            "this dossier is too large to be exported here; its dossier.json has all".into(),
        ));
    }
    let dossier: Dossier = serde_json::from_slice(dossier).map_err(|_| {
        ApiError::Invalid("exports are made of dossiers of the built-in analyzer; this run has another".into())
    })?;
    Ok(export.of(&dossier))
}
