//! The page: static files inside the binary, or from `CI_WEB_DIR` while developing.

use std::borrow::Cow;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};

use super::AppState;
use super::error::ApiError;
use super::extract::Path;

#[derive(rust_embed::RustEmbed)]
#[folder = "web/"]
#[include = "index.html"]
#[include = "js/start.js"]
#[include = "dist/*"]
struct Web;

/// The one document behind every address of the page.
pub(super) async fn index(State(state): State<AppState>) -> Result<Response, ApiError> {
    file(&state, "index.html").await
}

/// What answers at no other address: to a person's browser the page, which says so, to programs the one shape of errors.
pub(super) async fn missing(State(state): State<AppState>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_person = method == Method::GET && accept.contains("text/html") && !uri.path().starts_with("/api/");
    if is_person && let Ok(page) = file(&state, "index.html").await {
        return (StatusCode::NOT_FOUND, page).into_response();
    }
    ApiError::NotFound("this address").into_response()
}

pub(super) async fn asset(State(state): State<AppState>, Path(path): Path<String>) -> Result<Response, ApiError> {
    file(&state, &path).await
}

async fn file(state: &AppState, path: &str) -> Result<Response, ApiError> {
    // Only names that the binary knows, or plain ones below the folder: no `..`, nothing absolute, nothing hidden.
    let plain = path.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains('\\'));
    let (body, hash): (Option<Cow<'static, [u8]>>, _) = match &state.config.web_dir {
        _ if !plain => (None, None),
        Some(folder) => (tokio::fs::read(folder.join(path)).await.ok().map(Cow::Owned), None),
        None => Web::get(path).map(|file| (file.data, file.metadata.sha256_hash())).unzip(),
    };
    let mut response = body.ok_or(ApiError::NotFound("this page"))?.into_response();
    let tag = hash.and_then(|hash| HeaderValue::from_str(&format!("W/\"{}\"", hex::encode(hash))).ok());
    tag.and_then(|tag| response.headers_mut().insert(header::ETAG, tag));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    Ok(response)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}
