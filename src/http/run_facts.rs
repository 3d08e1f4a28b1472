//! `GET /api/ci/runs/{id}/facts`: the facts of any stored dossier in pages, with all that the dossier says of each. No value
//! is made of the dossier: each fact is looked into, and passed on as the text that it is.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use ci_feed_dossier::v1::SCHEMA;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::answer::Made;
use super::cursor::{cursor, parse_cursor};
use super::error::ApiError;
use super::extract::{MayRead, Path, Query};
use super::facts::kind;
use super::runs::{checked_limit, given, readable};
use super::{AppState, artifacts};
use crate::model::{CommitSha, GitRef, JsonView, RawJson, RepoName, optional_millis};
use crate::store::Run;

/// How often a dossier's size is taken: as it is stored, and as the facts of a page with what sorts them.
const TIMES: usize = 4;
const ORDERS: [&str; 3] = ["kind", "key", "path"];
const GROUPS: [&str; 3] = ["kind", "path", "status"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunFactsQuery {
    kind: Option<String>,
    /// A part of a key or a path.
    q: Option<String>,
    sort: Option<String>,
    group: Option<String>,
    limit: Option<i64>,
    before: Option<String>,
}

#[derive(Serialize)]
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
    facts: Vec<RawJson>,
    next: Option<String>,
    truncated: bool,
}

/// What was read and what was not.
#[derive(Serialize)]
struct Coverage {
    files_seen: Option<u64>,
    analyzed: Option<u64>,
    unread: usize,
    unread_complete: bool,
    unresolved: usize,
    partial: bool,
}

/// What is asked of the facts.
struct Asked {
    kind: Option<String>,
    part: Option<String>,
    sort: &'static str,
    group: Option<&'static str>,
    from: usize,
    limit: usize,
}

pub(super) async fn list(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Path(id): Path<Uuid>,
    Query(query): Query<RunFactsQuery>,
) -> Result<Made<RunFacts>, ApiError> {
    let RunFactsQuery { kind: word, q, sort, group, limit, before } = query;
    let question = format!("{id} {word:?} {q:?} {sort:?} {group:?}");
    let asked = Asked {
        kind: word.map(|word| kind(&word)).transpose()?,
        part: given(q)?.map(|part| part.to_lowercase()),
        sort: one_of("sort", sort, ORDERS)?.unwrap_or(ORDERS[0]),
        group: one_of("group", group, GROUPS)?,
        from: before.map(|text| parse_cursor(&question, &text)).transpose()?.unwrap_or(0),
        limit: usize::try_from(checked_limit(limit)?).unwrap_or(1),
    };
    let run = readable(&state, reader, id).await?.run;
    let dossier = artifacts::find(&state, reader, id, "dossier.json").await?;
    let size = usize::try_from(dossier.bytes).unwrap_or(usize::MAX);
    let mut share = state.budgets.making.take(size.saturating_mul(TIMES)).await?;
    let bytes = state.artifacts.read(&state.store, id, &dossier).await?.ok_or(ApiError::NotFound("this artifact"))?;
    let (facts, sent) = tokio::task::spawn_blocking(move || of_dossier(&bytes, &asked, run, &question)).await??;
    share.shrink_to(2 * sent);
    Ok((share.until_sent(), facts.into()))
}

fn one_of(name: &str, given: Option<String>, words: [&'static str; 3]) -> Result<Option<&'static str>, ApiError> {
    let Some(given) = given else { return Ok(None) };
    let found = words.into_iter().find(|word| *word == given);
    found.map(Some).ok_or_else(|| ApiError::Invalid(format!("{name} {given:?} is not one of {}", words.join(", "))))
}

/// A fact's place among those of its dossier.
struct Entry<'j> {
    group: Option<String>,
    order: [String; 2],
    text: JsonView<'j>,
}

/// The answer, and how large its facts are.
fn of_dossier(bytes: &[u8], asked: &Asked, run: Run, question: &str) -> Result<(RunFacts, usize), ApiError> {
    let dossier =
        JsonView::parse(bytes).filter(|dossier| dossier.at("schema").plain::<String>().is_some_and(|it| it == SCHEMA));
    let dossier = dossier.ok_or_else(|| {
        ApiError::Invalid("facts are those of the built-in analyzer; the dossier of this run is another one's".into())
    })?;
    let (mut entries, mut groups) = (Vec::new(), BTreeMap::new());
    dossier.at("facts").items(|fact| {
        if let Some(entry) = entry(fact, asked) {
            if let Some(group) = &entry.group {
                *groups.entry(group.clone()).or_default() += 1;
            }
            entries.push(entry);
        }
    });
    entries.sort_by(|a, b| (&a.group, &a.order).cmp(&(&b.group, &b.order)));
    let total = entries.len();
    let page = entries.into_iter().skip(asked.from).take(asked.limit);
    let facts: Vec<RawJson> = page.filter_map(|entry| entry.text.plain()).collect();
    let sent = facts.iter().map(|fact| fact.view().text().len()).sum();
    let end = asked.from + facts.len();
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
        facts,
        next,
        truncated,
    };
    Ok((facts, sent))
}

/// A fact, if it fits.
fn entry<'j>(fact: JsonView<'j>, asked: &Asked) -> Option<Entry<'j>> {
    let (mut kind, mut key, mut status, mut path, mut line) = <(String, String, String, String, u32)>::default();
    fact.members(|name, value| match name {
        "kind" => kind = value.plain().unwrap_or_default(),
        "key" => key = value.plain().unwrap_or_default(),
        "status" => status = value.plain().unwrap_or_default(),
        "evidence" => {
            let mut is_first = true;
            value.items(|anchor| {
                if std::mem::take(&mut is_first) {
                    path = anchor.at("path").plain().unwrap_or_default();
                    line = anchor.at("start_line").plain().unwrap_or_default();
                }
            });
        }
        _ => {}
    });
    let holds = |part: &String| key.to_lowercase().contains(part) || path.to_lowercase().contains(part);
    if asked.kind.as_ref().is_some_and(|wanted| *wanted != kind) || !asked.part.as_ref().is_none_or(holds) {
        return None;
    }
    let group = asked.group.map(|group| match group {
        "kind" => kind.clone(),
        "path" => path.clone(),
        _ => status,
    });
    let order = match asked.sort {
        "key" => [key, kind],
        "path" => [path, format!("{line:010}")],
        _ => [kind, key],
    };
    Some(Entry { group, order, text: fact })
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
