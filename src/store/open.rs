//! Opening either database: pools, pragmas, migrations.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgConnection};

use super::db::Pool;
use super::{StoreError, held};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a caller waits for a connection before the database counts as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// The same for a delivery: GitHub waits ten seconds and does not repeat, so a burst queues for longer.
const INTAKE_TIMEOUT: Duration = Duration::from_secs(6);
/// How long SQLite waits for another process's write transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The queue and its memory, in either database. Each method is one transaction or one read.
///
/// Cheap to clone. Three pools, so that the webhook never waits behind ticks or feed reads.
#[derive(Debug, Clone)]
pub struct Store {
    /// Webhook and enqueue.
    pub(super) intake: Pool,
    /// Leases, heartbeats, settles.
    pub(super) work: Pool,
    /// Feed, health, artifacts.
    pub(super) read: Pool,
    /// Given to each new job.
    pub(super) max_attempts: i64,
}

impl Store {
    /// Connect to `sqlite:` or `postgres:` and bring the schema up to date.
    ///
    /// # Errors
    /// When the database cannot be reached, the file cannot be written, or a migration does not apply.
    pub async fn open(url: &str, max_attempts: i64) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            Self::open_sqlite(url, max_attempts).await
        } else {
            Self::open_postgres(url, max_attempts).await
        }
    }

    async fn open_sqlite(url: &str, max_attempts: i64) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)?
            .journal_mode(SqliteJournalMode::Wal)
            // An accepted webhook must survive a power cut, not only a crash of the process.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true);
        let pool =
            |size| SqlitePoolOptions::new().max_connections(size).acquire_timeout(ACQUIRE_TIMEOUT + BUSY_TIMEOUT);
        let work = pool(1).connect_with(options.clone()).await?;
        SQLITE.run(&work).await?;
        Ok(Self {
            intake: Pool::Sqlite(pool(1).connect_lazy_with(options.clone())),
            work: Pool::Sqlite(work),
            read: Pool::Sqlite(pool(4).connect_lazy_with(options)),
            max_attempts,
        })
    }

    async fn open_postgres(url: &str, max_attempts: i64) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?.application_name("ci-feed");
        // A migration may take as long as it needs: it runs on a connection without the pools' time limits.
        let mut migrating = PgConnection::connect_with(&options).await?;
        POSTGRES.run(&mut migrating).await?;
        migrating.close().await?;
        let pool = |size, patience| {
            PgPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(patience)
                .after_connect(|connection, _| Box::pin(held::set_up(connection)))
        };
        let work = pool(4, ACQUIRE_TIMEOUT).connect_with(options.clone()).await?;
        Ok(Self {
            intake: Pool::Postgres(pool(4, INTAKE_TIMEOUT).connect_lazy_with(options.clone())),
            work: Pool::Postgres(work),
            read: Pool::Postgres(pool(4, ACQUIRE_TIMEOUT).connect_lazy_with(options)),
            max_attempts,
        })
    }

    /// Close the connections.
    pub async fn close(&self) {
        for pool in [&self.intake, &self.work, &self.read] {
            pool.close().await;
        }
    }
}
