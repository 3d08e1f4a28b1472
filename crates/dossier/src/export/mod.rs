//! A dossier in the forms of others: derived, never stored. Each says only what the dossier says, and what it cannot say.

mod csv;
mod env_example;
mod openapi;
mod sbom;

use serde_json::{Value, json};

use crate::evidence::Evidence;
use crate::fact::FactStatus;
use crate::v1::{Dossier, Fact};

/// A form, and how it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// OpenAPI 3.1: `openapi.json`.
    OpenApi,
    /// The variables that are read: `env.example`.
    EnvExample,
    /// CycloneDX 1.6: `sbom.cdx.json`.
    Sbom,
    /// Every fact as a row: `facts.csv`.
    FactsCsv,
}

impl Export {
    /// Each form by its file name.
    pub const ALL: [(&'static str, Self); 4] = [
        ("openapi.json", Self::OpenApi),
        ("env.example", Self::EnvExample),
        ("sbom.cdx.json", Self::Sbom),
        ("facts.csv", Self::FactsCsv),
    ];

    /// The media type of its file.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::OpenApi => "application/vnd.oai.openapi+json;version=3.1",
            Self::EnvExample => "text/plain; charset=utf-8",
            Self::Sbom => "application/vnd.cyclonedx+json;version=1.6",
            Self::FactsCsv => "text/csv; charset=utf-8",
        }
    }

    /// The file's text; the same dossier gives the same bytes.
    pub fn of(self, dossier: &Dossier) -> String {
        match self {
            Self::OpenApi => text(&openapi::of(dossier)),
            Self::EnvExample => env_example::of(dossier),
            Self::Sbom => text(&sbom::of(dossier)),
            Self::FactsCsv => csv::of(dossier),
        }
    }
}

fn text(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// The repository, or what stands for it where nobody named one.
fn title(dossier: &Dossier) -> String {
    match (&dossier.subject.owner, &dossier.subject.repo) {
        (Some(owner), Some(repo)) => format!("{owner}/{repo}"),
        _ => "a source tree".to_owned(),
    }
}

fn version(dossier: &Dossier) -> &str {
    dossier.subject.sha.as_deref().unwrap_or("unknown")
}

/// What was read and what was not, which no export can hide.
fn coverage(dossier: &Dossier, left_out: usize) -> Value {
    let coverage = &dossier.coverage;
    json!({
        "analyzer": format!("{} {}", dossier.analyzer.name, dossier.analyzer.version),
        "commit": dossier.subject.sha,
        "files_seen": coverage.files_seen,
        "files_analyzed": coverage.analyzed,
        "files_not_understood": coverage.unread.len(),
        "all_not_understood_are_listed": coverage.unread_complete,
        "unresolved": dossier.unresolved.len(),
        "frameworks_not_read": dossier.unread_frameworks().map(|one| &one.name).collect::<std::collections::BTreeSet<_>>(),
        "partial": coverage.partial,
        "left_out": left_out,
    })
}

/// Where a fact says so.
fn place(fact: &Fact) -> Option<Value> {
    let anchor = fact.evidence.first()?;
    Some(
        json!({ "path": anchor.path, "start_line": anchor.start_line, "end_line": anchor.end_line, "sha256": anchor.sha256 }),
    )
}

/// The same for people.
fn path_and_line(anchor: &Evidence) -> String {
    if anchor.start_line == 0 { anchor.path.clone() } else { format!("{}:{}", anchor.path, anchor.start_line) }
}

fn status(fact: &Fact) -> &'static str {
    match fact.status {
        FactStatus::Evidenced => "EVIDENCED",
        FactStatus::Inferred => "INFERRED",
    }
}
