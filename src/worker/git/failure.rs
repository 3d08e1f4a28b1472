//! Why a fetch failed: a stable code, and a sentence that says what to do.

use std::error::Error as _;
use std::io;

use git2::{ErrorClass, ErrorCode};
use reqwest::{StatusCode, Url};

use crate::model::{Fault, FaultCode};

/// The system's words when a disk or a quota is full.
const NO_SPACE: [&str; 2] = ["No space left on device", "Disk quota exceeded"];

/// What the server says when it does not serve a commit by its id, and libgit2 when it has not told that it would.
const NOT_BY_ID: [&str; 4] =
    ["unexpected packet type", "not our ref", "no match", "cannot fetch a specific object from the remote repository"];

/// What libgit2 says of fetching `commit`; what its transport says comes first where there is something.
pub(super) fn classify(error: &git2::Error, commit: &str) -> Fault {
    let text = error.message();
    match (error.code(), error.class()) {
        (ErrorCode::NotFound, ErrorClass::Net | ErrorClass::Os | ErrorClass::Repository) => repo_not_found(),
        // With `file://`. The text has the path, which is nobody's business.
        _ if text.starts_with("failed to resolve path") => repo_not_found(),
        // libgit2 knows no code for it, and its class says "system", as of a broken connection.
        _ if NO_SPACE.iter().any(|words| text.contains(words)) => disk(text),
        _ if NOT_BY_ID.iter().any(|words| text.contains(words)) => not_found(commit),
        (_, ErrorClass::Net | ErrorClass::Os) => network(text),
        (ErrorCode::NotFound, _) => not_found(commit),
        _ => Fault::new(FaultCode::FetchFailed, format!("git could not fetch the commit: {text}")),
    }
}

pub(super) fn not_found(commit: &str) -> Fault {
    Fault::new(
        FaultCode::CommitNotFound,
        format!(
            "the repository does not have commit {commit} (any more): it may have been replaced by a force push; push again or enqueue the branch's current commit"
        ),
    )
}

pub(super) fn ref_not_found(branch: &str) -> Fault {
    Fault::new(FaultCode::RefNotFound, format!("the repository has no branch {branch:?}; check its spelling"))
}

pub(super) fn no_default_branch() -> Fault {
    Fault::new(FaultCode::RefNotFound, "the repository has no default branch; it may be empty")
}

pub(super) fn disk(text: &str) -> Fault {
    Fault::new(FaultCode::Disk, format!("the commit could not be written: {text}; free some space under CI_TMP_DIR"))
}

pub(super) fn incomplete() -> Fault {
    Fault::new(FaultCode::FetchFailed, "the git server left out files or folders of the commit")
}

pub(super) fn malformed(what: &str) -> Fault {
    Fault::new(FaultCode::FetchFailed, format!("what the git server sent is no pack: {what}"))
}

pub(super) fn too_large(what: &str, max_bytes: u64) -> Fault {
    let limit = max_bytes >> 20;
    Fault::new(
        FaultCode::RepoTooLarge,
        format!(
            "the commit has too many {what} for CI_MAX_REPO_BYTES ({limit} MiB); raise it if it should be analyzed"
        ),
    )
}

pub(super) fn auth_required(with_token: bool) -> Fault {
    Fault::new(
        FaultCode::AuthRequired,
        if with_token {
            "the repository was refused even with GITHUB_TOKEN: check that it exists and that the token may read it"
        } else {
            "the repository is private or does not exist: set GITHUB_TOKEN to a token that may read it (and CI_TOKEN_OWNERS for manual enqueues)"
        },
    )
}

pub(super) fn repo_not_found() -> Fault {
    Fault::new(
        FaultCode::RepoNotFound,
        "the git server has no such repository: check owner, name and GITHUB_SERVER_URL; private ones need GITHUB_TOKEN",
    )
}

pub(super) fn redirected(to: Option<Url>) -> Fault {
    let to = to.map_or_else(|| "nowhere".to_owned(), |to| to.origin().ascii_serialization());
    Fault::new(
        FaultCode::Network,
        format!(
            "the git server redirects to {to}, which is not followed: GITHUB_SERVER_URL must name the server itself"
        ),
    )
}

pub(super) fn status(status: StatusCode) -> Fault {
    network(&format!("it answered {status}"))
}

pub(super) fn not_git() -> Fault {
    network("it does not speak git's protocol at this address; check GITHUB_SERVER_URL")
}

/// No answer.
pub(super) fn unreachable(error: &reqwest::Error) -> Fault {
    if error.is_timeout() { timeout() } else { network(&cause(error)) }
}

/// An answer that ends too early.
pub(super) fn broken_off(error: &io::Error) -> Fault {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>()) {
        Some(error) => unreachable(error),
        None => network(&error.to_string()),
    }
}

/// An answer that ended as if it were complete.
pub(super) fn cut_off() -> Fault {
    network("its answer ends too early")
}

pub(super) fn client(error: &reqwest::Error) -> Fault {
    Fault::new(FaultCode::FetchFailed, format!("certificates or proxy settings cannot be used: {}", cause(error)))
}

fn timeout() -> Fault {
    Fault::new(FaultCode::Timeout, "the git server did not answer in time; it is tried again")
}

fn network(text: &str) -> Fault {
    Fault::new(FaultCode::Network, format!("the git server could not be reached or closed the connection: {text}"))
}

/// The innermost reason, which says what happened; those around it say where.
fn cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(std::error::Error::source) {
        cause = Some(inner);
    }
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}
