//! Forgetting, a bounded batch at a time: old lines of the webhook log, and runs past what is kept.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::columns::Id;
use super::db::params;
use super::{Store, StoreError};
use crate::model::{self, Retention};

/// Rows that one step removes at most.
const DELIVERIES_A_STEP: i64 = 500;
const RUNS_A_STEP: i64 = 100;

/// Settled runs that no branch and no pull request of theirs keeps: for each of their events' refs there are enough
/// newer ones, or they are too old, and none of those refs has them as its latest success. A run that stands for several
/// refs stays while one of them keeps it.
const PAST_RETENTION: &str = "with ranked as (
         select r.id, r.created_at, r.status,
             row_number() over (partition by lower(r.repo_owner), lower(r.repo_name), f.ref, f.pr_number
                 order by r.created_at desc, r.id desc) as newest,
             case when r.status = 'SUCCEEDED' then
                 row_number() over (partition by lower(r.repo_owner), lower(r.repo_name), f.ref, f.pr_number,
                         r.status = 'SUCCEEDED'
                     order by r.created_at desc, r.id desc)
             end as newest_success
         from ci_runs r
             join (select distinct run_id, ref, coalesce(pr_number, 0) as pr_number from ci_run_refs) f on f.run_id = r.id)
     select id from ranked
     where status in ('SUCCEEDED', 'FAILED')
     group by id, created_at
     having (min(newest) > $1 or created_at < $2) and coalesce(min(newest_success), 2) > 1
     order by created_at, id limit $3";

impl Store {
    /// Forget deliveries older than this, a bounded batch at a time.
    pub async fn prune_deliveries(&self, older_than: Duration) -> Result<u64, StoreError> {
        let mut tx = self.work.begin("prune_deliveries").await?;
        let oldest = tx.now().await? - TimeDelta::from_std(older_than).unwrap_or(TimeDelta::MAX);
        let pruned = tx
            .execute(
                "delete from ci_deliveries where delivery_id in
                     (select delivery_id from ci_deliveries where received_at < $1 order by received_at limit $2)",
                params![oldest, DELIVERIES_A_STEP],
            )
            .await?;
        tx.commit().await?;
        Ok(pruned)
    }

    /// Forget settled runs past retention with all that belongs to them, a bounded batch, the oldest first; answers which.
    pub async fn prune_runs(&self, retention: &Retention) -> Result<Vec<Uuid>, StoreError> {
        if *retention == Retention::default() {
            return Ok(Vec::new());
        }
        let newest = retention.runs_per_ref.unwrap_or(i64::MAX);
        let age = retention.age.and_then(|age| TimeDelta::from_std(age).ok());
        let oldest = age.and_then(|age| model::now().checked_sub_signed(age)).unwrap_or(DateTime::<Utc>::UNIX_EPOCH);
        // Found by a reader, so that the long look at all runs holds no lock; settled runs do not change meanwhile, and
        // a newer run only makes them older.
        let ids: Vec<(Id,)> = self.read.rows(PAST_RETENTION, params![newest, oldest, RUNS_A_STEP]).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.work.begin("prune_runs").await?;
        let mut removed = Vec::new();
        for (id,) in ids {
            let id = Uuid::from(id);
            // The key first: an event of this commit must not be answered with a run that is gone.
            tx.execute(
                "delete from ci_dedupe where run_id = $1 and key =
                     (select lower(repo_owner) || '/' || lower(repo_name) || '@' || commit_sha from ci_runs where id = $1)",
                params![id],
            )
            .await?;
            let sql = "delete from ci_runs where id = $1 and status in ('SUCCEEDED', 'FAILED')";
            if tx.execute(sql, params![id]).await? > 0 {
                removed.push(id);
            }
        }
        tx.commit().await?;
        Ok(removed)
    }

    /// Those of these runs that cannot have artifacts: they are gone or FAILED.
    pub async fn runs_without_artifacts(&self, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
        let mut without = Vec::new();
        for id in ids {
            // A RUNNING one may be about to publish.
            let sql = "select id from ci_runs where id = $1 and status <> 'FAILED'";
            if self.read.row::<(Id,)>(sql, params![*id]).await?.is_none() {
                without.push(*id);
            }
        }
        Ok(without)
    }
}
