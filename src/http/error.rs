//! Everything a handler can answer that is not a success: one enum, one match to a status.
//!
//! The caller sees `{"ok":false,"error":"<Display>","code":"<code>"}`; sources are logged here, once, and never sent.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::github::signature::SignatureError;
use crate::model::{Fault, Invalid};
use crate::store::StoreError;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error(transparent)]
    Signature(#[from] SignatureError),
    #[error("this server has no webhook secret; set GITHUB_WEBHOOK_SECRET and restart it")]
    SecretNotSet,
    #[error("{0}")]
    Invalid(String),
    #[error("the body is larger than {0}")]
    TooLarge(&'static str),
    #[error("the body took too long to arrive")]
    TooSlow,
    #[error("content type {0:?} is not supported; use {1}")]
    MediaType(String, &'static str),
    #[error("{0} was not found")]
    NotFound(&'static str),
    #[error("{what}; {how}")]
    NoDossier { what: String, how: String },
    #[error("only a run that waits can be cancelled; one that is under way ends by itself")]
    NotWaiting,
    #[error("this address does not accept that method")]
    Method,
    #[error("this needs the API token: send it as \"Authorization: Bearer <CI_API_TOKEN>\"")]
    TokenRequired,
    #[error("that is not this server's API token")]
    TokenWrong,
    #[error(
        "this server accepts this from other machines only with a token: set CI_API_TOKEN and send it as \"Authorization: Bearer <CI_API_TOKEN>\""
    )]
    WriteClosed,
    #[error("pages of other sites may not send this request")]
    CrossSite,
    #[error("too many requests; try again in {0} s")]
    RateLimited(u64),
    #[error("the server is busy with other requests; try again in a few seconds")]
    Busy,
    #[error("{}", .0.message)]
    Remote(Fault),
    #[error("{}", unavailable(.0))]
    Database(#[source] StoreError),
    #[error("something went wrong in the server; its log says more")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    /// As one line for those who get no status.
    pub(super) fn told(self) -> String {
        let (_, code) = self.status_and_code();
        if let Some(source) = std::error::Error::source(&self) {
            tracing::error!(error = source, code, "request failed");
        }
        format!("{self} ({code})")
    }

    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Signature(SignatureError::Missing) => (StatusCode::UNAUTHORIZED, "SIGNATURE_MISSING"),
            Self::Signature(SignatureError::Wrong) => (StatusCode::UNAUTHORIZED, "SIGNATURE_WRONG"),
            Self::SecretNotSet => (StatusCode::SERVICE_UNAVAILABLE, "SECRET_NOT_SET"),
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, "INVALID_REQUEST"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "BODY_TOO_SLOW"),
            Self::MediaType(..) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "MEDIA_TYPE"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "NOT_FOUND"),
            Self::NoDossier { .. } => (StatusCode::NOT_FOUND, "NO_DOSSIER"),
            Self::NotWaiting => (StatusCode::CONFLICT, "NOT_WAITING"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
            Self::TokenRequired => (StatusCode::UNAUTHORIZED, "TOKEN_REQUIRED"),
            Self::TokenWrong => (StatusCode::UNAUTHORIZED, "TOKEN_WRONG"),
            Self::WriteClosed => (StatusCode::FORBIDDEN, "WRITE_CLOSED"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "CROSS_SITE"),
            Self::RateLimited(_) => (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "BUSY"),
            Self::Remote(fault) => (StatusCode::BAD_GATEWAY, fault.code.as_str()),
            Self::Database(_) => (StatusCode::SERVICE_UNAVAILABLE, "DATABASE_UNAVAILABLE"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
        }
    }
}

/// Whatever is not a success.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(super) struct ErrorBody {
    /// Always `false`.
    ok: bool,
    /// A sentence for people.
    error: String,
    /// One of those in docs/api.md.
    #[schema(pattern = "^[A-Z_]+$")]
    code: &'static str,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        if let Some(source) = std::error::Error::source(&self) {
            tracing::error!(error = source, code, "request failed");
        }
        let body = ErrorBody { ok: false, error: self.to_string(), code };
        let mut response = (status, Json(body)).into_response();
        match self {
            Self::TokenRequired => {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::Busy => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            Self::RateLimited(seconds) => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            _ => {}
        }
        response
    }
}

fn unavailable(error: &StoreError) -> String {
    match error {
        StoreError::Refused(refusal) => format!("{refusal}; nothing was accepted, try again once that is mended"),
        _ => "the database did not answer; nothing was lost, try again".to_owned(),
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Objects(fault) => Self::Remote(fault),
            error => Self::Database(error),
        }
    }
}

/// A task that panicked.
impl From<tokio::task::JoinError> for ApiError {
    fn from(panic: tokio::task::JoinError) -> Self {
        Self::Internal(panic.into())
    }
}

impl From<Invalid> for ApiError {
    fn from(error: Invalid) -> Self {
        Self::Invalid(error.0)
    }
}
