//! `cargo bench --bench day`: what docs/performance.md says of a day of 300 repositories, in the order of turns and in that of
//! the version before. Nothing here passes or fails; a small day is a test (`tests/it/day.rs`).
//!
//! SQLite in a temporary folder; with `BENCH_POSTGRES_URL` (an empty database) the same on Postgres. `BENCH_REPOSITORIES` asks
//! for another number of them.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod simulation;

use ci_feed::store::Store;
use simulation::{Day, Execute, Figures, play};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

const DAY: Day = Day {
    repositories: 300,
    pushes_each: 4,
    burst: 500,
    burst_at: 10 * 3_600,
    length: 24 * 3_600,
    lost: 20,
    topics: 3,
    job: 20,
    looks_a_second: 2,
    as_before: false,
};

enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Execute for Database {
    async fn execute(&mut self, sql: String) {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
            Self::Postgres(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
        }
        .expect("a statement");
    }

    fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench is configured by its own variables")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sqlite = format!("sqlite://{}?mode=rwc", folder.path().join("bench.db").display());
    let repositories = variable("BENCH_REPOSITORIES").map_or(DAY.repositories, |n| n.parse().expect("a number"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for url in [Some(sqlite), variable("BENCH_POSTGRES_URL")].into_iter().flatten() {
        for as_before in [true, false] {
            let figures = runtime.block_on(day(&url, Day { as_before, repositories, ..DAY }));
            let order = if as_before { "as before" } else { "in turn" };
            println!("\n{}, {repositories} repositories, {order}", url.split(':').next().unwrap_or_default());
            report(&figures);
        }
    }
}

async fn day(url: &str, day: Day) -> Figures {
    let store = Store::open(url, 3).await.expect("the store");
    let mut database = match url.starts_with("sqlite:") {
        true => Database::Sqlite(SqliteConnection::connect(url).await.expect("SQLite")),
        false => Database::Postgres(PgConnection::connect(url).await.expect("Postgres")),
    };
    if database.is_sqlite() {
        database.execute("pragma busy_timeout = 10000".into()).await;
        database.execute("pragma foreign_keys = on".into()).await;
    }
    for table in ["ci_runs", "ci_repos", "ci_dedupe", "ci_deliveries", "ci_turns", "ci_counts"] {
        database.execute(format!("delete from {table}")).await;
    }
    let figures = play(day, &store, &mut database).await;
    store.close().await;
    figures
}

fn report(figures: &Figures) {
    let minutes = |seconds: u64| format!("{:.1} min", seconds as f64 / 60.0);
    let at = |times: &[u64], part: usize| match times.len() {
        0 => "-".to_owned(),
        n => minutes(times[(n - 1) * part / 100]),
    };
    let looks = || figures.looks.values();
    for (what, value) in [
        ("pushes, deliveries lost, runs", format!("{}, {}, {}", figures.pushes, figures.lost, figures.runs)),
        (
            "heads without a dossier at the end",
            format!("{} {:?}", figures.heads_without.len(), figures.heads_without.first()),
        ),
        ("wait of a quiet repository: median", at(&figures.waits, 50)),
        ("... 99 of 100 within", at(&figures.waits, 99)),
        ("... longest", at(&figures.waits, 100)),
        ("wait of the burst's head", minutes(figures.burst_wait)),
        ("a lost push is found: median", at(&figures.found_after, 50)),
        ("... longest", at(&figures.found_after, 100)),
        ("looks in an hour: on average", (looks().sum::<usize>() / figures.looks.len().max(1)).to_string()),
        ("... least, most", format!("{}, {}", looks().min().unwrap_or(&0), looks().max().unwrap_or(&0))),
    ] {
        println!("{what:<45} {value}");
    }
}
