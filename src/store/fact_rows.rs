//! Writing the facts of a place, as the difference to what stands there.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::StoreError;
use super::columns::Id;
use super::db::{Tx, params};
use super::fact_places::{DEFAULT_BRANCH, Place, Reads, Wanted};
use crate::model::{FactRow, FactSet};

/// Rows that one statement writes.
const ROWS_A_STATEMENT: usize = 500;

/// Whether nobody else writes the place now. A process that is frozen while it does keeps nobody waiting.
const ALONE: &str =
    "select {true|pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || cast($2 as text), 7166514308))} as alone
     where $1 <> '' and $2 >= 0";
/// Takes the row of a place, and answers what stands there.
const TAKE: &str = "insert into ci_fact_places (repo_key, pull) values ($1, $2)
     on conflict (repo_key, pull) do update set pull = excluded.pull returning run_id, analyzer, since_sha";
const STANDS: &str =
    "update ci_fact_places set run_id = $3, commit_sha = $4, branch = $5, analyzer = $6, coverage = $7,
         as_of = $8, since_sha = coalesce(since_sha, $9), since_at = coalesce(since_at, $10)
     where repo_key = $1 and pull = $2";

/// The places at which a run may stand: the default branch, if it is of it; and open pull requests.
const OF_BRANCH: &str = "select f.run_id from ci_run_refs f {indexed by ci_run_refs_run_id|}
         left join ci_repos k on k.key = $1
     where f.run_id = $2 and f.event_type <> 'pull_request' and f.ref = coalesce(k.default_branch, f.ref) limit 1";
const AT_HEAD: &str =
    "select k.key from ci_repos k join ci_branches b on b.repo_key = k.key and b.branch = k.default_branch
     where k.key = $1 and b.head_sha = $2";
const PULLS: &str =
    "select number from ci_pulls where repo_key = $1 and state = 'open' and head_sha = $2 and number > 0
     union select p.number from ci_run_refs f {indexed by ci_run_refs_run_id|}
         join ci_pulls p on p.repo_key = $1 and p.number = f.pr_number
     where f.run_id = $3 and f.event_type = 'pull_request' and p.state = 'open' and p.number > 0
     order by 1 limit 20";

/// All rows of a place as one text: with a thousand of them that is ten times as quick.
const STANDING: &str = "select {json_group_array(json_array(kind, key, fact_id, digest))\
     |cast(json_agg(json_build_array(kind, key, fact_id, digest)) as text)} as rows
     from ci_facts where repo_key = $1 and pull = $2";
const DETAILS: &str = "select kind, key, fact_id, details from ci_facts
     where repo_key = $1 and pull = $2 and (kind, key, fact_id) in NAMED";
const REMOVE: &str = "delete from ci_facts where repo_key = $1 and pull = $2 and (kind, key, fact_id) in NAMED";
const NAMED: &str = "(select value ->> 0, value ->> 1, value ->> 2 from {json_each|jsonb_array_elements}($3))";
const WRITE: &str = "insert into ci_facts
         (repo_key, pull, kind, key, fact_id, status, attrs, details, path, line, end_line, sha256, digest)
     select $1, $2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
         cast(value ->> 7 as bigint), cast(value ->> 8 as bigint), value ->> 9, value ->> 10
     from {json_each|jsonb_array_elements}($3) where true
     on conflict (repo_key, pull, kind, key, fact_id) do update set status = excluded.status, attrs = excluded.attrs,
         details = excluded.details, path = excluded.path, line = excluded.line, end_line = excluded.end_line,
         sha256 = excluded.sha256, digest = excluded.digest";
const TELL: &str = "insert into ci_fact_events
         (repo_key, kind, key, change, run_id, commit_sha, at, private, by_rules, attrs_before, attrs_after)
     select $1, value ->> 0, value ->> 1, value ->> 2, $2, $4, $5,
         coalesce((select private from ci_runs where id = $2), true), $6, value ->> 3, value ->> 4
     from {json_each|jsonb_array_elements}($3)";

/// Kind, key and id.
type Name = (String, String, String);

/// A run was settled: its facts stand wherever its dossier is the newest.
pub(super) async fn settled(
    tx: &mut Tx,
    (repo_key, commit_sha, run_id): (&str, &str, Uuid),
    facts: Option<&FactSet>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let of_branch: Option<(Id,)> = tx.row(OF_BRANCH, params![repo_key, run_id]).await?;
    let is_of_branch =
        of_branch.is_some() || tx.row::<(String,)>(AT_HEAD, params![repo_key, commit_sha]).await?.is_some();
    let pulls: Vec<(i64,)> = tx.rows(PULLS, params![repo_key, commit_sha, run_id]).await?;
    let pulls = is_of_branch.then_some(DEFAULT_BRANCH).into_iter().chain(pulls.into_iter().map(|(number,)| number));
    for pull in pulls {
        let place = Place { repo_key: repo_key.to_owned(), pull };
        // Otherwise a look does it, which follows each settle.
        if place.is_alone(tx).await? {
            place.stand(tx, run_id, facts, now).await?;
        }
    }
    Ok(())
}

impl Place {
    /// Whether the place is ours until the transaction ends.
    pub(super) async fn is_alone(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let alone: Option<(bool,)> = tx.row(ALONE, params![self.repo_key.as_str(), self.pull]).await?;
        Ok(alone.is_some_and(|(alone,)| alone))
    }

    /// Make these the facts of the place, if they are those of the run that it comes to; it is ours. `None` is a run of which no
    /// rule of ours made the dossier.
    pub(super) async fn stand(
        &self,
        tx: &mut Tx,
        run_id: Uuid,
        facts: Option<&FactSet>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let place = || params![self.repo_key.as_str(), self.pull];
        let taken: Option<(Option<Id>, Option<String>, Option<String>)> = tx.row(TAKE, place()).await?;
        let (_, analyzer, since) = taken.unwrap_or_default();
        let wanted = self.wants(&mut Reads::Tx(tx)).await?;
        let Some(wanted) = wanted.filter(|wanted| wanted.run_id == run_id) else { return Ok(false) };
        let change = self.change(tx, facts.map_or(&[], |facts| &facts.rows)).await?;
        // A history begins with what was there, and is no list of it.
        if self.pull == DEFAULT_BRANCH && since.is_some() && facts.is_some() && !change.is_empty() {
            let by_rules = analyzer.as_deref() != facts.map(|facts| facts.analyzer.as_str());
            self.tell(tx, &change, &wanted, (by_rules, now)).await?;
        }
        self.write(tx, &change).await?;
        let since = facts.map(|_| (wanted.commit_sha.as_str(), now));
        let mut stands = place();
        stands.extend(params![
            wanted.run_id,
            wanted.commit_sha.as_str(),
            wanted.branch.as_deref(),
            facts.map(|facts| facts.analyzer.as_str()),
            facts.map(|facts| facts.coverage.as_str()),
            wanted.finished_at,
            since.map(|(sha, _)| sha),
            since.map(|(_, at)| at),
        ]);
        tx.execute(STANDS, stands).await?;
        Ok(true)
    }

    /// What differs from what stands.
    async fn change<'f>(&self, tx: &mut Tx, rows: &'f [FactRow]) -> Result<Difference<'f>, StoreError> {
        let standing: Option<(Option<String>,)> = tx.row(STANDING, params![self.repo_key.as_str(), self.pull]).await?;
        let standing = standing.and_then(|(rows,)| rows).unwrap_or_default();
        let standing: Vec<(String, String, String, String)> = serde_json::from_str(&standing).unwrap_or_default();
        let mut gone: BTreeMap<Name, String> =
            standing.into_iter().map(|(kind, key, id, digest)| ((kind, key, id), digest)).collect();
        let mut difference = Difference::default();
        for row in rows {
            match gone.remove(&row.name()) {
                Some(digest) if digest == row.digest() => {}
                Some(_) => difference.changed.push(row),
                None => difference.added.push(row),
            }
        }
        difference.gone = gone.into_keys().collect();
        Ok(difference)
    }

    async fn write(&self, tx: &mut Tx, change: &Difference<'_>) -> Result<(), StoreError> {
        for gone in change.gone.chunks(ROWS_A_STATEMENT) {
            tx.execute(REMOVE.replace("NAMED", NAMED), params![self.repo_key.as_str(), self.pull, json!(gone)]).await?;
        }
        let rows: Vec<&FactRow> = change.added.iter().chain(&change.changed).copied().collect();
        for rows in rows.chunks(ROWS_A_STATEMENT) {
            let rows: Value = rows.iter().map(|row| row.columns()).collect();
            tx.execute(WRITE, params![self.repo_key.as_str(), self.pull, rows]).await?;
        }
        Ok(())
    }

    /// Keep what changed for those who ask since when something is there.
    async fn tell(
        &self,
        tx: &mut Tx,
        change: &Difference<'_>,
        wanted: &Wanted,
        (by_rules, now): (bool, DateTime<Utc>),
    ) -> Result<(), StoreError> {
        let mut before = self.details(tx, change).await?;
        let mut events = Vec::new();
        for row in change.added.iter().chain(&change.changed) {
            let before = before.remove(&row.name()).flatten();
            events.extend(event((&row.kind, &row.key), before, row.details.clone()));
        }
        events.extend(before.into_iter().filter_map(|((kind, key, _), before)| event((&kind, &key), before, None)));
        for events in events.chunks(ROWS_A_STATEMENT) {
            let of_run = params![
                self.repo_key.as_str(),
                wanted.run_id,
                json!(events),
                wanted.commit_sha.as_str(),
                now,
                by_rules
            ];
            tx.execute(TELL, of_run).await?;
        }
        Ok(())
    }

    /// What was compared of the facts that are gone or changed.
    async fn details(
        &self,
        tx: &mut Tx,
        change: &Difference<'_>,
    ) -> Result<BTreeMap<Name, Option<String>>, StoreError> {
        let names: Vec<Name> = change.gone.iter().cloned().chain(change.changed.iter().map(|row| row.name())).collect();
        let mut details = BTreeMap::new();
        for names in names.chunks(ROWS_A_STATEMENT) {
            let named = params![self.repo_key.as_str(), self.pull, json!(names)];
            let rows: Vec<(String, String, String, Option<String>)> =
                tx.rows(DETAILS.replace("NAMED", NAMED), named).await?;
            details.extend(rows.into_iter().map(|(kind, key, id, details)| ((kind, key, id), details)));
        }
        Ok(details)
    }

    /// Nothing stands here any more: its rows go, a bounded number. Answers whether that was all.
    pub(super) async fn clear(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let place = || params![self.repo_key.as_str(), self.pull];
        let hide = "update ci_fact_places set run_id = null, analyzer = null where repo_key = $1 and pull = $2";
        if tx.execute(hide, place()).await? == 0 || self.wants(&mut Reads::Tx(tx)).await?.is_some() {
            return Ok(true);
        }
        let some = "delete from ci_facts where repo_key = $1 and pull = $2 and (kind, key, fact_id) in
             (select kind, key, fact_id from ci_facts where repo_key = $1 and pull = $2 order by kind, key, fact_id limit $3)";
        let mut of_place = place();
        of_place.push((ROWS_A_STATEMENT as i64).into());
        if tx.execute(some, of_place).await? == ROWS_A_STATEMENT as u64 {
            return Ok(false);
        }
        tx.execute("delete from ci_fact_places where repo_key = $1 and pull = $2", place()).await?;
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
#[derive(Default)]
struct Difference<'f> {
    added: Vec<&'f FactRow>,
    changed: Vec<&'f FactRow>,
    gone: Vec<Name>,
}

impl Difference<'_> {
    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.gone.is_empty()
    }
}

impl FactRow {
    fn name(&self) -> Name {
        (self.kind.clone(), self.key.clone(), self.id.clone())
    }

    /// In the order of [`WRITE`].
    fn columns(&self) -> Value {
        let Self { kind, key, id, status, attrs, details, path, line, end_line, sha256 } = self;
        json!([kind, key, id, status, attrs, details, path, line, end_line, sha256, self.digest()])
    }
}
