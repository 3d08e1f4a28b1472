//! `POST /api/webhooks/github`: verify the raw bytes, then parse, then one transaction. Cannot start work: the state it
//! gets has no worker.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::Answer;
use super::budget::Budgets;
use super::error::ApiError;
use super::limit::{RateLimits, client_address};
use super::verified_body::{VerifiedBody, Within};
use crate::config::Config;
use crate::failpoint;
use crate::github::event::{self, Envelope, Event};
use crate::github::signature::{Signature, SignatureError};
use crate::model::{Invalid, RepoName, SignalName};
use crate::store::{Dedupe, Delivery, Store};

/// GitHub waits 10 s for an answer and does not repeat by itself, so it gets one within 8 s.
const STORE_TIME: Duration = Duration::from_secs(8);
/// Longest value of a header that is kept, in characters.
const MAX_HEADER_CHARS: usize = 100;

/// The answer to a delivery that makes no run.
#[derive(Serialize, ToSchema)]
pub(super) struct Ignored {
    ignored: bool,
    reason: String,
}

/// What the webhook needs, and no more.
#[derive(Clone)]
pub(crate) struct Intake {
    pub(crate) store: Store,
    pub(crate) config: Arc<Config>,
    pub(crate) limits: Arc<RateLimits>,
    pub(super) budgets: Arc<Budgets>,
}

pub(super) async fn github(
    State(intake): State<Intake>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let arrived = tokio::time::Instant::now();
    if intake.config.webhook_secrets.is_empty() {
        return Err(ApiError::SecretNotSet);
    }
    let verified = async {
        // Only what may be signed is worth reading.
        let signature = Signature::parse(headers.get("x-hub-signature-256").map(|value| value.as_bytes()))?;
        let within = Within { config: &intake.config, budgets: &intake.budgets };
        VerifiedBody::read(within, signature, body).await
    };
    let body = match verified.await {
        Err(ApiError::Signature(error)) => return Err(refuse(&intake, error, peer, &headers).await),
        verified => verified?,
    };
    failpoint::reach("webhook.verified").await.map_err(|error| ApiError::Internal(error.into()))?;
    let deadline = arrived + STORE_TIME;
    tokio::time::timeout_at(deadline, accept(&intake, &headers, &body)).await.unwrap_or_else(|_| {
        tracing::warn!("a delivery was not stored in time; GitHub shows it as failed and can redeliver it");
        Err(ApiError::Database(sqlx::Error::PoolTimedOut.into()))
    })
}

/// Count the attempt, charge the address, and answer only that the signature is missing or wrong.
async fn refuse(intake: &Intake, error: SignatureError, peer: SocketAddr, headers: &HeaderMap) -> ApiError {
    let client = client_address(peer, headers, intake.config.trusted_proxy_hops);
    tracing::warn!(client.address = %client, "webhook refused: {error}");
    if let Err(limited) = intake.limits.bad_signature(client) {
        return limited;
    }
    if let Err(unnoted) = intake.store.signal(SignalName::WebhookRejected, Some(&error.to_string())).await {
        tracing::warn!(error = &unnoted as &dyn std::error::Error, "the rejection was not stored");
    }
    error.into()
}

async fn accept(intake: &Intake, headers: &HeaderMap, body: &VerifiedBody) -> Result<Response, ApiError> {
    let payload = payload(headers, &body.bytes)?;
    let envelope: Envelope = serde_json::from_slice(&payload).unwrap_or_default();
    let delivery = delivery(headers, body, &envelope)?;
    let span = tracing::info_span!(
        "delivery",
        delivery.id = %delivery.id,
        event = %delivery.event,
        repo = delivery.repo.as_deref().unwrap_or("-")
    );
    if let Some(repo) = &delivery.repo {
        intake.limits.delivery(repo)?;
    }
    let not_allowed = |repo: &RepoName| Event::Ignored(format!("{repo} is not in CI_REPO_ALLOWLIST"));
    let event = event::parse(&delivery.event, &payload).map(|event| match event {
        Event::Run(run) if !intake.config.allows(&run.repo) => not_allowed(&run.repo),
        // What happens to one that is known is known, wherever it goes.
        Event::News(news) if !news.change.is_of_the_repository() && !intake.config.allows(&news.repo) => {
            not_allowed(&news.repo)
        }
        event => event,
    });
    // Any payload may be the first to say it; one that makes a run does so with the run.
    if let Some((repo, identity)) = envelope.private_repo().filter(|_| !matches!(event, Ok(Event::Run(_)))) {
        intake.store.hide(&repo, &identity).await?;
    }
    let ignored = |reason: String| {
        span.in_scope(|| tracing::info!("delivery ignored: {reason}"));
        let answer = Answer::from(Ignored { ignored: true, reason });
        Ok((StatusCode::ACCEPTED, answer).into_response())
    };
    match event? {
        Event::Ignored(reason) => {
            intake.store.record_ignored(&delivery, &reason).await?;
            ignored(reason)
        }
        Event::News(news) => ignored(intake.store.record_news(&delivery, &news).await?),
        Event::Run(run) => {
            let enqueued = intake.store.enqueue(&run, Some(&delivery), Dedupe::Within(intake.config.dedupe)).await?;
            span.in_scope(|| {
                tracing::info!(
                    run.id = %enqueued.run_id,
                    commit = %run.commit_sha,
                    deduplicated = enqueued.deduplicated,
                    "delivery accepted"
                );
            });
            Ok(Answer::from(enqueued).into_response())
        }
    }
}

/// The JSON inside the body; a form delivery was verified over its raw form.
pub(crate) fn payload<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<std::borrow::Cow<'a, [u8]>, ApiError> {
    #[derive(Deserialize)]
    struct Form {
        payload: String,
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/json" => Ok(body.into()),
        "application/x-www-form-urlencoded" => {
            let form: Form = serde_urlencoded::from_bytes(body)
                .map_err(|_| ApiError::Invalid("the form has no field \"payload\"".into()))?;
            Ok(form.payload.into_bytes().into())
        }
        other => {
            let said = other.chars().take(MAX_HEADER_CHARS).collect();
            Err(ApiError::MediaType(said, "application/json or application/x-www-form-urlencoded"))
        }
    }
}

fn delivery(headers: &HeaderMap, body: &VerifiedBody, envelope: &Envelope) -> Result<Delivery, ApiError> {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        value.filter(|text| !text.is_empty()).map(|text| text.chars().take(MAX_HEADER_CHARS).collect::<String>())
    };
    let clean = |value: Option<String>| match value {
        Some(value) if value.contains('\0') => Err(Invalid("the payload holds a NUL character".into())),
        value => Ok(value.map(|value| value.chars().take(MAX_HEADER_CHARS * 3).collect())),
    };
    Ok(Delivery {
        // Without the header nothing can be recognised as a redelivery; the commit's own key still deduplicates.
        id: text("x-github-delivery").unwrap_or_else(|| format!("unnamed-{}", Uuid::now_v7())),
        body_sha256: body.sha256.clone(),
        event: text("x-github-event").ok_or_else(|| Invalid("the X-GitHub-Event header is missing".into()))?,
        action: clean(envelope.action.clone())?,
        repo: clean(envelope.repo())?,
    })
}
