//! Writing what must not be lost, again and again while the database is away for a moment.

use std::time::Duration;

use tokio::time::Instant;

use crate::store::StoreError;

/// First wait before a write is repeated; doubled each time.
const BACKOFF: Duration = Duration::from_millis(100);

/// What is written twice changes nothing more, so that a moment without the database does not cost a finished analysis.
pub(super) async fn persist<T, F>(until: Instant, mut write: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut wait = BACKOFF;
    loop {
        match write().await {
            Err(error @ (StoreError::Database(_) | StoreError::Refused(_))) if Instant::now() + wait < until => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "not stored yet: the database is away; trying again"
                );
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            other => return other,
        }
    }
}
