//! The index of facts: those of the default branch of each repository and of each open pull request, by the dossier that a
//! reader of the place gets (list.rs, `standing`).
//!
//! A place is locked first, then it is asked which run it comes to: of two that settle at once the later one sees the other.
//! Whoever settles a run writes its facts where it stands (fact_rows.rs); what changes otherwise is noted, and looked at by
//! and by (fact_looks.rs).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StoreError;
use super::columns::{Id, OptionalId};
use super::db::{Param, Pool, Row, Sql, Tx, params};
use crate::model::RepoName;

/// The number of the place that is no pull request: the default branch.
pub(super) const DEFAULT_BRANCH: i64 = 0;
/// Events of a place that are looked at for a success: first a few, which nearly always are enough.
const WINDOWS: [i64; 2] = [20, 2_000];

/// What stands at a place, and the newest dossier of the commit at which its branch or pull request is, as far as is known.
const NOW: &str =
    "select h.branch, h.head_sha, r.id, r.commit_sha, r.finished_at, p.pull, p.run_id, p.branch as of_branch,
         p.analyzer, p.since_sha
     from (HEAD) h
     left join ci_fact_places p on p.repo_key = $1 and p.pull = $2
     left join ci_runs r on r.id = (select n.id from ci_runs n {indexed by ci_runs_commit_sha|}
         where n.commit_sha = h.head_sha and lower(n.repo_owner) = $3 and lower(n.repo_name) = $4
             and n.status = 'SUCCEEDED'
         order by n.created_at desc, n.id desc limit 1)";
const BRANCH: &str = "select k.default_branch as branch, b.head_sha from (select 1 as one) o
     left join ci_repos k on k.key = $1
     left join ci_branches b on b.repo_key = k.key and b.branch = k.default_branch";
const PULL: &str = "select cast(null as text) as branch, q.head_sha from (select 1 as one) o
     left join ci_pulls q on q.repo_key = $1 and q.number = $2 and q.state = 'open'";
/// The dossier that the last event of a branch led to which led to one.
const OF_BRANCH: &str = "select r.id, r.commit_sha, r.finished_at
     from (select run_id as id, received_at as at from ci_run_refs {indexed by ci_run_refs_branch|}
         where event_type <> 'pull_request' and repo_key = $1 and ref = $2
         order by received_at desc, run_id desc limit $3) w
     {cross|} join ci_runs r on r.id = w.id where r.status = 'SUCCEEDED' order by w.at desc, w.id desc limit 1";
const OF_PULL: &str = "select r.id, r.commit_sha, r.finished_at
     from (select run_id as id, received_at as at from ci_run_refs {indexed by ci_run_refs_pull|}
         where event_type = 'pull_request' and repo_key = $1 and pr_number = $2
         order by received_at desc, run_id desc limit $3) w
     {cross|} join ci_runs r on r.id = w.id where r.status = 'SUCCEEDED' order by w.at desc, w.id desc limit 1";
/// Where nobody said which branch is the default one: the newest of any.
const OF_REPO: &str = "select r.id, r.commit_sha, r.finished_at
     from (select id, created_at as at from ci_runs {indexed by ci_runs_repo_feed|}
         where lower(repo_owner) = $1 and lower(repo_name) = $2 order by created_at desc, id desc limit $3) w
     {cross|} join ci_runs r on r.id = w.id
     where r.status = 'SUCCEEDED' and exists (select 1 from ci_run_refs f {indexed by ci_run_refs_run_id|}
         where f.run_id = w.id and f.event_type <> 'pull_request')
     order by w.at desc, w.id desc limit 1";

/// Where facts stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FactLocation {
    pub(super) repo_key: String,
    /// The pull request's number, or [`DEFAULT_BRANCH`].
    pub(super) pull: i64,
}

/// The run whose facts belong to a place.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct FactRun {
    #[sqlx(rename = "id", try_from = "Id")]
    pub(super) run_id: Uuid,
    pub(super) commit_sha: String,
    pub(super) finished_at: Option<DateTime<Utc>>,
    #[sqlx(skip)]
    pub(super) branch: Option<String>,
}

/// A transaction, or reads without one.
pub(super) enum Reads<'a> {
    Tx(&'a mut Tx),
    Pool(&'a Pool),
}

impl Reads<'_> {
    pub(super) async fn row<T: Row>(
        &mut self,
        sql: impl Into<Sql>,
        params: Vec<Param>,
    ) -> Result<Option<T>, StoreError> {
        match self {
            Self::Tx(tx) => tx.row(sql, params).await,
            Self::Pool(pool) => pool.row(sql, params).await,
        }
    }

    pub(super) async fn rows<T: Row>(&mut self, sql: impl Into<Sql>, params: Vec<Param>) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Tx(tx) => tx.rows(sql, params).await,
            Self::Pool(pool) => pool.rows(sql, params).await,
        }
    }
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stands {
    /// `None` while rows are left of what stands here no more.
    pub(super) run_id: Option<Uuid>,
    pub(super) branch: Option<String>,
    pub(super) analyzer: Option<String>,
    pub(super) since_sha: Option<String>,
}

/// A row of [`NOW`].
#[derive(sqlx::FromRow)]
struct Now {
    branch: Option<String>,
    head_sha: Option<String>,
    #[sqlx(try_from = "OptionalId")]
    id: Option<Uuid>,
    commit_sha: Option<String>,
    finished_at: Option<DateTime<Utc>>,
    pull: Option<i64>,
    #[sqlx(try_from = "OptionalId")]
    run_id: Option<Uuid>,
    of_branch: Option<String>,
    analyzer: Option<String>,
    since_sha: Option<String>,
}

impl FactLocation {
    /// The run whose facts belong here, of any reader, and what stands here.
    pub(super) async fn now(&self, reads: &mut Reads<'_>) -> Result<(Option<FactRun>, Option<Stands>), StoreError> {
        let kept = RepoName::of_key(&self.repo_key);
        let head = if self.pull == DEFAULT_BRANCH { BRANCH } else { PULL };
        let of_place = params![self.repo_key.as_str(), self.pull, kept.owner(), kept.name()];
        let Some(now) = reads.row::<Now>(NOW.replace("HEAD", head), of_place).await? else { return Ok((None, None)) };
        let Now { branch, run_id, of_branch, analyzer, since_sha, .. } = now;
        let stands = now.pull.map(|_| Stands { run_id, branch: of_branch, analyzer, since_sha });
        if self.pull != DEFAULT_BRANCH && now.head_sha.is_none() {
            return Ok((None, stands));
        }
        let of_head = now.id.zip(now.commit_sha);
        let mut wanted = of_head.map(|(run_id, commit_sha)| FactRun {
            run_id,
            commit_sha,
            finished_at: now.finished_at,
            branch: None,
        });
        for window in WINDOWS {
            if wanted.is_some() {
                break;
            }
            let (sql, params) = match (self.pull, &branch) {
                (DEFAULT_BRANCH, Some(branch)) => (OF_BRANCH, params![self.repo_key.as_str(), branch.as_str(), window]),
                (DEFAULT_BRANCH, None) => (OF_REPO, params![kept.owner(), kept.name(), window]),
                (pull, _) => (OF_PULL, params![self.repo_key.as_str(), pull, window]),
            };
            wanted = reads.row(sql, params).await?;
        }
        Ok((wanted.map(|wanted| FactRun { branch, ..wanted }), stands))
    }
}
