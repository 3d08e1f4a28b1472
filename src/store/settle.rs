//! Ending an attempt, fenced by (job, epoch, LEASED): a worker that lost its lease changes nothing.

use std::io;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::db::{Tx, params};
use super::health::bump;
use super::{Failure, Lease, Store, StoreError, Success, Timings, fact_rows, outbox};
use crate::model::{Fault, FaultCode, JobStatus, RunStatus, SignalName};

const KEEP: &str =
    "insert into ci_artifacts (run_id, name, media_type, sha256, bytes, body) values ($1, $2, $3, $4, $5, $6)";

impl Store {
    /// Accept a result: DONE and SUCCEEDED, files included, in one transaction. Repeating it after an unclear
    /// answer is harmless.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] leaves everything as the other worker made it.
    pub async fn settle_ok(&self, lease: &Lease, success: &Success, timings: Timings) -> Result<(), StoreError> {
        let mut tx = self.work.begin("settle").await?;
        let now = tx.now().await?;
        // The job's row first: its lock is the gate that everything else stands behind.
        let passed = tx
            .execute(
                "update ci_jobs set status = 'DONE', finished_at = $3, leased_until = null, leased_by = null, phase = null
                 where id = $1 and lease_epoch = $2 and status = 'LEASED'",
                params![lease.job_id, lease.epoch, now],
            )
            .await?;
        if passed == 0 {
            return settled_by_us(&mut tx, lease).await;
        }
        tx.later(
            "update ci_runs set status = 'SUCCEEDED', finished_at = $2, out_dir = $3, summary_json = $4,
                 analyzer_version = $5, base_run_id = $6, title = coalesce(title, $7),
                 author = coalesce(author, $8), error = null, error_code = null
             where id = $1",
            params![
                lease.run.id,
                now,
                success.out_dir.as_str(),
                success.summary_json.clone(),
                success.analyzer_version.as_str(),
                success.base_run_id,
                success.title.clone(),
                success.author.clone()
            ],
        );
        for (artifact, body) in &success.artifacts {
            let row = params![
                lease.run.id,
                artifact.name.as_str(),
                artifact.media_type.as_str(),
                artifact.sha256.as_str(),
                artifact.bytes,
                body.clone()
            ];
            match body {
                None => tx.later(KEEP, row),
                // One at a time: each may be large.
                Some(_) => drop(tx.execute(KEEP, row).await?),
            }
        }
        end_attempt(&mut tx, lease.into(), "succeeded", None, timings, now);
        outbox::of_run(&mut tx, lease.run.id, now);
        outbox::of_dossier(&mut tx, lease.run.id, now);
        bump(&mut tx, SignalName::SettledDone, None, now);
        fact_rows::settled(&mut tx, &lease.run, (success.facts.as_ref(), &success.changes), now).await?;
        tx.reach("publishing").await?;
        let publish = Arc::clone(&success.publish);
        let published = tokio::task::spawn_blocking(move || publish()).await;
        published.unwrap_or_else(|panic| Err(io::Error::other(panic))).map_err(StoreError::Publish)?;
        tx.reach("published").await?;
        tx.commit().await
    }

    /// Record a failed attempt: READY again later, or DEAD and FAILED. Answers the run's state.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] leaves everything as the other worker made it.
    pub async fn settle_failed(
        &self,
        lease: &Lease,
        failure: &Failure,
        timings: Timings,
    ) -> Result<RunStatus, StoreError> {
        let mut tx = self.work.begin("fail").await?;
        let now = tx.now().await?;
        let retry_after = failure.retry_after.filter(|_| lease.attempt < lease.max_attempts);
        let retry_at = retry_after.map(|wait| now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX));
        fail_attempt(&mut tx, lease.into(), "failed", &failure.fault, retry_at, timings, now).await?;
        tx.commit().await?;
        Ok(if retry_at.is_some() { RunStatus::Queued } else { RunStatus::Failed })
    }

    /// Give up a run that waits; answers whether it did. One that is under way ends by itself.
    pub async fn cancel(&self, run_id: Uuid) -> Result<bool, StoreError> {
        let mut tx = self.work.begin("cancel").await?;
        let now = tx.now().await?;
        let (code, message) = (FaultCode::Cancelled.as_str(), "cancelled by hand while it waited");
        let gate = "update ci_jobs set status = 'DEAD', finished_at = $2, last_error = $3 where run_id = $1 and status = 'READY'";
        if tx.execute(gate, params![run_id, now, message]).await? == 0 {
            return Ok(false);
        }
        tx.later(
            "update ci_runs set status = 'FAILED', finished_at = $2, error = $3, error_code = $4 where id = $1",
            params![run_id, now, message, code],
        );
        outbox::of_run(&mut tx, run_id, now);
        bump(&mut tx, SignalName::SettledDead, Some(code), now);
        tx.commit().await?;
        Ok(true)
    }

    /// Return a job unharmed (shutdown): due at once, the attempt is not counted.
    pub async fn give_back(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut tx = self.work.begin("give_back").await?;
        let now = tx.now().await?;
        let passed = tx
            .execute(
                "update ci_jobs set status = 'READY', attempts = attempts - 1, run_after = $3, leased_until = null,
                     leased_by = null, phase = null
                 where id = $1 and lease_epoch = $2 and status = 'LEASED'",
                params![lease.job_id, lease.epoch, now],
            )
            .await?;
        if passed == 0 {
            return Err(StoreError::LeaseLost { job_id: lease.job_id });
        }
        tx.later("update ci_runs set status = 'QUEUED' where id = $1", params![lease.run.id]);
        end_attempt(&mut tx, lease.into(), "given_back", None, Timings::default(), now);
        tx.commit().await
    }
}

/// No row passed the gate. If the row says DONE under this very epoch, an earlier COMMIT of ours went through and only
/// its answer was lost; otherwise the lease is another's.
async fn settled_by_us(tx: &mut Tx, lease: &Lease) -> Result<(), StoreError> {
    let sql = "select lease_epoch from ci_jobs where id = $1 and status = 'DONE'";
    let done: Option<(i64,)> = tx.row(sql, params![lease.job_id]).await?;
    match done {
        Some((epoch,)) if lease.epoch == epoch => Ok(()),
        _ => Err(StoreError::LeaseLost { job_id: lease.job_id }),
    }
}

/// Which attempt of which job.
#[derive(Clone, Copy)]
pub(super) struct AttemptKey {
    pub(super) job_id: Uuid,
    pub(super) run_id: Uuid,
    pub(super) epoch: i64,
}

impl From<&Lease> for AttemptKey {
    fn from(lease: &Lease) -> Self {
        Self { job_id: lease.job_id, run_id: lease.run.id, epoch: lease.epoch }
    }
}

/// The job is READY again at `retry_at`, or DEAD.
pub(super) async fn fail_attempt(
    tx: &mut Tx,
    key: AttemptKey,
    outcome: &str,
    fault: &Fault,
    retry_at: Option<DateTime<Utc>>,
    timings: Timings,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (job_status, run_status) = match retry_at {
        Some(_) => (JobStatus::Ready, RunStatus::Queued),
        None => (JobStatus::Dead, RunStatus::Failed),
    };
    let (code, message) = (fault.code.as_str(), fault.message.as_str());
    let (finished_at, run_after) = (retry_at.is_none().then_some(now), retry_at.unwrap_or(now));
    let passed = tx
        .execute(
            "update ci_jobs set status = $3, finished_at = $4, run_after = $5, turn = null, leased_until = null,
                 leased_by = null, phase = null, last_error = $6
             where id = $1 and lease_epoch = $2 and status = 'LEASED'",
            params![key.job_id, key.epoch, job_status.as_str(), finished_at, run_after, message],
        )
        .await?;
    if passed == 0 {
        return Err(StoreError::LeaseLost { job_id: key.job_id });
    }
    tx.later(
        "update ci_runs set status = $2, finished_at = $3, error = $4, error_code = $5 where id = $1",
        params![key.run_id, run_status.as_str(), finished_at, message, code],
    );
    end_attempt(tx, key, outcome, Some(fault), timings, now);
    if retry_at.is_none() {
        outbox::of_run(tx, key.run_id, now);
        bump(tx, SignalName::SettledDead, Some(code), now);
    }
    Ok(())
}

fn end_attempt(
    tx: &mut Tx,
    key: AttemptKey,
    outcome: &str,
    fault: Option<&Fault>,
    timings: Timings,
    now: DateTime<Utc>,
) {
    tx.later(
        "update ci_attempts set finished_at = $3, outcome = $4, error_code = $5, error = $6, fetch_ms = $7, analyze_ms = $8,
             sandbox = $9, base_error = $10
         where job_id = $1 and lease_epoch = $2",
        params![
            key.job_id,
            key.epoch,
            now,
            outcome,
            fault.map(|fault| fault.code.as_str()),
            fault.map(|fault| fault.message.as_str()),
            timings.fetch_ms,
            timings.analyze_ms,
            timings.sandbox,
            timings.base_error
        ],
    );
}
