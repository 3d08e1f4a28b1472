//! Forgetting, a bounded batch at a time: old lines of the webhook log, and runs past what is kept.
//!
//! Runs are looked at by the branch or pull request whose events they answer: what a run that was settled pushed out at
//! once, and all places one after the other for what is left over.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::columns::Id;
#[cfg(feature = "failpoints")]
use super::commit::{RUN_OF, WITH_RUN};
use super::db::{Param, Tx, params};
use super::fact_looks::look_later;
use super::{Lane, Store, StoreError, privacy};
use crate::model::{self, Retention};

/// Rows that one step removes at most.
const DELIVERIES_A_STEP: i64 = 500;
/// Runs that one step looks at: on SQLite nobody else writes while it removes them.
const RUNS_A_STEP: i64 = 10;
/// Lanes that a settled run is looked at in.
const LANES_A_RUN: i64 = 20;

/// The events of the lane that `$1` and `$2` name.
const OF_BRANCH: &str = "ci_run_refs f {indexed by ci_run_refs_branch|}
     where f.event_type <> 'pull_request' and f.repo_key = $1 and f.ref = $2";
const OF_PULL: &str = "ci_run_refs f {indexed by ci_run_refs_pull|}
     where f.event_type = 'pull_request' and f.repo_key = $1 and f.pr_number = $2";

/// The lanes of a run.
const LANES: &str = "select distinct repo_key, case when event_type <> 'pull_request' then ref end as branch,
         case when event_type = 'pull_request' then pr_number end as number
     from ci_run_refs where run_id = $1 and repo_key is not null limit $2";
/// The lane behind another one.
const NEXT_BRANCH: &str = "select repo_key, ref as branch, cast(null as bigint) as number
     from ci_run_refs {indexed by ci_run_refs_branch|}
     where event_type <> 'pull_request' and (repo_key, ref) > ($1, $2) order by repo_key, ref limit 1";
const NEXT_PULL: &str = "select repo_key, cast(null as text) as branch, pr_number as number
     from ci_run_refs {indexed by ci_run_refs_pull|}
     where event_type = 'pull_request' and (repo_key, pr_number) > ($1, $2) order by repo_key, pr_number limit 1";

/// Of the runs in a JSON list those that nothing keeps: RANKED holds for none of their events, none is the latest success
/// of its lane, and none is the newest dossier of a commit that something stands at.
const PAST_RETENTION: &str = "select r.id from {json_each($2)|jsonb_array_elements_text($2)} j
         cross join ci_runs r {indexed by sqlite_autoindex_ci_runs_1|}
     where r.id = {j.value|j.value::uuid} and r.status in ('SUCCEEDED', 'FAILED')
         and not (r.created_at >= $3 and (RANKED))
         and not (r.status = 'SUCCEEDED' and (LATEST or (NEWEST_OF_COMMIT and (
             exists (select 1 from ci_branches b where b.repo_key = $1 and b.head_sha = r.commit_sha)
             or exists (select 1 from ci_pulls p
                 where p.repo_key = $1 and p.head_sha = r.commit_sha and p.state = 'open')
             or exists (select 1 from ci_deployments d where d.repo_key = $1 and d.commit_sha = r.commit_sha)))))";
/// So many newer events of the lane there are not.
const RANKED: &str = "not exists (select 1 from ci_run_refs f where LANE
         and (f.received_at, f.run_id) > (g.received_at, g.run_id) order by f.received_at, f.run_id limit 1 offset $4)";
const LATEST: &str = "not exists (select 1 from ci_run_refs f join ci_runs s on s.id = f.run_id where LANE
         and (f.received_at, f.run_id) > (g.received_at, g.run_id) and s.status = 'SUCCEEDED' and s.id <> r.id)";
/// Some event of the run for which this holds.
const SOME_EVENT: &str = "exists (select 1 from ci_run_refs g where g.run_id = r.id and (
         (g.event_type <> 'pull_request' and BRANCH) or (g.event_type = 'pull_request' and PULL)))";
const SAME_BRANCH: &str = "f.event_type <> 'pull_request' and f.repo_key = g.repo_key and f.ref = g.ref";
const SAME_PULL: &str = "f.event_type = 'pull_request' and f.repo_key = g.repo_key and f.pr_number = g.pr_number";
const NEWEST_OF_COMMIT: &str =
    "not exists (select 1 from ci_runs s {indexed by ci_runs_commit_sha|} where s.commit_sha = r.commit_sha
         and lower(s.repo_owner) = lower(r.repo_owner) and lower(s.repo_name) = lower(r.repo_name)
         and s.status = 'SUCCEEDED' and (s.created_at, s.id) > (r.created_at, r.id))";

fn past_retention(retention: &Retention) -> String {
    let some_event = |holds: &str| {
        let (branch, pull) = (holds.replace("LANE", SAME_BRANCH), holds.replace("LANE", SAME_PULL));
        SOME_EVENT.replace("BRANCH", &branch).replace("PULL", &pull)
    };
    // Without a number every rank will do.
    let ranked = if retention.runs_per_ref.is_some() { some_event(RANKED) } else { "$4 is not null".to_owned() };
    PAST_RETENTION
        .replace("RANKED", &ranked)
        .replace("LATEST", &some_event(LATEST))
        .replace("NEWEST_OF_COMMIT", NEWEST_OF_COMMIT)
}

impl Lane {
    /// The tables of its events, and its name in them.
    fn events(&self) -> (&'static str, Vec<Param>) {
        match (&self.branch, self.number) {
            (Some(branch), _) => (OF_BRANCH, params![self.repo_key.as_str(), branch.as_str()]),
            (None, number) => (OF_PULL, params![self.repo_key.as_str(), number]),
        }
    }
}

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

    /// The branches and pull requests of a run.
    pub async fn lanes(&self, run_id: Uuid) -> Result<Vec<Lane>, StoreError> {
        self.read.rows(LANES, params![run_id, LANES_A_RUN]).await
    }

    /// The lane behind this one, or the first: branches, then pull requests.
    pub async fn next_lane(&self, after: Option<&Lane>) -> Result<Option<Lane>, StoreError> {
        let (key, number) = after.map_or(("", None), |lane| (lane.repo_key.as_str(), lane.number));
        if number.is_none() {
            let branch = after.and_then(|lane| lane.branch.as_deref()).unwrap_or_default();
            let next = self.read.row(NEXT_BRANCH, params![key, branch]).await?;
            if next.is_some() {
                return Ok(next);
            }
        }
        let (key, number) = if number.is_none() { ("", 0) } else { (key, number.unwrap_or(0)) };
        self.read.row(NEXT_PULL, params![key, number]).await
    }

    /// Forget runs of a lane that are past retention with all that belongs to them, a bounded number behind `place`, the
    /// oldest first. Answers which, and the place to go on from.
    pub async fn prune_lane(
        &self,
        lane: &Lane,
        retention: &Retention,
        place: Option<(DateTime<Utc>, Uuid)>,
    ) -> Result<(Vec<Uuid>, Option<(DateTime<Utc>, Uuid)>), StoreError> {
        let Some(last) = self.last_to_look_at(lane, retention).await? else { return Ok((Vec::new(), None)) };
        let (events, mut params) = lane.events();
        let from = place.unwrap_or((DateTime::<Utc>::UNIX_EPOCH, Uuid::nil()));
        params.extend(params![from.0, from.1, last.0, last.1, RUNS_A_STEP]);
        let sql = format!(
            "select f.received_at, f.run_id from {events} and (f.received_at, f.run_id) > ($3, $4)
                 and (f.received_at, f.run_id) <= ($5, $6) order by f.received_at, f.run_id limit $7"
        );
        let rows: Vec<(DateTime<Utc>, Id)> = self.read.rows(sql, params).await?;
        let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows == RUNS_A_STEP);
        let next = rows.last().filter(|_| is_full).map(|(at, id)| (*at, (*id).into()));
        let runs = rows.into_iter().map(|(_, id)| id.into()).collect();
        Ok((self.remove(lane, runs, retention).await?, next))
    }

    /// The same for what lies just behind the newest runs: what the last ones pushed out.
    pub async fn prune_pushed_out(&self, lane: &Lane, retention: &Retention) -> Result<Vec<Uuid>, StoreError> {
        let Some(newest) = retention.runs_per_ref else { return Ok(Vec::new()) };
        let (events, mut params) = lane.events();
        params.extend(params![5, newest]);
        let sql =
            format!("select f.run_id from {events} order by f.received_at desc, f.run_id desc limit $3 offset $4");
        let rows: Vec<(Id,)> = self.read.rows(sql, params).await?;
        self.remove(lane, rows.into_iter().map(|(id,)| id.into()).collect(), retention).await
    }

    /// The newest event of a lane that is past the number or the age of what is kept.
    async fn last_to_look_at(
        &self,
        lane: &Lane,
        retention: &Retention,
    ) -> Result<Option<(DateTime<Utc>, Uuid)>, StoreError> {
        let by_age = retention.age.map(|_| (oldest(retention), Uuid::nil()));
        let Some(newest) = retention.runs_per_ref else { return Ok(by_age) };
        let (events, mut params) = lane.events();
        params.push(newest.into());
        let sql = format!(
            "select f.received_at, f.run_id from {events} order by f.received_at desc, f.run_id desc limit 1 offset $3"
        );
        let by_number: Option<(DateTime<Utc>, Id)> = self.read.row(sql, params).await?;
        Ok(by_number.map(|(at, id)| (at, id.into())).max(by_age))
    }

    /// Of these runs remove those that nothing keeps.
    async fn remove(&self, lane: &Lane, runs: Vec<Uuid>, retention: &Retention) -> Result<Vec<Uuid>, StoreError> {
        let runs: Value = runs.iter().map(Uuid::to_string).collect();
        let newest = retention.runs_per_ref.unwrap_or(1) - 1;
        let past =
            || (past_retention(retention), params![lane.repo_key.as_str(), runs.clone(), oldest(retention), newest]);
        let (sql, params) = past();
        if self.read.rows::<(Id,)>(sql, params).await?.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.work.begin("prune_runs").await?;
        // An event that comes to one of these runs now waits until it is gone, or keeps it.
        privacy::take_key(&mut tx, &lane.repo_key).await?;
        let (sql, params) = past();
        let ids: Vec<(Id,)> = tx.rows(sql, params).await?;
        let mut removed = Vec::new();
        for (id,) in ids {
            if remove_run(&mut tx, id.into()).await? {
                removed.push(id.into());
            }
        }
        if !removed.is_empty() {
            let now = tx.now().await?;
            look_later(&mut tx, &lane.repo_key, now);
        }
        tx.commit().await?;
        Ok(removed)
    }

    /// How the database finds what is past retention among runs of a repository, and the runs of a commit, in its own words.
    #[cfg(feature = "failpoints")]
    pub async fn plans_of_runs(&self, repo_key: &str, retention: &Retention) -> Result<[String; 3], StoreError> {
        let runs: Value = [Uuid::nil().to_string()].into_iter().collect();
        let commits: Value = ["ab"].into_iter().collect();
        let (owner, name) = repo_key.split_once('/').unwrap_or_default();
        Ok([
            self.explain(past_retention(retention), params![repo_key, runs, oldest(retention), 1]).await?,
            self.explain(RUN_OF.to_owned(), params![owner, name, "ab"]).await?,
            self.explain(WITH_RUN.to_owned(), params![owner, name, commits]).await?,
        ])
    }

    /// Whether a run keeps artifacts at a place, if one is given: not one that is gone or FAILED, and one that SUCCEEDED with
    /// others does not.
    pub async fn keeps_artifacts(&self, run_id: Uuid, out_dir: Option<&str>) -> Result<bool, StoreError> {
        // A RUNNING one may be about to publish.
        let sql = "select id from ci_runs where id = $1 and status <> 'FAILED'
             and (status <> 'SUCCEEDED' or coalesce(cast($2 as text), out_dir) = out_dir)";
        let kept: Option<(Id,)> = self.read.row(sql, params![run_id, out_dir]).await?;
        Ok(kept.is_some())
    }
}

fn oldest(retention: &Retention) -> DateTime<Utc> {
    let age = retention.age.and_then(|age| TimeDelta::from_std(age).ok());
    age.and_then(|age| model::now().checked_sub_signed(age)).unwrap_or(DateTime::<Utc>::UNIX_EPOCH)
}

async fn remove_run(tx: &mut Tx, id: Uuid) -> Result<bool, StoreError> {
    // The key first: an event of this commit must not be answered with a run that is gone.
    tx.execute(
        "delete from ci_dedupe where run_id = $1 and key =
             (select lower(repo_owner) || '/' || lower(repo_name) || '@' || commit_sha from ci_runs where id = $1)",
        params![id],
    )
    .await?;
    let sql = "delete from ci_runs where id = $1 and status in ('SUCCEEDED', 'FAILED')";
    Ok(tx.execute(sql, params![id]).await? > 0)
}
