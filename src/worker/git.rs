//! Fetching with libgit2: exactly one commit, bare, nothing checked out. Runs in a child process; the server never calls
//! it.

use std::cell::Cell;
use std::path::PathBuf;

use git2::{
    AutotagOption, ConfigLevel, Cred, ErrorClass, ErrorCode, FetchOptions, ObjectType, Oid, ProxyOptions,
    RemoteCallbacks, Repository,
};
use serde::{Deserialize, Serialize};

use crate::model::{Fault, FaultCode, MAX_TEXT_CHARS};

/// Where the fetched commit is pinned, so that it can be read without knowing a branch.
const PIN: &str = "refs/ci/pin";
/// How deep the branch is followed where the server does not serve a commit by its id.
const REF_DEPTHS: [i32; 2] = [1, 50];
/// Branches that one look brings at most: so many fit into what is kept of a child's output.
pub(crate) const MAX_BRANCHES: usize = 2_500;
/// libgit2's own default is endless.
const CONNECT_TIMEOUT_MS: i32 = 10_000;
const SERVER_TIMEOUT_MS: i32 = 20_000;

/// What to fetch; read from standard input, so that the token is neither an argument nor in the environment.
#[derive(Serialize, Deserialize)]
pub(crate) struct FetchRequest {
    pub(crate) url: String,
    pub(crate) wanted: Wanted,
    pub(crate) token: Option<String>,
    pub(crate) into: PathBuf,
    pub(crate) max_bytes: u64,
}

/// What to bring.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wanted {
    /// One commit.
    Commit {
        sha: String,
        git_ref: String,
        /// Whether the branch may be followed where the server does not serve the commit by its id.
        may_follow_ref: bool,
    },
    /// Only which commit a branch is at.
    Branch(String),
    /// Only which commit each branch is at.
    Branches,
}

/// What came of it; the last line of standard output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub(crate) enum FetchReply {
    Fetched { title: Option<String>, author: Option<String> },
    Branch { sha: String },
    Branches { heads: Vec<(String, String)> },
    Failed(Fault),
}

/// Fetch as asked, writing `progress` lines to `out`.
pub(crate) fn fetch(request: &FetchRequest, out: &mut dyn std::io::Write) -> FetchReply {
    let fetched = limit_waiting().and_then(|()| match &request.wanted {
        Wanted::Commit { sha, git_ref, may_follow_ref } => {
            fetch_commit(request, sha, may_follow_ref.then_some(git_ref), out)
        }
        Wanted::Branch(branch) => resolve_branch(request, branch).map(|sha| FetchReply::Branch { sha }),
        Wanted::Branches => branches(request).map(|mut heads| {
            heads.truncate(MAX_BRANCHES);
            FetchReply::Branches { heads }
        }),
    });
    fetched.unwrap_or_else(FetchReply::Failed)
}

/// No configuration but a repository's own: what this machine says of `url.insteadOf`, of credential helpers or of whom
/// to trust must not decide what is read, and its files are closed to children.
#[expect(
    unsafe_code,
    reason = "libgit2's options are process-wide; a child has one thread then and has not used it yet"
)]
pub(super) fn ignore_the_machines_configuration() -> Result<(), git2::Error> {
    for level in [ConfigLevel::ProgramData, ConfigLevel::System, ConfigLevel::XDG, ConfigLevel::Global] {
        unsafe { git2::opts::set_search_path(level, "/nonexistent") }?;
    }
    Ok(())
}

#[expect(
    unsafe_code,
    reason = "libgit2's options are process-wide; this child has one thread and has not connected yet"
)]
fn limit_waiting() -> Result<(), Fault> {
    let set = || unsafe {
        git2::opts::set_server_connect_timeout_in_milliseconds(CONNECT_TIMEOUT_MS)?;
        git2::opts::set_server_timeout_in_milliseconds(SERVER_TIMEOUT_MS)
    };
    let failed = |error: git2::Error| format!("libgit2 could not be set up: {}", error.message());
    set().map_err(|error| Fault::new(FaultCode::FetchFailed, failed(error)))
}

fn fetch_commit(
    request: &FetchRequest,
    sha: &str,
    follow: Option<&String>,
    out: &mut dyn std::io::Write,
) -> Result<FetchReply, Fault> {
    let failed = |error| classify(&error, request, false);
    let wanted = Oid::from_str(sha).map_err(failed)?;
    let repository = Repository::init_bare(&request.into).map_err(failed)?;
    // libgit2's local transport cannot be shallow, and serves every object anyway.
    let local = request.url.starts_with("file://");
    let by_sha = format!("+{sha}:{PIN}");
    let first = fetch_refspec(&repository, request, &by_sha, if local { 0 } else { 1 }, out);
    if first.is_ok() && commit_is_there(&repository, wanted) {
        return Ok(fetched(&repository, wanted));
    }
    if let Err(fault) = first
        && !matches!(fault.code, FaultCode::CommitNotFound | FaultCode::FetchFailed)
    {
        return Err(fault);
    }
    let Some(branch) = follow else { return Err(not_found(request)) };
    // The server does not serve this commit by its id: take the branch and look whether the commit is in it.
    let by_ref = format!("+refs/heads/{branch}:{PIN}");
    for depth in if local { [0, 0] } else { REF_DEPTHS } {
        match fetch_refspec(&repository, request, &by_ref, depth, out) {
            Ok(()) if commit_is_there(&repository, wanted) => {
                let pinned = repository.reference(PIN, wanted, true, "pin the requested commit");
                return pinned.map(|_| fetched(&repository, wanted)).map_err(failed);
            }
            Ok(()) => {}
            Err(fault) if fault.code == FaultCode::CommitNotFound => return Err(not_found(request)),
            Err(fault) => return Err(fault),
        }
    }
    Err(not_found(request))
}

/// Title and author of the commit, for a run that no event described.
fn fetched(repository: &Repository, wanted: Oid) -> FetchReply {
    let commit = repository.find_commit(wanted).ok();
    let text = |bytes: &[u8]| {
        let line = String::from_utf8_lossy(bytes.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned();
        let shown: String = line.trim().chars().filter(|c| !c.is_control()).take(MAX_TEXT_CHARS).collect();
        (!shown.is_empty()).then_some(shown)
    };
    FetchReply::Fetched {
        title: commit.as_ref().and_then(|commit| text(commit.message_bytes())),
        author: commit.as_ref().and_then(|commit| text(commit.author().name_bytes())),
    }
}

fn commit_is_there(repository: &Repository, wanted: Oid) -> bool {
    repository.find_object(wanted, Some(ObjectType::Commit)).is_ok()
}

fn fetch_refspec(
    repository: &Repository,
    request: &FetchRequest,
    refspec: &str,
    depth: i32,
    out: &mut dyn std::io::Write,
) -> Result<(), Fault> {
    let mut remote = repository.remote_anonymous(&request.url).map_err(|error| classify(&error, request, false))?;
    let too_large = Cell::new(false);
    let mut reported_megabytes = 0;
    let mut callbacks = callbacks(request);
    callbacks.transfer_progress(|progress| {
        let megabytes = progress.received_bytes() >> 20;
        if megabytes > reported_megabytes {
            reported_megabytes = megabytes;
            // A server that no longer listens ends this child by itself.
            let _ = writeln!(out, "progress fetching {megabytes} MB").and_then(|()| out.flush());
        }
        too_large.set(progress.received_bytes() as u64 > request.max_bytes);
        !too_large.get()
    });
    let mut options = FetchOptions::new();
    options.remote_callbacks(callbacks).proxy_options(proxy()).download_tags(AutotagOption::None).depth(depth);
    let result = remote.fetch(&[refspec], Some(&mut options), None);
    drop(options);
    result.map_err(|error| classify(&error, request, too_large.get()))
}

fn proxy() -> ProxyOptions<'static> {
    let mut proxy = ProxyOptions::new();
    proxy.auto();
    proxy
}

fn callbacks(request: &FetchRequest) -> RemoteCallbacks<'_> {
    let mut callbacks = RemoteCallbacks::new();
    let asked = Cell::new(false);
    callbacks.credentials(move |url, _, _| {
        // Once, and only to the configured host: a redirect elsewhere must not carry it along.
        match &request.token {
            Some(token) if !asked.replace(true) && host_of(url) == host_of(&request.url) => {
                Cred::userpass_plaintext("x-access-token", token)
            }
            _ => Err(git2::Error::new(ErrorCode::Auth, ErrorClass::Http, "credentials are required")),
        }
    });
    callbacks
}

fn host_of(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next()?;
    Some(&url[..scheme.len() + "://".len() + host.len()])
}

fn resolve_branch(request: &FetchRequest, branch: &str) -> Result<String, Fault> {
    let heads = branches(request)?;
    let missing = || format!("the repository has no branch {branch:?}; check its spelling");
    let found = heads.into_iter().find(|(name, _)| name == branch).map(|(_, sha)| sha);
    found.ok_or_else(|| Fault::new(FaultCode::RefNotFound, missing()))
}

/// Names without `refs/heads/` and their commits, in the server's order.
fn branches(request: &FetchRequest) -> Result<Vec<(String, String)>, Fault> {
    let failed = |error| classify(&error, request, false);
    let mut remote = git2::Remote::create_detached(request.url.as_str()).map_err(failed)?;
    let connection = remote.connect_auth(git2::Direction::Fetch, Some(callbacks(request)), Some(proxy()));
    let connection = connection.map_err(failed)?;
    let heads = connection.list().map_err(failed)?;
    let branch = |head: &git2::RemoteHead<'_>| Some(head.name().strip_prefix("refs/heads/")?.to_owned());
    Ok(heads.iter().filter_map(|head| Some((branch(head)?, head.oid().to_string()))).collect())
}

fn not_found(request: &FetchRequest) -> Fault {
    let sha = match &request.wanted {
        Wanted::Commit { sha, .. } => sha,
        Wanted::Branch(_) | Wanted::Branches => "asked for",
    };
    Fault::new(
        FaultCode::CommitNotFound,
        format!(
            "the repository does not have commit {sha} (any more): it may have been replaced by a force push; push again or enqueue the branch's current commit"
        ),
    )
}

/// The system's words when a disk or a quota is full.
const NO_SPACE: [&str; 2] = ["No space left on device", "Disk quota exceeded"];

fn classify(error: &git2::Error, request: &FetchRequest, too_large: bool) -> Fault {
    let text = error.message();
    if too_large {
        return Fault::new(
            FaultCode::RepoTooLarge,
            format!(
                "the commit is larger than {} MiB; raise CI_MAX_REPO_BYTES if it should be analyzed",
                request.max_bytes >> 20
            ),
        );
    }
    let status = |code: &str| text.contains(&format!("status code: {code}"));
    match (error.code(), error.class()) {
        (ErrorCode::Auth, _) if request.token.is_some() => Fault::new(
            FaultCode::AuthRequired,
            "the repository was refused even with GITHUB_TOKEN: check that it exists and that the token may read it",
        ),
        (ErrorCode::Auth, _) => auth_required(),
        _ if status("401") || status("403") => auth_required(),
        (ErrorCode::NotFound, ErrorClass::Http | ErrorClass::Net | ErrorClass::Os | ErrorClass::Repository) => {
            repo_not_found()
        }
        _ if status("404") => repo_not_found(),
        // libgit2 knows no code for it, and its class says "system", as of a broken connection.
        _ if NO_SPACE.iter().any(|words| text.contains(words)) => Fault::new(
            FaultCode::Disk,
            format!("the commit could not be written: {text}; free some space under CI_TMP_DIR"),
        ),
        // A server's words when it does not serve a commit by its id.
        _ if text.contains("unexpected packet type") || text.contains("not our ref") || text.contains("no match") => {
            not_found(request)
        }
        (ErrorCode::Timeout, _) => {
            Fault::new(FaultCode::Timeout, "the git server did not answer in time; it is tried again")
        }
        (_, ErrorClass::Net | ErrorClass::Ssl | ErrorClass::Http | ErrorClass::Os) => Fault::new(
            FaultCode::Network,
            format!("the git server could not be reached or closed the connection: {text}"),
        ),
        (ErrorCode::NotFound, _) => not_found(request),
        _ => Fault::new(FaultCode::FetchFailed, format!("git could not fetch the commit: {text}")),
    }
}

fn auth_required() -> Fault {
    Fault::new(
        FaultCode::AuthRequired,
        "the repository is private or does not exist: set GITHUB_TOKEN to a token that may read it (and CI_TOKEN_OWNERS for manual enqueues)",
    )
}

fn repo_not_found() -> Fault {
    Fault::new(
        FaultCode::RepoNotFound,
        "the git server has no such repository: check owner, name and GITHUB_SERVER_URL; private ones need GITHUB_TOKEN",
    )
}
