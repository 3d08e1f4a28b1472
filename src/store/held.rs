//! A connection that cannot hold this process up, nor this process the others.
//!
//! A connection whose other end stopped answering (a frozen proxy, a failover, a black hole) answers neither with data
//! nor with an error, so every statement on Postgres has a time limit. The other way round the server ends a
//! transaction whose process stopped sending: it may hold the rows that every other process settles by.
//!
//! And a connection that was not given back in order is closed instead of being asked whether it is well: that question
//! may never be answered either, and SQLite rolls back by itself when its disk is full, after which a connection that
//! still counts a transaction as open refuses every other one.

use std::future::Future;
use std::io;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Database, Executor, PgConnection, Pool};

/// Longest wait for the answer to one statement on Postgres.
const STATEMENT_TIME: Duration = Duration::from_secs(10);

/// Settings of each Postgres session: a lock is not waited for longer than it takes until a silent
/// transaction that holds it is ended, and both are shorter than the shortest useful lease.
const SESSION: &str = "set statement_timeout = '10s'; set lock_timeout = '5s'; \
     set idle_in_transaction_session_timeout = '10s'";

/// The same for one transaction. Behind a transaction pooler a session is not one's own: what is set for it is another
/// client's next moment, and a statement that has a name, or is sent in two parts outside a transaction, is not found again.
pub(super) const BEGIN_POOLED: &str = "begin; set local statement_timeout = '10s'; set local lock_timeout = '5s'; \
     set local idle_in_transaction_session_timeout = '10s'";

/// Prepare a new connection to Postgres.
pub(super) async fn set_up(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(SESSION).execute(connection).await.map(drop)
}

/// A connection out of a pool; closed when dropped, unless it was [given back](Held::done).
#[derive(Debug)]
pub(super) struct HeldConnection<DB: Database> {
    connection: PoolConnection<DB>,
    done: bool,
}

impl<DB: Database> HeldConnection<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    pub(super) async fn acquire(pool: &Pool<DB>) -> Result<Self, sqlx::Error> {
        Ok(Self { connection: pool.acquire().await?, done: false })
    }

    /// With a transaction that `begin` opens.
    pub(super) async fn begin(pool: &Pool<DB>, begin: &'static str) -> Result<Self, sqlx::Error> {
        let mut held = Self::acquire(pool).await?;
        held.connection().execute(sqlx::raw_sql(begin)).await?;
        Ok(held)
    }

    /// End the transaction.
    pub(super) async fn commit(&mut self) -> Result<(), sqlx::Error> {
        self.connection().execute(sqlx::raw_sql("commit")).await.map(drop)
    }

    /// Nothing is under way on the connection: the pool may have it back.
    pub(super) fn done(mut self) {
        self.done = true;
    }

    /// The connection, for a statement.
    pub(super) fn connection(&mut self) -> &mut DB::Connection {
        &mut self.connection
    }
}

impl<DB: Database> Drop for HeldConnection<DB> {
    fn drop(&mut self) {
        if !self.done {
            self.connection.close_on_drop();
        }
    }
}

/// The answer of Postgres, or an error when it does not come.
pub(super) async fn timed<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    tokio::time::timeout(STATEMENT_TIME, answer)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the database is silent"))))
}
