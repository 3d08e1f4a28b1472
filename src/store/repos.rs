//! Repositories that a webhook named, and when each is looked at next.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::db::{Tx, params};
use super::{KnownRepo, Store, StoreError};
use crate::model::{GitRef, RepoName};

const DUE: &str = "update ci_repos set reconcile_after = $2
     where key = (select key from ci_repos where reconcile_after <= $1 or reconcile_after > $2 order by reconcile_after, key limit 1
                  {|for update skip locked})
     returning owner as repo_owner, name as repo_name, (reconciled_at is not null) as looked_at_before";
const KNOWN: &str = "select owner as repo_owner, name as repo_name, (reconciled_at is not null) as looked_at_before
     from ci_repos";

/// From now on the branches of this repository are looked at.
pub(super) async fn remember(
    tx: &mut Tx,
    repo: &RepoName,
    default_branch: Option<&GitRef>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into ci_repos (key, owner, name, default_branch, reconcile_after) values ($1, $2, $3, $4, $5)
         on conflict (key) do update set default_branch = excluded.default_branch
         where excluded.default_branch <> coalesce(ci_repos.default_branch, '')",
        params![repo.key(), repo.owner(), repo.name(), default_branch.map(GitRef::as_str), now],
    )
    .await?;
    Ok(())
}

/// Only the forge knows where a branch of this repository is: it is asked as soon as a tick is idle.
pub(super) async fn look_soon(tx: &mut Tx, repo: &RepoName, now: DateTime<Utc>) -> Result<(), StoreError> {
    let due = "update ci_repos set reconcile_after = $2 where key = $1 and reconcile_after > $2";
    tx.execute(due, params![repo.key(), now]).await?;
    Ok(())
}

impl Store {
    /// The repository whose branches should be looked at next, if one is due; nobody else gets it before `again_after`.
    pub async fn claim_repo_to_reconcile(&self, again_after: Duration) -> Result<Option<KnownRepo>, StoreError> {
        let mut tx = self.work.begin("claim_repo").await?;
        let now = tx.now().await?;
        let next = now + TimeDelta::from_std(again_after).unwrap_or(TimeDelta::MAX);
        let claimed = tx.row(DUE, params![now, next]).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Repositories that a webhook named, in the order of their lower-case `owner/name`, from behind `after` on.
    pub async fn known_repos(&self, after: &str, limit: i64) -> Result<Vec<KnownRepo>, StoreError> {
        self.read.rows(format!("{KNOWN} where key > $1 order by key limit $2"), params![after, limit]).await
    }

    /// This repository, spelled as the webhook did, if one named it.
    pub async fn known_repo(&self, repo: &RepoName) -> Result<Option<KnownRepo>, StoreError> {
        self.read.row(format!("{KNOWN} where key = $1"), params![repo.key()]).await
    }

    /// The default branch of a repository, as its payloads say.
    pub async fn default_branch(&self, owner: &str, repo: &str) -> Result<Option<String>, StoreError> {
        let sql = "select default_branch from ci_repos where key = $1";
        let row: Option<(Option<String>,)> =
            self.read.row(sql, params![format!("{owner}/{repo}").to_ascii_lowercase()]).await?;
        Ok(row.and_then(|(branch,)| branch))
    }
}
