//! Handing out jobs: expired leases go back first, then the job that has been due longest is taken.
//!
//! Two steps in one short transaction instead of the specification's one OR: the same meaning, and each step reads one
//! partial index, so that it costs the same with a million settled jobs beside it (docs/architecture.md, "Decisions").

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::db::{Id, Sql, Tx, params};
use super::health::{SETTLED_DEAD, bump};
use super::rows::{RunRow, run_columns};
use super::{Leasing, Store, StoreError};
use crate::model::Lease;

/// Expired leases that one call takes back at most; the next call takes the rest.
macro_rules! expired_sql {
    ($index:literal, $lock:literal) => {
        concat!(
            "select id, run_id, attempts, max_attempts, lease_epoch, phase from ci_jobs ",
            $index,
            " where status = 'LEASED' and leased_until < $1 order by leased_until limit 20 ",
            $lock
        )
    };
}
const EXPIRED: Sql =
    Sql::split(expired_sql!("indexed by ci_jobs_leased", ""), expired_sql!("", "for update skip locked"));

macro_rules! lease_sql {
    ($index:literal, $lock:literal) => {
        concat!(
            "update ci_jobs set status = 'LEASED', attempts = attempts + 1, lease_epoch = lease_epoch + 1,
                 leased_by = $2, leased_until = $3, phase = 'leased'
             where id = (select id from ci_jobs ",
            $index,
            " where status = 'READY' and run_after <= $1 order by run_after, id limit 1 ",
            $lock,
            ") returning id, run_id, attempts, max_attempts, lease_epoch"
        )
    };
}
const LEASE: Sql = Sql::split(lease_sql!("indexed by ci_jobs_ready", ""), lease_sql!("", "for update skip locked"));

/// A job that is due and was not taken is one that another transaction is just taking: nobody has to wait for it.
macro_rules! next_due_sql {
    ($index:literal) => {
        concat!(
            "select run_after from ci_jobs ",
            $index,
            " where status = 'READY' and run_after > $1 order by run_after limit 1"
        )
    };
}
const NEXT_DUE: Sql = Sql::split(next_due_sql!("indexed by ci_jobs_ready"), next_due_sql!(""));

#[derive(sqlx::FromRow)]
struct Expired {
    id: Id,
    run_id: Id,
    attempts: i64,
    max_attempts: i64,
    lease_epoch: i64,
    phase: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Taken {
    id: Id,
    run_id: Id,
    attempts: i64,
    max_attempts: i64,
    lease_epoch: i64,
}

#[derive(sqlx::FromRow)]
struct Due {
    run_after: DateTime<Utc>,
}

impl Store {
    /// Take back expired leases, then hand the job that has been due longest to this worker.
    pub async fn lease_next(&self, worker: &str, lease_for: Duration) -> Result<Leasing, StoreError> {
        let mut tx = self.work.begin("lease").await?;
        let now = tx.now().await?;
        reap_expired(&mut tx, now).await?;
        let until = now + TimeDelta::from_std(lease_for).unwrap_or(TimeDelta::MAX);
        let taken: Option<Taken> = tx.row(LEASE, params![now, worker, until]).await?;
        let Some(taken) = taken else {
            let due: Option<Due> = tx.row(NEXT_DUE, params![now]).await?;
            tx.commit().await?;
            return Ok(due.map_or(Leasing::Idle, |due| Leasing::BackingOff {
                next_due_in_seconds: (due.run_after - now).num_seconds() + 1,
            }));
        };
        let lease = start_attempt(&mut tx, &taken, worker, now).await?;
        tx.commit().await?;
        Ok(Leasing::Leased(Box::new(lease)))
    }

    /// Prolong a lease and say what it is doing.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: stop working and write nothing more.
    pub async fn heartbeat(&self, lease: &Lease, phase: &str, lease_for: Duration) -> Result<(), StoreError> {
        let mut tx = self.work.begin("heartbeat").await?;
        let until = tx.now().await? + TimeDelta::from_std(lease_for).unwrap_or(TimeDelta::MAX);
        let kept = tx
            .execute(
                "update ci_jobs set leased_until = $3, phase = $4
                 where id = $1 and lease_epoch = $2 and status = 'LEASED'",
                params![lease.job_id, lease.epoch, until, phase],
            )
            .await?;
        if kept == 0 {
            return Err(StoreError::LeaseLost { job_id: lease.job_id });
        }
        tx.commit().await
    }

    /// Make every lease due at once. Only for a process that knows it is alone (SQLite, at start).
    pub async fn release_orphans(&self) -> Result<u64, StoreError> {
        let mut tx = self.work.begin("release").await?;
        let now = tx.now().await?;
        let released = tx
            .execute(
                "update ci_jobs set leased_until = $1 where status = 'LEASED' and leased_until > $1",
                params![now - TimeDelta::milliseconds(1)],
            )
            .await?;
        tx.commit().await?;
        Ok(released)
    }
}

/// Jobs whose holder went silent are READY again, or DEAD after the last attempt. An attempt counts once it is leased,
/// so that a job which kills its process stops as well.
async fn reap_expired(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
    let expired: Vec<Expired> = tx.rows(EXPIRED, params![now]).await?;
    for job in expired {
        let dead = job.attempts >= job.max_attempts;
        let doing = job.phase.as_deref().unwrap_or("working");
        let message = format!(
            "attempt {} of {} stopped without a word while {doing}: its process ended or froze and the lease ran out",
            job.attempts, job.max_attempts
        );
        tx.execute(
            "update ci_jobs set status = $2, finished_at = $3, run_after = $4, leased_until = null, leased_by = null,
                 phase = null, last_error = $5
             where id = $1",
            params![
                Uuid::from(job.id),
                if dead { "DEAD" } else { "READY" },
                dead.then_some(now),
                now,
                message.as_str()
            ],
        )
        .await?;
        tx.execute(
            "update ci_runs set status = $2, finished_at = $3, error = $4, error_code = 'LEASE_EXPIRED' where id = $1",
            params![
                Uuid::from(job.run_id),
                if dead { "FAILED" } else { "QUEUED" },
                dead.then_some(now),
                message.as_str()
            ],
        )
        .await?;
        tx.execute(
            "update ci_attempts set finished_at = $3, outcome = 'lease_expired', error_code = 'LEASE_EXPIRED', error = $4
             where job_id = $1 and lease_epoch = $2",
            params![Uuid::from(job.id), job.lease_epoch, now, message.as_str()],
        )
        .await?;
        if dead {
            bump(tx, SETTLED_DEAD, Some("LEASE_EXPIRED"), now).await?;
        }
        tracing::warn!(job.id = %Uuid::from(job.id), run.id = %Uuid::from(job.run_id), dead, "took back an expired lease");
    }
    Ok(())
}

async fn start_attempt(tx: &mut Tx, taken: &Taken, worker: &str, now: DateTime<Utc>) -> Result<Lease, StoreError> {
    let (job_id, run_id) = (Uuid::from(taken.id), Uuid::from(taken.run_id));
    tx.execute(
        "insert into ci_attempts (job_id, lease_epoch, attempt, leased_by, leased_at) values ($1, $2, $3, $4, $5)",
        params![job_id, taken.lease_epoch, taken.attempts, worker, now],
    )
    .await?;
    tx.execute(
        "update ci_runs set status = 'RUNNING', started_at = coalesce(started_at, $2) where id = $1",
        params![run_id, now],
    )
    .await?;
    let row: Option<RunRow> = tx
        .row(
            concat!("select ", run_columns!(), " from ci_runs r join ci_jobs j on j.run_id = r.id where r.id = $1"),
            params![run_id],
        )
        .await?;
    let run = row.ok_or(StoreError::Database(sqlx::Error::RowNotFound))?.into();
    Ok(Lease { job_id, epoch: taken.lease_epoch, attempt: taken.attempts, max_attempts: taken.max_attempts, run })
}
