//! `summary.json`: the few numbers that a feed shows, flat and small.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::drift::v1::Drift;
use super::v1::{Dossier, Metric};

/// How many languages are named.
const TOP_LANGUAGES: usize = 8;

/// The summary of a dossier, and of what its commit changed; `drift` is null where no base is known.
pub(crate) fn of(dossier: &Dossier, drift: Option<&Drift>) -> Value {
    let verdict = |name: &str| dossier.claims.iter().filter(|claim| claim.verdict == name).count();
    let mut findings: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &dossier.findings {
        *findings.entry(&finding.level).or_default() += 1;
    }
    let mut languages: Vec<_> = dossier.coverage.languages.iter().collect();
    languages.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.name.cmp(&b.name)));
    let top: Vec<_> = languages
        .iter()
        .take(TOP_LANGUAGES)
        .map(|language| json!({ "name": language.name, "lines": language.lines }))
        .collect();
    let value = |metric: &Metric| metric.value;
    json!({
        "schema": "ci-feed.summary.v1",
        "facts": dossier.metrics.facts_by_kind,
        "claims": {
            "verified": verdict("VERIFIED"),
            "contradicted": verdict("CONTRADICTED"),
            "unverifiable": verdict("UNVERIFIABLE"),
        },
        "unresolved": dossier.unresolved.len(),
        "unread_frameworks": dossier.unread_frameworks().map(|one| one.name.as_str()).collect::<BTreeSet<_>>(),
        "unknowns": {
            "evidenced": dossier.unknowns.iter().filter(|unknown| unknown.status == "EVIDENCED").count(),
            "unknown": dossier.unknowns.iter().filter(|unknown| unknown.status == "UNKNOWN").count(),
        },
        "findings": findings,
        "metrics": {
            "dci": value(&dossier.metrics.dci),
            "dci_structural": value(&dossier.metrics.dci_structural),
            "rci": value(&dossier.metrics.rci),
        },
        "files": { "seen": dossier.coverage.files_seen, "analyzed": dossier.coverage.analyzed },
        "lines": dossier.coverage.languages.iter().map(|language| language.lines).sum::<u64>(),
        "partial": dossier.coverage.partial,
        "top_languages": top,
        "drift": drift.map(changed),
    })
}

fn changed(drift: &Drift) -> Value {
    json!({
        "base_sha": drift.base.subject.sha,
        "is_empty": drift.is_empty,
        "analyzer_changed": drift.analyzer_changed,
        "counts": drift.counts,
        "failing": drift.failing(),
        "dci": drift.metrics.get("dci").and_then(|change| change.delta),
        "rci": drift.metrics.get("rci").and_then(|change| change.delta),
    })
}
