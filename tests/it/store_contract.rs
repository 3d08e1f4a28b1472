//! The store's promises: one list, held on both databases.

use std::time::Duration;

use ci_feed::model::{
    Access, CommitSha, EventType, Fault, FaultCode, GitRef, Identity, NewRun, Privacy, Reader, RepoName, RunStatus,
    SignalName,
};
use ci_feed::store::{
    Artifact, Dedupe, Delivery, Enqueued, FactChanges, Failure, Lease, Leasing, Run, RunFilter, Store, StoreError,
    Success, Timings,
};
use serde_json::json;

use crate::support::database::{Backend, Probe, TestDatabase, on_both_databases};
use crate::support::invariants;

const LEASE: Duration = Duration::from_secs(300);
const DAY: Dedupe = Dedupe::Within(Duration::from_secs(24 * 3600));

fn sha(n: u32) -> String {
    format!("{n:040x}")
}

fn push_of(owner: &str, n: u32) -> NewRun {
    NewRun {
        repo: RepoName::parse(owner, "shop").unwrap(),
        identity: Identity::Name,
        git_ref: GitRef::parse("main").unwrap(),
        commit_sha: CommitSha::parse(&sha(n)).unwrap(),
        event_type: EventType::Push,
        pr_number: None,
        base_sha: CommitSha::parse(&sha(9999)).ok(),
        base_ref: GitRef::parse("main").ok(),
        title: Some("Sell by the dozen 🥚".into()),
        author: Some("ada".into()),
        privacy: Privacy::Public,
        reconciled: false,
        said_at: None,
        default_branch: None,
    }
}

fn push(n: u32) -> NewRun {
    push_of("octo", n)
}

fn delivery(id: &str) -> Delivery {
    Delivery {
        id: id.into(),
        body_sha256: format!("body of {id}"),
        event: "push".into(),
        action: None,
        repo: Some("octo/shop".into()),
    }
}

async fn with_store(backend: Backend, promise: impl AsyncFnOnce(&Store, &mut Probe)) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    let store = database.store().await;
    let mut probe = database.probe().await;
    promise(&store, &mut probe).await;
    invariants::check(&mut probe).await;
    store.close().await;
}

async fn enqueue(store: &Store, n: u32) -> Enqueued {
    store.enqueue(&push(n), None, DAY).await.unwrap()
}

async fn lease(store: &Store) -> Option<Lease> {
    match store.lease_next("a worker", LEASE).await.unwrap() {
        Leasing::Leased(lease) => Some(*lease),
        Leasing::Idle | Leasing::BackingOff { .. } => None,
    }
}

fn success(publish: impl Fn() -> std::io::Result<()> + Send + Sync + 'static) -> Success {
    let body = b"{}".to_vec();
    let artifact = Artifact {
        name: "dossier.json".into(),
        media_type: "application/json".into(),
        sha256: "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a".into(),
        bytes: 2,
    };
    Success {
        out_dir: "out/ci/x".into(),
        summary_json: json!({ "facts": { "endpoint": 2 } }),
        analyzer_version: "test 1".into(),
        artifacts: vec![(artifact, Some(body))],
        publish: std::sync::Arc::new(publish),
        title: None,
        author: None,
        base_run_id: None,
        facts: None,
        changes: FactChanges::default(),
    }
}

fn failure(retry_after: Option<Duration>) -> Failure {
    Failure { fault: Fault::new(FaultCode::Network, "the git server broke off"), retry_after }
}

async fn a_run_and_its_job_are_written_together_and_read_back(backend: Backend) {
    with_store(backend, async |store, _| {
        let enqueued = enqueue(store, 1).await;
        assert!(!enqueued.deduplicated);
        let detail = store.run(Reader::Trusted, enqueued.run_id).await.unwrap().unwrap();
        assert_eq!(detail.run.status, RunStatus::Queued);
        assert_eq!(detail.run.title.as_deref(), Some("Sell by the dozen 🥚"));
        assert_eq!((detail.run.commit_sha.as_str(), detail.run.git_ref.as_str()), (sha(1).as_str(), "main"));
        assert_eq!((detail.job.attempts, detail.job.max_attempts, detail.job.lease_epoch), (0, 3, 0));
        assert_eq!(detail.run.queue_position, Some(1));
        assert_eq!(detail.run.refs.len(), 1);
        assert_eq!(store.run(Reader::Trusted, uuid::Uuid::nil()).await.unwrap(), None);
    })
    .await;
}

async fn a_commit_that_was_seen_within_the_window_answers_with_its_run(backend: Backend) {
    with_store(backend, async |store, probe| {
        let first = store.enqueue(&push(1), Some(&delivery("d1")), DAY).await.unwrap();
        let mut shouted = push_of("OCTO", 1);
        shouted.event_type = EventType::PullRequest;
        shouted.pr_number = Some(7);
        let second = store.enqueue(&shouted, Some(&delivery("d2")), DAY).await.unwrap();
        assert_eq!(second, Enqueued { run_id: first.run_id, deduplicated: true });
        assert_eq!(probe.number("select count(*) from ci_runs").await, 1);
        let refs = store.run(Reader::Trusted, first.run_id).await.unwrap().unwrap().run.refs;
        assert_eq!(refs.iter().map(|event| event.pr_number).collect::<Vec<_>>(), [None, Some(7)]);
    })
    .await;
}

async fn a_redelivery_answers_with_the_run_of_its_first_delivery(backend: Backend) {
    with_store(backend, async |store, probe| {
        let first = store.enqueue(&push(1), Some(&delivery("d1")), DAY).await.unwrap();
        let again = store.enqueue(&push(1), Some(&delivery("d1")), DAY).await.unwrap();
        assert_eq!(again, Enqueued { run_id: first.run_id, deduplicated: true });
        // The id is outside the signature: under the same id, another body is another event.
        let other = Delivery { body_sha256: "another body".into(), ..delivery("d1") };
        let other = store.enqueue(&push(2), Some(&other), DAY).await.unwrap();
        assert!(!other.deduplicated);
        assert_ne!(other.run_id, first.run_id);
        assert_eq!(probe.number("select count(*) from ci_deliveries").await, 2);
    })
    .await;
}

async fn a_commit_seen_before_the_window_gets_a_new_run(backend: Backend) {
    with_store(backend, async |store, probe| {
        let first = enqueue(store, 1).await;
        finish(store).await;
        let yesterday = match probe {
            Probe::Sqlite(_) => "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '-1441 minutes')",
            Probe::Postgres(_) => "now() - interval '1441 minutes'",
        };
        probe.execute(&format!("update ci_dedupe set created_at = {yesterday}")).await;
        let second = enqueue(store, 1).await;
        assert!(!second.deduplicated);
        assert_ne!(first.run_id, second.run_id);
        // Two runs of one commit are what this is about; the invariant looks within the window only.
        probe.execute(&format!("update ci_runs set event_type = 'manual' where id = '{}'", first.run_id)).await;
    })
    .await;
}

async fn a_commit_whose_run_was_removed_gets_a_new_one(backend: Backend) {
    with_store(backend, async |store, probe| {
        let first = enqueue(store, 1).await;
        probe.execute(&format!("delete from ci_jobs where run_id = '{}'", first.run_id)).await;
        probe.execute(&format!("delete from ci_runs where id = '{}'", first.run_id)).await;
        let second = enqueue(store, 1).await;
        assert!(!second.deduplicated);
        assert_eq!(enqueue(store, 1).await, Enqueued { run_id: second.run_id, deduplicated: true });
    })
    .await;
}

async fn finish(store: &Store) {
    let held = lease(store).await.unwrap();
    store.settle_ok(&held, &success(|| Ok(())), Timings::default()).await.unwrap();
}

async fn a_failed_run_does_not_stand_in_the_way_of_the_next_event(backend: Backend) {
    with_store(backend, async |store, _| {
        let first = enqueue(store, 1).await;
        let held = lease(store).await.unwrap();
        store.settle_failed(&held, &failure(None), Timings::default()).await.unwrap();
        let second = enqueue(store, 1).await;
        assert!(!second.deduplicated);
        assert_ne!(first.run_id, second.run_id);
        assert!(enqueue(store, 1).await.deduplicated);
    })
    .await;
}

async fn what_a_person_asks_for_is_a_new_run_unless_one_is_live(backend: Backend) {
    with_store(backend, async |store, _| {
        let pushed = enqueue(store, 1).await;
        let mut manual = push(1);
        manual.event_type = EventType::Manual;
        let while_queued = store.enqueue(&manual, None, Dedupe::WhileLive).await.unwrap();
        assert_eq!(while_queued, Enqueued { run_id: pushed.run_id, deduplicated: true });
        let held = lease(store).await.unwrap();
        assert!(store.enqueue(&manual, None, Dedupe::WhileLive).await.unwrap().deduplicated, "while RUNNING");
        store.settle_ok(&held, &success(|| Ok(())), Timings::default()).await.unwrap();
        let asked = store.enqueue(&manual, None, Dedupe::WhileLive).await.unwrap();
        assert!(!asked.deduplicated);
        assert_ne!(asked.run_id, pushed.run_id);
    })
    .await;
}

async fn many_deliveries_of_one_commit_at_once_make_one_run(backend: Backend) {
    with_store(backend, async |store, probe| {
        let tasks: Vec<_> = (0..40)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(
                    async move { store.enqueue(&push(n % 2 + 1), Some(&delivery(&format!("d{n}"))), DAY).await },
                )
            })
            .collect();
        let mut fresh = 0;
        for task in tasks {
            fresh += usize::from(!task.await.unwrap().unwrap().deduplicated);
        }
        assert_eq!(fresh, 2);
        assert_eq!(probe.number("select count(*) from ci_runs").await, 2);
        assert_eq!(probe.number("select count(*) from ci_deliveries where run_id is not null").await, 40);
    })
    .await;
}

async fn the_job_that_is_due_longest_goes_first(backend: Backend) {
    with_store(backend, async |store, _| {
        let mut expected = Vec::new();
        for n in 0..5 {
            expected.push(enqueue(store, n + 1).await.run_id);
        }
        let mut leased = Vec::new();
        while let Some(held) = lease(store).await {
            leased.push(held.run.id);
        }
        assert_eq!(leased, expected);
    })
    .await;
}

/// On SQLite one waits for the writer; only Postgres passes over rows that are being written.
#[tokio::test(flavor = "multi_thread")]
async fn a_due_job_that_another_process_is_just_taking_does_not_count_as_backing_off() {
    with_store(Backend::Postgres, async |store, probe| {
        enqueue(store, 1).await;
        probe.execute("begin").await;
        probe.texts("select status from ci_jobs where status = 'READY' for update").await;
        let leasing = store.lease_next("a worker", LEASE).await.unwrap();
        assert!(matches!(leasing, Leasing::Idle), "{leasing:?}");
        probe.execute("rollback").await;
        assert!(lease(store).await.is_some(), "the other process let go of it");
    })
    .await;
}

async fn parallel_workers_never_share_a_job(backend: Backend) {
    with_store(backend, async |store, probe| {
        for n in 0..60 {
            enqueue(store, n + 1).await;
        }
        let workers: Vec<_> = (0..10)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut leased = Vec::new();
                    while let Some(held) = lease(&store).await {
                        leased.push(held.job_id);
                    }
                    leased
                })
            })
            .collect();
        let mut leased = Vec::new();
        for worker in workers {
            leased.extend(worker.await.unwrap());
        }
        let handed_out = leased.len();
        leased.sort();
        leased.dedup();
        assert_eq!((handed_out, leased.len()), (60, 60), "a job was handed out twice or not at all");
        invariants::check_each_job_ran_once(probe).await;
    })
    .await;
}

async fn an_expired_lease_is_taken_over_and_its_old_holder_changes_nothing(backend: Backend) {
    with_store(backend, async |store, probe| {
        enqueue(store, 1).await;
        let slow = lease(store).await.unwrap();
        assert!(lease(store).await.is_none());
        probe.time_passes().await;
        let fresh = lease(store).await.unwrap();
        assert_eq!((fresh.job_id, fresh.attempt, fresh.epoch), (slow.job_id, 2, slow.epoch + 1));
        let lost = |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::LeaseLost { .. })));
        let must_not_publish = || -> std::io::Result<()> { panic!("a stale worker published its result") };
        lost(store.heartbeat(&slow, "late", LEASE).await);
        lost(store.settle_ok(&slow, &success(must_not_publish), Timings::default()).await);
        lost(store.settle_failed(&slow, &failure(None), Timings::default()).await.map(drop));
        lost(store.give_back(&slow).await);
        store.settle_ok(&fresh, &success(|| Ok(())), Timings::default()).await.unwrap();
        let detail = store.run(Reader::Trusted, fresh.run.id).await.unwrap().unwrap();
        assert_eq!(detail.run.status, RunStatus::Succeeded);
        let outcomes: Vec<_> = detail.attempts.iter().map(|attempt| attempt.outcome.as_deref()).collect();
        assert_eq!(outcomes, [Some("lease_expired"), Some("succeeded")]);
    })
    .await;
}

async fn a_job_whose_every_holder_dies_ends_dead_after_its_last_attempt(backend: Backend) {
    with_store(backend, async |store, probe| {
        let enqueued = enqueue(store, 1).await;
        for attempt in 1..=3 {
            assert_eq!(lease(store).await.unwrap().attempt, attempt);
            probe.time_passes().await;
        }
        assert!(lease(store).await.is_none());
        let detail = store.run(Reader::Trusted, enqueued.run_id).await.unwrap().unwrap();
        assert_eq!(detail.run.status, RunStatus::Failed);
        assert_eq!(detail.run.error_code.as_deref(), Some("LEASE_EXPIRED"));
        assert!(detail.run.error.unwrap().contains("attempt 3 of 3"));
        assert_eq!(store.health().await.unwrap().dead, 1);
    })
    .await;
}

async fn a_failed_attempt_waits_for_its_backoff_and_keeps_its_error(backend: Backend) {
    with_store(backend, async |store, probe| {
        let enqueued = enqueue(store, 1).await;
        let held = lease(store).await.unwrap();
        let wait = Some(Duration::from_secs(60));
        let status = store.settle_failed(&held, &failure(wait), Timings::default()).await.unwrap();
        assert_eq!(status, RunStatus::Queued);
        match store.lease_next("w", LEASE).await.unwrap() {
            Leasing::BackingOff { next_due_in_seconds } => assert!((1..=61).contains(&next_due_in_seconds)),
            other => panic!("{other:?}"),
        }
        let detail = store.run(Reader::Trusted, enqueued.run_id).await.unwrap().unwrap();
        assert_eq!(detail.run.error.as_deref(), Some("the git server broke off"));
        probe.time_passes().await;
        assert_eq!(lease(store).await.unwrap().attempt, 2);
    })
    .await;
}

async fn the_last_attempt_and_a_permanent_failure_end_the_run(backend: Backend) {
    with_store(backend, async |store, _| {
        enqueue(store, 1).await;
        for attempt in 1..=3 {
            let held = lease(store).await.unwrap();
            let status = store.settle_failed(&held, &failure(Some(Duration::ZERO)), Timings::default()).await.unwrap();
            assert_eq!(status == RunStatus::Failed, attempt == 3);
        }
        assert!(lease(store).await.is_none());
        enqueue(store, 2).await;
        let held = lease(store).await.unwrap();
        let status = store.settle_failed(&held, &failure(None), Timings::default()).await.unwrap();
        assert_eq!((status, held.attempt), (RunStatus::Failed, 1));
    })
    .await;
}

async fn a_heartbeat_prolongs_the_lease_and_tells_the_phase(backend: Backend) {
    with_store(backend, async |store, probe| {
        enqueue(store, 1).await;
        let held = lease(store).await.unwrap();
        probe.time_passes().await;
        store.heartbeat(&held, "analyzing 3 of 9 files", LEASE).await.unwrap();
        assert!(lease(store).await.is_none(), "a prolonged lease was taken away");
        let run = store.run(Reader::Trusted, held.run.id).await.unwrap().unwrap().run;
        assert_eq!(run.phase.as_deref(), Some("analyzing 3 of 9 files"));
    })
    .await;
}

async fn a_job_given_back_is_due_at_once_and_its_attempt_is_not_counted(backend: Backend) {
    with_store(backend, async |store, _| {
        enqueue(store, 1).await;
        let first = lease(store).await.unwrap();
        store.give_back(&first).await.unwrap();
        let second = lease(store).await.unwrap();
        assert_eq!((second.attempt, second.epoch), (1, 2));
    })
    .await;
}

async fn a_settle_whose_answer_was_lost_can_be_repeated(backend: Backend) {
    with_store(backend, async |store, probe| {
        enqueue(store, 1).await;
        let held = lease(store).await.unwrap();
        for _ in 0..2 {
            store.settle_ok(&held, &success(|| Ok(())), Timings::default()).await.unwrap();
        }
        assert_eq!(probe.number("select count(*) from ci_artifacts").await, 1);
        assert_eq!(store.health().await.unwrap().done, 1);
    })
    .await;
}

async fn a_result_that_cannot_be_put_in_place_settles_nothing(backend: Backend) {
    with_store(backend, async |store, probe| {
        enqueue(store, 1).await;
        let held = lease(store).await.unwrap();
        let full = || Err(std::io::Error::from(std::io::ErrorKind::StorageFull));
        let settled = store.settle_ok(&held, &success(full), Timings::default()).await;
        assert!(matches!(settled, Err(StoreError::Publish(_))));
        assert_eq!(probe.number("select count(*) from ci_artifacts").await, 0);
        assert_eq!(store.run(Reader::Trusted, held.run.id).await.unwrap().unwrap().run.status, RunStatus::Running);
        store.settle_failed(&held, &failure(None), Timings::default()).await.unwrap();
    })
    .await;
}

async fn the_feed_pages_by_cursor_and_filters(backend: Backend) {
    with_store(backend, async |store, _| {
        for n in 0..7 {
            store.enqueue(&push_of(if n % 2 == 0 { "octo" } else { "Other" }, n + 1), None, DAY).await.unwrap();
        }
        let mut seen = Vec::new();
        let mut filter = RunFilter::default();
        loop {
            let page = store.runs(Reader::Trusted, &filter, 3).await.unwrap();
            let Some(last) = page.last() else { break };
            filter.before = Some((last.created_at, last.id));
            seen.extend(page.into_iter().map(|run| run.commit_sha.to_string()));
        }
        assert_eq!(seen, (1..=7).rev().map(sha).collect::<Vec<_>>());
        let of_other = RunFilter { owner: Some("OTHER".into()), repo: Some("Shop".into()), ..RunFilter::default() };
        assert_eq!(store.runs(Reader::Trusted, &of_other, 50).await.unwrap().len(), 3);
        let none = RunFilter { status: Some(RunStatus::Failed), ..RunFilter::default() };
        assert!(store.runs(Reader::Trusted, &none, 50).await.unwrap().is_empty());
        let repos = store.repos(Reader::Trusted).await.unwrap();
        assert_eq!(repos.iter().map(|repo| repo.runs).collect::<Vec<_>>(), [4, 3]);
    })
    .await;
}

async fn every_run_of_a_page_carries_its_events_however_many_others_there_are(backend: Backend) {
    with_store(backend, async |store, probe| {
        let first = store.enqueue(&push_of("octo", 1), None, DAY).await.unwrap();
        let busy = store.enqueue(&push_of("busy", 2), None, DAY).await.unwrap();
        let last = store.enqueue(&push_of("octo", 3), None, DAY).await.unwrap();
        let early = if matches!(probe, Probe::Sqlite(_)) { "'2001-01-01T00:00:00+00:00'" } else { "'2001-01-01'" };
        let rows: Vec<_> =
            (0..6000).map(|n| format!("('{}', 'pull_request', 'b{n}', {n}, {early})", busy.run_id)).collect();
        let insert = "insert into ci_run_refs (run_id, event_type, ref, pr_number, received_at) values ";
        probe.execute(&format!("{insert}{}", rows.join(", "))).await;
        let of_octo = RunFilter { owner: Some("octo".into()), repo: Some("shop".into()), ..RunFilter::default() };
        let page = store.runs(Reader::Trusted, &of_octo, 50).await.unwrap();
        let ids: Vec<_> = page.iter().map(|run| (run.id, run.refs.len())).collect();
        assert_eq!(ids, [(last.run_id, 1), (first.run_id, 1)]);
        let repos = store.repos(Reader::Trusted).await.unwrap();
        let latest: Vec<_> = repos.iter().map(|repo| (repo.latest.id, repo.runs)).collect();
        assert_eq!(latest, [(last.run_id, 2), (busy.run_id, 1)]);
    })
    .await;
}

async fn private_runs_are_only_listed_for_those_who_may_see_them(backend: Backend) {
    with_store(backend, async |store, _| {
        let mut hidden = push(1);
        hidden.privacy = Privacy::Private;
        store.enqueue(&hidden, None, DAY).await.unwrap();
        assert!(store.runs(Reader::Stranger, &RunFilter::default(), 50).await.unwrap().is_empty());
        assert!(store.repos(Reader::Stranger).await.unwrap().is_empty());
        let all = RunFilter::default();
        assert_eq!(store.runs(Reader::Trusted, &all, 50).await.unwrap().len(), 1);
    })
    .await;
}

fn of_privacy(owner: &str, n: u32, privacy: Privacy) -> NewRun {
    NewRun { privacy, ..push_of(owner, n) }
}

async fn what_is_hidden_is_shown_by_a_fetch_alone_and_only_where_nobody_knew(backend: Backend) {
    with_store(backend, async |store, _| {
        let make = async |n, privacy| {
            let run = store.enqueue(&of_privacy("octo", n, privacy), None, DAY).await.unwrap().run_id;
            store.run(Reader::Trusted, run).await.unwrap().unwrap().run
        };
        let is_shown = async |run: &Run| store.run(Reader::Stranger, run.id).await.unwrap().is_some();
        let first = make(1, Privacy::Readable).await;
        assert!(is_shown(&first).await);
        // An event of which nobody knows joins it: its branch would be shown too.
        assert_eq!(make(1, Privacy::Undecided).await.id, first.id);
        assert!(!is_shown(&first).await);
        for (access, reader) in [
            (Access::Open, Reader::Stranger),
            (Access::Refused, Reader::Trusted),
            (Access::Open, Reader::Stranger),
            (Access::WithToken, Reader::Trusted),
            (Access::Open, Reader::Trusted),
        ] {
            assert_eq!(store.found(&first, access).await.unwrap(), reader, "{access:?}");
            assert_eq!(is_shown(&first).await, reader == Reader::Stranger, "{access:?}");
        }
        let (said, read) = (make(2, Privacy::Public).await, make(3, Privacy::Readable).await);
        assert!(!is_shown(&said).await && !is_shown(&read).await, "the repository is known to be private");
        assert_eq!(store.found(&read, Access::Open).await.unwrap(), Reader::Trusted, "the forge did not say so");
        assert_eq!(store.found(&said, Access::Open).await.unwrap(), Reader::Stranger, "it did");
        assert!(is_shown(&make(4, Privacy::Public).await).await, "public again: new runs");
        assert!(!is_shown(&first).await && !is_shown(&read).await, "and no old ones");
    })
    .await;
}

async fn no_run_is_shown_beside_an_event_that_hides_its_repository(backend: Backend) {
    with_store(backend, async |store, _| {
        for n in 1..=20 {
            let owner = format!("octo{n}");
            let (public, private) =
                (of_privacy(&owner, n, Privacy::Public), of_privacy(&owner, n + 100, Privacy::Private));
            let (first, second) = tokio::join!(store.enqueue(&public, None, DAY), store.enqueue(&private, None, DAY));
            first.unwrap();
            second.unwrap();
        }
        let shown = store.runs(Reader::Stranger, &RunFilter::default(), 50).await.unwrap();
        // Where the private one came first, the other one says that it is public again, which a fetch has to bear out.
        assert_eq!(shown, Vec::new());
    })
    .await;
}

async fn health_counts_jobs_by_status(backend: Backend) {
    with_store(backend, async |store, _| {
        for n in 0..4 {
            enqueue(store, n + 1).await;
        }
        finish(store).await;
        let _held = lease(store).await.unwrap();
        store.signal(SignalName::Tick, Some("processed")).await.unwrap();
        store.signal(SignalName::Tick, Some("idle")).await.unwrap();
        let health = store.health().await.unwrap();
        assert_eq!((health.ready, health.leased, health.done, health.dead), (2, 1, 1, 0));
        assert!(health.oldest_ready_at.is_some() && !health.recent_runs.is_empty());
        let tick = health.signals.iter().find(|signal| signal.name == "tick").unwrap();
        assert_eq!((tick.count, tick.detail.as_deref()), (2, Some("idle")));
    })
    .await;
}

async fn ignored_deliveries_are_logged_and_old_ones_forgotten(backend: Backend) {
    with_store(backend, async |store, probe| {
        store.record_ignored(&delivery("d1"), "ping: the hook is connected").await.unwrap();
        let log = store.deliveries(Reader::Trusted, None, 10).await.unwrap();
        assert_eq!(
            (log[0].outcome.as_str(), log[0].reason.as_deref()),
            ("ignored", Some("ping: the hook is connected"))
        );
        assert_eq!(store.prune_deliveries(Duration::from_secs(60)).await.unwrap(), 0);
        let old = match probe {
            Probe::Sqlite(_) => "'2001-01-01T00:00:00+00:00'",
            Probe::Postgres(_) => "timestamptz '2001-01-01 00:00:00+00'",
        };
        probe.execute(&format!("update ci_deliveries set received_at = {old}")).await;
        assert_eq!(store.prune_deliveries(Duration::from_secs(60)).await.unwrap(), 1);
    })
    .await;
}

on_both_databases! {
    a_run_and_its_job_are_written_together_and_read_back,
    a_commit_that_was_seen_within_the_window_answers_with_its_run,
    a_redelivery_answers_with_the_run_of_its_first_delivery,
    a_commit_seen_before_the_window_gets_a_new_run,
    a_commit_whose_run_was_removed_gets_a_new_one,
    a_failed_run_does_not_stand_in_the_way_of_the_next_event,
    what_a_person_asks_for_is_a_new_run_unless_one_is_live,
    many_deliveries_of_one_commit_at_once_make_one_run,
    the_job_that_is_due_longest_goes_first,
    parallel_workers_never_share_a_job,
    an_expired_lease_is_taken_over_and_its_old_holder_changes_nothing,
    a_job_whose_every_holder_dies_ends_dead_after_its_last_attempt,
    a_failed_attempt_waits_for_its_backoff_and_keeps_its_error,
    the_last_attempt_and_a_permanent_failure_end_the_run,
    a_heartbeat_prolongs_the_lease_and_tells_the_phase,
    a_job_given_back_is_due_at_once_and_its_attempt_is_not_counted,
    a_settle_whose_answer_was_lost_can_be_repeated,
    a_result_that_cannot_be_put_in_place_settles_nothing,
    the_feed_pages_by_cursor_and_filters,
    every_run_of_a_page_carries_its_events_however_many_others_there_are,
    private_runs_are_only_listed_for_those_who_may_see_them,
    what_is_hidden_is_shown_by_a_fetch_alone_and_only_where_nobody_knew,
    no_run_is_shown_beside_an_event_that_hides_its_repository,
    health_counts_jobs_by_status,
    ignored_deliveries_are_logged_and_old_ones_forgotten,
}
