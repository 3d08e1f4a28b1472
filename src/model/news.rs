//! What an event tells that makes no run: that a branch is gone, a pull request closed, a commit deployed.

use chrono::{DateTime, Utc};

use super::{CommitSha, GitRef, RepoName};

/// What a verified payload says of its repository.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "fields of the same names in [`NewRun`](super::NewRun)")]
pub struct News {
    pub repo: RepoName,
    pub default_branch: Option<GitRef>,
    pub said_at: Option<DateTime<Utc>>,
    /// What is different now.
    pub change: Change,
}

/// What is different after an event that makes no run.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns are described in migrations/")]
pub enum Change {
    /// A push whose author asked for no run, with the words that did.
    Skipped { branch: GitRef, before: Option<CommitSha>, commit_sha: CommitSha, marker: &'static str },
    /// A branch was deleted, from this commit.
    Deleted { branch: GitRef, before: Option<CommitSha> },
    /// A pull request was closed.
    Closed { number: i64, head_sha: CommitSha, base_ref: GitRef },
    /// A commit runs in an environment, or runs there no more.
    Deployed { environment: String, commit_sha: CommitSha, is_live: bool },
}

impl Change {
    /// What the webhook log says of it: `is_new` unless something later was known before.
    pub fn reason(&self, is_new: bool) -> String {
        match (self, is_new) {
            (Self::Skipped { marker, .. }, _) => format!("the head commit says {marker}"),
            (Self::Deleted { branch, .. }, true) => format!("the branch {branch} was deleted, and is forgotten"),
            (Self::Deleted { branch, .. }, false) => {
                format!("the branch {branch} was deleted, but is not known, or was pushed to later")
            }
            (Self::Closed { number, .. }, true) => format!("pull request {number} is closed now"),
            (Self::Closed { number, .. }, false) => {
                format!("pull request {number} was closed, but more is known of it from later")
            }
            (Self::Deployed { environment, commit_sha, is_live: true }, true) => {
                format!("{environment:?} runs commit {commit_sha} now")
            }
            (Self::Deployed { environment, commit_sha, is_live: false }, true) => {
                format!("{environment:?} runs commit {commit_sha} no more")
            }
            (Self::Deployed { environment, .. }, false) => {
                format!("the deployment to {environment:?} changes nothing: more is known of it from later")
            }
        }
    }
}
