//! The JSON answers that several handlers give; docs/api.md describes each.

use std::sync::Arc;

use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::budget::Share;
use crate::store::Artifact;

/// A success: `"ok":true` and the fields of `T`.
#[derive(Serialize)]
pub(super) struct Answer<T> {
    ok: bool,
    #[serde(flatten)]
    body: T,
}

/// An answer that took much memory to make, with its share of what may be taken.
pub(super) type Made<T> = (Extension<Arc<Share>>, Answer<T>);

/// An answer that knows its own tag, with whatever status.
pub(super) type Tagged<T> = (StatusCode, [(HeaderName, String); 1], Json<T>);

impl<T> From<T> for Answer<T> {
    fn from(body: T) -> Self {
        Self { ok: true, body }
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// A line of a run's manifest.
#[derive(Serialize, ToSchema)]
pub(super) struct ArtifactLine {
    name: String,
    media_type: String,
    bytes: i64,
    sha256: String,
    url: String,
}

impl ArtifactLine {
    pub(super) fn of(run_id: Uuid, artifacts: Vec<Artifact>) -> Vec<Self> {
        let line = |Artifact { name, media_type, sha256, bytes }| {
            let url = artifact_url(run_id, &name);
            Self { name, media_type, bytes, sha256, url }
        };
        artifacts.into_iter().map(line).collect()
    }
}

/// Where a run's file is served.
pub(super) fn artifact_url(run_id: Uuid, name: &str) -> String {
    format!("/api/ci/runs/{run_id}/artifacts/{}", percent_encoded(name))
}

/// RFC 3986 path segment.
pub(super) fn percent_encoded(segment: &str) -> impl std::fmt::Display {
    const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(segment, UNRESERVED)
}
