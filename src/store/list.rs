//! Runs in order, by whatever is asked for: each question reads a bounded number of rows of one index, however many runs
//! there are and however few of them fit.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::columns::Id;
use super::db::{Param, params};
use super::privacy::EVERY_RUN;
use super::run::{RUN_COLUMNS, of};
use super::{Events, Listed, Run, RunFilter, Standing, Store, StoreError};
use crate::model::{Reader, RunStatus};

/// Rows of the index that one question reads at most: first a few, which nearly always are enough, then the rest.
const WINDOWS: [i64; 2] = [200, 2_000];

/// The owner, or the name, that a run's repository has now.
const SHOWN_OWNER: &str = "coalesce((select lower(k.owner) from ci_repos k
         where k.key = lower(r.repo_owner) || '/' || lower(r.repo_name)), lower(r.repo_owner)) =";
const SHOWN_NAME: &str = "coalesce((select lower(k.name) from ci_repos k
         where k.key = lower(r.repo_owner) || '/' || lower(r.repo_name)), lower(r.repo_name)) =";

/// Those that were pushed to before those that a look found.
const BRANCHES: &str = "b.branch from (select repo_key, branch, said_at, seen_at from ci_branches where repo_key = $1
         order by said_at is null, seen_at desc, branch limit 200) b
     where exists (select 1 from ci_run_refs f join RUNS r on r.id = f.run_id
         where f.repo_key = b.repo_key and f.ref = b.branch and f.event_type <> 'pull_request')
     order by b.said_at is null, b.seen_at desc, b.branch limit 100";

/// What a question reads in order, without looking at the runs themselves.
struct Source {
    /// Tables and conditions, of which one index holds all.
    sql: String,
    /// The place of a row.
    at: &'static str,
    id: &'static str,
    params: Vec<Param>,
    /// What is then asked of each run.
    filters: String,
}

impl Source {
    /// Rows of the events of a branch or pull request.
    fn events(condition: &str, index: &str) -> Self {
        let sql = format!("ci_run_refs f {{indexed by {index}|}} where {condition}");
        Self { sql, at: "f.received_at", id: "f.run_id", params: Vec::new(), filters: String::new() }
    }

    fn runs(index: &str) -> Self {
        let sql = format!("{EVERY_RUN} r {{indexed by {index}|}} where true");
        Self { sql, at: "r.created_at", id: "r.id", params: Vec::new(), filters: String::new() }
    }

    /// One more condition of the index: what stands before its value.
    fn has(mut self, condition: &str, value: impl Into<Param>) -> Self {
        self.params.push(value.into());
        self.sql += &format!(" and {condition} ${}", self.params.len());
        self
    }

    /// One more condition of the runs, if it is given.
    fn keep(&mut self, condition: &str, value: Option<impl Into<Param>>) {
        if let Some(value) = value {
            self.params.push(value.into());
            // The sign keeps SQLite from looking for an index.
            self.filters += &format!(" and {{+|}}{condition} ${}", self.params.len());
        }
    }

    /// The index for a filter, and what is left to ask. Owner and name together are those under which the repository is
    /// kept; one of them is that of its name now.
    fn of(filter: &RunFilter) -> Self {
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_ascii_lowercase());
        let (mut owner, mut repo) = (lower(&filter.owner), lower(&filter.repo));
        let key = owner.as_ref().zip(repo.as_ref()).map(|(owner, repo)| format!("{owner}/{repo}"));
        let (mut commit, mut status) = (filter.commit.clone(), filter.status.map(RunStatus::as_str));
        let mut event_type = filter.event_type.map(|event| event.as_str());
        let mut source = match (&filter.events, key) {
            (Events::Of(branch), Some(key)) => {
                (owner, repo) = (None, None);
                let events = Self::events("f.event_type <> 'pull_request'", "ci_run_refs_branch");
                events.has("f.repo_key =", key).has("f.ref =", branch.as_str())
            }
            (Events::Of(branch), None) => {
                Self::events("f.event_type <> 'pull_request'", "ci_run_refs_ref").has("f.ref =", branch.as_str())
            }
            (Events::OfPull(number), key) => {
                (owner, repo) = (None, None);
                let events = Self::events("f.event_type = 'pull_request'", "ci_run_refs_pull");
                events.has("f.repo_key =", key).has("f.pr_number =", *number)
            }
            _ if commit.is_some() => {
                let from = commit.take().unwrap_or_default();
                // Behind the last digit comes no other.
                let to = format!("{from}g");
                Self::runs("ci_runs_commit_sha").has("r.commit_sha >=", from).has("r.commit_sha <", to)
            }
            (_, Some(_)) => Self::runs("ci_runs_repo_feed")
                .has("lower(r.repo_owner) =", owner.take())
                .has("lower(r.repo_name) =", repo.take()),
            _ if status.is_some() => Self::runs("ci_runs_status_created_at").has("r.status =", status.take()),
            _ if event_type.is_some() => Self::runs("ci_runs_event_feed").has("r.event_type =", event_type.take()),
            _ => Self::runs("ci_runs_feed"),
        };
        // Both are left where another condition has its index.
        let is_kept = owner.is_some() && repo.is_some();
        source.keep(if is_kept { "lower(r.repo_owner) =" } else { SHOWN_OWNER }, owner);
        source.keep(if is_kept { "lower(r.repo_name) =" } else { SHOWN_NAME }, repo);
        source.keep("r.commit_sha >=", commit.clone());
        source.keep("r.commit_sha <", commit.map(|commit| format!("{commit}g")));
        source.keep("r.status =", status);
        source.keep("r.event_type =", event_type);
        match &filter.events {
            Events::Any | Events::OfPull(_) => {}
            // Pushed, wished for or found by a look, a run has several events of one branch: the last one counts.
            Events::Of(_) => {
                source.filters += " and not exists (select 1 from ci_run_refs g {indexed by ci_run_refs_run_id|}
                    where g.run_id = w.id and g.ref = w.ref and g.event_type <> 'pull_request'
                        and (g.received_at, g.event_type) > (w.at, w.event_type))";
            }
            Events::OfBranches => {
                source.filters += " and exists (select 1 from ci_run_refs f {indexed by ci_run_refs_run_id|}
                    where f.run_id = w.id and f.event_type <> 'pull_request')";
            }
        }
        source
    }

    /// The rows below a place, `$n` and `$n + 1`, in order.
    fn below(&self, columns: &str) -> String {
        let Self { sql, at, id, params, .. } = self;
        let (place_at, place_id) = (params.len() + 1, params.len() + 2);
        format!("{columns} from {sql} and ({at}, {id}) < (${place_at}, ${place_id}) order by {at} desc, {id} desc")
    }

    /// The first that fit of a window below a place. Each run of the window is fetched by its id: a planner that began with
    /// the runs, by an index of another condition or without one, might read all of them.
    fn window(&self) -> String {
        let Self { at, id, params, filters, .. } = self;
        let of_event = if *id == "r.id" { "" } else { ", f.ref, f.event_type" };
        let rows = self.below(&format!("select {id} as id, {at} as at{of_event}"));
        let (size, limit) = (params.len() + 3, params.len() + 4);
        format!(
            "{RUN_COLUMNS}, w.at as listed_at from ({rows} limit ${size}) w
             {{cross join RUNS r on r.id = w.id|join lateral (select * from RUNS n where n.id = w.id offset 0) r on true}}
             {{cross|}} join ci_jobs j on j.run_id = r.id
             where true{filters} order by w.at desc, w.id desc limit ${limit}"
        )
    }

    /// The last row of a full window.
    fn end(&self) -> String {
        let Self { at, id, params, .. } = self;
        format!("{} limit 1 offset ${}", self.below(&format!("select {at} as at, {id} as id")), params.len() + 3)
    }

    fn params(&self, (at, id): (DateTime<Utc>, Uuid), more: impl IntoIterator<Item = i64>) -> Vec<Param> {
        let mut params = self.params.clone();
        params.extend(params![at, id]);
        params.extend(more.into_iter().map(Param::from));
        params
    }
}

impl Store {
    /// Newest runs first, at most `limit`.
    pub async fn runs(&self, reader: Reader, filter: &RunFilter, limit: i64) -> Result<Vec<Run>, StoreError> {
        Ok(self.list(reader, filter, limit).await?.runs)
    }

    /// The same with the place to go on from. Where few runs fit there may be fewer than `limit`, and more behind them.
    pub async fn list(&self, reader: Reader, filter: &RunFilter, limit: i64) -> Result<Listed, StoreError> {
        self.list_kept(reader, &self.kept_filter(filter).await?, limit).await
    }

    async fn list_kept(&self, reader: Reader, filter: &RunFilter, limit: i64) -> Result<Listed, StoreError> {
        let source = Source::of(filter);
        let mut place = filter.before.unwrap_or((far_future(), Uuid::max()));
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut runs: Vec<Run> = Vec::new();
        let mut next = None;
        for window in WINDOWS {
            // One more than asked says whether there is a next page.
            let missing = limit + 1 - i64::try_from(runs.len()).unwrap_or(limit);
            let window = window.max(missing);
            let sql = of(reader, &source.window());
            runs.extend(self.read.rows::<Run>(sql, source.params(place, [window, missing])).await?);
            next = runs.get(wanted.saturating_sub(1)).filter(|_| runs.len() > wanted).map(place_of);
            if next.is_some() {
                break;
            }
            let end: Option<(DateTime<Utc>, Id)> =
                self.read.row(source.end(), source.params(place, [window - 1])).await?;
            let Some((at, id)) = end else { break };
            place = (at, id.into());
            next = Some(place);
        }
        runs.truncate(wanted);
        Ok(Listed { runs: self.complete(reader, runs).await?, next })
    }

    /// How the database finds the runs of a filter, in its own words.
    #[cfg(feature = "failpoints")]
    pub async fn plan(&self, reader: Reader, filter: &RunFilter) -> Result<String, StoreError> {
        let source = Source::of(filter);
        let sql = of(reader, &source.window());
        self.explain(sql, source.params((far_future(), Uuid::max()), [WINDOWS[1], WINDOWS[0]])).await
    }

    /// What a branch comes to, or a repository of which no default branch is known: the runs of a filter, by the branch's
    /// head where it is known.
    pub async fn standing(&self, reader: Reader, filter: &RunFilter) -> Result<Standing, StoreError> {
        let filter = &self.kept_filter(filter).await?;
        let newest = async |filter: &RunFilter, status| {
            let filter = RunFilter { status, ..filter.clone() };
            Ok::<_, StoreError>(self.list_kept(reader, &filter, 1).await?.runs.pop())
        };
        let mut standing = Standing::default();
        if let Some(commit) = self.head(filter).await? {
            let of_head = RunFilter { events: Events::Any, commit: Some(commit), ..filter.clone() };
            standing.newest = newest(&of_head, None).await?;
            standing.dossier = newest(&of_head, Some(RunStatus::Succeeded)).await?;
        }
        if standing.newest.is_none() {
            standing.newest = newest(filter, None).await?;
        }
        if standing.dossier.is_none() {
            standing.dossier = newest(filter, Some(RunStatus::Succeeded)).await?;
        }
        Ok(standing)
    }

    /// The branches of a filter's repository that have runs, the one that moved last first, a bounded number.
    pub async fn branches_with_runs(&self, reader: Reader, filter: &RunFilter) -> Result<Vec<String>, StoreError> {
        let (Some(owner), Some(repo)) = (&filter.owner, &filter.repo) else { return Ok(Vec::new()) };
        let (owner, repo) = self.kept(owner, repo).await?;
        let key = format!("{owner}/{repo}");
        let rows: Vec<(String,)> = self.read.rows(of(reader, BRANCHES), params![key]).await?;
        Ok(rows.into_iter().map(|(branch,)| branch).collect())
    }

    /// Of a filter with the name under which the repository is kept.
    async fn head(&self, filter: &RunFilter) -> Result<Option<String>, StoreError> {
        let (Some(owner), Some(repo), Events::Of(branch)) = (&filter.owner, &filter.repo, &filter.events) else {
            return Ok(None);
        };
        let sql = "select head_sha from ci_branches where repo_key = $1 and branch = $2";
        let key = format!("{owner}/{repo}").to_ascii_lowercase();
        Ok(self.read.row(sql, params![key, branch.as_str()]).await?.map(|(head,)| head))
    }
}

fn place_of(run: &Run) -> (DateTime<Utc>, Uuid) {
    (run.listed_at.unwrap_or(run.created_at), run.id)
}

/// Later than any row: the cursor of a first page.
pub(super) fn far_future() -> DateTime<Utc> {
    DateTime::<Utc>::from_timestamp(253_402_300_799, 0).expect("the year 9999 is representable")
}
