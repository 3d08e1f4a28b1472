//! `GET /api/ci/runs/{id}/drift`: what a run's commit changed, against its stored base or against another run.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use ci_feed_dossier::drift;
use ci_feed_dossier::v1::Dossier;
use futures_util::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::Answer;
use super::artifacts::Loaded;
use super::budget::Share;
use super::error::ApiError;
use super::extract::{MayRead, Path, Query};
use super::{AppState, artifacts};
use crate::model::{JsonView, MAX_COMPARED_BYTES, Reader};
use crate::store::Artifact;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DriftQuery {
    /// Another run than the base that it was compared with.
    base: Option<Uuid>,
}

/// What a run's commit changed.
#[derive(Serialize, ToSchema)]
pub(super) struct RunDrift {
    /// The content of drift.json.
    #[schema(value_type = Object)]
    drift: (),
}

/// The text of an answer up to its drift, which is the last member.
pub(super) fn up_to_drift(answer: impl Serialize) -> String {
    let text = serde_json::to_string(&Answer::from(answer)).unwrap_or_default();
    text.trim_end_matches("null}").to_owned()
}

pub(super) async fn show(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Path(id): Path<Uuid>,
    Query(query): Query<DriftQuery>,
) -> Result<Response, ApiError> {
    let Some(base) = query.base else { return stored(&state, reader, id).await };
    let base = (base, artifacts::find(&state, reader, base, "dossier.json").await?);
    let head = (id, artifacts::find(&state, reader, id, "dossier.json").await?);
    let (share, drift) = between(&state, &base, &head, up_to_drift(RunDrift { drift: () })).await?;
    Ok((share.until_sent(), json(drift.into())).into_response())
}

/// What two dossiers differ in, behind the beginning of an answer that ends with it.
pub(super) async fn between(
    state: &AppState,
    base: &(Uuid, Artifact),
    head: &(Uuid, Artifact),
    before: String,
) -> Result<(Share, Vec<u8>), ApiError> {
    // One at a time, so that nobody holds one dossier and waits for the memory of the other.
    let turn = state.budgets.comparing.take(1).await?;
    let mut share = state.budgets.making.take(2 * MAX_COMPARED_BYTES).await?;
    let (base, head) = (bytes(state, base).await?, bytes(state, head).await?);
    // Nothing but the answer leaves the thread: what another one gives back would stay with it.
    let drift = tokio::task::spawn_blocking(move || compared(&base, &head, before)).await??;
    drop(turn);
    share.shrink_to(drift.len());
    Ok((share, drift))
}

/// As it was stored with the run, and as it is sent: whoever made it, no value is made of it.
async fn stored(state: &AppState, reader: Reader, id: Uuid) -> Result<Response, ApiError> {
    let stored = artifacts::find(state, reader, id, "drift.json").await.map_err(|error| match error {
        ApiError::NotFound("this artifact") => ApiError::NotFound("a base to compare this run with"),
        error => error,
    })?;
    let Loaded { bytes, share } = artifacts::load(state, id, &stored, 1).await?;
    let is_json = tokio::task::spawn_blocking(move || JsonView::parse(&bytes).is_some()).await?;
    drop(share);
    if !is_json {
        return Err(ApiError::Invalid("the drift.json of this run's analyzer is not JSON".into()));
    }
    let tag = HeaderValue::from_str(&format!("W/\"{}-drift\"", stored.sha256));
    let file = artifacts::sent(state, id, stored).await?;
    let part = |text: String| stream::once(std::future::ready(Ok(Bytes::from(text))));
    let (before, after) = (part(up_to_drift(RunDrift { drift: () })), part("}".to_owned()));
    let mut response = json(Body::from_stream(before.chain(file.into_data_stream()).chain(after)));
    tag.into_iter().for_each(|tag| drop(response.headers_mut().insert(header::ETAG, tag)));
    Ok(response)
}

pub(super) fn json(body: Body) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

async fn bytes(state: &AppState, (id, artifact): &(Uuid, Artifact)) -> Result<Vec<u8>, ApiError> {
    let bytes = state.artifacts.read(&state.store, *id, artifact).await?;
    bytes.ok_or(ApiError::NotFound("this artifact"))
}

/// The answer for two dossiers.
fn compared(base: &[u8], head: &[u8], before: String) -> Result<Vec<u8>, ApiError> {
    let weight = |dossier| JsonView::parse(dossier).map_or(0, JsonView::weight);
    if weight(base) + weight(head) > MAX_COMPARED_BYTES {
        return Err(ApiError::Invalid(
            "these dossiers are too large to be compared here; download both and use `ci-feed drift`".into(),
        ));
    }
    let dossier = |bytes| {
        serde_json::from_slice::<Dossier>(bytes).map_err(|_| {
            ApiError::Invalid("drift compares dossiers of the built-in analyzer; this run has another".into())
        })
    };
    let mut answer = before.into_bytes();
    serde_json::to_writer(&mut answer, &drift::between(&dossier(base)?, &dossier(head)?))
        .map_err(|error| ApiError::Internal(error.into()))?;
    answer.push(b'}');
    Ok(answer)
}
