//! The work behind a tick: lease at most one job, fetch its commit, analyze it, store the dossier.
//!
//! Nothing here runs by itself: no loop, no timer outside a job. No database transaction is open while a child runs.

mod analyze;
mod attempt;
mod base;
mod cache;
pub mod checkout;
mod child;
mod commit;
mod deletion;
mod facts;
mod fault;
mod fetch;
mod folder;
mod git;
mod housekeeping;
mod outbox;
pub(crate) mod output;
mod persist;
mod reconcile;
pub mod sandbox;
pub(crate) mod supervisor;
mod tick;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use ci_feed_dossier::v1::Analyzer;
use tokio::sync::Semaphore;
use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::artifacts::Artifacts;
use crate::config::Config;
use crate::model::{CommitSha, Fault, FaultCode, GitRef, Invalid, Privacy, RepoName};
use crate::store::Store;

pub use analyze::{EXIT_TOO_LARGE, EXIT_TOO_MANY_FILES};
pub use deletion::Deleted;
use folder::WorkFolder;
pub(crate) use outbox::write_comment;
pub use reconcile::{FoundHead, Look, ReconcilePage};
use sandbox::Sandbox;

pub use tick::{FreeSpace, LOW_DISK_BYTES, TickError, TickReport, free_bytes};

/// Name of the fetched bare repository in a work folder.
const REPOSITORY: &str = "repo.git";

/// What a process needs to work on jobs.
pub struct Worker {
    store: Store,
    artifacts: Artifacts,
    config: Arc<Config>,
    /// Our own binary: fetch and the built-in analyzer are its subcommands.
    program: PathBuf,
    /// Which version of the built-in analyzer that is.
    analyzer: Analyzer,
    /// What confines the children.
    sandbox: Sandbox,
    /// What fetches brought.
    cache: Option<cache::Cache>,
    slots: Arc<Semaphore>,
    /// How long the last tick waited for the database at most, in milliseconds.
    database_ms: AtomicU64,
    /// Idle ticks of which the database has not heard yet.
    unheard: Mutex<tick::Unheard>,
    chores: Mutex<housekeeping::Chores>,
    /// Of one: who looks at the facts of repositories does so alone.
    looking_at_facts: tokio::sync::Mutex<()>,
    /// Where things are said, if anything is.
    forge: Option<outbox::Forge>,
    /// Held by whoever says something.
    speaking: tokio::sync::Mutex<()>,
    jobs: TaskTracker,
    /// Set when no new job is to be leased.
    stopping: CancellationToken,
    /// Set when running jobs are to be given back.
    kill: CancellationToken,
}

impl Worker {
    /// A worker whose children are subcommands of `program`, among them the built-in `analyzer`.
    pub fn new(
        store: Store,
        artifacts: Artifacts,
        config: Arc<Config>,
        program: PathBuf,
        analyzer: Analyzer,
        sandbox: Sandbox,
    ) -> Arc<Self> {
        let slots = Arc::new(Semaphore::new(config.tick_slots));
        let (jobs, stopping, kill) = (TaskTracker::new(), CancellationToken::new(), CancellationToken::new());
        let (unheard, chores, looking_at_facts, database_ms) = Default::default();
        let forge = outbox::Forge::new(&config);
        let cache = cache::Cache::new(&config, sandbox.changes_user());
        Arc::new(Self {
            store,
            artifacts,
            config,
            program,
            analyzer,
            sandbox,
            cache,
            slots,
            database_ms,
            unheard,
            chores,
            looking_at_facts,
            forge,
            speaking: tokio::sync::Mutex::default(),
            jobs,
            stopping,
            kill,
        })
    }

    /// Stop leasing, let running jobs finish within the grace, then kill their children and give the jobs back.
    pub async fn shut_down(&self) {
        self.stopping.cancel();
        self.jobs.close();
        if tokio::time::timeout(self.config.shutdown_grace, self.jobs.wait()).await.is_err() {
            tracing::warn!("the grace is over: running jobs are given back");
            self.kill.cancel();
            self.jobs.wait().await;
        }
    }

    /// Whether [`Worker::shut_down`] has begun.
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// How long the database took for the slowest step of the last tick.
    pub fn database_took(&self) -> Duration {
        Duration::from_millis(self.database_ms.load(Ordering::Relaxed))
    }

    fn forget_database_time(&self) {
        self.database_ms.store(0, Ordering::Relaxed);
    }

    fn note_database_time(&self, took: Duration) {
        self.database_ms.fetch_max(u64::try_from(took.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Ask the repository which commit a branch is at, by default its default branch, within `limit`; and whether strangers
    /// could ask too.
    ///
    /// # Errors
    /// A [`Fault`] that says why it is unknown.
    pub async fn resolve_branch(
        &self,
        repo: &RepoName,
        git_ref: Option<&GitRef>,
        limit: Duration,
    ) -> Result<(GitRef, CommitSha, Privacy), Fault> {
        let (name, sha, privacy) = self.resolve(repo, git_ref, Instant::now() + limit).await?;
        let invalid = |Invalid(message)| Fault::new(FaultCode::FetchFailed, message);
        Ok((GitRef::parse(&name).map_err(invalid)?, CommitSha::parse(&sha).map_err(invalid)?, privacy))
    }

    /// A fresh folder under `CI_TMP_DIR`.
    async fn work_folder(&self, name: &str) -> io::Result<WorkFolder> {
        WorkFolder::create(self.config.tmp_dir.clone(), format!("{name}-"), self.sandbox.next_user()).await
    }

    /// What confines the children.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }
}

/// What a job is doing, as the feed shows it: written by the job, read by its heartbeat.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phase(Arc<Mutex<String>>);

impl Phase {
    pub(crate) fn set(&self, text: &str) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = text.to_owned();
    }

    pub(crate) fn get(&self) -> String {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// A line of a child's output; only our own children's `progress <what> <numbers>` lines count.
    pub(crate) fn progress(&self, line: &str) {
        let words: Vec<_> = line.split(' ').collect();
        let number = |text: &str| text.parse::<u64>().is_ok();
        match words[..] {
            ["progress", "fetching", megabytes, "MB"] if number(megabytes) => {
                self.set(&format!("fetching {megabytes} MB"))
            }
            ["progress", "reading", done, all] if number(done) && number(all) => {
                self.set(&format!("reading {done} of {all} files"));
            }
            ["progress", "extracting", done, all] if number(done) && number(all) => {
                self.set(&format!("analyzing, {done} of {all} kinds of facts"));
            }
            _ => {}
        }
    }
}

/// What bounds and shows a step of an attempt.
#[derive(Clone, Copy)]
pub(crate) struct Watch<'a> {
    pub(crate) deadline: Instant,
    pub(crate) cancel: &'a CancellationToken,
    pub(crate) phase: &'a Phase,
    /// Who its children are; `None` is the server's own user.
    pub(crate) user: Option<u32>,
}

/// Our process, for the children that must not outlive it.
fn own_pid() -> i32 {
    rustix::process::getpid().as_raw_nonzero().get()
}

/// The first step of each child of ours: give up what it does not need.
///
/// # Errors
/// When the kernel refuses, or the server is gone.
pub fn confine_child(limits: &sandbox::Limits) -> io::Result<()> {
    limits.apply()?;
    git::ignore_the_machines_configuration().map_err(io::Error::other)
}

/// The main function of the child that fetches: request on standard input, reply as the last line of standard output.
///
/// # Errors
/// When the request is not one; the parent reports the end of the process.
pub fn fetch_child() -> io::Result<()> {
    let request: git::FetchRequest = serde_json::from_reader(io::stdin().lock()).map_err(io::Error::other)?;
    let mut out = io::stdout().lock();
    let reply = git::fetch(&request, &mut out);
    serde_json::to_writer(&mut out, &reply).map_err(io::Error::other)?;
    io::Write::write_all(&mut out, b"\n")
}
