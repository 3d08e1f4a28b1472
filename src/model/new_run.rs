//! What an event asks for.

use chrono::{DateTime, Utc};

use super::{CommitSha, EventType, GitRef, Identity, Privacy, RepoName};

/// Longest title and author that are kept, in characters.
pub(crate) const MAX_TEXT_CHARS: usize = 200;

/// A commit to analyze, as an event names it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns are described in migrations/")]
pub struct NewRun {
    pub repo: RepoName,
    /// Which repository that is, whatever it is called by now.
    pub identity: Identity,
    pub git_ref: GitRef,
    pub commit_sha: CommitSha,
    pub event_type: EventType,
    pub pr_number: Option<i64>,
    pub base_sha: Option<CommitSha>,
    /// The branch that the change goes to, or that a new branch started from.
    pub base_ref: Option<GitRef>,
    pub title: Option<String>,
    pub author: Option<String>,
    pub privacy: Privacy,
    /// Whether no webhook announced the commit: it was found by comparing the branches with the runs.
    pub reconciled: bool,
    /// When it happened, as the payload itself says: what tells a late delivery.
    pub said_at: Option<DateTime<Utc>>,
    /// The repository's default branch, as the payload says.
    pub default_branch: Option<GitRef>,
}

impl NewRun {
    /// A commit of which no more is known.
    pub fn new(
        repo: RepoName,
        git_ref: GitRef,
        commit_sha: CommitSha,
        event_type: EventType,
        privacy: Privacy,
    ) -> Self {
        Self {
            repo,
            identity: Identity::Name,
            git_ref,
            commit_sha,
            event_type,
            pr_number: None,
            base_sha: None,
            base_ref: None,
            title: None,
            author: None,
            privacy,
            reconciled: false,
            said_at: None,
            default_branch: None,
        }
    }
}
