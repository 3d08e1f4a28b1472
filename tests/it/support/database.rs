//! A fresh database for each test: a SQLite file, or a database of one throwaway Postgres cluster per test process.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use ci_feed::store::Store;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};
use tempfile::TempDir;

use super::{find_program, free_port, not_run};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A database that nobody else uses.
pub(crate) struct TestDatabase {
    pub(crate) url: String,
    folder: Option<TempDir>,
}

impl TestDatabase {
    /// A database that is there already.
    pub(crate) fn at(url: String) -> Self {
        Self { url, folder: None }
    }

    /// Where the SQLite file lies.
    pub(crate) fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_ref().map(TempDir::path)
    }

    /// `None` where this machine has no Postgres server; that is said, and under CI it is a failure.
    pub(crate) async fn new(backend: Backend) -> Option<Self> {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
                Some(Self { url, folder: Some(folder) })
            }
            Backend::Postgres => {
                let base = cluster()?;
                static NEXT: AtomicUsize = AtomicUsize::new(0);
                let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
                let mut admin = PgConnection::connect(&format!("{base}/postgres")).await.unwrap();
                let create = AssertSqlSafe(format!("create database {name}"));
                sqlx::query(create).execute(&mut admin).await.unwrap();
                Some(Self { url: format!("{base}/{name}"), folder: None })
            }
        }
    }

    /// In memory where this machine has a folder for that: for tests that write very often.
    pub(crate) async fn in_memory(backend: Backend) -> Option<Self> {
        let memory = std::path::Path::new("/dev/shm");
        if backend == Backend::Postgres || !memory.is_dir() {
            return Self::new(backend).await;
        }
        let folder = tempfile::tempdir_in(memory).unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
        Some(Self { url, folder: Some(folder) })
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.url, 3).await.unwrap()
    }

    pub(crate) async fn probe(&self) -> Probe {
        Probe::connect(&self.url).await
    }
}

/// A connection of the test's own, to look behind the store and to age rows.
pub(crate) enum Probe {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Probe {
    pub(crate) async fn connect(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(url).await.unwrap();
            sqlx::query("pragma busy_timeout = 10000").execute(&mut connection).await.unwrap();
            Self::Sqlite(connection)
        } else {
            Self::Postgres(PgConnection::connect(url).await.unwrap())
        }
    }

    /// Whether the server still answers on this connection.
    pub(crate) async fn is_connected(&mut self) -> bool {
        match self {
            Self::Sqlite(connection) => connection.ping().await.is_ok(),
            Self::Postgres(connection) => connection.ping().await.is_ok(),
        }
    }

    pub(crate) async fn execute(&mut self, sql: &str) -> u64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => sqlx::query(sql).execute(connection).await.unwrap().rows_affected(),
            Self::Postgres(connection) => sqlx::query(sql).execute(connection).await.unwrap().rows_affected(),
        }
    }

    /// The first column of every row, as text.
    pub(crate) async fn texts(&mut self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => {
                let rows = sqlx::query(sql).fetch_all(connection).await.unwrap();
                rows.iter().map(|row| row.get::<String, _>(0)).collect()
            }
            Self::Postgres(connection) => {
                let rows = sqlx::query(sql).fetch_all(connection).await.unwrap();
                rows.iter().map(|row| row.get::<String, _>(0)).collect()
            }
        }
    }

    /// A single number.
    pub(crate) async fn number(&mut self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => sqlx::query(sql).fetch_one(connection).await.unwrap().get(0),
            Self::Postgres(connection) => sqlx::query(sql).fetch_one(connection).await.unwrap().get(0),
        }
    }

    /// Let every lease have ended and every waiting job and message be due.
    pub(crate) async fn time_passes(&mut self) {
        let past = match self {
            Self::Sqlite(_) => "'2001-01-01T00:00:00+00:00'",
            Self::Postgres(_) => "timestamptz '2001-01-01 00:00:00+00'",
        };
        self.execute(&format!("update ci_jobs set leased_until = {past} where status = 'LEASED'")).await;
        self.execute(&format!("update ci_jobs set run_after = {past} where status = 'READY'")).await;
        self.execute(&format!("update ci_outbox set run_after = {past} where done_at is null")).await;
        self.execute("delete from ci_signals where name = 'forge_waits'").await;
    }
}

/// The address of the cluster, started at first use and ended with this process.
fn cluster() -> Option<&'static str> {
    static CLUSTER: OnceLock<Option<String>> = OnceLock::new();
    let started = CLUSTER.get_or_init(|| {
        let bin = postgres_bin()?;
        Some(start_cluster(&bin))
    });
    started.as_deref()
}

/// Where the server's programs are; `None` where there is no server, which is said, and is a failure under CI.
pub(crate) fn postgres_bin() -> Option<std::path::PathBuf> {
    let Some(initdb) = find_program(&["initdb"]) else {
        not_run("every test on Postgres", "no Postgres server is installed");
        return None;
    };
    Some(std::fs::canonicalize(initdb).unwrap().parent().unwrap().to_owned())
}

/// initdb refuses to run as root, so then an unprivileged account does: `$as` runs a command as the owner of `$dir`.
pub(crate) const UNPRIVILEGED: &str = r#"as=""
        if [ "$(id -u)" = 0 ]; then
            user=$(id -un postgres 2>/dev/null || echo nobody)
            chown "$user" "$dir"
            as="setpriv --reuid=$user --regid=$(id -g $user) --clear-groups"
        fi"#;

/// The shell that waits on our pipe stops the
/// server and removes its folder when this process ends, however it ends.
fn start_cluster(bin: &std::path::Path) -> String {
    let port = free_port();
    let script = format!(
        r#"set -e
        dir=$(mktemp -d /tmp/ci-feed-pg-XXXXXX)
        {UNPRIVILEGED}
        cd "$dir"
        $as {bin}/initdb -D "$dir/data" -A trust -U postgres --no-sync >"$dir/initdb.log" 2>&1 || {{ cat "$dir/initdb.log" >&2; exit 1; }}
        $as {bin}/postgres -D "$dir/data" -p {port} -k "$dir" -c listen_addresses=127.0.0.1 -c fsync=off \
            -c max_connections=400 >"$dir/server.log" 2>&1 &
        pid=$!
        for _ in $(seq 300); do
            {bin}/pg_isready -q -h 127.0.0.1 -p {port} && break
            sleep 0.1
        done
        echo ready
        cat >/dev/null
        kill -INT $pid
        wait $pid || true
        rm -rf "$dir""#,
        bin = bin.display(),
    );
    let mut shell = Command::new("sh")
        .args(["-c", &script])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "ready", "the Postgres cluster did not start");
    // Its standard input closes with this process; until then the cluster lives.
    std::mem::forget(shell);
    format!("postgres://postgres@127.0.0.1:{port}")
}

/// Stamp each promise as a test on both databases.
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* $promise:ident),* $(,)?) => {
        mod on_sqlite {
            $($(#[$meta])* #[tokio::test(flavor = "multi_thread")] async fn $promise() {
                super::$promise(crate::support::database::Backend::Sqlite).await;
            })*
        }
        mod on_postgres {
            $($(#[$meta])* #[tokio::test(flavor = "multi_thread")] async fn $promise() {
                super::$promise(crate::support::database::Backend::Postgres).await;
            })*
        }
    };
}
pub(crate) use on_both_databases;
