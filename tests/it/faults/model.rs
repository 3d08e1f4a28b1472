//! The queue against a model of it: random sequences of everything that can happen to it, on both databases. After each
//! step the store's answer is the model's, the rows are the model's, and every invariant holds.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ci_feed::model::{
    Change, CommitSha, EventType, FactRow, FactSet, Fault, FaultCode, GitRef, Identity, NewRun, News, Privacy, Reader,
    RepoName, RunStatus,
};
use ci_feed::store::{
    Artifact, Dedupe, Delivery, Events, FactChanges, FactsSet, Failure, Head, Lease, Leasing, PlaceNow, RunFilter,
    Store, StoreError, Success, Timings,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::json;
use uuid::Uuid;

use super::reference::{GONE, KEEP_DAYS, LATER, LEASE_DAYS, Lane, MAX_ATTEMPTS, Model, NAMES, PLACES, WINDOW_DAYS};
use crate::support::database::{Backend, Probe, TestDatabase};
use crate::support::invariants::{self, Witness};

/// Sequences of a usual run, where each statement to Postgres is a round trip; `PROPTEST_CASES=10000` asks for more.
fn sequences(backend: Backend) -> u32 {
    crate::support::asked_cases().unwrap_or(if backend == Backend::Sqlite { 600 } else { 300 })
}
/// The model's unit of time: long enough that the time a test takes does not count.
const DAY: Duration = Duration::from_secs(24 * 3600);
const BACKOFF_DAYS: i64 = 5;

/// Where an event happens.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// The branch, and the commit that it was at before.
    Branch(usize, Option<usize>),
    Pull(usize),
}

#[derive(Debug, Clone)]
enum Step {
    /// A delivery with this id, or a person's request without one; the place, and the hour that the event says.
    Enqueue {
        commit: usize,
        delivery: Option<usize>,
        place: Place,
        said: Option<i64>,
    },
    /// A branch is deleted, or a pull request closed at this commit.
    Ends {
        commit: usize,
        place: Place,
        said: Option<i64>,
    },
    /// The forge says where the branches are; while it was asked, one of them went to a commit.
    Look {
        forge: [Option<usize>; PLACES],
        meanwhile: Option<(usize, usize)>,
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
    /// The forge gives the repository another of its names, and tells.
    Rename {
        to: usize,
    },
    /// The forge has another default branch, and tells.
    Default {
        to: usize,
    },
    /// Somebody deletes the repository here.
    Delete,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let worker = 0..3_usize;
    let (commit, place) = (0..4_usize, 0..PLACES);
    let said = proptest::option::weighted(0.8, 0..2 * LATER);
    let somewhere = prop_oneof![
        2 => (place.clone(), proptest::option::of(commit.clone())).prop_map(|(branch, before)| Place::Branch(branch, before)),
        1 => place.clone().prop_map(Place::Pull),
    ];
    let forge = [proptest::option::of(commit.clone()), proptest::option::of(commit.clone())];
    let step = prop_oneof![
        6 => (commit.clone(), proptest::option::weighted(0.8, 0..6_usize), somewhere.clone(), said.clone())
            .prop_map(|(commit, delivery, place, said)| Step::Enqueue { commit, delivery, place, said }),
        2 => (commit.clone(), somewhere, said).prop_map(|(commit, place, said)| Step::Ends { commit, place, said }),
        1 => (forge, proptest::option::of((place, commit)))
            .prop_map(|(forge, meanwhile)| Step::Look { forge, meanwhile }),
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
        1 => (0..NAMES.len()).prop_map(|to| Step::Rename { to }),
        1 => (0..PLACES).prop_map(|to| Step::Default { to }),
        1 => Just(Step::Delete),
    ];
    proptest::collection::vec(step, 1..24)
}

/// A worker's hand: the lease, and its job in the model.
type Hand = Option<(Lease, usize)>;

struct Bench {
    store: Store,
    /// What the first worker compared when it leased: by the time it settles, other facts may stand.
    compared: FactChanges,
    probe: Probe,
}

fn repo(name: usize) -> RepoName {
    RepoName::parse(NAMES[name].0, NAMES[name].1).unwrap()
}

fn sha(commit: usize) -> CommitSha {
    CommitSha::parse(&format!("{:040x}", commit + 1)).unwrap()
}

fn branch(n: usize) -> GitRef {
    GitRef::parse(&format!("branch-{n}")).unwrap()
}

/// The number of a pull request.
fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap() + 1
}

fn time(said: Option<i64>) -> Option<DateTime<Utc>> {
    let of = |hour| {
        let year = if hour < LATER { 2001 } else { 2101 };
        DateTime::parse_from_rfc3339(&format!("{year}-01-01T00:00:00Z")).unwrap().to_utc() + TimeDelta::hours(hour)
    };
    said.map(of)
}

/// Of each commit three facts: one that all have, one that differs, one that others have too.
fn facts(commit: usize) -> Vec<FactRow> {
    let row = |key: String, detail: usize| FactRow {
        kind: "env_var".into(),
        id: format!("id of {key}"),
        key,
        status: "EVIDENCED".into(),
        attrs: "{}".into(),
        details: Some(format!("{{\"default\":{detail}}}")),
        path: "src/\"main\".rs".into(),
        line: i64::try_from(commit).unwrap(),
        end_line: 7,
        sha256: "ab".into(),
    };
    vec![row("ALL".into(), commit), row(format!("ONLY_{commit}"), 1), row(format!("HALF_{}", commit % 2), 2)]
}

fn fact_set(commit: usize) -> FactSet {
    FactSet { analyzer: "test 1".into(), coverage: "{}".into(), rows: facts(commit) }
}

fn new_run(model: &Model, commit: usize, place: Place, said: Option<i64>) -> NewRun {
    let (event_type, at, before, pr_number) = match place {
        // A pull request's branch is called like one of ours.
        Place::Pull(n) => (EventType::PullRequest, 0, None, Some(number(n))),
        Place::Branch(at, before) => (EventType::Push, at, before, None),
    };
    NewRun {
        base_sha: before.map(sha),
        pr_number,
        said_at: time(said),
        identity: Identity::Id(1),
        default_branch: Some(branch(model.says)),
        ..NewRun::new(repo(model.name), branch(at), sha(commit), event_type, Privacy::Public)
    }
}

fn success(
    commit: usize,
    changes: FactChanges,
    publish: impl Fn() -> std::io::Result<()> + Send + Sync + 'static,
) -> Success {
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
        facts: Some(fact_set(commit)),
        changes,
    }
}

fn commit_of(lease: &Lease) -> usize {
    usize::from_str_radix(lease.run.commit_sha.as_str(), 16).unwrap() - 1
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
        let (store, probe) = (database.store().await, database.probe().await);
        let bench = Self { store, compared: FactChanges::default(), probe };
        // The folder of the SQLite file lives as long as the process.
        std::mem::forget(database);
        Some(bench)
    }

    async fn empty(&mut self) {
        for table in [
            "ci_artifacts",
            "ci_attempts",
            "ci_jobs",
            "ci_run_refs",
            "ci_runs",
            "ci_dedupe",
            "ci_deliveries",
            "ci_branches",
            "ci_pulls",
            "ci_repos",
            "ci_turns",
            "ci_repo_names",
            "ci_privacy",
            "ci_facts",
            "ci_fact_places",
            "ci_fact_events",
            "ci_fact_looks",
        ] {
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

    async fn compare(&self, lease: &Lease) -> FactChanges {
        self.store.compare_facts(&lease.run, Some(&fact_set(commit_of(lease)))).await
    }

    async fn rows(&mut self) -> Vec<String> {
        let sql = "select cast(run_id as text) || ' ' || status || ' ' || attempts || ' ' || lease_epoch
                       || case status when 'READY' then ' ' || class || coalesce(' ' || turn, '') else '' end
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
                .filter(|job| job.status != GONE)
                .map(|job| {
                    let place = match (job.status, job.turn) {
                        ("READY", Some(turn)) => format!(" {} {turn}", job.class),
                        ("READY", None) => format!(" {}", job.class),
                        _ => String::new(),
                    };
                    format!("{} {} {} {}{place}", job.run, job.status, job.attempts, job.epoch)
                })
                .collect();
            assert_eq!(self.rows().await, expected, "after step {n}, {step:?}");
            self.stands(&model, step).await;
            self.facts_are_right(&model, step).await;
            if matches!(step, Step::Delete) {
                witness = Witness::default();
            }
            witness.observe(&mut self.probe).await;
            // I5 holds within the window only; the model says when a commit may have a second run.
            invariants::check_but_one_run_a_commit(&mut self.probe).await;
        }
    }

    async fn take(&mut self, step: &Step, model: &mut Model, hands: &mut [Hand; 3], frozen: &mut [bool; 3]) {
        let lease_for = DAY * u32::try_from(LEASE_DAYS).unwrap();
        match *step {
            Step::Enqueue { commit, delivery, place, said } => {
                self.enqueue(commit, delivery, (place, said), model).await;
            }
            Step::Ends { commit, place, said } => self.ends(commit, place, said, model).await,
            Step::Look { forge, meanwhile } => self.look(&forge, meanwhile, model).await,
            Step::Tick { worker } if !frozen[worker] => {
                let expected = model.lease();
                let leased = match self.store.lease_next(&format!("w{worker}"), lease_for).await.unwrap() {
                    Leasing::Leased(lease) => Some(*lease),
                    Leasing::Idle | Leasing::BackingOff { .. } => None,
                };
                assert_eq!(leased.as_ref().map(|lease| lease.run.id), expected.map(|job| model.jobs[job].run));
                if let Some(lease) = leased.as_ref().filter(|_| worker == 0) {
                    self.compared = self.compare(lease).await;
                }
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
            Step::Rename { to } if to != model.name => {
                let from = repo(model.name);
                model.name = to;
                self.hears(model, Change::Renamed { from }, None).await;
                if model.is_known || model.jobs.iter().any(|job| job.status != GONE) {
                    model.told();
                }
            }
            Step::Default { to } => {
                model.says = to;
                self.hears(model, Change::Edited { action: "edited".into() }, None).await;
                if model.is_known {
                    model.told();
                }
            }
            Step::Delete => {
                let deletion = self.store.delete_repo(&repo(model.name), None).await.unwrap();
                if let Some(deletion) = deletion {
                    while !self.store.delete_on(&deletion).await.unwrap().is_done {}
                }
                model.deleted();
            }
            // A frozen worker does nothing.
            _ => {}
        }
    }

    /// Branches and pull requests stand where the model says, and a branch's newest run is that of its head, if it has one.
    async fn stands(&mut self, model: &Model, step: &Step) {
        let branches = (0..PLACES).filter_map(|n| Some(format!("{} {}", branch(n), sha(model.branches[n]?.0))));
        let rows = self.probe.texts("select branch || ' ' || head_sha from ci_branches order by 1").await;
        assert_eq!(rows, branches.collect::<Vec<_>>(), "after {step:?}");
        let pulls = (0..PLACES).filter_map(|n| {
            let (head, is_open, _) = model.pulls[n]?;
            Some(format!("{} {} {}", number(n), sha(head), if is_open { "open" } else { "closed" }))
        });
        let rows = self.probe.texts("select number || ' ' || head_sha || ' ' || state from ci_pulls order by 1").await;
        assert_eq!(rows, pulls.collect::<Vec<_>>(), "after {step:?}");
        if !matches!(step, Step::Enqueue { .. } | Step::Ends { .. } | Step::Look { .. }) {
            return;
        }
        for (n, (head, _)) in (0..PLACES).filter_map(|n| Some((n, model.branches[n]?))) {
            let events = Events::Of(branch(n).to_string());
            let (owner, repo) = NAMES[model.name];
            let filter =
                RunFilter { owner: Some(owner.into()), repo: Some(repo.into()), events, ..RunFilter::default() };
            let newest = self.store.standing(Reader::Trusted, &filter).await.unwrap().newest;
            if model.key[head].is_some() {
                assert_eq!(newest.map(|run| run.commit_sha), Some(sha(head)), "after {step:?}");
            }
        }
    }

    async fn ends(&mut self, commit: usize, place: Place, said: Option<i64>, model: &mut Model) {
        let change = match place {
            Place::Branch(at, before) => {
                if model.branches[at].is_some() && model.moves(at, before, said) {
                    let freed = model.moved(at, None);
                    model.give_up(freed);
                }
                Change::Deleted { branch: branch(at), before: before.map(sha) }
            }
            Place::Pull(n) => {
                let (_, freed) = model.pulled(n, commit, false, said);
                model.give_up(freed);
                Change::Closed { number: number(n), head_sha: sha(commit), base_ref: branch(0) }
            }
        };
        self.hears(model, change, said).await;
        model.told();
    }

    async fn hears(&mut self, model: &Model, change: Change, said: Option<i64>) {
        let delivery = Delivery {
            id: Uuid::now_v7().to_string(),
            body_sha256: "a body".into(),
            event: "push".into(),
            action: None,
            repo: None,
        };
        let identity = Identity::Id(1);
        let default_branch = Some(branch(model.says));
        let news = News { repo: repo(model.name), identity, default_branch, said_at: time(said), change };
        self.store.record_news(&delivery, &news).await.unwrap();
    }

    async fn look(&mut self, forge: &[Option<usize>; PLACES], meanwhile: Option<(usize, usize)>, model: &mut Model) {
        let Some(known) = self.store.known_repo(&repo(model.name)).await.unwrap() else { return };
        let stood = self.store.branches(&known).await.unwrap();
        // It needs a repository that is known.
        let meanwhile = meanwhile.filter(|_| !stood.is_empty());
        if let Some((at, commit)) = meanwhile {
            let before = model.branches[at].map(|(head, _)| head);
            self.hears(
                model,
                Change::Skipped {
                    branch: branch(at),
                    before: before.map(sha),
                    commit_sha: sha(commit),
                    marker: "[skip ci]",
                },
                None,
            )
            .await;
            let freed = model.moved(at, Some((commit, None)));
            model.give_up(freed);
            model.told();
        }
        if stood.is_empty() {
            return;
        }
        let head = |(n, commit): (usize, &Option<usize>)| Some(Head { branch: branch(n), commit_sha: sha((*commit)?) });
        let heads: Vec<_> = forge.iter().enumerate().filter_map(head).collect();
        self.store.note_heads(&known, &stood, &heads, (true, true)).await.unwrap();
        model.looked(forge, meanwhile.map(|(at, _)| at));
    }

    async fn enqueue(
        &mut self,
        commit: usize,
        delivery: Option<usize>,
        (place, said): (Place, Option<i64>),
        model: &mut Model,
    ) {
        let is_heard = delivery.is_some_and(|id| model.redelivered(commit, id).is_none());
        // Who answers is decided before things move.
        let answering = model.answering(commit, delivery);
        let expected = answering.map(|job| model.jobs[job].run);
        let enqueued = match delivery {
            Some(id) => {
                let delivery = Delivery {
                    id: format!("d{id}"),
                    body_sha256: format!("body of {commit}"),
                    event: "push".into(),
                    action: None,
                    repo: Some(repo(model.name).to_string()),
                };
                let window = Dedupe::Within(DAY * u32::try_from(WINDOW_DAYS).unwrap());
                self.store.enqueue(&new_run(model, commit, place, said), Some(&delivery), window).await
            }
            None => {
                let run = new_run(model, commit, place, said);
                let wish = NewRun { event_type: EventType::Manual, pr_number: None, identity: Identity::Name, ..run };
                self.store.enqueue(&wish, None, Dedupe::WhileLive).await
            }
        };
        let enqueued = enqueued.unwrap();
        assert_eq!(enqueued.deduplicated.then_some(enqueued.run_id), expected);
        let news = is_heard.then(|| match place {
            Place::Branch(at, before) if model.moves(at, before, said) => (true, model.moved(at, Some((commit, said)))),
            Place::Branch(..) => (false, None),
            Place::Pull(number) => model.pulled(number, commit, true, said),
        });
        if is_heard {
            model.told();
        }
        model.enqueued(commit, delivery, (answering, enqueued.run_id), news);
        if is_heard || delivery.is_none() {
            let job = answering.unwrap_or(model.jobs.len() - 1);
            let lane = match (place, delivery) {
                (Place::Branch(at, _), None) => Lane::Wish(at),
                (Place::Pull(_), None) => Lane::Wish(0),
                (Place::Branch(at, _), Some(_)) => Lane::Push(at),
                (Place::Pull(number), Some(_)) => Lane::Pull(number),
            };
            model.attach(job, lane, news.is_some_and(|(is_new, _)| is_new));
        }
    }

    /// Each place has the facts of the run that it says they are of; and once what moved was looked at, that is the run
    /// whose dossier is the newest.
    async fn facts_are_right(&mut self, model: &Model, step: &Step) {
        self.facts_are_those_of_their_runs(step).await;
        while let Some(look) = self.store.next_fact_look().await.unwrap() {
            let mut last: Option<PlaceNow> = None;
            while let Some(place) = self.store.fact_place(&look, last.as_ref()).await.unwrap() {
                let commit = place.wants.and_then(|run| model.jobs.iter().find(|job| job.run == run));
                let facts = commit.map(|job| fact_set(job.commit));
                while !place.is_right && self.store.set_facts(&place, facts.as_ref()).await.unwrap() != FactsSet::Done {
                }
                last = Some(place);
            }
            self.store.end_fact_look(&look).await.unwrap();
        }
        self.facts_are_those_of_their_runs(step).await;
        let places =
            "select pull || ' ' || commit_sha || coalesce(' ' || branch, '') from ci_fact_places order by pull";
        let place = |pull: Option<usize>| {
            let number = pull.map_or(0, number);
            let branch = model.default.filter(|_| pull.is_none()).map(|n| format!(" {}", branch(n)));
            Some(format!("{number} {}{}", sha(model.dossier(pull)?), branch.unwrap_or_default()))
        };
        let expected = std::iter::once(None).chain((0..PLACES).map(Some)).filter_map(place);
        assert_eq!(self.probe.texts(places).await, expected.collect::<Vec<_>>(), "after {step:?}");
    }

    async fn facts_are_those_of_their_runs(&mut self, step: &Step) {
        let rows = "select p.pull || ' ' || p.commit_sha || ' ' || f.key || ' ' || f.line || ' ' || f.details || f.path
             from ci_facts f join ci_fact_places p on p.repo_key = f.repo_key and p.pull = f.pull
             where p.run_id is not null order by p.pull, f.key";
        let places = "select pull || ' ' || commit_sha from ci_fact_places where run_id is not null order by pull";
        let mut expected = Vec::new();
        for place in self.probe.texts(places).await {
            let commit = usize::from_str_radix(&place[2..], 16).unwrap() - 1;
            let mut facts = facts(commit);
            facts.sort_by(|a, b| a.key.cmp(&b.key));
            let line =
                |fact: FactRow| format!("{place} {} {} {}{}", fact.key, fact.line, fact.details.unwrap(), fact.path);
            expected.extend(facts.into_iter().map(line));
        }
        assert_eq!(self.probe.texts(rows).await, expected, "after {step:?}");
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
            Step::SettleOk { worker } => {
                let commit = commit_of(lease);
                let published = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
                let seen = std::sync::Arc::clone(&published);
                let publish = move || {
                    seen.store(true, std::sync::atomic::Ordering::Relaxed);
                    Ok(())
                };
                let changes = match worker {
                    0 => self.compared.clone(),
                    1 => self.compare(lease).await,
                    _ => FactChanges::default(),
                };
                let success = success(commit, changes, publish);
                let kept = kept(self.store.settle_ok(lease, &success, Timings::default()).await);
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
                job.turn = None;
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
