//! The status of a commit: pending while its newest run waits or is under way, and how that ended. At most three.

use std::time::Duration;

use ci_feed_dossier::policy::POLICY_FILE;
use reqwest::Method;

use super::compare::Compared;
use super::{Speech, Stop, Worker};
use crate::github::message::{self, CONTEXT, MessageFault, Status, status_body};
use crate::model::{FaultCode, Reader, RunStatus, Said};
use crate::store::{Message, Run, RunDetail};

/// Statuses of a commit.
const MOST: u32 = 3;
/// How often it is looked at whether a run that is pending ended in a way that nobody noted.
const LOOK_AGAIN: Duration = Duration::from_secs(600);

/// What there is to say of a run.
struct Wanted {
    state: &'static str,
    description: String,
}

impl Wanted {
    fn of(detail: &RunDetail) -> Self {
        let run = &detail.run;
        let (state, description) = match run.status {
            RunStatus::Queued | RunStatus::Running => {
                (Said::PENDING, "waits for its turn, or is being read".to_owned())
            }
            RunStatus::Succeeded => ("success", found(detail)),
            RunStatus::Failed => ("error", failed(run)),
        };
        Self { state, description }
    }

    fn is(&self, state: Option<&str>, description: Option<&str>) -> bool {
        state == Some(self.state) && description == Some(self.description.as_str())
    }
}

fn found(detail: &RunDetail) -> String {
    let drift = detail.run.summary_json.as_ref().map(|summary| summary.view().at("drift"));
    let count = drift.and_then(|drift| drift.at("counts").at("before_deploy").plain());
    let had_base = detail.attempts.last().is_some_and(|attempt| attempt.base_error.is_some());
    let uncompared = match had_base {
        true => "read, but not the commit to compare it with",
        false => "read; there is nothing to compare it with",
    };
    count.map_or_else(|| uncompared.to_owned(), steps)
}

fn steps(count: usize) -> String {
    match count {
        0 => "read; nothing to do before it is deployed".to_owned(),
        1 => "read; 1 thing to look at before it is deployed".to_owned(),
        count => format!("read; {count} things to look at before it is deployed"),
    }
}

fn failed(run: &Run) -> String {
    match run.error_code.as_deref() {
        Some(code) if code == FaultCode::Cancelled.as_str() => "cancelled while it waited".to_owned(),
        Some(code) => format!("not read ({code})"),
        None => "not read".to_owned(),
    }
}

impl Worker {
    /// Say what is not said yet; answers when to look again.
    pub(super) async fn say_status(
        &self,
        message: &Message,
        speech: &mut Speech<'_>,
    ) -> Result<Option<Duration>, Stop> {
        let detail = match self.store.newest_run(message).await? {
            Some(id) => self.store.run(Reader::Trusted, id).await?,
            None => None,
        };
        if speech.unclear {
            look_at_statuses(message, speech).await?;
        }
        let wanted = match &detail {
            Some(detail) if detail.run.status == RunStatus::Succeeded => self.judged(message, speech, detail).await?,
            Some(detail) => Wanted::of(detail),
            None if speech.said.is_pending() => {
                Wanted { state: "error", description: "its run was removed before it ended".to_owned() }
            }
            None => return Ok(None),
        };
        let is_said = wanted.is(speech.said.state.as_deref(), speech.said.description.as_deref());
        // A second run of a commit says only how it ended, and nothing stays pending.
        let is_one_more = wanted.state == Said::PENDING && speech.said.statuses > 0;
        let is_enough = speech.said.statuses >= MOST && !speech.said.is_pending();
        if is_said || is_one_more || is_enough {
            return Ok(speech.said.is_pending().then_some(LOOK_AGAIN));
        }
        let page =
            detail.and_then(|detail| Some(format!("{}/runs/{}", self.config.public_url.as_deref()?, detail.run.id)));
        let body = status_body(wanted.state, &wanted.description, page.as_deref());
        speech.write(Method::POST, &message::new_status(&message.repo, &message.target), Some(&body)).await?;
        let statuses = speech.said.statuses + 1;
        let (state, description) = (Some(wanted.state.to_owned()), Some(wanted.description));
        speech.said = Said { state, description, statuses, ..Said::default() };
        speech.unclear = false;
        Ok(speech.said.is_pending().then_some(LOOK_AGAIN))
    }

    /// What there is to say of a run that succeeded: where pull requests stand at its commit, what they change decides.
    async fn judged(&self, message: &Message, speech: &Speech<'_>, detail: &RunDetail) -> Result<Wanted, Stop> {
        let mut wanted = Wanted::of(detail);
        for number in self.store.pulls_at(message).await? {
            let (drift, pulled) = match self.pull_drift(message, speech, number, &detail.run.commit_sha).await {
                Ok(Compared::Known(drift, pulled)) => (drift, pulled),
                // The check informs: what cannot be compared fails nothing.
                Ok(_) | Err(Stop::Trouble(MessageFault::Refused(..))) => continue,
                Err(stop) => return Err(stop),
            };
            let policy = drift.policy.unwrap_or_default();
            let lifts = |label: &String| pulled.labels.iter().any(|one| one.name == *label);
            let failing: usize = policy.fails.values().sum();
            wanted.description = match &policy.error {
                Some(_) => format!("{}; {POLICY_FILE} is not applied", steps(drift.counts.before_deploy)),
                None if failing == 0 => steps(drift.counts.before_deploy),
                None if policy.lift_label.as_ref().is_some_and(lifts) => {
                    format!("{failing} by {POLICY_FILE}, lifted by a label")
                }
                None => {
                    let rules: Vec<_> = policy.fails.keys().map(String::as_str).collect();
                    let description = format!("{failing} by {POLICY_FILE}: {}", rules.join(", "));
                    return Ok(Wanted { state: "failure", description });
                }
            };
        }
        Ok(wanted)
    }
}

/// What the commit says, where somebody may have said something that is not noted.
async fn look_at_statuses(message: &Message, speech: &mut Speech<'_>) -> Result<(), Stop> {
    let there: Vec<Status> = speech.forge.get(&message::statuses(&message.repo, &message.target)).await?;
    let ours: Vec<Status> = there.into_iter().filter(|status| status.context == CONTEXT).collect();
    let statuses = u32::try_from(ours.len()).unwrap_or(u32::MAX);
    speech.said = ours.into_iter().next().map_or_else(Said::default, |newest| Said {
        state: Some(newest.state),
        description: newest.description,
        statuses,
        ..Said::default()
    });
    speech.unclear = false;
    Ok(())
}
