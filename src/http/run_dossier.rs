//! What a stored dossier says beside its facts, in answers that a page can take: `GET /api/ci/runs/{id}/dossier`, and its
//! claims and findings in pages. As of facts no value is made of the dossier: what is answered is passed on as its text.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use ci_feed_dossier::v1::SCHEMA;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::AppState;
use super::answer::Made;
use super::budget::Share;
use super::error::ApiError;
use super::extract::{MayRead, Path};
use super::runs::readable;
use crate::model::{CommitSha, GitRef, JsonView, RawJson, Reader, RepoName, optional_millis};
use crate::store::Run;

/// How often the files' size is taken: as they are stored, and as what is answered of them.
const TIMES: usize = 4;
/// Files that were not read and are named.
const MAX_UNREAD: usize = 1_000;

/// Which run an answer is of.
#[derive(Serialize, ToSchema)]
pub(super) struct OfRun {
    #[serde(flatten)]
    repo: RepoName,
    #[serde(rename = "ref")]
    git_ref: GitRef,
    pr_number: Option<i64>,
    run_id: Uuid,
    commit_sha: CommitSha,
    #[serde(serialize_with = "optional_millis")]
    as_of: Option<DateTime<Utc>>,
}

impl From<Run> for OfRun {
    fn from(run: Run) -> Self {
        let Run { id, repo, git_ref, pr_number, commit_sha, finished_at, .. } = run;
        Self { repo, git_ref, pr_number, run_id: id, commit_sha, as_of: finished_at }
    }
}

/// A run's dossier in memory, perhaps with another file of the run, and the share of what may be there.
pub(super) struct LoadedDossier {
    pub(super) run: Run,
    pub(super) dossier: Vec<u8>,
    pub(super) other: Option<Vec<u8>>,
    pub(super) share: Share,
}

/// The dossier of a run that this reader may see.
pub(super) async fn held(
    state: &AppState,
    reader: Reader,
    id: Uuid,
    other: Option<&str>,
) -> Result<LoadedDossier, ApiError> {
    let run = readable(state, reader, id).await?.run;
    let mut files = state.store.artifacts(reader, id).await?;
    let mut take = |name: &str| files.iter().position(|file| file.name == name).map(|at| files.swap_remove(at));
    let dossier = take("dossier.json").ok_or(ApiError::NotFound("this artifact"))?;
    let other = other.and_then(take);
    let bytes = |bytes: i64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let size = bytes(dossier.bytes).saturating_add(other.as_ref().map_or(0, |file| bytes(file.bytes)));
    let share = state.budgets.making.take(size.saturating_mul(TIMES)).await?;
    let dossier = state.artifacts.read(&state.store, id, &dossier).await?;
    let dossier = dossier.ok_or(ApiError::NotFound("this artifact"))?;
    let other = match other {
        Some(file) => state.artifacts.read(&state.store, id, &file).await?,
        None => None,
    };
    Ok(LoadedDossier { run, dossier, other, share })
}

/// The dossier, if the built-in analyzer made it.
pub(super) fn ours(bytes: &[u8]) -> Result<JsonView<'_>, ApiError> {
    let is_ours = |dossier: &JsonView<'_>| dossier.at("schema").plain::<String>().is_some_and(|it| it == SCHEMA);
    JsonView::parse(bytes).filter(is_ours).ok_or_else(|| {
        let sentence = "only dossiers of the built-in analyzer are looked into; that of this run is another one's";
        ApiError::Invalid(sentence.into())
    })
}

/// What is no list of facts, claims or findings.
#[derive(Serialize, ToSchema)]
pub(super) struct RunDossier {
    #[serde(flatten)]
    of: OfRun,
    #[schema(value_type = Object)]
    analyzer: RawJson,
    #[schema(value_type = Object)]
    subject: RawJson,
    #[schema(value_type = Object)]
    metrics: RawJson,
    /// Without `unread`.
    #[schema(value_type = Object)]
    coverage: BTreeMap<String, RawJson>,
    /// Files that were not read, a bounded number.
    unread: Vec<UnreadFile>,
    /// How many there are.
    unread_files: usize,
    #[schema(value_type = Vec<Object>)]
    unknowns: Vec<RawJson>,
    /// The rows of `unresolved` that stand for all routes of a framework.
    #[schema(value_type = Vec<Object>)]
    frameworks: Vec<RawJson>,
}

/// A file that was not read, and why.
#[derive(Serialize, ToSchema)]
struct UnreadFile {
    path: String,
    reason: String,
}

pub(super) async fn show(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Path(id): Path<Uuid>,
) -> Result<Made<RunDossier>, ApiError> {
    let LoadedDossier { run, dossier, mut share, .. } = held(&state, reader, id, None).await?;
    let (answer, sent) = tokio::task::spawn_blocking(move || of_dossier(&dossier, run)).await??;
    share.shrink_to(2 * sent);
    Ok((share.until_sent(), answer.into()))
}

/// The answer, and how large it is at most.
fn of_dossier(bytes: &[u8], run: Run) -> Result<(RunDossier, usize), ApiError> {
    let dossier = ours(bytes)?;
    let (mut coverage, mut unread, mut unread_files) = (BTreeMap::new(), Vec::new(), 0);
    dossier.at("coverage").members(|name, value| {
        if name == "unread" {
            value.items(|file| {
                unread_files += 1;
                if unread.len() < MAX_UNREAD {
                    let text = |member| file.at(member).plain().unwrap_or_default();
                    unread.push(UnreadFile { path: text("path"), reason: text("reason") });
                }
            });
        } else if let Some(text) = value.plain() {
            coverage.insert(name.to_owned(), text);
        }
    });
    let mut frameworks = Vec::new();
    dossier.at("unresolved").items(|row| {
        if row.at("what").plain::<String>().is_some_and(|what| what == "framework") {
            frameworks.extend(row.plain::<RawJson>());
        }
    });
    let part = |name| dossier.at(name).plain().unwrap_or_else(RawJson::empty);
    let (analyzer, subject, metrics) = (part("analyzer"), part("subject"), part("metrics"));
    let unknowns = texts(dossier.at("unknowns"));
    let sent = [&analyzer, &subject, &metrics].into_iter().chain(&unknowns).chain(&frameworks).chain(coverage.values());
    let sent = sent.map(|text| text.view().text().len()).sum::<usize>()
        + unread.iter().map(|file: &UnreadFile| file.path.len() + file.reason.len() + 32).sum::<usize>();
    let of = OfRun::from(run);
    let answer = RunDossier { of, analyzer, subject, metrics, coverage, unread, unread_files, unknowns, frameworks };
    Ok((answer, sent))
}

fn texts(list: JsonView<'_>) -> Vec<RawJson> {
    let mut texts = Vec::new();
    list.items(|item| texts.extend(item.plain::<RawJson>()));
    texts
}
