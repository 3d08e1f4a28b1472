//! What every answer gets: security headers, an ETag, the one error shape; and what every API request pays: its limit.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::response::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tower_http::set_header::response::SetMultipleResponseHeadersLayer;

use super::AppState;
use super::budget::Share;
use super::error::ApiError;
use super::limit::client_address;
use super::unchanged::{Asked, is_known, tag_of};

/// Answers up to this size have no share of the budget: health is told even when others hold all of it.
const SMALL_ANSWER_BYTES: usize = 16 << 10;
/// Answers up to this size are hashed for their ETag; all of ours are smaller.
const MAX_HASHED_BYTES: usize = 64 << 20;

/// What one compressor of gzip takes, with what it has made.
const COMPRESSOR_BYTES: usize = 384 << 10;

const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Headers that hold for every answer, unless it brings its own.
pub(super) fn secure() -> SetMultipleResponseHeadersLayer<Response> {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)).into());
    SetMultipleResponseHeadersLayer::if_not_present(headers.into())
}

/// `ETag` on every successful GET, and 304 when the caller has it already.
pub(super) async fn etag(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    if !is_get || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let _made = parts.extensions.remove::<Arc<Share>>();
    let asked = parts.extensions.remove::<Asked>();
    // What a handler knows the tag of need not be read.
    if let Some(tag) = parts.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()) {
        return if is_known(known.as_ref(), tag) { unchanged(parts) } else { Response::from_parts(parts, body) };
    }
    let Ok(bytes) = axum::body::to_bytes(body, MAX_HASHED_BYTES).await else {
        return ApiError::Internal("an answer was too large to be hashed".into()).into_response();
    };
    let tag = tag_of(&bytes);
    if let Some(asked) = asked {
        state.tags.remember(asked, &tag);
    }
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, value);
    }
    if is_known(known.as_ref(), &tag) {
        return unchanged(parts);
    }
    // However many clients do not read: so little fits into the bound for all of them.
    if bytes.len() <= SMALL_ANSWER_BYTES {
        return Response::from_parts(parts, Body::from(bytes));
    }
    match state.budgets.answers.take(bytes.len()).await {
        Ok(share) => Response::from_parts(parts, Body::from(share.of_bytes(bytes.into(), None))),
        Err(busy) => busy.into_response(),
    }
}

fn unchanged(mut parts: Parts) -> Response {
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    Response::from_parts(parts, Body::empty())
}

/// Charge an API request to its caller's address, and let nobody keep the answer for others.
pub(super) async fn limit(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let client = client_address(peer, request.headers(), state.config.trusted_proxy_hops);
    let is_personal = [header::COOKIE, header::AUTHORIZATION].iter().any(|name| request.headers().contains_key(name));
    let mut response = match state.limits.request(client) {
        Ok(()) => next.run(request).await,
        Err(limited) => limited.into_response(),
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("cookie, authorization"));
    if is_personal {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    response
}

/// A compressor lasts until the client has taken what it makes. Where others hold all that may be, an answer goes as it is.
pub(super) async fn compressed(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let share = match request.headers().contains_key(header::ACCEPT_ENCODING) && request.method() == Method::GET {
        true => state.budgets.compressors.take_now(COMPRESSOR_BYTES),
        // Other answers are short: they are compressed at once.
        false => return next.run(request).await,
    };
    if share.is_none() {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    let response = next.run(request).await;
    match share.filter(|_| response.headers().contains_key(header::CONTENT_ENCODING)) {
        Some(share) => response.map(|body| share.held_by(body)),
        None => response,
    }
}
