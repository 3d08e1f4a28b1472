//! What explains the queue: signals, counts and ages, at a cost that does not grow with the number of rows.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};

use super::db::{Param, Tx, params};
use super::run::shown_name;
use super::{QueueHealth, Signal, Store, StoreError};
use crate::model::{SignalName, now};

/// Rows over which the number of webhooks is spread. Whoever counts holds a row until its transaction is written, and so
/// many come at once.
const ROWS_OF_WEBHOOKS: usize = 16;
static NEXT_ROW: AtomicUsize = AtomicUsize::new(0);
/// Stands between a signal's name and the number of its row.
const ROW: char = '#';

/// Count one more of something, in the caller's transaction.
pub(super) fn bump(tx: &mut Tx, name: SignalName, detail: Option<&str>, now: DateTime<Utc>) {
    bump_by(tx, name, 1, detail, now);
}

fn bump_by(tx: &mut Tx, name: SignalName, times: i64, detail: Option<&str>, now: DateTime<Utc>) {
    let row = match name {
        SignalName::Webhook => {
            let row = NEXT_ROW.fetch_add(1, Ordering::Relaxed) % ROWS_OF_WEBHOOKS;
            format!("{}{ROW}{row}", name.as_str())
        }
        name => name.as_str().to_owned(),
    };
    tx.later(
        "insert into ci_signals (name, count, last_at, detail) values ($1, $4, $2, $3)
         on conflict (name) do update set count = ci_signals.count + excluded.count, last_at = excluded.last_at,
             detail = excluded.detail",
        params![row, now, detail, times],
    );
}

/// One signal of its rows.
fn joined(rows: Vec<Signal>) -> Vec<Signal> {
    let mut signals: Vec<Signal> = Vec::new();
    for mut row in rows {
        row.name.truncate(row.name.find(ROW).unwrap_or(row.name.len()));
        match signals.iter_mut().find(|signal| signal.name == row.name) {
            None => signals.push(row),
            Some(signal) => {
                let count = signal.count + row.count;
                if row.last_at > signal.last_at {
                    *signal = row;
                }
                signal.count = count;
            }
        }
    }
    signals
}

/// How far back health looks for failures.
const RECENT_RUNS: i64 = 50;
const RECENT: &str = concat!(
    "select r.id, ",
    shown_name!(),
    ", r.status, r.error_code, r.private, j.attempts, r.created_at, r.finished_at
     from ci_runs r join ci_jobs j on j.run_id = r.id order by r.created_at desc, r.id desc limit $1"
);

const EXPIRED: &str = "select count(*) from ci_jobs where status = 'LEASED' and leased_until < $1";
/// Jobs that are counted; that there are more is as good an answer.
const COUNTED_JOBS: i64 = 10_000;
const DUE: &str = "select count(*) from (select 1 from ci_jobs {indexed by ci_jobs_ready|}
     where status = 'READY' and run_after <= $1 limit $2) due";
const READY: &str = "select count(*) from (select 1 from ci_jobs {indexed by ci_jobs_ready|}
     where status = 'READY' limit $1) waiting";

impl Store {
    /// Remember that something happened.
    pub async fn signal(&self, name: SignalName, detail: Option<&str>) -> Result<(), StoreError> {
        self.signal_many(name, 1, detail).await
    }

    /// Remember that something happened so many times, the last time now.
    pub async fn signal_many(&self, name: SignalName, times: i64, detail: Option<&str>) -> Result<(), StoreError> {
        let mut tx = self.work.begin("signal").await?;
        let now = tx.now().await?;
        bump_by(&mut tx, name, times, detail, now);
        tx.commit().await
    }

    /// Counts and times for the health page.
    pub async fn health(&self) -> Result<QueueHealth, StoreError> {
        let signals = "select name, count, last_at, detail from ci_signals order by name";
        let mut health = QueueHealth {
            kind: self.read.kind(),
            ready: self.count(READY, params![COUNTED_JOBS]).await?,
            leased: self.count("select count(*) from ci_jobs where status = 'LEASED'", params![]).await?,
            done: 0,
            dead: 0,
            oldest_ready_at: self.time("select min(created_at) from ci_jobs {indexed by ci_jobs_status_created_at|} where status = 'READY'").await?,
            next_due_at: self.time("select min(run_after) from ci_jobs {indexed by ci_jobs_ready|} where status = 'READY'").await?,
            expired_leases: self.count(EXPIRED, params![now()]).await?,
            recent_runs: self.read.rows(RECENT, params![RECENT_RUNS]).await?,
            signals: joined(self.read.rows(signals, params![]).await?),
            repositories: self.repositories().await?,
            messages: self.messages().await?,
        };
        // Counted as they are settled: the rows themselves may be a million.
        let total = |name| health.signal(name).map_or(0, |signal| signal.count);
        (health.done, health.dead) = (total(SignalName::SettledDone), total(SignalName::SettledDead));
        Ok(health)
    }

    /// Number of jobs that could be leased now; at most 10,000 are counted.
    pub async fn ready_count(&self) -> Result<i64, StoreError> {
        self.count(DUE, params![now(), COUNTED_JOBS]).await
    }

    /// The plan of a statement, one step a line.
    #[cfg(feature = "failpoints")]
    pub(super) async fn explain(&self, sql: String, params: Vec<Param>) -> Result<String, StoreError> {
        let sql = format!("{{explain query plan|explain}} {sql}");
        let steps: Vec<String> = if self.read.kind() == "sqlite" {
            let rows: Vec<(i64, i64, i64, String)> = self.read.rows(sql, params).await?;
            rows.into_iter().map(|(_, _, _, step)| step).collect()
        } else {
            self.read.rows(sql, params).await?.into_iter().map(|(step,)| step).collect()
        };
        Ok(steps.join("\n"))
    }

    async fn count(&self, sql: &'static str, params: Vec<Param>) -> Result<i64, StoreError> {
        Ok(self.read.row(sql, params).await?.map_or(0, |(n,)| n))
    }

    async fn time(&self, sql: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self.read.row(sql, params![]).await?.and_then(|(at,)| at))
    }
}
