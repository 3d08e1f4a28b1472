//! Which waiting run is next: no repository keeps the others waiting, and nobody waits for what is no longer a head.

use std::time::Duration;

use ci_feed::model::{
    Change, CommitSha, EventType, Fault, FaultCode, GitRef, Identity, NewRun, News, Privacy, Reader, RepoName,
};
use ci_feed::store::{Dedupe, Delivery, Failure, Head, Lease, Leasing, Store, Timings};

use crate::support::database::{Backend, Probe, TestDatabase, on_both_databases};
use crate::support::invariants;

const LEASE: Duration = Duration::from_secs(300);
const DAY: Dedupe = Dedupe::Within(Duration::from_secs(24 * 3600));

fn repo(name: &str) -> RepoName {
    RepoName::parse("octo", name).unwrap()
}

fn sha(n: usize) -> CommitSha {
    CommitSha::parse(&format!("{n:040x}")).unwrap()
}

fn branch(name: &str) -> GitRef {
    GitRef::parse(name).unwrap()
}

struct Queue {
    store: Store,
    probe: Probe,
    _database: TestDatabase,
    deliveries: usize,
}

impl Queue {
    async fn new(backend: Backend) -> Option<Self> {
        let database = TestDatabase::new(backend).await?;
        let (store, probe) = (database.store().await, database.probe().await);
        Some(Self { store, probe, _database: database, deliveries: 0 })
    }

    fn delivery(&mut self) -> Delivery {
        self.deliveries += 1;
        let n = self.deliveries;
        Delivery { id: format!("d{n}"), body_sha256: format!("{n}"), event: "push".into(), action: None, repo: None }
    }

    /// A push that moves a branch from one commit to another.
    async fn push(&mut self, name: &str, to: &str, before: usize, after: usize) {
        let base_sha = (before > 0).then(|| sha(before));
        let run = NewRun::new(repo(name), branch(to), sha(after), EventType::Push, Privacy::Public);
        let delivery = self.delivery();
        self.store.enqueue(&NewRun { base_sha, ..run }, Some(&delivery), DAY).await.unwrap();
    }

    async fn pull(&mut self, name: &str, number: i64, commit: usize) {
        let run = NewRun::new(repo(name), branch("topic"), sha(commit), EventType::PullRequest, Privacy::Public);
        let delivery = self.delivery();
        self.store.enqueue(&NewRun { pr_number: Some(number), ..run }, Some(&delivery), DAY).await.unwrap();
    }

    async fn hear(&mut self, name: &str, change: Change) {
        let delivery = self.delivery();
        let news = News { repo: repo(name), identity: Identity::Name, default_branch: None, said_at: None, change };
        self.store.record_news(&delivery, &news).await.unwrap();
    }

    async fn wish(&self, name: &str, commit: usize, dedupe: Dedupe) -> bool {
        let run = NewRun::new(repo(name), branch("main"), sha(commit), EventType::Manual, Privacy::Public);
        self.store.enqueue(&run, None, dedupe).await.unwrap().deduplicated
    }

    async fn ask(&self, name: &str, commit: usize) {
        self.wish(name, commit, Dedupe::WhileLive).await;
    }

    async fn lease(&self) -> Option<Lease> {
        match self.store.lease_next("a worker", LEASE).await.unwrap() {
            Leasing::Leased(lease) => Some(*lease),
            Leasing::Idle | Leasing::BackingOff { .. } => None,
        }
    }

    /// Lease whatever is left; answers repositories and commits in that order.
    async fn order(&mut self) -> String {
        let mut order = Vec::new();
        while let Some(lease) = self.lease().await {
            let commit = lease.run.commit_sha.as_str().trim_start_matches('0').to_owned();
            order.push(format!("{}:{commit}", lease.run.repo.name()));
        }
        invariants::check(&mut self.probe).await;
        order.join(" ")
    }
}

async fn a_busy_repository_does_not_keep_the_others_waiting(backend: Backend) {
    let Some(mut queue) = Queue::new(backend).await else { return };
    for n in 1..=4 {
        queue.push("busy", &format!("topic-{n}"), 0, n).await;
    }
    queue.push("quiet", "main", 0, 1).await;
    queue.push("calm", "main", 0, 1).await;
    queue.push("calm", "topic", 0, 2).await;
    assert_eq!(queue.order().await, "busy:1 quiet:1 calm:1 busy:2 calm:2 busy:3 busy:4");
}

async fn of_a_burst_the_head_has_the_turn_of_the_first_push_and_the_others_go_last(backend: Backend) {
    let Some(mut queue) = Queue::new(backend).await else { return };
    queue.push("first", "main", 0, 1).await;
    for n in 1..=4 {
        queue.push("busy", "main", n - 1, n).await;
    }
    queue.push("quiet", "main", 0, 1).await;
    queue.push("busy", "main", 4, 5).await;
    assert_eq!(queue.order().await, "first:1 quiet:1 busy:5 busy:1 busy:2 busy:3 busy:4");
    // The pushes that came to nothing cost no turn.
    queue.push("busy", "main", 5, 6).await;
    queue.push("busy", "topic", 0, 7).await;
    queue.push("quiet", "main", 1, 2).await;
    assert_eq!(queue.order().await, "busy:6 quiet:2 busy:7");
}

async fn a_push_to_a_pull_request_is_one_push(backend: Backend) {
    let Some(mut queue) = Queue::new(backend).await else { return };
    for n in 1..=5 {
        queue.push("busy", "topic", n - 1, n).await;
        queue.pull("busy", 7, n).await;
    }
    queue.push("busy", "main", 0, 9).await;
    queue.push("quiet", "main", 0, 1).await;
    queue.push("quiet", "other", 0, 2).await;
    assert_eq!(queue.order().await, "busy:5 quiet:1 busy:9 quiet:2 busy:1 busy:2 busy:3 busy:4");
}

async fn what_nothing_stands_at_goes_last_until_something_does_again(backend: Backend) {
    let Some(mut queue) = Queue::new(backend).await else { return };
    queue.push("shop", "gone", 0, 1).await;
    queue.push("shop", "main", 0, 2).await;
    queue.pull("shop", 7, 3).await;
    queue.pull("shop", 8, 4).await;
    queue.push("shop", "both", 0, 5).await;
    queue.pull("shop", 9, 5).await;
    queue.hear("shop", Change::Deleted { branch: branch("gone"), before: Some(sha(1)) }).await;
    for (number, head_sha) in [(7, sha(3)), (9, sha(5))] {
        queue.hear("shop", Change::Closed { number, head_sha, base_ref: branch("main") }).await;
    }
    // Forced back, and forth again.
    queue.push("shop", "main", 2, 6).await;
    queue.push("shop", "main", 6, 2).await;
    assert_eq!(queue.order().await, "shop:2 shop:4 shop:5 shop:1 shop:3 shop:6");
}

async fn what_comes_late_goes_last_and_a_look_moves_heads_as_a_push_does(backend: Backend) {
    let Some(mut queue) = Queue::new(backend).await else { return };
    queue.push("shop", "main", 1, 2).await;
    queue.push("shop", "main", 7, 1).await;
    queue.push("quiet", "main", 0, 1).await;
    // The forge says that `main` is at 3, of which no webhook told.
    let known = queue.store.known_repo(&repo("shop")).await.unwrap().unwrap();
    let stood = queue.store.branches(&known).await.unwrap();
    let found = NewRun::new(repo("shop"), branch("main"), sha(3), EventType::Push, Privacy::Public);
    queue.store.enqueue(&NewRun { reconciled: true, ..found }, None, DAY).await.unwrap();
    let heads = [Head { branch: branch("main"), commit_sha: sha(3) }];
    queue.store.note_heads(&known, &stood, &heads, (true, true)).await.unwrap();
    assert_eq!(queue.order().await, "quiet:1 shop:3 shop:2 shop:1");
}

async fn a_renamed_repository_waits_where_it_waited(backend: Backend) {
    let Some(mut queue) = Queue::new(backend).await else { return };
    queue.push("shop", "main", 0, 1).await;
    queue.push("shop", "topic", 0, 2).await;
    queue.hear("store", Change::Renamed { from: repo("shop") }).await;
    queue.push("quiet", "main", 0, 1).await;
    queue.push("store", "main", 1, 3).await;
    queue.push("store", "other", 0, 4).await;
    assert_eq!(queue.order().await, "quiet:1 store:3 store:2 store:4 store:1");
    let of_shop = "select count(*) from ci_turns where repo_key = 'octo/store'";
    assert_eq!(queue.probe.number(of_shop).await, 0, "one repository, one row");
}

async fn what_a_person_asks_for_goes_first_at_most_every_second_time(backend: Backend) {
    let Some(mut queue) = Queue::new(backend).await else { return };
    for n in 1..=3 {
        queue.push(&format!("shop{n}"), "main", 0, n).await;
    }
    for n in 11..=14 {
        queue.ask("wished", n).await;
    }
    // One that waits moves up.
    queue.ask("shop3", 3).await;
    let positions: Vec<_> = {
        let runs = queue.store.runs(Reader::Trusted, &Default::default(), 50).await.unwrap();
        runs.iter().map(|run| (run.queue_position.unwrap(), run.commit_sha.to_string())).collect()
    };
    let positions: std::collections::BTreeMap<_, _> = positions.into_iter().collect();
    let told: Vec<_> = positions.values().map(|sha| sha.trim_start_matches('0').to_owned()).collect();
    // Commits in hexadecimal digits.
    assert_eq!(queue.order().await, "shop3:3 shop1:1 wished:b shop2:2 wished:c wished:d wished:e");
    assert_eq!(told.join(" "), "3 1 b 2 c d e", "the feed says so");
}

async fn a_backfill_waits_in_turn_and_makes_nothing_twice(backend: Backend) {
    let Some(mut queue) = Queue::new(backend).await else { return };
    let ever = Dedupe::Within(Duration::MAX);
    for n in 1..=3 {
        assert!(!queue.wish(&format!("shop{n}"), n, ever).await);
    }
    assert!(queue.wish("shop1", 1, ever).await, "the same again");
    queue.push("quiet", "main", 0, 1).await;
    queue.ask("asked", 9).await;
    assert_eq!(queue.order().await, "asked:9 shop1:1 shop2:2 shop3:3 quiet:1");
    let long_ago = match queue.probe {
        Probe::Sqlite(_) => "'2001-01-01T00:00:00+00:00'",
        Probe::Postgres(_) => "timestamptz '2001-01-01 00:00:00+00'",
    };
    queue.probe.execute(&format!("update ci_dedupe set created_at = {long_ago}")).await;
    assert!(queue.wish("shop1", 1, ever).await, "however long ago");
}

async fn a_job_that_failed_has_no_place_until_it_is_due(backend: Backend) {
    let Some(mut queue) = Queue::new(backend).await else { return };
    queue.push("shop", "main", 0, 1).await;
    queue.push("shop", "topic", 0, 2).await;
    queue.push("quiet", "main", 0, 1).await;
    let lease = queue.lease().await.unwrap();
    let fault = Fault::new(FaultCode::Network, "it failed");
    let failure = Failure { fault, retry_after: Some(Duration::from_secs(600)) };
    queue.store.settle_failed(&lease, &failure, Timings::default()).await.unwrap();
    assert_eq!(queue.lease().await.unwrap().run.repo.name(), "quiet");
    // What it left behind while it waited for its time is no head any more.
    queue.push("shop", "main", 1, 3).await;
    queue.probe.time_passes().await;
    assert_eq!(queue.order().await, "shop:2 quiet:1 shop:3 shop:1");
}

async fn a_process_with_short_leases_takes_nothing_from_one_with_long_ones(backend: Backend) {
    let Some(mut queue) = Queue::new(backend).await else { return };
    queue.push("shop", "main", 0, 1).await;
    let long = Duration::from_secs(3600);
    let Leasing::Leased(lease) = queue.store.lease_next("long", long).await.unwrap() else { panic!("it waits") };
    let short = queue.store.lease_next("short", Duration::from_secs(1)).await.unwrap();
    assert!(matches!(short, Leasing::Idle), "{short:?}");
    let later = match queue.probe {
        Probe::Sqlite(_) => "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '+50 minutes')",
        Probe::Postgres(_) => "now() + interval '50 minutes'",
    };
    let still_long = format!("select count(*) from ci_jobs where status = 'LEASED' and leased_until > {later}");
    assert_eq!(queue.probe.number(&still_long).await, 1);
    queue.store.heartbeat(&lease, "working", long).await.unwrap();
    queue.store.lease_next("short", Duration::from_secs(1)).await.unwrap();
    assert_eq!(queue.probe.number(&still_long).await, 1);
}

on_both_databases! {
    a_busy_repository_does_not_keep_the_others_waiting,
    of_a_burst_the_head_has_the_turn_of_the_first_push_and_the_others_go_last,
    a_push_to_a_pull_request_is_one_push,
    what_nothing_stands_at_goes_last_until_something_does_again,
    what_comes_late_goes_last_and_a_look_moves_heads_as_a_push_does,
    a_renamed_repository_waits_where_it_waited,
    what_a_person_asks_for_goes_first_at_most_every_second_time,
    a_backfill_waits_in_turn_and_makes_nothing_twice,
    a_job_that_failed_has_no_place_until_it_is_due,
    a_process_with_short_leases_takes_nothing_from_one_with_long_ones,
}
