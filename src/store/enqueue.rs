//! An event becomes a run and a job, or finds the run that answers it: one transaction.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::branches::{Moved, follow};
use super::columns::Id;
use super::db::{Tx, params};
use super::deliveries::{Logged, log_delivery};
use super::fact_looks::look_later;
use super::health::bump;
use super::identity::{RepoInEvent, locate};
use super::privacy::{self, Start};
use super::refs::attach;
use super::repos::remember;
use super::turn::{self, commit_key};
use super::{Dedupe, Delivery, Enqueued, Store, StoreError, outbox};
use crate::model::{CommitSha, EventType, GitRef, NewRun, SignalName};

impl Store {
    /// Turn an event into a run and its job, or find the run that already answers it.
    ///
    /// A delivery that was seen before answers its own run again. A lost COMMIT is an error; repeating is harmless.
    pub async fn enqueue(
        &self,
        run: &NewRun,
        delivery: Option<&Delivery>,
        dedupe: Dedupe,
    ) -> Result<Enqueued, StoreError> {
        let mut tx = self.intake.begin("enqueue").await?;
        let now = tx.now().await?;
        let mut delivery_id = None;
        if let Some(delivery) = delivery {
            match log_delivery(&mut tx, delivery, "accepted", None, now).await? {
                Logged::New(id) | Logged::SeenWithoutRun(id) => delivery_id = Some(id),
                Logged::SeenWithRun(run_id) => {
                    bump(&mut tx, SignalName::Webhook, Some("redelivery"), now);
                    tx.commit().await?;
                    return Ok(Enqueued { run_id, deduplicated: true });
                }
            }
        }
        let said = RepoInEvent { repo: &run.repo, identity: &run.identity, from: None, at: run.said_at };
        let at = locate(&mut tx, &said, true, now).await?.ok_or(StoreError::Database(sqlx::Error::RowNotFound))?;
        let start = privacy::decide(&mut tx, run.privacy, (&at.kept.key(), at.private)).await?;
        // From here on by the name under which the repository is kept.
        let (shown, run) = (&run.repo, &NewRun { repo: at.kept, ..run.clone() });
        let run_id = Uuid::now_v7();
        let mut is_told = true;
        let mut enqueued = Enqueued { run_id, deduplicated: false };
        if !claim_commit(&mut tx, run, run_id, dedupe, now).await? {
            match claimed_run(&mut tx, run).await? {
                Claim::Held(run_id) => {
                    is_told = privacy::join(&mut tx, run_id, start).await?;
                    enqueued = Enqueued { run_id, deduplicated: true };
                }
                Claim::Stale(gone) => take_over(&mut tx, run, gone, run_id, now).await?,
            }
        }
        if run.event_type != EventType::Manual {
            remember(&mut tx, &run.repo, shown, run.default_branch.as_ref(), now);
        }
        // Where things stand is what the forge itself says: a wish and a retry move nothing, and a look does so itself.
        let moved = match delivery_id {
            Some(_) => Some(follow(&mut tx, run, now).await?),
            None => None,
        };
        if enqueued.deduplicated {
            line_up_again(&mut tx, run, enqueued.run_id, dedupe, moved, now).await?;
        } else {
            let place = line_up(&mut tx, run, dedupe, moved).await?;
            self.insert_run(&mut tx, run, start, (run_id, place), now);
        }
        if is_told {
            let again = enqueued.deduplicated && moved.is_some_and(|moved| moved.is_new);
            attach(&mut tx, &run.into(), enqueued.run_id, delivery_id.as_deref(), again, now).await?;
        }
        look_later(&mut tx, &run.repo.key(), now);
        if let Some(id) = delivery_id {
            let outcome = if enqueued.deduplicated { "deduplicated" } else { "accepted" };
            tx.later(
                "update ci_deliveries set outcome = $2, run_id = $3 where delivery_id = $1",
                params![id, outcome, enqueued.run_id],
            );
            let detail = format!("{} {shown} {}", run.event_type.as_str(), run.git_ref);
            bump(&mut tx, SignalName::Webhook, Some(&detail), now);
        }
        match run.pr_number {
            // Only what is written sees the run.
            _ if !enqueued.deduplicated => {
                tx.catch_up().await?;
                outbox::of_run(&mut tx, run_id, now);
            }
            // A run of this commit has a dossier already, or settles without seeing that the pull request came to it.
            Some(number) => outbox::of_pull(&mut tx, &run.repo, number, now),
            None => {}
        }
        tx.commit().await?;
        Ok(enqueued)
    }

    fn insert_run(
        &self,
        tx: &mut Tx,
        run: &NewRun,
        start: Start,
        (id, place): (Uuid, turn::QueuePlace),
        now: DateTime<Utc>,
    ) {
        tx.later(
            "insert into ci_runs (id, repo_owner, repo_name, ref, commit_sha, event_type, status, created_at,
                 pr_number, title, author, private, undecided, base_sha, base_ref, reconciled)
             values ($1, $2, $3, $4, $5, $6, 'QUEUED', $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            params![
                id,
                run.repo.owner(),
                run.repo.name(),
                run.git_ref.as_str(),
                run.commit_sha.as_str(),
                run.event_type.as_str(),
                now,
                run.pr_number,
                run.title.clone(),
                run.author.clone(),
                start.private,
                start.undecided,
                run.base_sha.as_ref().map(CommitSha::as_str),
                run.base_ref.as_ref().map(GitRef::as_str),
                run.reconciled,
            ],
        );
        tx.later(
            "insert into ci_jobs (id, run_id, status, class, turn, max_attempts, run_after, created_at)
             values ($1, $2, 'READY', $5, $6, $3, $4, $4)",
            params![Uuid::now_v7(), id, self.max_attempts, now, place.class, place.turn],
        );
    }
}

fn dedupe_key(run: &NewRun) -> String {
    commit_key(&run.repo, run.commit_sha.as_str())
}

/// The place of a new run among those that wait. `moved`: what the forge said with it.
async fn line_up(
    tx: &mut Tx,
    run: &NewRun,
    dedupe: Dedupe,
    moved: Option<Moved>,
) -> Result<turn::QueuePlace, StoreError> {
    let leads = match moved {
        _ if matches!(dedupe, Dedupe::WhileLive) => return Ok(turn::ASKED),
        Some(Moved { is_new: true, .. }) | None => true,
        // What came late may be of a commit that nothing stands at.
        Some(_) => turn::stands(tx, &run.repo, run.commit_sha.as_str()).await?,
    };
    if leads { turn::head(tx, &run.repo, moved.and_then(|moved| moved.freed)).await } else { Ok(turn::PAST) }
}

/// The place of a run that answers one more event.
async fn line_up_again(
    tx: &mut Tx,
    run: &NewRun,
    run_id: Uuid,
    dedupe: Dedupe,
    moved: Option<Moved>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    match moved {
        _ if matches!(dedupe, Dedupe::WhileLive) => turn::ask(tx, &run.repo, run_id, now).await,
        Some(Moved { is_new: true, freed }) => turn::step_up(tx, &run.repo, run_id, freed, now).await,
        _ => Ok(()),
    }
}

/// Take the commit's key for `run_id`, unless a run stands there that answers this event.
///
/// Concurrent callers meet at the key's row: one wins, the others see no row come back.
async fn claim_commit(
    tx: &mut Tx,
    run: &NewRun,
    run_id: Uuid,
    dedupe: Dedupe,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const WITHIN: &str = "insert into ci_dedupe (key, run_id, created_at) values ($1, $2, $3)
         on conflict (key) do update set run_id = excluded.run_id, created_at = excluded.created_at
         where ci_dedupe.created_at < $4
            or exists (select 1 from ci_runs r where r.id = ci_dedupe.run_id and r.status = 'FAILED')
         returning run_id";
    const WHILE_LIVE: &str = "insert into ci_dedupe (key, run_id, created_at) values ($1, $2, $3)
         on conflict (key) do update set run_id = excluded.run_id, created_at = excluded.created_at
         where ci_dedupe.created_at < $4
            or exists (select 1 from ci_runs r where r.id = ci_dedupe.run_id and r.status in ('SUCCEEDED', 'FAILED'))
         returning run_id";
    let (sql, window) = match dedupe {
        Dedupe::Within(window) => (WITHIN, TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX)),
        // No age frees the key of a live run: the far past is older than any row.
        Dedupe::WhileLive => (WHILE_LIVE, TimeDelta::days(36_500)),
    };
    let oldest = now.checked_sub_signed(window).unwrap_or(DateTime::<Utc>::UNIX_EPOCH);
    let claimed: Option<(Id,)> = tx.row(sql, params![dedupe_key(run), run_id, now, oldest]).await?;
    Ok(claimed.is_some())
}

enum Claim {
    /// This run stands for the commit.
    Held(Uuid),
    /// The run that stood for it was removed.
    Stale(Uuid),
}

/// A separate statement: only now does Postgres show a run that a concurrent winner has just committed.
async fn claimed_run(tx: &mut Tx, run: &NewRun) -> Result<Claim, StoreError> {
    let holder: Option<(Id, bool)> = tx
        .row(
            "select d.run_id, (r.id is not null) as present
             from ci_dedupe d left join ci_runs r on r.id = d.run_id where d.key = $1",
            params![dedupe_key(run)],
        )
        .await?;
    let (run_id, present) = holder.ok_or(StoreError::Database(sqlx::Error::RowNotFound))?;
    Ok(if present { Claim::Held(run_id.into()) } else { Claim::Stale(run_id.into()) })
}

/// Put `run_id` in the place of a run that is gone; fails, to be repeated, when somebody else was faster.
async fn take_over(tx: &mut Tx, run: &NewRun, gone: Uuid, run_id: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
    let taken = tx
        .execute(
            "update ci_dedupe set run_id = $3, created_at = $4 where key = $1 and run_id = $2",
            params![dedupe_key(run), gone, run_id, now],
        )
        .await?;
    if taken == 0 { Err(StoreError::Database(sqlx::Error::RowNotFound)) } else { Ok(()) }
}
