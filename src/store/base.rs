//! The run that another one's drift is measured against.

use super::db::params;
use super::{BaseQuery, BaseRun, Run, Store, StoreError};
use crate::model::{CommitSha, GitRef, Reader};

/// A condition is switched off by a NULL. A pull request's branch may be a fork's and only be called the same, so it
/// counts for no branch of the repository.
const BASE: &str =
    "where lower(r.repo_owner) = $1 and lower(r.repo_name) = $2 and r.status = 'SUCCEEDED' and r.commit_sha <> $3
       and (r.created_at, r.id) < ($4, $5)
       and ($6 is null or r.commit_sha = $6)
       and ($7 is null or exists (select 1 from ci_run_refs f
            where f.run_id = r.id and f.ref = $7 and f.event_type <> 'pull_request'))
     order by r.created_at desc, r.id desc limit 1";

impl Store {
    /// The latest SUCCEEDED run of the same repository that was there before `run` and is of another commit; among those
    /// that a reader of this run's dossier may see.
    pub async fn base_of(&self, reader: Reader, run: &Run, query: &BaseQuery) -> Result<Option<BaseRun>, StoreError> {
        let params = params![
            run.repo.owner().to_ascii_lowercase(),
            run.repo.name().to_ascii_lowercase(),
            run.commit_sha.as_str(),
            run.created_at,
            run.id,
            query.commit_sha.as_ref().map(CommitSha::as_str),
            query.git_ref.as_ref().map(GitRef::as_str)
        ];
        self.read.row(format!("select r.id, r.commit_sha from {} r {BASE}", reader.runs()), params).await
    }
}
