//! Repositories that a webhook named, and when each is looked at next.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use super::db::{Tx, params};
use super::{Deletion, KnownRepo, Store, StoreError};
use crate::model::{GitRef, RepoName};

const DUE: &str = "update ci_repos set reconcile_after = $2
     where key = (select key from ci_repos
         where gone_at is null and (reconcile_after <= $1 or reconcile_after > $2) order by reconcile_after, key limit 1
         {|for update skip locked})
     returning owner as repo_owner, name as repo_name, key as repo_key, (reconciled_at is not null) as looked_at_before";
const KNOWN: &str =
    "select owner as repo_owner, name as repo_name, key as repo_key, (reconciled_at is not null) as looked_at_before
     from ci_repos where gone_at is null";

/// The latest of those that are gone; one that is being deleted is told as such.
const GONE: &str = "select k.owner as repo_owner, k.name as repo_name, k.repo_id, k.gone_at,
         coalesce((select n.repo_key from ci_repo_names n where n.name = lower(k.owner) || '/' || lower(k.name)),
             lower(k.owner) || '/' || lower(k.name)) <> k.key as is_replaced
     from ci_repos k where k.gone_at is not null and not exists (select 1 from ci_deletions d where d.repo_key = k.key)
     order by k.gone_at desc, k.key limit 20";
/// The latest names that lead to another one: those that were given to a key later, and keys that have another name.
const RENAMED: &str = "select n.before, k.owner as repo_owner, k.name as repo_name,
         coalesce((select c.since from ci_repo_names c where c.name = lower(k.owner) || '/' || lower(k.name)), n.since) as since
     from (select name as before, repo_key, since from ci_repo_names
         union all
         select o.key, o.key, o.reconcile_after from ci_repos o where o.key <> lower(o.owner) || '/' || lower(o.name)
             and not exists (select 1 from ci_repo_names a where a.name = o.key)) n
     join ci_repos k on k.key = n.repo_key
     where n.before <> lower(k.owner) || '/' || lower(k.name) and k.gone_at is null
     order by since desc, n.before limit 20";

/// What is to be known of repositories themselves; names are for those who may see private ones.
#[derive(Debug, Clone, Default)]
pub struct Repositories {
    /// Those that the forge has no more, or that lost their name to another one; a bounded number.
    pub gone: Vec<GoneRepo>,
    /// Names that lead to another one, the newest first; a bounded number.
    pub renamed: Vec<RenamedRepo>,
    /// Deletions of which rows are left.
    pub deletions: Vec<Deletion>,
}

/// A repository that the forge has no more, or that lost its name to another one.
#[derive(Debug, Clone, FromRow)]
pub struct GoneRepo {
    /// By the name that it had.
    #[sqlx(flatten)]
    pub repo: RepoName,
    /// The forge's number.
    pub repo_id: Option<i64>,
    /// Since when.
    pub gone_at: DateTime<Utc>,
    /// Whether another repository has the name.
    pub is_replaced: bool,
}

impl GoneRepo {
    /// The command that forgets it.
    pub fn command(&self) -> String {
        let id = self.repo_id.filter(|_| self.is_replaced).map(|id| format!(" --id {id}")).unwrap_or_default();
        format!("ci-feed delete {}{id} --yes", self.repo)
    }
}

/// A name that leads to a repository of another one.
#[derive(Debug, Clone, FromRow)]
pub struct RenamedRepo {
    /// In lower case.
    pub before: String,
    /// The name now.
    #[sqlx(flatten)]
    pub repo: RepoName,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// From now on the branches of this repository are looked at. `shown`: its name now.
pub(super) fn remember(
    tx: &mut Tx,
    repo: &RepoName,
    shown: &RepoName,
    default_branch: Option<&GitRef>,
    now: DateTime<Utc>,
) {
    tx.later(
        "insert into ci_repos (key, owner, name, default_branch, reconcile_after) values ($1, $2, $3, $4, $5)
         on conflict (key) do update set default_branch = excluded.default_branch
         where excluded.default_branch <> coalesce(ci_repos.default_branch, '')",
        params![repo.key(), shown.owner(), shown.name(), default_branch.map(GitRef::as_str), now],
    );
}

/// Only the forge knows where a branch of this repository is: it is asked as soon as a tick is idle.
pub(super) async fn look_soon(tx: &mut Tx, repo: &RepoName, now: DateTime<Utc>) -> Result<(), StoreError> {
    let due = "update ci_repos set reconcile_after = $2 where key = $1 and reconcile_after > $2";
    tx.execute(due, params![repo.key(), now]).await?;
    Ok(())
}

impl Store {
    /// What is to be known of repositories themselves.
    pub(super) async fn repositories(&self) -> Result<Repositories, StoreError> {
        Ok(Repositories {
            gone: self.read.rows(GONE, params![]).await?,
            renamed: self.read.rows(RENAMED, params![]).await?,
            deletions: self.deletions().await?,
        })
    }

    /// The repository whose branches should be looked at next, if one is due; nobody else gets it before `again_after`.
    pub async fn claim_repo_to_reconcile(&self, again_after: Duration) -> Result<Option<KnownRepo>, StoreError> {
        let mut tx = self.work.begin("claim_repo").await?;
        let now = tx.now().await?;
        let next = now + TimeDelta::from_std(again_after).unwrap_or(TimeDelta::MAX);
        let claimed = tx.row(DUE, params![now, next]).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Repositories that a webhook named and that are there as far as is known, in the order of their keys, from behind
    /// `after` on.
    pub async fn known_repos(&self, after: &str, limit: i64) -> Result<Vec<KnownRepo>, StoreError> {
        self.read.rows(format!("{KNOWN} and key > $1 order by key limit $2"), params![after, limit]).await
    }

    /// This repository, spelled as the webhook did, if one named it.
    pub async fn known_repo(&self, repo: &RepoName) -> Result<Option<KnownRepo>, StoreError> {
        let (owner, name) = self.kept(repo.owner(), repo.name()).await?;
        self.read.row(format!("{KNOWN} and key = $1"), params![format!("{owner}/{name}")]).await
    }

    /// The default branch of a repository, as its payloads say.
    pub async fn default_branch(&self, owner: &str, repo: &str) -> Result<Option<String>, StoreError> {
        let (owner, name) = self.kept(owner, repo).await?;
        let sql = "select default_branch from ci_repos where key = $1";
        let row: Option<(Option<String>,)> = self.read.row(sql, params![format!("{owner}/{name}")]).await?;
        Ok(row.and_then(|(branch,)| branch))
    }
}
