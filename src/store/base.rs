//! The run that another one's drift is measured against.

use super::db::params;
use super::run::of;
use super::{BaseQuery, BaseRun, Run, Store, StoreError};
use crate::model::Reader;

/// The latest that was there before.
const OF_COMMIT: &str = "r.id, r.commit_sha from RUNS r
     where lower(r.repo_owner) || '/' || lower(r.repo_name) = $1 and r.commit_sha = $2 and r.commit_sha <> $3
         and r.status = 'SUCCEEDED' and (r.created_at, r.id) < ($4, $5)
     order by r.created_at desc, r.id desc limit 1";
/// The same by the events of a branch. A pull request's branch may be a fork's and only be called the same, so it is no
/// branch of the repository.
const OF_BRANCH: &str = "r.id, r.commit_sha from ci_run_refs f join RUNS r on r.id = f.run_id
     where f.repo_key = $1 and f.ref = $2 and f.event_type <> 'pull_request' and r.commit_sha <> $3
         and r.status = 'SUCCEEDED' and (f.received_at, f.run_id) < ($4, $5)
     order by f.received_at desc, f.run_id desc limit 1";

impl Store {
    /// The latest SUCCEEDED run of the same repository that was there before `run` and is of another commit; among those
    /// that a reader of this run's dossier may see.
    pub async fn base_of(
        &self,
        reader: Reader,
        run: &Run,
        query: BaseQuery<'_>,
    ) -> Result<Option<BaseRun>, StoreError> {
        let (select, what) = match query {
            BaseQuery::Commit(commit_sha) => (OF_COMMIT, commit_sha.as_str()),
            BaseQuery::Branch(git_ref) => (OF_BRANCH, git_ref.as_str()),
        };
        let params = params![run.repo_key.as_str(), what, run.commit_sha.as_str(), run.created_at, run.id];
        self.read.row(of(reader, select), params).await
    }
}
