//! The one comment of a pull request: made when there is something to say, edited in place, deleted when there is nothing
//! any more.
//!
//! It is known by the forge's number of it. Where that is not noted, because a process ended in between or the database is
//! another one, the comment is looked for: by the marker in its text, and by who wrote it.

use std::time::Duration;

use ci_feed_dossier::markdown::{self, PULL_MARKER};
use reqwest::Method;
use serde_json::json;

use super::compare::Compared;
use super::forge::read;
use super::{Speech, Stop, Worker, refused};
use crate::github::message::{self, COMMENTS_A_PAGE, Comment, MessageFault, Numbered};
use crate::store::Message;

/// When a head whose run is under way is looked at again, though its end says so too.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// Pages of comments that are looked through.
const MAX_PAGES: usize = 60;

/// What there is to say of a pull request.
enum Wanted {
    /// This, or nothing.
    Text(Option<String>),
    /// What is there stays as it is.
    AsItIs,
    Later,
}

impl Worker {
    /// Bring the comment to what there is to say; answers when to look again.
    pub(super) async fn say_comment(
        &self,
        message: &Message,
        speech: &mut Speech<'_>,
    ) -> Result<Option<Duration>, Stop> {
        let text = match self.wanted(message, speech).await? {
            Wanted::Text(text) => text,
            Wanted::AsItIs => return Ok(None),
            Wanted::Later => return Ok(Some(LOOK_AGAIN)),
        };
        speech.bring_to(number(message), text).await?;
        Ok(None)
    }

    /// What there is to say of the pull request as it stands, here and at the forge.
    async fn wanted(&self, message: &Message, speech: &Speech<'_>) -> Result<Wanted, Stop> {
        if message.is_gone {
            return Ok(Wanted::AsItIs);
        }
        let Some(head) = self.store.pull_head(message).await? else { return Ok(Wanted::AsItIs) };
        Ok(match self.pull_drift(message, speech, number(message), &head).await? {
            Compared::Known(drift, _) => {
                let (run, _) = self.store.newest_dossier(message, &head).await?;
                let page = run.and_then(|run| Some(format!("{}/runs/{run}", self.config.public_url.as_deref()?)));
                Wanted::Text(markdown::pull_request(&drift, page.as_deref()))
            }
            Compared::Later => Wanted::Later,
            Compared::Unknown => Wanted::AsItIs,
        })
    }
}

fn number(message: &Message) -> i64 {
    message.target.parse().unwrap_or_default()
}

fn is_gone(trouble: &MessageFault) -> bool {
    matches!(trouble, MessageFault::Refused(404 | 410, _))
}

impl Speech<'_> {
    /// Make, edit or delete the comment so that it says this, or nothing.
    pub(super) async fn bring_to(&mut self, number: i64, text: Option<String>) -> Result<(), MessageFault> {
        let there = self.find(number, text.is_some()).await?;
        match (there, text) {
            (None, None) => {}
            (Some(there), None) => self.delete(there.id).await?,
            (Some(there), Some(text)) if there.body.as_deref() == Some(&text) => {}
            (Some(there), Some(text)) => {
                let path = message::comment(self.repo, there.id);
                self.write(Method::PATCH, &path, Some(&json!({ "body": text }))).await?;
            }
            (None, Some(text)) => {
                let path = message::comments(self.repo, number);
                let made = self.write(Method::POST, &path, Some(&json!({ "body": text }))).await?;
                self.said.comment = Some(read::<Numbered>(&made)?.id);
            }
        }
        self.unclear = false;
        Ok(())
    }

    /// Our comment, if there is one. It is looked for where none is known and one is to be made, and where it is unclear
    /// what there is; then any second one goes.
    async fn find(&mut self, number: i64, to_be_made: bool) -> Result<Option<Comment>, MessageFault> {
        let known = match self.said.comment {
            Some(id) => self.comment(id).await?,
            None => None,
        };
        let is_looked_for = self.unclear || (known.is_none() && to_be_made);
        let ours = if is_looked_for { self.look_for_comments(number).await? } else { Vec::new() };
        let mut ours = known.into_iter().chain(ours);
        let one = ours.next();
        self.said.comment = one.as_ref().map(|one| one.id);
        for other in ours.filter(|other| Some(other.id) != self.said.comment).map(|other| other.id).collect::<Vec<_>>()
        {
            self.delete(other).await?;
        }
        Ok(one)
    }

    /// `None` where somebody deleted it.
    async fn comment(&self, id: i64) -> Result<Option<Comment>, MessageFault> {
        match self.forge.get(&message::comment(self.repo, id)).await {
            Err(trouble) if is_gone(&trouble) => Ok(None),
            found => found.map(Some),
        }
    }

    async fn look_for_comments(&self, number: i64) -> Result<Vec<Comment>, MessageFault> {
        let ourselves = self.forge.ourselves().await?;
        let mut ours = Vec::new();
        for page in 1..=MAX_PAGES {
            let path = message::comments_page(self.repo, number, page);
            let comments: Vec<Comment> = self.forge.get(&path).await?;
            let is_last = comments.len() < COMMENTS_A_PAGE;
            let is_ours = |comment: &Comment| {
                comment.user.as_ref().is_some_and(|user| user.id == ourselves)
                    && comment.body.as_deref().is_some_and(|body| body.contains(PULL_MARKER))
            };
            ours.extend(comments.into_iter().filter(is_ours));
            if is_last {
                return Ok(ours);
            }
        }
        Err(refused("the pull request has more comments than are looked through"))
    }

    async fn delete(&mut self, id: i64) -> Result<(), MessageFault> {
        let path = message::comment(self.repo, id);
        match self.write(Method::DELETE, &path, None).await {
            Err(trouble) if !is_gone(&trouble) => return Err(trouble),
            _ => {}
        }
        if self.said.comment == Some(id) {
            self.said.comment = None;
        }
        Ok(())
    }
}
