//! Opening either database: pools, pragmas, migrations.

use std::str::FromStr as _;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};

use super::condition::{Condition, Refusal};
use super::db::{DatabasePool, Pool};
use super::version::CommitCounter;
use super::{StoreError, held};
use crate::config::sqlite_file;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
/// Applied under a lock of our own: sqlx's belongs to a session, which behind a transaction pooler is nobody's.
static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrator = sqlx::migrate!("migrations/postgres");
    migrator.set_locking(false);
    migrator
});

/// Only one process applies migrations.
const LOCK: &str = "select pg_advisory_xact_lock(7166514308)";
/// Nobody else's statements have the names that sqlx is about to use, nor have its own later on. Alone in its message: a
/// pooler that keeps statements itself has to see it.
const NO_STATEMENTS: &str = "deallocate all";
/// How often two sessions are compared before they count as two.
const POOLER_PROBES: usize = 3;

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
    /// Of SQLite.
    pub(super) watch: Option<CommitCounter>,
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
        let file = sqlite_file(url);
        let mode = |wanted: &str| url.split(['?', '&']).skip(1).any(|option| option == wanted);
        if let Some(missing) = file.as_ref().filter(|file| !file.exists() && !mode("mode=rwc")) {
            return Err(StoreError::NoFile(missing.clone()));
        }
        if mode("mode=ro") || mode("immutable=true") {
            return Err(StoreError::Refused(Refusal::ReadOnly));
        }
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
        let condition = Arc::new(Condition::of_file(file).map_err(sqlx::Error::Io)?);
        if condition.refusal() == Some(Refusal::ReadOnly) {
            return Err(StoreError::Refused(Refusal::ReadOnly));
        }
        // A file that is missing from now on was deleted: an empty one in its place would only hide that.
        let options = options.create_if_missing(false);
        let pool_of = |connections| Pool {
            connections: DatabasePool::Sqlite(connections),
            condition: Arc::clone(&condition),
            speaks: false,
        };
        Ok(Self {
            intake: pool_of(pool(1).connect_lazy_with(options.clone())),
            work: pool_of(work),
            read: pool_of(pool(4).connect_lazy_with(options.clone())),
            watch: Some(CommitCounter::new(options)),
            max_attempts,
        })
    }

    async fn open_postgres(url: &str, max_attempts: i64) -> Result<Self, StoreError> {
        // Poolers refuse this parameter of a start, and we store no such numbers.
        let options = PgConnectOptions::from_str(url)?.application_name("ci-feed").extra_float_digits(None);
        migrate(&options).await?;
        let pooled = url.contains("statement-cache-capacity=0") || is_pooled(&options).await?;
        if pooled {
            tracing::info!("a transaction pooler is in front of the database: each read is a transaction of its own");
        }
        let pool = |size, patience| {
            let options = PgPoolOptions::new().max_connections(size).acquire_timeout(patience);
            // What is set for a session would be set for whoever gets it next.
            match pooled {
                true => options,
                false => options.after_connect(|connection, _| Box::pin(held::set_up(connection))),
            }
        };
        let condition = Arc::new(Condition::default());
        let pool_of = |pool| Pool {
            connections: DatabasePool::Postgres { pool, pooled },
            condition: Arc::clone(&condition),
            speaks: false,
        };
        let work = pool(4, ACQUIRE_TIMEOUT).connect_with(options.clone()).await?;
        Ok(Self {
            intake: pool_of(pool(4, INTAKE_TIMEOUT).connect_lazy_with(options.clone())),
            work: pool_of(work),
            read: pool_of(pool(4, ACQUIRE_TIMEOUT).connect_lazy_with(options)),
            watch: None,
            max_attempts,
        })
    }

    /// Why the database takes nothing, as far as it can be told without writing.
    pub async fn refusal(&self) -> Option<Refusal> {
        // Where it does not even answer there is nothing more to say.
        self.read.refusal().await.unwrap_or_default()
    }

    /// Whether a transaction pooler is in front of the database.
    pub fn is_pooled(&self) -> bool {
        self.read.is_pooled()
    }

    /// Close the connections.
    pub async fn close(&self) {
        for pool in [&self.intake, &self.work, &self.read] {
            pool.close().await;
        }
        if let Some(watch) = &self.watch {
            watch.close().await;
        }
    }
}

/// Bring the schema up to date: in one transaction, so that a pooler keeps it on one session, and without the pools'
/// time limits.
async fn migrate(options: &PgConnectOptions) -> Result<(), StoreError> {
    let mut connection = PgConnection::connect_with(options).await?;
    let encoding: String = connection.fetch_one(sqlx::raw_sql("show server_encoding")).await?.try_get(0)?;
    if encoding != "UTF8" {
        return Err(StoreError::Encoding(encoding));
    }
    let mut tx = connection.begin().await?;
    tx.execute(sqlx::raw_sql(NO_STATEMENTS)).await?;
    tx.execute(sqlx::raw_sql(LOCK)).await?;
    POSTGRES.run(&mut *tx).await?;
    tx.execute(sqlx::raw_sql(NO_STATEMENTS)).await?;
    tx.commit().await?;
    Ok(connection.close().await?)
}

/// Whether two clients get the same session: then something hands out sessions by the transaction.
async fn is_pooled(options: &PgConnectOptions) -> Result<bool, StoreError> {
    let (mut one, mut other) = (PgConnection::connect_with(options).await?, PgConnection::connect_with(options).await?);
    let mut sessions = Vec::new();
    let mut pooled = false;
    for _ in 0..POOLER_PROBES {
        for (client, connection) in [(0, &mut one), (1, &mut other)] {
            let session: i32 = connection.fetch_one(sqlx::raw_sql("select pg_backend_pid()")).await?.try_get(0)?;
            // Another client's, or not the one that this client had before.
            pooled |= sessions.iter().any(|(of, seen)| (*of == client) != (*seen == session));
            sessions.push((client, session));
        }
    }
    one.close().await?;
    other.close().await?;
    Ok(pooled)
}
