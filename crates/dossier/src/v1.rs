//! Dossier v1 as published. These structs are a promise to readers: fields are added, never renamed or removed
//! without a new schema. Internal types may change freely; the analyzer converts them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::evidence::Evidence;
use crate::fact::{FactKind, FactStatus};
use crate::policy::Policy;

/// The name of this shape.
pub const SCHEMA: &str = "ci-feed.dossier.v1";

/// A whole dossier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Dossier {
    pub schema: String,
    pub analyzer: Analyzer,
    pub subject: Subject,
    pub coverage: Coverage,
    pub facts: Vec<Fact>,
    pub unresolved: Vec<Unresolved>,
    pub claims: Vec<Claim>,
    pub unknowns: Vec<Unknown>,
    pub findings: Vec<Finding>,
    pub metrics: Metrics,
    /// What this commit says of the changes that come after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
}

/// Which analyzer made it; a change of `rules_digest` tells drift of rules from drift of code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Analyzer {
    pub name: String,
    pub version: String,
    pub rules_digest: String,
}

/// What it is about; every part may be unknown. No branch: a commit has the same dossier on each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Subject {
    pub owner: Option<String>,
    pub repo: Option<String>,
    /// Address of the forge, where evidence can be looked at.
    pub forge: Option<String>,
    pub sha: Option<String>,
    pub tree: Option<String>,
}

/// What was read and what was not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Coverage {
    pub files_seen: usize,
    pub analyzed: usize,
    pub by_class: BTreeMap<String, usize>,
    pub skipped: BTreeMap<String, Skipped>,
    pub languages: Vec<Language>,
    pub unsupported_languages: BTreeMap<String, u64>,
    pub parse_problems: Vec<ParseProblem>,
    #[serde(default)]
    pub unread: Vec<Unread>,
    #[serde(default)]
    pub unread_complete: bool,
    /// Empty in dossiers of versions that did not count by folder.
    #[serde(default)]
    pub folders: Vec<Folder>,
    /// Whether the rows of `unresolved` have ids, so that a drift can compare them.
    #[serde(default)]
    pub unresolved_has_ids: bool,
    pub partial: bool,
}

/// A file whose content no rule understood, with its blob id: a drift tells from it whether the file changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Unread {
    pub path: String,
    pub blob: Option<String>,
    pub reason: String,
}

/// How many files lie in a folder, the root's path being empty, and how many of them were read to their end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Folder {
    pub path: String,
    pub files: usize,
    pub read: usize,
}

/// How many were skipped for one reason, and the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Skipped {
    pub count: usize,
    pub paths: Vec<String>,
}

/// What one language amounts to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Language {
    pub name: String,
    pub files: u64,
    pub lines: u64,
    pub blank_lines: u64,
}

/// A file that did not parse to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct ParseProblem {
    pub path: String,
    pub problem: String,
}

/// One statement with its anchors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Fact {
    pub id: String,
    pub kind: FactKind,
    pub key: String,
    pub status: FactStatus,
    pub attrs: BTreeMap<String, Value>,
    pub evidence: Vec<Evidence>,
}

/// A construct that was recognised and not pinned down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Unresolved {
    /// Stable while lines move, and unique within a dossier; empty in dossiers of versions that gave none.
    #[serde(default)]
    pub id: String,
    pub kind: FactKind,
    #[serde(default)]
    pub what: What,
    /// What it is called, where that is not only its reason.
    #[serde(default)]
    pub name: String,
    pub reason: String,
    pub evidence: Vec<Evidence>,
}

/// What sort of construct was not pinned down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// All routes of a framework that no rule reads.
    Framework,
    /// A route whose full path is not known.
    Route,
    /// Anything else.
    #[default]
    Construct,
}

/// A statement of the documentation, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Claim {
    pub id: String,
    pub kind: String,
    pub doc: String,
    pub line: u32,
    pub text: String,
    pub verdict: String,
    pub why: String,
    pub evidence: Vec<Evidence>,
}

/// One of the nine categories that files rarely prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Unknown {
    pub category: String,
    pub status: String,
    pub evidence: Vec<Evidence>,
    pub resolve_with: String,
}

/// Something worth a person's look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Finding {
    /// Stable while lines move, and unique within a dossier.
    pub id: String,
    pub rule: String,
    pub level: String,
    pub message: String,
    pub evidence: Vec<Evidence>,
}

/// The shares, and the counts that they rest on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Metrics {
    pub dci: Metric,
    pub dci_structural: Metric,
    pub rci: Metric,
    pub facts_by_kind: BTreeMap<String, usize>,
    pub lines_by_language: BTreeMap<String, u64>,
}

/// One share; `value` is null when there was nothing to take a share of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/analyzer.md describes each field")]
pub struct Metric {
    pub value: Option<f64>,
    pub numerator: f64,
    pub denominator: f64,
    pub formula: String,
    pub interpretation: String,
}

impl Dossier {
    /// The facts of one kind.
    pub fn facts_of(&self, kind: FactKind) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| fact.kind == kind)
    }

    /// The frameworks whose routes no rule reads: one row for each manifest, or file, that tells of one.
    pub fn unread_frameworks(&self) -> impl Iterator<Item = &Unresolved> {
        self.unresolved.iter().filter(|one| one.what == What::Framework)
    }
}

impl Fact {
    /// A detail as text, if it is text.
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.get(name).and_then(Value::as_str)
    }
}

/// The name of a kind as in JSON.
pub fn kind_name(kind: FactKind) -> String {
    serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
