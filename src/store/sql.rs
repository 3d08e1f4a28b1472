//! The one implementation of [`Store`]: each promise is kept in the file of its concern, for both databases alike.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::open::SqlStore;
use super::{
    Artifact, BaseQuery, BaseRun, Dedupe, Delivery, DeliveryRecord, Enqueued, Failure, Leasing, QueueHealth,
    RepoOverview, RunFilter, Store, StoreError, Success, Timings,
};
use crate::model::{Lease, NewRun, Run, RunDetail, RunStatus};

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

    async fn prune_deliveries(&self, older_than: Duration) -> Result<u64, StoreError> {
        self.prune_old_deliveries(older_than).await
    }

    async fn close(&self) {
        self.intake.close().await;
        self.work.close().await;
        self.read.close().await;
    }
}
