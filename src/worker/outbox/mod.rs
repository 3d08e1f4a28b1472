//! What is said at the forge, in the time that a tick has for it: the status of each commit, and one comment for each pull
//! request. Nobody else writes there, and nothing is said unless `GITHUB_WRITE_TOKEN` is set.
//!
//! A message is looked at, said and noted, in this order, under a lease. Whoever comes after one that ended in between
//! asks the forge first what is there.

mod comment;
mod compare;
mod forge;
mod status;

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::Worker;
use crate::config::Config;
use crate::failpoint;
use crate::github::message::MessageFault;
use crate::model::{MessageKind, RepoName, Said};
use crate::store::{Message, Note, StoreError};
pub(super) use forge::Forge;
use forge::REQUEST_TIME;

/// How long a message is held; longer than its request may take.
const LEASE: Duration = Duration::from_secs(60);
/// Time for one message with all its requests.
const MESSAGE_TIME: Duration = Duration::from_secs(15);
/// A message that failed as often is given up: a day and a half.
const MAX_ATTEMPTS: i64 = 40;
/// Longest wait between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(3600);
/// For how long a forge that does not answer is left alone.
const MAX_SILENCE: TimeDelta = TimeDelta::minutes(1);
/// A forge asks for no longer wait than that.
const MAX_WAIT: TimeDelta = TimeDelta::hours(24);

/// Why a message was not said.
enum Stop {
    Trouble(MessageFault),
    Store(StoreError),
}

impl From<MessageFault> for Stop {
    fn from(trouble: MessageFault) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn refused(reason: &str) -> MessageFault {
    MessageFault::Refused(0, reason.to_owned())
}

/// A message in the hands of whoever says it.
struct Speech<'a> {
    forge: &'a Forge,
    repo: &'a RepoName,
    /// What has been said by now.
    said: Said,
    /// Whether there may be more.
    unclear: bool,
    /// When its lease ends for sure.
    ends: Instant,
}

impl<'a> Speech<'a> {
    fn new(forge: &'a Forge, repo: &'a RepoName, (said, unclear): (Said, bool), ends: Instant) -> Self {
        Self { forge, repo, said, unclear, ends }
    }

    /// Write at the forge. From then on it is unclear what is there, until the answer tells or the caller knows.
    async fn write(&mut self, method: Method, path: &str, body: Option<&Value>) -> Result<Vec<u8>, MessageFault> {
        // A process that was frozen meanwhile says nothing: somebody else does.
        if Instant::now() + REQUEST_TIME > self.ends {
            return Err(MessageFault::again("there was no time left to say it"));
        }
        self.unclear = true;
        let written = self.forge.call(method, path, body).await;
        if matches!(written, Err(MessageFault::Wait(..) | MessageFault::Refused(..))) {
            self.unclear = false;
        }
        failpoint::reach("message.said").await.map_err(|error| MessageFault::again(error.to_string()))?;
        written
    }
}

/// Bring the comment of a pull request to this text, or delete it: for a workflow, which has no server and no memory.
///
/// # Errors
/// Why it was not done.
pub(crate) async fn write_comment(
    config: &Config,
    repo: &RepoName,
    number: i64,
    text: Option<String>,
) -> Result<(), String> {
    let forge = Forge::new(config).ok_or("GITHUB_WRITE_TOKEN is not set")?;
    let mut speech = Speech::new(&forge, repo, (Said::default(), true), Instant::now() + LEASE);
    speech.bring_to(number, text).await.map_err(|trouble| trouble.reason().to_owned())
}

impl Worker {
    /// Say what there is to say of these kinds, beginning no message after `time`. Failing costs this round only.
    pub(super) async fn speak(&self, kinds: &[MessageKind], time: Duration) {
        let Some(forge) = &self.forge else { return };
        // One at a time in a process: two dossiers may be in memory.
        let Ok(_turn) = self.speaking.try_lock() else { return };
        let until = Instant::now() + time;
        let speak = async {
            if self.store.silence().await?.is_some() {
                return Ok(());
            }
            for kind in kinds {
                while Instant::now() < until && !self.is_stopping() {
                    let ends = Instant::now() + LEASE;
                    let Some(message) = self.store.next_message(*kind, LEASE).await? else { break };
                    if !self.say(forge, &message, ends).await? {
                        return Ok(());
                    }
                }
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = speak.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "what there is to say at the forge waits");
        }
    }

    /// Say one message and note it; answers whether the forge is well.
    async fn say(&self, forge: &Forge, message: &Message, ends: Instant) -> Result<bool, StoreError> {
        let mut speech = Speech::new(forge, &message.repo, (message.said(), message.unclear), ends);
        let said = async {
            match message.kind {
                MessageKind::Status => self.say_status(message, &mut speech).await,
                MessageKind::Comment => self.say_comment(message, &mut speech).await,
            }
        };
        let said = timeout_at(Instant::now() + MESSAGE_TIME, said).await;
        let said = said.unwrap_or_else(|_| Err(MessageFault::again("the forge is slow").into()));
        let (error, again, is_well) = match said {
            Ok(again) => (None, again, true),
            Err(Stop::Store(error)) => return Err(error),
            Err(Stop::Trouble(trouble)) => {
                let (again, silence) = self.after(&trouble, message, &speech.said);
                if let Some(silence) = silence {
                    self.store.be_silent(silence, trouble.reason()).await?;
                }
                let (kind, reason) = (message.kind.as_str(), trouble.reason().to_owned());
                tracing::warn!(repo = %message.repo, kind, "nothing was said at the forge: {reason}");
                (Some(reason), again, silence.is_none())
            }
        };
        let (said, unclear) = (speech.said, speech.unclear);
        if !self.store.note_message(message, &Note { said, unclear, error, again }).await? {
            // Whoever has it now did not know what this one has just said.
            tracing::warn!(repo = %message.repo, "a message to the forge was held for too long; it is looked at again");
            self.store.look_at_message_again(message).await?;
        }
        Ok(is_well)
    }

    /// When to try again, and for how long nothing at all is said.
    fn after(&self, trouble: &MessageFault, message: &Message, said: &Said) -> (Option<Duration>, Option<TimeDelta>) {
        let is_last = message.attempts + 1 >= MAX_ATTEMPTS;
        match trouble {
            MessageFault::Wait(wait, _) => {
                let wait = (*wait).clamp(TimeDelta::seconds(1), MAX_WAIT);
                (wait.to_std().ok(), Some(wait))
            }
            MessageFault::Again(named, _) => {
                let exponent = u32::try_from(message.attempts).unwrap_or(0).min(12);
                let wait = self.config.retry_backoff.saturating_mul(2_u32.saturating_pow(exponent)).min(MAX_BACKOFF);
                let named = named.unwrap_or_default().clamp(TimeDelta::zero(), MAX_WAIT);
                let silence = TimeDelta::from_std(wait).unwrap_or(MAX_SILENCE).min(MAX_SILENCE).max(named);
                let wait = wait.max(named.to_std().unwrap_or_default());
                ((!is_last).then_some(wait), Some(silence))
            }
            // A token may get its rights back, and nothing is to be pending for ever.
            MessageFault::Refused(..) if said.is_pending() && !is_last => (Some(MAX_BACKOFF), None),
            MessageFault::Refused(..) => (None, None),
        }
    }
}
