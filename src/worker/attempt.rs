//! One attempt at one job: heartbeat, deadline, and the steps in order.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::base::Base;
use super::commit::{BaseSource, FetchedCommit};
use super::fault::{Stopped, scrubbed};
use super::fetch::Fetched;
use super::output::Product;
use super::persist::persist;
use super::{Phase, REPOSITORY, Watch, Worker, folder};
use crate::artifacts::Staged;
use crate::failpoint;
use crate::model::{FactSet, Fault, FaultCode, RunStatus};
use crate::store::{FactChanges, Failure, Lease, Run, StoreError, Success, Timings};

/// How often a changed phase is written to the database.
const PHASE_INTERVAL: Duration = Duration::from_secs(2);

/// Time that a child may take to end, past the deadline, before the attempt is given up without it.
const ENDING_TIME: Duration = Duration::from_secs(10);
/// Time that a work folder may take to be removed at least.
const CLEANING_TIME: Duration = Duration::from_secs(5);

/// How an attempt ended.
pub(super) enum Ended {
    Settled {
        status: RunStatus,
        fault: Option<Fault>,
    },
    /// The job is back in the queue, or will be when its lease expires.
    Abandoned(&'static str),
    /// Another worker took the job over; what this one had is dropped.
    LeaseLost,
}

/// The result of an analysis, with what settling needs to know about its fetch and its base.
struct Analysis {
    product: Product,
    fetched: Fetched,
    base_run_id: Option<Uuid>,
    facts: Option<FactSet>,
    changes: FactChanges,
}

/// What came of analyzing a commit.
struct Analyzed {
    product: Product,
    base_run_id: Option<Uuid>,
    /// Where all of the commit was fetched to, because what was known was of no use.
    whole: Option<PathBuf>,
}

/// A folder for another try.
async fn folder_in(work: &Path, name: &str, user: Option<u32>) -> Result<PathBuf, Fault> {
    let path = work.join(name);
    let created = folder::create(path.clone(), user).await;
    created.map_err(|error| Fault::new(FaultCode::Disk, format!("no folder for another try: {error}")))?;
    Ok(path)
}

impl Worker {
    /// Work on a leased job until it is settled, lost or given back.
    pub(super) async fn attempt(self: &Arc<Self>, lease: &Lease) -> Ended {
        // Settling may take as long as the lease lasts: the fence keeps it harmless.
        let lease_ends = Instant::now() + self.config.lease;
        let deadline = Instant::now() + self.config.job_timeout;
        let cancel = self.kill.child_token();
        let phase = Phase::default();
        phase.set("fetching");
        let mut timings = Timings { sandbox: Some(self.sandbox.summary()), ..Timings::default() };
        let work = match self.work_folder(&format!("{}-{}", lease.job_id, lease.epoch)).await {
            Ok(work) => work,
            Err(error) => {
                let fault = Fault::new(FaultCode::Disk, format!("no work folder under CI_TMP_DIR: {error}"));
                let fault = scrubbed(fault, &self.config, &self.config.tmp_dir);
                return self.settle_failed(lease, fault, timings, lease_ends).await;
            }
        };
        let produced = {
            let watch = Watch { deadline, cancel: &cancel, phase: &phase, user: work.user };
            let produce = self.produce(lease, work.path(), watch, &mut timings);
            tokio::pin!(produce);
            tokio::select! {
                produced = &mut produce => produced,
                () = self.keep_lease(lease, &phase) => {
                    // Not dropped: its children are reaped first.
                    cancel.cancel();
                    produce.await
                }
            }
        };
        let ended = match produced {
            Ok((result, staged)) => self.settle_ok(lease, result, staged, timings, lease_ends).await,
            Err(Stopped::Fault(fault)) => self.settle_failed(lease, fault, timings, lease_ends).await,
            Err(Stopped::Cancelled) if self.kill.is_cancelled() => match self.store.give_back(lease).await {
                Ok(()) => Ended::Abandoned("given back: the server is stopping"),
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "could not give the job back; its lease will expire"
                    );
                    Ended::Abandoned("not given back before the server stopped; its lease will expire")
                }
            },
            Err(Stopped::Cancelled) => Ended::LeaseLost,
        };
        // The job has its end and no heartbeat any more: a tree that takes long to remove keeps nobody waiting but this
        // slot, and that for a time.
        if let Err(error) = work.remove(deadline.max(Instant::now() + CLEANING_TIME)).await {
            tracing::warn!(%error, "a work folder could not be removed; a later tick will");
        }
        ended
    }

    async fn produce(
        &self,
        lease: &Lease,
        work: &Path,
        watch: Watch<'_>,
        timings: &mut Timings,
    ) -> Result<(Analysis, Staged), Stopped> {
        // Each child ends at the deadline; what lies between and behind them must not last longer either.
        let steps = tokio::time::timeout_at(watch.deadline + ENDING_TIME, self.steps(lease, work, watch, timings));
        let produced = steps.await.unwrap_or_else(|_| {
            let sentence = "the attempt took longer than CI_JOB_TIMEOUT_SECONDS allows and was given up";
            Err(Fault::new(FaultCode::Timeout, sentence).into())
        });
        produced.map_err(|stopped| match stopped {
            Stopped::Fault(fault) => Stopped::Fault(scrubbed(fault, &self.config, work)),
            Stopped::Cancelled => Stopped::Cancelled,
        })
    }

    async fn steps(
        &self,
        lease: &Lease,
        work: &Path,
        watch: Watch<'_>,
        timings: &mut Timings,
    ) -> Result<(Analysis, Staged), Stopped> {
        step("started").await?;
        let run = &lease.run;
        let repository = work.join(REPOSITORY);
        let started = Instant::now();
        let offered = self.known(run).await;
        let fetched = self.fetch(run, &run.commit_sha, true, offered.as_ref(), &repository, watch).await;
        timings.fetch_ms = Some(millis(started));
        let fetched = fetched?;
        step("fetched").await?;
        let known = offered.as_ref().filter(|_| fetched.builds_on_known);
        let own = FetchedCommit { repository: &repository, known };
        let base = self.base(run, fetched.reader, own, work, watch, &mut timings.base_error).await?;
        let started = Instant::now();
        let analyzed = self.analyze_own(run, own, base, work, watch, &mut timings.base_error).await;
        timings.analyze_ms = Some(millis(started));
        let Analyzed { mut product, base_run_id, whole } = analyzed?;
        step("analyzed").await?;
        let is_of_no_use = offered.is_some() && (known.is_none() || whole.is_some());
        self.keep(run, whole.unwrap_or(repository), is_of_no_use).await;
        watch.phase.set("publishing");
        let facts = self.facts_of(&product).await?;
        let files = std::mem::take(&mut product.files);
        let staged = self.artifacts.stage(run.id, lease.epoch, files);
        let (staged, changes) = tokio::join!(staged, self.store.compare_facts(run, facts.as_ref()));
        let staged = staged?;
        step("staged").await?;
        Ok((Analysis { product, fetched, base_run_id, facts, changes }, staged))
    }

    /// Analyze the run's own commit, with its base if that can be analyzed. Where they cannot be read with what was known, all
    /// of both is fetched once more.
    async fn analyze_own(
        &self,
        run: &Run,
        own: FetchedCommit<'_>,
        base: Option<Base>,
        work: &Path,
        watch: Watch<'_>,
        base_error: &mut Option<String>,
    ) -> Result<Analyzed, Stopped> {
        let (source, base_run_id) = base.map_or((None, None), |base| (Some(base.source), base.run_id));
        // What a base takes must not be missing for the commit itself.
        let left = watch.deadline.saturating_duration_since(Instant::now());
        let with_base = match source {
            Some(BaseSource::Commit { .. }) => Watch { deadline: Instant::now() + left * 2 / 3, ..watch },
            _ => watch,
        };
        let mut fault = match self.analyze(run, own, source.as_ref(), work, with_base).await {
            Err(Stopped::Fault(fault)) => fault,
            ended => return ended.map(|product| Analyzed { product, base_run_id, whole: None }),
        };
        let mut whole = None;
        let is_built = own.known.is_some() || matches!(source, Some(BaseSource::Commit { .. }));
        if is_built && self.may_be_of_the_known(fault.code) {
            let again = folder_in(work, "again", watch.user).await?;
            let repository = again.join(REPOSITORY);
            self.fetch(run, &run.commit_sha, true, None, &repository, with_base).await?;
            let own = FetchedCommit { repository: &repository, known: None };
            let refetched = match &source {
                Some(BaseSource::Commit { commit, .. }) => {
                    let folder = folder_in(&again, "base", watch.user).await?;
                    let commit = self.fetch_base(run, &commit.sha, own, &folder, with_base).await?;
                    Some(BaseSource::Commit { commit, stale: None })
                }
                _ => None,
            };
            match self.analyze(run, own, refetched.as_ref().or(source.as_ref()), &again, with_base).await {
                Err(Stopped::Fault(again)) => fault = again,
                ended => {
                    return ended.map(|product| Analyzed { product, base_run_id, whole: Some(repository) });
                }
            }
            whole = Some(repository);
        }
        let Some(BaseSource::Commit { commit, stale }) = source else { return Err(fault.into()) };
        let why = self.of_base(&commit.sha, fault, work);
        *base_error = stale.is_none().then_some(why);
        let alone = folder_in(work, "alone", watch.user).await?;
        let own = whole.as_ref().map_or(own, |repository| FetchedCommit { repository, known: None });
        let base_run_id = base_run_id.filter(|_| stale.is_some());
        let product = self.analyze(run, own, stale.map(BaseSource::Dossier).as_ref(), &alone, watch).await?;
        Ok(Analyzed { product, base_run_id, whole })
    }

    /// Prolong the lease until it is lost. An unavailable database is no loss yet: the fence decides in the end.
    async fn keep_lease(&self, lease: &Lease, phase: &Phase) {
        let (mut written, mut at) = (String::new(), Instant::now());
        let beat = self.config.lease / 5;
        loop {
            tokio::time::sleep(PHASE_INTERVAL.min(beat)).await;
            let now = phase.get();
            if now == written && at.elapsed() < beat {
                continue;
            }
            match self.store.heartbeat(lease, &now, self.config.lease).await {
                Ok(()) => (written, at) = (now, Instant::now()),
                Err(StoreError::LeaseLost { .. }) => return,
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "a heartbeat was not stored"),
            }
        }
    }

    async fn settle_ok(
        &self,
        lease: &Lease,
        result: Analysis,
        staged: Staged,
        timings: Timings,
        until: Instant,
    ) -> Ended {
        let success = Success {
            out_dir: staged.out_dir,
            summary_json: result.product.summary_json,
            analyzer_version: result.product.analyzer_version,
            artifacts: staged.files,
            publish: staged.publish,
            title: result.fetched.title,
            author: result.fetched.author,
            base_run_id: result.base_run_id,
            facts: result.facts,
            changes: result.changes,
        };
        let settled = persist(until, || self.store.settle_ok(lease, &success, timings.clone())).await;
        match settled {
            Ok(()) => Ended::Settled { status: RunStatus::Succeeded, fault: None },
            Err(StoreError::Publish(error)) => {
                let fault = Fault::new(FaultCode::Disk, format!("the dossier could not be put in place: {error}"));
                self.settle_failed(lease, fault, timings, until).await
            }
            Err(error) => unsettled(&error),
        }
    }

    pub(super) async fn settle_failed(&self, lease: &Lease, fault: Fault, timings: Timings, until: Instant) -> Ended {
        let retry_after = (!fault.code.is_permanent()).then(|| self.backoff(lease.attempt));
        let failure = Failure { fault, retry_after };
        match persist(until, || self.store.settle_failed(lease, &failure, timings.clone())).await {
            Ok(status) => Ended::Settled { status, fault: Some(failure.fault) },
            Err(error) => unsettled(&error),
        }
    }

    /// 10 s after the first attempt, 60 s after the second, with the default setting.
    fn backoff(&self, attempt: i64) -> Duration {
        let exponent = u32::try_from(attempt - 1).unwrap_or(0).min(6);
        self.config.retry_backoff.saturating_mul(6_u32.saturating_pow(exponent))
    }
}

fn unsettled(error: &StoreError) -> Ended {
    match error {
        StoreError::LeaseLost { .. } => Ended::LeaseLost,
        error => {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "the attempt could not be settled; its lease will expire"
            );
            Ended::Abandoned("the database is unavailable; the lease will expire")
        }
    }
}

/// A step of an attempt, for the fault tests.
async fn step(name: &str) -> Result<(), Fault> {
    failpoint::reach(name).await.map_err(|error| Fault::new(FaultCode::Panic, error.to_string()))
}

fn millis(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX)
}
