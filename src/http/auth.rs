//! Who may do what: reading is open (private repositories apart), writing needs the API token, a session of
//! one of its holders, or this very machine.

use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue};
use subtle::ConstantTimeEq as _;

use super::AppState;
use super::cookie::Session;
use super::error::ApiError;
use crate::config::{Config, ReadAccess, Secret};
use crate::model::Reader;

/// How writing is protected, as health and the page show it.
pub(crate) fn write_access(config: &Config) -> &'static str {
    match (&config.api_token, config.is_loopback()) {
        (Some(_), _) => "token",
        (None, true) => "open",
        (None, false) => "closed",
    }
}

/// Whether the caller may do what the public may not: write, and read what is private.
async fn is_trusted(state: &AppState, headers: &HeaderMap) -> bool {
    match &state.config.api_token {
        None => state.config.is_loopback() && names_this_machine(headers),
        Some(token) => {
            bearer(headers).is_some_and(|sent| is_token(token, sent)) || Session::of(state, headers).await.is_some()
        }
    }
}

/// Whether this is the API token; how long it takes does not say how much of it is right.
pub(super) fn is_token(token: &Secret, sent: &str) -> bool {
    sent.as_bytes().ct_eq(token.expose().as_bytes()).into()
}

/// Refuse callers that may not write.
pub(super) async fn require_write(state: &AppState, headers: &HeaderMap) -> Result<(), ApiError> {
    require_same_site(&state.config, headers)?;
    match (is_trusted(state, headers).await, &state.config.api_token) {
        (true, _) => Ok(()),
        (false, Some(_)) => Err(ApiError::TokenRequired),
        (false, None) => Err(ApiError::WriteClosed),
    }
}

/// For whom the store reads.
pub(super) async fn reader(state: &AppState, headers: &HeaderMap) -> Reader {
    if is_trusted(state, headers).await { Reader::Trusted } else { Reader::Stranger }
}

/// Refuse callers that may not read.
pub(super) async fn require_read(state: &AppState, headers: &HeaderMap) -> Result<Reader, ApiError> {
    match (state.config.read_access, reader(state, headers).await) {
        (ReadAccess::Token, Reader::Stranger) => Err(ApiError::TokenRequired),
        (_, reader) => Ok(reader),
    }
}

/// A browser says where a request comes from; other sites' pages must not change anything here. A browser that does not
/// know `Sec-Fetch-Site`, or is not on https, still sends `Origin`. Neither: not a browser.
pub(crate) fn require_same_site(config: &Config, headers: &HeaderMap) -> Result<(), ApiError> {
    let is_own = match headers.get("sec-fetch-site").map(|value| value.as_bytes()) {
        Some(site) => matches!(site, b"same-origin" | b"none"),
        None => headers.get(ORIGIN).is_none_or(|origin| is_own_origin(config, headers, origin)),
    };
    if is_own { Ok(()) } else { Err(ApiError::CrossSite) }
}

/// Whether an origin is this server, by the name under which it was called or its public address.
fn is_own_origin(config: &Config, headers: &HeaderMap, origin: &HeaderValue) -> bool {
    let authority = |address: &str| Some(address.split_once("://")?.1.trim_end_matches('/').to_ascii_lowercase());
    let Some(origin) = origin.to_str().ok().and_then(authority) else { return false };
    let called = headers.get(HOST).and_then(|host| host.to_str().ok()).map(str::to_ascii_lowercase);
    called.is_some_and(|host| host == origin) || config.public_url.as_deref().and_then(authority) == Some(origin)
}

/// A name of this machine in `Host`: not that of a proxy in front, nor one that a page had pointed here (DNS rebinding).
fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    name.eq_ignore_ascii_case("localhost")
        || name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
