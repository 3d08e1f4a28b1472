//! What runs where, as the forge or a person says.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;

use super::branches::hear;
use super::db::params;
use super::{Store, StoreError};
use crate::model::{Change, CommitSha, Identity, News, RepoName, millis};

/// Most environments that are listed for one repository.
const ENVIRONMENTS: i64 = 100;

/// A commit that runs in an environment.
#[derive(Debug, Clone, FromRow, Serialize, ToSchema)]
#[expect(missing_docs, reason = "docs/api.md describes each field")]
pub struct Deployment {
    pub environment: String,
    pub commit_sha: CommitSha,
    /// When that became known.
    #[serde(serialize_with = "millis")]
    pub seen_at: DateTime<Utc>,
}

impl Store {
    /// A person says what runs where.
    pub async fn deploy(&self, repo: RepoName, environment: String, commit_sha: CommitSha) -> Result<(), StoreError> {
        let mut tx = self.intake.begin("deploy").await?;
        let now = tx.now().await?;
        let change = Change::Deployed { environment, commit_sha, is_live: true };
        let news = News { repo, identity: Identity::Name, default_branch: None, said_at: None, change };
        hear(&mut tx, &news, now).await?;
        tx.commit().await
    }

    /// What runs where of a repository, for those who may see it; the first hundred environments by their names.
    pub async fn deployments(&self, owner: &str, repo: &str) -> Result<Vec<Deployment>, StoreError> {
        let (owner, repo) = self.kept(owner, repo).await?;
        let sql = "select environment, commit_sha, seen_at from ci_deployments where repo_key = $1
             order by environment limit $2";
        self.read.rows(sql, params![format!("{owner}/{repo}"), ENVIRONMENTS]).await
    }
}
