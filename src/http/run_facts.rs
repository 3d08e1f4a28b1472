//! `GET /api/ci/runs/{id}/facts`: the facts of any stored dossier in pages, with all that the dossier says of each. No value
//! is made of the dossier: each fact is looked into, and passed on as the text that it is.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::AppState;
use super::answer::Made;
use super::cursor::{cursor, parse_cursor};
use super::error::ApiError;
use super::extract::{MayRead, Path, Query};
use super::fact_order::{Entry, FactQuery, Group, Order, entry};
use super::facts::kind;
use super::run_dossier::{LoadedDossier, held, ours};
use super::runs::{checked_limit, given};
use crate::model::{CommitSha, Coverage, GitRef, JsonView, RawJson, RepoName, optional_millis};
use crate::store::Run;

/// What is asked for in the place of a kind, of all kinds.
const UNRESOLVED: &str = "unresolved";
const STATUSES: [(&str, &str); 2] = [("EVIDENCED", "EVIDENCED"), ("INFERRED", "INFERRED")];

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct RunFactsQuery {
    kind: Option<String>,
    status: Option<String>,
    /// Words that all stand in a name, an attribute or a path.
    q: Option<String>,
    /// `kind`, `key`, `natural` or `path`.
    sort: Option<String>,
    /// `kind`, `part`, `path` or `status`.
    group: Option<String>,
    limit: Option<i64>,
    before: Option<String>,
    /// How many rows stand before the page.
    from: Option<usize>,
    /// The id of a fact that the page holds.
    at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RunFacts {
    #[serde(flatten)]
    repo: RepoName,
    #[serde(rename = "ref")]
    git_ref: GitRef,
    pr_number: Option<i64>,
    run_id: Uuid,
    commit_sha: CommitSha,
    #[serde(serialize_with = "optional_millis")]
    as_of: Option<DateTime<Utc>>,
    coverage: Coverage,
    /// Facts that fit.
    total: usize,
    /// How many of them there are of each group.
    groups: BTreeMap<String, usize>,
    /// How many stand before these.
    from: usize,
    /// As in dossier.json.
    #[schema(value_type = Vec<Object>)]
    facts: Vec<RawJson>,
    next: Option<String>,
    truncated: bool,
}

/// What is asked of the facts.
struct Asked {
    wanted: FactQuery,
    begin: Begin,
    limit: usize,
}

/// Where a page begins.
enum Begin {
    Row(usize),
    /// Where pages of its length begin, the one that holds this fact.
    Holding(String),
}

pub(super) async fn list(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Path(id): Path<Uuid>,
    Query(query): Query<RunFactsQuery>,
) -> Result<Made<RunFacts>, ApiError> {
    let (asked, question) = asked(id, query)?;
    let LoadedDossier { run, dossier, mut share, .. } = held(&state, reader, id, None).await?;
    let (facts, sent) = tokio::task::spawn_blocking(move || of_dossier(&dossier, &asked, run, &question)).await??;
    share.shrink_to(2 * sent);
    Ok((share.until_sent(), facts.into()))
}

/// What is asked, and the question that a place in the answer is of.
fn asked(id: Uuid, query: RunFactsQuery) -> Result<(Asked, String), ApiError> {
    let RunFactsQuery { kind: word, status, q, sort, group, limit, before, from, at } = query;
    let question = format!("{id} {word:?} {status:?} {q:?} {sort:?} {group:?}");
    let begin = match (before, from, given(at)?) {
        (None, None, None) => Begin::Row(0),
        (Some(text), None, None) => Begin::Row(parse_cursor(&question, &text)?),
        (None, Some(from), None) => Begin::Row(from),
        (None, None, Some(id)) => Begin::Holding(id),
        _ => return Err(ApiError::Invalid("a page begins at one place: before, from or at".into())),
    };
    let unresolved = word.as_deref() == Some(UNRESOLVED);
    let wanted = FactQuery {
        unresolved,
        kind: word.filter(|_| !unresolved).map(|word| kind(&word)).transpose()?,
        status: one_of("status", status, STATUSES)?.map(str::to_owned),
        words: given(q)?.unwrap_or_default().to_lowercase().split_whitespace().map(str::to_owned).collect(),
        order: one_of("sort", sort, Order::NAMED)?.unwrap_or(Order::Kind),
        group: one_of("group", group, Group::NAMED)?,
    };
    Ok((Asked { wanted, begin, limit: usize::try_from(checked_limit(limit)?).unwrap_or(1) }, question))
}

fn one_of<T: Copy, const N: usize>(
    name: &str,
    given: Option<String>,
    named: [(&'static str, T); N],
) -> Result<Option<T>, ApiError> {
    let Some(given) = given else { return Ok(None) };
    let found = named.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
    let words = named.map(|(word, _)| word).join(", ");
    found.map(Some).ok_or_else(|| ApiError::Invalid(format!("{name} {given:?} is not one of {words}")))
}

/// The answer, and how large its facts are.
fn of_dossier(bytes: &[u8], asked: &Asked, run: Run, question: &str) -> Result<(RunFacts, usize), ApiError> {
    let dossier = ours(bytes)?;
    let (mut entries, mut groups) = (Vec::new(), BTreeMap::new());
    let rows = if asked.wanted.unresolved { UNRESOLVED } else { "facts" };
    dossier.at(rows).items(|fact| {
        if let Some(entry) = entry(fact, &asked.wanted) {
            if let Some(group) = &entry.group {
                *groups.entry(group.clone()).or_default() += 1;
            }
            entries.push(entry);
        }
    });
    entries.sort_by(|a, b| (&a.group, &a.order).cmp(&(&b.group, &b.order)));
    let total = entries.len();
    let from = first_row(&entries, asked);
    let page = entries.into_iter().skip(from).take(asked.limit);
    let facts: Vec<RawJson> = page.filter_map(|entry| entry.text.plain()).collect();
    let sent = facts.iter().map(|fact| fact.view().text().len()).sum();
    let end = from + facts.len();
    let coverage = coverage(dossier);
    let next = (end < total).then(|| cursor(question, &end));
    let Run { id, repo, git_ref, pr_number, commit_sha, finished_at, .. } = run;
    let (run_id, as_of, truncated) = (id, finished_at, false);
    let facts = RunFacts {
        repo,
        git_ref,
        pr_number,
        run_id,
        commit_sha,
        as_of,
        coverage,
        total,
        groups,
        from,
        facts,
        next,
        truncated,
    };
    Ok((facts, sent))
}

fn first_row(entries: &[Entry<'_>], asked: &Asked) -> usize {
    match &asked.begin {
        Begin::Row(row) => *row,
        Begin::Holding(id) => {
            let place = entries.iter().position(|entry| entry.id == *id).unwrap_or(0);
            place - place % asked.limit
        }
    }
}

fn coverage(dossier: JsonView<'_>) -> Coverage {
    let count = |view: JsonView<'_>| {
        let mut items = 0;
        view.items(|_| items += 1);
        items
    };
    let coverage = dossier.at("coverage");
    Coverage {
        files_seen: coverage.at("files_seen").plain(),
        analyzed: coverage.at("analyzed").plain(),
        unread: count(coverage.at("unread")),
        unread_complete: coverage.at("unread_complete").plain().unwrap_or(false),
        unresolved: count(dossier.at("unresolved")),
        partial: coverage.at("partial").plain().unwrap_or(false),
    }
}
