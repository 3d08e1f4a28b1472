//! Extractors whose rejections have the one error shape. The bare ones of axum are not used in handlers.

use std::time::Duration;

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use super::{AppState, auth};
use crate::model::Reader;

/// Proof that the caller may write. Stands before the body among a handler's arguments, so that the body of others is
/// not read.
pub(crate) struct MayWrite;

impl FromRequestParts<AppState> for MayWrite {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        auth::require_write(state, &parts.headers).await.map(|()| Self)
    }
}

/// Proof that no other site's page sent the request; before the body, like [`MayWrite`].
pub(crate) struct SameSite;

impl FromRequestParts<AppState> for SameSite {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        auth::require_same_site(&state.config, &parts.headers).map(|()| Self)
    }
}

/// Proof that the caller may read, and for whom that is.
pub(crate) struct MayRead(pub(crate) Reader);

impl FromRequestParts<AppState> for MayRead {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        auth::require_read(state, &parts.headers).await.map(Self)
    }
}

/// A JSON body that arrives in time; unknown fields are refused by the types themselves.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let read = axum::Json::from_request(request, state);
        let axum::Json(body) = tokio::time::timeout(BODY_TIME, read).await.map_err(|_| ApiError::TooSlow)??;
        Ok(Self(body))
    }
}

/// Parameters in the path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub(crate) struct Path<T>(pub(crate) T);

/// Parameters behind the `?`. Empty ones count as absent, of whatever type; forms send those.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let given = |pair: &&str| pair.split_once('=').is_some_and(|(_, value)| !value.is_empty());
        let given = query.split('&').filter(given).collect::<Vec<_>>().join("&");
        let uri = format!("/?{given}").parse().map_err(|_| ApiError::Invalid("the query is not one".into()))?;
        let axum::extract::Query(parameters) = axum::extract::Query::try_from_uri(&uri)?;
        Ok(Self(parameters))
    }
}

/// Largest JSON body of our own routes.
pub(super) const MAX_BODY_BYTES: usize = 64 << 10;
/// How long a body may take to arrive.
pub(super) const BODY_TIME: Duration = Duration::from_secs(8);

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::MissingJsonContentType(_) => Self::MediaType("other than JSON".into(), "application/json"),
            JsonRejection::BytesRejection(_) => Self::TooLarge("this address takes"),
            JsonRejection::JsonSyntaxError(error) => {
                Self::Invalid(format!("the body is not JSON: {}", cause(&error.body_text())))
            }
            rejection => Self::Invalid(format!("in the body: {}", cause(&rejection.body_text()))),
        }
    }
}

/// What is wrong, without axum's words for where in a program it was noticed.
fn cause(text: &str) -> &str {
    text.split_once(": ").map_or(text, |(_, cause)| cause)
}

impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        // A malformed id names nothing.
        Self::NotFound("what this address names")
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::Invalid(format!("in the query: {}", cause(&rejection.body_text())))
    }
}
