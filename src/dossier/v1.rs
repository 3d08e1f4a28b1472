//! Dossier v1 as published. These structs are a promise to readers: fields are added, never renamed or removed
//! without a new schema. Internal types may change freely; the conversion is here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::analyzer::Analysis;
use crate::analyzer::coverage::Why;
use crate::analyzer::evidence::Evidence;
use crate::analyzer::fact::{self, FactKind, FactStatus};
use crate::analyzer::walk::SkipReason;
use crate::analyzer::{claims, findings, metrics, unknowns};

/// The name of this shape.
pub const SCHEMA: &str = "ci-feed.dossier.v1";

/// Most paths that are listed for one skip reason; the number is always complete.
const MAX_SKIPPED_PATHS: usize = 100;

/// Most files that are listed as not read; `unread_complete` says whether these are all.
const MAX_UNREAD: usize = 5_000;

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
    pub kind: FactKind,
    pub reason: String,
    pub evidence: Vec<Evidence>,
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

impl Analyzer {
    /// This program.
    pub fn this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules_digest: super::rules::digest(),
        }
    }
}

impl Dossier {
    /// Publish an analysis.
    pub fn new(analysis: Analysis, mut subject: Subject) -> Self {
        subject.tree = analysis.tree_id.clone();
        let coverage = coverage(&analysis);
        let metrics = published_metrics(&analysis, &coverage);
        Self {
            schema: SCHEMA.to_owned(),
            analyzer: Analyzer::this(),
            subject,
            coverage,
            facts: analysis.facts.into_iter().map(published_fact).collect(),
            unresolved: analysis.unresolved.into_iter().map(published_unresolved).collect(),
            claims: analysis.claims.into_iter().map(published_claim).collect(),
            unknowns: analysis.unknowns.into_iter().map(published_unknown).collect(),
            findings: published_findings(analysis.findings),
            metrics,
        }
    }

    /// The facts of one kind.
    pub fn facts_of(&self, kind: FactKind) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| fact.kind == kind)
    }
}

impl Fact {
    /// A detail as text, if it is text.
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.get(name).and_then(Value::as_str)
    }
}

/// The first 16 hex digits of a hash over the parts: stable across commits and machines.
fn stable_id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut id = hex::encode(hash.finalize());
    id.truncate(16);
    id
}

/// The name of a kind as in JSON.
pub fn kind_name(kind: FactKind) -> String {
    serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

fn published_fact(fact: fact::Fact) -> Fact {
    let id = stable_id(&[&kind_name(fact.kind), &fact.key]);
    Fact { id, kind: fact.kind, key: fact.key, status: fact.status, attrs: fact.attrs, evidence: fact.evidence }
}

fn published_unresolved(unresolved: fact::Unresolved) -> Unresolved {
    Unresolved { kind: unresolved.kind, reason: unresolved.reason, evidence: unresolved.evidence }
}

fn published_claim(claim: claims::Claim) -> Claim {
    Claim {
        id: stable_id(&[claim.kind.name(), &claim.doc, &claim.text]),
        kind: claim.kind.name().to_owned(),
        doc: claim.doc,
        line: claim.line,
        text: claim.text,
        verdict: claim.verdict.name().to_owned(),
        why: claim.why,
        evidence: claim.evidence,
    }
}

fn published_unknown(unknown: unknowns::Unknown) -> Unknown {
    Unknown {
        category: unknown.category.to_owned(),
        status: if unknown.proven() { "EVIDENCED" } else { "UNKNOWN" }.to_owned(),
        evidence: unknown.evidence,
        resolve_with: unknown.resolve_with.to_owned(),
    }
}

/// A finding's id is a hash of its rule and of what it is about; the second one about the same counts as 2.
fn published_findings(findings: Vec<findings::Finding>) -> Vec<Finding> {
    let mut seen: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let published = findings.into_iter().map(|finding| {
        let nth = seen.entry((finding.rule, finding.key.clone())).or_default();
        *nth += 1;
        let nth = if *nth > 1 { nth.to_string() } else { String::new() };
        Finding {
            id: stable_id(&["finding", finding.rule, &finding.key, &nth]),
            rule: finding.rule.to_owned(),
            level: finding.level.name().to_owned(),
            message: finding.message,
            evidence: finding.evidence,
        }
    });
    published.collect()
}

fn coverage(analysis: &Analysis) -> Coverage {
    let coverage = &analysis.coverage;
    let reason = |reason: SkipReason| {
        serde_json::to_value(reason).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let unread = coverage.unread.iter().take(MAX_UNREAD).map(|file| Unread {
        path: file.path.clone(),
        blob: file.blob.clone(),
        reason: match file.why {
            Why::Skipped(why) => reason(why),
            Why::Language => "language_without_rules".to_owned(),
            Why::Broken => "read_in_part".to_owned(),
        },
    });
    let skipped = coverage.skipped.iter().map(|(why, paths)| {
        let first = paths.iter().take(MAX_SKIPPED_PATHS).cloned().collect();
        (reason(*why), Skipped { count: paths.len(), paths: first })
    });
    let languages = coverage.languages.iter().map(|(name, count)| Language {
        name: (*name).to_owned(),
        files: count.files,
        lines: count.lines,
        blank_lines: count.blank,
    });
    let problems = coverage.parse_problems.iter();
    Coverage {
        files_seen: coverage.files_seen,
        analyzed: coverage.analyzed,
        by_class: coverage.by_class.iter().map(|(class, count)| ((*class).to_owned(), *count)).collect(),
        skipped: skipped.collect(),
        languages: languages.collect(),
        unsupported_languages: coverage.unsupported.clone(),
        parse_problems: problems
            .map(|(path, problem)| ParseProblem { path: path.clone(), problem: problem.clone() })
            .collect(),
        unread: unread.collect(),
        // Beyond a cap nothing was listed, or not with its id.
        unread_complete: coverage.unread.len() <= MAX_UNREAD && coverage.unread.iter().all(|file| file.blob.is_some()),
        partial: coverage.partial,
    }
}

fn published_metrics(analysis: &Analysis, coverage: &Coverage) -> Metrics {
    let metric = |metric: &metrics::Metric| Metric {
        value: metric.value,
        numerator: metric.numerator,
        denominator: metric.denominator,
        formula: metric.formula.to_owned(),
        interpretation: metric.interpretation.to_owned(),
    };
    let mut facts_by_kind = BTreeMap::new();
    for fact in &analysis.facts {
        *facts_by_kind.entry(kind_name(fact.kind)).or_default() += 1;
    }
    Metrics {
        dci: metric(&analysis.metrics.dci),
        dci_structural: metric(&analysis.metrics.dci_structural),
        rci: metric(&analysis.metrics.rci),
        facts_by_kind,
        lines_by_language: coverage.languages.iter().map(|language| (language.name.clone(), language.lines)).collect(),
    }
}
