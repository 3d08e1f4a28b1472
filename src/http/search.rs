//! `GET /api/ci/search`: one box for whatever a person has in hand: a commit, a run, a delivery, a repository, a branch, words
//! of a title, or a fact (`env:NAME`, `endpoint:/path`, `host:`, `dep:`, `table:`).

use std::collections::BTreeMap;

use axum::extract::State;
use ci_feed_dossier::fact::FactKind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::AppState;
use super::answer::Made;
use super::error::ApiError;
use super::extract::{MayRead, Query};
use super::facts::room_for;
use super::runs::{commit_prefix, given};
use crate::model::{CommitSha, Reader, RepoName, RunStatus};
use crate::store::{DeliveryRecord, Events, FactFilter, FoundFact, KeyMatch, Run, RunFilter};

/// Answers of each sort.
const EACH: i64 = 20;
const FACTS_OF_A_KIND: usize = 5;
const MAX_CHARS: usize = 200;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchQuery {
    q: String,
}

/// What was found, each sort in an order of its own.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct Found {
    runs: Vec<RunLine>,
    repositories: Vec<RepoName>,
    branches: Vec<BranchLine>,
    facts: Vec<FoundFact>,
    deliveries: Vec<DeliveryRecord>,
    /// Whether there may be more than is answered.
    truncated: bool,
}

/// A run as a line.
#[derive(Serialize, ToSchema)]
struct RunLine {
    id: Uuid,
    #[serde(flatten)]
    repo: RepoName,
    commit_sha: CommitSha,
    #[serde(rename = "ref")]
    git_ref: String,
    pr_number: Option<i64>,
    title: Option<String>,
    status: RunStatus,
}

/// A branch and the run that it came to last.
#[derive(Serialize, ToSchema)]
struct BranchLine {
    #[serde(flatten)]
    repo: RepoName,
    branch: String,
    run_id: Uuid,
}

impl From<Run> for RunLine {
    fn from(run: Run) -> Self {
        let Run { id, repo, commit_sha, git_ref, pr_number, title, status, .. } = run;
        Self { id, repo, commit_sha, git_ref: git_ref.to_string(), pr_number, title, status }
    }
}

pub(super) async fn search(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Query(query): Query<SearchQuery>,
) -> Result<Made<Found>, ApiError> {
    let word = given(Some(query.q.trim().to_owned()))?.unwrap_or_default();
    if word.is_empty() || word.chars().count() > MAX_CHARS {
        return Err(ApiError::Invalid(format!("q must be a text of at most {MAX_CHARS} characters")));
    }
    let share = room_for(&state, 2 * usize::try_from(EACH).unwrap_or_default()).await?;
    let kind = word.split_once(':').and_then(|(kind, key)| Some((FactKind::name_of(kind)?, key.trim())));
    let found = match kind {
        Some((kind, key)) => {
            let key = if key.is_empty() { KeyMatch::Any } else { KeyMatch::Contains(key.to_owned()) };
            let found = state.store.facts(reader, &of_kind(kind, key), usize::try_from(EACH).unwrap_or(1)).await?;
            Found { truncated: found.next.is_some(), facts: found.facts, ..Found::default() }
        }
        None => whatever(&state, reader, &word).await?,
    };
    Ok((share.until_sent(), found.into()))
}

fn of_kind(kind: &str, key: KeyMatch) -> FactFilter {
    let (kind, attrs) = (Some(kind.to_owned()), BTreeMap::new());
    FactFilter { kind, key, owner: None, repo: None, pull: None, attrs, after: None }
}

/// What a word may be, each question by its own index.
async fn whatever(state: &AppState, reader: Reader, word: &str) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let store = &state.store;
    if let Ok(id) = Uuid::parse_str(word) {
        found.runs.extend(store.run(reader, id).await?.map(|detail| detail.run.into()));
    }
    if reader == Reader::Trusted {
        found.deliveries = store.deliveries(reader, Some(word), 1).await?;
    }
    if let Ok(commit) = commit_prefix(word.to_owned()) {
        let of_commit = RunFilter { commit: Some(commit), ..RunFilter::default() };
        let listed = store.list(reader, &of_commit, EACH).await?;
        found.truncated |= listed.next.is_some();
        found.runs.extend(listed.runs.into_iter().map(RunLine::from));
    }
    let repositories = store.repos_named(reader, word, EACH + 1).await?;
    found.repositories = found.fitting(repositories);
    let on_branch = RunFilter { events: Events::Of(word.to_owned()), ..RunFilter::default() };
    let listed = store.list(reader, &on_branch, EACH).await?;
    found.truncated |= listed.next.is_some();
    for run in listed.runs {
        if !found.branches.iter().any(|line| line.repo == run.repo) {
            found.branches.push(BranchLine { repo: run.repo, branch: word.to_owned(), run_id: run.id });
        }
    }
    let titled = store.runs_titled(reader, word, EACH + 1).await?;
    let titled: Vec<Run> = found.fitting(titled);
    let is_new = |run: &Run| !found.runs.iter().any(|line| line.id == run.id);
    let titled: Vec<RunLine> = titled.into_iter().filter(is_new).map(RunLine::from).collect();
    found.runs.extend(titled);
    for (_, kind, _) in FactKind::NAMED {
        // A path is a part of an endpoint, anything else the beginning of a name.
        let is_path = word.starts_with('/');
        let key = match kind {
            "endpoint" if is_path => KeyMatch::Contains(word.to_owned()),
            _ if is_path => continue,
            _ => KeyMatch::Prefix(word.to_owned()),
        };
        let facts = store.facts(reader, &of_kind(kind, key), FACTS_OF_A_KIND).await?;
        found.truncated |= facts.next.is_some();
        found.facts.extend(facts.facts);
    }
    Ok(found)
}

impl Found {
    /// At most [`EACH`], and a note where there are more.
    fn fitting<T>(&mut self, mut found: Vec<T>) -> Vec<T> {
        let each = usize::try_from(EACH).unwrap_or_default();
        self.truncated |= found.len() > each;
        found.truncate(each);
        found
    }
}
