//! What an event tells that makes no run: that a branch is gone, a pull request closed, a commit deployed, a repository
//! renamed.

use chrono::{DateTime, Utc};

use super::{CommitSha, GitRef, Identity, RepoName};

/// What a verified payload says of its repository.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "fields of the same names in [`NewRun`](super::NewRun)")]
pub struct News {
    pub repo: RepoName,
    pub identity: Identity,
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
    /// A pull request got or lost a label.
    Labeled { number: i64, head_sha: CommitSha },
    /// A commit runs in an environment, or runs there no more.
    Deployed { environment: String, commit_sha: CommitSha, is_live: bool },
    /// The repository was renamed, or transferred to another account.
    Renamed { from: RepoName },
    /// The forge has the repository no more.
    Gone,
    /// Something else of the repository itself is different, in GitHub's word for it.
    Edited { action: String },
}

impl Change {
    /// Whether it is about the repository itself, which is worth nothing where the repository is not known.
    pub fn is_of_the_repository(&self) -> bool {
        matches!(self, Self::Renamed { .. } | Self::Gone | Self::Edited { .. })
    }

    /// What the webhook log says of it: `is_new` unless something later was known before.
    pub fn reason(&self, is_new: bool) -> String {
        match (self, is_new) {
            (Self::Renamed { from }, true) => format!("what was {from} has another name now, and keeps its history"),
            (Self::Renamed { from }, false) => {
                format!("{from} was renamed, which was known, came too late, or is of one that is not known here")
            }
            (Self::Gone, true) => "the repository is gone at the forge; what is known of it stays".to_owned(),
            (Self::Gone, false) => "the repository is gone at the forge, and is not known here".to_owned(),
            (Self::Edited { action }, true) => format!("the repository was {action}; its history stays"),
            (Self::Edited { action }, false) => format!("the repository was {action}, and is not known here"),
            (Self::Skipped { marker, .. }, _) => format!("the head commit says {marker}"),
            (Self::Deleted { branch, .. }, true) => format!("the branch {branch} was deleted, and is forgotten"),
            (Self::Deleted { branch, .. }, false) => {
                format!("the branch {branch} was deleted, but is not known, or was pushed to later")
            }
            (Self::Closed { number, .. }, true) => format!("pull request {number} is closed now"),
            (Self::Closed { number, .. }, false) => {
                format!("pull request {number} was closed, but more is known of it from later")
            }
            (Self::Labeled { number, .. }, _) => format!("the labels of pull request {number} are others"),
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
