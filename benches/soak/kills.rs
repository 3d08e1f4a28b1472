//! Processes die while deliveries arrive and jobs run; nothing may be lost or done twice.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use tokio::task::JoinSet;

use crate::fleet::Fleet;
use crate::support::database::Backend;
use crate::support::invariants;
use crate::support::objects::ObjectServer;
use crate::support::server::{Setting, check_all};
use crate::work::{Ledger, Pushes, random};

pub(crate) const PROCESSES: usize = 4;
const PER_SECOND: u64 = 50;
/// Of a hundred deliveries.
const REPEATED: usize = 30;
/// After the last delivery; a queue that still has work then is a finding.
const DRAIN_TIME: Duration = Duration::from_secs(3_600);

pub(crate) async fn run(backend: Backend, in_bucket: bool, lasts: Duration) {
    let bucket = ObjectServer::start().await;
    let setting = Setting::new(backend).await.unwrap();
    let setting = if in_bucket { bucket.keeps(setting, "soak") } else { setting };
    let deliveries = usize::try_from(PER_SECOND * lasts.as_secs()).unwrap();
    let pushes = Arc::new(Pushes::lay_out(setting.git.root(), deliveries));
    let root = format!("file://{}", setting.git.root().display());
    let setting = setting
        .with("GITHUB_SERVER_URL", root)
        .with("CI_LEASE_SECONDS", "15")
        .with("CI_JOB_TIMEOUT_SECONDS", "14")
        .with("CI_RETRY_BACKOFF_SECONDS", "1")
        .with("RUST_LOG", "warn");
    let fleet = Arc::new(Fleet::start(setting, PROCESSES));
    let (ledger, over) = (Arc::new(Mutex::new(Ledger::default())), Arc::new(AtomicBool::new(false)));
    let tickers = tickers(&fleet, &over);
    let kills = tokio::spawn(kill_some(fleet.clone(), Instant::now() + lasts));
    let new = deliver(&fleet, &pushes, &ledger, lasts).await;
    let kills = kills.await.unwrap();
    // As GitHub's "Redeliver" would: what was not accepted is sent again.
    for n in 0..new {
        while !ledger.lock().unwrap().accepted.contains(&n) {
            let answer = pushes.deliver(&fleet.api(random(PROCESSES)), n).await;
            ledger.lock().unwrap().note(n, answer);
        }
    }
    let mut probe = fleet.setting.database.probe().await;
    let drained = Instant::now();
    let waiting = "select count(*) from ci_jobs where status in ('READY', 'LEASED')";
    while probe.number(waiting).await > 0 {
        assert!(drained.elapsed() < DRAIN_TIME, "the queue did not become idle");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let drained = drained.elapsed();
    over.store(true, Ordering::Relaxed);
    let ticks = tickers.join_all().await.into_iter().sum::<usize>();
    let setting = Arc::into_inner(fleet).unwrap().stop();
    sweep(&setting).await;
    check_all(&setting).await;
    let ledger = Arc::into_inner(ledger).unwrap().into_inner().unwrap();
    let run_ids: Vec<String> = ledger.run_ids.iter().cloned().collect();
    invariants::check_answered(&mut probe, &run_ids).await;
    let mut count = async |sql: &str| probe.number(sql).await;
    println!(
        "  deliveries {} accepted, {} unanswered, refused {:?}",
        ledger.times.len(),
        ledger.unanswered,
        ledger.refused
    );
    println!("  processes killed {kills}; ticks {ticks}; drained {} s after the last delivery", drained.as_secs());
    println!(
        "  commits {new}, runs {}: {} SUCCEEDED, {} FAILED",
        count("select count(*) from ci_runs").await,
        count("select count(*) from ci_runs where status = 'SUCCEEDED'").await,
        count("select count(*) from ci_runs where status = 'FAILED'").await
    );
    println!(
        "  attempts {}, of which {} ended with their process",
        count("select count(*) from ci_attempts").await,
        count("select count(*) from ci_attempts where outcome = 'lease_expired'").await
    );
    println!("  invariant violations 0, accepted events without a terminal run 0");
}

/// What killed attempts left is removed by its age: here it ages at once, and a process that starts finds it.
async fn sweep(setting: &Setting) {
    let long_ago = SystemTime::now() - Duration::from_secs(24 * 3_600);
    for folder in [setting.tmp(), setting.folder.path().join("out/.staging")] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            std::fs::File::open(entry.path()).unwrap().set_modified(long_ago).unwrap();
        }
    }
    let server = setting.spawn();
    for _ in 0..10 {
        server.client.tick().await;
    }
    assert_eq!(server.terminate(), Some(0));
}

pub(crate) fn tickers(fleet: &Arc<Fleet>, over: &Arc<AtomicBool>) -> JoinSet<usize> {
    let mut tickers = JoinSet::new();
    for process in 0..PROCESSES {
        let (fleet, over) = (fleet.clone(), over.clone());
        tickers.spawn(async move {
            let mut ticks = 0;
            while !over.load(Ordering::Relaxed) {
                // Its process may just be dead.
                let answer = fleet.api(process).request("POST", "/api/ci/worker/tick").send().await;
                let processed = match answer {
                    Ok(answer) => answer.text().await.is_ok_and(|text| text.contains("\"processed\":true")),
                    Err(_) => false,
                };
                ticks += 1;
                if !processed {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            ticks
        });
    }
    tickers
}

async fn kill_some(fleet: Arc<Fleet>, until: Instant) -> usize {
    let mut kills = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(2_000 + random(3_000) as u64)).await;
        if Instant::now() > until {
            return kills;
        }
        let fleet = fleet.clone();
        tokio::task::spawn_blocking(move || fleet.kill_and_replace(random(PROCESSES))).await.unwrap();
        kills += 1;
    }
}

/// Answers how many different pushes were delivered.
async fn deliver(fleet: &Arc<Fleet>, pushes: &Arc<Pushes>, ledger: &Arc<Mutex<Ledger>>, lasts: Duration) -> usize {
    let new = Arc::new(AtomicUsize::new(0));
    let mut clock = tokio::time::interval(Duration::from_secs(1) / u32::try_from(PER_SECOND).unwrap());
    let (mut sent, until) = (JoinSet::new(), Instant::now() + lasts);
    while Instant::now() < until {
        clock.tick().await;
        let known = new.load(Ordering::Relaxed);
        let n = if known > 0 && random(100) < REPEATED { random(known) } else { new.fetch_add(1, Ordering::Relaxed) };
        let (fleet, pushes, ledger) = (fleet.clone(), pushes.clone(), ledger.clone());
        sent.spawn(async move {
            let answer = pushes.deliver(&fleet.api(random(PROCESSES)), n).await;
            ledger.lock().unwrap().note(n, answer);
        });
        while sent.try_join_next().is_some() {}
    }
    sent.join_all().await;
    new.load(Ordering::Relaxed)
}
