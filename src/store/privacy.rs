//! Who may see a run: the one place that decides it, and the one that says which runs there are for a reader.
//!
//! A run is hidden (`private`) or shown; `undecided` marks a hidden one whose fetch decides. Each repository has a row
//! that says whether it is private. Whoever makes a run or decides about one takes that row first, so that no run is
//! shown beside an event that hides its repository.

use super::columns::Id;
use super::db::{Tx, params};
use super::{Run, Store, StoreError};
use crate::model::{Access, Privacy, Reader, RepoName};

/// The row of a repository, locked until the transaction ends.
const KNOWN: &str = "insert into ci_privacy (repo_key, private) values ($1, false)
     on conflict (repo_key) do update set private = ci_privacy.private returning private";
const HIDE_ALL: &str = "update ci_runs set private = true, undecided = false
     where lower(repo_owner) = $1 and lower(repo_name) = $2 and (undecided or not private)";
/// Where the repository is known to be private only undecided runs can become visible.
const DECIDE_ALL: &str = "update ci_runs set undecided = false
     where lower(repo_owner) = $1 and lower(repo_name) = $2 and undecided";

/// All runs, in which places of a list are found; what is at a place comes from [`Reader::runs`].
pub(super) const EVERY_RUN: &str = "ci_runs";

/// How a run begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub(super) private: bool,
    pub(super) undecided: bool,
}

impl Reader {
    /// The runs that there are for this reader, as a table.
    pub(super) fn runs(self) -> &'static str {
        match self {
            Self::Trusted => "ci_runs",
            Self::Stranger => "(select * from ci_runs where not private)",
        }
    }

    /// The numbers of these runs, as a table.
    pub(super) fn counts(self) -> &'static str {
        match self {
            Self::Trusted => "ci_counts",
            Self::Stranger => "(select * from ci_counts where not private) ci_counts",
        }
    }
}

impl Store {
    /// Decide about a run by how its repository could be read; answers who may see it now.
    pub async fn found(&self, run: &Run, access: Access) -> Result<Reader, StoreError> {
        let mut tx = self.work.begin("found").await?;
        let key = run.repo_key.as_str();
        if tx.row::<(Id,)>("select id from ci_runs where id = $1", params![run.id]).await?.is_none() {
            // Its repository was deleted meanwhile, and nothing is left to be seen.
            return Ok(Reader::Trusted);
        }
        match access {
            Access::WithToken => {
                let known = take_key(&mut tx, key).await?;
                hide_all(&mut tx, key, known).await?;
            }
            Access::Open => {
                take_key(&mut tx, key).await?;
                let show = "update ci_runs set private = false, undecided = false where id = $1 and undecided";
                if tx.execute(show, params![run.id]).await? > 0 {
                    // The forge said that it is public, and so it is.
                    let public = "update ci_privacy set private = false where repo_key = $1";
                    tx.execute(public, params![key]).await?;
                }
            }
            Access::Refused => {
                let hide = "update ci_runs set private = true, undecided = true where id = $1 and not private";
                tx.execute(hide, params![run.id]).await?;
            }
        }
        let is_hidden = is_hidden(&mut tx, run.id).await?;
        tx.commit().await?;
        Ok(if is_hidden { Reader::Trusted } else { Reader::Stranger })
    }
}

/// How a run of this event begins; what the event says holds for the repository's other runs too. Its row is held; `known`:
/// whether that says private.
pub(super) async fn decide(
    tx: &mut Tx,
    privacy: Privacy,
    (repo_key, known): (&str, bool),
) -> Result<Start, StoreError> {
    if privacy == Privacy::Private {
        hide_all(tx, repo_key, known).await?;
        return Ok(Start { private: true, undecided: false });
    }
    Ok(match (privacy, known) {
        // Public again, it says: the fetch bears it out, or does not.
        (Privacy::Public, true) | (Privacy::Undecided, false) => Start { private: true, undecided: true },
        (_, known) => Start { private: known, undecided: false },
    })
}

/// An event joins a run. One that may not be shown yet hides a run that waits; at a run that is shown it is not told, for
/// its branch would be shown with it. Answers whether it may be told.
pub(super) async fn join(tx: &mut Tx, run_id: uuid::Uuid, start: Start) -> Result<bool, StoreError> {
    if !start.private {
        return Ok(true);
    }
    let hide = "update ci_runs set private = true, undecided = $2
         where id = $1 and status = 'QUEUED' and not private";
    tx.execute(hide, params![run_id, start.undecided]).await?;
    is_hidden(tx, run_id).await
}

async fn is_hidden(tx: &mut Tx, run_id: uuid::Uuid) -> Result<bool, StoreError> {
    let hidden: Option<(Id,)> = tx.row("select id from ci_runs where id = $1 and private", params![run_id]).await?;
    Ok(hidden.is_some())
}

/// Take the row of a repository; answers whether it is known to be private.
pub(super) async fn take_key(tx: &mut Tx, repo_key: &str) -> Result<bool, StoreError> {
    Ok(tx.row(KNOWN, params![repo_key]).await?.is_some_and(|(private,)| private))
}

/// Hide every run of a repository. Its row is held; `known`: whether that says so already.
pub(super) async fn hide_all(tx: &mut Tx, repo_key: &str, known: bool) -> Result<(), StoreError> {
    let kept = RepoName::of_key(repo_key);
    let of_repo = params![kept.owner(), kept.name()];
    if known {
        tx.execute(DECIDE_ALL, of_repo).await?;
    } else {
        tx.execute("update ci_privacy set private = true where repo_key = $1", params![repo_key]).await?;
        tx.execute(HIDE_ALL, of_repo).await?;
    }
    Ok(())
}
