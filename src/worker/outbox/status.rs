//! The status of a commit: pending while its newest run waits or is under way, and how that ended. At most three.

use std::time::Duration;

use reqwest::Method;

use super::{Speech, Stop, Worker};
use crate::github::message::{self, CONTEXT, Status, status_body};
use crate::model::{FaultCode, Reader, RunStatus, Said};
use crate::store::Run;

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
    fn of(run: &Run) -> Self {
        let (state, description) = match run.status {
            RunStatus::Queued | RunStatus::Running => {
                (Said::PENDING, "waits for its turn, or is being read".to_owned())
            }
            RunStatus::Succeeded => ("success", found(run)),
            RunStatus::Failed => ("error", failed(run)),
        };
        Self { state, description }
    }

    fn is(&self, state: Option<&str>, description: Option<&str>) -> bool {
        state == Some(self.state) && description == Some(self.description.as_str())
    }
}

fn found(run: &Run) -> String {
    let drift = run.summary_json.as_ref().map(|summary| summary.view().at("drift"));
    let steps = drift.and_then(|drift| drift.at("counts").at("before_deploy").plain::<u64>());
    match steps {
        None => "read; there is nothing to compare it with".to_owned(),
        Some(0) => "read; nothing to do before it is deployed".to_owned(),
        Some(1) => "read; 1 thing to look at before it is deployed".to_owned(),
        Some(steps) => format!("read; {steps} things to look at before it is deployed"),
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
    pub(super) async fn say_status(&self, speech: &mut Speech<'_>) -> Result<Option<Duration>, Stop> {
        let message = speech.message;
        let run = match self.store.newest_run(message).await? {
            Some(id) => self.store.run(Reader::Trusted, id).await?.map(|detail| detail.run),
            None => None,
        };
        if speech.unclear {
            self.look_at_statuses(speech).await?;
        }
        let wanted = match &run {
            Some(run) => Wanted::of(run),
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
        let page = run.and_then(|run| Some(format!("{}/runs/{}", self.config.public_url.as_deref()?, run.id)));
        let body = status_body(wanted.state, &wanted.description, page.as_deref());
        speech.write(Method::POST, &message::new_status(&message.repo, &message.target), Some(&body)).await?;
        let statuses = speech.said.statuses + 1;
        let (state, description) = (Some(wanted.state.to_owned()), Some(wanted.description));
        speech.said = Said { state, description, statuses, ..Said::default() };
        speech.unclear = false;
        Ok(speech.said.is_pending().then_some(LOOK_AGAIN))
    }

    /// What the commit says, where somebody may have said something that is not noted.
    async fn look_at_statuses(&self, speech: &mut Speech<'_>) -> Result<(), Stop> {
        let message = speech.message;
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
}
