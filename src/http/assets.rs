//! The page: static files inside the binary, or from `CI_WEB_DIR` while developing.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};

use sha2::{Digest as _, Sha256};

use super::AppState;
use super::error::ApiError;
use super::extract::Path;

/// Another build's assets have other addresses.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

#[derive(rust_embed::RustEmbed)]
#[folder = "web/"]
#[include = "index.html"]
#[include = "js/start.js"]
#[include = "dist/*"]
struct Web;

/// What stands in the addresses of this binary's assets, so that a browser may keep them for good.
static BUILD: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Web::iter().collect();
    names.sort_unstable();
    let mut hash = Sha256::new();
    for name in names {
        let content = Web::get(&name).map(|file| file.metadata.sha256_hash());
        hash.update(name.as_bytes());
        hash.update(content.unwrap_or_default());
    }
    hex::encode(&hash.finalize()[..8])
});

/// The one document behind every address of the page.
pub(super) async fn index(State(state): State<AppState>) -> Result<Response, ApiError> {
    document(&state).await
}

async fn document(state: &AppState) -> Result<Response, ApiError> {
    if state.config.web_dir.is_some() {
        return file(state, "index.html").await;
    }
    let page = Web::get("index.html").ok_or(ApiError::NotFound("this page"))?;
    let page = String::from_utf8_lossy(&page.data).replace("\"/assets/", &format!("\"/assets/{}/", *BUILD));
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(media_type("index.html")))], page).into_response())
}

/// What answers at no other address: to a person's browser the page, which says so, to programs the one shape of errors.
pub(super) async fn missing(State(state): State<AppState>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_person = method == Method::GET && accept.contains("text/html") && !uri.path().starts_with("/api/");
    if is_person && let Ok(page) = document(&state).await {
        return (StatusCode::NOT_FOUND, page).into_response();
    }
    ApiError::NotFound("this address").into_response()
}

/// What there is for agents, in the form that they look for.
pub(super) async fn for_agents() -> Response {
    const TEXT: &str = include_str!("llms.txt");
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], TEXT).into_response()
}

pub(super) async fn asset(State(state): State<AppState>, Path(path): Path<String>) -> Result<Response, ApiError> {
    let of_build = path.strip_prefix(BUILD.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let mut response = file(&state, of_build.unwrap_or(&path)).await?;
    if of_build.is_some() && state.config.web_dir.is_none() {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_GOOD));
    }
    Ok(response)
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
