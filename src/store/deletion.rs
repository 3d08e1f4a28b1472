//! Deleting a repository here: its names lead away from it at once, then its rows go, a bounded number at a time.
//!
//! Whatever comes of the repository from then on is kept under another key, so that what was there and what comes never mix.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use super::columns::Id;
use super::db::{Tx, params};
use super::{Store, StoreError, privacy};
use crate::model::RepoName;

/// Runs that one step removes; their dossiers may lie in the database.
const RUNS_A_STEP: i64 = 50;
/// Other rows that one step removes, of each kind.
const ROWS_A_STEP: i64 = 500;

/// What the name leads to, unless it is only what that was called before: nobody deletes a repository by a name that it
/// does not have.
const NAMED: &str = "select h.key from (
         select coalesce((select repo_key from ci_repo_names where name = $1), cast($1 as text)) as key) h
     left join ci_repos k on k.key = h.key where k.key is null or lower(k.owner) || '/' || lower(k.name) = $1";
/// A repository that lost its name to another one is found by its number.
const NUMBERED: &str = "select key from ci_repos where repo_id = $2 and lower(owner) || '/' || lower(name) = $1";
/// In the order of the index: else Postgres may read all runs in the hope of meeting one soon.
const IS_KNOWN: &str = "select cast(1 as bigint) as known where exists (select 1 from ci_repos where key = $1)
     or (select id from ci_runs where lower(repo_owner) = $2 and lower(repo_name) = $3
         order by created_at desc, id desc limit 1) is not null";
const BEGIN: &str = "insert into ci_deletions (repo_key, owner, name, suffix, asked_at) values ($1, $2, $3, $4, $5)";
const UNFINISHED: &str = "select d.repo_key, d.owner as repo_owner, d.name as repo_name, d.asked_at,
         cast(coalesce((select sum(c.runs) from ci_counts c
             where c.owner || '/' || c.name = d.repo_key and c.status = 'ALL'), 0) as bigint) as runs
     from ci_deletions d";

/// Those that are under way or wait first, among the newest: what ends finds nothing to end, and nothing more is to begin.
const LIVE_RUNS: &str =
    "select r.id from (select id from ci_runs where lower(repo_owner) = $1 and lower(repo_name) = $2
         order by created_at desc, id desc limit 2000) r
     join ci_jobs j on j.run_id = r.id where j.status in ('READY', 'LEASED') order by j.status limit $3";
const RUNS: &str = "select id from ci_runs where lower(repo_owner) = $1 and lower(repo_name) = $2
     order by created_at desc, id desc limit $3";
/// What belongs to some runs, and they: the jobs before them, as whoever leases or settles one takes them.
const OF_RUNS: [&str; 3] = [
    "delete from ci_dedupe where key in (select lower(repo_owner) || '/' || lower(repo_name) || '@' || commit_sha from ci_runs
         where id {in (select value from json_each($1))|= any (array(select value::uuid from jsonb_array_elements_text($1)))})",
    "delete from ci_jobs where run_id
         {in (select value from json_each($1))|= any (array(select value::uuid from jsonb_array_elements_text($1)))}",
    "delete from ci_runs where id
         {in (select value from json_each($1))|= any (array(select value::uuid from jsonb_array_elements_text($1)))}",
];

/// Rows that name the repository, each with a number of them at most.
const ROWS: [&str; 7] = [
    "delete from ci_branches where repo_key = $1 and branch in
         (select branch from ci_branches where repo_key = $1 limit $2)",
    "delete from ci_pulls where repo_key = $1 and number in
         (select number from ci_pulls where repo_key = $1 limit $2)",
    "delete from ci_deployments where repo_key = $1 and environment in
         (select environment from ci_deployments where repo_key = $1 limit $2)",
    "delete from ci_facts where repo_key = $1 and (pull, kind, key, fact_id) in
         (select pull, kind, key, fact_id from ci_facts where repo_key = $1 limit $2)",
    "delete from ci_fact_places where repo_key = $1 and pull in
         (select pull from ci_fact_places where repo_key = $1 limit $2)",
    "delete from ci_fact_events where {rowid|ctid} in
         (select {rowid|ctid} from ci_fact_events where repo_key = $1 limit $2)",
    // The lines stay: that something was delivered is no secret, and an id that is known is known.
    "update ci_deliveries set repo = null, reason = 'its repository was deleted here', run_id = null
     where delivery_id in (select l.delivery_id from ci_deliveries l where lower(l.repo) in
             (select n.name from ci_repo_names n join ci_deletions d on n.repo_key = n.name || d.suffix where d.repo_key = $1)
         and l.received_at <= (select asked_at from ci_deletions where repo_key = $1) limit $2)",
];
/// What was to be said at the forge, statuses that are still open apart: those have no run any more, and are closed first.
/// `$3` is the time of a deletion that waited long enough for it, `$4` whether anybody says anything.
const SAID: &str = "delete from ci_outbox where repo_key = $1 and (kind, target) in
         (select kind, target from ci_outbox where repo_key = $1
             and (kind = 'comment' or done_at is not null or (payload is null and leased_until is null) or not $4
                 or exists (select 1 from ci_deletions d where d.repo_key = $1 and d.asked_at < $3)) limit $2)";
const CLOSE: &str =
    "update ci_outbox set run_after = $2 where repo_key = $1 and leased_until is null and run_after > $2";
/// How long a deletion waits for a forge that does not answer.
const CLOSING_TIME: TimeDelta = TimeDelta::hours(1);
/// The last ones. Names that lead to nothing lead to themselves again, unless somebody else is kept under them.
const LAST: [&str; 8] = [
    "update ci_signals set detail = null where exists (select 1 from ci_repo_names n
         where n.repo_key = n.name || (select suffix from ci_deletions where repo_key = $1)
             and {instr(lower(ci_signals.detail), n.name)|strpos(lower(ci_signals.detail), n.name)} > 0)",
    "delete from ci_counts where owner || '/' || name = $1",
    "delete from ci_turns where repo_key = $1",
    "delete from ci_fact_looks where repo_key = $1",
    "delete from ci_repos where key = $1",
    "delete from ci_privacy where repo_key = $1",
    // Rows that were only held while a name was given.
    "delete from ci_privacy where repo_key in
             (select n.name from ci_repo_names n join ci_deletions d on n.repo_key = n.name || d.suffix where d.repo_key = $1)
         and not exists (select 1 from ci_repos k where k.key = ci_privacy.repo_key)
         and not exists (select 1 from ci_runs r where
             lower(r.repo_owner) = {substr(ci_privacy.repo_key, 1, instr(ci_privacy.repo_key, '/') - 1)|split_part(ci_privacy.repo_key, '/', 1)}
             and lower(r.repo_name) = {substr(ci_privacy.repo_key, instr(ci_privacy.repo_key, '/') + 1)|split_part(ci_privacy.repo_key, '/', 2)})",
    "delete from ci_repo_names where repo_key = name || (select suffix from ci_deletions where repo_key = $1)
         and not exists (select 1 from ci_repos k where k.key in (ci_repo_names.name, ci_repo_names.repo_key))
         and not exists (select 1 from ci_privacy p where p.repo_key in (ci_repo_names.name, ci_repo_names.repo_key))",
];

/// A repository of which rows are still to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Deletion {
    #[sqlx(rename = "repo_key")]
    pub(super) key: String,
    /// Which, by the name that it had.
    #[sqlx(flatten)]
    pub repo: RepoName,
    /// When somebody asked for it.
    pub asked_at: DateTime<Utc>,
    /// Runs that are left.
    pub runs: i64,
}

/// What one step of a deletion removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletionStep {
    /// Runs whose files are to be removed now.
    pub runs: Vec<Uuid>,
    /// Whether nothing is left.
    pub is_done: bool,
    /// Whether only commit statuses are left, which must be sent to the forge before their rows go.
    pub waits: bool,
}

impl Store {
    /// Begin to delete what is known of a repository: from now on its names lead to nothing. `id`: the forge's number, for
    /// one that lost its name to another. The same again answers the deletion that is under way, and `None` is one that
    /// is not known.
    pub async fn delete_repo(&self, repo: &RepoName, id: Option<i64>) -> Result<Option<Deletion>, StoreError> {
        let mut tx = self.work.begin("delete_repo").await?;
        let now = tx.now().await?;
        let Some(key) = known_key(&mut tx, repo, id).await? else {
            let sql = format!("{UNFINISHED} where lower(d.owner) = $1 and lower(d.name) = $2 order by d.asked_at");
            return tx.row(sql, params![repo.owner().to_ascii_lowercase(), repo.name().to_ascii_lowercase()]).await;
        };
        privacy::take_key(&mut tx, &key).await?;
        if known_key(&mut tx, repo, id).await?.as_ref() != Some(&key) {
            // Renamed or deleted by somebody else, just now.
            return Err(StoreError::Database(sqlx::Error::RowNotFound));
        }
        let suffix = format!("~{}", Uuid::now_v7().simple());
        let begun = params![key.as_str(), repo.owner(), repo.name(), suffix.as_str(), now];
        tx.execute(BEGIN, begun).await?;
        let away = "update ci_repo_names set repo_key = name || $2, since = $3 where repo_key = $1";
        tx.execute(away, params![key.as_str(), suffix.as_str(), now]).await?;
        let own = "insert into ci_repo_names (name, repo_key, since) values ($1, $2, $3) on conflict (name) do nothing";
        tx.execute(own, params![key.as_str(), format!("{key}{suffix}"), now]).await?;
        let nameless = "update ci_repos set repo_id = null, gone_at = $2 where key = $1";
        tx.execute(nameless, params![key.as_str(), now]).await?;
        let deletion = tx.row(format!("{UNFINISHED} where d.repo_key = $1"), params![key.as_str()]).await?;
        tx.commit().await?;
        Ok(deletion)
    }

    /// Whether anything is known of the repository that is kept under this key.
    pub(crate) async fn knows(&self, repo_key: &str) -> Result<bool, StoreError> {
        let kept = RepoName::of_key(repo_key);
        let known: Option<(i64,)> = self.read.row(IS_KNOWN, params![repo_key, kept.owner(), kept.name()]).await?;
        Ok(known.is_some())
    }

    /// Deletions of which rows are left, the oldest first, a bounded number.
    pub async fn deletions(&self) -> Result<Vec<Deletion>, StoreError> {
        self.read.rows(format!("{UNFINISHED} order by d.asked_at, d.repo_key limit 20"), params![]).await
    }

    /// Go on with a deletion by one step, which ends for good when nothing is left.
    pub async fn delete_on(&self, deletion: &Deletion) -> Result<DeletionStep, StoreError> {
        let mut tx = self.work.begin("delete_on").await?;
        let key = deletion.key.as_str();
        privacy::take_key(&mut tx, key).await?;
        let step = match remove_runs(&mut tx, key).await? {
            runs if !runs.is_empty() => DeletionStep { runs, ..DeletionStep::default() },
            _ => remove_rows(&mut tx, key).await?,
        };
        tx.commit().await?;
        Ok(step)
    }

    /// How the database answers what a deletion asks and removes.
    #[cfg(feature = "failpoints")]
    pub async fn plans_of_deletion(&self) -> Result<Vec<String>, StoreError> {
        let key = "octo/shop1";
        let ids: Value = [Uuid::nil().to_string()].into_iter().collect();
        let mut plans = vec![
            self.explain(NAMED.to_owned(), params![key]).await?,
            self.explain(NUMBERED.to_owned(), params![key, 7]).await?,
            self.explain(IS_KNOWN.to_owned(), params![key, "octo", "shop1"]).await?,
            self.explain(format!("{UNFINISHED} order by d.asked_at"), params![]).await?,
        ];
        for sql in [LIVE_RUNS, RUNS] {
            plans.push(self.explain(sql.to_owned(), params!["octo", "shop1", RUNS_A_STEP]).await?);
        }
        for sql in OF_RUNS {
            plans.push(self.explain(sql.to_owned(), params![ids.clone()]).await?);
        }
        for sql in ROWS {
            plans.push(self.explain(sql.to_owned(), params![key, ROWS_A_STEP]).await?);
        }
        for sql in LAST {
            plans.push(self.explain(sql.to_owned(), params![key]).await?);
        }
        Ok(plans)
    }
}

async fn known_key(tx: &mut Tx, repo: &RepoName, id: Option<i64>) -> Result<Option<String>, StoreError> {
    let found: Option<(String,)> = match id {
        Some(id) => tx.row(NUMBERED, params![repo.key(), id]).await?,
        None => tx.row(NAMED, params![repo.key()]).await?,
    };
    let Some((key,)) = found else { return Ok(None) };
    let kept = RepoName::of_key(&key);
    let known: Option<(i64,)> = tx.row(IS_KNOWN, params![key.as_str(), kept.owner(), kept.name()]).await?;
    Ok(known.map(|_| key))
}

/// Remove some runs with all that belongs to them; answers which.
async fn remove_runs(tx: &mut Tx, key: &str) -> Result<Vec<Uuid>, StoreError> {
    let kept = RepoName::of_key(key);
    for sql in [LIVE_RUNS, RUNS] {
        let rows: Vec<(Id,)> = tx.rows(sql, params![kept.owner(), kept.name(), RUNS_A_STEP]).await?;
        if rows.is_empty() {
            continue;
        }
        let runs: Vec<Uuid> = rows.into_iter().map(|(id,)| id.into()).collect();
        let ids: Value = runs.iter().map(Uuid::to_string).collect();
        for sql in OF_RUNS {
            tx.execute(sql, params![ids.clone()]).await?;
        }
        return Ok(runs);
    }
    Ok(Vec::new())
}

/// Remove some of what is left without runs.
async fn remove_rows(tx: &mut Tx, key: &str) -> Result<DeletionStep, StoreError> {
    let now = tx.now().await?;
    let mut removed = tx.execute(SAID, params![key, ROWS_A_STEP, now - CLOSING_TIME, tx.speaks()]).await?;
    for sql in ROWS {
        removed += tx.execute(sql, params![key, ROWS_A_STEP]).await?;
    }
    if removed > 0 {
        return Ok(DeletionStep::default());
    }
    tx.execute(CLOSE, params![key, now]).await?;
    let open: Option<(String,)> =
        tx.row("select target from ci_outbox where repo_key = $1 limit 1", params![key]).await?;
    if open.is_some() {
        return Ok(DeletionStep { waits: true, ..DeletionStep::default() });
    }
    for sql in LAST {
        tx.execute(sql, params![key]).await?;
    }
    tx.execute("delete from ci_deletions where repo_key = $1", params![key]).await?;
    Ok(DeletionStep { is_done: true, ..DeletionStep::default() })
}
