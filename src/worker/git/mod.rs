//! Fetching with libgit2: exactly one commit, bare, nothing checked out. Runs in a child process; the server never calls
//! it.

mod answer;
mod bounds;
mod complete;
mod failure;
mod pack;
mod transport;

use std::cell::Cell;
use std::path::PathBuf;

use git2::{AutotagOption, ConfigLevel, FetchOptions, ObjectType, Oid, RemoteCallbacks, Repository};
use serde::{Deserialize, Serialize};

use failure::{classify, incomplete, not_found, too_large};
use transport::HttpTransport;

use crate::model::{Fault, FaultCode, MAX_TEXT_CHARS};

/// Where the fetched commit is pinned, so that it can be read without knowing a branch.
const PIN: &str = "refs/ci/pin";
/// How deep the branch is followed where the server does not serve a commit by its id.
const REF_DEPTHS: [i32; 2] = [1, 50];
/// Branches that one look brings at most: so many fit into what is kept of a child's output.
pub(crate) const MAX_BRANCHES: usize = 2_500;

/// What to fetch; read from standard input, so that the token is neither an argument nor in the environment.
#[derive(Serialize, Deserialize)]
pub(crate) struct FetchRequest {
    pub(crate) url: String,
    pub(crate) wanted: FetchTarget,
    pub(crate) token: Option<String>,
    pub(crate) into: PathBuf,
    pub(crate) max_bytes: u64,
    /// Objects that need not come again.
    pub(crate) known: Option<Known>,
}

/// Commits of the same repository that are here as a whole, from earlier fetches.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct Known {
    /// Folders of their objects. Nothing in them is trusted: each object is read against its id.
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) commits: Vec<String>,
}

/// What to bring.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FetchTarget {
    /// One commit.
    Commit {
        sha: String,
        git_ref: String,
        /// Whether the branch may be followed where the server does not serve the commit by its id.
        may_follow_ref: bool,
    },
    /// Only which commit a branch is at, by default the repository's default branch.
    Branch(Option<String>),
    /// Only which commit each branch is at.
    Branches,
}

impl FetchTarget {
    /// As a sentence names it.
    fn commit(&self) -> &str {
        match self {
            Self::Commit { sha, .. } => sha,
            Self::Branch(_) | Self::Branches => "asked for",
        }
    }
}

/// Names of branches and their commits.
type Heads = Vec<(String, String)>;

/// What came of it; the last line of standard output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub(crate) enum FetchReply {
    Fetched { title: Option<String>, author: Option<String> },
    Branch { name: String, sha: String },
    Branches { heads: Heads },
    Failed(Fault),
}

/// Fetch as asked, writing `progress` lines to `out`.
pub(crate) fn fetch(request: &FetchRequest, out: &mut dyn std::io::Write) -> FetchReply {
    let fetched = transport_of(request).and_then(|transport| {
        let mut fetch = Fetch { request, transport, out };
        match &request.wanted {
            FetchTarget::Commit { sha, git_ref, may_follow_ref } => {
                fetch.commit(sha, may_follow_ref.then_some(git_ref))
            }
            FetchTarget::Branch(named) => {
                fetch.branch(named.as_deref()).map(|(name, sha)| FetchReply::Branch { name, sha })
            }
            FetchTarget::Branches => fetch.branches().map(|(mut heads, _)| {
                heads.truncate(MAX_BRANCHES);
                FetchReply::Branches { heads }
            }),
        }
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

/// Let libgit2 reach http and https through our transport.
#[expect(unsafe_code, reason = "libgit2's transports are process-wide; this child has not used any yet")]
fn transport_of(request: &FetchRequest) -> Result<Option<HttpTransport>, Fault> {
    let Some((scheme @ ("http" | "https"), _)) = request.url.split_once("://") else { return Ok(None) };
    let transport = HttpTransport::new(scheme, request)?;
    let made = transport.clone();
    unsafe { git2::transport::register(scheme, move |remote| made.of(remote)) }
        .map_err(|error| classify(&error, request.wanted.commit()))?;
    Ok(Some(transport))
}

/// What one fetch works with.
struct Fetch<'a> {
    request: &'a FetchRequest,
    /// `None` for `file://`, which libgit2 reads itself.
    transport: Option<HttpTransport>,
    out: &'a mut dyn std::io::Write,
}

impl Fetch<'_> {
    fn commit(&mut self, sha: &str, follow: Option<&String>) -> Result<FetchReply, Fault> {
        let wanted = Oid::from_str(sha).map_err(|error| self.failure(&error))?;
        match self.refspec(&format!("+{sha}:{PIN}"), 1, wanted) {
            Ok(Some(repository)) => return self.fetched(&repository, wanted),
            Err(failure) if failure.code != FaultCode::CommitNotFound => return Err(failure),
            Ok(None) | Err(_) => {}
        }
        let Some(branch) = follow else { return Err(not_found(sha)) };
        // The server does not serve this commit by its id: take the branch and look whether the commit is in it.
        for depth in REF_DEPTHS {
            if let Some(repository) = self.refspec(&format!("+refs/heads/{branch}:{PIN}"), depth, wanted)? {
                let pinned = repository.reference(PIN, wanted, true, "pin the requested commit");
                pinned.map_err(|error| self.failure(&error))?;
                return self.fetched(&repository, wanted);
            }
        }
        Err(not_found(sha))
    }

    /// Fetch into a repository of its own, which is given back if `wanted` is in it, or in what is known.
    fn refspec(&mut self, refspec: &str, depth: i32, wanted: Oid) -> Result<Option<Repository>, Fault> {
        let into = &self.request.into;
        if into.exists() {
            std::fs::remove_dir_all(into).map_err(|error| failure::disk(&error.to_string()))?;
        }
        let mut repository = Repository::init_bare(into).map_err(|error| self.failure(&error))?;
        if let Some(known) = &self.request.known {
            let alternates = into.join("objects/info/alternates");
            let folders: String = known.folders.iter().map(|folder| format!("{}\n", folder.display())).collect();
            std::fs::write(alternates, folders).map_err(|error| failure::disk(&error.to_string()))?;
            repository = Repository::open_bare(into).map_err(|error| self.failure(&error))?;
        }
        self.download(&repository, refspec, depth)?;
        let found = repository.find_object(wanted, Some(ObjectType::Commit)).is_ok();
        Ok(found.then_some(repository))
    }

    fn download(&mut self, repository: &Repository, refspec: &str, depth: i32) -> Result<(), Fault> {
        let request = self.request;
        let mut remote = repository.remote_anonymous(&request.url).map_err(|error| self.failure(&error))?;
        let oversized = Cell::new(false);
        let mut reported_megabytes = 0;
        let mut callbacks = RemoteCallbacks::new();
        callbacks.transfer_progress(|progress| {
            let megabytes = progress.received_bytes() >> 20;
            if megabytes > reported_megabytes {
                reported_megabytes = megabytes;
                // A server that no longer listens ends this child by itself.
                let _ = writeln!(self.out, "progress fetching {megabytes} MB").and_then(|()| self.out.flush());
            }
            oversized.set(progress.received_bytes() as u64 > request.max_bytes);
            !oversized.get()
        });
        let mut options = FetchOptions::new();
        options.remote_callbacks(callbacks).download_tags(AutotagOption::None);
        // libgit2's local transport cannot be shallow, and serves every object anyway.
        options.depth(if self.transport.is_some() { depth } else { 0 });
        let result = remote.fetch(&[refspec], Some(&mut options), None);
        drop(options);
        result
            .map_err(|error| if oversized.get() { too_large("bytes", request.max_bytes) } else { self.failure(&error) })
    }

    /// Title and author of the commit, for a run that no event described.
    fn fetched(&self, repository: &Repository, wanted: Oid) -> Result<FetchReply, Fault> {
        if !complete::is_complete(repository, wanted).map_err(|error| self.failure(&error))? {
            return Err(incomplete());
        }
        let commit = repository.find_commit(wanted).map_err(|error| self.failure(&error))?;
        let text = |bytes: &[u8]| {
            let line =
                String::from_utf8_lossy(bytes.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned();
            let shown: String = line.trim().chars().filter(|c| !c.is_control()).take(MAX_TEXT_CHARS).collect();
            (!shown.is_empty()).then_some(shown)
        };
        Ok(FetchReply::Fetched { title: text(commit.message_bytes()), author: text(commit.author().name_bytes()) })
    }

    fn branch(&self, named: Option<&str>) -> Result<(String, String), Fault> {
        let (heads, default) = self.branches()?;
        let wanted = named.or(default.as_deref()).ok_or_else(failure::no_default_branch)?;
        heads.into_iter().find(|(name, _)| name == wanted).ok_or_else(|| failure::ref_not_found(wanted))
    }

    /// Names without `refs/heads/` and their commits, in the server's order, and the name of the default branch. Git takes
    /// names that are no text; nobody could ask for such a branch here.
    fn branches(&self) -> Result<(Heads, Option<String>), Fault> {
        let failure = |error| self.failure(&error);
        let mut remote = git2::Remote::create_detached(self.request.url.as_str()).map_err(failure)?;
        let connection = remote.connect_auth(git2::Direction::Fetch, None, None).map_err(failure)?;
        let heads = connection.list().map_err(failure)?;
        let branch = |head: &git2::RemoteHead<'_>| Some(name(head)?.strip_prefix("refs/heads/")?.to_owned());
        // The hook would tell of each.
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let branches = heads.iter().filter_map(|head| Some((branch(head)?, head.oid().to_string()))).collect();
        std::panic::set_hook(told);
        // A repository without a commit has none.
        let default = connection.default_branch().ok();
        let default = default.and_then(|name| Some(name.as_str().ok()?.strip_prefix("refs/heads/")?.to_owned()));
        Ok((branches, default))
    }

    /// What the transport knows says more than what libgit2 made of it.
    fn failure(&self, error: &git2::Error) -> Fault {
        let known = self.transport.as_ref().and_then(HttpTransport::take_failure);
        known.unwrap_or_else(|| classify(error, self.request.wanted.commit()))
    }
}

/// `None` for a name that is not UTF-8. The binding has no other way to it than one that panics then.
fn name<'h>(head: &'h git2::RemoteHead<'_>) -> Option<&'h str> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| head.name())).ok()
}
