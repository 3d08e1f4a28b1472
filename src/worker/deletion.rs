//! Deleting repositories: as much as fits into the call that asks for it, and the rest after later ticks.

use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

use super::Worker;
use crate::model::{MessageKind, RepoName};
use crate::store::{Deletion, StoreError};

/// Time that one call, and one round of housekeeping, takes for it at most.
const DELETING_TIME: Duration = Duration::from_secs(5);

/// How far a deletion got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Deleted {
    /// Runs that are gone since the call.
    pub deleted: i64,
    /// Runs that later ticks remove.
    pub left: i64,
    /// Whether nothing is left, of other rows either.
    pub done: bool,
}

impl Worker {
    /// Delete what is known of a repository; see [`Store::delete_repo`](crate::store::Store::delete_repo). `None` is one
    /// that is not known.
    ///
    /// # Errors
    /// When the database does not answer; what was begun goes on after a later tick.
    pub async fn delete_repo(&self, repo: &RepoName, id: Option<i64>) -> Result<Option<Deleted>, StoreError> {
        let Some(deletion) = self.store.delete_repo(repo, id).await? else { return Ok(None) };
        tracing::info!(%repo, runs = deletion.runs, "deleting a repository");
        // The caller may hang up: then the next tick goes on.
        self.chores.lock().unwrap_or_else(PoisonError::into_inner).last = None;
        let (deleted, done) = self.go_on(&deletion, Instant::now() + DELETING_TIME).await?;
        Ok(Some(Deleted { deleted, left: (deletion.runs - deleted).max(0), done }))
    }

    /// Go on with deletions that are under way; answers whether there may be more to do.
    pub(super) async fn go_on_deleting(&self) -> Result<bool, StoreError> {
        let until = Instant::now() + DELETING_TIME;
        for deletion in self.store.deletions().await? {
            if !self.go_on(&deletion, until).await?.1 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Answers how many runs are gone, and whether nothing is left.
    async fn go_on(&self, deletion: &Deletion, until: Instant) -> Result<(i64, bool), StoreError> {
        let (mut deleted, mut told) = (0, false);
        loop {
            let step = self.store.delete_on(deletion).await?;
            deleted += i64::try_from(step.runs.len()).unwrap_or(i64::MAX);
            self.artifacts.remove_runs(step.runs).await;
            if step.is_done {
                tracing::info!(repo = %deletion.repo, "deleted a repository");
                return Ok((deleted, true));
            }
            if Instant::now() > until || (step.waits && told) {
                return Ok((deleted, false));
            }
            if step.waits {
                self.speak(&[MessageKind::Status], DELETING_TIME).await;
                told = true;
            }
        }
    }
}
