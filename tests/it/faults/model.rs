//! The queue against a model of it: random sequences of everything that can happen to it, on both databases. After each
//! step the store's answer is the model's, the rows are the model's, and every invariant holds.

use std::time::Duration;

use ci_feed::model::{CommitSha, EventType, Fault, FaultCode, GitRef, NewRun, Privacy, RepoName, RunStatus};
use ci_feed::store::{Artifact, Dedupe, Delivery, Failure, Lease, Leasing, Store, StoreError, Success, Timings};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::json;
use uuid::Uuid;

use crate::support::database::{Backend, Probe, TestDatabase};
use crate::support::invariants::{self, Witness};

/// Sequences of a usual run, where each statement to Postgres is a round trip; `PROPTEST_CASES=10000` asks for more.
fn sequences(backend: Backend) -> u32 {
    crate::support::asked_cases().unwrap_or(if backend == Backend::Sqlite { 2_000 } else { 300 })
}
const MAX_ATTEMPTS: i64 = 3;
/// The model's unit of time: long enough that the time a test takes does not count.
const DAY: Duration = Duration::from_secs(24 * 3600);
const LEASE_DAYS: i64 = 10;
const BACKOFF_DAYS: i64 = 5;
const WINDOW_DAYS: i64 = 20;
const KEEP_DAYS: i64 = 30;

#[derive(Debug, Clone)]
enum Step {
    /// A delivery with this id, or a person's request without one.
    Enqueue {
        commit: usize,
        delivery: Option<usize>,
    },
    Tick {
        worker: usize,
    },
    Heartbeat {
        worker: usize,
    },
    SettleOk {
        worker: usize,
    },
    SettleFail {
        worker: usize,
        permanent: bool,
    },
    GiveBack {
        worker: usize,
    },
    /// The worker is gone, and what it held runs out.
    Crash {
        worker: usize,
    },
    /// The worker holds still, and goes on with whatever it had.
    Freeze {
        worker: usize,
    },
    Thaw {
        worker: usize,
    },
    Time {
        days: i64,
    },
    Prune,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let worker = 0..3_usize;
    let step = prop_oneof![
        4 => (0..4_usize, proptest::option::weighted(0.7, 0..6_usize))
            .prop_map(|(commit, delivery)| Step::Enqueue { commit, delivery }),
        6 => worker.clone().prop_map(|worker| Step::Tick { worker }),
        2 => worker.clone().prop_map(|worker| Step::Heartbeat { worker }),
        3 => worker.clone().prop_map(|worker| Step::SettleOk { worker }),
        3 => (worker.clone(), any::<bool>()).prop_map(|(worker, permanent)| Step::SettleFail { worker, permanent }),
        1 => worker.clone().prop_map(|worker| Step::GiveBack { worker }),
        1 => worker.clone().prop_map(|worker| Step::Crash { worker }),
        2 => worker.clone().prop_map(|worker| Step::Freeze { worker }),
        2 => worker.prop_map(|worker| Step::Thaw { worker }),
        3 => (1..15_i64).prop_map(|days| Step::Time { days }),
        1 => Just(Step::Prune),
    ];
    proptest::collection::vec(step, 1..24)
}

/// What the model knows of a job. Times are days and, within one, the number of the step that set them.
#[derive(Debug, Clone, PartialEq)]
struct Job {
    run: Uuid,
    status: &'static str,
    attempts: i64,
    epoch: i64,
    /// READY: due. LEASED: when the lease ends.
    at: (i64, usize),
}

/// The reference: a list of jobs, the newest run of each commit, the deliveries that are remembered.
#[derive(Debug, Default)]
struct Model {
    day: i64,
    step: usize,
    jobs: Vec<Job>,
    key: [Option<(usize, i64)>; 4],
    /// Job, commit and day of each delivery id.
    deliveries: [Option<(usize, usize, i64)>; 6],
    renamed: [[Option<(usize, i64)>; 4]; 6],
}

impl Model {
    /// The job of a delivery that was seen before. One commit under another's id is kept under a name of its own.
    fn redelivered(&self, commit: usize, id: usize) -> Option<usize> {
        match self.deliveries[id]? {
            (job, of, _) if of == commit => Some(job),
            _ => self.renamed[id][commit].map(|(job, _)| job),
        }
    }

    /// The job that answers the event, or `None` for a new one.
    fn answering(&self, commit: usize, delivery: Option<usize>) -> Option<usize> {
        if let Some(job) = delivery.and_then(|id| self.redelivered(commit, id)) {
            return Some(job);
        }
        let (job, since) = self.key[commit]?;
        let gone = match delivery {
            Some(_) => self.day - since >= WINDOW_DAYS || self.jobs[job].status == "DEAD",
            None => matches!(self.jobs[job].status, "DONE" | "DEAD"),
        };
        (!gone).then_some(job)
    }

    fn enqueued(&mut self, commit: usize, delivery: Option<usize>, run: Uuid) {
        let answering = self.answering(commit, delivery);
        let job = answering.unwrap_or(self.jobs.len());
        if answering.is_none() {
            self.jobs.push(Job { run, status: "READY", attempts: 0, epoch: 0, at: (self.day, self.step) });
            self.key[commit] = Some((job, self.day));
        }
        let Some(id) = delivery.filter(|id| self.redelivered(commit, *id).is_none()) else { return };
        match self.deliveries[id] {
            None => self.deliveries[id] = Some((job, commit, self.day)),
            Some(_) => self.renamed[id][commit] = Some((job, self.day)),
        }
    }

    /// Forget what is older than the deliveries are kept.
    fn prune(&mut self) {
        let day = self.day;
        for delivery in &mut self.deliveries {
            *delivery = delivery.filter(|(_, _, since)| day - since < KEEP_DAYS);
        }
        for delivery in self.renamed.iter_mut().flatten() {
            *delivery = delivery.filter(|(_, since)| day - since < KEEP_DAYS);
        }
    }

    /// Take back what has expired, then lease what has been due longest.
    fn lease(&mut self) -> Option<usize> {
        let now = (self.day, self.step);
        for job in self.jobs.iter_mut().filter(|job| job.status == "LEASED" && job.at < now) {
            (job.status, job.at) = (if job.attempts >= MAX_ATTEMPTS { "DEAD" } else { "READY" }, now);
        }
        let due = |(_, job): &(usize, &Job)| job.status == "READY" && job.at <= now;
        let (n, _) = self.jobs.iter().enumerate().filter(due).min_by_key(|(n, job)| (job.at, *n))?;
        let job = &mut self.jobs[n];
        (job.status, job.attempts, job.epoch) = ("LEASED", job.attempts + 1, job.epoch + 1);
        job.at = (self.day + LEASE_DAYS, self.step);
        Some(n)
    }

    /// The job of a lease, if it is still that lease's.
    fn held(&mut self, (job, epoch): (usize, i64)) -> Option<&mut Job> {
        Some(&mut self.jobs[job]).filter(|job| job.status == "LEASED" && job.epoch == epoch)
    }
}

/// A worker's hand: the lease, and its job in the model.
type Hand = Option<(Lease, usize)>;

struct Bench {
    store: Store,
    probe: Probe,
}

fn new_run(commit: usize, event_type: EventType) -> NewRun {
    NewRun::new(
        RepoName::parse("octo", "shop").unwrap(),
        GitRef::parse("main").unwrap(),
        CommitSha::parse(&format!("{:040x}", commit + 1)).unwrap(),
        event_type,
        Privacy::Public,
    )
}

fn success(publish: impl Fn() -> std::io::Result<()> + Send + Sync + 'static) -> Success {
    let artifact = Artifact {
        name: "dossier.json".into(),
        media_type: "application/json".into(),
        sha256: "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a".into(),
        bytes: 2,
    };
    Success {
        out_dir: "out/ci/x".into(),
        summary_json: json!({}),
        analyzer_version: "test 1".into(),
        artifacts: vec![(artifact, Some(b"{}".to_vec()))],
        publish: std::sync::Arc::new(publish),
        title: None,
        author: None,
        base_run_id: None,
    }
}

/// Whether the lease was still good; any other error is the test's end.
fn kept(result: Result<(), StoreError>) -> bool {
    match result {
        Ok(()) => true,
        Err(StoreError::LeaseLost { .. }) => false,
        Err(error) => panic!("{error:?}"),
    }
}

impl Bench {
    async fn new(backend: Backend) -> Option<Self> {
        let database = TestDatabase::in_memory(backend).await?;
        let bench = Self { store: database.store().await, probe: database.probe().await };
        // The folder of the SQLite file lives as long as the process.
        std::mem::forget(database);
        Some(bench)
    }

    async fn empty(&mut self) {
        for table in ["ci_artifacts", "ci_attempts", "ci_jobs", "ci_run_refs", "ci_runs", "ci_dedupe", "ci_deliveries"]
        {
            self.probe.execute(&format!("delete from {table}")).await;
        }
    }

    /// Let days pass: every time that the queue judges by moves into the past.
    async fn pass(&mut self, days: i64) {
        let columns = [
            ("ci_jobs", "leased_until"),
            ("ci_jobs", "run_after"),
            ("ci_dedupe", "created_at"),
            ("ci_deliveries", "received_at"),
        ];
        for (table, column) in columns {
            let earlier = match self.probe {
                // The text's microseconds stay as they are: they decide who is due longest.
                Probe::Sqlite(_) => format!("date(substr({column}, 1, 10), '-{days} days') || substr({column}, 11)"),
                Probe::Postgres(_) => format!("{column} - interval '{days} days'"),
            };
            self.probe.execute(&format!("update {table} set {column} = {earlier} where {column} is not null")).await;
        }
    }

    async fn rows(&mut self) -> Vec<String> {
        let sql = "select cast(run_id as text) || ' ' || status || ' ' || attempts || ' ' || lease_epoch
                   from ci_jobs order by id";
        self.probe.texts(sql).await
    }

    /// One sequence, from an empty queue.
    async fn play(&mut self, steps: &[Step]) {
        self.empty().await;
        let (mut model, mut witness) = (Model::default(), Witness::default());
        let mut hands: [Hand; 3] = Default::default();
        let mut frozen = [false; 3];
        for (n, step) in steps.iter().enumerate() {
            model.step = n;
            self.take(step, &mut model, &mut hands, &mut frozen).await;
            let expected: Vec<_> = model
                .jobs
                .iter()
                .map(|job| format!("{} {} {} {}", job.run, job.status, job.attempts, job.epoch))
                .collect();
            assert_eq!(self.rows().await, expected, "after step {n}, {step:?}");
            witness.observe(&mut self.probe).await;
            // I5 holds within the window only; the model says when a commit may have a second run.
            invariants::check_but_one_run_a_commit(&mut self.probe).await;
        }
    }

    async fn take(&mut self, step: &Step, model: &mut Model, hands: &mut [Hand; 3], frozen: &mut [bool; 3]) {
        let lease_for = DAY * u32::try_from(LEASE_DAYS).unwrap();
        match *step {
            Step::Enqueue { commit, delivery } => self.enqueue(commit, delivery, model).await,
            Step::Tick { worker } if !frozen[worker] => {
                let expected = model.lease();
                let leased = match self.store.lease_next(&format!("w{worker}"), lease_for).await.unwrap() {
                    Leasing::Leased(lease) => Some(*lease),
                    Leasing::Idle | Leasing::BackingOff { .. } => None,
                };
                assert_eq!(leased.as_ref().map(|lease| lease.run.id), expected.map(|job| model.jobs[job].run));
                // A hand that still held something has crashed.
                hands[worker] = leased.zip(expected);
            }
            Step::Heartbeat { worker }
            | Step::SettleOk { worker }
            | Step::SettleFail { worker, .. }
            | Step::GiveBack { worker }
                if !frozen[worker] =>
            {
                let Some((lease, job)) = hands[worker].clone() else { return };
                if !matches!(step, Step::Heartbeat { .. }) {
                    hands[worker] = None;
                }
                self.hold(step, &lease, job, model, lease_for).await;
            }
            Step::Crash { worker } => (hands[worker], frozen[worker]) = (None, false),
            Step::Freeze { worker } => frozen[worker] = true,
            Step::Thaw { worker } => frozen[worker] = false,
            Step::Time { days } => {
                model.day += days;
                self.pass(days).await;
            }
            Step::Prune => {
                let keep = DAY * u32::try_from(KEEP_DAYS).unwrap();
                self.store.prune_deliveries(keep).await.unwrap();
                model.prune();
            }
            // A frozen worker does nothing.
            _ => {}
        }
    }

    async fn enqueue(&mut self, commit: usize, delivery: Option<usize>, model: &mut Model) {
        let expected = model.answering(commit, delivery).map(|job| model.jobs[job].run);
        let enqueued = match delivery {
            Some(id) => {
                let delivery = Delivery {
                    id: format!("d{id}"),
                    body_sha256: format!("body of {commit}"),
                    event: "push".into(),
                    action: None,
                    repo: Some("octo/shop".into()),
                };
                let window = Dedupe::Within(DAY * u32::try_from(WINDOW_DAYS).unwrap());
                self.store.enqueue(&new_run(commit, EventType::Push), Some(&delivery), window).await
            }
            None => self.store.enqueue(&new_run(commit, EventType::Manual), None, Dedupe::WhileLive).await,
        };
        let enqueued = enqueued.unwrap();
        assert_eq!(enqueued.deduplicated.then_some(enqueued.run_id), expected);
        model.enqueued(commit, delivery, enqueued.run_id);
    }

    /// What a worker does with a lease it believes in.
    async fn hold(&mut self, step: &Step, lease: &Lease, job: usize, model: &mut Model, lease_for: Duration) {
        let (day, now) = (model.day, model.step);
        let held = model.held((job, lease.epoch));
        match step {
            Step::Heartbeat { .. } => {
                let kept = kept(self.store.heartbeat(lease, "working", lease_for).await);
                assert_eq!(kept, held.is_some());
                held.into_iter().for_each(|job| job.at = (day + LEASE_DAYS, now));
            }
            Step::SettleOk { .. } => {
                let published = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
                let seen = std::sync::Arc::clone(&published);
                let publish = move || {
                    seen.store(true, std::sync::atomic::Ordering::Relaxed);
                    Ok(())
                };
                let kept = kept(self.store.settle_ok(lease, &success(publish), Timings::default()).await);
                assert_eq!(kept, held.is_some());
                assert_eq!(
                    published.load(std::sync::atomic::Ordering::Relaxed),
                    held.is_some(),
                    "files were put in place past the fence"
                );
                held.into_iter().for_each(|job| job.status = "DONE");
            }
            Step::SettleFail { permanent, .. } => {
                let wait = (!permanent).then(|| DAY * u32::try_from(BACKOFF_DAYS).unwrap());
                let failure = Failure { fault: Fault::new(FaultCode::Network, "it failed"), retry_after: wait };
                let settled = self.store.settle_failed(lease, &failure, Timings::default()).await;
                let Some(job) = held else {
                    assert!(matches!(settled, Err(StoreError::LeaseLost { .. })));
                    return;
                };
                let dead = *permanent || job.attempts >= MAX_ATTEMPTS;
                assert_eq!(settled.unwrap() == RunStatus::Failed, dead);
                (job.status, job.at) = (if dead { "DEAD" } else { "READY" }, (day + BACKOFF_DAYS, now));
            }
            _ => {
                let kept = kept(self.store.give_back(lease).await);
                assert_eq!(kept, held.is_some());
                held.into_iter().for_each(|job| {
                    (job.status, job.attempts, job.at) = ("READY", job.attempts - 1, (day, now));
                });
            }
        }
    }
}

fn play_many(backend: Backend) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(bench) = runtime.block_on(Bench::new(backend)) else { return };
    let bench = std::cell::RefCell::new(bench);
    let config = Config { cases: sequences(backend), failure_persistence: None, ..Config::default() };
    let played = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(bench.borrow_mut().play(&steps));
        Ok::<(), TestCaseError>(())
    });
    if let Err(error) = played {
        panic!("{error}");
    }
}

#[test]
fn random_sequences_do_what_the_model_says_on_sqlite() {
    play_many(Backend::Sqlite);
}

#[test]
fn random_sequences_do_what_the_model_says_on_postgres() {
    play_many(Backend::Postgres);
}
