//! The index of facts: those of the default branch of each repository and of each open pull request, by the dossier that a
//! reader of the place gets (list.rs, `standing`).
//!
//! A place is taken first, then it is asked which run it comes to: of two that settle at once the later one sees the other.
//! Whoever settles a run writes its facts where it stands (fact_rows.rs); what changes otherwise is noted, and looked at by
//! and by (fact_looks.rs).

use uuid::Uuid;

use super::StoreError;
use super::columns::Id;
use super::db::{Param, Pool, Row, Tx, params};
use crate::model::RepoName;

/// The number of the place that is no pull request: the default branch.
pub(super) const DEFAULT_BRANCH: i64 = 0;
/// Events of a place that are looked at for a success: first a few, which nearly always are enough.
const WINDOWS: [i64; 2] = [20, 2_000];

/// Where the default branch stands, as far as is known.
const BRANCH: &str = "select k.default_branch, b.head_sha from ci_repos k
     left join ci_branches b on b.repo_key = k.key and b.branch = k.default_branch where k.key = $1";
const PULL: &str = "select head_sha from ci_pulls where repo_key = $1 and number = $2 and state = 'open'";

/// The newest dossier of a commit.
const OF_COMMIT: &str = "select r.id, r.commit_sha, r.finished_at from ci_runs r {indexed by ci_runs_commit_sha|}
     where r.commit_sha = $3 and lower(r.repo_owner) = $1 and lower(r.repo_name) = $2 and r.status = 'SUCCEEDED'
     order by r.created_at desc, r.id desc limit 1";
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
pub(super) struct Place {
    pub(super) repo_key: String,
    /// The pull request's number, or [`DEFAULT_BRANCH`].
    pub(super) pull: i64,
}

/// The run whose facts belong to a place.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Wanted {
    #[sqlx(rename = "id", try_from = "Id")]
    pub(super) run_id: Uuid,
    pub(super) commit_sha: String,
    pub(super) finished_at: Option<chrono::DateTime<chrono::Utc>>,
    #[sqlx(skip)]
    pub(super) branch: Option<String>,
}

/// A transaction, or reads without one.
pub(super) enum Reads<'a> {
    Tx(&'a mut Tx),
    Pool(&'a Pool),
}

impl Reads<'_> {
    async fn row<T: Row>(&mut self, sql: &'static str, params: Vec<Param>) -> Result<Option<T>, StoreError> {
        match self {
            Self::Tx(tx) => tx.row(sql, params).await,
            Self::Pool(pool) => pool.row(sql, params).await,
        }
    }
}

impl Place {
    /// The run whose facts belong here, of any reader.
    pub(super) async fn wants(&self, reads: &mut Reads<'_>) -> Result<Option<Wanted>, StoreError> {
        let kept = RepoName::of_key(&self.repo_key);
        let (branch, head) = if self.pull == DEFAULT_BRANCH {
            let row: Option<(Option<String>, Option<String>)> =
                reads.row(BRANCH, params![self.repo_key.as_str()]).await?;
            row.unwrap_or_default()
        } else {
            let row: Option<(String,)> = reads.row(PULL, params![self.repo_key.as_str(), self.pull]).await?;
            let Some((head,)) = row else { return Ok(None) };
            (None, Some(head))
        };
        let mut wanted: Option<Wanted> = None;
        if let Some(head) = head {
            wanted = reads.row(OF_COMMIT, params![kept.owner(), kept.name(), head]).await?;
        }
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
        Ok(wanted.map(|wanted| Wanted { branch, ..wanted }))
    }
}
