//! Repositories that a webhook told of, and where their branches stood: what reconciling compares with.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::db::{Sql, Tx, params};
use super::open::SqlStore;
use super::{Head, KnownRepo, MissedHead, StoreError};
use crate::model::RepoName;

/// Branches that one transaction notes.
const HEADS_A_TRANSACTION: usize = 500;

const DUE: Sql = Sql::split(
    "update ci_repos set reconcile_after = $2
     where key = (select key from ci_repos where reconcile_after <= $1 order by reconcile_after, key limit 1)
     returning owner, name, reconciled_at",
    "update ci_repos set reconcile_after = $2
     where key = (select key from ci_repos where reconcile_after <= $1 order by reconcile_after, key limit 1
                  for update skip locked)
     returning owner, name, reconciled_at",
);

#[derive(sqlx::FromRow)]
struct RepoRow {
    owner: String,
    name: String,
    reconciled_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct HeadState {
    is_answered: bool,
    seen_before: bool,
    is_known: bool,
}

#[derive(sqlx::FromRow)]
struct Privacy {
    private: bool,
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

impl SqlStore {
    /// The repository whose look has been due longest is this caller's; others see it due again only after `again_after`.
    pub(super) async fn claim_repo(&self, again_after: Duration) -> Result<Option<KnownRepo>, StoreError> {
        let mut tx = self.work.begin("claim_repo").await?;
        let now = tx.now().await?;
        let next = now + TimeDelta::from_std(again_after).unwrap_or(TimeDelta::MAX);
        let row: Option<RepoRow> = tx.row(DUE, params![now, next]).await?;
        tx.commit().await?;
        Ok(row.and_then(known))
    }

    pub(super) async fn list_known_repos(&self, after: &str, limit: i64) -> Result<Vec<KnownRepo>, StoreError> {
        let rows: Vec<RepoRow> = self
            .read
            .rows(
                "select owner, name, reconciled_at from ci_repos where key > $1 order by key limit $2",
                params![after, limit],
            )
            .await?;
        Ok(rows.into_iter().filter_map(known).collect())
    }

    pub(super) async fn find_known_repo(&self, repo: &RepoName) -> Result<Option<KnownRepo>, StoreError> {
        let sql = "select owner, name, reconciled_at from ci_repos where key = $1";
        Ok(self.read.row(sql, params![repo.key()]).await?.and_then(known))
    }

    pub(super) async fn heads_without_run(
        &self,
        repo: &RepoName,
        heads: &[Head],
    ) -> Result<Vec<MissedHead>, StoreError> {
        // By the commit first: that index leaves a row or two.
        const STATE: &str = "select
             exists (select 1 from ci_runs r where r.commit_sha = $3
                 and lower(r.repo_owner) = $4 and lower(r.repo_name) = $5)
                 or exists (select 1 from ci_heads where repo_key = $1 and branch = $2 and commit_sha = $3 and skipped)
                 as is_answered,
             exists (select 1 from ci_heads where repo_key = $1 and branch = $2 and commit_sha = $3) as seen_before,
             exists (select 1 from ci_heads where repo_key = $1 and branch = $2)
                 or exists (select 1 from ci_run_refs f join ci_runs r on r.id = f.run_id
                     where lower(r.repo_owner) = $4 and lower(r.repo_name) = $5
                       and f.ref = $2 and f.event_type = 'push') as is_known";
        let (owner, name) = (repo.owner().to_ascii_lowercase(), repo.name().to_ascii_lowercase());
        let mut missed = Vec::new();
        for head in heads {
            let state: Option<HeadState> = self
                .read
                .row(
                    STATE,
                    params![repo.key(), head.branch.as_str(), head.commit_sha.as_str(), owner.as_str(), name.as_str()],
                )
                .await?;
            if let Some(state) = state.filter(|state| !state.is_answered) {
                let HeadState { seen_before, is_known: branch_is_known, .. } = state;
                missed.push(MissedHead { head: head.clone(), seen_before, branch_is_known });
            }
        }
        Ok(missed)
    }

    /// Whether the last run of a repository was of a private one.
    pub(super) async fn repo_is_private(&self, repo: &RepoName) -> Result<bool, StoreError> {
        let row: Option<Privacy> = self
            .read
            .row(
                "select private from ci_runs where lower(repo_owner) = $1 and lower(repo_name) = $2
                 order by created_at desc, id desc limit 1",
                params![repo.owner().to_ascii_lowercase(), repo.name().to_ascii_lowercase()],
            )
            .await?;
        Ok(row.is_some_and(|row| row.private))
    }

    pub(super) async fn write_skipped(&self, repo: &RepoName, head: &Head) -> Result<(), StoreError> {
        let mut tx = self.intake.begin("skip").await?;
        let now = tx.now().await?;
        remember(&mut tx, repo, now).await?;
        note(&mut tx, repo, head, true, now).await?;
        tx.commit().await
    }

    pub(super) async fn write_heads(
        &self,
        repo: &RepoName,
        heads: &[Head],
        all_branches: bool,
    ) -> Result<(), StoreError> {
        let mut started = None;
        for some in heads.chunks(HEADS_A_TRANSACTION) {
            let mut tx = self.work.begin("note_heads").await?;
            let now = tx.now().await?;
            started.get_or_insert(now);
            remember(&mut tx, repo, now).await?;
            for head in some {
                note(&mut tx, repo, head, false, now).await?;
            }
            tx.commit().await?;
        }
        if !all_branches {
            return Ok(());
        }
        let mut tx = self.work.begin("looked").await?;
        let now = tx.now().await?;
        let gone = "delete from ci_heads where repo_key = $1 and seen_at < $2";
        tx.execute(gone, params![repo.key(), started.unwrap_or(now)]).await?;
        let looked = "update ci_repos set reconciled_at = $2 where key = $1";
        tx.execute(looked, params![repo.key(), now]).await?;
        tx.commit().await
    }
}

/// A look does not forget that a commit is to be skipped.
async fn note(tx: &mut Tx, repo: &RepoName, head: &Head, skipped: bool, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(
        "insert into ci_heads (repo_key, branch, commit_sha, skipped, seen_at) values ($1, $2, $3, $4, $5)
         on conflict (repo_key, branch) do update set commit_sha = excluded.commit_sha, seen_at = excluded.seen_at,
             skipped = excluded.skipped or (ci_heads.skipped and ci_heads.commit_sha = excluded.commit_sha)",
        params![repo.key(), head.branch.as_str(), head.commit_sha.as_str(), skipped, now],
    )
    .await?;
    Ok(())
}

fn known(row: RepoRow) -> Option<KnownRepo> {
    let repo = RepoName::parse(&row.owner, &row.name).ok()?;
    Some(KnownRepo { repo, looked_at_before: row.reconciled_at.is_some() })
}
