//! One way to talk to two databases: pools, transactions and parameters that read the same on both.
//!
//! The statements (`$1` style) are one text for both sides, see [`Sql`]. Rows come back through `sqlx::FromRow`, which
//! is derived once and holds for both. Nothing above `store/` sees this module.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, PgPool, Postgres, Sqlite, SqlitePool};
use uuid::Uuid;

use super::StoreError;
use super::held::{Held, timed};
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
#[derive(Debug)]
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

fn pg_query(sql: Sql, params: Vec<Param>) -> PgQuery {
    params.into_iter().fold(sqlx::query(for_database(sql, false)), |query, param| match param {
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
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Pool {
    /// Start a transaction that writes. On SQLite it takes the write lock at once: a deferred one fails when it
    /// wants to upgrade while another writes. `what` names its steps for the fault tests.
    pub(super) async fn begin(&self, what: &'static str) -> Result<Tx, StoreError> {
        let inner = match self {
            Self::Sqlite(pool) => Inner::Sqlite(Held::begin(pool, "BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Inner::Postgres(timed(Held::begin(pool, "BEGIN")).await?),
        };
        Ok(Tx { inner, steps: Steps::of(what) })
    }

    /// Read rows outside a transaction.
    pub(super) async fn rows<T: Row>(&self, sql: impl Into<Sql>, params: Vec<Param>) -> Result<Vec<T>, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite(pool) => collect(sqlite_query(sql, params).fetch_all(pool).await?)?,
            Self::Postgres(pool) => {
                let mut held = Held::acquire(pool).await?;
                let rows = timed(pg_query(sql, params).fetch_all(held.connection())).await?;
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
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// An open transaction; dropped without [`Tx::commit`] it is rolled back.
#[derive(Debug)]
pub(super) struct Tx {
    inner: Inner,
    steps: Steps,
}

#[derive(Debug)]
enum Inner {
    Sqlite(Held<Sqlite>),
    Postgres(Held<Postgres>),
}

impl Tx {
    /// Change rows; answers how many.
    pub(super) async fn execute(&mut self, sql: impl Into<Sql>, params: Vec<Param>) -> Result<u64, StoreError> {
        let sql = sql.into();
        let changed = match &mut self.inner {
            Inner::Sqlite(tx) => sqlite_query(sql, params).execute(tx.connection()).await?.rows_affected(),
            Inner::Postgres(tx) => timed(pg_query(sql, params).execute(tx.connection())).await?.rows_affected(),
        };
        self.steps.next().await.map_err(sqlx::Error::Io)?;
        Ok(changed)
    }

    /// Rows of a select or of a `returning` clause.
    pub(super) async fn rows<T: Row>(&mut self, sql: impl Into<Sql>, params: Vec<Param>) -> Result<Vec<T>, StoreError> {
        let sql = sql.into();
        let rows = match &mut self.inner {
            Inner::Sqlite(tx) => collect(sqlite_query(sql, params).fetch_all(tx.connection()).await?)?,
            Inner::Postgres(tx) => collect(timed(pg_query(sql, params).fetch_all(tx.connection())).await?)?,
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

    /// The time by which leases are judged: the database's own where several machines share it, the process clock
    /// where the database is a file on this machine.
    pub(super) async fn now(&mut self) -> Result<DateTime<Utc>, StoreError> {
        Ok(match &mut self.inner {
            Inner::Sqlite(_) => model::now(),
            Inner::Postgres(tx) => {
                timed(sqlx::query_scalar("select clock_timestamp()").fetch_one(tx.connection())).await?
            }
        })
    }

    /// Something other than a statement happened inside the transaction.
    pub(super) async fn reach(&self, step: &str) -> Result<(), StoreError> {
        Ok(self.steps.named(step).await.map_err(sqlx::Error::Io)?)
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.reach("commit").await?;
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await?,
            Inner::Postgres(tx) => timed(tx.commit()).await?,
        }
        // An error here is a COMMIT whose answer was lost.
        self.steps.named("committed").await.map_err(sqlx::Error::Io)?;
        Ok(())
    }
}

fn collect<R, T>(rows: Vec<R>) -> Result<Vec<T>, StoreError>
where
    R: sqlx::Row,
    T: for<'r> FromRow<'r, R>,
{
    Ok(rows.iter().map(T::from_row).collect::<Result<_, _>>()?)
}
