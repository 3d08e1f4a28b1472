//! Payload in, [`Event`] out: what a verified delivery asks for, or why it is ignored.
//!
//! Payloads: <https://docs.github.com/webhooks/webhook-events-and-payloads>. Only the fields that are needed are read, and
//! each is validated before it goes anywhere.

use serde::Deserialize;

use crate::model::{CommitSha, EventType, GitRef, Invalid, MAX_TEXT_CHARS, NewRun, Privacy, RepoName, is_zero_sha};

/// What a delivery comes to.
#[derive(Debug)]
pub enum Event {
    /// A commit to analyze.
    Run(Box<NewRun>),
    /// A push whose author asked for no run, and the words that did.
    Skipped(Box<NewRun>, &'static str),
    /// Nothing to do; the reason is for the webhook log.
    Ignored(String),
}

/// The part of the log line that every payload has.
#[derive(Debug, Default, Deserialize)]
pub struct Envelope {
    /// `opened`, `synchronize` ...
    #[serde(default)]
    pub action: Option<String>,
    #[serde(default)]
    repository: Option<EnvelopeRepository>,
}

#[derive(Debug, Deserialize)]
struct EnvelopeRepository {
    #[serde(default)]
    full_name: Option<String>,
    #[serde(default)]
    private: Option<bool>,
}

impl Envelope {
    /// `owner/name`, where the payload names a repository.
    pub fn repo(&self) -> Option<String> {
        self.repository.as_ref()?.full_name.clone()
    }

    /// The repository, where the payload says that it is private: of whatever event.
    pub fn private_repo(&self) -> Option<RepoName> {
        let repository = self.repository.as_ref().filter(|repository| repository.private == Some(true))?;
        RepoName::parse_full(repository.full_name.as_deref()?).ok()
    }
}

#[derive(Deserialize)]
struct Push {
    #[serde(rename = "ref")]
    full_ref: String,
    before: Option<String>,
    after: String,
    #[serde(default)]
    deleted: bool,
    repository: Repository,
    head_commit: Option<HeadCommit>,
    pusher: Option<Person>,
}

#[derive(Deserialize)]
struct HeadCommit {
    #[serde(default)]
    message: String,
    author: Option<Person>,
}

/// A person, as different payloads name them; any of it may be null.
#[derive(Deserialize)]
struct Person {
    username: Option<String>,
    login: Option<String>,
    name: Option<String>,
}

impl Person {
    fn shown(self) -> Option<String> {
        self.username.or(self.login).or(self.name)
    }
}

#[derive(Deserialize)]
struct Repository {
    name: String,
    full_name: Option<String>,
    owner: Owner,
    private: Option<bool>,
    #[serde(default)]
    default_branch: Option<String>,
}

#[derive(Deserialize)]
struct Owner {
    login: Option<String>,
    name: Option<String>,
}

impl Repository {
    fn parse(&self) -> Result<RepoName, Invalid> {
        let from_full_name = self.full_name.as_deref().and_then(|full| full.split_once('/')).map(|(owner, _)| owner);
        let owner = self.owner.login.as_deref().or(self.owner.name.as_deref()).or(from_full_name);
        RepoName::parse(owner.unwrap_or_default(), &self.name)
    }
}

#[derive(Deserialize)]
struct PullRequestEvent {
    action: String,
    number: i64,
    pull_request: PullRequest,
    repository: Repository,
}

#[derive(Deserialize)]
struct PullRequest {
    #[serde(default)]
    title: String,
    user: Option<Person>,
    head: Side,
    base: Side,
}

#[derive(Deserialize)]
struct Side {
    #[serde(rename = "ref")]
    git_ref: String,
    sha: String,
}

/// Read a payload of the event named in `X-GitHub-Event`.
///
/// # Errors
/// [`Invalid`] when a supported event lacks a field or holds a value that cannot be one.
pub fn parse(event: &str, payload: &[u8]) -> Result<Event, Invalid> {
    match event {
        "push" => push(from_json(payload)?),
        "pull_request" => pull_request(from_json(payload)?),
        "ping" => Ok(Event::Ignored("ping: the hook is connected".into())),
        other => Ok(Event::Ignored(format!("event {other:?} is not one that makes a run"))),
    }
}

fn from_json<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, Invalid> {
    serde_json::from_slice(payload)
        .map_err(|error| Invalid(format!("the payload is not what this event should hold: {error}")))
}

fn push(push: Push) -> Result<Event, Invalid> {
    if push.deleted || is_zero_sha(&push.after) {
        return Ok(Event::Ignored("the branch was deleted".into()));
    }
    let Some(branch) = push.full_ref.strip_prefix("refs/heads/") else {
        return Ok(Event::Ignored(format!("{:?} is not a branch", clip(&push.full_ref))));
    };
    let (message, author) = match push.head_commit {
        Some(commit) => (commit.message, commit.author.and_then(Person::shown)),
        None => (String::new(), None),
    };
    let (repo, git_ref) = (push.repository.parse()?, GitRef::parse(branch)?);
    let privacy = Privacy::said(push.repository.private);
    let run = NewRun {
        // A new branch has no commit before: it is compared with the branch that it most likely started from.
        base_ref: push
            .repository
            .default_branch
            .filter(|name| name != branch)
            .and_then(|name| GitRef::parse(&name).ok()),
        base_sha: push.before.and_then(|sha| CommitSha::parse(&sha).ok()),
        title: first_line(&message)?,
        author: optional_text(author.or_else(|| push.pusher.and_then(Person::shown)))?,
        ..NewRun::new(repo, git_ref, CommitSha::parse(&push.after)?, EventType::Push, privacy)
    };
    Ok(match skip_marker(&message) {
        Some(marker) => Event::Skipped(Box::new(run), marker),
        None => Event::Run(Box::new(run)),
    })
}

fn pull_request(event: PullRequestEvent) -> Result<Event, Invalid> {
    if !["opened", "synchronize", "reopened"].contains(&event.action.as_str()) {
        return Ok(Event::Ignored(format!("pull_request action {:?} does not change code", clip(&event.action))));
    }
    let request = event.pull_request;
    // The base repository also serves the commits of a fork's pull request.
    let (repo, git_ref) = (event.repository.parse()?, GitRef::parse(&request.head.git_ref)?);
    let privacy = Privacy::said(event.repository.private);
    Ok(Event::Run(Box::new(NewRun {
        pr_number: Some(event.number),
        base_sha: Some(CommitSha::parse(&request.base.sha)?),
        base_ref: Some(GitRef::parse(&request.base.git_ref)?),
        title: first_line(&request.title)?,
        author: optional_text(request.user.and_then(Person::shown))?,
        ..NewRun::new(repo, git_ref, CommitSha::parse(&request.head.sha)?, EventType::PullRequest, privacy)
    })))
}

/// GitHub's own markers: <https://docs.github.com/actions/managing-workflow-runs/skipping-workflow-runs>.
fn skip_marker(message: &str) -> Option<&'static str> {
    const MARKERS: [&str; 5] = ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]"];
    let marker = MARKERS.into_iter().find(|marker| message.contains(marker));
    marker.or_else(|| {
        let trailers = message.trim_end().rsplit("\n\n").next().unwrap_or_default();
        let skip = |line: &str| matches!(line.trim(), "skip-checks: true" | "skip-checks:true");
        trailers.lines().any(skip).then_some("skip-checks: true")
    })
}

fn first_line(text: &str) -> Result<Option<String>, Invalid> {
    optional_text(text.lines().next().map(str::to_owned))
}

fn optional_text(text: Option<String>) -> Result<Option<String>, Invalid> {
    let text = text.map(|text| clip(text.trim())).filter(|text| !text.is_empty());
    match text {
        Some(text) if text.contains('\0') => {
            Err(Invalid("the payload holds a NUL character in a name or title".into()))
        }
        other => Ok(other),
    }
}

fn clip(text: &str) -> String {
    text.chars().take(MAX_TEXT_CHARS).collect()
}
