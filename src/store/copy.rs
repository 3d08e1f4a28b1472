//! Moving to the other database: every row, in one transaction, into one that is empty.
//!
//! Rows travel as JSON objects, which Postgres turns into its types by itself. Whichever side is Postgres knows them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use super::columns::Id;
use super::db::{Tx, params};
use super::{Artifact, Store, StoreError};

/// Rows before those that refer to them. `ci_counts` is kept by the database itself, from the runs.
const TABLES: [&str; 22] = [
    "ci_runs",
    "ci_jobs",
    "ci_attempts",
    "ci_run_refs",
    "ci_dedupe",
    "ci_deliveries",
    "ci_signals",
    "ci_repos",
    "ci_repo_names",
    "ci_heads",
    "ci_privacy",
    "ci_branches",
    "ci_pulls",
    "ci_deployments",
    "ci_turns",
    "ci_deletions",
    "ci_ended_sessions",
    "ci_fact_places",
    "ci_facts",
    "ci_fact_events",
    "ci_fact_looks",
    "ci_outbox",
];
/// What is not copied row by row: these lines are made anew, or go with the files.
const OTHERS: [&str; 2] = ["ci_counts", "ci_artifacts"];
/// Where there is a row of these, somebody works there already.
const TELLING: [&str; 4] = ["ci_runs", "ci_deliveries", "ci_repos", "ci_branches"];
/// Rows that are in memory at once.
const ROWS_A_STEP: i64 = 500;

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Both are of one kind, for which there are better tools.
    #[error(
        "both databases are {0}; this moves from SQLite to Postgres or back (a SQLite file is copied while its server is stopped, Postgres by pg_dump)"
    )]
    SameKind(&'static str),
    /// The other database is somebody's.
    #[error("the database of --to is not empty: it has rows in {0}; give an empty one, nothing was changed in it")]
    NotEmpty(&'static str),
    /// A worker would settle what was copied as unsettled.
    #[error("{0} jobs are under way; stop every server of this database, or wait until their leases have ended")]
    Busy(i64),
    /// The two schemas are not the same, which is a fault of this program.
    #[error("{0} has other columns in the two databases; nothing was copied")]
    Schema(String),
    /// A statement failed.
    #[error("{table} could not be copied; the other database is as it was")]
    Table {
        /// At which table.
        table: &'static str,
        /// How.
        source: StoreError,
    },
    /// Either database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A copy that becomes visible with [`Copying::commit`].
pub struct Copying {
    from: Tx,
    to: Tx,
    /// Whether rows come from Postgres and not from SQLite.
    from_postgres: bool,
}

#[derive(FromRow)]
struct Column {
    name: String,
    kind: String,
}

impl Store {
    /// Begin to copy everything into an empty database of the other kind, while nobody works on either.
    ///
    /// # Errors
    /// [`CopyError`] when it is not empty, or a job is under way here.
    pub async fn begin_copy(&self, to: &Self) -> Result<Copying, CopyError> {
        if self.work.kind() == to.work.kind() {
            return Err(CopyError::SameKind(self.work.kind()));
        }
        let mut copying = Copying {
            from: self.work.begin("copy_from").await?,
            to: to.work.begin("copy_to").await?,
            from_postgres: self.work.kind() == "postgres",
        };
        // All of it as it is at one moment.
        copying.from.execute("{select 1|set transaction isolation level repeatable read}", params![]).await?;
        copying.check().await?;
        for table in TABLES.iter().rev() {
            copying.to.execute(format!("delete from {table}"), params![]).await?;
        }
        Ok(copying)
    }
}

impl Copying {
    async fn check(&mut self) -> Result<(), CopyError> {
        let (postgres, sqlite) = self.sides();
        let columns = "select table_name || '.' || column_name from information_schema.columns
             where table_schema = current_schema() and table_name like 'ci\\_%'";
        let theirs: Vec<(String,)> = postgres.rows(columns, params![]).await?;
        let columns = "select t.name || '.' || c.name from sqlite_master t, pragma_table_info(t.name) c
             where t.type = 'table' and t.name like 'ci\\_%' escape '\\'";
        let ours: Vec<(String,)> = sqlite.rows(columns, params![]).await?;
        let is_known = |column: &str| {
            let table = column.split('.').next().unwrap_or_default();
            TABLES.contains(&table) || OTHERS.contains(&table)
        };
        for (one, other) in [(&ours, &theirs), (&theirs, &ours)] {
            if let Some((column,)) = one.iter().find(|column| !other.contains(column) || !is_known(&column.0)) {
                return Err(CopyError::Schema(column.clone()));
            }
        }
        for table in TELLING {
            let row: Option<(i64,)> = self.to.row(format!("select count(*) from {table}"), params![]).await?;
            if row.is_some_and(|(rows,)| rows > 0) {
                return Err(CopyError::NotEmpty(table));
            }
        }
        let now = self.from.now().await?;
        let leased = "select count(*) from ci_jobs where status = 'LEASED' and leased_until > $1";
        match self.from.row(leased, params![now]).await? {
            Some((jobs,)) if jobs > 0 => Err(CopyError::Busy(jobs)),
            _ => Ok(()),
        }
    }

    /// The Postgres side and the SQLite side.
    fn sides(&mut self) -> (&mut Tx, &mut Tx) {
        if self.from_postgres { (&mut self.from, &mut self.to) } else { (&mut self.to, &mut self.from) }
    }

    /// Copy every table but that of the files; answers how many rows each had.
    ///
    /// # Errors
    /// [`CopyError::Table`]; dropped after it, the other database is as it was.
    pub async fn tables(&mut self) -> Result<Vec<(&'static str, u64)>, CopyError> {
        let mut copied = Vec::new();
        for table in TABLES {
            let rows = self.table(table).await.map_err(|source| CopyError::Table { table, source })?;
            let count = format!("select count(*) from {table}");
            for side in [&mut self.from, &mut self.to] {
                let there: Option<(i64,)> = side.row(count.clone(), params![]).await?;
                if there.and_then(|(there,)| u64::try_from(there).ok()) != Some(rows) {
                    return Err(CopyError::Schema(table.to_owned()));
                }
            }
            copied.push((table, rows));
        }
        Ok(copied)
    }

    async fn table(&mut self, table: &'static str) -> Result<u64, StoreError> {
        let sql =
            "select cast(column_name as text) as name, cast(data_type as text) as kind from information_schema.columns
             where table_schema = current_schema() and table_name = $1 order by ordinal_position";
        let columns: Vec<Column> = self.sides().0.rows(sql, params![table]).await?;
        if self.from_postgres {
            self.rows_to_sqlite(table, &columns).await
        } else {
            self.rows_to_postgres(table, &columns).await
        }
    }

    async fn rows_to_postgres(&mut self, table: &str, columns: &[Column]) -> Result<u64, StoreError> {
        let members: Vec<_> = columns
            .iter()
            .map(|Column { name, kind }| match kind.as_str() {
                "jsonb" => format!("'{name}', json({name})"),
                _ => format!("'{name}', {name}"),
            })
            .collect();
        let order = self.order(table).await?;
        let after: Vec<_> = (0..order.len()).map(|at| format!("json_extract($1, '$[{at}]')")).collect();
        let (order, after) = (order.join(", "), after.join(", "));
        // Another statement for the first rows: with a condition that is not always one the others would not use the key.
        let first = format!("select json_array({order}), json_object({}) from {table}", members.join(", "));
        let onwards = format!("{first} where ({order}) > ({after}) order by {order} limit $2");
        let first = format!("{first} where $1 is null order by {order} limit $2");
        let names = names(columns);
        let write =
            format!("insert into {table} ({names}) select {names} from jsonb_populate_recordset(null::{table}, $1)");
        let (mut after, mut copied) = (None::<String>, 0);
        loop {
            let read = if after.is_none() { &first } else { &onwards };
            let rows: Vec<(String, String)> = self.from.rows(read.clone(), params![after.clone(), ROWS_A_STEP]).await?;
            let Some((last, _)) = rows.last() else { return Ok(copied) };
            after = Some(last.clone());
            let rows: Vec<Value> = rows.iter().map(|(_, row)| parsed(row)).collect::<Result<_, _>>()?;
            copied += self.to.execute(write.clone(), params![Value::from(rows)]).await?;
        }
    }

    /// What the rows of a table of SQLite are ordered by, each once.
    async fn order(&mut self, table: &str) -> Result<Vec<String>, StoreError> {
        let sql = "select name from pragma_table_info($1) where pk > 0 order by pk";
        let key: Vec<(String,)> = self.from.rows(sql, params![table]).await?;
        Ok(if key.is_empty() { vec!["rowid".to_owned()] } else { key.into_iter().map(|(name,)| name).collect() })
    }

    async fn rows_to_sqlite(&mut self, table: &str, columns: &[Column]) -> Result<u64, StoreError> {
        let cursor = format!("declare copying cursor for select cast(to_jsonb(t) as text) from {table} t");
        let members: Vec<_> = columns.iter().map(|column| format!("value ->> '$.{}'", column.name)).collect();
        let write =
            format!("insert into {table} ({}) select {} from json_each($1)", names(columns), members.join(", "));
        self.from.execute(cursor, params![]).await?;
        let mut copied = 0;
        loop {
            let rows: Vec<(String,)> = self.from.rows(format!("fetch {ROWS_A_STEP} from copying"), params![]).await?;
            if rows.is_empty() {
                self.from.execute("close copying", params![]).await?;
                return Ok(copied);
            }
            let mut rows: Vec<Value> = rows.iter().map(|(row,)| parsed(row)).collect::<Result<_, _>>()?;
            let times = columns.iter().filter(|column| column.kind.starts_with("timestamp"));
            for Column { name, .. } in times {
                for row in &mut rows {
                    if let Some(time) = as_sqlite_writes(&row[name]) {
                        row[name] = time;
                    }
                }
            }
            copied += self.to.execute(write.clone(), params![Value::from(rows).to_string()]).await?;
        }
    }

    /// Runs that have files, in the order of their ids, each with the epoch of its job.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn runs_with_files(&mut self, after: Uuid) -> Result<Vec<(Uuid, i64)>, StoreError> {
        let sql = "select j.run_id, j.lease_epoch from ci_jobs j where j.run_id > $1
             and exists (select 1 from ci_artifacts a where a.run_id = j.run_id) order by j.run_id limit $2";
        let rows: Vec<(Id, i64)> = self.from.rows(sql, params![after, ROWS_A_STEP]).await?;
        Ok(rows.into_iter().map(|(id, epoch)| (id.into(), epoch)).collect())
    }

    /// The files of a run.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn files(&mut self, run_id: Uuid) -> Result<Vec<Artifact>, StoreError> {
        let sql = "select name, media_type, sha256, bytes from ci_artifacts where run_id = $1 order by name";
        self.from.rows(sql, params![run_id]).await
    }

    /// Name a file of a run in the other database, with its bytes where that keeps them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_file(&mut self, run_id: Uuid, file: &Artifact, body: Option<Vec<u8>>) -> Result<(), StoreError> {
        let sql =
            "insert into ci_artifacts (run_id, name, media_type, sha256, bytes, body) values ($1, $2, $3, $4, $5, $6)";
        let Artifact { name, media_type, sha256, bytes } = file;
        let row = params![run_id, name.as_str(), media_type.as_str(), sha256.as_str(), *bytes, body];
        self.to.execute(sql, row).await.map(drop)
    }

    /// Make the copy visible, all at once.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.to.commit().await
    }
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn parsed(row: &str) -> Result<Value, StoreError> {
    serde_json::from_str(row).map_err(|error| StoreError::Database(sqlx::Error::Decode(error.into())))
}

/// As SQLite's driver writes a time: texts are compared, so that one moment has one text.
fn as_sqlite_writes(time: &Value) -> Option<Value> {
    let time: DateTime<Utc> = time.as_str()?.parse().ok()?;
    Some(time.to_rfc3339_opts(SecondsFormat::AutoSi, false).into())
}
