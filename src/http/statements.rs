//! `GET /api/ci/runs/{id}/claims` and `/findings`: what a stored dossier states, in pages, with the numbers that they are
//! chosen by.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::AppState;
use super::answer::Made;
use super::error::ApiError;
use super::extract::{MayRead, Path, Query};
use super::run_dossier::{LoadedDossier, OfRun, held, ours};
use super::runs::{checked_limit, given};
use crate::model::{JsonView, RawJson};
use crate::store::Run;

/// What a reader wants to see first.
const VERDICTS: [&str; 3] = ["CONTRADICTED", "UNVERIFIABLE", "VERIFIED"];
const LEVELS: [&str; 4] = ["error", "warning", "note", "none"];

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimsQuery {
    /// `CONTRADICTED`, `UNVERIFIABLE` or `VERIFIED`.
    verdict: Option<String>,
    limit: Option<i64>,
    /// How many stand before the page.
    from: Option<usize>,
    /// The id of a claim that the page holds.
    at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RunClaims {
    #[serde(flatten)]
    of: OfRun,
    /// How many the dossier has of each verdict.
    verdicts: BTreeMap<String, usize>,
    /// How many fit.
    total: usize,
    /// How many of them stand before these.
    from: usize,
    /// As in dossier.json, contradicted ones first.
    #[schema(value_type = Vec<Object>)]
    claims: Vec<RawJson>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct FindingsQuery {
    rule: Option<String>,
    /// `warning` or `note`.
    level: Option<String>,
    limit: Option<i64>,
    /// How many stand before the page.
    from: Option<usize>,
    /// The id of a finding that the page holds.
    at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RunFindings {
    #[serde(flatten)]
    of: OfRun,
    /// The rules that found something, in the order of their findings.
    rules: Vec<RuleCount>,
    /// How many the dossier has of each level.
    levels: BTreeMap<String, usize>,
    /// How many fit.
    total: usize,
    /// How many of them stand before these.
    from: usize,
    /// As in dossier.json, those of one rule together.
    #[schema(value_type = Vec<Object>)]
    findings: Vec<RawJson>,
}

/// A rule, how much it found, and what it says of itself.
#[derive(Serialize, ToSchema)]
struct RuleCount {
    rule: String,
    count: usize,
    short: String,
    text: String,
}

/// A part of a list.
struct Part {
    limit: usize,
    from: usize,
    at: Option<String>,
}

impl Part {
    fn new(limit: Option<i64>, from: Option<usize>, at: Option<String>) -> Result<Self, ApiError> {
        if from.is_some() && at.is_some() {
            return Err(ApiError::Invalid("a page begins at one place: from or at".into()));
        }
        let limit = usize::try_from(checked_limit(limit)?).unwrap_or(1);
        Ok(Self { limit, from: from.unwrap_or(0), at: given(at)? })
    }

    /// Of these rows: how many stand before the part, and the part; where an id is given, the page of its length with it.
    fn of(&self, rows: &[JsonView<'_>]) -> (usize, Vec<RawJson>) {
        let is_it = |row: &JsonView<'_>| self.at.is_some() && row.at("id").plain::<String>() == self.at;
        let from = match &self.at {
            Some(_) => rows.iter().position(is_it).map_or(0, |place| place - place % self.limit),
            None => self.from,
        };
        (from, rows.iter().skip(from).take(self.limit).filter_map(|row| row.plain()).collect())
    }
}

pub(super) async fn claims(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Path(id): Path<Uuid>,
    Query(ClaimsQuery { verdict, limit, from, at }): Query<ClaimsQuery>,
) -> Result<Made<RunClaims>, ApiError> {
    let (part, verdict) = (Part::new(limit, from, at)?, one_of("verdict", given(verdict)?, &VERDICTS)?);
    let LoadedDossier { run, dossier, mut share, .. } = held(&state, reader, id, None).await?;
    let find = move || of_claims(&dossier, run, verdict.as_deref(), &part);
    let answer = tokio::task::spawn_blocking(find).await??;
    share.shrink_to(2 * size(&answer.claims));
    Ok((share.until_sent(), answer.into()))
}

fn of_claims(bytes: &[u8], run: Run, verdict: Option<&str>, part: &Part) -> Result<RunClaims, ApiError> {
    let (mut verdicts, mut rows) = (BTreeMap::new(), Vec::new());
    ours(bytes)?.at("claims").items(|claim| {
        let is = word(claim, "verdict");
        if verdict.is_none_or(|verdict| verdict == is) {
            rows.push((rank(&VERDICTS, &is), claim));
        }
        *verdicts.entry(is).or_default() += 1;
    });
    rows.sort_by_key(|(rank, _)| *rank);
    let rows: Vec<_> = rows.into_iter().map(|(_, claim)| claim).collect();
    let (from, claims) = part.of(&rows);
    Ok(RunClaims { of: run.into(), verdicts, total: rows.len(), from, claims })
}

pub(super) async fn findings(
    State(state): State<AppState>,
    MayRead(reader): MayRead,
    Path(id): Path<Uuid>,
    Query(FindingsQuery { rule, level, limit, from, at }): Query<FindingsQuery>,
) -> Result<Made<RunFindings>, ApiError> {
    let (part, rule, level) = (Part::new(limit, from, at)?, given(rule)?, one_of("level", given(level)?, &LEVELS)?);
    let LoadedDossier { run, dossier, other, mut share } = held(&state, reader, id, Some("findings.sarif")).await?;
    let find = move || of_findings(&dossier, other.as_deref(), run, (rule.as_deref(), level.as_deref()), &part);
    let answer = tokio::task::spawn_blocking(find).await??;
    let help: usize = answer.rules.iter().map(|rule| rule.short.len() + rule.text.len()).sum();
    share.shrink_to(2 * (size(&answer.findings) + help));
    Ok((share.until_sent(), answer.into()))
}

fn of_findings(
    bytes: &[u8],
    log: Option<&[u8]>,
    run: Run,
    (rule, level): (Option<&str>, Option<&str>),
    part: &Part,
) -> Result<RunFindings, ApiError> {
    let (mut found, mut levels) = (BTreeMap::<String, (usize, usize)>::new(), BTreeMap::new());
    let mut rows = Vec::new();
    ours(bytes)?.at("findings").items(|finding| {
        let (of_rule, of_level) = (word(finding, "rule"), word(finding, "level"));
        let (worst, count) = found.entry(of_rule.clone()).or_insert((LEVELS.len(), 0));
        (*worst, *count) = ((*worst).min(rank(&LEVELS, &of_level)), *count + 1);
        if rule.is_none_or(|rule| rule == of_rule) && level.is_none_or(|level| level == of_level) {
            rows.push((of_rule, finding));
        }
        *levels.entry(of_level).or_default() += 1;
    });
    let mut names: Vec<_> = found.into_iter().collect();
    names.sort_by(|(a, (worst_a, count_a)), (b, (worst_b, count_b))| (worst_a, count_b, a).cmp(&(worst_b, count_a, b)));
    let place = |rule: &str| names.iter().position(|(name, _)| name == rule);
    rows.sort_by_cached_key(|(rule, _)| place(rule));
    let rows: Vec<_> = rows.into_iter().map(|(_, finding)| finding).collect();
    let (from, findings) = part.of(&rows);
    let mut help = log.map(help).unwrap_or_default();
    let rules = names.into_iter().map(|(rule, (_, count))| {
        let (short, text) = help.remove(&rule).unwrap_or_default();
        RuleCount { rule, count, short, text }
    });
    Ok(RunFindings { of: run.into(), rules: rules.collect(), levels, total: rows.len(), from, findings })
}

/// What the rules of a SARIF log say of themselves, by their names.
fn help(log: &[u8]) -> BTreeMap<String, (String, String)> {
    let mut help = BTreeMap::new();
    JsonView::parse(log).unwrap_or(JsonView::NULL).at("runs").items(|run| {
        run.at("tool").at("driver").at("rules").items(|rule| {
            let text = |member: &str| rule.at(member).at("text").plain().unwrap_or_default();
            let whole: String = text("help");
            let whole = if whole.is_empty() { text("fullDescription") } else { whole };
            help.insert(word(rule, "id"), (text("shortDescription"), whole));
        });
    });
    help
}

fn word(row: JsonView<'_>, member: &str) -> String {
    row.at(member).plain().unwrap_or_default()
}

fn rank(words: &[&str], word: &str) -> usize {
    words.iter().position(|one| *one == word).unwrap_or(words.len())
}

fn one_of(name: &str, given: Option<String>, words: &[&str]) -> Result<Option<String>, ApiError> {
    match given {
        Some(given) if !words.contains(&given.as_str()) => {
            Err(ApiError::Invalid(format!("{name} {given:?} is not one of {}", words.join(", "))))
        }
        given => Ok(given),
    }
}

fn size(rows: &[RawJson]) -> usize {
    rows.iter().map(|row| row.view().text().len()).sum()
}
