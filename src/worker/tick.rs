//! `tick`: at most one job, in a task that outlives the caller's connection.

use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;

use super::Worker;
use super::attempt::Ended;
use crate::model::{Fault, FaultCode, IdleReason, MessageKind, Reader, RunStatus, SignalName, now};
use crate::store::{FactLook, Lease, Leasing, Signal, StoreError, Timings};

/// Free space below which no job is leased: it would fail and burn its attempt.
pub const LOW_DISK_BYTES: u64 = 256 << 20;

/// How long an idle tick goes on to look at repositories: so many that each has its turn, however seldom tick is called.
const LOOKING_TIME: Duration = Duration::from_secs(5);
/// Time in which what is pending is said before a job, and what came of it, and whatever else, afterwards.
const PENDING_TIME: Duration = Duration::from_secs(2);
const SPEAKING_TIME: Duration = Duration::from_secs(5);

/// Idle ticks of one reason are written down this often: each write makes whatever pages show new to them.
const HEARD_EVERY: Duration = Duration::from_secs(30);

/// Ticks that came to the same as the last one that was written down.
#[derive(Default)]
pub(super) struct Unheard {
    written: Option<(Instant, &'static str)>,
    ticks: i64,
    last_at: DateTime<Utc>,
}

/// What a tick did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TickReport {
    /// One job was worked on.
    Processed {
        /// Its run.
        run_id: Uuid,
        /// The run's state now; `None` when the job was lost or given back.
        status: Option<RunStatus>,
        /// Which attempt it was.
        attempt: i64,
        /// How long it took.
        duration_ms: u64,
        /// Why it did not succeed.
        fault: Option<Fault>,
        /// Jobs that could be leased now.
        ready: i64,
    },
    /// Nothing was leased.
    Nothing {
        /// Why.
        reason: IdleReason,
        /// With [`IdleReason::BackingOff`]: when the first job is due.
        next_due_in_seconds: Option<i64>,
    },
}

/// Why a tick could not even look.
#[derive(Debug, thiserror::Error)]
pub enum TickError {
    /// The queue could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bug of ours; the job, if any, comes back when its lease ends.
    #[error("the tick's task ended unexpectedly")]
    Panicked,
}

fn nothing(reason: IdleReason) -> TickReport {
    TickReport::Nothing { reason, next_due_in_seconds: None }
}

impl Worker {
    /// Lease and process at most one job. The work goes on when the caller stops waiting.
    ///
    /// # Errors
    /// [`TickError`] when the queue cannot be asked. A failed job is not an error.
    pub async fn tick(self: &Arc<Self>) -> Result<TickReport, TickError> {
        if self.is_stopping() {
            return Ok(nothing(IdleReason::Stopping));
        }
        let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else { return Ok(nothing(IdleReason::Busy)) };
        let worker = Arc::clone(self);
        let task = self.jobs.spawn(async move { worker.lease_and_work(slot).await }.in_current_span());
        task.await.unwrap_or(Err(TickError::Panicked))
    }

    async fn lease_and_work(self: &Arc<Self>, slot: OwnedSemaphorePermit) -> Result<TickReport, TickError> {
        if let Some(reason) = self.reason_to_wait().await {
            // The database may lie on the same disk.
            if let Err(error) = self.note_tick(reason).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "the tick was not stored");
            }
            return Ok(nothing(reason));
        }
        let asked = Instant::now();
        self.forget_database_time();
        let to_do = self.store.to_do(self.config.reconcile).await?;
        self.note_database_time(asked.elapsed());
        if to_do.messages {
            self.speak(&[MessageKind::Status], PENDING_TIME).await;
        }
        // Unique per tick, so that a row says which call holds it.
        let name = format!("{}-{}", std::process::id(), Uuid::now_v7().simple());
        let mut leasing = to_do.without_jobs();
        if to_do.jobs {
            let asked = Instant::now();
            leasing = self.store.lease_ahead(&name, self.config.lease).await?;
            self.note_database_time(asked.elapsed());
        }
        if !matches!(leasing, Leasing::Leased(_)) && (to_do.jobs || to_do.looks) {
            leasing = self.look_and_lease(&name).await?;
        }
        let lease = match leasing {
            Leasing::Leased(lease) => lease,
            Leasing::Idle => {
                self.note_tick(IdleReason::Idle).await?;
                drop(slot);
                self.speak_if(to_do.messages || to_do.looks).await;
                self.keep_house_later(None);
                if to_do.facts {
                    self.keep_facts_later(None);
                }
                return Ok(nothing(IdleReason::Idle));
            }
            Leasing::BackingOff { next_due_in_seconds } => {
                let reason = IdleReason::BackingOff;
                self.note_tick(reason).await?;
                drop(slot);
                self.speak_if(to_do.messages || to_do.looks).await;
                return Ok(TickReport::Nothing { reason, next_due_in_seconds: Some(next_due_in_seconds) });
            }
        };
        let (run_id, look) = (lease.run.id, FactLook::of(&lease.run));
        let report = self.work_on(*lease).await;
        if let Err(error) = self.write_tick("processed").await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the tick was not stored");
        }
        // Neither the forge nor housekeeping keeps a job waiting, and housekeeping nobody who asked for one.
        drop(slot);
        self.speak(MessageKind::ALL, SPEAKING_TIME).await;
        self.keep_house_later(Some(run_id));
        self.keep_facts_later(Some(look));
        Ok(report)
    }

    async fn speak_if(&self, there_is_something: bool) {
        if there_is_something {
            self.speak(MessageKind::ALL, SPEAKING_TIME).await;
        }
    }

    /// A task that an orderly shutdown waits for.
    fn keep_house_later(self: &Arc<Self>, settled: Option<Uuid>) {
        let worker = Arc::clone(self);
        let chores = async move {
            if let Some(run_id) = settled {
                worker.forget_pushed_out(run_id).await;
            }
            worker.keep_house().await;
        };
        self.jobs.spawn(chores.in_current_span());
    }

    /// The same for facts.
    fn keep_facts_later(self: &Arc<Self>, look: Option<FactLook>) {
        let worker = Arc::clone(self);
        self.jobs.spawn(async move { worker.keep_facts(look).await }.in_current_span());
    }

    async fn note_tick(&self, reason: IdleReason) -> Result<(), StoreError> {
        let is_news = {
            let mut unheard = self.unheard.lock().unwrap_or_else(PoisonError::into_inner);
            let is_news =
                unheard.written.is_none_or(|(at, said)| said != reason.as_str() || at.elapsed() > HEARD_EVERY);
            if !is_news {
                (unheard.ticks, unheard.last_at) = (unheard.ticks + 1, now());
            }
            is_news
        };
        if is_news { self.write_tick(reason.as_str()).await } else { Ok(()) }
    }

    /// Write this tick down with those before it that nobody wrote down.
    async fn write_tick(&self, said: &'static str) -> Result<(), StoreError> {
        let ticks = {
            let mut unheard = self.unheard.lock().unwrap_or_else(PoisonError::into_inner);
            unheard.written = Some((Instant::now(), said));
            std::mem::take(&mut unheard.ticks) + 1
        };
        let asked = Instant::now();
        let written = self.store.signal_many(SignalName::Tick, ticks, Some(said)).await;
        self.note_database_time(asked.elapsed());
        if written.is_err() {
            // The next tick tries again, and says so too where it fails.
            let mut unheard = self.unheard.lock().unwrap_or_else(PoisonError::into_inner);
            (unheard.written, unheard.ticks, unheard.last_at) = (None, unheard.ticks + ticks, now());
        }
        written
    }

    /// Add to what the database knows the ticks of this process that nobody wrote down.
    pub fn add_unheard(&self, signals: &mut [Signal]) {
        let unheard = self.unheard.lock().unwrap_or_else(PoisonError::into_inner);
        let tick = signals.iter_mut().find(|signal| signal.name == SignalName::Tick.as_str());
        if let Some(tick) = tick.filter(|_| unheard.ticks > 0) {
            tick.last_at = tick.last_at.max(unheard.last_at);
            tick.count += unheard.ticks;
        }
    }

    /// With nothing to do that somebody waits for, compare the branches of one repository after the other with its runs, until
    /// there is: a push that no webhook announced, or one that came meanwhile. Then take what is left.
    async fn look_and_lease(&self, name: &str) -> Result<Leasing, StoreError> {
        let until = Instant::now() + LOOKING_TIME;
        while !self.is_stopping() && Instant::now() < until && self.reconcile_next().await {
            let leasing = self.store.lease_ahead(name, self.config.lease).await?;
            if matches!(leasing, Leasing::Leased(_)) {
                return Ok(leasing);
            }
        }
        self.store.lease_next(name, self.config.lease).await
    }

    async fn work_on(self: &Arc<Self>, lease: Lease) -> TickReport {
        let started = Instant::now();
        let span = tracing::info_span!(
            "job",
            job.id = %lease.job_id,
            run.id = %lease.run.id,
            job.attempt = lease.attempt,
            repo = %lease.run.repo,
            commit = %lease.run.commit_sha,
            outcome = tracing::field::Empty,
            duration_ms = tracing::field::Empty,
        );
        let (status, fault) = self.attempt_or_panic(&lease).instrument(span.clone()).await;
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let outcome = status.map_or("abandoned", RunStatus::as_str);
        span.record("outcome", outcome).record("duration_ms", duration_ms);
        span.in_scope(|| match &fault {
            None => tracing::info!("job {} ended: {outcome}", lease.job_id),
            Some(Fault { code, message }) => {
                tracing::warn!(code = code.as_str(), "job {} ended: {outcome}: {message}", lease.job_id);
            }
        });
        let ready = self.store.ready_count().await.unwrap_or(0);
        TickReport::Processed { run_id: lease.run.id, status, attempt: lease.attempt, duration_ms, fault, ready }
    }

    /// A panic is a failed attempt like any other: the job must not wait for its lease to end.
    async fn attempt_or_panic(self: &Arc<Self>, lease: &Lease) -> (Option<RunStatus>, Option<Fault>) {
        tracing::info!("job {} leased, attempt {} of {}", lease.job_id, lease.attempt, lease.max_attempts);
        let (worker, leased) = (Arc::clone(self), lease.clone());
        let attempt = tokio::spawn(async move { worker.attempt(&leased).await }.in_current_span());
        let ended = match attempt.await {
            Ok(ended) => ended,
            Err(_) => {
                let fault = Fault::new(
                    FaultCode::Panic,
                    "the attempt ended by a bug in ci-feed; please report it with the server's log",
                );
                self.settle_failed(lease, fault, Timings::default(), Instant::now() + Duration::from_secs(10)).await
            }
        };
        match ended {
            Ended::Settled { status, fault } => (Some(status), fault),
            Ended::Abandoned(why) => (None, Some(Fault::new(FaultCode::Abandoned, why))),
            Ended::LeaseLost if self.is_deleted(lease).await => {
                (None, Some(Fault::new(FaultCode::Abandoned, "its repository was deleted here meanwhile")))
            }
            Ended::LeaseLost => {
                if let Err(error) = self.store.signal(SignalName::LeaseLost, None).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the lost lease was not stored");
                }
                (None, Some(Fault::new(FaultCode::LeaseLost, "the lease was lost to another worker")))
            }
        }
    }

    /// Whether somebody deleted the run, so that no other worker has its job.
    async fn is_deleted(&self, lease: &Lease) -> bool {
        matches!(self.store.run(Reader::Trusted, lease.run.id).await, Ok(None))
    }

    /// Why a job would fail and burn its attempt.
    async fn reason_to_wait(&self) -> Option<IdleReason> {
        if self.free_space().await.is_low() {
            // What only saves time may not keep a job waiting.
            self.empty_cache().await;
            if self.free_space().await.is_low() {
                return Some(IdleReason::LowDisk);
            }
        }
        self.artifacts.trouble().await.map(|_| IdleReason::ObjectsAway)
    }

    /// What is free where jobs write.
    pub async fn free_space(&self) -> FreeSpace {
        let (tmp, artifacts) = (self.config.tmp_dir.clone(), self.artifacts.folder().map(Path::to_owned));
        let look = move || FreeSpace { tmp: free_bytes(&tmp), artifacts: artifacts.as_deref().and_then(free_bytes) };
        tokio::task::spawn_blocking(look).await.unwrap_or_default()
    }
}

/// Free bytes where jobs write; `None` where the system does not say, or the database keeps the artifacts.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the folders of CI_TMP_DIR and CI_ARTIFACTS_URL")]
pub struct FreeSpace {
    pub tmp: Option<u64>,
    pub artifacts: Option<u64>,
}

impl FreeSpace {
    /// Whether a job would run out of space.
    pub fn is_low(self) -> bool {
        [self.tmp, self.artifacts].into_iter().flatten().any(|free| free < LOW_DISK_BYTES)
    }
}

/// Free space where this path is, or will be: its nearest ancestor that exists.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let existing = path.ancestors().find(|path| path.exists()).filter(|path| !path.as_os_str().is_empty());
    let stat = rustix::fs::statvfs(existing.unwrap_or(Path::new("."))).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}
