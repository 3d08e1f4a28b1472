//! Handing out jobs: expired leases go back first, then what failed and is due again has a place, then the job that is
//! next (turn.rs) is taken.
//!
//! Steps in one short transaction instead of the specification's one OR: each reads one partial index, so that it
//! costs the same with a million settled jobs (docs/architecture.md, "Decisions").

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::columns::Id;
use super::db::{Tx, params};
use super::run::{RUN_COLUMNS, runs};
use super::settle::{AttemptKey, fail_attempt};
use super::{Lease, Leasing, Store, StoreError, Timings, turn};
use crate::model::{CLOCK_SKEW, Fault, FaultCode, Reader};

/// Expired leases that one call takes back at most; the next call takes the rest.
const EXPIRED: &str = "select id, run_id, class, attempts, max_attempts, lease_epoch, phase
     from ci_jobs {indexed by ci_jobs_leased|}
     where status = 'LEASED' and leased_until < $1 order by leased_until limit 20 {|for update skip locked}";

/// Of the classes behind `$4`, up to `$5`.
const LEASE: &str = "update ci_jobs set status = 'LEASED', attempts = attempts + 1, lease_epoch = lease_epoch + 1,
         leased_by = $2, leased_until = $3, renewed_at = $1, phase = 'leased'
     where id = (select id from ci_jobs {indexed by ci_jobs_turn|}
         where status = 'READY' and turn is not null and class > $4 and class <= $5 order by class, turn, run_after, id limit 1
         {|for update skip locked})
     returning id, run_id, class, attempts, max_attempts, lease_epoch, phase";

/// A job that is due and was not taken is one that another transaction is just taking: nobody has to wait for it.
const NEXT_DUE: &str = "select run_after from ci_jobs {indexed by ci_jobs_ready|}
     where status = 'READY' and run_after > $1 order by run_after limit 1";

/// Jobs that began to wait at a time that has not come yet: the clock was ahead then, and is right again. Those that are
/// due last, because one that was moved is among them.
const DISPLACED: &str = "update ci_jobs set run_after = $1
     where id in (select j.id from (select id, created_at from ci_jobs {indexed by ci_jobs_ready|}
             where status = 'READY' and run_after > $1 order by run_after desc, id desc limit 20 {|for update skip locked}) j
         where j.created_at > $2
             or exists (select 1 from ci_attempts a where a.job_id = j.id and a.finished_at > $2))";
/// Leases that were taken or prolonged at a time that has not come yet.
const AHEAD: &str = "select id, leased_until, renewed_at from ci_jobs {indexed by ci_jobs_leased|}
     where status = 'LEASED' and leased_until > $1 and renewed_at > $1
     order by leased_until limit 20 {|for update skip locked}";

#[derive(sqlx::FromRow)]
struct JobRow {
    #[sqlx(try_from = "Id")]
    id: Uuid,
    #[sqlx(try_from = "Id")]
    run_id: Uuid,
    class: String,
    attempts: i64,
    max_attempts: i64,
    lease_epoch: i64,
    phase: Option<String>,
}

impl Store {
    /// Take back expired leases, then hand the job that is next to this worker.
    pub async fn lease_next(&self, worker: &str, lease_for: Duration) -> Result<Leasing, StoreError> {
        self.lease_up_to("PAST", worker, lease_for).await
    }

    /// The same without what nothing stands at any more, for which nobody waits.
    pub async fn lease_ahead(&self, worker: &str, lease_for: Duration) -> Result<Leasing, StoreError> {
        self.lease_up_to("HEAD", worker, lease_for).await
    }

    async fn lease_up_to(&self, class: &str, worker: &str, lease_for: Duration) -> Result<Leasing, StoreError> {
        let mut tx = self.work.begin("lease").await?;
        let now = tx.now().await?;
        bring_back(&mut tx, now).await?;
        reap_expired(&mut tx, now).await?;
        turn::bring_in(&mut tx, now).await?;
        let until = now + TimeDelta::from_std(lease_for).unwrap_or(TimeDelta::MAX);
        let behind = if turn::was_asked(&mut tx, now).await? { "ASKED" } else { "" };
        let mut taken: Option<JobRow> = tx.row(LEASE, params![now, worker, until, behind, class]).await?;
        if taken.is_none() && !behind.is_empty() {
            taken = tx.row(LEASE, params![now, worker, until, "", class]).await?;
        }
        let Some(taken) = taken else {
            let due: Option<(DateTime<Utc>,)> = tx.row(NEXT_DUE, params![now]).await?;
            tx.commit().await?;
            return Ok(due.map_or(Leasing::Idle, |(run_after,)| Leasing::BackingOff {
                next_due_in_seconds: (run_after - now).num_seconds() + 1,
            }));
        };
        let lease = start_attempt(&mut tx, &taken, worker, now).await?;
        tx.commit().await?;
        Ok(Leasing::Leased(Box::new(lease)))
    }

    /// How the database finds the job that is next, and what has expired, in its own words.
    #[cfg(feature = "failpoints")]
    pub async fn plans_of_lease(&self) -> Result<Vec<String>, StoreError> {
        let now = crate::model::now();
        let mut plans = Vec::new();
        for (sql, params) in [
            (LEASE, params![now, "a worker", now, "", "PAST"]),
            (EXPIRED, params![now]),
            (NEXT_DUE, params![now]),
            (DISPLACED, params![now, now]),
            (AHEAD, params![now]),
        ] {
            plans.push(self.explain(sql.to_owned(), params).await?);
        }
        Ok(plans)
    }

    /// Prolong a lease and say what it is doing.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: stop working and write nothing more.
    pub async fn heartbeat(&self, lease: &Lease, phase: &str, lease_for: Duration) -> Result<(), StoreError> {
        let mut tx = self.work.begin("heartbeat").await?;
        let now = tx.now().await?;
        let until = now + TimeDelta::from_std(lease_for).unwrap_or(TimeDelta::MAX);
        let kept = tx
            .execute(
                "update ci_jobs set leased_until = $3, renewed_at = $5, phase = $4
                 where id = $1 and lease_epoch = $2 and status = 'LEASED'",
                params![lease.job_id, lease.epoch, until, phase, now],
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

/// A wait lasts no longer than it was meant to, wherever the clock went meanwhile.
async fn bring_back(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
    let moved = tx.execute(DISPLACED, params![now, now + CLOCK_SKEW]).await?;
    if moved > 0 {
        tracing::warn!("the clock was set back: {moved} jobs that waited for a time further on are due now");
    }
    // As long as their holders meant: leases of other processes may be longer than ours.
    let ahead: Vec<(Id, DateTime<Utc>, DateTime<Utc>)> = tx.rows(AHEAD, params![now + CLOCK_SKEW]).await?;
    for (id, until, renewed_at) in ahead {
        let ends = "update ci_jobs set leased_until = $2, renewed_at = $3 where id = $1";
        tx.execute(ends, params![Uuid::from(id), now + (until - renewed_at), now]).await?;
    }
    Ok(())
}

/// Jobs whose holder sent no heartbeat are READY again, or DEAD after the last attempt. An attempt counts once it is leased,
/// so that a job which kills its process stops as well.
async fn reap_expired(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
    let expired: Vec<JobRow> = tx.rows(EXPIRED, params![now]).await?;
    for job in expired {
        let doing = job.phase.as_deref().unwrap_or("working");
        let message = format!(
            "attempt {} of {} sent no heartbeat before its lease expired, while {doing}: its process ended or froze",
            job.attempts, job.max_attempts
        );
        let key = AttemptKey { job_id: job.id, run_id: job.run_id, epoch: job.lease_epoch };
        let fault = Fault::new(FaultCode::LeaseExpired, message);
        let retry_at = (job.attempts < job.max_attempts).then_some(now);
        fail_attempt(tx, key, "lease_expired", &fault, retry_at, Timings::default(), now).await?;
        tracing::warn!(job.id = %job.id, run.id = %job.run_id, retried = retry_at.is_some(), "took back an expired lease");
    }
    Ok(())
}

async fn start_attempt(tx: &mut Tx, taken: &JobRow, worker: &str, now: DateTime<Utc>) -> Result<Lease, StoreError> {
    tx.execute(
        "insert into ci_attempts (job_id, lease_epoch, attempt, leased_by, leased_at, asked)
         values ($1, $2, $3, $4, $5, $6)",
        params![taken.id, taken.lease_epoch, taken.attempts, worker, now, taken.class == "ASKED"],
    )
    .await?;
    tx.execute(
        "update ci_runs set status = 'RUNNING', started_at = coalesce(started_at, $2) where id = $1",
        params![taken.run_id, now],
    )
    .await?;
    let runs = runs(Reader::Trusted);
    let run = tx.row(format!("select {RUN_COLUMNS} from {runs} where r.id = $1"), params![taken.run_id]).await?;
    Ok(Lease {
        job_id: taken.id,
        epoch: taken.lease_epoch,
        attempt: taken.attempts,
        max_attempts: taken.max_attempts,
        run: run.ok_or(StoreError::Database(sqlx::Error::RowNotFound))?,
    })
}
