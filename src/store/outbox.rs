//! What is to be said at the forge: a row for each commit and pull request that something may have to be said of.
//!
//! A row holds no message: whoever sends it reads the runs as they are at that moment. It is written in the transaction that
//! changes the runs, leased and fenced as jobs are, and done once the forge shows their newest state. No row is written
//! unless the settings let the server speak.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::columns::Id;
use super::commit::RUN_OF;
use super::db::{Tx, params};
use super::{Store, StoreError};
use crate::model::{CommitSha, MessageKind, RepoName, Said, SignalName, now, rfc3339};

/// Pull requests of one commit that are told of it.
const PULLS_A_RUN: i64 = 20;
/// No message waits for longer; one that does was put off by a clock that was ahead.
pub(super) const LONGEST_WAIT: TimeDelta = TimeDelta::hours(25);
/// Rows that health looks at.
const COUNTED: i64 = 10_000;
/// For how long a status that is said stays known.
const KEPT: TimeDelta = TimeDelta::days(60);
/// Rows that one step removes at most.
const ROWS_A_STEP: i64 = 500;

/// Whoever is just sending finds that there is more to say when it is done.
const AGAIN: &str = "on conflict (repo_key, kind, target) do update set causes = ci_outbox.causes + 1,
         caused_at = excluded.caused_at, attempts = 0, done_at = null, error = null,
         run_after = {max|greatest}(excluded.run_after, coalesce(ci_outbox.leased_until, excluded.run_after))";
const OF_RUN: &str = "insert into ci_outbox (kind, repo_key, target, caused_at, run_after)
     select 'status', k.key, r.commit_sha, $2, $2 from ci_runs r
         join ci_repos k on k.key = lower(r.repo_owner) || '/' || lower(r.repo_name) where r.id = $1";
const PULLS_OF_RUN: &str = "insert into ci_outbox (kind, repo_key, target, caused_at, run_after)
     select 'comment', k.key, cast(p.number as text), $2, $2 from ci_runs r
         join ci_repos k on k.key = lower(r.repo_owner) || '/' || lower(r.repo_name)
         join ci_pulls p on p.repo_key = k.key and p.head_sha = r.commit_sha and p.state = 'open'
     where r.id = $1 order by p.number limit $3";
const OF_PULL: &str = "insert into ci_outbox (kind, repo_key, target, caused_at, run_after)
     select 'comment', k.key, cast($2 as text), $3, $3 from ci_repos k where k.key = $1";

const NEXT: &str = "select o.kind, o.repo_key, o.target, o.payload, o.causes, o.attempts, o.lease_epoch, o.unclear, k.repo_id,
         coalesce(k.owner, '') as repo_owner, coalesce(k.name, '') as repo_name, (k.key is null or k.gone_at is not null) as is_gone
     from (select * from ci_outbox {indexed by ci_outbox_due|}
         where done_at is null and kind = $1 and DUE order by run_after limit 1 {|for update skip locked}) o
     left join ci_repos k on k.key = o.repo_key";
const DUE: &str = "run_after <= $2";
const DISPLACED: &str = "run_after > $2";
const LEASE: &str = "update ci_outbox set attempts = attempts + 1, lease_epoch = lease_epoch + 1, leased_until = $4,
         run_after = $4, unclear = true
     where repo_key = $1 and kind = $2 and target = $3";
/// Only the newest lease notes anything, and only what was looked at after the last reason ends the row.
const NOTE: &str = "update ci_outbox set payload = $5, unclear = $6, leased_until = null,
         error = case when causes = $8 then $7 end,
         attempts = case when causes = $8 and $9 then attempts else 0 end,
         done_at = case when causes = $8 and $10 then $11 end,
         run_after = case when causes = $8 then $12 else $11 end
     where repo_key = $1 and kind = $2 and target = $3 and lease_epoch = $4 and leased_until is not null";

const WAITING: &str = "select count(*) as messages, min(caused_at) as since, max(error) as reason
     from (select caused_at, run_after, error from ci_outbox {indexed by ci_outbox_due|} where done_at is null
         order by kind, run_after limit $2) o
     where o.error is not null or o.run_after <= $1";
const REFUSED: &str = "select o.done_at as at, o.error as reason, k.owner as repo_owner, k.name as repo_name
     from (select repo_key, done_at, error from ci_outbox {indexed by ci_outbox_refused|}
         where done_at is not null and error is not null order by done_at desc limit 1) o
     join ci_repos k on k.key = o.repo_key";

/// Something to look at, and perhaps to say, by whoever holds it.
#[derive(Debug, Clone, FromRow)]
pub struct Message {
    /// Where it is said.
    pub kind: MessageKind,
    /// Of which repository, by its name now.
    #[sqlx(flatten)]
    pub repo: RepoName,
    pub(super) repo_key: String,
    /// The forge's number of the repository, where it is known.
    pub repo_id: Option<i64>,
    /// Whether the forge has the repository no more, or has another one under its name.
    pub is_gone: bool,
    /// The commit, or the number of the pull request.
    pub target: String,
    #[sqlx(rename = "payload", json(nullable))]
    said: Option<Said>,
    pub(super) causes: i64,
    /// Attempts before this one.
    pub attempts: i64,
    pub(super) lease_epoch: i64,
    /// Whether something may have been said of which nothing is noted.
    pub unclear: bool,
}

impl Message {
    /// What was said last.
    pub fn said(&self) -> Said {
        self.said.clone().unwrap_or_default()
    }
}

/// How an attempt to say something ended.
#[derive(Debug, Clone)]
pub struct Note {
    /// What has been said by now.
    pub said: Said,
    /// Whether there may be more, of which nothing is known.
    pub unclear: bool,
    /// Why it was not said.
    pub error: Option<String>,
    /// When to look again; `None` ends it.
    pub again: Option<Duration>,
}

/// Messages that wait for longer than it takes to send them.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "see above")]
pub struct Waiting {
    pub messages: i64,
    pub since: Option<DateTime<Utc>>,
    pub reason: Option<String>,
}

/// The last message that the forge refused for good.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "see above")]
pub struct RefusedMessage {
    pub at: DateTime<Utc>,
    pub reason: String,
    #[sqlx(flatten)]
    pub repo: RepoName,
}

/// What health tells of messages.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "see above")]
pub struct Messages {
    pub waiting: Option<Waiting>,
    pub refused: Option<RefusedMessage>,
}

/// The status of a run's commit has to be looked at.
pub(super) fn of_run(tx: &mut Tx, run_id: Uuid, now: DateTime<Utc>) {
    if tx.speaks() {
        tx.later(format!("{OF_RUN} {AGAIN}"), params![run_id, now]);
    }
}

/// The status of a commit that has a run has to be looked at.
pub(super) async fn of_commit(
    tx: &mut Tx,
    repo: &RepoName,
    commit: &CommitSha,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sql = "update ci_outbox set causes = causes + 1, caused_at = $3, attempts = 0, done_at = null, error = null,
             run_after = {max|greatest}($3, coalesce(leased_until, $3))
         where repo_key = $1 and kind = 'status' and target = $2";
    tx.execute(sql, params![repo.key(), commit.as_str(), now]).await.map(drop)
}

/// The comments of the pull requests that stand at a run's commit have to be looked at.
pub(super) fn of_dossier(tx: &mut Tx, run_id: Uuid, now: DateTime<Utc>) {
    if tx.speaks() {
        tx.later(format!("{PULLS_OF_RUN} {AGAIN}"), params![run_id, now, PULLS_A_RUN]);
    }
}

/// The comment of a pull request has to be looked at: it came to a commit that has a run.
pub(super) fn of_pull(tx: &mut Tx, repo: &RepoName, number: i64, now: DateTime<Utc>) {
    if tx.speaks() {
        tx.later(format!("{OF_PULL} {AGAIN}"), params![repo.key(), number.to_string(), now]);
    }
}

impl Store {
    /// The same, which writes down what is to be said at the forge.
    #[must_use]
    pub fn speaking(mut self) -> Self {
        self.intake.speaks = true;
        self.work.speaks = true;
        self.read.speaks = true;
        self
    }

    /// Take the message of this kind that is due first; it comes back when the lease ends.
    pub async fn next_message(&self, kind: MessageKind, lease_for: Duration) -> Result<Option<Message>, StoreError> {
        let mut tx = self.work.begin("outbox_lease").await?;
        let now = tx.now().await?;
        let find = |due: &str| NEXT.replace("DUE", due);
        let mut next: Option<Message> = tx.row(find(DUE), params![kind.as_str(), now]).await?;
        if next.is_none() {
            next = tx.row(find(DISPLACED), params![kind.as_str(), now + LONGEST_WAIT]).await?;
        }
        let Some(message) = next else { return Ok(None) };
        let until = now + TimeDelta::from_std(lease_for).unwrap_or(TimeDelta::MAX);
        let lease = params![message.repo_key.as_str(), kind.as_str(), message.target.as_str(), until];
        tx.execute(LEASE, lease).await?;
        tx.commit().await?;
        Ok(Some(Message { lease_epoch: message.lease_epoch + 1, ..message }))
    }

    /// Note how it ended; answers whether the lease still held. Where there is a new reason meanwhile, the message is due at
    /// once.
    pub async fn note_message(&self, message: &Message, note: &Note) -> Result<bool, StoreError> {
        let mut tx = self.work.begin("outbox_note").await?;
        let now = tx.now().await?;
        let again = note.again.map(|wait| now + TimeDelta::from_std(wait).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT));
        let said = (note.said != Said::default()).then(|| serde_json::to_value(&note.said).unwrap_or_default());
        let params = params![
            message.repo_key.as_str(),
            message.kind.as_str(),
            message.target.as_str(),
            message.lease_epoch,
            said,
            note.unclear,
            note.error.clone(),
            message.causes,
            note.error.is_some(),
            again.is_none(),
            now,
            again.unwrap_or(now),
        ];
        let held = tx.execute(NOTE, params).await? > 0;
        tx.commit().await?;
        Ok(held)
    }

    /// Whoever lost the lease of a message may have said something old: somebody has to look again.
    pub async fn look_at_message_again(&self, message: &Message) -> Result<(), StoreError> {
        let mut tx = self.work.begin("outbox_again").await?;
        let now = tx.now().await?;
        let sql = "update ci_outbox set causes = causes + 1, caused_at = $4, done_at = null, unclear = true,
                 run_after = {max|greatest}($4, coalesce(leased_until, $4))
             where repo_key = $1 and kind = $2 and target = $3";
        let params = params![message.repo_key.as_str(), message.kind.as_str(), message.target.as_str(), now];
        tx.execute(sql, params).await?;
        tx.commit().await
    }

    /// The newest run of a message's commit.
    pub async fn newest_run(&self, message: &Message) -> Result<Option<Uuid>, StoreError> {
        let kept = RepoName::of_key(&message.repo_key);
        let run: Option<(Id,)> =
            self.read.row(RUN_OF, params![kept.owner(), kept.name(), message.target.as_str()]).await?;
        Ok(run.map(|(id,)| id.into()))
    }

    /// The run of a commit of a message's repository whose dossier is the newest, and whether one is under way.
    pub async fn newest_dossier(
        &self,
        message: &Message,
        commit: &CommitSha,
    ) -> Result<(Option<Uuid>, bool), StoreError> {
        let kept = RepoName::of_key(&message.repo_key);
        let of = |status: &str| RUN_OF.replace("order by", &format!("and {status} order by"));
        let params = || params![kept.owner(), kept.name(), commit.as_str()];
        let done: Option<(Id,)> = self.read.row(of("status = 'SUCCEEDED'"), params()).await?;
        let live: Option<(Id,)> = self.read.row(of("status in ('QUEUED', 'RUNNING')"), params()).await?;
        Ok((done.map(|(id,)| id.into()), live.is_some()))
    }

    /// The commit at which the pull request of a message stands, while it is open.
    pub async fn pull_head(&self, message: &Message) -> Result<Option<CommitSha>, StoreError> {
        let sql = "select head_sha from ci_pulls where repo_key = $1 and number = $2 and state = 'open'";
        let number: i64 = message.target.parse().unwrap_or_default();
        let head: Option<(CommitSha,)> = self.read.row(sql, params![message.repo_key.as_str(), number]).await?;
        Ok(head.map(|(head_sha,)| head_sha))
    }

    /// Say nothing at the forge for this long, and why.
    pub async fn be_silent(&self, time: TimeDelta, reason: &str) -> Result<(), StoreError> {
        let detail = format!("{} {reason}", rfc3339(now() + time));
        self.signal(SignalName::ForgeWaits, Some(&detail)).await
    }

    /// Open pull requests that stand at the commit of a message, a bounded number.
    pub async fn pulls_at(&self, message: &Message) -> Result<Vec<i64>, StoreError> {
        let sql = "select number from ci_pulls where repo_key = $1 and head_sha = $2 and state = 'open'
             order by number desc limit 3";
        let rows: Vec<(i64,)> =
            self.read.rows(sql, params![message.repo_key.as_str(), message.target.as_str()]).await?;
        Ok(rows.into_iter().map(|(number,)| number).collect())
    }

    /// Why nothing is said at the forge now, if so.
    pub async fn silence(&self) -> Result<Option<String>, StoreError> {
        let sql = "select detail from ci_signals where name = $1";
        let detail: Option<(Option<String>,)> = self.read.row(sql, params![SignalName::ForgeWaits.as_str()]).await?;
        let lasts = |until: &str| {
            let until = DateTime::parse_from_rfc3339(until).ok().map(|until| until.to_utc());
            until.is_some_and(|until| until > now() && until < now() + LONGEST_WAIT)
        };
        let detail = detail.and_then(|(detail,)| detail).unwrap_or_default();
        let reason = detail.split_once(' ').filter(|(until, _)| lasts(until)).map(|(_, reason)| reason.to_owned());
        Ok(reason)
    }

    /// What is to be known of messages.
    pub(super) async fn messages(&self) -> Result<Messages, StoreError> {
        if !self.read.speaks {
            return Ok(Messages::default());
        }
        let mut waiting: Option<Waiting> = self.read.row(WAITING, params![now(), COUNTED]).await?;
        if let (Some(waiting), Some(reason)) = (&mut waiting, self.silence().await?) {
            waiting.reason = Some(reason);
        }
        let refused = self.read.row(REFUSED, params![]).await?;
        Ok(Messages { waiting: waiting.filter(|waiting| waiting.messages > 0), refused })
    }

    /// Forget statuses that were said long ago, a bounded batch at a time. A comment stays known: it may still be edited.
    pub async fn prune_messages(&self) -> Result<u64, StoreError> {
        let mut tx = self.work.begin("prune_messages").await?;
        let oldest = tx.now().await? - KEPT;
        let sql = "delete from ci_outbox where kind = 'status' and (repo_key, target) in
                 (select repo_key, target from ci_outbox {indexed by ci_outbox_done|}
                  where done_at < $1 and kind = 'status' order by done_at limit $2)";
        let pruned = tx.execute(sql, params![oldest, ROWS_A_STEP]).await?;
        tx.commit().await?;
        Ok(pruned)
    }

    /// How the database finds messages, in its own words.
    #[cfg(feature = "failpoints")]
    pub async fn plans_of_messages(&self) -> Result<Vec<String>, StoreError> {
        let mut plans = Vec::new();
        for (sql, params) in [
            (NEXT.replace("DUE", DUE), params!["status", now()]),
            (NEXT.replace("DUE", DISPLACED), params!["status", now()]),
            (WAITING.to_owned(), params![now(), COUNTED]),
            (REFUSED.to_owned(), params![]),
        ] {
            plans.push(self.explain(sql, params).await?);
        }
        Ok(plans)
    }
}
