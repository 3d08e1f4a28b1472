//! Why the feed does not move, or soon will not, in sentences that say what to do: what health shows.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{CLOCK_SKEW, FaultCode, Reader, RunStatus, SignalName};
use crate::store::{Messages, QueueHealth, RecentRun, RenamedRepo, Signal};
use crate::worker::LOW_DISK_BYTES;

/// Waiting jobs are no news while somebody calls tick at least this often.
const TICK_SILENCE: TimeDelta = TimeDelta::minutes(2);
/// A question or a lease that takes longer than this is slow: it takes milliseconds.
const SLOW_DATABASE: Duration = Duration::from_secs(1);
/// For how long a lost lease is news.
const LEASE_LOST_NEWS: TimeDelta = TimeDelta::hours(1);

/// Messages are no news while they wait for no longer.
const MESSAGE_SILENCE: TimeDelta = TimeDelta::minutes(2);
/// For how long a refused message is news.
const REFUSAL_NEWS: TimeDelta = TimeDelta::hours(24);
/// For how long a new name is news.
const RENAME_NEWS: TimeDelta = TimeDelta::days(7);
/// Repositories of one kind that are named.
const NOTES: usize = 5;

/// What the process itself knows.
pub(super) struct Process {
    pub(super) stopping: bool,
    pub(super) disk_is_low: bool,
    pub(super) secret_is_set: bool,
    /// The slower of the question that health just asked and what the last tick waited for.
    pub(super) database_took: Duration,
    /// For whom: private repositories are named only to some.
    pub(super) reader: Reader,
}

/// Sentences, the most telling first; empty when all is well.
pub(super) fn diagnose(queue: &QueueHealth, process: &Process, now: DateTime<Utc>) -> Vec<String> {
    let mut sentences = of_the_process(process);
    sentences.extend(of_the_clock(queue, now));
    sentences.extend(of_waiting_jobs(queue, queue.signal(SignalName::Tick), now));
    if queue.expired_leases > 0 {
        let jobs = jobs(queue.expired_leases, "belongs", "belong");
        sentences.push(format!("{jobs} to workers that send no heartbeat; the next tick takes them back"));
    }
    sentences.extend(of_webhooks(
        queue,
        queue.signal(SignalName::Webhook),
        queue.signal(SignalName::WebhookRejected),
        now,
    ));
    sentences.extend(of_failed_runs(&queue.recent_runs, process.reader));
    if let Some(lost) = queue.signal(SignalName::LeaseLost).filter(|lost| now - lost.last_at < LEASE_LOST_NEWS) {
        sentences.push(format!(
            "a worker lost its lease {} ago and its result was dropped: its process was frozen, or the database unavailable, for longer than CI_LEASE_SECONDS",
            ago(now - lost.last_at)
        ));
    }
    let looked = queue.signal(SignalName::Reconciled).map(|looked| looked.last_at);
    if let Some(failed) =
        queue.signal(SignalName::ReconcileFailed).filter(|failed| looked.is_none_or(|at| at < failed.last_at))
    {
        let code = failed.detail.as_deref().unwrap_or("unknown");
        sentences.push(format!(
            "the branches of a repository could not be listed {} ago ({code}): {}; missed pushes to it are not found",
            ago(now - failed.last_at),
            advice(code)
        ));
    }
    sentences.extend(of_messages(&queue.messages, now));
    sentences
}

/// What is worth knowing of repositories, yet keeps no feed from moving: for those who may see names.
pub(super) fn notes(queue: &QueueHealth, reader: Reader, now: DateTime<Utc>) -> Vec<String> {
    if reader == Reader::Stranger {
        return Vec::new();
    }
    let repositories = &queue.repositories;
    let gone = repositories.gone.iter().take(NOTES).map(|gone| {
        let (repo, since) = (&gone.repo, ago(now - gone.gone_at));
        let what =
            if gone.is_replaced { "has no name any more, another repository took it" } else { "is gone at the forge" };
        format!("{repo} {what}, since {since} ago; what is known of it stays until {}", gone.command())
    });
    let renamed = repositories.renamed.iter().filter(|renamed| now - renamed.since < RENAME_NEWS).take(NOTES);
    let renamed = renamed.map(|RenamedRepo { before, repo, since }| {
        format!("{before} is called {repo} since {} ago; addresses with the name before lead there", ago(now - *since))
    });
    let deletions = repositories.deletions.iter().take(NOTES).map(|deletion| {
        let (repo, runs) = (&deletion.repo, deletion.runs);
        format!(
            "{repo} is being deleted since {} ago, {runs} runs are left; each tick goes on with it",
            ago(now - deletion.asked_at)
        )
    });
    let refused = queue.messages.refused.iter().filter(|refused| now - refused.at < REFUSAL_NEWS).map(|refused| {
        format!(
            "the last message to GitHub that was given up, about {}, ended {} ago: {}",
            refused.repo,
            ago(now - refused.at),
            refused.reason
        )
    });
    gone.chain(renamed).chain(deletions).chain(refused).collect()
}

/// What there is to say at the forge and was not said.
fn of_messages(messages: &Messages, now: DateTime<Utc>) -> Option<String> {
    let waiting = messages.waiting.as_ref()?;
    let since = waiting.since?;
    let reason = match waiting.reason.as_deref() {
        Some(reason) => reason,
        None if now - since > MESSAGE_SILENCE => "ticks come too seldom to send them",
        None => return None,
    };
    let (count, wait) = if waiting.messages == 1 {
        ("1 message".to_owned(), "waits")
    } else {
        (format!("{} messages", waiting.messages), "wait")
    };
    let time = if now - since < TimeDelta::hours(20) { "%H:%M UTC" } else { "%Y-%m-%d %H:%M UTC" };
    Some(format!("{count} to GitHub {wait} since {}: {reason}", since.format(time)))
}

fn of_the_process(process: &Process) -> Vec<String> {
    let mut sentences = Vec::new();
    if process.stopping {
        sentences.push("the server is stopping: running jobs finish or are given back".to_owned());
    }
    if !process.secret_is_set {
        sentences.push("GITHUB_WEBHOOK_SECRET is not set: every webhook is answered with 503".to_owned());
    }
    if process.disk_is_low {
        sentences.push(format!(
            "less than {} MiB are free under CI_TMP_DIR or the artifacts folder: no job is leased until there is more",
            LOW_DISK_BYTES >> 20
        ));
    }
    if process.database_took > SLOW_DATABASE {
        sentences.push(format!(
            "the database is slow: it took {:.1} s for what takes milliseconds; look at its load, its disk and the network to it",
            process.database_took.as_secs_f32()
        ));
    }
    sentences
}

/// What happened cannot have happened later than now.
fn of_the_clock(queue: &QueueHealth, now: DateTime<Utc>) -> Option<String> {
    let ahead = queue.signals.iter().map(|signal| signal.last_at - now).max().filter(|ahead| *ahead > CLOCK_SKEW)?;
    Some(format!(
        "the clock was set back, or is behind the database's: something is noted as happening in {}; jobs that waited for a time that far on are due now",
        ago(ahead)
    ))
}

fn of_waiting_jobs(queue: &QueueHealth, tick: Option<&Signal>, now: DateTime<Utc>) -> Option<String> {
    let due = queue.next_due_at.filter(|_| queue.ready > 0)?;
    let jobs = jobs(queue.ready, "waits", "wait");
    if due > now {
        return Some(format!("{jobs} for another attempt after a failure; the first is due in {}", ago(due - now)));
    }
    let silence = match tick.map(|tick| now - tick.last_at) {
        None => "nobody has ever called tick".to_owned(),
        Some(silence) if silence > TICK_SILENCE => format!("nobody has called tick for {}", ago(silence)),
        Some(_) => return None,
    };
    Some(format!("{jobs} and {silence}: keep the feed page open, or call POST /api/ci/worker/tick from cron"))
}

fn of_webhooks(
    queue: &QueueHealth,
    accepted: Option<&Signal>,
    rejected: Option<&Signal>,
    now: DateTime<Utc>,
) -> Option<String> {
    match (accepted, rejected) {
        (accepted, Some(rejected)) if accepted.is_none_or(|accepted| accepted.last_at < rejected.last_at) => {
            // The detail is the answer that the sender got: it says what to do.
            let why = rejected.detail.as_deref().unwrap_or("its signature was wrong");
            Some(format!("the last webhook was refused {} ago: {why}", ago(now - rejected.last_at)))
        }
        (None, _) if queue.recent_runs.is_empty() => {
            Some("no webhook has arrived yet: see the set-up page for its address and settings".to_owned())
        }
        _ => None,
    }
}

/// A repository whose latest run, as far as it got, failed is news until a run of it succeeds; one sentence for each
/// cause, so that a broken token shows once and not for each repository.
fn of_failed_runs(newest_first: &[RecentRun], reader: Reader) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut causes: BTreeMap<&str, Vec<&RecentRun>> = BTreeMap::new();
    for run in newest_first {
        let untried = run.status != RunStatus::Succeeded && run.error_code.is_none();
        let cancelled = run.error_code.as_deref() == Some(FaultCode::Cancelled.as_str());
        if untried || cancelled || !seen.insert(run.repo_key()) {
            continue;
        }
        if let Some(code) = run.error_code.as_deref().filter(|_| run.status != RunStatus::Succeeded) {
            causes.entry(code).or_default().push(run);
        }
    }
    let sentence = |(code, runs): (&str, Vec<&RecentRun>)| {
        let whose = match runs[..] {
            [run] => match run.repo(reader) {
                Some(repo) => format!("the last run of {repo}"),
                None => "the last run of a private repository".to_owned(),
            },
            _ => format!("the last runs of {} repositories", runs.len()),
        };
        let attempts = runs.iter().map(|run| run.attempts).max().unwrap_or_default();
        let attempts = if attempts == 1 { String::new() } else { format!(" after {attempts} attempts") };
        format!("{whose} failed{attempts} ({code}): {}", advice(code))
    };
    causes.into_iter().map(sentence).collect()
}

/// What to do about an error code of docs/api.md, or of another version.
fn advice(code: &str) -> &'static str {
    code.parse().map_or("the run's error says more", FaultCode::advice)
}

fn jobs(n: i64, does: &str, they_do: &str) -> String {
    if n == 1 { format!("1 job {does}") } else { format!("{n} jobs {they_do}") }
}

fn ago(time: TimeDelta) -> String {
    match (time.num_hours(), time.num_minutes()) {
        (0, 0) => format!("{} s", time.num_seconds().max(0)),
        (0, minutes) => format!("{minutes} min"),
        (hours, _) => format!("{hours} h"),
    }
}
