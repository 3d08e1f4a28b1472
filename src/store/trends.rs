//! The short trends of several repositories: the newest runs of each default branch, with the few figures that a list shows.
//! However many runs there are, of each repository a few rows of one index are read.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::columns::{Id, JsonText};
use super::db::params;
use super::run::of;
use super::{Store, StoreError};
use crate::model::{CommitSha, EventType, JsonView, RawJson, Reader, RepoName, RunStatus, millis};

/// Runs that are read of each repository.
const RUNS_OF_EACH: usize = 12;

/// Which branch each name's repository is shown by, and its newest runs. Where nobody said which the default branch is, the
/// newest runs of all branches.
const NEWEST: &str = "select h.name, k.default_branch as branch,
         case when k.default_branch is null then
             (select {json_group_array(p.id)|cast(jsonb_agg(p.id) as text)} from (select r.id from ci_runs r {indexed by ci_runs_repo_feed|}
                 where lower(r.repo_owner) = {substr(h.key, 1, instr(h.key, '/') - 1)|split_part(h.key, '/', 1)}
                     and lower(r.repo_name) = {substr(h.key, instr(h.key, '/') + 1)|split_part(h.key, '/', 2)}
                 order by r.created_at desc, r.id desc limit $2) p)
         else
             (select {json_group_array(p.run_id)|cast(jsonb_agg(p.run_id) as text)} from (select f.run_id from ci_run_refs f {indexed by ci_run_refs_branch|}
                 where f.repo_key = h.key and f.ref = k.default_branch and f.event_type <> 'pull_request'
                 order by f.received_at desc, f.run_id desc limit $2) p)
         end as ids
     from (select w.value as name, coalesce((select n.repo_key from ci_repo_names n where n.name = w.value), w.value) as key
         from {json_each($1)|jsonb_array_elements_text($1)} w) h
         left join ci_repos k on k.key = h.key";
/// Of these runs what a trend shows.
const POINTS: &str = "r.id, r.commit_sha, r.event_type, r.status, r.title, r.created_at,
         {case when json_valid(r.summary_json) then json_extract(r.summary_json, '$.drift.counts') end|cast(r.summary_json->'drift'->'counts' as text)} as counts
     from {json_each($1) w cross join RUNS r on r.id = w.value|jsonb_array_elements_text($1) w,
         lateral (select * from RUNS n where n.id = w.value::uuid offset 0) r}";

/// The newest runs of a repository's default branch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShortTrend {
    /// As it was asked for.
    #[serde(flatten)]
    pub repo: RepoName,
    /// The default branch; none where nobody said which that is, and these are the runs of every branch.
    #[serde(rename = "ref")]
    pub branch: Option<String>,
    /// The oldest first.
    pub points: Vec<ShortPoint>,
}

/// A run of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ShortPoint {
    /// The run.
    pub run_id: Uuid,
    /// Its commit.
    pub commit_sha: CommitSha,
    /// How it stands.
    pub status: RunStatus,
    /// First line of the commit's message.
    pub title: Option<String>,
    /// When it was made.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// Facts that its commit added, removed and changed; none where it was not compared.
    pub drift: Option<i64>,
    /// Things to do before its commit is deployed.
    pub before_deploy: Option<i64>,
}

#[derive(FromRow)]
struct NewestRow {
    name: String,
    branch: Option<String>,
    ids: Option<String>,
}

#[derive(FromRow)]
struct PointRow {
    #[sqlx(try_from = "Id")]
    id: Uuid,
    commit_sha: CommitSha,
    event_type: EventType,
    status: RunStatus,
    title: Option<String>,
    created_at: DateTime<Utc>,
    #[sqlx(try_from = "JsonText")]
    counts: Option<RawJson>,
}

impl From<PointRow> for ShortPoint {
    fn from(row: PointRow) -> Self {
        let counts = row.counts.as_ref().map_or(JsonView::NULL, RawJson::view);
        let number = |name| counts.at(name).plain::<i64>();
        let drift = number("added").map(|added| {
            added.saturating_add(number("removed").unwrap_or(0)).saturating_add(number("changed").unwrap_or(0))
        });
        let before_deploy = number("before_deploy");
        let PointRow { id, commit_sha, status, title, created_at, .. } = row;
        Self { run_id: id, commit_sha, status, title, created_at, drift, before_deploy }
    }
}

impl Store {
    /// The short trends of these repositories, as far as there are runs of them for this reader.
    pub async fn short_trends(&self, reader: Reader, repos: &[RepoName]) -> Result<Vec<ShortTrend>, StoreError> {
        let names: Value = repos.iter().map(RepoName::key).collect();
        let newest: Vec<NewestRow> = self.read.rows(NEWEST, params![names, RUNS_OF_EACH as i64]).await?;
        let ids = |row: &NewestRow| -> Vec<Uuid> {
            serde_json::from_str(row.ids.as_deref().unwrap_or("[]")).unwrap_or_default()
        };
        // Pushed and wished for, a run has several events of one branch.
        let all: HashSet<Uuid> = newest.iter().flat_map(ids).collect();
        let all: Value = all.iter().map(Uuid::to_string).collect();
        let rows: Vec<PointRow> = self.read.rows(of(reader, POINTS), params![all]).await?;
        let points: HashMap<Uuid, (EventType, ShortPoint)> =
            rows.into_iter().map(|row| (row.id, (row.event_type, row.into()))).collect();
        let trend = |row: &NewestRow, repo: &RepoName| {
            let mut seen = HashSet::new();
            let mut shown: Vec<_> = ids(row)
                .into_iter()
                .filter(|id| seen.insert(*id))
                .filter_map(|id| points.get(&id))
                .filter(|(event, _)| row.branch.is_some() || *event != EventType::PullRequest)
                .map(|(_, point)| point.clone())
                .collect();
            shown.reverse();
            ShortTrend { repo: repo.clone(), branch: row.branch.clone(), points: shown }
        };
        let rows: HashMap<&str, &NewestRow> = newest.iter().map(|row| (row.name.as_str(), row)).collect();
        let found = repos.iter().filter_map(|repo| Some(trend(rows.get(repo.key().as_str())?, repo)));
        Ok(found.filter(|trend| !trend.points.is_empty()).collect())
    }

    /// How the database finds them, in its own words.
    #[cfg(feature = "failpoints")]
    pub async fn plans_of_trends(&self, reader: Reader) -> Result<[String; 2], StoreError> {
        let names: Value = ["octo/shop1"].into_iter().collect();
        let ids: Value = [Uuid::nil().to_string()].into_iter().collect();
        Ok([
            self.explain(NEWEST.to_owned(), params![names, RUNS_OF_EACH as i64]).await?,
            self.explain(of(reader, POINTS), params![ids]).await?,
        ])
    }
}
