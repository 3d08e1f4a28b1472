//! What explains the queue: signals, counts and ages, at a cost that does not grow with the number of rows.

use chrono::{DateTime, Utc};

use super::db::{Id, Tx, params};
use super::{QueueHealth, RecentRun, Signal, Store, StoreError};
use crate::model::RunStatus;

/// Signals that count settled jobs, raised in the transaction that settles them.
pub(super) const SETTLED_DONE: &str = "settled_done";
pub(super) const SETTLED_DEAD: &str = "settled_dead";

/// Count one more of something, in the caller's transaction.
pub(super) async fn bump(tx: &mut Tx, name: &str, detail: Option<&str>, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(
        "insert into ci_signals (name, count, last_at, detail) values ($1, 1, $2, $3)
         on conflict (name) do update set count = ci_signals.count + 1, last_at = excluded.last_at,
             detail = excluded.detail",
        params![name, now, detail],
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

#[derive(sqlx::FromRow)]
struct RecentRow {
    id: Id,
    repo_owner: String,
    repo_name: String,
    #[sqlx(try_from = "String")]
    status: RunStatus,
    error_code: Option<String>,
    private: bool,
    attempts: i64,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<RecentRow> for RecentRun {
    fn from(row: RecentRow) -> Self {
        let RecentRow { repo_owner, repo_name, status, error_code, private, attempts, created_at, finished_at, .. } =
            row;
        let id = row.id.into();
        Self { id, repo_owner, repo_name, status, error_code, private, attempts, created_at, finished_at }
    }
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

#[derive(sqlx::FromRow)]
struct Time {
    at: Option<DateTime<Utc>>,
}

impl Store {
    /// Remember that something happened.
    pub async fn signal(&self, name: &str, detail: Option<&str>) -> Result<(), StoreError> {
        let mut tx = self.work.begin("signal").await?;
        let now = tx.now().await?;
        bump(&mut tx, name, detail, now).await?;
        tx.commit().await
    }

    /// Counts and times for the health page.
    pub async fn health(&self) -> Result<QueueHealth, StoreError> {
        #[derive(sqlx::FromRow)]
        struct SignalRow {
            name: String,
            count: i64,
            last_at: DateTime<Utc>,
            detail: Option<String>,
        }
        let signals: Vec<SignalRow> =
            self.read.rows("select name, count, last_at, detail from ci_signals order by name", params![]).await?;
        let recent_runs: Vec<RecentRow> = self.read.rows(RECENT, params![RECENT_RUNS]).await?;
        let now = crate::model::now();
        let total = |name| signals.iter().find(|signal| signal.name == name).map_or(0, |signal| signal.count);
        Ok(QueueHealth {
            kind: self.read.kind(),
            ready: self.count("READY").await?,
            leased: self.count("LEASED").await?,
            // Counted as they are settled: the rows themselves may be a million.
            done: total(SETTLED_DONE),
            dead: total(SETTLED_DEAD),
            oldest_ready_at: self.time("select min(created_at) as at from ci_jobs where status = 'READY'").await?,
            next_due_at: self.time("select min(run_after) as at from ci_jobs where status = 'READY'").await?,
            expired_leases: self.expired(now).await?,
            recent_runs: recent_runs.into_iter().map(Into::into).collect(),
            signals: signals
                .into_iter()
                .map(|row| Signal { name: row.name, count: row.count, last_at: row.last_at, detail: row.detail })
                .collect(),
        })
    }

    /// Number of jobs that could be leased now.
    pub async fn ready_count(&self) -> Result<i64, StoreError> {
        let row: Option<Count> = self
            .read
            .row(
                "select count(*) as n from ci_jobs where status = 'READY' and run_after <= $1",
                params![crate::model::now()],
            )
            .await?;
        Ok(row.map_or(0, |row| row.n))
    }

    async fn count(&self, status: &'static str) -> Result<i64, StoreError> {
        let row: Option<Count> =
            self.read.row("select count(*) as n from ci_jobs where status = $1", params![status]).await?;
        Ok(row.map_or(0, |row| row.n))
    }

    async fn expired(&self, now: DateTime<Utc>) -> Result<i64, StoreError> {
        let row: Option<Count> = self
            .read
            .row("select count(*) as n from ci_jobs where status = 'LEASED' and leased_until < $1", params![now])
            .await?;
        Ok(row.map_or(0, |row| row.n))
    }

    async fn time(&self, sql: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let row: Option<Time> = self.read.row(sql, params![]).await?;
        Ok(row.and_then(|row| row.at))
    }
}
