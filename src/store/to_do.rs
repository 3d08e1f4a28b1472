//! Whether a tick has anything to do, asked in one statement: most ticks have not.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use super::db::{Param, params};
use super::outbox::LONGEST_WAIT;
use super::{Leasing, Store, StoreError};
use crate::model;

/// The first and the last by an index, since whether there is any would be looked for in the table where most are thought to be
/// due. By the clock that leases are judged by: `$1` to `$4` are its times on SQLite, and nothing on Postgres. `$5`: seconds between
/// two looks at a repository.
const TO_DO: &str = "with clock as (select {$1|coalesce($1, clock_timestamp())} as now,
         {$2|coalesce($2, clock_timestamp() + interval '60 s')} as ahead,
         {$3|coalesce($3, clock_timestamp() + interval '25 h')} as late,
         {coalesce($4, $5)|coalesce($4, clock_timestamp() + $5 * interval '1 s')} as next_look)
     select (select now from clock) as now,
         {false|current_setting('transaction_read_only') = 'on'}
         or coalesce((select min(run_after) from ci_jobs {indexed by ci_jobs_ready|} where status = 'READY')
             <= (select now from clock), false)
         or coalesce((select min(leased_until) from ci_jobs {indexed by ci_jobs_leased|} where status = 'LEASED')
             < (select now from clock), false)
         or exists (select 1 from ci_jobs {indexed by ci_jobs_leased|} where status = 'LEASED'
             and leased_until > (select ahead from clock) and renewed_at > (select ahead from clock))
         or exists (select 1 from (select id, created_at from ci_jobs {indexed by ci_jobs_ready|}
                 where status = 'READY' and run_after > (select now from clock) order by run_after desc, id desc limit 20) j
             where j.created_at > (select ahead from clock) or exists (select 1 from ci_attempts a
                 where a.job_id = j.id and a.finished_at > (select ahead from clock))) as jobs,
         (select run_after from ci_jobs {indexed by ci_jobs_ready|}
             where status = 'READY' and run_after > (select now from clock) order by run_after limit 1) as next_due,
         coalesce((select min(run_after) from ci_outbox {indexed by ci_outbox_due|}
             where done_at is null and kind = 'status') <= (select now from clock), false)
         or coalesce((select min(run_after) from ci_outbox {indexed by ci_outbox_due|}
             where done_at is null and kind = 'comment') <= (select now from clock), false)
         or coalesce((select max(run_after) from ci_outbox {indexed by ci_outbox_due|}
             where done_at is null and kind = 'status') > (select late from clock), false)
         or coalesce((select max(run_after) from ci_outbox {indexed by ci_outbox_due|}
             where done_at is null and kind = 'comment') > (select late from clock), false) as messages,
         exists (select 1 from ci_fact_looks) as facts,
         coalesce((select min(reconcile_after) from ci_repos where gone_at is null) <= (select now from clock), false)
         or coalesce((select max(reconcile_after) from ci_repos where gone_at is null)
             > (select next_look from clock), false) as looks";

/// What there is for a tick.
#[derive(Debug, Clone, FromRow)]
pub struct ToDo {
    now: DateTime<Utc>,
    next_due: Option<DateTime<Utc>>,
    /// A job is due, or one has to be taken back; or the database refuses to be written, which is to be found out.
    pub jobs: bool,
    /// Something is to be said at the forge.
    pub messages: bool,
    /// A repository's facts are to be looked at.
    pub facts: bool,
    /// The branches of a repository are to be compared with its runs.
    pub looks: bool,
}

impl ToDo {
    /// What a lease would come to that finds no job due.
    pub fn without_jobs(&self) -> Leasing {
        match self.next_due {
            None => Leasing::Idle,
            Some(due) => Leasing::BackingOff { next_due_in_seconds: (due - self.now).num_seconds() + 1 },
        }
    }
}

impl Store {
    /// Whether a tick has anything to do: reads only, so that idle ticks neither wait for a writer nor change what is
    /// shown.
    ///
    /// `looks_every`: between two looks at a repository; `None` where nobody looks.
    pub async fn to_do(&self, looks_every: Option<Duration>) -> Result<ToDo, StoreError> {
        let now = Some(model::now()).filter(|_| !self.work.is_postgres());
        let row: Option<ToDo> = self.work.row(TO_DO, times(now, looks_every.unwrap_or_default())).await?;
        let to_do = row.ok_or(StoreError::Database(sqlx::Error::RowNotFound))?;
        Ok(ToDo {
            jobs: to_do.jobs || self.work.condition.refusal().is_some(),
            looks: to_do.looks && looks_every.is_some(),
            ..to_do
        })
    }

    /// How the database finds out, in its own words.
    #[cfg(feature = "failpoints")]
    pub async fn plan_of_to_do(&self) -> Result<String, StoreError> {
        self.explain(TO_DO.to_owned(), times(Some(model::now()), Duration::from_secs(3600))).await
    }
}

fn times(now: Option<DateTime<Utc>>, looks_every: Duration) -> Vec<Param> {
    let at = |wait: TimeDelta| now.map(|now| now + wait);
    let every = TimeDelta::from_std(looks_every).unwrap_or(LONGEST_WAIT);
    params![now, at(model::CLOCK_SKEW), at(LONGEST_WAIT), at(every), every.num_seconds()]
}
