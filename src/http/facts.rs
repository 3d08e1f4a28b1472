//! `GET /api/ci/facts`: which repositories state a fact, and since when one of them does.

use std::collections::BTreeMap;

use axum::extract::State;
use ci_feed_dossier::fact::FactKind;
use serde::{Deserialize, Serialize};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{Object, Required, Type};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::AppState;
use super::answer::Made;
use super::budget::Share;
use super::cursor::{cursor, parse_cursor};
use super::error::ApiError;
use super::extract::{MayRead, Query};
use super::runs::{checked_limit, given, known_branch};
use crate::model::Reader;
use crate::store::{Events, FactEvent, FactFilter, FactHead, FactPlace, FoundFact, FoundFacts, KeyMatch, RunFilter};

/// What one fact of a list takes at most: as a row and as an answer, with the coverage of its dossier.
const FACT_BYTES: usize = 12 << 10;
/// Facts that are in memory beside those of the answer.
const FACTS_BESIDE: usize = 500;
/// Longest text that is asked for.
const MAX_TEXT_BYTES: usize = 1 << 10;
/// Attributes that may be asked for at once.
const MAX_ATTRS: usize = 10;

const PARAMETERS: &str = "kind, key, match, owner, repo, branch, pr, attr.NAME, limit, before";
const MATCHES: &str = "exact, prefix, contains";

/// The parameters as they came: attributes may have any name.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Pairs(Vec<(String, String)>);

impl IntoParams for Pairs {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let described = |name: &str| {
            let (of, says) = match name {
                "limit" | "pr" => (Type::Integer, String::new()),
                "kind" => (Type::String, format!("One of {}", kinds())),
                "match" => (Type::String, format!("One of {MATCHES}")),
                // Each member of an object is a parameter.
                "attr.NAME" => (Type::Object, "Attributes as text or as JSON: attr.required=true".to_owned()),
                _ => (Type::String, String::new()),
            };
            let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query);
            let parameter = parameter.required(Required::False).schema(Some(Object::with_type(of)));
            parameter.description((!says.is_empty()).then_some(says)).build()
        };
        PARAMETERS.split(", ").map(described).collect()
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct FactPage {
    facts: Vec<FoundFact>,
    next: Option<String>,
    /// Whether the question was too broad to be answered in one go: there may be more behind `next`.
    truncated: bool,
}

pub(super) async fn list(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Query(Pairs(pairs)): Query<Pairs>,
) -> Result<Made<FactPage>, ApiError> {
    let Asked { filter, branch, limit, question } = Asked::of(pairs)?;
    let share = room_for(&state, limit).await?;
    if let Some(branch) = branch {
        known_place(&state, reader, &filter, &branch).await?;
    }
    let FoundFacts { facts, next } = state.store.facts(reader, &filter, limit).await?;
    let truncated = next.is_some() && facts.len() < limit;
    let next = next.map(|place| cursor(&question, &parts(&place)));
    Ok((share.until_sent(), FactPage { facts, next, truncated }.into()))
}

/// A share for so many facts.
pub(super) async fn room_for(state: &AppState, limit: usize) -> Result<Share, ApiError> {
    state.budgets.making.take((limit + FACTS_BESIDE) * FACT_BYTES).await
}

/// A question, checked.
struct Asked {
    filter: FactFilter,
    branch: Option<String>,
    limit: usize,
    /// The question without its page.
    question: String,
}

impl Asked {
    fn of(pairs: Vec<(String, String)>) -> Result<Self, ApiError> {
        let mut asked: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in pairs {
            let value = given(Some(value))?.unwrap_or_default();
            if value.len() > MAX_TEXT_BYTES && name != "before" {
                return Err(ApiError::Invalid(format!("{name} is longer than {MAX_TEXT_BYTES} bytes")));
            }
            if asked.insert(name.clone(), value).is_some() {
                return Err(ApiError::Invalid(format!("{name} is given twice")));
            }
        }
        let (before, limit) = (asked.remove("before"), asked.remove("limit"));
        let question = format!("{asked:?}");
        let limit = limit.map(|limit| limit.parse().unwrap_or(0));
        let limit = usize::try_from(checked_limit(limit)?).unwrap_or(1);
        let mut take = |name: &str| asked.remove(name);
        let (owner, repo, branch) = (take("owner"), take("repo"), take("branch"));
        let pull = take("pr").map(|number| number.parse().map_err(|_| not_a("pr", "a number"))).transpose()?;
        let kind = take("kind").map(|word| kind(&word)).transpose()?;
        let (key, how) = (take("key"), take("match"));
        let key = key_match(key, how.as_deref())?;
        let attrs = attrs(asked)?;
        let is_of_one = owner.is_some() && repo.is_some();
        if kind.is_none() && !is_of_one {
            return Err(ApiError::Invalid(format!("give kind, or owner and repo; kind is one of {}", kinds())));
        }
        if (branch.is_some() || pull.is_some()) && !is_of_one {
            return Err(ApiError::Invalid("branch and pr need owner and repo".into()));
        }
        if branch.is_some() && pull.is_some() {
            return Err(ApiError::Invalid("give branch or pr, not both".into()));
        }
        if pull.is_some_and(|number| number <= 0) {
            return Err(not_a("pr", "the number of a pull request"));
        }
        let after = before.map(|text| parse_cursor(&question, &text).map(place)).transpose()?;
        let filter = FactFilter { kind, key, owner, repo, pull, attrs, after };
        Ok(Self { filter, branch, limit, question })
    }
}

fn parts(place: &FactPlace) -> [&str; 4] {
    [&place.repo_key, &place.kind, &place.key, &place.fact_id]
}

fn place([repo_key, kind, key, fact_id]: [String; 4]) -> FactPlace {
    FactPlace { repo_key, kind, key, fact_id }
}

fn not_a(name: &str, what: &str) -> ApiError {
    ApiError::Invalid(format!("{name} must be {what}"))
}

/// The names of all kinds.
pub(super) fn kinds() -> String {
    FactKind::NAMED.map(|(_, name, _)| name).join(", ")
}

/// A kind by its name or its short one.
pub(super) fn kind(word: &str) -> Result<String, ApiError> {
    let name = FactKind::name_of(word).map(str::to_owned);
    name.ok_or_else(|| ApiError::Invalid(format!("kind {word:?} is not one of {}", kinds())))
}

fn key_match(key: Option<String>, how: Option<&str>) -> Result<KeyMatch, ApiError> {
    Ok(match (how, key) {
        (None | Some("exact" | "prefix" | "contains"), None) => KeyMatch::Any,
        (None | Some("exact"), Some(key)) => KeyMatch::Exact(key),
        (Some("prefix"), Some(key)) => KeyMatch::Prefix(key),
        (Some("contains"), Some(key)) => KeyMatch::Contains(key),
        (Some(other), _) => return Err(ApiError::Invalid(format!("match {other:?} is not one of {MATCHES}"))),
    })
}

/// What is left of the parameters.
fn attrs(left: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, ApiError> {
    let mut attrs = BTreeMap::new();
    for (name, value) in left {
        let Some(attr) = name.strip_prefix("attr.").filter(|attr| !attr.is_empty()) else {
            return Err(ApiError::Invalid(format!("in the query: {name:?} is not one of {PARAMETERS}")));
        };
        attrs.insert(attr.to_owned(), value);
    }
    if attrs.len() > MAX_ATTRS {
        return Err(ApiError::Invalid(format!("at most {MAX_ATTRS} attributes can be asked for at once")));
    }
    Ok(attrs)
}

/// Refuse a branch that the repository does not have, and one whose facts are not kept, as far as this reader may know.
async fn known_place(state: &AppState, reader: Reader, filter: &FactFilter, branch: &str) -> Result<(), ApiError> {
    let (Some(owner), Some(repo)) = (&filter.owner, &filter.repo) else { return Ok(()) };
    let head = state.store.fact_head(reader, (owner, repo), None).await?;
    if head.as_ref().is_some_and(|head| head.branch.as_deref() == Some(branch)) {
        return Ok(());
    }
    let events = Events::Of(branch.to_owned());
    let of_branch = RunFilter { owner: Some(owner.clone()), repo: Some(repo.clone()), events, ..RunFilter::default() };
    known_branch(state, reader, &of_branch).await?;
    if state.store.runs(reader, &of_branch, 1).await?.is_empty() {
        return Ok(());
    }
    Err(ApiError::Invalid(
        "facts are kept of default branches and open pull requests (pr); of another branch ask for its run: GET /api/ci/runs?ref=, then /api/ci/runs/{id}/facts".into(),
    ))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryQuery {
    owner: String,
    repo: String,
    kind: String,
    key: String,
    limit: Option<i64>,
    before: Option<String>,
}

/// A fact of a default branch, now and before.
#[derive(Serialize, ToSchema)]
pub(super) struct History {
    /// As it stands; none where it is gone.
    fact: Option<FoundFact>,
    events: Vec<FactEvent>,
    /// What the facts of now are of, and where their history begins.
    head: FactHead,
    next: Option<String>,
    truncated: bool,
}

pub(super) async fn history(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Query(query): Query<HistoryQuery>,
) -> Result<Made<History>, ApiError> {
    let HistoryQuery { owner, repo, kind: word, key, limit, before } = query;
    let (limit, kind) = (checked_limit(limit)?, kind(&word)?);
    let (owner, repo, key) = (text(owner)?, text(repo)?, text(key)?);
    let question = format!("{owner} {repo} {kind} {key}");
    let before = before.map(|text| parse_cursor(&question, &text)).transpose()?;
    let share = room_for(&state, usize::try_from(limit).unwrap_or(1)).await?;
    let head = state.store.fact_head(reader, (&owner, &repo), None).await?;
    let head = head.ok_or(ApiError::NotFound("an index of facts of this repository"))?;
    let fact = one(&state, reader, (&owner, &repo), (&kind, &key)).await?;
    // One more than asked says whether there is a next page.
    let mut events = state.store.fact_events(reader, (&owner, &repo), (&kind, &key), before, limit + 1).await?;
    let is_full = i64::try_from(events.len()).is_ok_and(|events| events > limit);
    events.truncate(usize::try_from(limit).unwrap_or(1));
    let place = |event: &FactEvent| -> (chrono::DateTime<chrono::Utc>, Uuid) { (event.at, event.run_id) };
    let next = events.last().filter(|_| is_full).map(|event| cursor(&question, &place(event)));
    Ok((share.until_sent(), History { fact, events, head, next, truncated: false }.into()))
}

fn text(text: String) -> Result<String, ApiError> {
    let text = given(Some(text))?.unwrap_or_default();
    if text.len() > MAX_TEXT_BYTES { Err(not_a("each text", "at most 1024 bytes long")) } else { Ok(text) }
}

/// A fact of a default branch, if it stands.
async fn one(
    state: &AppState,
    reader: Reader,
    (owner, repo): (&str, &str),
    (kind, key): (&str, &str),
) -> Result<Option<FoundFact>, ApiError> {
    let filter = FactFilter {
        kind: Some(kind.to_owned()),
        key: KeyMatch::Exact(key.to_owned()),
        owner: Some(owner.to_owned()),
        repo: Some(repo.to_owned()),
        pull: None,
        attrs: BTreeMap::new(),
        after: None,
    };
    Ok(state.store.facts(reader, &filter, 1).await?.facts.pop())
}
