//! `/api/ci/session`: a holder of the API token changes it for a cookie, which a browser sends with downloads and images
//! too.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::header::{HOST, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::cookie::{Session, no_cookie};
use super::error::ApiError;
use super::extract::{Json, SameSite};
use super::limit::client_address;
use super::{AppState, auth};
use crate::config::Config;
use crate::model::optional_millis;

/// The one body that is read from strangers, so it takes little of the memory that all of them may use.
const MAX_SESSION_BYTES: usize = 1 << 10;

pub(super) fn small() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MAX_SESSION_BYTES)
}

#[derive(Serialize, ToSchema)]
pub(super) struct SessionState {
    signed_in: bool,
    #[serde(serialize_with = "optional_millis")]
    expires_at: Option<DateTime<Utc>>,
}

impl From<Option<Session>> for SessionState {
    fn from(session: Option<Session>) -> Self {
        Self { signed_in: session.is_some(), expires_at: session.map(|session| session.expires_at) }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct SignIn {
    token: String,
}

pub(super) async fn show(State(state): State<AppState>, headers: HeaderMap) -> Answer<SessionState> {
    SessionState::from(Session::of(&state, &headers).await).into()
}

/// Always a new session: one that the caller brings is neither looked at nor continued.
pub(super) async fn start(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    _: SameSite,
    headers: HeaderMap,
    Json(body): Json<SignIn>,
) -> Result<Response, ApiError> {
    let Some(token) = &state.config.api_token else {
        return Err(ApiError::Invalid("this server has no CI_API_TOKEN: there is nothing to sign in to".into()));
    };
    state.limits.sign_in(client_address(peer, &headers, state.config.trusted_proxy_hops))?;
    if !auth::is_token(token, body.token.trim()) {
        return Err(ApiError::TokenWrong);
    }
    let session = Session::new();
    let cookie = session.cookie(token, is_https(&state.config, &headers));
    Ok(answer(Some(session), &cookie))
}

pub(super) async fn end(State(state): State<AppState>, _: SameSite, headers: HeaderMap) -> Result<Response, ApiError> {
    for session in Session::sent(&state, &headers) {
        state.store.end_session(session.id, session.expires_at).await?;
    }
    Ok(answer(None, &no_cookie(is_https(&state.config, &headers))))
}

fn answer(session: Option<Session>, cookie: &str) -> Response {
    let mut response = Answer::from(SessionState::from(session)).into_response();
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// Whether the browser speaks https, to the proxy in front of us: as a trusted one says, or by the public address.
fn is_https(config: &Config, headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let schemes = text(HeaderName::from_static("x-forwarded-proto"));
    // Not each proxy adds its own: where there are fewer than proxies, the first speaks for all in front of it.
    let forwarded = schemes.rsplit(',').take(config.trusted_proxy_hops).last().map(str::trim);
    // Some clients name the port that https has anyway.
    let plain = |host: &str| host.strip_suffix(":443").unwrap_or(host).to_owned();
    let public = config.public_url.as_deref().and_then(|url| url.strip_prefix("https://"));
    forwarded.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
        || public.is_some_and(|host| plain(host.trim_end_matches('/')).eq_ignore_ascii_case(&plain(text(HOST))))
}
