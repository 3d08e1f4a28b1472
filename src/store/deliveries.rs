//! The webhook log: each verified delivery once, and those that make no run with the reason.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::branches::hear;
use super::columns::Id;
use super::db::{Tx, params};
use super::health::bump;
use super::{Delivery, Store, StoreError};
use crate::model::{News, SignalName};

impl Store {
    /// Log a verified delivery that makes no run.
    pub async fn record_ignored(&self, delivery: &Delivery, reason: &str) -> Result<(), StoreError> {
        let mut tx = self.intake.begin("ignore").await?;
        let now = tx.now().await?;
        log_delivery(&mut tx, delivery, "ignored", Some(reason), now).await?;
        bump(&mut tx, SignalName::Webhook, Some(&format!("{} ignored: {reason}", delivery.event)), now);
        tx.commit().await
    }

    /// Log a verified delivery that makes no run and tells something; answers what it changed.
    pub async fn record_news(&self, delivery: &Delivery, news: &News) -> Result<String, StoreError> {
        let mut tx = self.intake.begin("news").await?;
        let now = tx.now().await?;
        let reason = match log_delivery(&mut tx, delivery, "ignored", None, now).await? {
            Logged::New(id) => {
                let reason = news.change.reason(hear(&mut tx, news, now).await?);
                let explain = "update ci_deliveries set reason = $2 where delivery_id = $1";
                tx.later(explain, params![id, reason.as_str()]);
                reason
            }
            Logged::SeenWithRun(_) | Logged::SeenWithoutRun(_) => "it was delivered before".to_owned(),
        };
        bump(&mut tx, SignalName::Webhook, Some(&format!("{} ignored: {reason}", delivery.event)), now);
        tx.commit().await?;
        Ok(reason)
    }
}

pub(super) enum Logged {
    /// Logged under this id, which differs from GitHub's when another body used that one before.
    New(String),
    /// A redelivery of an event that made, or was answered with, this run.
    SeenWithRun(Uuid),
    /// A redelivery of an event that has no run, or none any more.
    SeenWithoutRun(String),
}

/// The header with the delivery's id is outside the HMAC, so a known id counts as a redelivery only with the same body.
pub(super) async fn log_delivery(
    tx: &mut Tx,
    delivery: &Delivery,
    outcome: &str,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Logged, StoreError> {
    // Another body under the same id: keep both, and let the commit's own key decide about the run. Whoever chose the first
    // id could choose the second one too, but not the third.
    let ids = [delivery.id.clone(), format!("{}#{}", delivery.id, delivery.body_sha256), Uuid::now_v7().to_string()];
    for id in ids {
        let inserted = tx
            .execute(
                "insert into ci_deliveries (delivery_id, body_sha256, event, action, repo, outcome, reason, received_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (delivery_id) do nothing",
                params![
                    id.as_str(),
                    delivery.body_sha256.as_str(),
                    delivery.event.as_str(),
                    delivery.action.clone(),
                    delivery.repo.clone(),
                    outcome,
                    reason,
                    now
                ],
            )
            .await?;
        if inserted > 0 {
            return Ok(Logged::New(id));
        }
        let seen: Option<(String, Option<Id>)> = tx
            .row(
                // A run past retention answers nothing any more.
                "select d.body_sha256, r.id as run_id from ci_deliveries d left join ci_runs r on r.id = d.run_id
                 where d.delivery_id = $1",
                params![id.as_str()],
            )
            .await?;
        if let Some((body_sha256, run_id)) = seen
            && body_sha256 == delivery.body_sha256
        {
            return Ok(run_id.map_or(Logged::SeenWithoutRun(id), |run| Logged::SeenWithRun(run.into())));
        }
    }
    Err(StoreError::Database(sqlx::Error::RowNotFound))
}
