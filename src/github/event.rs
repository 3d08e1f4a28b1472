//! Payload in, [`Event`] out: what a verified delivery asks for, or why it is ignored.
//!
//! Payloads: <https://docs.github.com/webhooks/webhook-events-and-payloads>. Only the fields that are needed are read, and
//! each is validated before it goes anywhere.

use chrono::{DateTime, Datelike as _, Utc};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use crate::model::{
    Change, CommitSha, EventType, GitRef, Identity, Invalid, MAX_TEXT_CHARS, NewRun, News, Privacy, RepoName,
    is_zero_sha,
};

/// What a delivery comes to.
#[derive(Debug)]
pub enum Event {
    /// A commit to analyze.
    Run(Box<NewRun>),
    /// No run, but something to know.
    News(Box<News>),
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
    #[serde(default, deserialize_with = "number")]
    id: Option<i64>,
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
    pub fn private_repo(&self) -> Option<(RepoName, Identity)> {
        let repository = self.repository.as_ref().filter(|repository| repository.private == Some(true))?;
        Some((RepoName::parse_full(repository.full_name.as_deref()?).ok()?, Identity::said(repository.id)))
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
    #[serde(default, deserialize_with = "number")]
    id: Option<i64>,
    name: String,
    full_name: Option<String>,
    owner: Owner,
    private: Option<bool>,
    #[serde(default)]
    default_branch: Option<String>,
    #[serde(default)]
    pushed_at: Option<Moment>,
    #[serde(default)]
    updated_at: Option<Moment>,
}

/// The forge's number of a repository; nothing for what is none.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Id(i64),
        Other(IgnoredAny),
    }
    Ok(match Number::deserialize(deserializer)? {
        Number::Id(id) => Some(id).filter(|id| *id > 0),
        Number::Other(_) => None,
    })
}

/// A time, as different payloads write it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Moment {
    Seconds(i64),
    Text(String),
    Other(IgnoredAny),
}

impl Moment {
    /// Nothing for what cannot be the time of an event.
    fn time(&self) -> Option<DateTime<Utc>> {
        let time = match self {
            Self::Seconds(seconds) => DateTime::from_timestamp(*seconds, 0)?,
            Self::Text(text) => DateTime::parse_from_rfc3339(text).ok()?.to_utc(),
            Self::Other(_) => return None,
        };
        Some(time).filter(|time| (2000..10_000).contains(&time.year()))
    }
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

    fn default_branch(&self) -> Option<GitRef> {
        GitRef::parse(self.default_branch.as_deref()?).ok()
    }

    fn news(&self, said_at: Option<&Moment>, change: Change) -> Result<Event, Invalid> {
        let (repo, identity) = (self.parse()?, Identity::said(self.id));
        let (default_branch, said_at) = (self.default_branch(), said_at.and_then(Moment::time));
        Ok(Event::News(Box::new(News { repo, identity, default_branch, said_at, change })))
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
    #[serde(default)]
    updated_at: Option<Moment>,
}

#[derive(Deserialize)]
struct Side {
    #[serde(rename = "ref")]
    git_ref: String,
    sha: String,
}

#[derive(Deserialize)]
struct DeploymentEvent {
    deployment: Deployment,
    deployment_status: DeploymentStatus,
    repository: Repository,
}

#[derive(Deserialize)]
struct Deployment {
    sha: String,
    environment: String,
}

#[derive(Deserialize)]
struct DeploymentStatus {
    state: String,
    #[serde(default)]
    updated_at: Option<Moment>,
}

#[derive(Deserialize)]
struct RepositoryEvent {
    action: String,
    repository: Repository,
    #[serde(default)]
    changes: Changes,
}

/// What was there before.
#[derive(Default, Deserialize)]
struct Changes {
    repository: Option<RenamedRepository>,
    owner: Option<OwnerBefore>,
}

#[derive(Deserialize)]
struct RenamedRepository {
    name: Before<String>,
}

#[derive(Deserialize)]
struct OwnerBefore {
    from: AccountBefore,
}

/// One of both.
#[derive(Deserialize)]
struct AccountBefore {
    user: Option<Owner>,
    organization: Option<Owner>,
}

#[derive(Deserialize)]
struct Before<T> {
    from: T,
}

/// Read a payload of the event named in `X-GitHub-Event`.
///
/// # Errors
/// [`Invalid`] when a supported event lacks a field or holds a value that cannot be one.
pub fn parse(event: &str, payload: &[u8]) -> Result<Event, Invalid> {
    match event {
        "push" => push(from_json(payload)?),
        "pull_request" => pull_request(from_json(payload)?),
        "deployment_status" => deployment_status(from_json(payload)?),
        "repository" => repository(from_json(payload)?),
        "ping" => Ok(Event::Ignored("ping: the hook is connected".into())),
        other => Ok(Event::Ignored(format!("event {other:?} is not one that makes a run"))),
    }
}

fn from_json<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, Invalid> {
    serde_json::from_slice(payload)
        .map_err(|error| Invalid(format!("the payload is not what this event should hold: {error}")))
}

fn push(push: Push) -> Result<Event, Invalid> {
    let Some(branch) = push.full_ref.strip_prefix("refs/heads/") else {
        return Ok(Event::Ignored(format!("{:?} is not a branch", clip(&push.full_ref))));
    };
    let (repository, branch) = (push.repository, GitRef::parse(branch)?);
    let before = push.before.and_then(|sha| CommitSha::parse(&sha).ok());
    let pushed_at = repository.pushed_at.as_ref();
    if push.deleted || is_zero_sha(&push.after) {
        return repository.news(pushed_at, Change::Deleted { branch, before });
    }
    let commit_sha = CommitSha::parse(&push.after)?;
    let (message, author) = match push.head_commit {
        Some(commit) => (commit.message, commit.author.and_then(Person::shown)),
        None => (String::new(), None),
    };
    let (title, author) =
        (first_line(&message)?, optional_text(author.or_else(|| push.pusher.and_then(Person::shown)))?);
    if let Some(marker) = skip_marker(&message) {
        return repository.news(pushed_at, Change::Skipped { branch, before, commit_sha, marker });
    }
    let privacy = Privacy::said(repository.private);
    let default_branch = repository.default_branch();
    Ok(Event::Run(Box::new(NewRun {
        // A new branch has no commit before: it is compared with the branch that it most likely started from.
        base_ref: default_branch.clone().filter(|name| *name != branch),
        base_sha: before,
        title,
        author,
        said_at: pushed_at.and_then(Moment::time),
        default_branch,
        identity: Identity::said(repository.id),
        ..NewRun::new(repository.parse()?, branch, commit_sha, EventType::Push, privacy)
    })))
}

fn pull_request(event: PullRequestEvent) -> Result<Event, Invalid> {
    let is_one = |actions: &[&str]| actions.contains(&event.action.as_str());
    let (makes_run, is_label) = (is_one(&["opened", "synchronize", "reopened"]), is_one(&["labeled", "unlabeled"]));
    if !makes_run && !is_label && event.action != "closed" {
        return Ok(Event::Ignored(format!("pull_request action {:?} does not change code", clip(&event.action))));
    }
    let (request, repository) = (event.pull_request, event.repository);
    let (head_sha, base_ref) = (CommitSha::parse(&request.head.sha)?, GitRef::parse(&request.base.git_ref)?);
    if !makes_run {
        let closed = |number, head_sha| Change::Closed { number, head_sha, base_ref };
        let labeled = |number, head_sha| Change::Labeled { number, head_sha };
        let change = if is_label { labeled(event.number, head_sha) } else { closed(event.number, head_sha) };
        return repository.news(request.updated_at.as_ref(), change);
    }
    // The base repository also serves the commits of a fork's pull request.
    let (repo, git_ref) = (repository.parse()?, GitRef::parse(&request.head.git_ref)?);
    let privacy = Privacy::said(repository.private);
    Ok(Event::Run(Box::new(NewRun {
        pr_number: Some(event.number),
        base_sha: Some(CommitSha::parse(&request.base.sha)?),
        base_ref: Some(base_ref),
        title: first_line(&request.title)?,
        author: optional_text(request.user.and_then(Person::shown))?,
        said_at: request.updated_at.as_ref().and_then(Moment::time),
        default_branch: repository.default_branch(),
        identity: Identity::said(repository.id),
        ..NewRun::new(repo, git_ref, head_sha, EventType::PullRequest, privacy)
    })))
}

fn deployment_status(event: DeploymentEvent) -> Result<Event, Invalid> {
    let is_live = match event.deployment_status.state.as_str() {
        "success" => true,
        "inactive" => false,
        other => return Ok(Event::Ignored(format!("a deployment in state {:?} runs nothing new", clip(other)))),
    };
    let environment = optional_text(Some(event.deployment.environment))?;
    let environment = environment.ok_or_else(|| Invalid("the deployment's environment has no name".into()))?;
    let change = Change::Deployed { environment, commit_sha: CommitSha::parse(&event.deployment.sha)?, is_live };
    event.repository.news(event.deployment_status.updated_at.as_ref(), change)
}

fn repository(event: RepositoryEvent) -> Result<Event, Invalid> {
    let RepositoryEvent { action, repository, changes } = event;
    let repo = repository.parse()?;
    let change = match action.as_str() {
        "renamed" => {
            let before = changes.repository.ok_or_else(|| missing("changes.repository.name.from"))?;
            Change::Renamed { from: RepoName::parse(repo.owner(), &before.name.from)? }
        }
        "transferred" => {
            let before = changes.owner.ok_or_else(|| missing("changes.owner.from"))?.from;
            let account = before.organization.or(before.user).and_then(|account| account.login.or(account.name));
            Change::Renamed { from: RepoName::parse(account.as_deref().unwrap_or_default(), repo.name())? }
        }
        "deleted" => Change::Gone,
        "archived" | "unarchived" | "edited" | "privatized" | "publicized" => Change::Edited { action },
        other => return Ok(Event::Ignored(format!("repository action {:?} changes nothing here", clip(other)))),
    };
    repository.news(repository.updated_at.as_ref(), change)
}

fn missing(field: &str) -> Invalid {
    Invalid(format!("the payload is not what this event should hold: {field} is missing"))
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
