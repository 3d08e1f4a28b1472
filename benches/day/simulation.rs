//! A day of many repositories, played on a store: pushes, lost deliveries, a burst, calls of tick. Seconds pass when the play
//! says so; the store's own clock matters for looks alone, whose times are moved instead. The analyzer does nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ci_feed::model::{self, CommitSha, EventType, GitRef, NewRun, Privacy, RepoName};
use ci_feed::store::{
    Artifact, Dedupe, Delivery, FactChanges, Head, KnownRepo, Lease, Leasing, Store, Success, Timings,
};

/// What is played. Times in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    pub(crate) repositories: usize,
    /// Pushes to each repository, most of them in the working hours.
    pub(crate) pushes_each: usize,
    /// Pushes to one branch of the first repository, one a second.
    pub(crate) burst: usize,
    pub(crate) burst_at: u64,
    pub(crate) length: u64,
    /// Of so many deliveries one is lost.
    pub(crate) lost: usize,
    /// Of so many pushes one is to a branch of its own.
    pub(crate) topics: usize,
    pub(crate) job: u64,
    pub(crate) looks_a_second: u64,
    /// The order and the looks of the version before.
    pub(crate) as_before: bool,
}

/// An open page calls tick so often while work waits, and while none does; cron so often.
const PAGE_BUSY: u64 = 10;
const PAGE_IDLE: u64 = 30;
const CRON: u64 = 60;
/// How long an idle tick looks, and when a repository is looked at again.
const LOOKING: u64 = 5;
const LOOK_AGAIN: u64 = 3_600;
const DEDUPE: Dedupe = Dedupe::Within(Duration::from_secs(24 * 3600));
const LEASE: Duration = Duration::from_secs(300);

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) pushes: usize,
    pub(crate) lost: usize,
    pub(crate) runs: usize,
    /// Heads that no run has succeeded of at the end.
    pub(crate) heads_without: Vec<String>,
    /// From a push to a repository other than the one with the burst until work on it began; in order. Without those that were
    /// lost or left behind.
    pub(crate) waits: Vec<u64>,
    /// From the last push of the burst until work on it began.
    pub(crate) burst_wait: u64,
    /// From a lost push until its run was made, in order.
    pub(crate) found_after: Vec<u64>,
    /// Looks in each hour.
    pub(crate) looks: BTreeMap<u64, usize>,
}

struct Push {
    at: u64,
    repo: usize,
    branch: GitRef,
    sha: CommitSha,
    is_lost: bool,
}

/// Numbers that look random and are the same in each play.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

impl Day {
    fn pushes(&self) -> Vec<Push> {
        let mut dice = Dice(7);
        let mut pushes = Vec::new();
        let main = || GitRef::parse("main").expect("valid");
        for repo in 0..self.repositories {
            for n in 0..self.pushes_each {
                // Three of four between a third and three quarters of the day.
                let third = self.length / 3;
                let at = match n % 4 {
                    0 => dice.below(self.length),
                    _ => third + dice.below(self.length * 5 / 12),
                };
                let is_topic = dice.below(self.topics as u64) == 0;
                let branch = if is_topic { GitRef::parse(&format!("topic-{n}")).expect("valid") } else { main() };
                pushes.push((at, repo, branch));
            }
        }
        pushes.extend((0..self.burst).map(|n| (self.burst_at + n as u64, 0, main())));
        pushes.sort_by_key(|(at, repo, _)| (*at, *repo));
        let mut known = HashSet::new();
        let push = |(n, (at, repo, branch))| Push {
            at,
            repo,
            branch,
            sha: CommitSha::parse(&format!("{:040x}", n + 1)).expect("valid"),
            // The first delivery makes a repository known; before it nobody looks at its branches, so it is not lost.
            is_lost: !known.insert(repo) && n % self.lost == 1,
        };
        pushes.into_iter().enumerate().map(push).collect()
    }
}

/// How a statement of the play's own gets to the database.
pub(crate) trait Execute {
    async fn execute(&mut self, sql: String);
    fn is_sqlite(&self) -> bool;
}

struct Play<'a, E> {
    day: Day,
    store: &'a Store,
    database: &'a mut E,
    now: u64,
    /// What the payloads count from.
    began: DateTime<Utc>,
    /// To which second the times of looks were moved.
    moved_to: u64,
    /// Where each branch is at the forge.
    forge: Vec<BTreeMap<String, CommitSha>>,
    made: HashMap<CommitSha, u64>,
    lost: HashMap<CommitSha, u64>,
    worked_on: HashSet<CommitSha>,
    figures: Figures,
}

fn repo(n: usize) -> RepoName {
    RepoName::parse("octo", &format!("shop-{n}")).expect("valid")
}

/// Play the day, and go on until everything is done.
pub(crate) async fn play<E: Execute>(day: Day, store: &Store, database: &mut E) -> Figures {
    let forge = vec![BTreeMap::new(); day.repositories];
    let (made, lost, worked_on) = (HashMap::new(), HashMap::new(), HashSet::new());
    let (now, began, moved_to, figures) = (0, model::now(), 0, Figures::default());
    let mut play = Play { day, store, database, now, began, moved_to, forge, made, lost, worked_on, figures };
    play.run().await;
    let Play { forge, worked_on, mut figures, .. } = play;
    let heads = forge.iter().enumerate().flat_map(|(n, branches)| branches.iter().map(move |head| (n, head)));
    let without = heads.filter(|(_, (_, sha))| !worked_on.contains(*sha));
    figures.heads_without = without.map(|(n, (branch, sha))| format!("{} {branch} {sha}", repo(n))).collect();
    figures.waits.sort_unstable();
    figures.found_after.sort_unstable();
    figures
}

impl<E: Execute> Play<'_, E> {
    async fn run(&mut self) {
        let mut pushes = self.day.pushes().into_iter().peekable();
        // A job, or looks, keep the one slot until then.
        let (mut cron, mut page, mut busy_until) = (0, 0, 0);
        // Two hours longer: so that each lost push is found.
        while self.now < self.day.length + 2 * LOOK_AGAIN {
            let push = pushes.peek().map_or(u64::MAX, |push| push.at);
            self.now = cron.min(page).min(push);
            if push == self.now {
                let push = pushes.next().expect("it was seen");
                self.push(&push).await;
                continue;
            }
            let is_page = page == self.now;
            if !is_page {
                cron = self.now + CRON;
            }
            if busy_until > self.now {
                // Whoever works on it answers the page, which comes again at once while more is ready.
                page = page.max(if is_page { busy_until } else { page });
                continue;
            }
            busy_until = self.tick().await;
            let more = self.store.ready_count().await.expect("a number") > 0;
            if is_page {
                let worked = busy_until > self.now && more;
                page = if worked { busy_until } else { self.now + if more { PAGE_BUSY } else { PAGE_IDLE } };
            }
        }
    }

    async fn push(&mut self, push: &Push) {
        let before = self.forge[push.repo].insert(push.branch.to_string(), push.sha.clone());
        self.figures.pushes += 1;
        if push.is_lost {
            self.figures.lost += 1;
            self.lost.insert(push.sha.clone(), self.now);
            return;
        }
        let id = format!("{}", push.sha);
        let run = NewRun {
            base_sha: before,
            said_at: Some(self.began + TimeDelta::seconds(i64::try_from(self.now).expect("a day"))),
            ..NewRun::new(repo(push.repo), push.branch.clone(), push.sha.clone(), EventType::Push, Privacy::Public)
        };
        let delivery = Delivery { id: id.clone(), body_sha256: id, event: "push".into(), action: None, repo: None };
        self.enqueue(&run, Some(&delivery)).await;
    }

    async fn enqueue(&mut self, run: &NewRun, delivery: Option<&Delivery>) {
        let enqueued = self.store.enqueue(run, delivery, DEDUPE).await.expect("a run");
        if !enqueued.deduplicated {
            self.figures.runs += 1;
            self.made.insert(run.commit_sha.clone(), self.now);
        }
        if self.day.as_before {
            // By when it was made.
            self.database.execute("update ci_jobs set class = 'HEAD', turn = 0 where status = 'READY'".into()).await;
        }
    }

    /// Answers until when it keeps the slot.
    async fn tick(&mut self) -> u64 {
        if let Some(lease) = self.lease(self.day.as_before).await {
            return self.work(&lease).await;
        }
        self.move_looks().await;
        let most = if self.day.as_before { 1 } else { LOOKING * self.day.looks_a_second };
        for n in 0..most {
            let again = Duration::from_secs(LOOK_AGAIN);
            let Some(known) = self.store.claim_repo_to_reconcile(again).await.expect("an answer") else { break };
            *self.figures.looks.entry(self.now / 3_600).or_default() += 1;
            self.look(&known).await;
            if let Some(lease) = self.lease(self.day.as_before).await {
                return self.work(&lease).await + n / self.day.looks_a_second;
            }
        }
        match self.lease(true).await {
            Some(lease) => self.work(&lease).await + LOOKING,
            None => self.now,
        }
    }

    /// The next job: of all, or only of those that somebody waits for.
    async fn lease(&self, of_all: bool) -> Option<Lease> {
        let leasing = match of_all {
            true => self.store.lease_next("a worker", LEASE).await,
            false => self.store.lease_ahead("a worker", LEASE).await,
        };
        match leasing.expect("an answer") {
            Leasing::Leased(lease) => Some(*lease),
            Leasing::Idle | Leasing::BackingOff { .. } => None,
        }
    }

    async fn work(&mut self, lease: &Lease) -> u64 {
        let sha = lease.run.commit_sha.clone();
        let of: usize = lease.run.repo.name().trim_start_matches("shop-").parse().expect("a number");
        let is_head = self.forge[of].values().any(|head| *head == sha);
        let wait = self.now - self.made.get(&sha).copied().unwrap_or(self.now);
        let is_found = self.lost.contains_key(&sha);
        if of == 0 && is_head {
            self.figures.burst_wait = self.figures.burst_wait.max(wait);
        } else if of != 0 && is_head && !is_found {
            self.figures.waits.push(wait);
        }
        self.store.settle_ok(lease, &success(), Timings::default()).await.expect("it is ours");
        self.worked_on.insert(sha);
        self.now + self.day.job
    }

    /// As the worker does it.
    async fn look(&mut self, known: &KnownRepo) {
        let of: usize = known.repo.name().trim_start_matches("shop-").parse().expect("a number");
        let head = |(branch, sha): (&String, &CommitSha)| Head {
            branch: GitRef::parse(branch).expect("valid"),
            commit_sha: sha.clone(),
        };
        let heads: Vec<_> = self.forge[of].iter().map(head).collect();
        let stood = self.store.branches(known).await.expect("branches");
        let missed = self.store.missed_heads(known, &stood, &heads).await.expect("heads");
        for missed in missed {
            let Head { branch, commit_sha } = missed.head;
            if let Some(lost_at) = self.lost.get(&commit_sha) {
                self.figures.found_after.push(self.now - lost_at);
            }
            let run = NewRun::new(known.repo.clone(), branch, commit_sha, EventType::Push, Privacy::Public);
            self.enqueue(&NewRun { reconciled: true, identity: known.identity(), ..run }, None).await;
        }
        let looked = (true, known.looked_at_before);
        self.store.note_heads(known, &stood, &heads, looked).await.expect("noted");
    }

    /// The seconds that passed since the last look pass for the times of the next ones.
    async fn move_looks(&mut self) {
        let seconds = self.now - std::mem::replace(&mut self.moved_to, self.now);
        let earlier = match self.database.is_sqlite() {
            true => format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', reconcile_after, '-{seconds} seconds')"),
            false => format!("reconcile_after - interval '{seconds} seconds'"),
        };
        self.database.execute(format!("update ci_repos set reconcile_after = {earlier}")).await;
    }
}

fn success() -> Success {
    let artifact = Artifact {
        name: "dossier.json".into(),
        media_type: "application/json".into(),
        sha256: "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a".into(),
        bytes: 2,
    };
    Success {
        out_dir: "out/ci/x".into(),
        summary_json: serde_json::json!({}),
        analyzer_version: "none".into(),
        artifacts: vec![(artifact, Some(b"{}".to_vec()))],
        publish: Arc::new(|| Ok(())),
        title: None,
        author: None,
        base_run_id: None,
        facts: None,
        changes: FactChanges::default(),
    }
}
