//! Which answers a caller may still have, without making them again: those that the database alone decides, while it is in
//! the state in which they were made.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use super::{AppState, auth};
use crate::model::Reader;
use crate::store::Version;

/// Routes whose answer to one kind of reader follows from the address and the database, whatever the time is.
const ROUTES: [&str; 9] = [
    "/api/ci/runs",
    "/api/ci/runs/{id}",
    "/api/ci/repos",
    "/api/ci/repos/trends",
    "/api/ci/repos/{owner}/{repo}/trend",
    "/api/ci/deployments",
    "/api/ci/facts",
    "/api/ci/facts/history",
    "/badge/{owner}/{file}",
];

/// Tags that are remembered; then all are forgotten, which costs one answer each.
const REMEMBERED: usize = 4_096;

/// An address and who reads it.
type Question = [u8; 32];

/// In which state of the database which tag was right.
#[derive(Default)]
pub(crate) struct Tags(Mutex<HashMap<Question, (Version, String)>>);

/// What an answer was made for, until its tag is known.
#[derive(Clone)]
pub(super) struct Asked(Question, Version);

impl Tags {
    pub(super) fn remember(&self, Asked(question, version): Asked, tag: &str) {
        let mut tags = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tags.len() >= REMEMBERED {
            tags.clear();
        }
        tags.insert(question, (version, tag.to_owned()));
    }

    fn tag(&self, Asked(question, version): &Asked) -> Option<String> {
        let tags = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tags.get(question).filter(|(then, _)| then == version).map(|(_, tag)| tag.clone())
    }
}

/// 304 without an answer, where the caller has the one that would be made.
pub(super) async fn unless_changed(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    if request.method() != Method::GET || !route.is_some_and(|route| ROUTES.contains(&route.as_str())) {
        return next.run(request).await;
    }
    let (headers, address) = (request.headers().clone(), request.uri().to_string());
    // Before anything is read: what changes meanwhile belongs to a later version.
    let Ok(version) = state.store.version().await else { return next.run(request).await };
    let is_trusted = auth::reader(&state, &headers).await == Reader::Trusted;
    let question = Sha256::new_with_prefix([u8::from(is_trusted)]).chain_update(address).finalize();
    let asked = Asked(question.into(), version);
    let known = headers.get(header::IF_NONE_MATCH);
    if let Some(tag) = state.tags.tag(&asked).filter(|tag| is_known(known, tag))
        && let Ok(tag) = HeaderValue::from_str(&tag)
    {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    let mut response = next.run(request).await;
    response.extensions_mut().insert(asked);
    response
}

/// Whether a caller that sent this `If-None-Match` has what the tag names.
pub(super) fn is_known(if_none_match: Option<&HeaderValue>, tag: &str) -> bool {
    let list = if_none_match.and_then(|list| list.to_str().ok()).unwrap_or_default();
    list.split(',').map(str::trim).any(|one| one == tag || one == "*")
}

/// Weak, since compression may change the bytes on their way.
pub(super) fn tag_of(bytes: &[u8]) -> String {
    format!("W/\"{}\"", &hex::encode(Sha256::digest(bytes))[..32])
}
