//! Housekeeping after a tick, which does not wait for it: removes what crashed attempts left and what is past retention,
//! each in a bounded batch; when there is more than one batch of anything, the next tick continues.

use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use uuid::Uuid;

use super::Worker;
use super::folder::{is_worked_in, remove_until};
use crate::artifacts::Most;
use crate::config::sqlite_file;
use crate::model::Retention;
use crate::store::{Lane, StoreError};

/// How long the webhook log reaches back.
const KEEP_DELIVERIES: Duration = Duration::from_secs(30 * 24 * 3600);
/// How often a process looks for chores when the last look found little.
const CHORES_EVERY: Duration = Duration::from_secs(600);
/// Time that one round takes to remove folders at most.
const ROUND_TIME: Duration = Duration::from_secs(5);
/// Folders that one round removes, or looks up, at most.
const FOLDERS_A_ROUND: usize = 200;
/// Objects that one round looks up: as many as one answer of a store lists.
const OBJECTS_A_ROUND: usize = 1000;

/// When the last round was, and where among the artifacts and among the branches the next one goes on.
#[derive(Debug, Default)]
pub(super) struct Chores {
    pub(super) last: Option<Instant>,
    after: Option<String>,
    lane: Option<Lane>,
    /// The repository behind which the next look at facts begins.
    facts: String,
}

impl Worker {
    /// One round, unless the last one was a moment ago. Failing costs this round only.
    pub(super) async fn keep_house(&self) {
        if !self.chores_are_due() {
            return;
        }
        let mut more = self.forget().await.unwrap_or_else(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "runs and deliveries past retention were not removed"
            );
            false
        });
        let (folder, age) = (self.config.tmp_dir.clone(), self.config.lease * 2);
        let artifacts = self.artifacts.clone();
        let remove = move || remove_stale(&folder, age) + artifacts.remove_leftovers(age);
        let removed = tokio::task::spawn_blocking(remove).await.unwrap_or(0);
        if removed > 0 {
            tracing::info!("removed {removed} folders of attempts that never ended");
        }
        more |= removed >= FOLDERS_A_ROUND;
        if more {
            self.chores.lock().unwrap_or_else(PoisonError::into_inner).last = None;
        }
    }

    fn chores_are_due(&self) -> bool {
        let mut chores = self.chores.lock().unwrap_or_else(PoisonError::into_inner);
        let due = chores.last.is_none_or(|last| last.elapsed() > CHORES_EVERY);
        if due {
            chores.last = Some(Instant::now());
        }
        due
    }

    /// Answers whether there may be more to do.
    async fn forget(&self) -> Result<bool, StoreError> {
        let more_deletions = self.go_on_deleting().await?;
        let deliveries = self.store.prune_deliveries(KEEP_DELIVERIES).await?;
        let messages = self.store.prune_messages().await?;
        let more_lanes = self.sweep().await?;
        let more_folders = self.remove_orphans().await?;
        self.forget_deleted().await?;
        self.note_looks().await?;
        Ok(more_deletions || deliveries + messages > 0 || more_lanes || more_folders)
    }

    /// Remove what a settled run pushed out of its branches and pull requests.
    pub(super) async fn forget_pushed_out(&self, run_id: Uuid) {
        let forget = async {
            for lane in self.store.lanes(run_id).await? {
                let removed = self.store.prune_pushed_out(&lane, &self.config.retention).await?;
                self.removed(removed).await;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = forget.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "runs past retention were not removed");
        }
    }

    /// Look at one branch and pull request after the other for runs past retention; answers whether some are left for the
    /// next round.
    async fn sweep(&self) -> Result<bool, StoreError> {
        if self.config.retention == Retention::default() {
            return Ok(false);
        }
        let until = Instant::now() + ROUND_TIME;
        loop {
            let after = self.chores.lock().unwrap_or_else(PoisonError::into_inner).lane.clone();
            let lane = self.store.next_lane(after.as_ref()).await?;
            if let Some(lane) = &lane {
                let mut place = None;
                loop {
                    let began = Instant::now();
                    let (removed, next) = self.store.prune_lane(lane, &self.config.retention, place).await?;
                    let has_written = !removed.is_empty();
                    self.removed(removed).await;
                    // SQLite has no queue of writers: who begins again at once keeps the others out.
                    if has_written {
                        tokio::time::sleep(began.elapsed()).await;
                    }
                    place = next;
                    if place.is_none() {
                        break;
                    }
                    if Instant::now() > until {
                        return Ok(true);
                    }
                }
            }
            let is_last = lane.is_none();
            self.chores.lock().unwrap_or_else(PoisonError::into_inner).lane = lane;
            if is_last || Instant::now() > until {
                return Ok(!is_last);
            }
        }
    }

    /// Some repositories are looked at again, the next ones in the next round: whatever was missed.
    async fn note_looks(&self) -> Result<(), StoreError> {
        let after = self.chores.lock().unwrap_or_else(PoisonError::into_inner).facts.clone();
        let next = self.store.note_fact_looks(&after).await?.unwrap_or_default();
        self.chores.lock().unwrap_or_else(PoisonError::into_inner).facts = next;
        Ok(())
    }

    async fn removed(&self, runs: Vec<Uuid>) {
        if !runs.is_empty() {
            tracing::info!("removed {} runs past CI_RETENTION_RUNS or CI_RETENTION_DAYS", runs.len());
            self.artifacts.remove_runs(runs).await;
        }
    }

    /// Results whose run is gone, failed, or has others: a process ended between removing the one and the other, or between
    /// writing and COMMIT.
    async fn remove_orphans(&self) -> Result<bool, StoreError> {
        match self.artifacts.are_of(&database(self.config.database_url.expose())).await {
            Ok(true) => {}
            Ok(false) if self.artifacts.is_nowhere() => return Ok(false),
            unknown => {
                tracing::warn!(
                    "the place of CI_ARTIFACTS_URL is another database's, so results without a run are left alone; give each database a folder or prefix, or remove the file .database from it if that one is gone ({unknown:?})"
                );
                return Ok(false);
            }
        }
        let after = self.chores.lock().unwrap_or_else(PoisonError::into_inner).after.take();
        let most = Most { folders: FOLDERS_A_ROUND, objects: OBJECTS_A_ROUND };
        let Ok(listing) = self.artifacts.stored(after.as_deref(), self.config.lease * 2, most).await else {
            return Ok(false);
        };
        // Each look into a bucket costs a request, and orphans cost little: one a round.
        let more = listing.next.is_some() && self.artifacts.folder().is_some();
        self.chores.lock().unwrap_or_else(PoisonError::into_inner).after = listing.next;
        let mut orphans = Vec::new();
        for result in listing.results {
            if !self.store.keeps_artifacts(result.run_id, result.out_dir.as_deref()).await? {
                orphans.push(result);
            }
        }
        if !orphans.is_empty() {
            tracing::info!("removed {} results that belong to no run", orphans.len());
        }
        self.artifacts.remove(orphans).await;
        Ok(more)
    }
}

/// What tells one database from another, without a password.
fn database(url: &str) -> String {
    let file = sqlite_file(url).and_then(|file| std::path::absolute(file).ok());
    let place = file.map_or_else(
        || url.rsplit('@').next().unwrap_or_default().split('?').next().unwrap_or_default().to_owned(),
        |file| file.display().to_string(),
    );
    hex::encode(Sha256::digest(place))
}

/// Folders that no live attempt can own any more. Only names that we give: `CI_TMP_DIR` may be shared.
fn remove_stale(folder: &Path, age: Duration) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let oldest = SystemTime::now() - age;
    let ours = |entry: &std::fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap_or_default();
        name.starts_with("resolve-") || name.get(..36).is_some_and(|id| Uuid::parse_str(id).is_ok())
    };
    let stale =
        |entry: &std::fs::DirEntry| entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|at| at < oldest);
    let left = |entry: &std::fs::DirEntry| ours(entry) && stale(entry) && !is_worked_in(&entry.path());
    let leftovers = entries.flatten().filter(left).take(FOLDERS_A_ROUND);
    let until = std::time::Instant::now() + ROUND_TIME;
    leftovers.filter(|entry| remove_until(&entry.path(), until).is_ok()).count()
}
