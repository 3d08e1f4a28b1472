//! A run's files: by exact name out of its manifest, under a policy that lets nothing in them run.

use std::io::Write as _;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use uuid::Uuid;
use zip::write::SimpleFileOptions;

use super::answer::{Answer, ArtifactLine, percent_encoded};
use super::error::ApiError;
use super::extract::Path;
use super::{AppState, markdown, runs};
use crate::store::Artifact;

/// Shown by a browser, an artifact is text in an empty room.
const ARTIFACT_POLICY: &str = "sandbox; default-src 'none'";

#[derive(Serialize)]
pub(super) struct Manifest {
    artifacts: Vec<ArtifactLine>,
}

pub(super) async fn list(
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Answer<Manifest>, ApiError> {
    runs::readable(&state, &headers, id).await?;
    Ok(Manifest { artifacts: ArtifactLine::of(id, state.store.artifacts(id).await?) }.into())
}

pub(super) async fn show(
    State(state): State<AppState>,
    headers: HeaderMap,
    Path((id, name)): Path<(Uuid, String)>,
) -> Result<Response, ApiError> {
    file(&state, &headers, id, &name).await
}

/// A run's file as it is, shown where it is text and else only to be saved.
pub(super) async fn file(state: &AppState, headers: &HeaderMap, id: Uuid, name: &str) -> Result<Response, ApiError> {
    let (artifact, bytes) = load(state, headers, id, name).await?;
    let shown = ["text/", "application/json"].iter().any(|kind| artifact.media_type.starts_with(kind));
    let disposition = if shown { "inline" } else { "attachment" };
    Ok(file_response(&artifact.media_type, disposition, &artifact.name, bytes))
}

/// A Markdown artifact as a sanitised fragment.
pub(super) async fn html(
    State(state): State<AppState>,
    headers: HeaderMap,
    Path((id, name)): Path<(Uuid, String)>,
) -> Result<Response, ApiError> {
    let (artifact, bytes) = load(&state, &headers, id, &name).await?;
    if !artifact.media_type.starts_with("text/markdown") {
        return Err(ApiError::Invalid(format!("{:?} is not Markdown", artifact.name)));
    }
    let render = move || markdown::to_html(&String::from_utf8_lossy(&bytes));
    let html = tokio::task::spawn_blocking(render).await?;
    Ok(file_response("text/html; charset=utf-8", "inline", "fragment.html", html.into_bytes()))
}

pub(super) async fn zip(
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    runs::readable(&state, &headers, id).await?;
    let mut files = Vec::new();
    for artifact in state.store.artifacts(id).await? {
        let bytes = state.artifacts.read(&state.store, id, &artifact).await?;
        files.push((artifact.name, bytes.ok_or(ApiError::NotFound("a file of this run"))?));
    }
    if files.is_empty() {
        return Err(ApiError::NotFound("a dossier of this run"));
    }
    let packed = tokio::task::spawn_blocking(move || pack(&files)).await?;
    let bytes = packed.map_err(|error| ApiError::Internal(error.into()))?;
    Ok(file_response("application/zip", "attachment", &format!("dossier-{id}.zip"), bytes))
}

/// The entries carry no time of their own: the same run, the same bytes.
fn pack(files: &[(String, Vec<u8>)]) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name.as_str(), SimpleFileOptions::default())?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// A run's file by its exact name, for callers who may see the run.
pub(super) async fn load(
    state: &AppState,
    headers: &HeaderMap,
    id: Uuid,
    name: &str,
) -> Result<(Artifact, Vec<u8>), ApiError> {
    runs::readable(state, headers, id).await?;
    let missing = || ApiError::NotFound("this artifact");
    let artifacts = state.store.artifacts(id).await?;
    let artifact = artifacts.into_iter().find(|artifact| artifact.name == name).ok_or_else(missing)?;
    let bytes = state.artifacts.read(&state.store, id, &artifact).await?.ok_or_else(missing)?;
    Ok((artifact, bytes))
}

fn file_response(media_type: &str, disposition: &str, name: &str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let text =
        |value: &str| HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, text(media_type));
    let disposition = format!("{disposition}; filename*=UTF-8''{}", percent_encoded(name));
    headers.insert(header::CONTENT_DISPOSITION, text(&disposition));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(ARTIFACT_POLICY));
    response
}
