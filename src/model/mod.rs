//! The words of the product as types that cannot hold invalid values. No I/O here, except the one clock.

mod clock;
mod commit_sha;
mod facts;
mod fault;
mod git_ref;
mod identity;
mod message;
mod new_run;
mod news;
mod privacy;
mod raw_json;
mod repo_name;
mod retention;
mod status;
mod vocabulary;

pub(crate) use clock::{CLOCK_SKEW, millis, optional_millis};
pub use clock::{now, rfc3339};
pub use commit_sha::CommitSha;
pub(crate) use commit_sha::is_zero_sha;
pub use facts::{Coverage, FactRow, FactSet};
pub(crate) use facts::{kept_attrs, kept_details, kept_key, without_nul};
pub use fault::{Fault, FaultCode};
pub use git_ref::GitRef;
pub use identity::Identity;
pub use message::{MessageKind, Said};
pub(crate) use new_run::MAX_TEXT_CHARS;
pub use new_run::NewRun;
pub use news::{Change, News};
pub use privacy::{Access, Privacy, Reader};
pub use raw_json::RawJson;
pub(crate) use raw_json::{JsonView, MAX_COMPARED_BYTES, MAX_SUMMARY_BYTES};
pub use repo_name::{RepoName, contains_ignoring_case};
pub use retention::Retention;
pub use status::{EventType, IdleReason, JobStatus, RunStatus, SignalName};

/// A value that came from outside and is not of its form; the sentence is for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);
