//! Which repository a name, or the forge's number, leads to.
//!
//! What belongs to a repository is kept under its key: the name under which it was first known here, in lower case. A new
//! name is one more row that leads to the key, so that a rename costs the same with a million runs, and two repositories
//! may exchange their names. Whoever gives a name to a repository holds the rows of `ci_privacy` of both that may have it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::db::{Tx, params};
use super::{RunFilter, Store, StoreError, privacy};
use crate::model::{Identity, RepoName};

/// The key that a name leads to, and the rows of that key and of the forge's number.
const FOUND: &str = "select h.key as holder, k.key, k.owner, k.name, k.repo_id, k.named_at, k.gone_at
     from (select coalesce((select repo_key from ci_repo_names where name = $1), cast($1 as text)) as key) h
         left join ci_repos k on k.key = h.key or k.repo_id = $2";
const LEADS_TO: &str = "select repo_key from ci_repo_names where name = $1";
const DELETED: &str = "select repo_key from ci_deletions where repo_key = $1";
/// Runs were asked for by this name, though no webhook named it.
const HAS_RUNS: &str = "select 'yes' from ci_runs where lower(repo_owner) = $1 and lower(repo_name) = $2
     order by created_at desc, id desc limit 1";
const LEAD: &str = "insert into ci_repo_names (name, repo_key, since) values ($1, $2, $3)
     on conflict (name) do update set repo_key = excluded.repo_key, since = excluded.since";
const NAME: &str = "insert into ci_repos (key, owner, name, repo_id, named_at, gone_at, reconcile_after)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (key) do update set owner = excluded.owner, name = excluded.name,
         repo_id = coalesce(excluded.repo_id, ci_repos.repo_id),
         named_at = coalesce(excluded.named_at, ci_repos.named_at), gone_at = excluded.gone_at";

/// How often an event is looked up again when its repository was renamed or deleted just then.
const TRIES: usize = 5;

/// What an event says of its repository.
pub(super) struct RepoInEvent<'a> {
    pub(super) repo: &'a RepoName,
    pub(super) identity: &'a Identity,
    /// The name before, where the event is that it has another one.
    pub(super) from: Option<&'a RepoName>,
    /// When, as the payload itself says.
    pub(super) at: Option<DateTime<Utc>>,
}

/// The repository of an event; its row of `ci_privacy` is held.
pub(super) struct Located {
    /// The name under which all that belongs to it is kept.
    pub(super) kept: RepoName,
    /// Whether it is known to be private.
    pub(super) private: bool,
    /// Whether the event gave it a name that it did not have.
    pub(super) renamed: bool,
}

/// A repository that a webhook named.
#[derive(Clone)]
struct Known {
    key: String,
    shown: RepoName,
    id: Option<i64>,
    named_at: Option<DateTime<Utc>>,
    gone_at: Option<DateTime<Utc>>,
}

/// A row of [`FOUND`]: the name leads to `holder` also where nothing is known of that.
#[derive(sqlx::FromRow)]
struct FoundRow {
    holder: String,
    key: Option<String>,
    owner: Option<String>,
    name: Option<String>,
    repo_id: Option<i64>,
    named_at: Option<DateTime<Utc>>,
    gone_at: Option<DateTime<Utc>>,
}

/// What an event's name and number lead to.
struct Found {
    /// The key that the name leads to.
    holder: String,
    /// The repository that has, or had, the name.
    holding: Option<Known>,
    /// The repository that the event is of, if it is known.
    known: Option<Known>,
}

impl FoundRow {
    fn known(self) -> Option<Known> {
        let Self { key, owner, name, repo_id, named_at, gone_at, .. } = self;
        Some(Known { key: key?, shown: RepoName::stored(owner?, name?), id: repo_id, named_at, gone_at })
    }
}

impl Found {
    /// What must be held before anything is decided, in the one order in which several are taken.
    fn keys(&self) -> BTreeSet<String> {
        self.known.iter().map(|known| known.key.clone()).chain([self.holder.clone()]).collect()
    }
}

impl Known {
    /// Whether it is the one that has this name, as far as is known.
    fn has(&self, name: &str) -> bool {
        self.gone_at.is_none() && self.shown.key() == name
    }

    /// Whether what is said now is not older than what was said of its name. A name is held by one repository at a time,
    /// so any moment at which it had it will do.
    fn gives_way_to(&self, said: &RepoInEvent<'_>) -> bool {
        let follows = || said.from.is_some_and(|from| from.key() == self.shown.key());
        match (said.at, self.named_at) {
            (Some(at), Some(known)) => at >= known,
            (None, Some(_)) => follows(),
            (_, None) => true,
        }
    }
}

/// Find the repository that an event is of, hold it, and take in what the event says of its name. Where `may_be_new` is
/// false a repository that is not known stays unknown.
pub(super) async fn locate(
    tx: &mut Tx,
    said: &RepoInEvent<'_>,
    may_be_new: bool,
    now: DateTime<Utc>,
) -> Result<Option<Located>, StoreError> {
    let mut held = BTreeSet::new();
    let mut private = BTreeSet::new();
    for _ in 0..TRIES {
        let found = find(tx, said).await?;
        if found.known.is_none() && !may_be_new {
            return Ok(None);
        }
        let keys = found.keys();
        // Whoever waited for a row may find that it is another repository's, or nobody's, by now.
        if keys.is_subset(&held) {
            let (key, renamed) = claim(tx, said, found, now).await?;
            let private =
                if keys.contains(&key) { private.contains(&key) } else { privacy::take_key(tx, &key).await? };
            return Ok(Some(Located { kept: kept(said.repo, &key), private, renamed }));
        }
        for key in keys {
            if privacy::take_key(tx, &key).await? {
                private.insert(key.clone());
            }
            held.insert(key);
        }
    }
    Err(StoreError::Database(sqlx::Error::RowNotFound))
}

/// The key of the repository that a payload is of, without taking in what it says.
async fn key_of(tx: &mut Tx, repo: &RepoName, identity: &Identity) -> Result<Option<String>, StoreError> {
    let found = find(tx, &RepoInEvent { repo, identity, from: None, at: None }).await?;
    let is_anothers = found.holding.as_ref().is_some_and(|holding| holding.id.is_some());
    Ok(match (found.known, identity) {
        (Some(known), _) => Some(known.key),
        (None, Identity::Id(_)) if is_anothers => None,
        (None, _) => Some(found.holder),
    })
}

async fn find(tx: &mut Tx, said: &RepoInEvent<'_>) -> Result<Found, StoreError> {
    let id = match said.identity {
        Identity::Key(key) if !is_deleted(tx, key).await? => {
            return Ok(Found { holder: key.clone(), holding: None, known: None });
        }
        Identity::Id(id) => Some(*id),
        Identity::Key(_) | Identity::Name => None,
    };
    let (holder, rows) = of_name(tx, said.repo, id).await?;
    let holding = rows.iter().find(|row| row.key == holder).cloned();
    let mut known = rows.into_iter().find(|row| id.is_some() && row.id == id);
    if let Some(from) = said.from.filter(|_| known.is_none()) {
        known = of_name_before(tx, from, id).await?;
    }
    // Whoever was known by the name alone gets the number with which it comes now.
    let known = known.or_else(|| holding.clone().filter(|holding| holding.id.is_none() || id.is_none()));
    Ok(Found { holder, holding, known })
}

/// The key that a name leads to, with the rows of that key and of the forge's number.
async fn of_name(tx: &mut Tx, repo: &RepoName, id: Option<i64>) -> Result<(String, Vec<Known>), StoreError> {
    let rows: Vec<FoundRow> = tx.rows(FOUND, params![repo.key(), id]).await?;
    let holder = rows.first().map_or_else(|| repo.key(), |row| row.holder.clone());
    Ok((holder, rows.into_iter().filter_map(FoundRow::known).collect()))
}

/// The repository that was known by this name, if nothing says that it was another one.
async fn of_name_before(tx: &mut Tx, from: &RepoName, id: Option<i64>) -> Result<Option<Known>, StoreError> {
    let (key, rows) = of_name(tx, from, None).await?;
    match rows.into_iter().find(|row| row.key == key) {
        Some(row) => Ok(Some(row).filter(|row| row.id.is_none() || id.is_none())),
        None => {
            let kept = RepoName::of_key(&key);
            let has_runs = tx.row::<(String,)>(HAS_RUNS, params![kept.owner(), kept.name()]).await?.is_some();
            let shown = from.clone();
            Ok(has_runs.then_some(Known { key, shown, id: None, named_at: None, gone_at: None }))
        }
    }
}

async fn is_deleted(tx: &mut Tx, key: &str) -> Result<bool, StoreError> {
    Ok(tx.row::<(String,)>(DELETED, params![key]).await?.is_some())
}

/// The key of the event's repository, and whether it has another name now.
async fn claim(
    tx: &mut Tx,
    said: &RepoInEvent<'_>,
    found: Found,
    now: DateTime<Utc>,
) -> Result<(String, bool), StoreError> {
    let Found { holder, holding, known } = found;
    let id = if let Identity::Id(id) = said.identity { Some(*id) } else { None };
    if id.is_none() && said.from.is_none() {
        return Ok((holder, false));
    }
    let name = said.repo.key();
    let Some(known) = known else {
        let Some(other) = holding else {
            write(tx, &holder, said, (id, None), now).await?;
            return Ok((holder, false));
        };
        // Another repository had the name, or has it from later.
        let is_rival = other.has(&name);
        let takes = !is_rival || other.gives_way_to(said);
        let key = format!("{name}~{}", Uuid::now_v7().simple());
        if takes {
            lead(tx, &name, &key, now).await?;
            displace(tx, is_rival.then_some(&other), now).await?;
        }
        write(tx, &key, said, (id, (!takes).then_some(now)), now).await?;
        return Ok((key, false));
    };
    let rival = holding.as_ref().filter(|other| other.key != known.key && other.has(&name));
    let is_newest = known.gives_way_to(said) && rival.is_none_or(|rival| rival.gives_way_to(said));
    let has_it = known.key == holder && known.shown.key() == name;
    if !is_newest {
        if known.id.is_none() {
            let number = "update ci_repos set repo_id = $2 where key = $1 and repo_id is null";
            tx.execute(number, params![known.key.as_str(), id]).await?;
        }
        return Ok((known.key, false));
    }
    // What arrives late from before it went does not bring it back.
    let gone_at = known.gone_at.filter(|gone| has_it && said.at.is_none_or(|at| at <= *gone));
    let is_known = has_it && known.shown == *said.repo && known.gone_at == gone_at && (id.is_none() || known.id == id);
    if !is_known {
        if known.key != holder {
            lead(tx, &name, &known.key, now).await?;
            displace(tx, rival, now).await?;
        }
        write(tx, &known.key, said, (id, gone_at), now).await?;
    }
    let renamed = !has_it || known.shown != *said.repo;
    Ok((known.key, renamed))
}

/// From now on the name leads to this key.
async fn lead(tx: &mut Tx, name: &str, key: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(LEAD, params![name, key, now]).await.map(drop)
}

/// A repository whose name is another one's has none, until it is heard of again.
async fn displace(tx: &mut Tx, rival: Option<&Known>, now: DateTime<Utc>) -> Result<(), StoreError> {
    if let Some(rival) = rival {
        let gone = "update ci_repos set gone_at = $2 where key = $1";
        tx.execute(gone, params![rival.key.as_str(), now]).await?;
    }
    Ok(())
}

async fn write(
    tx: &mut Tx,
    key: &str,
    said: &RepoInEvent<'_>,
    (id, gone_at): (Option<i64>, Option<DateTime<Utc>>),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let params = params![key, said.repo.owner(), said.repo.name(), id, said.at, gone_at, now];
    tx.execute(NAME, params).await.map(drop)
}

/// The name of a key, spelled as in the event where that is the same.
fn kept(repo: &RepoName, key: &str) -> RepoName {
    if repo.key() == key { repo.clone() } else { RepoName::of_key(key) }
}

impl Store {
    /// Hide every run of a repository: it is private.
    pub async fn hide(&self, repo: &RepoName, identity: &Identity) -> Result<(), StoreError> {
        let mut tx = self.intake.begin("hide").await?;
        if let Some(key) = key_of(&mut tx, repo, identity).await? {
            let known = privacy::take_key(&mut tx, &key).await?;
            privacy::hide_all(&mut tx, &key, known).await?;
        }
        tx.commit().await
    }

    /// The owner and name under which a repository is kept that somebody asks for by this name.
    pub(super) async fn kept(&self, owner: &str, repo: &str) -> Result<(String, String), StoreError> {
        let name = format!("{owner}/{repo}").to_ascii_lowercase();
        let leads_to: Option<(String,)> = self.read.row(LEADS_TO, params![name.as_str()]).await?;
        let kept = RepoName::of_key(&leads_to.map_or(name, |(key,)| key));
        Ok((kept.owner().to_owned(), kept.name().to_owned()))
    }

    /// How the database finds the repository that a name or number leads to.
    #[cfg(feature = "failpoints")]
    pub async fn plans_of_names(&self) -> Result<Vec<String>, StoreError> {
        let (key, now) = ("octo/shop1", crate::model::now());
        let mut plans = Vec::new();
        for (sql, params) in [
            (FOUND, params![key, 7]),
            (LEADS_TO, params![key]),
            (DELETED, params![key]),
            (HAS_RUNS, params!["octo", "shop1"]),
            (LEAD, params![key, key, now]),
        ] {
            plans.push(self.explain(sql.to_owned(), params).await?);
        }
        Ok(plans)
    }

    /// The filter with the name under which its repository is kept. Once: that name may lead to another one.
    pub(super) async fn kept_filter(&self, filter: &RunFilter) -> Result<RunFilter, StoreError> {
        let mut filter = filter.clone();
        if let (Some(owner), Some(repo)) = (&filter.owner, &filter.repo) {
            let (owner, repo) = self.kept(owner, repo).await?;
            (filter.owner, filter.repo) = (Some(owner), Some(repo));
        }
        Ok(filter)
    }
}
