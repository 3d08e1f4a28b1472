//! Writing the facts of a place, as the difference to what stands there.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::db::{Param, Tx, params};
use super::fact_places::{DEFAULT_BRANCH, FactLocation, Reads, Stands};
use super::{Run, Store, StoreError};
use crate::model::{FactRow, FactSet};

/// Rows that one statement writes.
const ROWS_A_STATEMENT: usize = 500;

/// Whether nobody else writes the place now. A process that is frozen while it does keeps nobody waiting.
const ALONE: &str =
    "{true|pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || cast(pull as text), 7166514308))} as alone";

/// The places at which a run may stand: the default branch, if it is of it; and open pull requests.
const PLACES: &str = "select 0 as pull where exists (select 1 from ci_run_refs f {indexed by ci_run_refs_run_id|}
             left join ci_repos k on k.key = $1
         where f.run_id = $3 and f.event_type <> 'pull_request' and f.ref = coalesce(k.default_branch, f.ref))
     or exists (select 1 from ci_repos k join ci_branches b on b.repo_key = k.key and b.branch = k.default_branch
         where k.key = $1 and b.head_sha = $2)
     union select number from ci_pulls where repo_key = $1 and state = 'open' and head_sha = $2 and number > 0
     union select p.number from ci_run_refs f {indexed by ci_run_refs_run_id|}
         join ci_pulls p on p.repo_key = $1 and p.number = f.pr_number
     where f.run_id = $3 and f.event_type = 'pull_request' and p.state = 'open' and p.number > 0
     order by 1 limit 21";

/// All rows of a place as one text: with a thousand of them that is ten times as quick.
const STANDING: &str = "select {json_group_array(json_array(kind, key, fact_id, digest))\
     |cast(json_agg(json_build_array(kind, key, fact_id, digest)) as text)} as rows
     from ci_facts where repo_key = $1 and pull = $2";
const DETAILS: &str = "select kind, key, fact_id, details from ci_facts
     where repo_key = $1 and pull = $2 and (kind, key, fact_id) in NAMED";
const NAMED: &str = "(select value ->> 0, value ->> 1, value ->> 2 from {json_each|jsonb_array_elements}($3))";
/// Facts go, come and change, their changes are kept, and the place is of the run: one statement, since on Postgres each is a
/// journey. SQLite takes several at once.
const STAND: &str = "{|with gone as (}
     delete from ci_facts where repo_key = $1 and pull = $2 and (kind, key, fact_id) in NAMED{;|), stand as (}
     insert into ci_facts
         (repo_key, pull, kind, key, fact_id, status, attrs, details, path, line, end_line, sha256, digest)
     select $1, $2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
         cast(value ->> 7 as bigint), cast(value ->> 8 as bigint), value ->> 9, value ->> 10
     from {json_each|jsonb_array_elements}($4) where true
     on conflict (repo_key, pull, kind, key, fact_id) do update set status = excluded.status, attrs = excluded.attrs,
         details = excluded.details, path = excluded.path, line = excluded.line, end_line = excluded.end_line,
         sha256 = excluded.sha256, digest = excluded.digest{;|), told as (}
     insert into ci_fact_events
         (repo_key, kind, key, change, run_id, commit_sha, at, private, by_rules, attrs_before, attrs_after)
     select $1, value ->> 0, value ->> 1, value ->> 2, $6, $7, $8,
         coalesce((select private from ci_runs where id = $6), true), $9, value ->> 3, value ->> 4
     from {json_each|jsonb_array_elements}($5){;|)}
     insert into ci_fact_places
         (repo_key, pull, run_id, commit_sha, branch, analyzer, coverage, as_of, since_sha, since_at)
     values ($1, $2, $6, $7, $10, $11, $12, $13, $14, $15)
     on conflict (repo_key, pull) do update set run_id = excluded.run_id, commit_sha = excluded.commit_sha,
         branch = excluded.branch, analyzer = excluded.analyzer, coverage = excluded.coverage, as_of = excluded.as_of,
         since_sha = coalesce(ci_fact_places.since_sha, excluded.since_sha),
         since_at = coalesce(ci_fact_places.since_at, excluded.since_at)";

/// Kind, key and id.
type Name = (String, String, String);

/// A fact that stands, as [`STANDING`] writes it: its name and its digest.
#[derive(Deserialize)]
struct Standing<'a>(
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
);

/// What a run changes where it may stand, compared before it is settled: while a transaction is open on SQLite nobody else
/// writes.
#[derive(Debug, Clone, Default)]
pub struct FactChanges(Vec<(i64, FactDifference)>);

impl Store {
    /// Compare the facts of a run with what stands where it may stand. Saves time only: what is not compared ahead, or does
    /// not hold any more, is compared when the run is settled.
    pub async fn compare_facts(&self, run: &Run, facts: Option<&FactSet>) -> FactChanges {
        let compared = self.compare_ahead(run, facts).await;
        FactChanges(compared.unwrap_or_default())
    }

    async fn compare_ahead(
        &self,
        run: &Run,
        facts: Option<&FactSet>,
    ) -> Result<Vec<(i64, FactDifference)>, StoreError> {
        let of_run = params![run.repo_key.as_str(), run.commit_sha.as_str(), run.id];
        let places: Vec<(i64,)> = self.read.rows(PLACES, of_run).await?;
        let mut changes = Vec::new();
        for (pull,) in places {
            let (place, mut reads) = (FactLocation { repo_key: run.repo_key.clone(), pull }, Reads::Pool(&self.read));
            // Before its rows are read: what changes meanwhile, changes it.
            let (_, stands) = place.now(&mut reads).await?;
            changes.push((pull, place.change(&mut reads, stands, facts).await?));
        }
        Ok(changes)
    }
}

/// A run was settled: its facts stand wherever its dossier is the newest.
pub(super) async fn settled(
    tx: &mut Tx,
    run: &Run,
    (facts, ahead): (Option<&FactSet>, &FactChanges),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sql = format!("select pull, {ALONE} from ({PLACES}) w");
    let of_run = params![run.repo_key.as_str(), run.commit_sha.as_str(), run.id];
    let places: Vec<(i64, bool)> = tx.rows(sql, of_run).await?;
    // Otherwise a look does it, which follows each settle.
    for (pull, _) in places.into_iter().filter(|(_, is_alone)| *is_alone) {
        let ahead = ahead.0.iter().find(|(place, _)| *place == pull).map(|(_, change)| change);
        let place = FactLocation { repo_key: run.repo_key.clone(), pull };
        place.stand(tx, (run.id, facts), ahead, now).await?;
    }
    Ok(())
}

impl FactLocation {
    fn params(&self) -> Vec<Param> {
        params![self.repo_key.as_str(), self.pull]
    }

    /// Whether the place is ours until the transaction ends.
    pub(super) async fn is_alone(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let sql = format!("select {ALONE} from (select cast($2 as bigint) as pull) w where $1 <> ''");
        Ok(tx.row::<(bool,)>(sql, self.params()).await?.is_some_and(|(alone,)| alone))
    }

    /// Make these the facts of the place, if they are those of the run that it comes to; it is ours. `None` is a run of which no
    /// rule of ours made the dossier. What was compared ahead holds if the same still stands.
    pub(super) async fn stand(
        &self,
        tx: &mut Tx,
        (run_id, facts): (Uuid, Option<&FactSet>),
        ahead: Option<&FactDifference>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut reads = Reads::Tx(tx);
        let (wanted, stands) = self.now(&mut reads).await?;
        let Some(wanted) = wanted.filter(|wanted| wanted.run_id == run_id) else { return Ok(false) };
        let change = match ahead {
            Some(ahead) if ahead.stood == stands => ahead,
            _ => &self.change(&mut reads, stands, facts).await?,
        };
        let events = change.events();
        let analyzer = change.stood.as_ref().and_then(|stood| stood.analyzer.as_deref());
        let by_rules = analyzer != facts.map(|facts| facts.analyzer.as_str());
        let since = facts.map(|_| wanted.commit_sha.as_str());
        let rows: Vec<Value> = change.rows.iter().map(|row| row.columns()).collect();
        let (mut gone, mut rows, mut events) =
            (change.gone.chunks(ROWS_A_STATEMENT), rows.chunks(ROWS_A_STATEMENT), events.chunks(ROWS_A_STATEMENT));
        loop {
            let (some_gone, some_rows, some_events) = (gone.next(), rows.next(), events.next());
            let mut stand = self.params();
            stand.extend(params![
                json!(some_gone.unwrap_or_default()),
                json!(some_rows.unwrap_or_default()),
                json!(some_events.unwrap_or_default()),
                run_id,
                wanted.commit_sha.as_str(),
                now,
                by_rules,
                wanted.branch.as_deref(),
                facts.map(|facts| facts.analyzer.as_str()),
                facts.map(|facts| facts.coverage.as_str()),
                wanted.finished_at,
                since,
                since.map(|_| now),
            ]);
            tx.execute(STAND.replace("NAMED", NAMED), stand).await?;
            if gone.len() + rows.len() + events.len() == 0 {
                return Ok(true);
            }
        }
    }

    /// What differs from what stands.
    async fn change(
        &self,
        reads: &mut Reads<'_>,
        stood: Option<Stands>,
        facts: Option<&FactSet>,
    ) -> Result<FactDifference, StoreError> {
        let standing: Option<(Option<String>,)> = reads.row(STANDING, self.params()).await?;
        let standing = standing.and_then(|(rows,)| rows).unwrap_or_default();
        let standing: Vec<Standing<'_>> = serde_json::from_str(&standing).unwrap_or_default();
        let mut gone: HashMap<_, &str> = standing.iter().map(|one| ((&*one.0, &*one.1, &*one.2), &*one.3)).collect();
        // A history begins with what was there, and is no list of it.
        let is_told = self.pull == DEFAULT_BRANCH
            && facts.is_some()
            && stood.as_ref().is_some_and(|stood| stood.since_sha.is_some());
        let mut change =
            FactDifference { stood, rows: Vec::new(), gone: Vec::new(), before: is_told.then(BTreeMap::new) };
        let mut names = Vec::new();
        for row in facts.map_or(&[][..], |facts| &facts.rows) {
            match gone.remove(&(&*row.kind, &*row.key, &*row.id)) {
                Some(digest) if digest == row.digest() => continue,
                Some(_) => names.push(row.name()),
                None => {}
            }
            change.rows.push(row.clone());
        }
        change.gone = gone.into_keys().map(|(kind, key, id)| (kind.into(), key.into(), id.into())).collect();
        change.gone.sort();
        names.extend(change.gone.iter().cloned());
        if let Some(before) = &mut change.before {
            for names in names.chunks(ROWS_A_STATEMENT) {
                let mut named = self.params();
                named.extend(params![json!(names)]);
                let rows: Vec<(String, String, String, Option<String>)> =
                    reads.rows(DETAILS.replace("NAMED", NAMED), named).await?;
                before.extend(rows.into_iter().map(|(kind, key, id, details)| ((kind, key, id), details)));
            }
        }
        Ok(change)
    }

    /// Nothing stands here any more: its rows go, a bounded number. Answers whether that was all.
    pub(super) async fn clear(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let hide = "update ci_fact_places set run_id = null, analyzer = null where repo_key = $1 and pull = $2";
        if tx.execute(hide, self.params()).await? == 0 || self.now(&mut Reads::Tx(tx)).await?.0.is_some() {
            return Ok(true);
        }
        let some = "delete from ci_facts where repo_key = $1 and pull = $2 and (kind, key, fact_id) in
             (select kind, key, fact_id from ci_facts where repo_key = $1 and pull = $2 order by kind, key, fact_id limit $3)";
        let mut of_place = self.params();
        of_place.push((ROWS_A_STATEMENT as i64).into());
        if tx.execute(some, of_place).await? == ROWS_A_STATEMENT as u64 {
            return Ok(false);
        }
        tx.execute("delete from ci_fact_places where repo_key = $1 and pull = $2", self.params()).await?;
        Ok(true)
    }
}

/// An event, unless nothing changed for those who use the software.
fn event((kind, key): (&str, &str), before: Option<String>, after: Option<String>) -> Option<Value> {
    let change = match (&before, &after) {
        (None, Some(_)) => "added",
        (Some(_), None) => "removed",
        (Some(before), Some(after)) if before != after => "changed",
        _ => return None,
    };
    Some(json!([kind, key, change, before, after]))
}

/// What differs between the facts of a dossier and what stands.
#[derive(Debug, Clone)]
pub(super) struct FactDifference {
    /// With what they were compared.
    stood: Option<Stands>,
    /// New ones, and those that changed.
    rows: Vec<FactRow>,
    gone: Vec<Name>,
    /// What was compared of the facts that are gone or changed, if their changes are kept for those who ask since when
    /// something is there.
    before: Option<BTreeMap<Name, Option<String>>>,
}

impl FactDifference {
    fn events(&self) -> Vec<Value> {
        let Some(before) = &self.before else { return Vec::new() };
        let was = |name: &Name| before.get(name).cloned().flatten();
        let rows =
            self.rows.iter().filter_map(|row| event((&row.kind, &row.key), was(&row.name()), row.details.clone()));
        let gone = self.gone.iter().filter_map(|name| event((&name.0, &name.1), was(name), None));
        rows.chain(gone).collect()
    }
}

impl FactRow {
    fn name(&self) -> Name {
        (self.kind.clone(), self.key.clone(), self.id.clone())
    }

    /// In the order of [`STAND`].
    fn columns(&self) -> Value {
        let Self { kind, key, id, status, attrs, details, path, line, end_line, sha256 } = self;
        json!([kind, key, id, status, attrs, details, path, line, end_line, sha256, self.digest()])
    }
}
