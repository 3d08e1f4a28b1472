//! The webhook's answer while everybody else is busy with the same process.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::support::database::Backend;
use crate::support::server::{Api, Setting};
use crate::work::{Ledger, Pushes};

const PER_SECOND: u64 = 20;
const CALLERS: usize = 200;
/// How often each of them calls; the page calls every 3 to 30 s.
const CALLS_EVERY: Duration = Duration::from_secs(1);

pub(crate) async fn run(backend: Backend, lasts: Duration) {
    let setting = Setting::new(backend).await.unwrap();
    let deliveries = usize::try_from(PER_SECOND * lasts.as_secs()).unwrap();
    let pushes = Arc::new(Pushes::lay_out(setting.git.root(), deliveries));
    let root = format!("file://{}", setting.git.root().display());
    let setting = setting.with("GITHUB_SERVER_URL", root).with("RUST_LOG", "warn");
    let server = setting.spawn();
    let over = Arc::new(AtomicBool::new(false));
    let ticks = callers(&server.client, "POST", "/api/ci/worker/tick", &over);
    let reads = callers(&server.client, "GET", "/api/ci/runs", &over);
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let mut sent = JoinSet::new();
    let mut clock = tokio::time::interval(Duration::from_secs(1) / u32::try_from(PER_SECOND).unwrap());
    for n in 0..deliveries {
        clock.tick().await;
        let (api, pushes, ledger) = (server.client.clone(), pushes.clone(), ledger.clone());
        sent.spawn(async move {
            let answer = pushes.deliver(&api, n).await;
            ledger.lock().unwrap().note(n, answer);
        });
    }
    sent.join_all().await;
    over.store(true, Ordering::Relaxed);
    let (ticks, reads) = (ticks.finish().await, reads.finish().await);
    assert_eq!(server.terminate(), Some(0));
    let ledger = Arc::into_inner(ledger).unwrap().into_inner().unwrap();
    ledger.report();
    println!("  ticks {ticks}\n  feed reads {reads}");
}

struct Callers {
    calls: JoinSet<Duration>,
    failed: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
}

impl Callers {
    async fn finish(self) -> String {
        let slowest = self.calls.join_all().await.into_iter().max().unwrap_or_default();
        let (answered, failed) = (self.answered.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed));
        format!("{answered} answered, {failed} with 5xx or not at all; slowest {slowest:.1?}")
    }
}

/// Many clients that call again and again; each answers the longest time that it waited.
fn callers(api: &Api, method: &'static str, path: &'static str, over: &Arc<AtomicBool>) -> Callers {
    let (failed, answered) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut calls = JoinSet::new();
    for caller in 0..CALLERS {
        let (api, over, failed, answered) = (api.clone(), over.clone(), failed.clone(), answered.clone());
        calls.spawn(async move {
            // Spread over the period, as many people's pages are.
            tokio::time::sleep(CALLS_EVERY.mul_f64(caller as f64 / CALLERS as f64)).await;
            let mut slowest = Duration::ZERO;
            while !over.load(Ordering::Relaxed) {
                let asked = Instant::now();
                let answer = api.request(method, path).send().await;
                let well = answer.as_ref().is_ok_and(|answer| !answer.status().is_server_error());
                if let Ok(answer) = answer {
                    let _ = answer.bytes().await;
                }
                slowest = slowest.max(asked.elapsed());
                (if well { &answered } else { &failed }).fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(CALLS_EVERY.saturating_sub(asked.elapsed())).await;
            }
            slowest
        });
    }
    Callers { calls, failed, answered }
}
