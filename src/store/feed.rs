//! What people read: runs by cursor, one run whole, repositories, the webhook log, artifacts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use super::columns::Id;
use super::db::{Param, params};
use super::run::{RUN_COLUMNS, of, runs};
use super::{
    Artifact, Attempt, DeliveryRecord, Events, Job, RepoOverview, Run, RunDetail, RunFilter, RunRef, Standing, Store,
    StoreError,
};
use crate::model::{Reader, RunStatus};

/// How far from the front a queue position is still counted; behind it the feed says only "queued".
const COUNTED_POSITIONS: i64 = 200;

/// What is listed, and where each run stands among the others.
const OF_RUNS: &str = "r.created_at as listed_at from RUNS r join ci_jobs j on j.run_id = r.id where";
/// By the last event of each run: pushed, wished for or found by a look, a run has several events of one branch.
const OF_BRANCH: &str = "f.received_at as listed_at
     from ci_run_refs f join RUNS r on r.id = f.run_id join ci_jobs j on j.run_id = r.id
     where f.event_type <> 'pull_request' and not exists (select 1 from ci_run_refs g
         where g.run_id = f.run_id and g.repo_key = f.repo_key and g.ref = f.ref and g.event_type <> 'pull_request'
             and (g.received_at, g.event_type) > (f.received_at, f.event_type)) and";
const OF_PULL: &str = "f.received_at as listed_at
     from ci_run_refs f join RUNS r on r.id = f.run_id join ci_jobs j on j.run_id = r.id
     where f.event_type = 'pull_request' and";

/// Those that were pushed to before those that a look found.
const BRANCHES: &str = "b.branch from (select repo_key, branch, said_at, seen_at from ci_branches where repo_key = $1
         order by said_at is null, seen_at desc, branch limit 200) b
     where exists (select 1 from ci_run_refs f join RUNS r on r.id = f.run_id
         where f.repo_key = b.repo_key and f.ref = b.branch and f.event_type <> 'pull_request')
     order by b.said_at is null, b.seen_at desc, b.branch limit 100";

/// The newest run of each repository, with the numbers of its runs.
const NEWEST: &str = "newest.runs, newest.succeeded, newest.failed from (select id,
             row_number() over (partition by lower(repo_owner), lower(repo_name)
                 order by created_at desc, id desc) as place,
             count(*) over repository as runs,
             sum(case when status = 'SUCCEEDED' then 1 else 0 end) over repository as succeeded,
             sum(case when status = 'FAILED' then 1 else 0 end) over repository as failed
         from RUNS r
         window repository as (partition by lower(repo_owner), lower(repo_name))) newest
     join RUNS r on r.id = newest.id join ci_jobs j on j.run_id = r.id
     where newest.place = 1 order by r.created_at desc limit 500";

/// The events of the runs whose ids are in a JSON list. Runs that are hidden meanwhile have none: what hid them may have
/// been another event.
const REFS: &str = "f.run_id, f.event_type, f.ref, f.pr_number, f.base_sha, f.received_at from ci_run_refs f
     join RUNS r on r.id = f.run_id
     where f.run_id in ({select value from json_each($1)|select id::uuid from jsonb_array_elements_text($1) as id})
     order by f.received_at, f.ref";
const JOB: &str =
    "j.id, j.status, j.attempts, j.max_attempts, j.lease_epoch, j.run_after, j.leased_until, j.last_error,
     j.created_at, j.finished_at
     from ci_jobs j join RUNS r on r.id = j.run_id where j.run_id = $1";
const ATTEMPTS: &str =
    "a.attempt, a.leased_at, a.fetch_ms, a.analyze_ms, a.finished_at, a.outcome, a.error_code, a.error,
     a.sandbox
     from ci_attempts a join ci_jobs j on j.id = a.job_id join RUNS r on r.id = j.run_id where j.run_id = $1
     order by a.lease_epoch";

impl Store {
    /// Newest runs first, at most `limit`.
    pub async fn runs(&self, reader: Reader, filter: &RunFilter, limit: i64) -> Result<Vec<Run>, StoreError> {
        let (source, at, id) = match filter.events {
            Events::Any | Events::OfBranches => (OF_RUNS, "r.created_at", "r.id"),
            Events::Of(_) => (OF_BRANCH, "f.received_at", "f.run_id"),
            Events::OfPull(_) => (OF_PULL, "f.received_at", "f.run_id"),
        };
        let before = filter.before.unwrap_or((far_future(), Uuid::max()));
        let mut select = Select {
            sql: format!("{RUN_COLUMNS}, {source} ({at}, {id}) < ($1, $2)"),
            params: params![before.0, before.1],
        };
        match &filter.events {
            Events::Any => {}
            Events::OfBranches => {
                select.sql += " and exists (select 1 from ci_run_refs f
                     where f.run_id = r.id and f.event_type <> 'pull_request')";
            }
            Events::Of(branch) => select.and("f.ref =", branch.as_str()),
            Events::OfPull(number) => select.and("f.pr_number =", *number),
        }
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_ascii_lowercase());
        let (owner, repo) = (lower(&filter.owner), lower(&filter.repo));
        if let (Some(owner), Some(repo), true) = (&owner, &repo, source != OF_RUNS) {
            select.and("f.repo_key =", format!("{owner}/{repo}"));
        } else {
            select.and_if("lower(r.repo_owner) =", owner);
            select.and_if("lower(r.repo_name) =", repo);
        }
        // Behind the last digit comes no other.
        select.and_if("r.commit_sha >=", filter.commit.clone());
        select.and_if("r.commit_sha <", filter.commit.as_ref().map(|commit| format!("{commit}g")));
        select.and_if("r.status =", filter.status.map(|status| status.as_str()));
        select.and_if("r.event_type =", filter.event_type.map(|event| event.as_str()));
        select.params.push(limit.into());
        select.sql += &format!(" order by {at} desc, {id} desc limit ${}", select.params.len());
        self.complete(reader, self.read.rows(of(reader, &select.sql), select.params).await?).await
    }

    /// What a branch comes to, or a repository of which no default branch is known: the runs of a filter, by the branch's
    /// head where it is known.
    pub async fn standing(&self, reader: Reader, filter: &RunFilter) -> Result<Standing, StoreError> {
        let newest = async |filter: &RunFilter, status| {
            let filter = RunFilter { status, ..filter.clone() };
            Ok::<_, StoreError>(self.runs(reader, &filter, 1).await?.pop())
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
        let key = format!("{owner}/{repo}").to_ascii_lowercase();
        let rows: Vec<(String,)> = self.read.rows(of(reader, BRANCHES), params![key]).await?;
        Ok(rows.into_iter().map(|(branch,)| branch).collect())
    }

    async fn head(&self, filter: &RunFilter) -> Result<Option<String>, StoreError> {
        let (Some(owner), Some(repo), Events::Of(branch)) = (&filter.owner, &filter.repo, &filter.events) else {
            return Ok(None);
        };
        let sql = "select head_sha from ci_branches where repo_key = $1 and branch = $2";
        let key = format!("{owner}/{repo}").to_ascii_lowercase();
        Ok(self.read.row(sql, params![key, branch.as_str()]).await?.map(|(head,)| head))
    }

    /// One run, its job and its attempts.
    pub async fn run(&self, reader: Reader, id: Uuid) -> Result<Option<RunDetail>, StoreError> {
        let sql = format!("select {RUN_COLUMNS} from {} where r.id = $1", runs(reader));
        let runs = self.read.rows(sql, params![id]).await?;
        let Some(run) = self.complete(reader, runs).await?.pop() else { return Ok(None) };
        let job: Option<Job> = self.read.row(of(reader, JOB), params![id]).await?;
        let attempts: Vec<Attempt> = self.read.rows(of(reader, ATTEMPTS), params![id]).await?;
        Ok(job.map(|job| RunDetail { run, job, attempts }))
    }

    /// Add what lies in other tables, with one statement for all runs each, and what follows from the columns.
    async fn complete(&self, reader: Reader, mut runs: Vec<Run>) -> Result<Vec<Run>, StoreError> {
        if runs.is_empty() {
            return Ok(runs);
        }
        let ids: Value = runs.iter().map(|run| run.id.to_string()).collect();
        let mut refs: BTreeMap<Uuid, Vec<RunRef>> = BTreeMap::new();
        for event in self.read.rows::<RunRef>(of(reader, REFS), params![ids]).await? {
            refs.entry(event.run_id).or_default().push(event);
        }
        let positions = match runs.iter().any(|run| run.status == RunStatus::Queued) {
            true => self.queue_positions().await?,
            false => BTreeMap::new(),
        };
        for run in &mut runs {
            run.refs = refs.remove(&run.id).unwrap_or_default();
            run.queue_position = positions.get(&run.id).copied();
            run.duration_ms = run.started_at.zip(run.finished_at).map(|(from, to)| (to - from).num_milliseconds());
        }
        Ok(runs)
    }

    async fn queue_positions(&self) -> Result<BTreeMap<Uuid, i64>, StoreError> {
        let waiting: Vec<(Id,)> = self
            .read
            .rows(
                "select run_id from ci_jobs where status = 'READY' order by run_after, id limit $1",
                params![COUNTED_POSITIONS],
            )
            .await?;
        Ok((1..).zip(waiting).map(|(position, (run_id,))| (run_id.into(), position)).collect())
    }

    /// Every repository that has runs, latest activity first, at most 500.
    pub async fn repos(&self, reader: Reader) -> Result<Vec<RepoOverview>, StoreError> {
        #[derive(FromRow)]
        struct Row {
            #[sqlx(flatten)]
            latest: Run,
            runs: i64,
            succeeded: i64,
            failed: i64,
        }
        let rows: Vec<Row> = self.read.rows(of(reader, &format!("{RUN_COLUMNS}, {NEWEST}")), params![]).await?;
        let counts = |row: Row| (row.latest, (row.runs, row.succeeded, row.failed));
        let (latest, counts): (Vec<_>, Vec<_>) = rows.into_iter().map(counts).unzip();
        let overview = |(latest, (runs, succeeded, failed)): (Run, _)| RepoOverview {
            owner: latest.repo.owner().to_owned(),
            repo: latest.repo.name().to_owned(),
            runs,
            succeeded,
            failed,
            latest,
        };
        Ok(self.complete(reader, latest).await?.into_iter().zip(counts).map(overview).collect())
    }

    /// The webhook log, newest first; with an id only that delivery.
    pub async fn deliveries(
        &self,
        reader: Reader,
        id: Option<&str>,
        limit: i64,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        if reader == Reader::Stranger {
            return Ok(Vec::new());
        }
        // The run may be past retention.
        let sql = "d.delivery_id, d.body_sha256, d.event, d.action, d.repo, d.outcome, d.reason, r.id as run_id,
                 d.received_at
             from ci_deliveries d left join RUNS r on r.id = d.run_id
             where ($1 is null or d.delivery_id = $1)
             order by d.received_at desc, d.delivery_id limit $2";
        self.read.rows(of(reader, sql), params![id, limit]).await
    }

    /// The files of a succeeded run, by name; none for any other.
    pub async fn artifacts(&self, reader: Reader, run_id: Uuid) -> Result<Vec<Artifact>, StoreError> {
        let sql = "a.name, a.media_type, a.sha256, a.bytes from ci_artifacts a join RUNS r on r.id = a.run_id
             where a.run_id = $1 and r.status = 'SUCCEEDED' order by a.name";
        self.read.rows(of(reader, sql), params![run_id]).await
    }

    /// The bytes of a file that the database keeps.
    pub async fn artifact_body(&self, run_id: Uuid, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "select body from ci_artifacts where run_id = $1 and name = $2";
        let row: Option<(Option<Vec<u8>>,)> = self.read.row(sql, params![run_id, name]).await?;
        Ok(row.and_then(|(body,)| body))
    }
}

/// A statement that grows by the conditions that are given.
struct Select {
    sql: String,
    params: Vec<Param>,
}

impl Select {
    /// One more condition: what stands before its value.
    fn and(&mut self, condition: &str, value: impl Into<Param>) {
        self.params.push(value.into());
        self.sql += &format!(" and {condition} ${}", self.params.len());
    }

    fn and_if(&mut self, condition: &str, value: Option<impl Into<Param>>) {
        if let Some(value) = value {
            self.and(condition, value);
        }
    }
}

/// Later than any row: the cursor of a first page.
fn far_future() -> DateTime<Utc> {
    DateTime::<Utc>::from_timestamp(253_402_300_799, 0).expect("the year 9999 is representable")
}
