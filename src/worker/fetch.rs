//! Getting exactly one commit through a supervised child, first without credentials.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use tokio::time::Instant;

use super::child::{ChildError, supervise};
use super::fault::{Stopped, scrubbed};
use super::git::{FetchReply, FetchRequest, FetchTarget, Known};
use super::persist::persist;
use super::sandbox::{self, Kind, Limits};
use super::{Phase, REPOSITORY, Watch, Worker};
use crate::model::{
    Access, CommitSha, EventType, Fault, FaultCode, GitRef, Privacy, Reader, RepoName, contains_ignoring_case,
};
use crate::store::{Head, Run};

/// Memory of the children that fetch and that write files: libgit2 indexes packs in memory maps.
pub(super) const MEMORY_BYTES: u64 = 4 << 30;

/// What a fetch brought.
pub(crate) struct Fetched {
    /// Who may see the run, which is decided by now.
    pub(crate) reader: Reader,
    /// First line of the commit's message.
    pub(crate) title: Option<String>,
    pub(crate) author: Option<String>,
    /// Whether the commit is whole only together with what was known.
    pub(crate) builds_on_known: bool,
}

/// One attempt to reach a repository.
struct Target<'a> {
    repo: &'a RepoName,
    wanted: FetchTarget,
    known: Option<&'a Known>,
    /// Whether a refusal may be answered with the token.
    may_use_token: bool,
}

/// What an attempt to reach a repository came to.
struct Reached {
    reply: Result<FetchReply, Stopped>,
    /// How it could be read; `None` when nobody answered that.
    access: Option<Access>,
}

impl Worker {
    /// Fetch a commit of a run's repository into the bare repository `into`. Only for the run's own
    /// commit it follows the branch where the server does not serve the commit by its id: that download is not worth it
    /// for a base. What is `known` need not come; where that is of no use all of the commit does.
    pub(super) async fn fetch(
        &self,
        run: &Run,
        sha: &CommitSha,
        is_own: bool,
        known: Option<&Known>,
        into: &Path,
        watch: Watch<'_>,
    ) -> Result<Fetched, Stopped> {
        let verified =
            run.refs.iter().any(|event| event.event_type != EventType::Manual) || run.event_type != EventType::Manual;
        let mut target = Target {
            may_use_token: verified || contains_ignoring_case(&self.config.token_owners, run.repo.owner()),
            repo: &run.repo,
            wanted: FetchTarget::Commit {
                sha: sha.to_string(),
                git_ref: run.git_ref.to_string(),
                may_follow_ref: is_own,
            },
            known,
        };
        let Reached { mut reply, mut access } = self.reach(&target, into, watch).await;
        if known.is_some() && faulted(&reply).is_some_and(may_be_of_the_known) {
            target.known = None;
            Reached { reply, access } = self.reach(&target, into, watch).await;
        }
        // That a base is refused says nothing of a commit that was not.
        let access = access.filter(|access| is_own || *access != Access::Refused);
        let reader = self.decide(run, access, watch).await?;
        match reply? {
            FetchReply::Fetched { title, author } => {
                Ok(Fetched { reader, title, author, builds_on_known: target.known.is_some() })
            }
            reply => Err(unexpected(&reply).into()),
        }
    }

    /// What is known of a repository that a person names, before it is asked.
    pub(crate) fn privacy_of_a_wish(&self, repo: &RepoName) -> Privacy {
        let may_use_token = contains_ignoring_case(&self.config.token_owners, repo.owner());
        if may_use_token && self.config.github_token.is_some() { Privacy::Undecided } else { Privacy::Readable }
    }

    /// Store what an access says about who may see the run, before anything of the answer is shown. Answers who may.
    async fn decide(&self, run: &Run, access: Option<Access>, watch: Watch<'_>) -> Result<Reader, Stopped> {
        let Some(access) = access.filter(|access| *access != Access::Open || run.private) else {
            return Ok(if run.private { Reader::Trusted } else { Reader::Stranger });
        };
        persist(watch.deadline, || self.store.found(run, access)).await.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "who may see the run was not stored");
            Fault::new(FaultCode::FetchFailed, "who may see this run could not be stored; nothing was analyzed").into()
        })
    }

    /// Ask the repository which commit a branch is at, by default its default branch. Answers the branch's name, too.
    ///
    /// # Errors
    /// A [`Fault`] that says why it cannot be known.
    pub(crate) async fn resolve(
        &self,
        repo: &RepoName,
        git_ref: Option<&GitRef>,
        deadline: Instant,
    ) -> Result<(String, String, Privacy), Fault> {
        let may_use_token = contains_ignoring_case(&self.config.token_owners, repo.owner());
        let target =
            Target { may_use_token, repo, wanted: FetchTarget::Branch(git_ref.map(GitRef::to_string)), known: None };
        match self.ask(&target, deadline).await? {
            (FetchReply::Branch { name, sha }, privacy) => Ok((name, sha, privacy)),
            (reply, _) => Err(unexpected(&reply)),
        }
    }

    /// Ask a repository that a verified webhook named which commits its branches are at. Names that an event may not
    /// have either are skipped. Also says whether strangers could ask too.
    ///
    /// # Errors
    /// A [`Fault`] that says why it cannot be known.
    pub(super) async fn branches(&self, repo: &RepoName, deadline: Instant) -> Result<(Vec<Head>, Privacy), Fault> {
        let target = Target { may_use_token: true, repo, wanted: FetchTarget::Branches, known: None };
        let (heads, privacy) = match self.ask(&target, deadline).await? {
            (FetchReply::Branches { heads }, privacy) => (heads, privacy),
            (reply, _) => return Err(unexpected(&reply)),
        };
        let head = |(branch, sha): (String, String)| {
            Some(Head { branch: GitRef::parse(&branch).ok()?, commit_sha: CommitSha::parse(&sha).ok()? })
        };
        Ok((heads.into_iter().filter_map(head).collect(), privacy))
    }

    /// A question that brings no commit.
    async fn ask(&self, target: &Target<'_>, deadline: Instant) -> Result<(FetchReply, Privacy), Fault> {
        let work = self.work_folder("resolve").await;
        let work = work.map_err(|error| Fault::new(FaultCode::Disk, format!("no work folder: {error}")))?;
        let watch = Watch { deadline, cancel: &self.kill, phase: &Phase::default(), user: work.user };
        let Reached { reply, access } = self.reach(target, &work.path().join(REPOSITORY), watch).await;
        let privacy = if access == Some(Access::WithToken) { Privacy::Private } else { Privacy::Readable };
        match reply {
            Ok(reply) => Ok((reply, privacy)),
            Err(Stopped::Fault(fault)) => Err(scrubbed(fault, &self.config, work.path())),
            Err(Stopped::Cancelled) => Err(Fault::new(FaultCode::Stopping, "the server is stopping")),
        }
    }

    async fn reach(&self, target: &Target<'_>, into: &Path, watch: Watch<'_>) -> Reached {
        let reply = self.run_fetch(target, false, into, watch).await;
        match faulted(&reply) {
            None => return Reached { access: reply.is_ok().then_some(Access::Open), reply },
            Some(code) if !is_refusal(code) => {
                let access = is_of_the_repository(code).then_some(Access::Open);
                return Reached { reply, access };
            }
            Some(_) if target.may_use_token && self.config.github_token.is_some() => {}
            Some(_) => return Reached { reply, access: Some(Access::Refused) },
        }
        let reply = self.run_fetch(target, true, into, watch).await;
        let opened = reply.is_ok() || faulted(&reply).is_some_and(is_of_the_repository);
        Reached { reply, access: Some(if opened { Access::WithToken } else { Access::Refused }) }
    }

    async fn run_fetch(
        &self,
        target: &Target<'_>,
        with_token: bool,
        into: &Path,
        watch: Watch<'_>,
    ) -> Result<FetchReply, Stopped> {
        let token = self.config.github_token.as_ref().filter(|_| with_token);
        let request = json!(FetchRequest {
            url: format!("{}/{}.git", self.config.github_server_url, target.repo),
            wanted: target.wanted.clone(),
            token: token.map(|token| token.expose().to_owned()),
            into: into.to_owned(),
            max_bytes: self.config.max_repo_bytes,
            known: target.known.cloned(),
        });
        let cwd = into.parent().unwrap_or(into);
        let (kind, read) = match self.config.github_server_url.strip_prefix("file://") {
            // By its own name: a demo links to repositories elsewhere.
            Some(root) => (Kind::Offline, vec![format!("{root}/{}.git", target.repo).into()]),
            None => {
                let certificates = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(|name| self.config.network_env.get(name));
                let certificates = certificates.into_iter().flatten().map(Into::into);
                let known = target.known.iter().flat_map(|known| known.folders.iter().cloned());
                (Kind::Fetch { ports: sandbox::fetch_ports(&self.config) }, certificates.chain(known).collect())
            }
        };
        let limits = Limits {
            parent_pid: super::own_pid(),
            memory_bytes: MEMORY_BYTES,
            cpu_seconds: self.config.job_timeout.as_secs() + 1,
            // A pack cannot be larger than what is received, but its index comes on top.
            file_bytes: self.config.max_repo_bytes.saturating_add(64 << 20),
            walls: self.sandbox.walls(kind, watch.user, read, vec![cwd.to_owned()]),
        };
        let args = vec!["fetch-commit".into(), limits.to_arg()];
        let spec = self.child(args, self.config.network_env.clone(), cwd, request.to_string().into_bytes());
        reply_of(supervise(spec, watch.deadline, watch.cancel, |line| watch.phase.progress(line)).await)
    }
}

fn faulted(reply: &Result<FetchReply, Stopped>) -> Option<FaultCode> {
    if let Err(Stopped::Fault(fault)) = reply { Some(fault.code) } else { None }
}

/// Whether a fetch that builds on what is known can fail so for what is wrong with that.
fn may_be_of_the_known(code: FaultCode) -> bool {
    matches!(code, FaultCode::FetchFailed | FaultCode::Disk | FaultCode::CommitNotFound | FaultCode::RepoTooLarge)
}

/// Whether a git server says that the repository is not there, or not for this caller.
fn is_refusal(code: FaultCode) -> bool {
    matches!(code, FaultCode::AuthRequired | FaultCode::RepoNotFound)
}

/// Whether it let the caller in, and only then failed.
fn is_of_the_repository(code: FaultCode) -> bool {
    matches!(code, FaultCode::CommitNotFound | FaultCode::RefNotFound | FaultCode::RepoTooLarge)
}

fn unexpected(reply: &FetchReply) -> Fault {
    Fault::new(FaultCode::FetchFailed, format!("the fetching process answered another question: {reply:?}"))
}

fn reply_of(ended: Result<super::child::ChildOutput, ChildError>) -> Result<FetchReply, Stopped> {
    let output = match ended {
        Ok(output) => output,
        Err(ChildError::Cancelled) => return Err(Stopped::Cancelled),
        Err(ChildError::TimedOut) => {
            return Err(Fault::new(
                FaultCode::Timeout,
                "fetching the commit took longer than CI_JOB_TIMEOUT_SECONDS allows",
            )
            .into());
        }
        Err(ChildError::Spawn(error)) => {
            return Err(Fault::new(
                FaultCode::FetchFailed,
                format!("the fetching process could not be started: {error}"),
            )
            .into());
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let reply = text.lines().next_back().and_then(|line| serde_json::from_str(line).ok());
    match reply {
        Some(FetchReply::Failed(fault)) => Err(fault.into()),
        Some(reply) => Ok(reply),
        None => {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let message =
                format!("the fetching process ended without an answer ({}): {}", output.status, stderr.trim());
            Err(Fault::new(FaultCode::FetchFailed, message).into())
        }
    }
}

/// Variables of every child of ours: enough to run, nothing that could decide what comes out.
pub(super) fn plain_env(home: &Path) -> BTreeMap<String, String> {
    let home = home.display().to_string();
    [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8"), ("TZ", "UTC"), ("HOME", &home), ("TMPDIR", &home)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}
