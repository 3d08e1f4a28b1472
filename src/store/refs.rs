//! The events that lead to a run, each kept once: a run has one row for each branch and pull request that came to its
//! commit.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StoreError;
use super::db::{Tx, params};
use crate::model::{CommitSha, EventType, GitRef, NewRun, RepoName};

/// What an event names.
pub(super) struct EventSubject<'a> {
    pub(super) repo: &'a RepoName,
    pub(super) event_type: EventType,
    pub(super) git_ref: &'a GitRef,
    pub(super) pr_number: Option<i64>,
    pub(super) base_sha: Option<&'a CommitSha>,
}

impl<'a> From<&'a NewRun> for EventSubject<'a> {
    fn from(run: &'a NewRun) -> Self {
        Self {
            repo: &run.repo,
            event_type: run.event_type,
            git_ref: &run.git_ref,
            pr_number: run.pr_number,
            base_sha: run.base_sha.as_ref(),
        }
    }
}

/// Keep the event of a run. A push repeated under another delivery id adds nothing; `again`: the branch came back to the
/// commit, which makes it the branch's last event.
pub(super) async fn attach(
    tx: &mut Tx,
    event: &EventSubject<'_>,
    run_id: Uuid,
    delivery_id: Option<&str>,
    again: bool,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (event_type, git_ref) = (event.event_type.as_str(), event.git_ref.as_str());
    let (attach, row) = (
        "insert into ci_run_refs (run_id, repo_key, event_type, ref, pr_number, base_sha, delivery_id, received_at)
             select $1, $2, $3, $4, $5, $6, $7, $8
             where not exists (select 1 from ci_run_refs
                 where run_id = $1 and event_type = $3 and ref = $4 and coalesce(pr_number, 0) = coalesce($5, 0))",
        params![
            run_id,
            event.repo.key(),
            event_type,
            git_ref,
            event.pr_number,
            event.base_sha.map(CommitSha::as_str),
            delivery_id,
            now
        ],
    );
    if !again {
        tx.later(attach, row);
    } else if tx.execute(attach, row).await? == 0 {
        tx.execute(
            "update ci_run_refs set received_at = $5
             where run_id = $1 and event_type = $2 and ref = $3 and coalesce(pr_number, 0) = coalesce($4, 0)",
            params![run_id, event_type, git_ref, event.pr_number, now],
        )
        .await?;
    }
    Ok(())
}
