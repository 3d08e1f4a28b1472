//! The state of the database as one value: what was read while it had a version is still so while it has that one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::db::params;
use super::{Store, StoreError};

/// A state of the database, comparable within one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(String);

/// A connection to an SQLite file that never writes: it counts what all others commit, those of other processes, too
/// (<https://sqlite.org/pragma.html#pragma_data_version>). The counts of two connections mean nothing to each other.
#[derive(Debug, Clone)]
pub(super) struct CommitCounter {
    pool: SqlitePool,
    /// Connections that were opened, one after the other.
    opened: Arc<AtomicI64>,
}

impl CommitCounter {
    pub(super) fn new(file: SqliteConnectOptions) -> Self {
        let opened = Arc::new(AtomicI64::new(0));
        let count = Arc::clone(&opened);
        let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let pool = pool.after_connect(move |_, _| {
            count.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(()) })
        });
        Self { pool: pool.connect_lazy_with(file), opened }
    }

    async fn version(&self) -> Result<Version, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let commits: i64 = sqlx::query_scalar("pragma data_version").fetch_one(&mut *connection).await?;
        Ok(Version(format!("{} {commits}", self.opened.load(Ordering::SeqCst))))
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

impl Store {
    /// The version now, at the cost of one short question. On Postgres it also moves with what other databases of the
    /// server commit.
    pub async fn version(&self) -> Result<Version, StoreError> {
        if let Some(watch) = &self.watch {
            return Ok(watch.version().await?);
        }
        // Which transactions are visible: xmin, xmax and those between that are under way.
        let row: Option<(String,)> = self.read.row("select pg_current_snapshot()::text", params![]).await?;
        row.map(|(snapshot,)| Version(snapshot)).ok_or(StoreError::Database(sqlx::Error::RowNotFound))
    }
}
