//! What people read of runs that they found (list.rs finds them): one run whole, repositories, the webhook log, artifacts.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use super::db::params;
use super::run::{RUN_COLUMNS, of, runs};
use super::{Artifact, Attempt, DeliveryRecord, Job, RepoOverview, Run, RunDetail, RunRef, Store, StoreError};
use crate::model::{Reader, RunStatus};

/// The newest run of each repository, with the numbers of its runs, which are kept as runs come and go.
const NEWEST: &str = "c.runs, c.succeeded, c.failed from (select owner, name,
             cast(sum(case when status = 'ALL' then runs else 0 end) as bigint) as runs,
             cast(sum(case when status = 'SUCCEEDED' then runs else 0 end) as bigint) as succeeded,
             cast(sum(case when status = 'FAILED' then runs else 0 end) as bigint) as failed
         from COUNTS group by owner, name having sum(runs) > 0
         order by max(latest_at) desc, owner, name limit $1) c
     join RUNS r on r.id = (select n.id from RUNS n where lower(n.repo_owner) = lower(c.owner) and lower(n.repo_name) = lower(c.name)
         order by n.created_at desc, n.id desc limit 1)
     join ci_jobs j on j.run_id = r.id order by r.created_at desc, r.id desc";
/// Repositories that are listed.
pub(crate) const MAX_REPOS: usize = 500;
/// Largest summary of a run that stands for its repository; the run itself has a larger one.
pub(crate) const MAX_LISTED_SUMMARY_BYTES: usize = 16 << 10;

/// The events of the runs whose ids are in a JSON list. Runs that are hidden meanwhile have none: what hid them may have
/// been another event.
const REFS: &str = "f.run_id, f.event_type, f.ref, f.pr_number, f.base_sha, f.received_at
     from {ci_run_refs f|jsonb_array_elements_text($1) w,
         lateral (select * from ci_run_refs e where e.run_id = w.value::uuid offset 0) f}
     join RUNS r on r.id = f.run_id {where f.run_id in (select value from json_each($1))|}
     order by f.received_at, f.ref";
const JOB: &str =
    "j.id, j.status, j.attempts, j.max_attempts, j.lease_epoch, j.run_after, j.leased_until, j.last_error,
     j.created_at, j.finished_at
     from ci_jobs j join RUNS r on r.id = j.run_id where j.run_id = $1";
const ATTEMPTS: &str =
    "a.attempt, a.leased_at, a.fetch_ms, a.analyze_ms, a.finished_at, a.outcome, a.error_code, a.error,
     a.sandbox, a.base_error
     from ci_attempts a join ci_jobs j on j.id = a.job_id join RUNS r on r.id = j.run_id where j.run_id = $1
     order by a.lease_epoch";

impl Store {
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
    pub(super) async fn complete(&self, reader: Reader, mut runs: Vec<Run>) -> Result<Vec<Run>, StoreError> {
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
            false => HashMap::new(),
        };
        for run in &mut runs {
            run.refs = refs.remove(&run.id).unwrap_or_default();
            run.queue_position = positions.get(&run.id).copied();
            run.duration_ms = run.started_at.zip(run.finished_at).map(|(from, to)| (to - from).num_milliseconds());
        }
        Ok(runs)
    }

    /// How the database finds the repositories, and the events of runs, in its own words.
    #[cfg(feature = "failpoints")]
    pub async fn plans_of_feed(&self, reader: Reader) -> Result<[String; 2], StoreError> {
        let ids: Value = [Uuid::nil().to_string()].into_iter().collect();
        Ok([
            self.explain(of(reader, &format!("{RUN_COLUMNS}, {NEWEST}")), params![MAX_REPOS as i64]).await?,
            self.explain(of(reader, REFS), params![ids]).await?,
        ])
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
        let small =
            "case when octet_length(cast(r.summary_json as text)) <= $2 then r.summary_json end as summary_json";
        let columns = RUN_COLUMNS.replace("r.summary_json", small);
        let params = params![MAX_REPOS as i64, MAX_LISTED_SUMMARY_BYTES as i64];
        let rows: Vec<Row> = self.read.rows(of(reader, &format!("{columns}, {NEWEST}")), params).await?;
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
             where ";
        match id {
            Some(id) => self.read.rows(of(reader, &format!("{sql} d.delivery_id = $1")), params![id]).await,
            None => {
                let newest = "true order by d.received_at desc, d.delivery_id limit $1";
                self.read.rows(of(reader, &format!("{sql} {newest}")), params![limit]).await
            }
        }
    }

    /// The files of a succeeded run, by name; none for any other.
    pub async fn artifacts(&self, reader: Reader, run_id: Uuid) -> Result<Vec<Artifact>, StoreError> {
        let sql = "a.name, a.media_type, a.sha256, a.bytes from ci_artifacts a join RUNS r on r.id = a.run_id
             where a.run_id = $1 and r.status = 'SUCCEEDED' order by a.name";
        self.read.rows(of(reader, sql), params![run_id]).await
    }

    /// Where a succeeded run's files are, as far as they are not in the database.
    pub async fn out_dir(&self, run_id: Uuid) -> Result<Option<String>, StoreError> {
        let sql = "r.out_dir from RUNS r where r.id = $1 and r.status = 'SUCCEEDED'";
        let row: Option<(Option<String>,)> = self.read.row(of(Reader::Trusted, sql), params![run_id]).await?;
        Ok(row.and_then(|(out_dir,)| out_dir))
    }

    /// A part of a file that the database keeps, at most so many bytes from there on.
    pub async fn artifact_part(
        &self,
        run_id: Uuid,
        name: &str,
        from: u64,
        bytes: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "select substr(body, cast($3 as integer), cast($4 as integer)) as body from ci_artifacts
             where run_id = $1 and name = $2";
        let (from, bytes) = (i64::try_from(from).unwrap_or(i64::MAX - 1), i64::try_from(bytes).unwrap_or(i64::MAX));
        let row: Option<(Option<Vec<u8>>,)> = self.read.row(sql, params![run_id, name, from + 1, bytes]).await?;
        Ok(row.and_then(|(body,)| body))
    }
}
