//! A run's files: by exact name out of its manifest, under a policy that lets nothing in them run.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::io::{ReaderStream, SyncIoBridge};
use utoipa::ToSchema;
use uuid::Uuid;
use zip::write::SimpleFileOptions;

use super::answer::{Answer, ArtifactLine, percent_encoded};
use super::budget::Share;
use super::error::ApiError;
use super::extract::{MayRead, Path};
use super::{AppState, markdown, runs, unchanged};
use crate::artifacts::Opened;
use crate::model::Reader;
use crate::store::Artifact;

/// Shown by a browser, an artifact is text in an empty room.
const ARTIFACT_POLICY: &str = "sandbox; default-src 'none'";
/// Bytes of an archive between the thread that packs it and the client.
const ZIP_BUFFER_BYTES: usize = 64 << 10;
/// What packing one archive takes: what is packed, what it remembers of it, and what is on its way.
const ZIP_BYTES: usize = 768 << 10;
/// Bytes of a file that are read at once.
const PART_BYTES: usize = 64 << 10;
/// Parts that are in memory for one client: a compressor keeps one until it has the next.
const PARTS: usize = 2;
/// Memory that rendering takes, as a multiple of the document.
const RENDERED_SIZE: usize = 8;

#[derive(Serialize, ToSchema)]
pub(super) struct Manifest {
    artifacts: Vec<ArtifactLine>,
}

pub(super) async fn list(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Path(id): Path<Uuid>,
) -> Result<Answer<Manifest>, ApiError> {
    Ok(Manifest { artifacts: ArtifactLine::of(id, of_run(&state, reader, id).await?) }.into())
}

pub(super) async fn show(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    headers: HeaderMap,
    Path((id, name)): Path<(Uuid, String)>,
) -> Result<Response, ApiError> {
    file(&state, reader, &headers, id, &name).await
}

/// A run's file as it is, shown where it is text and else only to be saved.
pub(super) async fn file(
    state: &AppState,
    reader: Reader,
    headers: &HeaderMap,
    id: Uuid,
    name: &str,
) -> Result<Response, ApiError> {
    let artifact = find(state, reader, id, name).await?;
    let shown = ["text/", "application/json"].iter().any(|kind| artifact.media_type.starts_with(kind));
    let disposition = if shown { "inline" } else { "attachment" };
    let body = sent(state, id, artifact.clone());
    let tag = format!("W/\"{}\"", artifact.sha256);
    let mut response = file_response(headers, &artifact.media_type, disposition, &artifact.name, &tag, body).await?;
    if response.status() == StatusCode::OK {
        response.headers_mut().insert(header::CONTENT_LENGTH, artifact.bytes.into());
    }
    Ok(response)
}

/// A Markdown artifact as a sanitised fragment.
pub(super) async fn html(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    headers: HeaderMap,
    Path((id, name)): Path<(Uuid, String)>,
) -> Result<Response, ApiError> {
    let artifact = find(&state, reader, id, &name).await?;
    if !artifact.media_type.starts_with("text/markdown") {
        return Err(ApiError::Invalid(format!("{:?} is not Markdown", artifact.name)));
    }
    let body = async {
        let Loaded { bytes, mut share } = load(&state, id, &artifact, RENDERED_SIZE).await?;
        let render = move || markdown::to_html(&String::from_utf8_lossy(&bytes));
        let html = tokio::task::spawn_blocking(render).await?;
        share.shrink_to(html.len());
        Ok(share.of_bytes(html.into(), None).into())
    };
    let tag = format!("W/\"{}-html\"", artifact.sha256);
    file_response(&headers, "text/html; charset=utf-8", "inline", "fragment.html", &tag, body).await
}

pub(super) async fn zip(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let artifacts = of_run(&state, reader, id).await?;
    if artifacts.is_empty() {
        return Err(ApiError::NotFound("a dossier of this run"));
    }
    let mut digest = Sha256::new();
    artifacts.iter().for_each(|artifact| digest.update(format!("{} {}\n", artifact.sha256, artifact.name)));
    let tag = format!("W/\"{}\"", hex::encode(digest.finalize()));
    let body = async {
        let share = state.budgets.answers.take(ZIP_BYTES).await?;
        Ok(share.held_by(zipped(state, id, artifacts)))
    };
    file_response(&headers, "application/zip", "attachment", &format!("dossier-{id}.zip"), &tag, body).await
}

/// The files packed while they are sent, a part of one in memory at a time. The entries carry no time of their own: the same run,
/// the same bytes.
fn zipped(state: AppState, id: Uuid, artifacts: Vec<Artifact>) -> Body {
    let (reader, writer) = tokio::io::duplex(ZIP_BUFFER_BYTES);
    let runtime = Handle::current();
    let packed = tokio::task::spawn_blocking(move || {
        let pack = || -> Result<(), ApiError> {
            let failed = |error| ApiError::Internal(Box::new(error));
            let mut archive = zip::ZipWriter::new_stream(SyncIoBridge::new_with_handle(writer, runtime.clone()));
            let mut given = BTreeSet::new();
            for artifact in artifacts {
                let name = portable(&artifact.name, &mut given);
                archive.start_file(name, SimpleFileOptions::default()).map_err(|e| failed(e.into()))?;
                let (mut at, opened) = (0, runtime.block_on(open(&state, id, artifact))?);
                while let Some(part) = runtime.block_on(opened.part(at))? {
                    archive.write_all(&part).map_err(failed)?;
                    at += part.len() as u64;
                }
            }
            archive.finish().map_err(|e| failed(e.into()))?.into_inner().shutdown().map_err(failed)
        };
        pack().map_err(std::io::Error::other)
    });
    // A chunked answer that just ended would look whole.
    let end = async move { packed.await.unwrap_or_else(|panic| Err(std::io::Error::other(panic))).err() };
    let end = futures_util::stream::once(end).filter_map(|error| std::future::ready(error.map(Err)));
    Body::from_stream(ReaderStream::new(reader).chain(end))
}

/// The name of an archive's entry that is the same file on every system: on some a name is a path, a device or another
/// spelling of the one before. `given`: those that are taken, without regard to case.
fn portable(name: &str, given: &mut BTreeSet<String>) -> String {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    let plain = |c: char| if c.is_control() || "<>:\"/\\|?*".contains(c) { '_' } else { c };
    let mut name: String = name.chars().map(plain).collect();
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let device = DEVICES.iter().find_map(|device| stem.strip_prefix(device));
    if device.is_some_and(|number| number.chars().count() <= 1) {
        name.insert(0, '_');
    }
    if name.ends_with(['.', ' ']) {
        name.push('_');
    }
    while !given.insert(name.to_lowercase()) {
        name.insert(0, '_');
    }
    name
}

/// A run's files, for callers who may see the run.
async fn of_run(state: &AppState, reader: Reader, id: Uuid) -> Result<Vec<Artifact>, ApiError> {
    runs::readable(state, reader, id).await?;
    Ok(state.store.artifacts(reader, id).await?)
}

/// A run's file in memory, and its share of what may be there.
pub(super) struct Loaded {
    pub(super) bytes: Vec<u8>,
    pub(super) share: Share,
}

/// A run's file by its exact name, for callers who may see the run.
pub(super) async fn find(state: &AppState, reader: Reader, id: Uuid, name: &str) -> Result<Artifact, ApiError> {
    let artifacts = of_run(state, reader, id).await?;
    artifacts.into_iter().find(|artifact| artifact.name == name).ok_or(ApiError::NotFound("this artifact"))
}

/// Its bytes. `times` says how often as much memory what is made of them takes.
pub(super) async fn load(state: &AppState, id: Uuid, artifact: &Artifact, times: usize) -> Result<Loaded, ApiError> {
    let size = usize::try_from(artifact.bytes).unwrap_or(usize::MAX);
    let share = state.budgets.answers.take(size.saturating_mul(times)).await?;
    let bytes = state.artifacts.read(&state.store, id, artifact).await?.ok_or(ApiError::NotFound("this artifact"))?;
    Ok(Loaded { bytes, share })
}

/// A run's file that is read in parts.
struct OpenFile {
    opened: Opened,
    bytes: u64,
    /// Of the copy, where it is one.
    _share: Option<Share>,
}

async fn open(state: &AppState, id: Uuid, artifact: Artifact) -> Result<OpenFile, ApiError> {
    let bytes = u64::try_from(artifact.bytes).unwrap_or_default();
    let share = match state.artifacts.are_copied() {
        true => Some(state.budgets.copied_files.take(usize::try_from(bytes).unwrap_or(usize::MAX)).await?),
        false => None,
    };
    let opened = state.artifacts.open(&state.store, id, artifact, &state.config.tmp_dir).await?;
    Ok(OpenFile { opened, bytes, _share: share })
}

impl OpenFile {
    /// Its next bytes, from there on; `None` at its end.
    async fn part(&self, from: u64) -> Result<Option<Vec<u8>>, ApiError> {
        let left = self.bytes.saturating_sub(from);
        let wanted = PART_BYTES.min(usize::try_from(left).unwrap_or(PART_BYTES));
        if wanted == 0 {
            return Ok(None);
        }
        let part = self.opened.part(from, wanted).await?;
        part.filter(|part| part.len() == wanted).map(Some).ok_or(ApiError::NotFound("this artifact"))
    }
}

/// A file as a body, read while it is sent. A client that takes its time holds a share of two parts, not of the file.
pub(super) async fn sent(state: &AppState, id: Uuid, artifact: Artifact) -> Result<Body, ApiError> {
    let file = open(state, id, artifact).await?;
    let share = state.budgets.answers.take(PART_BYTES).await?;
    let first = file.part(0).await?.unwrap_or_default();
    let at = first.len() as u64;
    let turns = Arc::new(Semaphore::new(PARTS));
    let first = share.of_bytes(first, Arc::clone(&turns).try_acquire_owned().ok());
    let rest = (state.clone(), file, at, turns);
    let rest = futures_util::stream::try_unfold(rest, move |(state, file, at, turns)| async move {
        // One of those before it has gone.
        let turn = Arc::clone(&turns).acquire_owned().await.ok();
        let share = state.budgets.answers.wait_for(PART_BYTES).await;
        let part = file.part(at).await.map_err(std::io::Error::other)?;
        Ok(part.map(|part| {
            let at = at + part.len() as u64;
            (share.of_bytes(part, turn), (state, file, at, turns))
        }))
    });
    Ok(Body::from_stream(futures_util::stream::once(std::future::ready(Ok::<_, std::io::Error>(first))).chain(rest)))
}

/// A file under the policy of artifacts. Its body is only made for a caller that does not have it yet.
pub(super) async fn file_response(
    request: &HeaderMap,
    media_type: &str,
    disposition: &str,
    name: &str,
    tag: &str,
    body: impl Future<Output = Result<Body, ApiError>>,
) -> Result<Response, ApiError> {
    let mut response = if unchanged::is_known(request.get(header::IF_NONE_MATCH), tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body.await?.into_response()
    };
    let headers = response.headers_mut();
    let text =
        |value: &str| HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, text(media_type));
    let disposition = format!("{disposition}; filename*=UTF-8''{}", percent_encoded(name));
    headers.insert(header::CONTENT_DISPOSITION, text(&disposition));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(ARTIFACT_POLICY));
    headers.insert(header::ETAG, text(tag));
    Ok(response)
}
