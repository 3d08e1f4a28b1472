//! From what the analyzer found to the dossier as published: the one place that knows both.

use std::collections::BTreeMap;

use ci_feed_dossier::fact::{FactKind, FactStatus};
use ci_feed_dossier::v1::{
    Claim, Coverage, Dossier, Fact, Finding, Folder, Language, Metric, Metrics, ParseProblem, SCHEMA, Skipped, Subject,
    Unknown, Unread, Unresolved, kind_name,
};
use sha2::{Digest as _, Sha256};

use crate::Analysis;
use crate::fact;
use crate::fit::fit;
use crate::judge::coverage::UnreadReason;
use crate::judge::{claims, findings, metrics, unknowns};
use crate::tree::walk::SkipReason;

/// Most paths that are listed for one skip reason; the number is always complete.
const MAX_SKIPPED_PATHS: usize = 100;

/// Most files that are listed as not read, and as read in part; `unread_complete` says whether these are all.
const MAX_UNREAD: usize = 5_000;

/// Publish an analysis.
pub fn publish(analysis: Analysis, mut subject: Subject) -> Dossier {
    subject.tree = analysis.tree_id.clone();
    let coverage = coverage(&analysis);
    let metrics = published_metrics(&analysis, &coverage);
    let mut dossier = Dossier {
        schema: SCHEMA.to_owned(),
        analyzer: crate::identity(),
        subject,
        coverage,
        facts: analysis.facts.into_iter().map(published_fact).collect(),
        unresolved: published_unresolved(analysis.unresolved),
        claims: analysis.claims.into_iter().map(published_claim).collect(),
        unknowns: analysis.unknowns.into_iter().map(published_unknown).collect(),
        findings: published_findings(analysis.findings),
        metrics,
        policy: analysis.policy,
    };
    fit(&mut dossier, stable_id);
    dossier
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

fn published_fact(fact: fact::Fact) -> Fact {
    let id = stable_id(&[&kind_name(fact.kind), &fact.key]);
    Fact { id, kind: fact.kind, key: fact.key, status: fact.status, attrs: fact.attrs, evidence: fact.evidence }
}

/// The id is a hash of kind, name and file; the second one that is the same in these counts as 2.
fn published_unresolved(unresolved: Vec<fact::Unresolved>) -> Vec<Unresolved> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let published = unresolved.into_iter().map(|one| {
        let file = one.evidence.first().map_or("", |evidence| evidence.path.as_str());
        let mut id = stable_id(&["unresolved", &kind_name(one.kind), &one.name, file]);
        let nth = seen.entry(id.clone()).or_default();
        *nth += 1;
        if *nth > 1 {
            id = stable_id(&[&id, &nth.to_string()]);
        }
        Unresolved { id, kind: one.kind, what: one.what, name: one.name, reason: one.reason, evidence: one.evidence }
    });
    published.collect()
}

fn published_claim(claim: claims::claim::Claim) -> Claim {
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
            UnreadReason::Skipped(why) => reason(why),
            UnreadReason::Language => "language_without_rules".to_owned(),
            UnreadReason::Broken => "read_in_part".to_owned(),
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
    let folders = coverage.folders.iter();
    let folders = folders.map(|(path, of)| Folder { path: path.clone(), files: of.files, read: of.read });
    Coverage {
        files_seen: coverage.files_seen,
        analyzed: coverage.analyzed,
        by_class: coverage.by_class.iter().map(|(class, count)| ((*class).to_owned(), *count)).collect(),
        skipped: skipped.collect(),
        languages: languages.collect(),
        unsupported_languages: coverage.unsupported.clone(),
        parse_problems: problems
            .take(MAX_UNREAD)
            .map(|(path, problem)| ParseProblem { path: path.clone(), problem: problem.clone() })
            .collect(),
        unread: unread.collect(),
        // Beyond a cap nothing was listed, or not with its id.
        unread_complete: coverage.unread.len() <= MAX_UNREAD && coverage.unread.iter().all(|file| file.blob.is_some()),
        folders: folders.collect(),
        unresolved_has_ids: true,
        partial: coverage.partial,
    }
}

/// What a fact counts as: endpoints of the second tier are never counted among the first.
fn tier(fact: &fact::Fact) -> String {
    let kind = kind_name(fact.kind);
    let is_second = fact.kind == FactKind::Endpoint && fact.status == FactStatus::Inferred;
    if is_second { format!("{kind}_inferred") } else { kind }
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
        *facts_by_kind.entry(tier(fact)).or_default() += 1;
    }
    Metrics {
        dci: metric(&analysis.metrics.dci),
        dci_structural: metric(&analysis.metrics.dci_structural),
        rci: metric(&analysis.metrics.rci),
        facts_by_kind,
        lines_by_language: coverage.languages.iter().map(|language| (language.name.clone(), language.lines)).collect(),
    }
}
