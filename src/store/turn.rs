//! Which waiting run is next: what a person asked for, at most every second lease; then heads, one of each repository in
//! turn; last what nothing stands at any more.
//!
//! A job has its place, `class` and `turn`, while it waits, so that a lease is a probe of one index. A repository's next
//! head has the turn behind its last one, and none before the head that is first now; heads of one turn go as they came.
//! So the first head of a repository waits for at most one of each other repository. A push takes the turn of the waiting
//! run that it leaves behind. A job that somebody else holds is passed over, never waited for.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::columns::Id;
use super::db::{Tx, params};
use super::{Store, StoreError};
use crate::model::{self, RepoName};

/// How far from the front a queue position is still counted; behind it the feed says only "queued".
const COUNTED_POSITIONS: i64 = 200;

/// Jobs that have no place and are due, so many as one lease brings back at most. In one order, so that two leases never
/// wait for each other.
const RETURNING: &str = "select j.id, j.class, lower(r.repo_owner) || '/' || lower(r.repo_name) as repo_key
     from (select id, run_id, class, run_after from ci_jobs {indexed by ci_jobs_aside|}
         where status = 'READY' and turn is null and run_after <= $1 order by run_after, id limit 20
         {|for update skip locked}) j
     join ci_runs r on r.id = j.run_id order by repo_key, j.run_after, j.id";
const PLACE: &str = "update ci_jobs set class = $2, turn = case when run_after <= $4 then $3 end where id = $1";

/// The next turn of a repository.
const NEXT: &str = "insert into ci_turns (repo_key, turn) values ($1, coalesce(
         (select turn from ci_jobs {indexed by ci_jobs_turn|}
          where status = 'READY' and class = 'HEAD' and turn is not null order by turn limit 1),
         (select max(turn) from ci_turns), 1))
     on conflict (repo_key) do update set turn = {max|greatest}(ci_turns.turn + 1, excluded.turn) returning turn";
/// A turn that its run does not need, if no later one was given.
const UNUSED: &str = "update ci_turns set turn = turn - 1 where repo_key = $1 and turn = $2";

/// Whether a branch or an open pull request stands at a commit.
const STANDS: &str =
    "select true as stands where exists (select 1 from ci_branches where repo_key = $1 and head_sha = $2)
     or exists (select 1 from ci_pulls where repo_key = $1 and head_sha = $2 and state = 'open')";
/// The head that waits as the run of a commit at which nothing stands.
const LEFT_HEAD: &str = "select j.id, j.class, j.turn from ci_dedupe d join ci_jobs j on j.run_id = d.run_id
     where d.key = $3 and j.status = 'READY' and j.class = 'HEAD'
         and not exists (select 1 from ci_branches where repo_key = $1 and head_sha = $2)
         and not exists (select 1 from ci_pulls where repo_key = $1 and head_sha = $2 and state = 'open')
     {|for update of j skip locked}";
const WAITING: &str =
    "select id, class, turn from ci_jobs where run_id = $1 and status = 'READY' {|for update skip locked}";

/// Whether the newest lease was of something that a person had asked for.
const WAS_ASKED: &str = "select asked from ci_attempts {indexed by ci_attempts_leased_at|}
     where leased_at <= $1 order by leased_at desc limit 1";
const WAITING_RUNS: &str = "select run_id from ci_jobs {indexed by ci_jobs_turn|}
     where status = 'READY' and turn is not null and class > $1 and class <= $2
     order by class, turn, run_after, id limit $3";

#[derive(sqlx::FromRow)]
struct Waiting {
    #[sqlx(try_from = "Id")]
    id: Uuid,
    class: String,
    turn: Option<i64>,
}

/// The key of a commit in `ci_dedupe`, where its waiting run is.
pub(super) fn commit_key(repo: &RepoName, commit_sha: &str) -> String {
    format!("{}@{commit_sha}", repo.key())
}

/// Where a job waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct QueuePlace {
    pub(super) class: &'static str,
    pub(super) turn: i64,
}

/// Of what a person asked for.
pub(super) const ASKED: QueuePlace = QueuePlace { class: "ASKED", turn: 0 };
/// Of a commit that nothing stands at.
pub(super) const PAST: QueuePlace = QueuePlace { class: "PAST", turn: 0 };

/// The place of a new run whose commit something stands at. `freed`: the turn of the run that it leaves behind.
pub(super) async fn head(tx: &mut Tx, repo: &RepoName, freed: Option<i64>) -> Result<QueuePlace, StoreError> {
    let turn = match freed {
        Some(turn) => turn,
        None => next(tx, &repo.key()).await?,
    };
    Ok(QueuePlace { class: "HEAD", turn })
}

/// A run whose commit something stands at has a turn. `freed`: the one of the run that it leaves behind.
pub(super) async fn step_up(
    tx: &mut Tx,
    repo: &RepoName,
    run_id: Uuid,
    freed: Option<i64>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let waiting: Option<Waiting> = tx.row(WAITING, params![run_id]).await?;
    let unused = match waiting {
        Some(job) if job.class == "PAST" => {
            let QueuePlace { class, turn } = head(tx, repo, freed).await?;
            place(tx, job.id, class, turn, now).await?;
            None
        }
        // Two events may tell of one push: a branch's and a pull request's.
        Some(Waiting { id, class, turn: Some(turn) }) if class == "HEAD" && freed.is_some_and(|freed| freed < turn) => {
            place(tx, id, "HEAD", freed.unwrap_or(turn), now).await?;
            Some(turn)
        }
        _ => freed,
    };
    give_up(tx, repo, unused).await
}

/// A person asks for a run that waits.
pub(super) async fn ask(tx: &mut Tx, repo: &RepoName, run_id: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
    let waiting: Option<Waiting> = tx.row(WAITING, params![run_id]).await?;
    let Some(job) = waiting else { return Ok(()) };
    place(tx, job.id, "ASKED", 0, now).await?;
    give_up(tx, repo, job.turn.filter(|_| job.class == "HEAD")).await
}

/// Something left a commit, if it stood at one: where nothing else stands there, its waiting run goes last. Answers the
/// turn that it had.
pub(super) async fn step_back(
    tx: &mut Tx,
    repo: &RepoName,
    left: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<i64>, StoreError> {
    let Some(commit_sha) = left else { return Ok(None) };
    let of_commit = params![repo.key(), commit_sha, commit_key(repo, commit_sha)];
    let waiting: Option<Waiting> = tx.row(LEFT_HEAD, of_commit).await?;
    let Some(job) = waiting else { return Ok(None) };
    place(tx, job.id, "PAST", 0, now).await?;
    Ok(job.turn)
}

/// Whether a branch or an open pull request stands at a commit.
pub(super) async fn stands(tx: &mut Tx, repo: &RepoName, commit_sha: &str) -> Result<bool, StoreError> {
    let stands: Option<(bool,)> = tx.row(STANDS, params![repo.key(), commit_sha]).await?;
    Ok(stands.is_some())
}

/// A turn that no run takes. The repository has it again, unless it was given a later one.
pub(super) async fn give_up(tx: &mut Tx, repo: &RepoName, turn: Option<i64>) -> Result<(), StoreError> {
    if let Some(turn) = turn {
        tx.execute(UNUSED, params![repo.key(), turn]).await?;
    }
    Ok(())
}

/// Jobs that failed and are due again queue up behind what waits of their repositories.
pub(super) async fn bring_in(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
    let due: Vec<(Id, String, String)> = tx.rows(RETURNING, params![now]).await?;
    for (id, class, repo_key) in due {
        let turn = if class == "HEAD" { next(tx, &repo_key).await? } else { 0 };
        place(tx, id.into(), &class, turn, now).await?;
    }
    Ok(())
}

/// Whether the newest lease was of something that a person had asked for: then somebody else is next.
pub(super) async fn was_asked(tx: &mut Tx, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let newest: Option<(bool,)> = tx.row(WAS_ASKED, params![now]).await?;
    Ok(newest.is_some_and(|(asked,)| asked))
}

async fn next(tx: &mut Tx, repo_key: &str) -> Result<i64, StoreError> {
    let next: Option<(i64,)> = tx.row(NEXT, params![repo_key]).await?;
    next.map(|(turn,)| turn).ok_or(StoreError::Database(sqlx::Error::RowNotFound))
}

/// Without a turn while it is not due.
async fn place(tx: &mut Tx, job: Uuid, class: &str, turn: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(PLACE, params![job, class, turn, now]).await?;
    Ok(())
}

impl Store {
    /// Which waiting runs are next, a bounded number: 1 for the one that the next lease takes.
    pub(super) async fn queue_positions(&self) -> Result<HashMap<Uuid, i64>, StoreError> {
        let of = async |classes: [&str; 2]| {
            let params = params![classes[0], classes[1], COUNTED_POSITIONS];
            self.read.rows::<(Id,)>(WAITING_RUNS, params).await
        };
        let (mut asked, mut others) = (of(["", "ASKED"]).await?.into_iter(), of(["ASKED", "PAST"]).await?.into_iter());
        let newest: Option<(bool,)> = self.read.row(WAS_ASKED, params![model::now()]).await?;
        let mut is_asked = !newest.is_some_and(|(asked,)| asked);
        let mut positions = HashMap::new();
        for position in 1..=COUNTED_POSITIONS {
            let next =
                if is_asked { asked.next().or_else(|| others.next()) } else { others.next().or_else(|| asked.next()) };
            let Some((run_id,)) = next else { break };
            is_asked = !is_asked;
            positions.insert(run_id.into(), position);
        }
        Ok(positions)
    }

    /// How the database finds the places of runs, in its own words.
    #[cfg(feature = "failpoints")]
    pub async fn plans_of_turns(&self) -> Result<Vec<String>, StoreError> {
        let mut plans = Vec::new();
        for (sql, params) in [
            (RETURNING, params![model::now()]),
            (NEXT, params!["octo/shop1"]),
            (STANDS, params!["octo/shop1", "1"]),
            (LEFT_HEAD, params!["octo/shop1", "1", "octo/shop1@1"]),
            (WAITING, params![Uuid::nil()]),
            (WAS_ASKED, params![model::now()]),
            (WAITING_RUNS, params!["ASKED", "PAST", COUNTED_POSITIONS]),
        ] {
            plans.push(self.explain(sql.to_owned(), params).await?);
        }
        Ok(plans)
    }
}
