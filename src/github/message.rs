//! What is said at the forge: where it goes, what of its answers counts, and what an answer that is none comes to. Asks
//! nobody itself.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing;
use crate::model::{CommitSha, RepoName};

/// Whose status it is, among those of a commit.
pub const CONTEXT: &str = "ci-feed";
/// Longest sentence of a status, in characters.
const MAX_DESCRIPTION_CHARS: usize = 140;
/// Comments that one page lists: each may be 64 KiB of text.
pub const COMMENTS_A_PAGE: usize = 50;

/// Why nothing was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageFault {
    /// Nothing may be said for a while; nothing was.
    Wait(TimeDelta, String),
    /// The same may work later, after this time if the forge named one. It may have been said nevertheless.
    Again(Option<TimeDelta>, String),
    /// It never will; with the status of the answer.
    Refused(u16, String),
}

impl MessageFault {
    /// What may work later.
    pub fn again(reason: impl Into<String>) -> Self {
        Self::Again(None, reason.into())
    }

    /// For people.
    pub fn reason(&self) -> &str {
        match self {
            Self::Wait(_, reason) | Self::Again(_, reason) | Self::Refused(_, reason) => reason,
        }
    }
}

/// What an answer with this status comes to; `None` is one that says what was asked. `header` reads a header of it.
pub fn trouble<'a>(status: u16, header: impl Fn(&str) -> Option<&'a str>, now: DateTime<Utc>) -> Option<MessageFault> {
    let retry_after = || TimeDelta::try_seconds(header("retry-after")?.trim().parse().ok()?);
    if let Some(wait) = listing::wait(status, &header, now) {
        let reason = format!("it was asked too often ({status})");
        return Some(MessageFault::Wait(wait, reason));
    }
    Some(match status {
        200..=299 => return None,
        401 => {
            let reason = "GITHUB_WRITE_TOKEN is refused (401): it was revoked, has expired or was mistyped";
            MessageFault::Wait(TimeDelta::minutes(5), reason.to_owned())
        }
        403 => {
            let reason = "GITHUB_WRITE_TOKEN may not write there (403): it needs commit statuses and pull requests, read and write; or the conversation is locked";
            MessageFault::Refused(status, reason.to_owned())
        }
        404 | 410 => {
            let reason = format!(
                "it is not there ({status}): the repository, the commit or the pull request is gone, or GITHUB_WRITE_TOKEN may not see it"
            );
            MessageFault::Refused(status, reason)
        }
        422 => {
            MessageFault::Refused(status, "the forge does not take it (422): the commit is gone, perhaps".to_owned())
        }
        409 | 425 => MessageFault::again(format!("the forge is busy with something else ({status})")),
        500..=599 => MessageFault::Again(retry_after(), format!("the forge has a problem of its own ({status})")),
        _ => MessageFault::Refused(status, format!("the forge answered {status}; check GITHUB_API_URL")),
    })
}

/// Where statuses of a commit are made.
pub fn new_status(repo: &RepoName, commit: &str) -> String {
    format!("/repos/{repo}/statuses/{commit}")
}

/// Where they are listed, the newest first.
pub fn statuses(repo: &RepoName, commit: &str) -> String {
    format!("/repos/{repo}/commits/{commit}/statuses?per_page=100")
}

/// A pull request.
pub fn pull(repo: &RepoName, number: i64) -> String {
    format!("/repos/{repo}/pulls/{number}")
}

/// Which commit two have in common; from the second page on no files are listed.
pub fn common(repo: &RepoName, base: &CommitSha, head: &CommitSha) -> String {
    format!("/repos/{repo}/compare/{base}...{head}?per_page=1&page=2")
}

/// Where comments of a pull request are made and listed.
pub fn comments(repo: &RepoName, number: i64) -> String {
    format!("/repos/{repo}/issues/{number}/comments")
}

/// A page of them, from 1 on, the oldest first.
pub fn comments_page(repo: &RepoName, number: i64, page: usize) -> String {
    format!("{}?per_page={COMMENTS_A_PAGE}&page={page}", comments(repo, number))
}

/// One comment.
pub fn comment(repo: &RepoName, id: i64) -> String {
    format!("/repos/{repo}/issues/comments/{id}")
}

/// Who the token is.
pub const OURSELVES: &str = "/user";
/// As whom workflows write.
pub const WORKFLOWS: &str = "/users/github-actions%5Bbot%5D";

/// What makes a status.
pub fn status_body(state: &str, description: &str, target_url: Option<&str>) -> Value {
    let description: String = description.chars().take(MAX_DESCRIPTION_CHARS).collect();
    let mut body = json!({ "state": state, "description": description, "context": CONTEXT });
    if let Some(target_url) = target_url {
        body["target_url"] = target_url.into();
    }
    body
}

/// A status of a commit, as listed.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "fields of the same names in the forge's API")]
pub struct Status {
    pub context: String,
    pub state: String,
    pub description: Option<String>,
}

/// A pull request, as far as it counts here.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "fields of the same names in the forge's API")]
pub struct Pulled {
    pub state: String,
    #[serde(default)]
    pub labels: Vec<Label>,
    pub head: Side,
    pub base: Side,
}

/// A label of it.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the field of the same name in the forge's API")]
pub struct Label {
    pub name: String,
}

/// One side of it.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "fields of the same names in the forge's API")]
pub struct Side {
    pub sha: String,
    pub repo: Option<Numbered>,
}

/// Whatever the forge has a number for.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the field of the same name in the forge's API")]
pub struct Numbered {
    pub id: i64,
}

/// Two commits, compared.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the field of the same name in the forge's API")]
pub struct Common {
    pub merge_base_commit: Commit,
}

/// A commit.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the field of the same name in the forge's API")]
pub struct Commit {
    pub sha: String,
}

/// A comment.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "fields of the same names in the forge's API")]
pub struct Comment {
    pub id: i64,
    pub body: Option<String>,
    pub user: Option<Numbered>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_a_message_or_puts_it_off() {
        let now = DateTime::from_timestamp(1_000, 0).unwrap();
        let of = |status, headers: &[(&str, &'static str)]| {
            let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            match trouble(status, header, now) {
                None => "said".to_owned(),
                Some(MessageFault::Wait(wait, _)) => format!("wait {}", wait.num_seconds()),
                Some(MessageFault::Again(None, _)) => "again".to_owned(),
                Some(MessageFault::Again(Some(wait), _)) => format!("again after {}", wait.num_seconds()),
                Some(MessageFault::Refused(..)) => "refused".to_owned(),
            }
        };
        assert_eq!(of(201, &[]), "said");
        assert_eq!(of(401, &[]), "wait 300");
        assert_eq!(of(403, &[]), "refused");
        assert_eq!(of(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1090")]), "wait 90");
        assert_eq!(of(429, &[("retry-after", "7")]), "wait 7");
        assert_eq!([of(404, &[]), of(410, &[]), of(422, &[]), of(301, &[])], ["refused"; 4]);
        assert_eq!([of(409, &[]), of(500, &[]), of(502, &[])], ["again"; 3]);
        assert_eq!(of(503, &[("retry-after", "30")]), "again after 30");
    }
}
