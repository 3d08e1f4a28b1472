//! The words of the product as types that cannot hold invalid values. No I/O here, except the one clock.

mod commit_sha;
mod git_ref;
mod repo_name;
mod retention;
mod run;
mod status;

pub use commit_sha::CommitSha;
pub(crate) use commit_sha::is_zero_sha;
pub use git_ref::GitRef;
pub use repo_name::{RepoName, contains_ignoring_case};
pub use retention::Retention;
pub(crate) use run::MAX_TEXT_CHARS;
pub use run::{Attempt, Job, Lease, NewRun, Run, RunDetail, RunRef, rfc3339};
pub use status::{EventType, JobStatus, RunStatus};

use chrono::{DateTime, SubsecRound as _, Utc};

/// A value that came from outside and is not of its form; the sentence is for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

/// The process clock, in the microseconds that both databases keep.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
