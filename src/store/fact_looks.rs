//! Repositories whose places may want other facts than they have: noted by whatever moves something, looked at by and by.
//! A look that ends early is repeated, and finds done what was done.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::db::{Tx, params};
use super::fact_places::{DEFAULT_BRANCH, FactLocation, Reads};
use super::{Run, Store, StoreError};
use crate::model::FactSet;

/// Repositories that are noted again at once, so that in time each is looked at whatever was missed.
const REPOS_A_ROUND: i64 = 20;

const NOTE: &str = "insert into ci_fact_looks (repo_key, marks, asked_at) values ($1, 1, $2)
     on conflict (repo_key) do update set marks = ci_fact_looks.marks + 1";
const NEXT: &str = "select repo_key, marks from ci_fact_looks order by asked_at, repo_key limit 1";
/// Open pull requests, and those at which something stands.
const PULLS: &str = "select number as pull from ci_pulls where repo_key = $1 and number > $2 and state = 'open'
     union select pull from ci_fact_places where repo_key = $1 and pull > $2 order by 1 limit $3";

/// A repository to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FactLook {
    pub(super) repo_key: String,
    marks: i64,
}

/// A place, the run whose facts belong there, and whether they are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceNow {
    place: FactLocation,
    /// The run whose facts belong there.
    pub wants: Option<Uuid>,
    /// Whether nothing is to be done.
    pub is_right: bool,
}

/// What came of writing the facts of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactsSet {
    /// They are right, or another run's by now, which whatever moved it has noted.
    Done,
    /// Rows are left that belong to nothing.
    More,
    /// Somebody else writes them now.
    Busy,
}

impl FactLook {
    /// At the repository of a run, whether one was noted or not.
    pub fn of(run: &Run) -> Self {
        Self { repo_key: run.repo_key.clone(), marks: 0 }
    }
}

/// Something of the repository moved, so that its facts may be those of another run.
pub(super) fn look_later(tx: &mut Tx, repo_key: &str, now: DateTime<Utc>) {
    tx.later(NOTE, params![repo_key, now]);
}

impl Store {
    /// The repository whose places are to be looked at next.
    pub async fn next_fact_look(&self) -> Result<Option<FactLook>, StoreError> {
        self.read.row(NEXT, params![]).await
    }

    /// The look is done, unless something moved meanwhile.
    pub async fn end_fact_look(&self, look: &FactLook) -> Result<(), StoreError> {
        let mut tx = self.work.begin("end_fact_look").await?;
        let sql = "delete from ci_fact_looks where repo_key = $1 and marks = $2";
        tx.execute(sql, params![look.repo_key.as_str(), look.marks]).await?;
        tx.commit().await
    }

    /// Note some repositories behind `after`; answers where to go on, and `None` at their end.
    pub async fn note_fact_looks(&self, after: &str) -> Result<Option<String>, StoreError> {
        let mut tx = self.work.begin("note_fact_looks").await?;
        let now = tx.now().await?;
        let sql = "select key from ci_repos where key > $1 order by key limit $2";
        let keys: Vec<(String,)> = tx.rows(sql, params![after, REPOS_A_ROUND]).await?;
        for (key,) in &keys {
            look_later(&mut tx, key, now);
        }
        tx.commit().await?;
        let is_full = i64::try_from(keys.len()).is_ok_and(|keys| keys == REPOS_A_ROUND);
        Ok(keys.into_iter().next_back().filter(|_| is_full).map(|(key,)| key))
    }

    /// The place of a repository behind another one, or the first: the default branch, then pull requests.
    pub async fn fact_place(&self, look: &FactLook, after: Option<&PlaceNow>) -> Result<Option<PlaceNow>, StoreError> {
        let pull = match after {
            None => Some(DEFAULT_BRANCH),
            Some(PlaceNow { place, .. }) => {
                let behind = params![look.repo_key.as_str(), place.pull, 1];
                self.read.row::<(i64,)>(PULLS, behind).await?.map(|(pull,)| pull)
            }
        };
        let Some(pull) = pull else { return Ok(None) };
        let place = FactLocation { repo_key: look.repo_key.clone(), pull };
        let (wanted, stands) = place.now(&mut Reads::Pool(&self.read)).await?;
        let is_right = match (&wanted, &stands) {
            (None, stands) => stands.is_none(),
            (Some(_), None) => false,
            (Some(wanted), Some(stands)) => stands.run_id == Some(wanted.run_id) && stands.branch == wanted.branch,
        };
        let wants = wanted.map(|wanted| wanted.run_id);
        Ok(Some(PlaceNow { place, wants, is_right }))
    }

    /// Make these the facts of a place; without a run its rows go, a bounded number.
    pub async fn set_facts(&self, now: &PlaceNow, facts: Option<&FactSet>) -> Result<FactsSet, StoreError> {
        let mut tx = self.work.begin("facts").await?;
        let time = tx.now().await?;
        if !now.place.is_alone(&mut tx).await? {
            return Ok(FactsSet::Busy);
        }
        let set = match now.wants {
            Some(run_id) if !now.place.stand(&mut tx, (run_id, facts), None, time).await? => return Ok(FactsSet::Done),
            Some(_) => FactsSet::Done,
            None if now.place.clear(&mut tx).await? => FactsSet::Done,
            None => FactsSet::More,
        };
        tx.commit().await?;
        Ok(set)
    }
}
