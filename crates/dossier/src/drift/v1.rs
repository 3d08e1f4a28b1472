//! Drift v1 as published: what one commit changed against another. A promise to readers, as `dossier::v1` is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::evidence::Evidence;
use crate::fact::FactKind;
use crate::v1::{Analyzer, Fact, Finding, Subject, Unresolved};

/// The name of this shape.
pub const SCHEMA: &str = "ci-feed.drift.v1";

/// Everything that differs between two dossiers, with evidence on the side where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/drift.md describes each field")]
pub struct Drift {
    pub schema: String,
    pub base: Side,
    pub head: Side,
    /// Whether another version or other rules made the base: then a row may be a change of the analyzer.
    pub analyzer_changed: bool,
    /// No row in facts (moves apart), claims, findings, unknowns and unresolved.
    pub is_empty: bool,
    pub counts: Counts,
    pub before_deploy: Vec<Step>,
    pub facts: FactDrift,
    pub claims: Vec<ClaimChange>,
    pub findings: FindingDrift,
    pub unknowns: Vec<UnknownChange>,
    pub metrics: BTreeMap<String, MetricChange>,
    pub not_read: NotRead,
    #[serde(default)]
    pub unresolved: UnresolvedDrift,
    /// What the policy of the base came to, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Applied>,
    /// Rows that do not fit; `counts` counts them.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_out: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(rows: &usize) -> bool {
    *rows == 0
}

/// One of the two commits, and how much of it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/drift.md describes each field")]
pub struct Side {
    pub subject: Subject,
    pub analyzer: Analyzer,
    pub files_seen: usize,
    pub analyzed: usize,
    pub unresolved: usize,
    pub partial: bool,
}

/// The numbers that a feed shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/drift.md describes each field")]
pub struct Counts {
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
    pub moved: usize,
    pub by_kind: BTreeMap<String, KindCounts>,
    pub newly_contradicted: usize,
    pub new_findings: usize,
    pub before_deploy: usize,
    pub changed_not_read: usize,
    #[serde(default)]
    pub unresolved_added: usize,
    #[serde(default)]
    pub unresolved_removed: usize,
}

/// Rows of one kind of fact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each name is its own explanation")]
pub struct KindCounts {
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
}

/// Facts that one side has and the other has not, or has otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/drift.md describes each field")]
pub struct FactDrift {
    pub added: Vec<Fact>,
    pub removed: Vec<Fact>,
    pub changed: Vec<ChangedFact>,
    pub moved: Vec<MovedFact>,
}

/// The same fact, saying something else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/drift.md describes each field")]
pub struct ChangedFact {
    pub id: String,
    pub kind: FactKind,
    pub key: String,
    /// The key that it had in the base, where that is another one.
    pub base_key: Option<String>,
    pub changes: Vec<Change>,
    pub base_evidence: Vec<Evidence>,
    pub head_evidence: Vec<Evidence>,
}

/// One detail, before and after; null where it was or is absent. Of two lists only what the other side has not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each name is its own explanation")]
pub struct Change {
    pub attr: String,
    pub base: Value,
    pub head: Value,
}

/// The same fact under another name that no user of the software sees: a file or a path parameter was renamed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/drift.md describes each field")]
pub struct MovedFact {
    pub id: String,
    pub kind: FactKind,
    pub base_key: String,
    pub key: String,
    pub base_evidence: Vec<Evidence>,
    pub head_evidence: Vec<Evidence>,
}

/// A statement of the documentation whose verdict is another one now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/drift.md describes each field")]
pub struct ClaimChange {
    pub id: String,
    pub kind: String,
    pub doc: String,
    pub text: String,
    /// The verdict in the base; null where the statement was not there.
    pub base: Option<String>,
    /// The verdict in the head; null where the statement is gone.
    pub head: Option<String>,
    pub why: String,
    pub base_evidence: Vec<Evidence>,
    pub head_evidence: Vec<Evidence>,
}

/// Findings of this push; those that were there before are its baseline and only counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/drift.md describes each field")]
pub struct FindingDrift {
    pub new: Vec<Finding>,
    pub resolved: Vec<Finding>,
    pub baseline: usize,
}

/// Constructs that were recognised and not pinned down, on one side only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/drift.md describes each field")]
pub struct UnresolvedDrift {
    pub added: Vec<Unresolved>,
    pub removed: Vec<Unresolved>,
    /// False where a side has no ids for them: then nothing was compared.
    pub comparable: bool,
}

/// A category of the nine that a file now proves, or no longer proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/drift.md describes each field")]
pub struct UnknownChange {
    pub category: String,
    pub base: String,
    pub head: String,
    pub base_evidence: Vec<Evidence>,
    pub head_evidence: Vec<Evidence>,
}

/// A number on both sides; null where there was nothing to measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each name is its own explanation")]
pub struct MetricChange {
    pub base: Option<f64>,
    pub head: Option<f64>,
    pub delta: Option<f64>,
}

/// Changes that no rule could see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRead {
    /// Files that differ between the two commits and were not, or not to their end, understood.
    pub changed: usize,
    /// The first of them.
    pub files: Vec<NotReadFile>,
    /// False where a dossier does not list all files that were not read: then there may be more.
    pub complete: bool,
    /// Frameworks of the head whose routes no rule reads: what changed in them is not known.
    #[serde(default)]
    pub frameworks: Vec<NotReadFramework>,
}

/// A framework whose routes were not read, and the first file that tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each name is its own explanation")]
pub struct NotReadFramework {
    pub name: String,
    pub path: String,
    pub reason: String,
}

/// A file that differs and was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each name is its own explanation")]
pub struct NotReadFile {
    pub path: String,
    pub reason: String,
}

/// Something to do, or to know, before this commit goes to where people use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/drift.md describes each field")]
pub struct Step {
    /// The rule, e.g. `new-required-env-var`.
    pub rule: String,
    pub text: String,
    pub kind: FactKind,
    pub key: String,
    /// `head` or `base`: the commit that the evidence lies in.
    pub side: String,
    /// The service that it is about, where the policy names services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    pub evidence: Vec<Evidence>,
}

/// A policy, applied to a drift.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Why it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Rows that it calls noise.
    pub left_out: usize,
    /// Rows that fail the check, by their rules.
    pub fails: BTreeMap<String, usize>,
    /// The label of a pull request that lifts that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lift_label: Option<String>,
}

impl Drift {
    /// Rows that fail the check.
    pub fn failing(&self) -> usize {
        self.policy.as_ref().map_or(0, |policy| policy.fails.values().sum())
    }
}
