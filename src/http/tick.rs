//! `POST /api/ci/worker/tick`: anyone may call it; it works on at most one job and says what it did.

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::Answer;
use super::error::ApiError;
use super::extract::SameSite;
use super::{AppState, auth};
use crate::model::{FaultCode, IdleReason, Reader, RunStatus};
use crate::worker::{TickError, TickReport};

#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Tick {
    Worked {
        processed: bool,
        run_id: Uuid,
        status: Option<RunStatus>,
        attempt: i64,
        duration_ms: u64,
        ready: i64,
        #[schema(nullable = false)]
        #[serde(skip_serializing_if = "Option::is_none")]
        error_code: Option<FaultCode>,
        #[schema(nullable = false)]
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    Rested {
        processed: bool,
        reason: IdleReason,
        #[schema(nullable = false)]
        #[serde(skip_serializing_if = "Option::is_none")]
        next_due_in_seconds: Option<i64>,
    },
}

pub(super) async fn tick(
    State(state): State<AppState>,
    _: SameSite,
    headers: HeaderMap,
) -> Result<Answer<Tick>, ApiError> {
    let report = state.worker.tick().await.map_err(|error| match error {
        TickError::Store(error) => ApiError::Database(error),
        panicked => ApiError::Internal(panicked.into()),
    })?;
    let tick = match report {
        TickReport::Processed { run_id, status, attempt, duration_ms, fault, ready } => {
            let error_code = fault.as_ref().map(|fault| fault.code);
            // A stranger may call this: the sentence of a private repository's job is in the run, for those who may
            // read it.
            let reader = auth::reader(&state, &headers).await;
            let error = fault.filter(|_| reader == Reader::Trusted).map(|fault| fault.message);
            Tick::Worked { processed: true, run_id, status, attempt, duration_ms, ready, error_code, error }
        }
        TickReport::Nothing { reason, next_due_in_seconds } => {
            Tick::Rested { processed: false, reason, next_due_in_seconds }
        }
    };
    Ok(tick.into())
}
