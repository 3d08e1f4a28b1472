//! One way to talk to two databases: pools, transactions and parameters that read the same on both.
//!
//! The statements (`$1` style) are one text for both sides, see [`Sql`]. Rows come back through `sqlx::FromRow`, which
//! is derived once and holds for both. Nothing above `store/` sees this module.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, PgPool, Postgres, Sqlite, SqlitePool};
use uuid::Uuid;

use super::StoreError;
use super::condition::{Condition, Refusal};
use super::held::{BEGIN_POOLED, HeldConnection, timed};
use crate::failpoint::Steps;
use crate::model;

/// A statement. Where the databases need different words, `{words for SQLite|words for Postgres}` stands in its text:
/// an index hint on the one, a lock clause on the other.
pub(super) type Sql = Cow<'static, str>;

fn for_database(sql: Sql, is_sqlite: bool) -> AssertSqlSafe<Sql> {
    let mut parts = sql.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (words, rest) = part.split_once('}').expect("a placeholder is closed");
        let (sqlite, postgres) = words.split_once('|').expect("a placeholder has words for both databases");
        text.extend([if is_sqlite { sqlite } else { postgres }, rest]);
    }
    AssertSqlSafe(text.into())
}

/// A bound value; `None` is a typed NULL, which Postgres insists on.
#[derive(Debug, Clone)]
pub(super) enum Param {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(bool),
    Time(Option<DateTime<Utc>>),
    Id(Option<Uuid>),
    Json(Option<Value>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! param_from {
    ($($type:ty => $variant:ident),+ $(,)?) => {
        $(
            impl From<$type> for Param {
                fn from(value: $type) -> Self {
                    Self::$variant(Some(value.into()))
                }
            }
            impl From<Option<$type>> for Param {
                fn from(value: Option<$type>) -> Self {
                    Self::$variant(value.map(Into::into))
                }
            }
        )+
    };
}
param_from!(&str => Text, String => Text, i64 => Int, DateTime<Utc> => Time, Uuid => Id, Value => Json, Vec<u8> => Bytes);

impl From<bool> for Param {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// The values of `$1`, `$2` ... in order.
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::db::Param::from($value)),*] };
}
pub(super) use params;

type SqliteQuery = sqlx::query::Query<'static, Sqlite, SqliteArguments>;
type PgQuery = sqlx::query::Query<'static, Postgres, PgArguments>;

fn sqlite_query(sql: Sql, params: Vec<Param>) -> SqliteQuery {
    params.into_iter().fold(sqlx::query(for_database(sql, true)), |query, param| match param {
        Param::Text(value) => query.bind(value),
        Param::Int(value) => query.bind(value),
        Param::Bool(value) => query.bind(value),
        Param::Time(value) => query.bind(value),
        // As text, so that people can read the file.
        Param::Id(value) => query.bind(value.map(Uuid::hyphenated)),
        Param::Json(value) => query.bind(value.map(sqlx::types::Json)),
        Param::Bytes(value) => query.bind(value),
    })
}

/// Behind a pooler no name of a statement is one's own.
fn pg_query(sql: Sql, params: Vec<Param>, pooled: bool) -> PgQuery {
    let query = sqlx::query(for_database(sql, false)).persistent(!pooled);
    params.into_iter().fold(query, |query, param| match param {
        Param::Text(value) => query.bind(value),
        Param::Int(value) => query.bind(value),
        Param::Bool(value) => query.bind(value),
        Param::Time(value) => query.bind(value),
        Param::Id(value) => query.bind(value),
        Param::Json(value) => query.bind(value.map(sqlx::types::Json)),
        Param::Bytes(value) => query.bind(value),
    })
}

/// A row type that both databases can fill.
pub(super) trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// A pool of connections to either database.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) connections: DatabasePool,
    pub(super) condition: Arc<Condition>,
    /// Whether what is to be said at the forge is written down.
    pub(super) speaks: bool,
}

#[derive(Debug, Clone)]
pub(super) enum DatabasePool {
    Sqlite(SqlitePool),
    Postgres {
        pool: PgPool,
        /// Whether another transaction may be one of another session; see [`BEGIN_POOLED`].
        pooled: bool,
    },
}

impl Pool {
    /// Start a transaction that writes. On SQLite it takes the write lock at once: a deferred one fails when it
    /// wants to upgrade while another writes. `what` names its steps for the fault tests.
    pub(super) async fn begin(&self, what: &'static str) -> Result<Tx, StoreError> {
        self.condition.check()?;
        let begun = match &self.connections {
            DatabasePool::Sqlite(pool) => HeldConnection::begin(pool, "BEGIN IMMEDIATE").await.map(Inner::Sqlite),
            DatabasePool::Postgres { pool, pooled } => {
                let begin = if *pooled { BEGIN_POOLED } else { "BEGIN" };
                timed(HeldConnection::begin(pool, begin)).await.map(|held| Inner::Postgres { held, pooled: *pooled })
            }
        };
        let inner = begun.map_err(|error| self.condition.failed(error))?;
        Ok(Tx {
            inner,
            condition: Arc::clone(&self.condition),
            steps: Steps::of(what),
            speaks: self.speaks,
            later: Vec::new(),
        })
    }

    /// Read rows outside a transaction.
    pub(super) async fn rows<T: Row>(&self, sql: impl Into<Sql>, params: Vec<Param>) -> Result<Vec<T>, StoreError> {
        let sql = sql.into();
        Ok(match &self.connections {
            DatabasePool::Sqlite(pool) => collect(sqlite_query(sql, params).fetch_all(pool).await?)?,
            DatabasePool::Postgres { pool, pooled } => {
                let mut held = match pooled {
                    true => timed(HeldConnection::begin(pool, BEGIN_POOLED)).await?,
                    false => HeldConnection::acquire(pool).await?,
                };
                let rows = timed(pg_query(sql, params, *pooled).fetch_all(held.connection())).await?;
                if *pooled {
                    timed(held.commit()).await?;
                }
                held.done();
                collect(rows)?
            }
        })
    }

    /// The first row, if any.
    pub(super) async fn row<T: Row>(&self, sql: impl Into<Sql>, params: Vec<Param>) -> Result<Option<T>, StoreError> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// Which database this is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match &self.connections {
            DatabasePool::Sqlite(_) => "sqlite",
            DatabasePool::Postgres { .. } => "postgres",
        }
    }

    pub(super) fn is_postgres(&self) -> bool {
        matches!(self.connections, DatabasePool::Postgres { .. })
    }

    /// Whether a transaction pooler stands in front of Postgres.
    pub(super) fn is_pooled(&self) -> bool {
        matches!(self.connections, DatabasePool::Postgres { pooled: true, .. })
    }

    /// Why the database takes nothing, as far as it can be told without writing.
    pub(super) async fn refusal(&self) -> Result<Option<Refusal>, StoreError> {
        if let DatabasePool::Postgres { .. } = self.connections {
            let sql = "select current_setting('transaction_read_only') = 'on'";
            let read_only = self.row(sql, params![]).await?.is_some_and(|(read_only,)| read_only);
            let refused = self.condition.refusal().filter(|refusal| *refusal != Refusal::ReadOnly);
            return Ok(if read_only { Some(Refusal::ReadOnly) } else { refused });
        }
        Ok(self.condition.refusal())
    }

    pub(super) async fn close(&self) {
        match &self.connections {
            DatabasePool::Sqlite(pool) => pool.close().await,
            DatabasePool::Postgres { pool, .. } => pool.close().await,
        }
    }
}

/// An open transaction; dropped without [`Tx::commit`] it is rolled back.
#[derive(Debug)]
pub(super) struct Tx {
    inner: Inner,
    condition: Arc<Condition>,
    steps: Steps,
    speaks: bool,
    later: Vec<(Sql, Vec<Param>)>,
}

#[derive(Debug)]
enum Inner {
    Sqlite(HeldConnection<Sqlite>),
    Postgres { held: HeldConnection<Postgres>, pooled: bool },
}

impl Tx {
    /// Change rows before the next statement that is asked for its outcome. All that is put off to the same moment is one
    /// statement, since on Postgres each is a journey: none of it may have to see what another one changed.
    pub(super) fn later(&mut self, sql: impl Into<Sql>, params: Vec<Param>) {
        self.later.push((sql.into(), params));
    }

    /// What was put off, now.
    pub(super) async fn catch_up(&mut self) -> Result<(), StoreError> {
        if !self.later.is_empty() {
            let (sql, params) = together(std::mem::take(&mut self.later));
            self.change(sql, params).await?;
        }
        Ok(())
    }

    /// Change rows; answers how many.
    pub(super) async fn execute(&mut self, sql: impl Into<Sql>, params: Vec<Param>) -> Result<u64, StoreError> {
        self.catch_up().await?;
        self.change(sql.into(), params).await
    }

    async fn change(&mut self, sql: Sql, params: Vec<Param>) -> Result<u64, StoreError> {
        let changed = match &mut self.inner {
            Inner::Sqlite(tx) => {
                let done = sqlite_query(sql, params).execute(tx.connection()).await;
                done.map(|done| done.rows_affected())
            }
            Inner::Postgres { held, pooled } => {
                let done = timed(pg_query(sql, params, *pooled).execute(held.connection())).await;
                done.map(|done| done.rows_affected())
            }
        };
        let changed = changed.map_err(|error| self.condition.failed(error))?;
        self.steps.next().await.map_err(sqlx::Error::Io)?;
        Ok(changed)
    }

    /// Rows of a select or of a `returning` clause.
    pub(super) async fn rows<T: Row>(&mut self, sql: impl Into<Sql>, params: Vec<Param>) -> Result<Vec<T>, StoreError> {
        self.catch_up().await?;
        let sql = sql.into();
        let failed = |error| self.condition.failed(error);
        let rows = match &mut self.inner {
            Inner::Sqlite(tx) => collect(sqlite_query(sql, params).fetch_all(tx.connection()).await.map_err(failed)?)?,
            Inner::Postgres { held, pooled } => {
                let query = pg_query(sql, params, *pooled);
                collect(timed(query.fetch_all(held.connection())).await.map_err(failed)?)?
            }
        };
        self.steps.next().await.map_err(sqlx::Error::Io)?;
        Ok(rows)
    }

    /// The first row, if any.
    pub(super) async fn row<T: Row>(
        &mut self,
        sql: impl Into<Sql>,
        params: Vec<Param>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// Whether what is to be said at the forge is written down.
    pub(super) fn speaks(&self) -> bool {
        self.speaks
    }

    /// The time by which leases are judged: the database's own where several machines share it, the process clock
    /// where the database is a file on this machine.
    pub(super) async fn now(&mut self) -> Result<DateTime<Utc>, StoreError> {
        Ok(match &mut self.inner {
            Inner::Sqlite(_) => model::now(),
            Inner::Postgres { held, pooled } => {
                let query = sqlx::query_scalar("select clock_timestamp()").persistent(!*pooled);
                timed(query.fetch_one(held.connection())).await?
            }
        })
    }

    /// Something other than a statement happened inside the transaction.
    pub(super) async fn reach(&mut self, step: &str) -> Result<(), StoreError> {
        self.catch_up().await?;
        Ok(self.steps.named(step).await.map_err(sqlx::Error::Io)?)
    }

    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        self.reach("commit").await?;
        let failed = |error| self.condition.failed(error);
        match self.inner {
            Inner::Sqlite(mut tx) => {
                tx.commit().await.map_err(failed)?;
                // While the connection is held: with the last one the log goes.
                self.condition.check_committed()?;
                tx.done();
            }
            Inner::Postgres { mut held, .. } => {
                timed(held.commit()).await.map_err(failed)?;
                self.condition.check_committed()?;
                held.done();
            }
        }
        // An error here is a COMMIT whose answer was lost.
        self.steps.named("committed").await.map_err(sqlx::Error::Io)?;
        Ok(())
    }
}

/// Statements as one, their parameters numbered on.
fn together(statements: Vec<(Sql, Vec<Param>)>) -> (Sql, Vec<Param>) {
    let last = statements.len() - 1;
    let (mut text, mut params) = (String::new(), Vec::new());
    for (n, (sql, own)) in statements.into_iter().enumerate() {
        text += &match n {
            0 if last > 0 => "{|with step0 as (}".to_owned(),
            0 => String::new(),
            n if n == last => "{;|)} ".to_owned(),
            n => format!("{{;|), step{n} as (}} "),
        };
        let mut parts = sql.split('$');
        text += parts.next().unwrap_or_default();
        for part in parts {
            let digits = part.find(|next: char| !next.is_ascii_digit()).unwrap_or(part.len());
            let number: usize = part[..digits].parse().expect("a parameter has a number");
            text += &format!("${}{}", number + params.len(), &part[digits..]);
        }
        params.extend(own);
    }
    (text.into(), params)
}

fn collect<R, T>(rows: Vec<R>) -> Result<Vec<T>, StoreError>
where
    R: sqlx::Row,
    T: for<'r> FromRow<'r, R>,
{
    Ok(rows.iter().map(T::from_row).collect::<Result<_, _>>()?)
}
