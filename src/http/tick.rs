//! `POST /api/ci/worker/tick`: anyone may call it; it works on at most one job and says what it did.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::error::ApiError;
use super::{AppState, auth};
use crate::worker::{TickError, TickReport};

pub(super) async fn tick(State(state): State<AppState>, headers: HeaderMap) -> Result<Json<Value>, ApiError> {
    auth::require_same_site(&headers)?;
    let report = state.worker.tick().await.map_err(|error| match error {
        TickError::Store(error) => ApiError::Database(error),
        panicked => ApiError::Internal(panicked.into()),
    })?;
    Ok(Json(match report {
        TickReport::Processed { run_id, status, attempt, duration_ms, error, ready } => {
            let mut answer = json!({
                "ok": true, "processed": true, "run_id": run_id, "status": status, "attempt": attempt,
                "duration_ms": duration_ms, "ready": ready,
            });
            // A stranger may call this: what a private repository's job said is in the run, for those who may read it.
            if let Some((code, message)) = error {
                answer["error_code"] = json!(code);
                if auth::is_trusted(&state.config, &headers) {
                    answer["error"] = json!(message);
                }
            }
            answer
        }
        TickReport::Nothing { reason, next_due_in_seconds: None } => {
            json!({ "ok": true, "processed": false, "reason": reason })
        }
        TickReport::Nothing { reason, next_due_in_seconds } => {
            json!({ "ok": true, "processed": false, "reason": reason, "next_due_in_seconds": next_due_in_seconds })
        }
    }))
}
