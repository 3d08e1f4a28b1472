//! Which files are one sequence of migrations and in which order their tool runs them. Nothing is read here but paths.

use crate::tree::path::folder_of;
use std::cmp::Ordering;

/// Folders below which everything is one sequence.
const ROOTS: &[&str] = &[
    "migrations",
    "migration",
    "migrate",
    "dbmigrations",
    "db-migrations",
    "db_migrations",
    "evolutions",
    "changelog",
    "alterations",
    "changelogs",
    "versions",
    "schema_migrations",
    "migration_scripts",
    "sql-migrations",
    "upgrades",
    "delta",
    "deltas",
    "sql_migrations",
    "pg-migrations",
    "pg_migrations",
];

/// Folders and parts of file names that tell databases apart.
pub(super) const DIALECTS: &[&str] = &[
    "postgres",
    "postgresql",
    "pg",
    "psql",
    "mysql",
    "mariadb",
    "sqlite",
    "sqlite3",
    "mssql",
    "sqlserver",
    "oracle",
    "h2",
    "cockroach",
    "cockroachdb",
    "clickhouse",
    "hsqldb",
    "db2",
    "derby",
    "tidb",
    "yugabyte",
    "cassandra",
    "postgresdb",
    "mysqldb",
    "common",
    "libsql",
    "duckdb",
    "spanner",
    "crdb",
];

/// The folder whose files are replayed as one; `None` when the path is in no such folder.
pub(super) fn root(path: &str) -> Option<&str> {
    let folders = folder_of(path);
    let mut end = None;
    let mut at = 0;
    for part in folders.split('/') {
        let stop = at + part.len();
        let lower = part.to_ascii_lowercase();
        let is_root = ROOTS.contains(&&*lower) || lower.ends_with("migrations") || lower.ends_with("migration");
        // `sqlite/migrations` and `migrations/sqlite` are told apart alike.
        if is_root || (end.is_some() && DIALECTS.contains(&&*lower)) {
            end = Some(stop);
        }
        at = stop + 1;
    }
    end.map(|end| &folders[..end])
}

/// Whether a file name carries a number or a date that orders it: `V1_2__x.sql`, `0003_x.py`, `20240102-x.js`, `12.sql`.
pub(super) fn is_versioned(name: &str) -> bool {
    let rest = name.strip_prefix(['V', 'v', 'm', 'M']).unwrap_or(name);
    rest.starts_with(|first: char| first.is_ascii_digit())
}

/// A path that is compared by its numbers, then by its letters; Flyway's repeatable scripts come last.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Version(String);

impl Version {
    pub(super) fn of(path: &str) -> Self {
        Self(path.to_owned())
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let is_repeatable = |path: &str| path.rsplit('/').next().is_some_and(|name| name.starts_with("R__"));
        let repeats = is_repeatable(&self.0).cmp(&is_repeatable(&other.0));
        // Equal only where the text is, as an order must be.
        repeats.then_with(|| natural(self.0.as_bytes(), other.0.as_bytes())).then_with(|| self.0.cmp(&other.0))
    }
}

fn natural(mut a: &[u8], mut b: &[u8]) -> Ordering {
    loop {
        let (Some(first), Some(second)) = (a.first(), b.first()) else { return a.len().cmp(&b.len()) };
        let order = if first.is_ascii_digit() && second.is_ascii_digit() {
            let (left, right) = (digits(&mut a), digits(&mut b));
            if is_date(&left) && is_date(&right) {
                left.cmp(&right)
            } else {
                left.len().cmp(&right.len()).then_with(|| left.cmp(&right))
            }
        } else {
            // A folder ends before any longer name; `V1__x` stands before `V1_1__x`.
            let (first, second) = (rank(first.to_ascii_lowercase(), a), rank(second.to_ascii_lowercase(), b));
            (a, b) = (&a[1..], &b[1..]);
            first.cmp(&second)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Separators come before letters, the end of a version before its continuation.
fn rank(byte: u8, rest: &[u8]) -> u8 {
    match byte {
        b'/' => 0,
        b'_' if rest.get(1) == Some(&b'_') => 1,
        b'.' if !rest.get(1).is_some_and(u8::is_ascii_digit) => 1,
        b'_' | b'-' | b'.' => 2,
        other => other.max(3),
    }
}

/// The number at the beginning, without leading zeros; the parts of `2018-05-03-150523` are one number, so that it
/// stands among those that are written `20180503150523`.
fn digits(rest: &mut &[u8]) -> Vec<u8> {
    let mut out = run(rest);
    while out.len() >= 4
        && is_century(&out)
        && rest.first() == Some(&b'-')
        && rest.get(1).is_some_and(u8::is_ascii_digit)
    {
        *rest = &rest[1..];
        out.extend(run(rest));
    }
    let zeros = out.iter().take_while(|byte| **byte == b'0').count();
    out.drain(..zeros);
    out
}

fn run(rest: &mut &[u8]) -> Vec<u8> {
    let length = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    let (number, after) = rest.split_at(length);
    *rest = after;
    number.to_vec()
}

fn is_century(number: &[u8]) -> bool {
    number.starts_with(b"19") || number.starts_with(b"20")
}

/// A day with or without a time; of two such numbers the longer one is not the later one.
fn is_date(number: &[u8]) -> bool {
    number.len() >= 8 && is_century(number)
}
