//! Where branches and pull requests stand, and what runs where. What is late or said again moves nothing back.
//!
//! Whoever writes here holds the repository's row of `ci_privacy`, so that two events of one repository come one by one.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::columns::Id;
use super::commit::{RUN_OF, WITH_RUN};
use super::db::{Tx, params};
use super::fact_looks::look_later;
use super::identity::{RepoInEvent, locate};
use super::refs::{EventSubject, attach};
use super::repos::{look_soon, remember};
use super::{Branch, Head, KnownRepo, MissedHead, Store, StoreError, outbox, privacy, turn};
use crate::model::{Change, CommitSha, EventType, GitRef, NewRun, News, RepoName};

/// Branches that one transaction notes.
const HEADS_A_TRANSACTION: usize = 500;

const STAND: &str = "select branch, head_sha, skipped_sha, said_at, seen_at from ci_branches where repo_key = $1";
const MOVE: &str = "insert into ci_branches (repo_key, branch, head_sha, said_at, seen_at) values ($1, $2, $3, $4, $5)
     on conflict (repo_key, branch) do update set head_sha = excluded.head_sha, said_at = excluded.said_at,
         seen_at = excluded.seen_at";
/// Only the row that was read before the forge was asked: whatever came meanwhile is newer than its answer.
const MOVE_BY_LOOK: &str = "update ci_branches set head_sha = $3, said_at = null, seen_at = $4
     where repo_key = $1 and branch = $2 and seen_at = $5";

impl Branch {
    /// Whether what is said of the branch is later than what is known. By the payload's own time; without one, or
    /// within its second, by the commit that it says the branch was at before.
    fn is_moved_by(&self, before: Option<&CommitSha>, said_at: Option<DateTime<Utc>>) -> bool {
        let follows = before.is_some_and(|before| before.as_str() == self.head_sha);
        match (said_at, self.said_at) {
            (Some(at), Some(known)) => at > known || (follows && at == known),
            (Some(at), None) => follows || at > self.seen_at,
            (None, _) => follows,
        }
    }
}

/// What an event changed of where something stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moved {
    /// Whether what it says is new.
    pub(super) is_new: bool,
    /// The turn of the waiting run that was left behind.
    pub(super) freed: Option<i64>,
}

/// What a verified push, or a pull request's event, says of where things stand.
pub(super) async fn follow(tx: &mut Tx, run: &NewRun, now: DateTime<Utc>) -> Result<Moved, StoreError> {
    match (run.event_type, run.pr_number, run.base_ref.as_ref()) {
        (EventType::Push, ..) => {
            let push = Push { branch: &run.git_ref, before: run.base_sha.as_ref(), after: &run.commit_sha };
            moved(tx, &run.repo, &push, run.said_at, now).await
        }
        (EventType::PullRequest, Some(number), base_ref) => {
            let pull = Pull { number, head_sha: &run.commit_sha, base_ref, state: "open" };
            pulled(tx, &run.repo, &pull, run.said_at, now).await
        }
        _ => Ok(Moved::default()),
    }
}

struct Push<'a> {
    branch: &'a GitRef,
    before: Option<&'a CommitSha>,
    after: &'a CommitSha,
}

async fn moved(
    tx: &mut Tx,
    repo: &RepoName,
    push: &Push<'_>,
    said_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Moved, StoreError> {
    let known = stand(tx, repo, push.branch).await?;
    match known {
        Some(known) if !known.is_moved_by(push.before, said_at) => {
            if known.head_sha != push.after.as_str() {
                look_soon(tx, repo, now).await?;
            }
            Ok(Moved::default())
        }
        known => {
            tx.execute(MOVE, params![repo.key(), push.branch.as_str(), push.after.as_str(), said_at, now]).await?;
            let left = known.as_ref().map(|known| known.head_sha.as_str());
            Ok(Moved { is_new: true, freed: turn::step_back(tx, repo, left, now).await? })
        }
    }
}

async fn stand(tx: &mut Tx, repo: &RepoName, branch: &GitRef) -> Result<Option<Branch>, StoreError> {
    tx.row(format!("{STAND} and branch = $2"), params![repo.key(), branch.as_str()]).await
}

async fn deleted(
    tx: &mut Tx,
    repo: &RepoName,
    branch: &GitRef,
    before: Option<&CommitSha>,
    said_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let Some(known) = stand(tx, repo, branch).await? else { return Ok(false) };
    let is_new = known.is_moved_by(before, said_at);
    if is_new {
        forget(tx, repo, &known, now).await?;
    } else {
        look_soon(tx, repo, now).await?;
    }
    Ok(is_new)
}

async fn forget(tx: &mut Tx, repo: &RepoName, branch: &Branch, now: DateTime<Utc>) -> Result<(), StoreError> {
    let gone = "delete from ci_branches where repo_key = $1 and branch = $2 and seen_at = $3";
    if tx.execute(gone, params![repo.key(), branch.branch.as_str(), branch.seen_at]).await? == 0 {
        return Ok(());
    }
    let freed = turn::step_back(tx, repo, Some(&branch.head_sha), now).await?;
    turn::give_up(tx, repo, freed).await
}

struct Pull<'a> {
    number: i64,
    head_sha: &'a CommitSha,
    base_ref: Option<&'a GitRef>,
    state: &'static str,
}

async fn pulled(
    tx: &mut Tx,
    repo: &RepoName,
    pull: &Pull<'_>,
    said_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Moved, StoreError> {
    let stood = "select head_sha from ci_pulls where repo_key = $1 and number = $2";
    let left: Option<(String,)> = tx.row(stood, params![repo.key(), pull.number]).await?;
    let changed = tx
        .execute(
            "insert into ci_pulls (repo_key, number, head_sha, base_ref, state, said_at, seen_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (repo_key, number) do update set head_sha = excluded.head_sha, base_ref = excluded.base_ref,
                 state = excluded.state, said_at = excluded.said_at, seen_at = excluded.seen_at
             where excluded.said_at >= coalesce(ci_pulls.said_at, excluded.said_at) or excluded.said_at is null",
            params![
                repo.key(),
                pull.number,
                pull.head_sha.as_str(),
                pull.base_ref.map(GitRef::as_str),
                pull.state,
                said_at,
                now
            ],
        )
        .await?;
    if changed == 0 {
        return Ok(Moved::default());
    }
    let freed = turn::step_back(tx, repo, left.as_ref().map(|(head_sha,)| head_sha.as_str()), now).await?;
    Ok(Moved { is_new: true, freed })
}

async fn deployed(
    tx: &mut Tx,
    repo: &RepoName,
    (environment, commit_sha): (&str, &CommitSha),
    said_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "insert into ci_deployments (repo_key, environment, commit_sha, said_at, seen_at)
             values ($1, $2, $3, $4, $5)
             on conflict (repo_key, environment) do update set commit_sha = excluded.commit_sha,
                 said_at = excluded.said_at, seen_at = excluded.seen_at
             where excluded.said_at >= coalesce(ci_deployments.said_at, excluded.said_at) or excluded.said_at is null",
            params![repo.key(), environment, commit_sha.as_str(), said_at, now],
        )
        .await?;
    Ok(changed > 0)
}

/// Take in what an event that makes no run tells; answers whether it is new.
pub(super) async fn hear(tx: &mut Tx, news: &News, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let News { repo: shown, identity, default_branch, said_at, change } = news;
    let from = if let Change::Renamed { from } = change { Some(from) } else { None };
    let said = RepoInEvent { repo: shown, identity, from, at: *said_at };
    let Some(at) = locate(tx, &said, !change.is_of_the_repository(), now).await? else { return Ok(false) };
    let repo = &at.kept;
    remember(tx, repo, shown, default_branch.as_ref(), now);
    look_later(tx, &repo.key(), now);
    match change {
        Change::Renamed { .. } => Ok(at.renamed),
        Change::Edited { .. } => Ok(true),
        Change::Gone => {
            let gone = "update ci_repos set gone_at = $2 where key = $1";
            Ok(tx.execute(gone, params![repo.key(), now]).await? > 0)
        }
        Change::Skipped { branch, before, commit_sha, .. } => {
            let push = Push { branch, before: before.as_ref(), after: commit_sha };
            let Moved { is_new, freed } = moved(tx, repo, &push, *said_at, now).await?;
            turn::give_up(tx, repo, freed).await?;
            // Late or not: otherwise reconciling would find a commit without a run.
            let skip = "update ci_branches set skipped_sha = $3 where repo_key = $1 and branch = $2";
            tx.execute(skip, params![repo.key(), branch.as_str(), commit_sha.as_str()]).await?;
            Ok(is_new)
        }
        Change::Deleted { branch, before } => deleted(tx, repo, branch, before.as_ref(), *said_at, now).await,
        Change::Closed { number, head_sha, base_ref } => {
            let pull = Pull { number: *number, head_sha, base_ref: Some(base_ref), state: "closed" };
            let Moved { is_new, freed } = pulled(tx, repo, &pull, *said_at, now).await?;
            turn::give_up(tx, repo, freed).await?;
            Ok(is_new)
        }
        Change::Labeled { head_sha, .. } => {
            outbox::of_commit(tx, repo, head_sha, now).await?;
            Ok(true)
        }
        Change::Deployed { environment, commit_sha, is_live: true } => {
            deployed(tx, repo, (environment, commit_sha), *said_at, now).await
        }
        Change::Deployed { environment, commit_sha, is_live: false } => {
            let gone = "delete from ci_deployments where repo_key = $1 and environment = $2 and commit_sha = $3";
            Ok(tx.execute(gone, params![repo.key(), environment.as_str(), commit_sha.as_str()]).await? > 0)
        }
    }
}

impl Store {
    /// The branches of a repository as they stand, to be compared with what the forge says next.
    pub async fn branches(&self, repo: &KnownRepo) -> Result<Vec<Branch>, StoreError> {
        self.read.rows(STAND, params![repo.key.as_str()]).await
    }

    /// Which of these heads are commits that have no run, though their author did not ask for none.
    pub async fn missed_heads(
        &self,
        repo: &KnownRepo,
        known: &[Branch],
        heads: &[Head],
    ) -> Result<Vec<MissedHead>, StoreError> {
        let commits: Value = heads.iter().map(|head| head.commit_sha.as_str()).collect();
        let (owner, name) = of(&repo.kept());
        let with_run: Vec<(String,)> = self.read.rows(WITH_RUN, params![owner, name, commits]).await?;
        let with_run: HashSet<String> = with_run.into_iter().map(|(commit_sha,)| commit_sha).collect();
        let known = by_name(known);
        let missed = |head: &Head| {
            let (branch, commit_sha) = (known.get(head.branch.as_str()), head.commit_sha.as_str());
            let skipped = branch.is_some_and(|branch| branch.skipped_sha.as_deref() == Some(commit_sha));
            let missed = !skipped && !with_run.contains(commit_sha);
            missed.then(|| MissedHead {
                head: head.clone(),
                seen_before: branch.is_some_and(|branch| branch.head_sha == commit_sha),
                branch_is_known: branch.is_some(),
            })
        };
        Ok(heads.iter().filter_map(missed).collect())
    }

    /// Note where branches stand after a look. `known` is where they stood before it. `all_branches`: `heads` are all
    /// that the repository has. `looked_at_before`: a branch that is new came since then.
    ///
    /// Where the repository has another name by now, or none, the answer was another one's, and nothing is noted.
    pub async fn note_heads(
        &self,
        looked_at: &KnownRepo,
        known: &[Branch],
        heads: &[Head],
        (all_branches, looked_at_before): (bool, bool),
    ) -> Result<(), StoreError> {
        let mut gone = by_name(known);
        let has_moved = |head: &&Head| {
            gone.remove(head.branch.as_str()).is_none_or(|branch| branch.head_sha != head.commit_sha.as_str())
        };
        // Most branches of a repository stand still; only what moved is written.
        let moved: Vec<&Head> = heads.iter().filter(has_moved).collect();
        let (known, repo) = (by_name(known), looked_at.kept());
        for some in moved.chunks(HEADS_A_TRANSACTION) {
            let mut tx = self.work.begin("note_heads").await?;
            let now = tx.now().await?;
            privacy::take_key(&mut tx, &looked_at.key).await?;
            if !has_its_name(&mut tx, looked_at).await? {
                return Ok(());
            }
            for head in some {
                let branch = known.get(head.branch.as_str()).copied();
                note(&mut tx, &repo, head, (branch, looked_at_before), now).await?;
            }
            look_later(&mut tx, &looked_at.key, now);
            tx.commit().await?;
        }
        if !all_branches {
            return Ok(());
        }
        let mut tx = self.work.begin("looked").await?;
        let now = tx.now().await?;
        privacy::take_key(&mut tx, &looked_at.key).await?;
        if !has_its_name(&mut tx, looked_at).await? {
            return Ok(());
        }
        let mut gone: Vec<&Branch> = gone.into_values().collect();
        gone.sort_by_key(|branch| &branch.branch);
        for branch in &gone {
            forget(&mut tx, &repo, branch, now).await?;
        }
        if !gone.is_empty() {
            look_later(&mut tx, &looked_at.key, now);
        }
        let looked = "update ci_repos set reconciled_at = $2 where key = $1";
        tx.execute(looked, params![repo.key(), now]).await?;
        tx.commit().await
    }
}

/// Whether the repository is still called as it was when the forge was asked.
async fn has_its_name(tx: &mut Tx, known: &KnownRepo) -> Result<bool, StoreError> {
    let sql = "select key from ci_repos where key = $1 and lower(owner) = $2 and lower(name) = $3 and gone_at is null";
    let (owner, name) = of(&known.repo);
    Ok(tx.row::<(String,)>(sql, params![known.key.as_str(), owner, name]).await?.is_some())
}

/// The forge says where a branch is. A move is an event of the branch, like the push that nobody delivered.
async fn note(
    tx: &mut Tx,
    repo: &RepoName,
    head: &Head,
    (known, looked_at_before): (Option<&Branch>, bool),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (branch, commit_sha) = (head.branch.as_str(), head.commit_sha.as_str());
    let noted = match known {
        Some(known) => tx.execute(MOVE_BY_LOOK, params![repo.key(), branch, commit_sha, now, known.seen_at]).await?,
        None => {
            let first = "insert into ci_branches (repo_key, branch, head_sha, seen_at) values ($1, $2, $3, $4)
                 on conflict (repo_key, branch) do nothing";
            tx.execute(first, params![repo.key(), branch, commit_sha, now]).await?
        }
    };
    if noted == 0 {
        return Ok(());
    }
    let (owner, name) = of(repo);
    let run = tx.row::<(Id,)>(RUN_OF, params![owner, name, commit_sha]).await?;
    let freed = turn::step_back(tx, repo, known.map(|known| known.head_sha.as_str()), now).await?;
    match &run {
        Some((run_id,)) => turn::step_up(tx, repo, (*run_id).into(), freed, now).await?,
        None => turn::give_up(tx, repo, freed).await?,
    }
    if known.is_none() && !looked_at_before {
        return Ok(());
    }
    if let Some((run_id,)) = run {
        let event =
            EventSubject { repo, event_type: EventType::Push, git_ref: &head.branch, pr_number: None, base_sha: None };
        attach(tx, &event, run_id.into(), None, true, now).await?;
    }
    Ok(())
}

fn by_name(branches: &[Branch]) -> HashMap<&str, &Branch> {
    branches.iter().map(|branch| (branch.branch.as_str(), branch)).collect()
}

fn of(repo: &RepoName) -> (String, String) {
    (repo.owner().to_ascii_lowercase(), repo.name().to_ascii_lowercase())
}
