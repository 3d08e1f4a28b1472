//! The one implementation of [`Store`]: each promise is kept in the file of its concern, for both databases alike.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::open::SqlStore;
use super::{
    Artifact, BaseQuery, BaseRun, Dedupe, Delivery, DeliveryRecord, Enqueued, Failure, Head, KnownRepo, Leasing,
    MissedHead, QueueHealth, RepoOverview, RunFilter, Store, StoreError, Success, Timings,
};
use crate::model::{Lease, NewRun, RepoName, Retention, Run, RunDetail, RunStatus};

#[async_trait]
impl Store for SqlStore {
    async fn enqueue(&self, run: &NewRun, delivery: Option<&Delivery>, dedupe: Dedupe) -> Result<Enqueued, StoreError> {
        self.enqueue_in_tx(run, delivery, dedupe).await
    }

    async fn record_ignored(&self, delivery: &Delivery, reason: &str) -> Result<(), StoreError> {
        self.log_ignored(delivery, reason).await
    }

    async fn lease_next(&self, worker: &str, lease_for: Duration) -> Result<Leasing, StoreError> {
        self.lease_in_tx(worker, lease_for).await
    }

    async fn heartbeat(&self, lease: &Lease, phase: &str, lease_for: Duration) -> Result<(), StoreError> {
        self.heartbeat_in_tx(lease, phase, lease_for).await
    }

    async fn settle_ok(&self, lease: &Lease, success: &Success<'_>, timings: Timings) -> Result<(), StoreError> {
        self.settle_ok_in_tx(lease, success, timings).await
    }

    async fn settle_failed(&self, lease: &Lease, failure: &Failure, timings: Timings) -> Result<RunStatus, StoreError> {
        self.settle_failed_in_tx(lease, failure, timings).await
    }

    async fn give_back(&self, lease: &Lease) -> Result<(), StoreError> {
        self.give_back_in_tx(lease).await
    }

    async fn release_orphans(&self) -> Result<u64, StoreError> {
        self.release_all_leases().await
    }

    async fn runs(&self, filter: &RunFilter, limit: i64) -> Result<Vec<Run>, StoreError> {
        self.list_runs(filter, limit).await
    }

    async fn run(&self, id: Uuid) -> Result<Option<RunDetail>, StoreError> {
        self.run_detail(id).await
    }

    async fn base_of(&self, run: &Run, query: &BaseQuery) -> Result<Option<BaseRun>, StoreError> {
        self.base_run(run, query).await
    }

    async fn repos(&self, include_private: bool) -> Result<Vec<RepoOverview>, StoreError> {
        self.repo_overviews(include_private).await
    }

    async fn deliveries(&self, id: Option<&str>, limit: i64) -> Result<Vec<DeliveryRecord>, StoreError> {
        self.delivery_log(id, limit).await
    }

    async fn artifacts(&self, run_id: Uuid) -> Result<Vec<Artifact>, StoreError> {
        self.artifact_list(run_id).await
    }

    async fn artifact_body(&self, run_id: Uuid, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.stored_body(run_id, name).await
    }

    async fn signal(&self, name: &str, detail: Option<&str>) -> Result<(), StoreError> {
        self.record_signal(name, detail).await
    }

    async fn health(&self) -> Result<QueueHealth, StoreError> {
        self.queue_health().await
    }

    async fn ready_count(&self) -> Result<i64, StoreError> {
        self.count_ready().await
    }

    async fn claim_repo_to_reconcile(&self, again_after: Duration) -> Result<Option<KnownRepo>, StoreError> {
        self.claim_repo(again_after).await
    }

    async fn known_repos(&self, after: &str, limit: i64) -> Result<Vec<KnownRepo>, StoreError> {
        self.list_known_repos(after, limit).await
    }

    async fn known_repo(&self, repo: &RepoName) -> Result<Option<KnownRepo>, StoreError> {
        self.find_known_repo(repo).await
    }

    async fn missed_heads(&self, repo: &RepoName, heads: &[Head]) -> Result<Vec<MissedHead>, StoreError> {
        self.heads_without_run(repo, heads).await
    }

    async fn is_private(&self, repo: &RepoName) -> Result<bool, StoreError> {
        self.repo_is_private(repo).await
    }

    async fn note_heads(&self, repo: &RepoName, heads: &[Head], all_branches: bool) -> Result<(), StoreError> {
        self.write_heads(repo, heads, all_branches).await
    }

    async fn note_skipped(&self, repo: &RepoName, head: &Head) -> Result<(), StoreError> {
        self.write_skipped(repo, head).await
    }

    async fn prune_deliveries(&self, older_than: Duration) -> Result<u64, StoreError> {
        self.prune_old_deliveries(older_than).await
    }

    async fn prune_runs(&self, retention: &Retention) -> Result<Vec<Uuid>, StoreError> {
        self.prune_old_runs(retention).await
    }

    async fn runs_without_artifacts(&self, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
        self.without_artifacts(ids).await
    }

    async fn close(&self) {
        self.intake.close().await;
        self.work.close().await;
        self.read.close().await;
    }
}
