//! Repositories that a webhook named, and the commits of their branches: what reconciling compares with.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::db::{Tx, params};
use super::{Head, KnownRepo, MissedHead, Store, StoreError};
use crate::model::RepoName;

/// Branches that one transaction notes.
const HEADS_A_TRANSACTION: usize = 500;

const DUE: &str = "update ci_repos set reconcile_after = $2
     where key = (select key from ci_repos where reconcile_after <= $1 or reconcile_after > $2 order by reconcile_after, key limit 1
                  {|for update skip locked})
     returning owner as repo_owner, name as repo_name, (reconciled_at is not null) as looked_at_before";
const KNOWN: &str = "select owner as repo_owner, name as repo_name, (reconciled_at is not null) as looked_at_before
     from ci_repos";

#[derive(sqlx::FromRow)]
struct HeadRow {
    branch: String,
    commit_sha: String,
    skipped: bool,
}

/// From now on the branches of this repository are looked at.
pub(super) async fn remember(tx: &mut Tx, repo: &RepoName, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(
        "insert into ci_repos (key, owner, name, reconcile_after) values ($1, $2, $3, $4) on conflict (key) do nothing",
        params![repo.key(), repo.owner(), repo.name(), now],
    )
    .await?;
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

    /// Which of these branches are at a commit that has no run, though its author did not ask for none.
    pub async fn missed_heads(&self, repo: &RepoName, heads: &[Head]) -> Result<Vec<MissedHead>, StoreError> {
        const COMMITS: &str = "select distinct commit_sha from ci_runs
             where lower(repo_owner) = $1 and lower(repo_name) = $2";
        const PUSHED: &str = "select distinct f.ref from ci_run_refs f join ci_runs r on r.id = f.run_id
             where lower(r.repo_owner) = $1 and lower(r.repo_name) = $2 and f.event_type = 'push'";
        let noted = self.noted_heads(repo).await?;
        let commits = self.texts(COMMITS, repo).await?;
        let pushed = self.texts(PUSHED, repo).await?;
        let missed = |head: &Head| {
            let (branch, commit_sha) = (head.branch.as_str(), head.commit_sha.as_str());
            let noted = noted.get(branch);
            let seen_before = noted.is_some_and(|noted| noted.commit_sha == commit_sha);
            let skipped = seen_before && noted.is_some_and(|noted| noted.skipped);
            let branch_is_known = noted.is_some() || pushed.contains(branch);
            let missed = !skipped && !commits.contains(commit_sha);
            missed.then(|| MissedHead { head: head.clone(), seen_before, branch_is_known })
        };
        Ok(heads.iter().filter_map(missed).collect())
    }

    async fn noted_heads(&self, repo: &RepoName) -> Result<HashMap<String, HeadRow>, StoreError> {
        let sql = "select branch, commit_sha, skipped from ci_heads where repo_key = $1";
        let rows: Vec<HeadRow> = self.read.rows(sql, params![repo.key()]).await?;
        Ok(rows.into_iter().map(|row| (row.branch.clone(), row)).collect())
    }

    /// The one column of a statement over a repository.
    async fn texts(&self, sql: &'static str, repo: &RepoName) -> Result<HashSet<String>, StoreError> {
        let (owner, name) = (repo.owner().to_ascii_lowercase(), repo.name().to_ascii_lowercase());
        Ok(self.read.rows(sql, params![owner, name]).await?.into_iter().map(|(text,)| text).collect())
    }

    /// Note a commit whose author asked for no run.
    pub async fn note_skipped(&self, repo: &RepoName, head: &Head) -> Result<(), StoreError> {
        let mut tx = self.intake.begin("skip").await?;
        let now = tx.now().await?;
        remember(&mut tx, repo, now).await?;
        note(&mut tx, repo, head, true).await?;
        tx.commit().await
    }

    /// Note where branches stand after a look. `all_branches`: these are all that the repository has.
    pub async fn note_heads(&self, repo: &RepoName, heads: &[Head], all_branches: bool) -> Result<(), StoreError> {
        // Most branches of a repository stand still; only what moved is written.
        let mut noted = self.noted_heads(repo).await?;
        let has_moved = |head: &&Head| {
            noted.remove(head.branch.as_str()).is_none_or(|noted| noted.commit_sha != head.commit_sha.as_str())
        };
        let moved: Vec<&Head> = heads.iter().filter(has_moved).collect();
        for some in moved.chunks(HEADS_A_TRANSACTION) {
            let mut tx = self.work.begin("note_heads").await?;
            let now = tx.now().await?;
            remember(&mut tx, repo, now).await?;
            for head in some {
                note(&mut tx, repo, head, false).await?;
            }
            tx.commit().await?;
        }
        if !all_branches {
            return Ok(());
        }
        let mut tx = self.work.begin("looked").await?;
        let now = tx.now().await?;
        // A commit to be skipped may be of a branch that came after the question.
        for row in noted.into_values().filter(|row| !row.skipped) {
            let gone = "delete from ci_heads where repo_key = $1 and branch = $2";
            tx.execute(gone, params![repo.key(), row.branch]).await?;
        }
        let looked = "update ci_repos set reconciled_at = $2 where key = $1";
        tx.execute(looked, params![repo.key(), now]).await?;
        tx.commit().await
    }
}

/// A look does not forget that a commit is to be skipped.
async fn note(tx: &mut Tx, repo: &RepoName, head: &Head, skipped: bool) -> Result<(), StoreError> {
    tx.execute(
        "insert into ci_heads (repo_key, branch, commit_sha, skipped) values ($1, $2, $3, $4)
         on conflict (repo_key, branch) do update set commit_sha = excluded.commit_sha,
             skipped = excluded.skipped or (ci_heads.skipped and ci_heads.commit_sha = excluded.commit_sha)",
        params![repo.key(), head.branch.as_str(), head.commit_sha.as_str(), skipped],
    )
    .await?;
    Ok(())
}
