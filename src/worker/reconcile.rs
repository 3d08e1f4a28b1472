//! Pushes that no webhook announced: the branches of known repositories, listed once each, against the runs.
//!
//! GitHub delivers once and does not repeat by itself. An idle tick looks at the repositories that have waited longest, for a
//! few seconds; a person may look at all of them.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::Worker;
use super::git::MAX_BRANCHES;
use crate::model::{CommitSha, EventType, Fault, FaultCode, GitRef, NewRun, Privacy, SignalName};
use crate::store::{Dedupe, Head, KnownRepo, MissedHead, StoreError};

/// How long a git server may take to name its branches.
const LOOK_TIME: Duration = Duration::from_secs(20);
/// Runs that one look makes at most; the next look makes the rest.
const MAX_RUNS_A_LOOK: usize = 20;
/// Repositories that one page looks at, and the time after which it begins no further look.
const PAGE_REPOS: i64 = 10;
const PAGE_TIME: Duration = Duration::from_secs(40);

/// A run that a look made.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct FoundHead {
    /// The run.
    pub run_id: Uuid,
    /// Its branch.
    #[serde(rename = "ref")]
    pub git_ref: GitRef,
    /// Where the branch is.
    pub commit_sha: CommitSha,
}

/// What looking at one repository came to.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Look {
    /// `owner/name`.
    pub repo: String,
    /// Branches that it has.
    pub branches: usize,
    /// Branches without a run that were left for the next look.
    pub left: usize,
    /// Runs that were made.
    pub enqueued: Vec<FoundHead>,
    /// Why the branches are unknown.
    #[schema(nullable = false)]
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

/// Some of the known repositories, looked at.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct ReconcilePage {
    /// In the order of their names.
    pub repositories: Vec<Look>,
    /// Where to go on, unless these were the last.
    pub next: Option<String>,
}

/// Which branches without a run are taken for missed pushes.
#[derive(Clone, Copy)]
enum Scope {
    /// Those that moved or came since the last look. The first look takes what it finds only where that is little: most
    /// of a large repository's branches are old, and nobody's push.
    Pushed,
    /// Every one: a person asked.
    All,
}

impl Worker {
    /// Look at the repository that has waited longest, if `CI_RECONCILE` says that it is time; answers whether it was. Failing
    /// costs this look only.
    pub(super) async fn reconcile_next(&self) -> bool {
        let Some(interval) = self.config.reconcile else { return false };
        let looked = async {
            let Some(known) = self.store.claim_repo_to_reconcile(interval).await? else { return Ok(false) };
            let look = self.look(&known, Scope::Pushed).await?;
            let detail = look.fault.as_ref().map(|fault| fault.code.as_str());
            let name = if detail.is_some() { SignalName::ReconcileFailed } else { SignalName::Reconciled };
            self.store.signal(name, detail).await?;
            Ok::<_, StoreError>(true)
        };
        looked.await.unwrap_or_else(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "the branches were not compared with the runs");
            false
        })
    }

    /// Look at one known repository, or at a page of them from behind `after` on.
    ///
    /// # Errors
    /// When the database does not answer; a repository that cannot be reached is a fault of its [`Look`].
    pub async fn reconcile(&self, only: Option<KnownRepo>, after: &str) -> Result<ReconcilePage, StoreError> {
        if let Some(known) = only {
            let look = self.look(&known, Scope::All).await?;
            return Ok(ReconcilePage { repositories: vec![look], next: None });
        }
        let until = Instant::now() + PAGE_TIME;
        let known = self.store.known_repos(after, PAGE_REPOS).await?;
        let is_last = known.len() < usize::try_from(PAGE_REPOS).unwrap_or(usize::MAX);
        let mut page = ReconcilePage { repositories: Vec::new(), next: None };
        for repo in &known {
            if Instant::now() > until {
                return Ok(page);
            }
            page.repositories.push(self.look(repo, Scope::All).await?);
            page.next = Some(repo.key.clone());
        }
        if is_last {
            page.next = None;
        }
        Ok(page)
    }

    async fn look(&self, known: &KnownRepo, scope: Scope) -> Result<Look, StoreError> {
        let repo = &known.repo;
        let mut look = Look { repo: repo.to_string(), branches: 0, left: 0, enqueued: Vec::new(), fault: None };
        if !self.config.allows(repo) {
            let message = "the repository is not in CI_REPO_ALLOWLIST (any more)";
            look.fault = Some(Fault::new(FaultCode::NotAllowed, message));
            return Ok(look);
        }
        // Before the forge is asked: what changes meanwhile is later than its answer.
        let stood = self.store.branches(known).await?;
        let (heads, privacy) = match self.branches(repo, Instant::now() + LOOK_TIME).await {
            Ok(answer) => answer,
            Err(fault) => {
                tracing::warn!(repo = %repo, error_code = fault.code.as_str(), "the branches are unknown: {}", fault.message);
                look.fault = Some(fault);
                return Ok(look);
            }
        };
        if privacy == Privacy::Private {
            self.store.hide(repo, &known.identity()).await?;
        }
        look.branches = heads.len();
        let missed = self.store.missed_heads(known, &stood, &heads).await?;
        let few = missed.len() <= MAX_RUNS_A_LOOK;
        let is_push = |missed: &MissedHead| match scope {
            Scope::All => true,
            Scope::Pushed => !missed.seen_before && (missed.branch_is_known || known.looked_at_before || few),
        };
        let mut missed: Vec<Head> = missed.into_iter().filter(is_push).map(|missed| missed.head).collect();
        let later = missed.split_off(missed.len().min(MAX_RUNS_A_LOOK));
        for head in missed {
            look.enqueued.extend(self.enqueue_missed(known, head, privacy).await?);
        }
        look.left = later.len();
        // Noted only now: a process that ends before has looked at nothing.
        let all_branches = heads.len() < MAX_BRANCHES && later.is_empty();
        let noted: Vec<Head> = heads.into_iter().filter(|head| !later.contains(head)).collect();
        self.store.note_heads(known, &stood, &noted, (all_branches, known.looked_at_before)).await?;
        Ok(look)
    }

    /// `None` where an event of the same commit came meanwhile.
    async fn enqueue_missed(
        &self,
        known: &KnownRepo,
        head: Head,
        privacy: Privacy,
    ) -> Result<Option<FoundHead>, StoreError> {
        let repo = &known.repo;
        let Head { branch: git_ref, commit_sha } = head.clone();
        let run = NewRun {
            identity: known.identity(),
            reconciled: true,
            ..NewRun::new(repo.clone(), head.branch, head.commit_sha, EventType::Push, privacy)
        };
        let enqueued = self.store.enqueue(&run, None, Dedupe::Within(self.config.dedupe)).await?;
        tracing::info!(run.id = %enqueued.run_id, repo = %repo, commit = %commit_sha, deduplicated = enqueued.deduplicated, "a push that no webhook announced");
        Ok((!enqueued.deduplicated).then_some(FoundHead { run_id: enqueued.run_id, git_ref, commit_sha }))
    }
}
