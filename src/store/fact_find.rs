//! Facts by what they are called, over all repositories or in one: each question reads a bounded number of rows of one index
//! in order, and says where to go on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::columns::{Id, JsonText};
use super::db::{Param, params};
use super::fact_places::DEFAULT_BRANCH;
use super::run::{of, shown_name};
use super::{Store, StoreError};
use crate::model::{CommitSha, Coverage, RawJson, Reader, RepoName, kept_key, optional_millis};

/// Rows of an index in which one question looks for a part of a key: first a few, and so many at most.
const FIRST_LOOK: i64 = 2_000;
const LOOKED_AT: i64 = 40_000;
/// Facts that one question fetches at most, for those that fit.
const FETCHED: usize = 2_000;
/// Names that are read beyond a page, for those that are not there for the reader.
const SPARE: i64 = 8;
/// Facts that are fetched at once at most, behind the first page.
const AT_ONCE: i64 = 500;
/// Behind each key that begins like another text.
const LAST: char = '\u{10ffff}';

/// The facts with these names, as far as the reader may know them.
const NAMED: &str = concat!(
    shown_name!(),
    ", p.pull, p.branch, p.commit_sha, p.run_id, p.as_of, p.coverage, f.kind, f.key, f.fact_id, f.status, f.attrs, f.path,
     f.line, f.end_line, f.sha256, f.repo_key as key_of_repo
     from {json_each($1) j|jsonb_array_elements($1) j(value)}
     {cross join ci_facts f on|join lateral (select * from ci_facts f where}
         f.repo_key = j.value ->> 0 and f.pull = cast(j.value ->> 1 as bigint) and f.kind = j.value ->> 2
         and f.key = j.value ->> 3 and f.fact_id = j.value ->> 4
     {|offset 0) f on true}
     {cross join ci_fact_places p on|join lateral (select * from ci_fact_places p where}
         p.repo_key = f.repo_key and p.pull = f.pull and p.analyzer is not null {|offset 0) p on true}
     {cross join RUNS r on r.id = p.run_id|join lateral (select * from RUNS n where n.id = p.run_id offset 0) r on true}"
);
/// A pull request that is closed has none, whatever is left of it.
const OPEN: &str = " where p.pull = 0 or exists (select 1 from ci_pulls o
     where o.repo_key = p.repo_key and o.number = p.pull and o.state = 'open')";
const PLACE: &str = "p.pull, p.branch, p.commit_sha, p.run_id, p.as_of, p.coverage, p.since_sha, p.since_at
     from ci_fact_places p join RUNS r on r.id = p.run_id
     where p.repo_key = $1 and p.pull = $2 and p.analyzer is not null and (p.pull = 0 or exists (select 1 from ci_pulls o
         where o.repo_key = p.repo_key and o.number = p.pull and o.state = 'open'))";

/// The repositories of an account: by their names now, and those that no webhook named.
const OF_OWNER: &str =
    "select key from (select key, owner from ci_repos order by key limit $2) k where lower(owner) = $1
     union select owner || '/' || name from ci_counts where owner = $1 and status = 'ALL'";
/// Repositories that one question looks at.
pub(super) const REPOS_LOOKED_AT: i64 = 20_000;

/// Which keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyMatch {
    /// All.
    Any,
    /// This one.
    Exact(String),
    /// Those that begin so.
    Prefix(String),
    /// Those that hold this, in any case.
    Contains(String),
}

/// Which facts to find.
#[derive(Debug, Clone)]
pub struct FactFilter {
    /// The kind's name. Without a repository it must be given.
    pub kind: Option<String>,
    /// Which keys.
    pub key: KeyMatch,
    /// The account.
    pub owner: Option<String>,
    /// The repository's name.
    pub repo: Option<String>,
    /// A pull request of the repository, instead of its default branch.
    pub pull: Option<i64>,
    /// What attributes must be, as text or as JSON.
    pub attrs: BTreeMap<String, String>,
    /// Go on behind this place.
    pub after: Option<FactPlace>,
}

/// A place in a list of facts.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[expect(missing_docs, reason = "the columns are described in migrations/")]
pub struct FactPlace {
    pub repo_key: String,
    pub kind: String,
    pub key: String,
    pub fact_id: String,
}

/// A fact of a commit, and where it says so.
#[derive(Debug, Clone, FromRow, Serialize, ToSchema)]
#[expect(missing_docs, reason = "docs/api.md describes each field")]
pub struct FoundFact {
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub repo: RepoName,
    /// None of a pull request, and where nobody said which branch is the default one.
    pub branch: Option<String>,
    #[sqlx(rename = "pull", try_from = "PullNumber")]
    pub pr_number: Option<i64>,
    pub commit_sha: CommitSha,
    #[sqlx(try_from = "Id")]
    pub run_id: Uuid,
    #[serde(serialize_with = "optional_millis")]
    pub as_of: Option<DateTime<Utc>>,
    pub kind: String,
    pub key: String,
    #[sqlx(rename = "fact_id")]
    pub id: String,
    pub status: String,
    #[schema(value_type = Object)]
    #[sqlx(try_from = "JsonText")]
    pub attrs: RawJson,
    pub path: String,
    pub line: i64,
    pub end_line: i64,
    pub sha256: String,
    #[schema(value_type = Coverage)]
    #[sqlx(try_from = "JsonText")]
    pub coverage: RawJson,
    #[serde(skip)]
    key_of_repo: String,
}

/// What stands at a place.
#[derive(Debug, Clone, FromRow, Serialize, ToSchema)]
#[expect(missing_docs, reason = "docs/api.md describes each field")]
pub struct FactHead {
    pub branch: Option<String>,
    #[sqlx(rename = "pull", try_from = "PullNumber")]
    pub pr_number: Option<i64>,
    pub commit_sha: CommitSha,
    #[sqlx(try_from = "Id")]
    pub run_id: Uuid,
    #[serde(serialize_with = "optional_millis")]
    pub as_of: Option<DateTime<Utc>>,
    /// As of a fact; empty where another analyzer made the dossier.
    #[schema(value_type = Object)]
    #[sqlx(try_from = "JsonText")]
    pub coverage: RawJson,
    /// Where the history of its facts begins.
    pub since_sha: Option<CommitSha>,
    #[serde(serialize_with = "optional_millis")]
    pub since_at: Option<DateTime<Utc>>,
}

/// A part of a list of facts.
#[derive(Debug, Clone, Default)]
pub struct FoundFacts {
    /// In order of their keys.
    pub facts: Vec<FoundFact>,
    /// Where to go on, unless these are the last.
    pub next: Option<FactPlace>,
}

/// A pull request's number, which the default branch has not.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
struct PullNumber(i64);

impl From<PullNumber> for Option<i64> {
    fn from(PullNumber(number): PullNumber) -> Self {
        Some(number).filter(|number| *number != DEFAULT_BRANCH)
    }
}

impl FoundFact {
    fn place(&self) -> FactPlace {
        let Self { key_of_repo, kind, key, id, .. } = self;
        FactPlace { repo_key: key_of_repo.clone(), kind: kind.clone(), key: key.clone(), fact_id: id.clone() }
    }
}

/// The names of facts in the order of one index.
struct Source {
    sql: String,
    params: Vec<Param>,
    order: &'static str,
    pull: i64,
    /// What is asked of each key.
    part: Option<String>,
    /// Whose facts.
    of_repos: Option<Value>,
}

impl Source {
    /// Of one repository, or of all default branches.
    fn of(filter: &FactFilter, repo_key: Option<&str>) -> Self {
        let pull = filter.pull.unwrap_or(DEFAULT_BRANCH);
        let (sql, params, order) = match repo_key {
            Some(key) => ("ci_facts where repo_key = $1 and pull = $2", params![key, pull], "kind, key, fact_id"),
            None => ("ci_facts {indexed by ci_facts_key|} where pull = 0", params![], "key, repo_key, fact_id"),
        };
        let mut source = Self { sql: sql.to_owned(), params, order, pull, part: None, of_repos: None };
        source.has("kind =", filter.kind.clone());
        match &filter.key {
            KeyMatch::Any => {}
            KeyMatch::Exact(key) => source.has("key =", Some(kept_key(key))),
            KeyMatch::Prefix(start) => {
                source.has("key >=", Some(kept_key(start)));
                source.has("key <", Some(format!("{}{LAST}", kept_key(start))));
            }
            KeyMatch::Contains(part) => source.part = Some(part.clone()),
        }
        if let Some(FactPlace { repo_key: key_of_repo, kind, key, fact_id }) = &filter.after {
            let n = source.params.len();
            let place = format!(" and ({order}) > (${}, ${}, ${})", n + 1, n + 2, n + 3);
            source.sql += &place;
            source.params.extend(match repo_key {
                Some(_) => params![kind.as_str(), key.as_str(), fact_id.as_str()],
                None => params![key.as_str(), key_of_repo.as_str(), fact_id.as_str()],
            });
        }
        source
    }

    fn has(&mut self, condition: &str, value: Option<String>) {
        if let Some(value) = value {
            self.params.push(value.into());
            self.sql += &format!(" and {condition} ${}", self.params.len());
        }
    }

    /// The first names that fit of a window of the index.
    fn names(&self, (window, limit): (i64, i64)) -> (String, Vec<Param>) {
        let (Self { sql, order, .. }, mut params) = (self, self.params.clone());
        params.extend(params![window, limit]);
        let (window, limit) = (params.len() - 1, params.len());
        let mut fits = String::from("true");
        if let Some(part) = &self.part {
            params.push(part.as_str().into());
            fits += &format!(" and {{instr|strpos}}(lower(key), lower(${})) > 0", params.len());
        }
        if let Some(repos) = &self.of_repos {
            params.push(repos.clone().into());
            fits += &format!(
                " and repo_key in (select value from {{json_each|jsonb_array_elements_text}}(${}))",
                params.len()
            );
        }
        let names = "repo_key, kind, key, fact_id";
        let rows = format!("select {names} from {sql} order by {order} limit ${window}");
        (format!("select {names} from ({rows}) w where {fits} order by {order} limit ${limit}"), params)
    }

    /// The last row of a full window.
    fn end(&self, window: i64) -> (String, Vec<Param>) {
        let (Self { sql, order, .. }, mut params) = (self, self.params.clone());
        params.push((window - 1).into());
        let end =
            format!("select repo_key, kind, key, fact_id from {sql} order by {order} limit 1 offset ${}", params.len());
        (end, params)
    }
}

impl Store {
    /// Facts in the order of their keys, at most `limit`. Where few fit there may be fewer, and more behind them.
    pub async fn facts(&self, reader: Reader, filter: &FactFilter, limit: usize) -> Result<FoundFacts, StoreError> {
        let mut filter = filter.clone();
        let repo_key = match (&filter.owner, &filter.repo) {
            (Some(owner), Some(repo)) => {
                let (owner, repo) = self.kept(owner, repo).await?;
                (filter.owner, filter.repo) = (None, None);
                Some(format!("{owner}/{repo}"))
            }
            _ => None,
        };
        let of_repos = match &filter.owner {
            Some(owner) => {
                let of_owner = params![owner.to_ascii_lowercase(), REPOS_LOOKED_AT];
                let keys: Vec<(String,)> = self.read.rows(OF_OWNER, of_owner).await?;
                if keys.is_empty() {
                    return Ok(FoundFacts::default());
                }
                Some(keys.into_iter().map(|(key,)| Value::from(key)).collect::<Value>())
            }
            None => None,
        };
        let (mut found, mut looked_at, mut fetched) = (FoundFacts::default(), 0, 0);
        // One more than asked says whether there is a next page; some may not be there for this reader.
        let mut at_once = i64::try_from(limit).unwrap_or(AT_ONCE) + 1 + SPARE;
        loop {
            let mut source = Source::of(&filter, repo_key.as_deref());
            source.of_repos.clone_from(&of_repos);
            let fit_all = source.part.is_none() && of_repos.is_none();
            let window = match looked_at {
                _ if fit_all => at_once,
                0 => FIRST_LOOK,
                looked_at => LOOKED_AT - looked_at,
            };
            let (sql, params) = source.names((window, at_once));
            let names: Vec<FactPlace> = self.read.rows(sql, params).await?;
            let is_full = i64::try_from(names.len()).is_ok_and(|names| names == at_once);
            let end = match names.last().filter(|_| is_full) {
                Some(last) => Some(last.clone()),
                // Every row fits, so these were the last.
                None if fit_all => None,
                None => {
                    looked_at += window;
                    let (sql, params) = source.end(window);
                    self.read.row(sql, params).await?
                }
            };
            fetched += names.len();
            for fact in self.facts_named(reader, source.pull, &names).await? {
                if !fits(&fact, &filter) {
                    continue;
                }
                if found.facts.len() == limit {
                    found.next = found.facts.last().map(FoundFact::place);
                    return Ok(found);
                }
                found.facts.push(fact);
            }
            filter.after = end;
            if filter.after.is_none() || fetched >= FETCHED || looked_at >= LOOKED_AT {
                found.next = filter.after;
                return Ok(found);
            }
            // Most often a few did not fit; where many do not, larger steps are quicker.
            at_once = AT_ONCE.min(at_once * 4);
        }
    }

    /// In the order of the names, without those that are not there for this reader.
    async fn facts_named(&self, reader: Reader, pull: i64, names: &[FactPlace]) -> Result<Vec<FoundFact>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let list: Value =
            names.iter().map(|name| json!([name.repo_key, pull, name.kind, name.key, name.fact_id])).collect();
        let facts: Vec<FoundFact> = self.read.rows(of(reader, &format!("{NAMED}{OPEN}")), params![list]).await?;
        let name_of = |fact: &FoundFact| {
            let FactPlace { repo_key, kind, key, fact_id } = fact.place();
            [repo_key, kind, key, fact_id]
        };
        let mut facts: BTreeMap<_, _> = facts.into_iter().map(|fact| (name_of(&fact), fact)).collect();
        let of = |name: &FactPlace| {
            facts.remove(&[name.repo_key.clone(), name.kind.clone(), name.key.clone(), name.fact_id.clone()])
        };
        Ok(names.iter().filter_map(of).collect())
    }

    /// What stands at the default branch of a repository, or at a pull request, if this reader may know it.
    pub async fn fact_head(
        &self,
        reader: Reader,
        (owner, repo): (&str, &str),
        pull: Option<i64>,
    ) -> Result<Option<FactHead>, StoreError> {
        let (owner, repo) = self.kept(owner, repo).await?;
        let of_place = params![format!("{owner}/{repo}"), pull.unwrap_or(DEFAULT_BRANCH)];
        self.read.row(of(reader, PLACE), of_place).await
    }

    /// How the database finds facts, in its own words.
    #[cfg(feature = "failpoints")]
    pub async fn plans_of_facts(&self, reader: Reader, filter: &FactFilter) -> Result<[String; 3], StoreError> {
        let repo_key = filter.owner.as_ref().zip(filter.repo.as_ref()).map(|(owner, repo)| format!("{owner}/{repo}"));
        let source = Source::of(filter, repo_key.as_deref());
        let (names, params) = source.names((LOOKED_AT, AT_ONCE));
        let (end, of_end) = source.end(LOOKED_AT);
        let list = json!([["octo/shop1", 0, "env_var", "A", "1"]]);
        Ok([
            self.explain(names, params).await?,
            self.explain(end, of_end).await?,
            self.explain(of(reader, &format!("{NAMED}{OPEN}")), params![list]).await?,
        ])
    }
}

/// What no index knows.
fn fits(fact: &FoundFact, filter: &FactFilter) -> bool {
    let is = |wanted: &Option<String>, has: &str| wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(has));
    if !is(&filter.owner, fact.repo.owner()) || !is(&filter.repo, fact.repo.name()) {
        return false;
    }
    let attrs = fact.attrs.view();
    filter.attrs.iter().all(|(name, wanted)| {
        let value = attrs.at(name);
        value.text() == wanted || value.plain::<String>().is_some_and(|text| text == *wanted)
    })
}
