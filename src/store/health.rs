//! What explains the queue: signals, counts and ages, at a cost that does not grow with the number of rows.

use chrono::{DateTime, Utc};

use super::db::{Param, Tx, params};
use super::{QueueHealth, Signal, Store, StoreError};
use crate::model::{JobStatus, SignalName, now};

/// Count one more of something, in the caller's transaction.
pub(super) async fn bump(
    tx: &mut Tx,
    name: SignalName,
    detail: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into ci_signals (name, count, last_at, detail) values ($1, 1, $2, $3)
         on conflict (name) do update set count = ci_signals.count + 1, last_at = excluded.last_at,
             detail = excluded.detail",
        params![name.as_str(), now, detail],
    )
    .await?;
    Ok(())
}

/// How far back health looks for failures.
const RECENT_RUNS: i64 = 50;
const RECENT: &str =
    "select r.id, r.repo_owner, r.repo_name, r.status, r.error_code, r.private, j.attempts, r.created_at,
         r.finished_at
     from ci_runs r join ci_jobs j on j.run_id = r.id order by r.created_at desc, r.id desc limit $1";

const EXPIRED: &str = "select count(*) from ci_jobs where status = 'LEASED' and leased_until < $1";
const DUE: &str = "select count(*) from ci_jobs where status = 'READY' and run_after <= $1";

impl Store {
    /// Remember that something happened.
    pub async fn signal(&self, name: SignalName, detail: Option<&str>) -> Result<(), StoreError> {
        let mut tx = self.work.begin("signal").await?;
        let now = tx.now().await?;
        bump(&mut tx, name, detail, now).await?;
        tx.commit().await
    }

    /// Counts and times for the health page.
    pub async fn health(&self) -> Result<QueueHealth, StoreError> {
        let signals = "select name, count, last_at, detail from ci_signals order by name";
        let mut health = QueueHealth {
            kind: self.read.kind(),
            ready: self.jobs(JobStatus::Ready).await?,
            leased: self.jobs(JobStatus::Leased).await?,
            done: 0,
            dead: 0,
            oldest_ready_at: self.time("select min(created_at) from ci_jobs where status = 'READY'").await?,
            next_due_at: self.time("select min(run_after) from ci_jobs where status = 'READY'").await?,
            expired_leases: self.count(EXPIRED, params![now()]).await?,
            recent_runs: self.read.rows(RECENT, params![RECENT_RUNS]).await?,
            signals: self.read.rows::<Signal>(signals, params![]).await?,
        };
        // Counted as they are settled: the rows themselves may be a million.
        let total = |name| health.signal(name).map_or(0, |signal| signal.count);
        (health.done, health.dead) = (total(SignalName::SettledDone), total(SignalName::SettledDead));
        Ok(health)
    }

    /// Number of jobs that could be leased now.
    pub async fn ready_count(&self) -> Result<i64, StoreError> {
        self.count(DUE, params![now()]).await
    }

    async fn jobs(&self, status: JobStatus) -> Result<i64, StoreError> {
        self.count("select count(*) from ci_jobs where status = $1", params![status.as_str()]).await
    }

    async fn count(&self, sql: &'static str, params: Vec<Param>) -> Result<i64, StoreError> {
        Ok(self.read.row(sql, params).await?.map_or(0, |(n,)| n))
    }

    async fn time(&self, sql: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self.read.row(sql, params![]).await?.and_then(|(at,)| at))
    }
}
