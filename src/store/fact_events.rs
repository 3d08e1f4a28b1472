//! The history of a fact: what was added, removed and changed on a default branch, the newest first.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::columns::{Id, JsonText};
use super::db::params;
use super::{Store, StoreError};
use crate::model::{CommitSha, RawJson, Reader, kept_key, millis};

const EVENTS: &str = "select e.change, e.run_id, e.commit_sha, e.at, e.by_rules, e.attrs_before, e.attrs_after
     from ci_fact_events e
     where e.repo_key = $1 and e.kind = $2 and e.key = $3 and (e.at, e.run_id) < ($4, $5) SHOWN
     order by e.at desc, e.run_id desc limit $6";
/// What happened while the repository was private, or before it was, is nobody's business.
const SHOWN: &str =
    "and not e.private and not exists (select 1 from ci_privacy p where p.repo_key = e.repo_key and p.private)";

/// A change of a fact.
#[derive(Debug, Clone, FromRow, Serialize, ToSchema)]
#[expect(missing_docs, reason = "docs/api.md describes each field")]
pub struct FactEvent {
    pub change: String,
    #[sqlx(try_from = "Id")]
    pub run_id: Uuid,
    pub commit_sha: CommitSha,
    #[serde(serialize_with = "millis")]
    pub at: DateTime<Utc>,
    pub by_rules: bool,
    #[schema(value_type = Option<Object>)]
    #[sqlx(try_from = "JsonText")]
    pub attrs_before: Option<RawJson>,
    #[schema(value_type = Option<Object>)]
    #[sqlx(try_from = "JsonText")]
    pub attrs_after: Option<RawJson>,
}

impl Store {
    /// What happened to a fact of a repository's default branch, below a place of the list.
    pub async fn fact_events(
        &self,
        reader: Reader,
        (owner, repo): (&str, &str),
        (kind, key): (&str, &str),
        before: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> Result<Vec<FactEvent>, StoreError> {
        let (owner, repo) = self.kept(owner, repo).await?;
        let (at, run_id) = before.unwrap_or((super::list::far_future(), Uuid::max()));
        let shown = if reader == Reader::Stranger { SHOWN } else { "" };
        let of_fact = params![format!("{owner}/{repo}"), kind, kept_key(key), at, run_id, limit];
        self.read.rows(EVENTS.replace("SHOWN", shown), of_fact).await
    }
}
