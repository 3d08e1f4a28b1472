//! A tenth of the largest installation that docs/scale.md reckons with.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::fleet::Fleet;
use crate::kills::{PROCESSES, tickers};
use crate::support::bouncer::Bouncer;
use crate::support::database::{Backend, Probe, TestDatabase};
use crate::support::objects::ObjectServer;
use crate::support::process::status_mib;
use crate::support::server::{Setting, check_all};
use crate::work::{Ledger, Pushes, random};

const REPOSITORIES: usize = 1_000;
const PER_SECOND: u64 = 10;
/// Sessions that the pooler opens at the database.
const SESSIONS: usize = 8;
const DRAIN_TIME: Duration = Duration::from_secs(3_600);
const PREFIX: &str = "scale";
const TABLES: [&str; 10] = [
    "ci_runs",
    "ci_jobs",
    "ci_attempts",
    "ci_run_refs",
    "ci_deliveries",
    "ci_dedupe",
    "ci_artifacts",
    "ci_facts",
    "ci_fact_events",
    "ci_outbox",
];

pub(crate) async fn run(lasts: Duration) {
    let database = TestDatabase::new(Backend::Postgres).await.unwrap();
    let bouncer = Bouncer::start(&database, "transaction", SESSIONS).unwrap();
    let bucket = ObjectServer::start().await;
    let mut setting = bucket.keeps(Setting::new(Backend::Postgres).await.unwrap(), PREFIX);
    setting.database = database;
    let pushes = Arc::new(Pushes::in_turn(setting.git.root(), REPOSITORIES));
    let root = format!("file://{}", setting.git.root().display());
    let setting = setting.with("DATABASE_URL", &bouncer.url).with("GITHUB_SERVER_URL", root).with("RUST_LOG", "warn");
    let mut probe = setting.database.probe().await;
    let fleet = Arc::new(Fleet::start(setting, PROCESSES));
    let (ledger, over) = (Arc::new(Mutex::new(Ledger::default())), Arc::new(AtomicBool::new(false)));
    let empty = bytes(&mut probe).await;
    let began = Used::now(&fleet, &mut probe).await;
    let callers = tickers(&fleet, &over);
    let started = Instant::now();
    let sessions = deliver(&fleet, &pushes, &ledger, lasts, &mut probe).await;
    let done = settled(&mut probe).await;
    println!(
        "  {done} of {} runs settled within the {} s of pushes, {:.1} a second",
        ledger.lock().unwrap().run_ids.len(),
        lasts.as_secs(),
        f64::from(u32::try_from(done).unwrap()) / lasts.as_secs_f64()
    );
    let drained = Instant::now();
    while probe.number("select count(*) from ci_jobs where status in ('READY', 'LEASED')").await > 0 {
        assert!(drained.elapsed() < DRAIN_TIME, "the queue did not become idle");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!("  drained {:.0} s after the last push", drained.elapsed().as_secs_f64());
    over.store(true, Ordering::Relaxed);
    let ticks = callers.join_all().await.into_iter().sum::<usize>();
    let runs = settled(&mut probe).await;
    let rate = f64::from(u32::try_from(runs).unwrap()) / started.elapsed().as_secs_f64();
    println!("  {ticks} ticks, {runs} runs, {rate:.1} a second over all; at most {sessions} sessions at the database");
    ledger.lock().unwrap().report();
    Used::now(&fleet, &mut probe).await.since(&began, runs as f64);
    let most = fleet.pids().into_iter().map(|pid| status_mib(pid, "VmHWM")).max().unwrap_or_default();
    println!("  a process held at most {most} MiB");
    for table in TABLES {
        let rows = probe.number(&format!("select count(*) from {table}")).await;
        println!("  {table}: {rows} rows, {:.1} for each run", rows as f64 / runs as f64);
    }
    let grown = bytes(&mut probe).await - empty;
    println!("  database: {:.1} KB for each run, indexes and history included", grown as f64 / 1e3 / runs as f64);
    let (objects, requests) = (bucket.objects(PREFIX), bucket.requests());
    let stored: usize = objects.values().map(Vec::len).sum();
    println!(
        "  bucket: {:.1} objects, {:.1} KB for each run",
        objects.len() as f64 / runs as f64,
        stored as f64 / 1e3 / runs as f64
    );
    for (method, count) in requests {
        println!("  bucket: {:.1} {method} for each run", count as f64 / runs as f64);
    }
    let setting = Arc::into_inner(fleet).unwrap().stop();
    check_all(&setting).await;
    println!("  invariant violations 0");
}

/// What was used by now.
struct Used {
    servers: f64,
    children: f64,
    machine: f64,
    transactions: i64,
    log_bytes: i64,
}

impl Used {
    async fn now(fleet: &Fleet, probe: &mut Probe) -> Self {
        let (servers, children) =
            fleet.pids().into_iter().map(seconds).fold((0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1));
        // The first line of proc(5)'s stat: user, nice, system, idle, waiting for disks, and so on.
        let stat = std::fs::read_to_string("/proc/stat").unwrap();
        let fields = stat.lines().next().unwrap().split_whitespace().skip(1).map(|field| field.parse::<f64>().unwrap());
        let machine = fields.enumerate().filter(|(at, _)| ![3, 4].contains(at)).map(|(_, ticks)| ticks).sum::<f64>();
        let transactions = "select xact_commit from pg_stat_database where datname = current_database()";
        Self {
            servers,
            children,
            machine: machine / 100.0,
            transactions: probe.number(transactions).await,
            log_bytes: probe.number("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint").await,
        }
    }

    fn since(&self, began: &Self, runs: f64) {
        let ms = |now: f64, then: f64| (now - then) * 1e3 / runs;
        println!(
            "  processor time for each run: {:.0} ms servers, {:.0} ms their children, {:.0} ms all of the machine",
            ms(self.servers, began.servers),
            ms(self.children, began.children),
            ms(self.machine, began.machine)
        );
        println!(
            "  database: {:.0} transactions and {:.1} KB of log for each run",
            (self.transactions - began.transactions) as f64 / runs,
            (self.log_bytes - began.log_bytes) as f64 / 1e3 / runs
        );
    }
}

/// Answers how many sessions the database had at most.
async fn deliver(
    fleet: &Arc<Fleet>,
    pushes: &Arc<Pushes>,
    ledger: &Arc<Mutex<Ledger>>,
    lasts: Duration,
    probe: &mut Probe,
) -> i64 {
    let mut clock = tokio::time::interval(Duration::from_secs(1) / u32::try_from(PER_SECOND).unwrap());
    let (mut sent, mut most) = (JoinSet::new(), 0);
    for n in 0..usize::try_from(PER_SECOND * lasts.as_secs()).unwrap() {
        clock.tick().await;
        let (fleet, pushes, ledger) = (fleet.clone(), pushes.clone(), ledger.clone());
        sent.spawn(async move {
            let answer = pushes.deliver(&fleet.api(random(PROCESSES)), n).await;
            ledger.lock().unwrap().note(n, answer);
        });
        if n % 10 == 0 {
            let sessions = "select count(*) - 1 from pg_stat_activity where datname = current_database()";
            most = most.max(probe.number(sessions).await);
        }
    }
    sent.join_all().await;
    most
}

/// Seconds of processor time that a process took itself, and that its ended children did.
fn seconds(pid: u32) -> (f64, f64) {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    // Fields 14 to 17 of proc(5), behind the number and the name; in clock ticks of a hundredth of a second.
    let seconds = |at: usize| fields[at - 3].parse::<f64>().unwrap() / 100.0;
    (seconds(14) + seconds(15), seconds(16) + seconds(17))
}

async fn settled(probe: &mut Probe) -> i64 {
    probe.number("select count(*) from ci_jobs where status in ('DONE', 'DEAD')").await
}

async fn bytes(probe: &mut Probe) -> i64 {
    probe.number("select pg_database_size(current_database())").await
}
