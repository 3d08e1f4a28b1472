//! `cargo bench --bench million`: what docs/performance.md says of 1,000,000 runs: every question that anybody may ask,
//! a tick, a settle and a change of name, at a server whose database holds them. Nothing here passes or fails.
//!
//! Beside the runs there are 2,000,000 facts of these repositories (`BENCH_FACTS`). SQLite in a temporary folder; with `BENCH_POSTGRES_URL` (an empty database) the same on Postgres. `BENCH_RUNS` asks for
//! another number; one run in five waits. A database that has runs already (`BENCH_SQLITE_URL`) is taken as it is.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use ci_feed::app::App;
use ci_feed::config::Config;
use ci_feed::model::Reader;
use ci_feed::store::Store;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tokio_util::sync::CancellationToken;

mod work;

const SAMPLES: usize = 100;
const SECRET: &str = "bench";
const TOKEN: &str = "bench";
const REPOS: u32 = 300;

#[expect(clippy::disallowed_methods, reason = "a bench is configured by its own variables")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sqlite = format!("sqlite://{}?mode=rwc", folder.path().join("bench.db").display());
    let runs = variable("BENCH_RUNS").map_or(1_000_000, |runs| runs.parse().expect("a number"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let sqlite = variable("BENCH_SQLITE_URL").unwrap_or(sqlite);
    for url in [Some(sqlite), variable("BENCH_POSTGRES_URL")].into_iter().flatten() {
        runtime.block_on(async {
            println!("\n{}, {runs} runs", url.split(':').next().unwrap_or_default());
            let store = Store::open(&url, 3).await.expect("the store");
            let is_empty = store.repos(Reader::Trusted).await.expect("its repositories").is_empty();
            store.close().await;
            let started = Instant::now();
            if is_empty {
                fill(&url, runs).await;
                fill_facts(&url, variable("BENCH_FACTS").map_or(2_000_000, |facts| facts.parse().expect("a number")))
                    .await;
                println!("filled in {:.0} s", started.elapsed().as_secs_f64());
            }
            ask(&url, folder.path()).await;
        });
    }
}

/// Runs of 300 repositories, ten branches each; the newest fifth waits, one in 50 FAILED, one in 100 is a pull request's.
async fn fill(url: &str, runs: u32) {
    let is_sqlite = url.starts_with("sqlite:");
    let (series, id, time, json) = if is_sqlite {
        (
            format!("with recursive n(i) as (select 1 union all select i + 1 from n where i < {runs})"),
            "printf('00000000-0000-0000-0000-%012x', i)",
            "strftime('%Y-%m-%dT%H:%M:%f+00:00', 1735689600 + i, 'unixepoch')",
            "'{}'",
        )
    } else {
        (
            format!("with n(i) as (select generate_series(1, {runs}))"),
            "('00000000-0000-0000-0000-' || lpad(to_hex(i), 12, '0'))::uuid",
            "to_timestamp(1735689600 + i)",
            "'{}'::jsonb",
        )
    };
    let waits = format!("i > {}", runs / 5 * 4);
    let run_status = format!("case when {waits} then 'QUEUED' when i % 50 = 0 then 'FAILED' else 'SUCCEEDED' end");
    let job_status = format!("case when {waits} then 'READY' when i % 50 = 0 then 'DEAD' else 'DONE' end");
    let finished = format!("case when not {waits} then {time} end").replace("not i >", "i <=");
    let event = "case when i % 100 = 0 then 'pull_request' else 'push' end";
    let pull = "case when i % 100 = 0 then i / 1000 end";
    let sha = if is_sqlite {
        "printf('%040x', i * 2654435761 % 4294967296)"
    } else {
        "lpad(to_hex(i::bigint * 2654435761 % 4294967296), 40, '0')"
    };
    let (repo, branch) = (format!("'shop' || (i % {REPOS})"), format!("'branch-' || (i / {REPOS} % 10)"));
    for sql in [
        format!("{series} insert into ci_runs (id, repo_owner, repo_name, ref, commit_sha, event_type, status, created_at, finished_at, pr_number, summary_json)
             select {id}, 'octo', {repo}, {branch}, {sha}, {event}, {run_status}, {time}, {finished}, {pull}, {json} from n where true"),
        format!("{series} insert into ci_jobs (id, run_id, status, turn, attempts, max_attempts, lease_epoch, run_after, created_at, finished_at)
             select {id}, {id}, {job_status}, i / {REPOS}, 0, 3, 0, {time}, {time}, {finished} from n where true"),
        "insert into ci_turns (repo_key, turn) select lower(repo_owner || '/' || repo_name), max(turn)
             from ci_runs r join ci_jobs j on j.run_id = r.id group by 1".to_owned(),
        format!("{series} insert into ci_attempts (job_id, lease_epoch, attempt, leased_by, leased_at)
             select {id}, 1, 1, 'bench', {time} from n where not {waits}"),
        format!("{series} insert into ci_run_refs (run_id, repo_key, event_type, ref, pr_number, received_at)
             select {id}, 'octo/' || {repo}, {event}, {branch}, {pull}, {time} from n where true"),
        format!("insert into ci_repos (key, owner, name, default_branch, reconcile_after)
             select distinct 'octo/' || repo_name, 'octo', repo_name, 'branch-1', {} from ci_runs", late(url)),
    ] {
        execute(url, sql).await;
    }
    execute(url, if is_sqlite { "pragma wal_checkpoint(truncate)".into() } else { "vacuum analyze".into() }).await;
}

/// Facts of every repository: half of the names are those of all, the others of one each. A tenth of them changed once.
async fn fill_facts(url: &str, facts: u32) {
    let is_sqlite = url.starts_with("sqlite:");
    let (series, time) = if is_sqlite {
        (
            format!("with recursive n(i) as (select 1 union all select i + 1 from n where i < {facts})"),
            "strftime('%Y-%m-%dT%H:%M:%f+00:00', 1735689600 + i, 'unixepoch')",
        )
    } else {
        (format!("with n(i) as (select generate_series(1, {facts}))"), "to_timestamp(1735689600 + i)")
    };
    let kind =
        "case i / 300 % 10 when 0 then 'env_var' when 1 then 'table' when 2 then 'outbound_host' when 3 then 'port'
         when 4 then 'endpoint' when 5 then 'endpoint' when 6 then 'endpoint' else 'dependency' end";
    let key = format!("case when i / {REPOS} % 20 < 10 then 'NAME_' || (i / {REPOS}) else 'OWN_' || i end");
    for sql in [
        format!("insert into ci_fact_places (repo_key, pull, run_id, commit_sha, branch, analyzer, coverage)
             select k.key, 0, (select r.id from ci_run_refs f join ci_runs r on r.id = f.run_id
                 where f.event_type <> 'pull_request' and f.repo_key = k.key and f.ref = 'branch-1' and r.status = 'SUCCEEDED'
                 order by f.received_at desc, f.run_id desc limit 1), 'abc', 'branch-1', 'bench', '{}' from ci_repos k", "{}"),
        format!("{series} insert into ci_facts (repo_key, pull, kind, key, fact_id, status, attrs, details, path, line, end_line, sha256, digest)
             select 'octo/shop' || (i % {REPOS}), 0, {kind}, {key}, 'f' || i, 'EVIDENCED', '{}', '{}', 'src/file' || (i % 97) || '.js', i % 900, i % 900,
                 '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', '0123456789abcdef01234567' from n where true", "{}", "{}"),
        format!("{series} insert into ci_fact_events (repo_key, kind, key, change, run_id, commit_sha, at, private, by_rules)
             select 'octo/shop' || (i % {REPOS}), {kind}, {key}, 'added', (select id from ci_runs limit 1), 'abc', {time}, false, false
             from n where i % 10 = 0"),
    ] {
        execute(url, sql).await;
    }
    execute(url, if is_sqlite { "pragma wal_checkpoint(truncate)".into() } else { "vacuum analyze".into() }).await;
}

async fn ask(url: &str, folder: &std::path::Path) {
    let lookup = |name: &str| match name {
        "CI_FEED_BIND" => Some("127.0.0.1:0".to_owned()),
        "DATABASE_URL" => Some(url.to_owned()),
        "CI_ARTIFACTS_URL" => Some(folder.join("out").display().to_string()),
        "CI_TMP_DIR" => Some(folder.join("tmp").display().to_string()),
        // What a tick fetches is not there, so that its own work is what is left; and no forge is looked at.
        "GITHUB_SERVER_URL" => Some(format!("file://{}", folder.join("remotes").display())),
        "CI_RECONCILE" | "CI_RATE_LIMIT_PER_MINUTE" => Some("0".to_owned()),
        // So that the host has a token, and the callers below are anybody.
        "CI_API_TOKEN" => Some(TOKEN.to_owned()),
        "GITHUB_WEBHOOK_SECRET" => Some(SECRET.to_owned()),
        "RUST_LOG" => Some("warn".to_owned()),
        _ => None,
    };
    let config = Config::from_lookup(&lookup).expect("a valid configuration");
    let program = PathBuf::from(env!("CARGO_BIN_EXE_ci-feed"));
    let app = App::start(config, program).await.expect("a server");
    let base = format!("http://{}", app.address());
    let stop = CancellationToken::new();
    let serving = tokio::spawn(app.serve(stop.clone()));
    let client = reqwest::Client::new();
    select_one(url).await;
    work::ticks(&client, &base).await;
    for path in [
        "/api/ci/runs",
        "/api/ci/runs?limit=200",
        "/api/ci/runs?status=FAILED",
        "/api/ci/runs?status=RUNNING",
        "/api/ci/runs?event_type=manual",
        "/api/ci/runs?event_type=pull_request&status=FAILED",
        "/api/ci/runs?ref=branch-1",
        "/api/ci/runs?ref=nowhere",
        "/api/ci/runs?owner=octo",
        "/api/ci/runs?owner=nobody",
        "/api/ci/runs?commit=000000012345",
        "/api/ci/runs?owner=octo&repo=shop7",
        "/api/ci/runs?owner=octo&repo=shop7&status=FAILED",
        "/api/ci/runs?owner=octo&repo=shop7&ref=branch-1",
        "/api/ci/runs?owner=octo&repo=shop7&pr=1",
        "/api/ci/repos",
        "/api/ci/repos/octo/shop7/trend",
        "/api/ci/repos/octo/shop7/trend?ref=branch-3&limit=200",
        "/badge/octo/shop7.svg",
        "/badge/octo/shop7.svg?metric=dci&ref=nowhere",
        "/r/octo/shop7/latest/summary.json",
        "/api/ci/health",
        "/api/ci/facts?kind=env_var&key=NAME_300",
        "/api/ci/facts?kind=env_var&key=NAME_300&attr.required=true",
        "/api/ci/facts?kind=env_var&key=OWN_90&match=prefix",
        "/api/ci/facts?kind=env_var&key=me_30&match=contains",
        "/api/ci/facts?kind=endpoint&key=nowhere&match=contains",
        "/api/ci/facts?kind=endpoint&owner=nobody",
        "/api/ci/facts?owner=octo&repo=shop7",
        "/api/ci/facts?owner=octo&repo=shop7&key=nowhere&match=contains",
        "/api/ci/facts/history?owner=octo&repo=shop0&kind=env_var&key=NAME_300",
        "/api/ci/search?q=shop7",
        "/api/ci/search?q=NAME_300",
        "/api/ci/search?q=env:NAME_3",
        "/api/ci/search?q=0000000abc",
    ] {
        ask_often(&client, &base, path).await;
    }
    for path in ["/api/ci/runs", "/api/ci/repos", "/api/ci/facts?owner=octo&repo=shop7", "/api/ci/health"] {
        ask_again(&client, &base, path).await;
    }
    let names: Vec<_> = (0..60).map(|n| format!("octo/shop{n}")).collect();
    ask_often(&client, &base, &format!("/api/ci/repos/trends?of={}", names.join(","))).await;
    work::renames(&client, &base).await;
    work::comparison(&client, &base, &folder.join("remotes")).await;
    stop.cancel();
    let _ = serving.await;
    let store = Store::open(url, 3).await.expect("the store");
    let mut times = Vec::new();
    for _ in 0..SAMPLES {
        let started = Instant::now();
        let leasing = store.lease_next("bench", Duration::from_secs(300)).await.expect("a lease");
        store.ready_count().await.expect("a number");
        times.push(started.elapsed());
        if let ci_feed::store::Leasing::Leased(lease) = leasing {
            store.give_back(&lease).await.expect("given back");
        }
    }
    report("lease and count of a tick", &mut times);
    // So that what is settled next is leased next.
    execute(url, format!("update ci_jobs set turn = null, run_after = {} where status = 'READY'", late(url))).await;
    let mut times = Vec::new();
    for _ in 0..SAMPLES {
        let started = Instant::now();
        store.to_do(Some(Duration::from_secs(3600))).await.expect("an answer");
        times.push(started.elapsed());
    }
    report("what an idle tick asks", &mut times);
    work::settles(&store, &folder.join("out")).await;
    store.close().await;
}

fn late(url: &str) -> &'static str {
    if url.starts_with("sqlite:") { "'2100-01-01T00:00:00+00:00'" } else { "timestamptz '2100-01-01'" }
}

async fn ask_often(client: &reqwest::Client, base: &str, path: &str) {
    let mut times = Vec::new();
    for _ in 0..SAMPLES {
        let started = Instant::now();
        let answer = client.get(format!("{base}{path}")).send().await.expect("an answer");
        let status = answer.status();
        answer.bytes().await.expect("its body");
        times.push(started.elapsed());
        assert!(status != 429 && !status.is_server_error(), "{path}: {status}");
    }
    report(&format!("GET {path}"), &mut times);
}

/// What somebody asks who has the answer.
async fn ask_again(client: &reqwest::Client, base: &str, path: &str) {
    let url = format!("{base}{path}");
    let tag = client.get(&url).send().await.expect("an answer").headers()["etag"].clone();
    let (mut times, mut changed) = (Vec::new(), 0);
    for _ in 0..SAMPLES {
        let started = Instant::now();
        let answer = client.get(&url).header("If-None-Match", tag.clone()).send().await.expect("an answer");
        times.push(started.elapsed());
        changed += usize::from(answer.status() != 304);
    }
    report(&format!("GET {path}, which the caller has ({changed} changed)"), &mut times);
}

/// What the database itself takes to answer at all.
async fn select_one(url: &str) {
    let mut times = Vec::new();
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.expect("SQLite");
        for _ in 0..SAMPLES {
            let started = Instant::now();
            sqlx::query("select 1").execute(&mut connection).await.expect("an answer");
            times.push(started.elapsed());
        }
    } else {
        let mut connection = PgConnection::connect(url).await.expect("Postgres");
        for _ in 0..SAMPLES {
            let started = Instant::now();
            sqlx::query("select 1").execute(&mut connection).await.expect("an answer");
            times.push(started.elapsed());
        }
    }
    report("select 1", &mut times);
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e3;
    println!("{what:<70} median {:8.1} ms, p99 {:8.1} ms", at(50), at(99));
}

async fn execute(url: &str, sql: String) {
    let sql = AssertSqlSafe(sql);
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.expect("SQLite");
        sqlx::raw_sql(sql).execute(&mut connection).await.expect("a statement");
    } else {
        let mut connection = PgConnection::connect(url).await.expect("Postgres");
        sqlx::raw_sql(sql).execute(&mut connection).await.expect("a statement");
    }
}
