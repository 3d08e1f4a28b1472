//! `cargo bench --bench queue`: what docs/performance.md says of the webhook and the lease. Prints ratios against
//! something named in the same run; nothing here passes or fails.
//!
//! SQLite in a temporary folder; with `BENCH_POSTGRES_URL` (an empty database) the same on Postgres. `BENCH_PUSHES` and `BENCH_ROWS` ask
//! for other numbers.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::{Duration, Instant};

use ci_feed::app::App;
use ci_feed::config::{Config, Secret};
use ci_feed::github::signature;
use ci_feed::model::{CommitSha, EventType, GitRef, NewRun, Privacy, RepoName};
use ci_feed::store::{Dedupe, Leasing, Store};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tokio_util::sync::CancellationToken;

const SECRET: &str = "bench";
const SAMPLES: usize = 400;
const SETTLED_ROWS: u32 = 200_000;
const PUSHES: usize = 4_000;

/// A number of `BENCH_...`, or the usual one.
#[expect(clippy::disallowed_methods, reason = "a bench is configured by its own variables")]
fn number<N: std::str::FromStr>(name: &str, usual: N) -> N {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn pushes() -> usize {
    number("BENCH_PUSHES", PUSHES)
}

fn settled_rows() -> u32 {
    number("BENCH_ROWS", SETTLED_ROWS)
}

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sqlite = format!("sqlite://{}?mode=rwc", folder.path().join("bench.db").display());
    #[expect(clippy::disallowed_methods, reason = "a bench is configured by its own variable")]
    let postgres = std::env::var("BENCH_POSTGRES_URL").ok();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for url in [Some(sqlite), postgres].into_iter().flatten() {
        runtime.block_on(async {
            println!("\n{}", url.split(':').next().unwrap_or_default());
            webhook(&url, folder.path()).await;
            for at_once in [1, 16] {
                burst(&url, folder.path(), at_once).await;
            }
            lease(&url).await;
        });
    }
}

/// Pushes to 200 repositories over so many connections, each of a commit of its own; against the same number of transactions
/// that write the rows of one push by a statement each, without a question or a check.
async fn burst(url: &str, folder: &std::path::Path, at_once: usize) {
    clear(url).await;
    let (base, stop, serving) = serve(url, folder).await;
    let started = Instant::now();
    let senders = (0..at_once).map(|sender| {
        let (base, client) = (base.clone(), reqwest::Client::new());
        tokio::spawn(async move {
            let mut times = Vec::new();
            for n in (sender..pushes()).step_by(at_once) {
                let request = signed(&client, &base, "push", &format!("burst-{at_once}-{n}"), &payload(n, n % 200));
                let started = Instant::now();
                let status = request.send().await.expect("an answer").status();
                times.push(started.elapsed());
                assert!(status.is_success(), "{status}");
            }
            times
        })
    });
    let mut times = Vec::new();
    for sender in senders.collect::<Vec<_>>() {
        times.extend(sender.await.expect("a sender"));
    }
    let rate = pushes() as f64 / started.elapsed().as_secs_f64();
    stop.cancel();
    let _ = serving.await;
    clear(url).await;
    let started = Instant::now();
    let writers = (0..at_once).map(|writer| tokio::spawn(floor(url.to_owned(), writer, at_once)));
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("a writer");
    }
    let floor = pushes() as f64 / started.elapsed().as_secs_f64();
    times.sort();
    println!(
        "pushes over {at_once} connections: {rate:.0} a second, p99 {:.1} ms; the rows alone {floor:.0} a second, {:.2} x",
        times[(times.len() - 1) * 99 / 100].as_secs_f64() * 1e3,
        rate / floor
    );
}

async fn floor(url: String, writer: usize, at_once: usize) {
    let is_sqlite = url.starts_with("sqlite:");
    let time = if is_sqlite { "'2026-01-01T00:00:00+00:00'" } else { "timestamptz '2026-01-01 00:00:00+00'" };
    let rows = |n: usize| {
        let id = |kind: usize| format!("'00000000-0000-0000-{kind:04x}-{n:012x}'");
        let (run, job, sha) = (id(1), id(2), format!("{:040x}", n + 1));
        [
            format!("insert into ci_deliveries (delivery_id, body_sha256, event, repo, outcome, run_id, received_at) values ('floor-{n}', 'x', 'push', 'octo/shop', 'accepted', {run}, {time})"),
            format!("insert into ci_dedupe (key, run_id, created_at) values ('octo/shop@{sha}', {run}, {time})"),
            format!("insert into ci_runs (id, repo_owner, repo_name, ref, commit_sha, event_type, status, created_at) values ({run}, 'octo', 'shop{}', 'main', '{sha}', 'push', 'QUEUED', {time})", n % 200),
            format!("insert into ci_jobs (id, run_id, status, class, turn, attempts, max_attempts, lease_epoch, run_after, created_at) values ({job}, {run}, 'READY', 'HEAD', {n}, 0, 3, 0, {time}, {time})"),
            format!("insert into ci_run_refs (run_id, repo_key, event_type, ref, received_at) values ({run}, 'octo/shop', 'push', 'main', {time})"),
        ]
        .join("; ")
    };
    if is_sqlite {
        let options = SqliteConnectOptions::from_str(&url).expect("a file").busy_timeout(Duration::from_secs(60));
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let mut connection = SqliteConnection::connect_with(&options).await.expect("SQLite");
        for n in (writer..pushes()).step_by(at_once) {
            let sql = AssertSqlSafe(format!("begin immediate; {}; commit", rows(n)));
            sqlx::raw_sql(sql).execute(&mut connection).await.expect("rows");
        }
    } else {
        let mut connection = PgConnection::connect(&url).await.expect("Postgres");
        for n in (writer..pushes()).step_by(at_once) {
            let sql = AssertSqlSafe(format!("begin; {}; commit", rows(n)));
            sqlx::raw_sql(sql).execute(&mut connection).await.expect("rows");
        }
    }
}

async fn serve(url: &str, folder: &std::path::Path) -> (String, CancellationToken, tokio::task::JoinHandle<()>) {
    let lookup = |name: &str| match name {
        "CI_FEED_BIND" => Some("127.0.0.1:0".to_owned()),
        "DATABASE_URL" => Some(url.to_owned()),
        "CI_RATE_LIMIT_PER_MINUTE" => Some("0".to_owned()),
        "GITHUB_WEBHOOK_SECRET" => Some(SECRET.to_owned()),
        "CI_ARTIFACTS_URL" => Some(folder.join("out").display().to_string()),
        _ => None,
    };
    let config = Config::from_lookup(&lookup).expect("a valid configuration");
    let app = App::start(config, PathBuf::from(env!("CARGO_BIN_EXE_ci-feed"))).await.expect("a server");
    let base = format!("http://{}", app.address());
    let stop = CancellationToken::new();
    let serving = app.serve(stop.clone());
    (base, stop, tokio::spawn(serving))
}

fn signed(
    client: &reqwest::Client,
    base: &str,
    event: &str,
    delivery: &str,
    payload: &serde_json::Value,
) -> reqwest::RequestBuilder {
    let body = payload.to_string();
    client
        .post(format!("{base}/api/webhooks/github"))
        .header("Content-Type", "application/json")
        .header("X-GitHub-Event", event)
        .header("X-GitHub-Delivery", delivery)
        .header("X-Hub-Signature-256", signature::sign(&Secret::new(SECRET), body.as_bytes()))
        .body(body)
}

/// A signed push (verified, deduplicated, run and job committed) against a signed ping (verified, logged).
async fn webhook(url: &str, folder: &std::path::Path) {
    let (base, stop, serving) = serve(url, folder).await;
    let client = reqwest::Client::new();
    let mut times = [Vec::new(), Vec::new()];
    for n in 0..SAMPLES {
        for (which, event) in ["push", "ping"].into_iter().enumerate() {
            let request = signed(&client, &base, event, &format!("{event}-{n}"), &payload(n, 0));
            let started = Instant::now();
            let status = request.send().await.expect("an answer").status();
            times[which].push(started.elapsed());
            assert!(status.is_success(), "{status}");
        }
    }
    stop.cancel();
    let _ = serving.await;
    report("signed push", &mut times[0].clone(), "signed ping", &mut times[1]);
}

fn payload(n: usize, repo: usize) -> serde_json::Value {
    let name = format!("shop{repo}");
    json!({
        "ref": "refs/heads/main", "before": "1".repeat(40), "after": format!("{:040x}", n + 1), "deleted": false,
        "repository": { "id": 100 + repo, "name": name, "full_name": format!("octo/{name}"), "owner": { "login": "octo" },
            "private": false, "default_branch": "main" },
        "head_commit": { "message": "Sell by the dozen", "author": { "name": "Ada" } },
    })
}

/// A lease beside many settled jobs against a lease beside none.
async fn lease(url: &str) {
    let store = Store::open(url, 3).await.expect("the store");
    clear(url).await;
    let mut empty = lease_times(&store, 0).await;
    clear(url).await;
    settle_rows(url).await;
    let mut full = lease_times(&store, 1_000_000).await;
    report(&format!("lease beside {} DONE jobs", settled_rows()), &mut full, "lease beside none", &mut empty);
}

async fn lease_times(store: &Store, first: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    for n in first..first + SAMPLES {
        let run = NewRun::new(
            RepoName::parse("octo", "shop").expect("valid"),
            GitRef::parse("main").expect("valid"),
            CommitSha::parse(&format!("{:040x}", n + 1)).expect("valid"),
            EventType::Push,
            Privacy::Public,
        );
        store.enqueue(&run, None, Dedupe::WhileLive).await.expect("a run");
    }
    for _ in 0..SAMPLES {
        let started = Instant::now();
        let leasing = store.lease_next("bench", Duration::from_secs(300)).await.expect("a lease");
        times.push(started.elapsed());
        assert!(matches!(leasing, Leasing::Leased(_)));
    }
    times
}

async fn clear(url: &str) {
    for table in ["ci_attempts", "ci_artifacts", "ci_run_refs", "ci_jobs", "ci_runs", "ci_dedupe", "ci_deliveries"] {
        execute(url, format!("delete from {table}")).await;
    }
}

/// Runs and jobs that ended, made in the database itself.
async fn settle_rows(url: &str) {
    let rows = settled_rows();
    let (series, id, time) = if url.starts_with("sqlite:") {
        (
            format!("with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows})"),
            "printf('00000000-0000-0000-%04x-%012x', KIND, i)",
            "'2026-01-01T00:00:00+00:00'",
        )
    } else {
        (
            format!("with n(i) as (select generate_series(1, {rows}))"),
            "('00000000-0000-0000-' || lpad(to_hex(KIND), 4, '0') || '-' || lpad(to_hex(i), 12, '0'))::uuid",
            "timestamptz '2026-01-01 00:00:00+00'",
        )
    };
    let (run, job) = (id.replace("KIND", "1"), id.replace("KIND", "2"));
    execute(
        url,
        format!(
            "{series} insert into ci_runs (id, repo_owner, repo_name, ref, commit_sha, event_type, status, created_at, finished_at)
             select {run}, 'octo', 'shop', 'main', 'done', 'push', 'SUCCEEDED', {time}, {time} from n where true"
        ),
    )
    .await;
    execute(
        url,
        format!(
            "{series} insert into ci_jobs (id, run_id, status, attempts, max_attempts, lease_epoch, run_after, created_at, finished_at)
             select {job}, {run}, 'DONE', 1, 3, 1, {time}, {time}, {time} from n where true"
        ),
    )
    .await;
}

async fn execute(url: &str, sql: String) {
    let sql = AssertSqlSafe(sql);
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.expect("SQLite");
        sqlx::query(sql).execute(&mut connection).await.expect("a statement");
    } else {
        let mut connection = PgConnection::connect(url).await.expect("Postgres");
        sqlx::query(sql).execute(&mut connection).await.expect("a statement");
    }
}

fn report(what: &str, times: &mut [Duration], against: &str, baseline: &mut [Duration]) {
    let at = |times: &mut [Duration], part: f64| {
        times.sort();
        times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3
    };
    let (median, p99, base) = (at(times, 0.5), at(times, 0.99), at(baseline, 0.5));
    println!(
        "{what}: median {median:.2} ms, p99 {p99:.2} ms; {:.2} x the median of {against} ({base:.2} ms)",
        median / base
    );
}
