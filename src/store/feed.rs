//! What people read: runs by cursor, one run whole, repositories, the webhook log, artifacts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::db::{Id, Param, Sql, params};
use super::rows::{AttemptRow, JobRow, RefRow, RunRow, run_columns};
use super::{Artifact, Delivery, DeliveryRecord, RepoOverview, RunFilter, Store, StoreError};
use crate::model::{Run, RunDetail, RunRef, RunStatus};

/// How far from the front a queue position is still counted; behind it the feed says only "queued".
const COUNTED_POSITIONS: i64 = 200;

/// Both conditions are switched off by a NULL, so that the statement stays one constant. A filter by repository reads
/// through its own index: the comparison has to be a plain equality for that.
macro_rules! runs_sql {
    ($repo:literal) => {
        concat!(
            "select ",
            run_columns!(),
            " from ci_runs r join ci_jobs j on j.run_id = r.id where ",
            $repo,
            " and ($3 is null or r.ref = $3) and ($4 is null or r.status = $4) and ($5 is null or r.event_type = $5)
              and ($6 or not r.private) and (r.created_at, r.id) < ($7, $8)
              order by r.created_at desc, r.id desc limit $9"
        )
    };
}
const RUNS_OF_ALL: &str =
    runs_sql!("($1 is null or lower(r.repo_owner) = $1) and ($2 is null or lower(r.repo_name) = $2)");
const RUNS_OF_REPO: &str = runs_sql!("lower(r.repo_owner) = $1 and lower(r.repo_name) = $2");

/// The newest run of each repository, in the order of [`Store::repo_overviews`].
const LATEST_RUNS: &str = concat!(
    "select ",
    run_columns!(),
    " from (select id, row_number() over (partition by lower(repo_owner), lower(repo_name)
            order by created_at desc, id desc) as place from ci_runs where ($1 or not private)) newest
      join ci_runs r on r.id = newest.id join ci_jobs j on j.run_id = r.id
      where newest.place = 1 order by r.created_at desc limit 500"
);

macro_rules! refs_sql {
    ($ids:literal) => {
        concat!(
            "select run_id, event_type, ref, pr_number, base_sha, received_at from ci_run_refs where run_id in (",
            $ids,
            ") order by received_at, ref"
        )
    };
}
/// The events of the runs whose ids are in a JSON list.
const REFS: Sql = Sql::split(
    refs_sql!("select value from json_each($1)"),
    refs_sql!("select id::uuid from jsonb_array_elements_text($1) as id"),
);

impl Store {
    /// Newest runs first, at most `limit`.
    pub async fn runs(&self, filter: &RunFilter, limit: i64) -> Result<Vec<Run>, StoreError> {
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_ascii_lowercase());
        let sql = if filter.owner.is_some() && filter.repo.is_some() { RUNS_OF_REPO } else { RUNS_OF_ALL };
        let (at, id) = filter.before.unwrap_or((far_future(), Uuid::max()));
        let rows: Vec<RunRow> = self
            .read
            .rows(
                sql,
                params![
                    lower(&filter.owner),
                    lower(&filter.repo),
                    filter.git_ref.clone(),
                    filter.status.map(|status| status.as_str()),
                    filter.event_type.map(|event| event.as_str()),
                    filter.include_private,
                    at,
                    id,
                    limit
                ],
            )
            .await?;
        self.complete(rows).await
    }

    /// One run, its job and its attempts.
    pub async fn run(&self, id: Uuid) -> Result<Option<RunDetail>, StoreError> {
        let row: Option<RunRow> = self
            .read
            .row(
                concat!("select ", run_columns!(), " from ci_runs r join ci_jobs j on j.run_id = r.id where r.id = $1"),
                params![id],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let job: Option<JobRow> = self
            .read
            .row(
                "select id, status, attempts, max_attempts, lease_epoch, run_after, leased_until, last_error, created_at,
                     finished_at
                 from ci_jobs where run_id = $1",
                params![id],
            )
            .await?;
        let attempts: Vec<AttemptRow> = self
            .read
            .rows(
                "select a.attempt, a.leased_at, a.fetch_ms, a.analyze_ms, a.finished_at, a.outcome, a.error_code, a.error
                 from ci_attempts a join ci_jobs j on j.id = a.job_id where j.run_id = $1 order by a.lease_epoch",
                params![id],
            )
            .await?;
        let run = self.complete(vec![row]).await?.pop();
        Ok(run.zip(job).map(|(run, job)| RunDetail {
            run,
            job: job.into(),
            attempts: attempts.into_iter().map(Into::into).collect(),
        }))
    }

    /// Add what lies in other tables, with one statement for all rows each.
    async fn complete(&self, rows: Vec<RunRow>) -> Result<Vec<Run>, StoreError> {
        let mut runs: Vec<Run> = rows.into_iter().map(Run::from).collect();
        if runs.is_empty() {
            return Ok(runs);
        }
        let mut refs = self.refs_of(&runs).await?;
        let positions = match runs.iter().any(|run| run.status == RunStatus::Queued) {
            true => self.queue_positions().await?,
            false => BTreeMap::new(),
        };
        for run in &mut runs {
            run.refs = refs.remove(&run.id).unwrap_or_default();
            run.queue_position = positions.get(&run.id).copied();
        }
        Ok(runs)
    }

    async fn refs_of(&self, runs: &[Run]) -> Result<BTreeMap<Uuid, Vec<RunRef>>, StoreError> {
        let ids: Value = runs.iter().map(|run| run.id.to_string()).collect();
        let rows: Vec<RefRow> = self.read.rows(REFS, params![ids]).await?;
        let mut by_run: BTreeMap<Uuid, Vec<RunRef>> = BTreeMap::new();
        for row in rows {
            by_run.entry(row.run_id.into()).or_default().push(row.into());
        }
        Ok(by_run)
    }

    async fn queue_positions(&self) -> Result<BTreeMap<Uuid, i64>, StoreError> {
        #[derive(sqlx::FromRow)]
        struct Waiting {
            run_id: Id,
        }
        let waiting: Vec<Waiting> = self
            .read
            .rows(
                "select run_id from ci_jobs where status = 'READY' order by run_after, id limit $1",
                params![COUNTED_POSITIONS],
            )
            .await?;
        Ok((1..).zip(waiting).map(|(position, job)| (job.run_id.into(), position)).collect())
    }

    /// Every repository that has runs, latest activity first, at most 500.
    pub async fn repos(&self, include_private: bool) -> Result<Vec<RepoOverview>, StoreError> {
        #[derive(sqlx::FromRow)]
        struct Counts {
            owner: String,
            name: String,
            runs: i64,
            succeeded: i64,
            failed: i64,
        }
        let counts: Vec<Counts> = self
            .read
            .rows(
                "select lower(repo_owner) as owner, lower(repo_name) as name, count(*) as runs,
                     sum(case when status = 'SUCCEEDED' then 1 else 0 end) as succeeded,
                     sum(case when status = 'FAILED' then 1 else 0 end) as failed
                 from ci_runs where ($1 or not private)
                 group by lower(repo_owner), lower(repo_name) order by max(created_at) desc limit 500",
                params![include_private],
            )
            .await?;
        let latest: Vec<RunRow> = self.read.rows(LATEST_RUNS, params![include_private]).await?;
        let latest = self.complete(latest).await?;
        let key = |run: &Run| (run.repo_owner.to_ascii_lowercase(), run.repo_name.to_ascii_lowercase());
        let mut latest: BTreeMap<_, _> = latest.into_iter().map(|run| (key(&run), run)).collect();
        let overview = |row: Counts| {
            let latest = latest.remove(&(row.owner, row.name))?;
            Some(RepoOverview { runs: row.runs, succeeded: row.succeeded, failed: row.failed, latest })
        };
        Ok(counts.into_iter().filter_map(overview).collect())
    }

    /// The webhook log, newest first; with an id only that delivery.
    pub async fn deliveries(&self, id: Option<&str>, limit: i64) -> Result<Vec<DeliveryRecord>, StoreError> {
        #[derive(sqlx::FromRow)]
        struct Row {
            delivery_id: String,
            body_sha256: String,
            event: String,
            action: Option<String>,
            repo: Option<String>,
            outcome: String,
            reason: Option<String>,
            run_id: Option<Id>,
            received_at: DateTime<Utc>,
        }
        let rows: Vec<Row> = self
            .read
            .rows(
                // The run may be past retention.
                "select d.delivery_id, d.body_sha256, d.event, d.action, d.repo, d.outcome, d.reason, r.id as run_id,
                     d.received_at
                 from ci_deliveries d left join ci_runs r on r.id = d.run_id
                 where ($1 is null or d.delivery_id = $1)
                 order by d.received_at desc, d.delivery_id limit $2",
                params![id, limit],
            )
            .await?;
        let record = |row: Row| DeliveryRecord {
            delivery: Delivery {
                id: row.delivery_id,
                body_sha256: row.body_sha256,
                event: row.event,
                action: row.action,
                repo: row.repo,
            },
            outcome: row.outcome,
            reason: row.reason,
            run_id: row.run_id.map(Into::into),
            received_at: row.received_at,
        };
        Ok(rows.into_iter().map(record).collect())
    }

    /// The files of a succeeded run, by name; none for any other.
    pub async fn artifacts(&self, run_id: Uuid) -> Result<Vec<Artifact>, StoreError> {
        #[derive(sqlx::FromRow)]
        struct Row {
            name: String,
            media_type: String,
            sha256: String,
            bytes: i64,
        }
        let rows: Vec<Row> = self
            .read
            .rows(
                "select a.name, a.media_type, a.sha256, a.bytes from ci_artifacts a join ci_runs r on r.id = a.run_id
                 where a.run_id = $1 and r.status = 'SUCCEEDED' order by a.name",
                params![run_id],
            )
            .await?;
        let artifact =
            |row: Row| Artifact { name: row.name, media_type: row.media_type, sha256: row.sha256, bytes: row.bytes };
        Ok(rows.into_iter().map(artifact).collect())
    }

    /// The bytes of a file that the database keeps.
    pub async fn artifact_body(&self, run_id: Uuid, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        #[derive(sqlx::FromRow)]
        struct Row {
            body: Option<Vec<u8>>,
        }
        let row: Option<Row> = self
            .read
            .row(
                "select body from ci_artifacts where run_id = $1 and name = $2",
                vec![Param::from(run_id), Param::from(name)],
            )
            .await?;
        Ok(row.and_then(|row| row.body))
    }
}

/// Later than any row: the cursor of a first page.
fn far_future() -> DateTime<Utc> {
    DateTime::<Utc>::from_timestamp(253_402_300_799, 0).expect("the year 9999 is representable")
}
