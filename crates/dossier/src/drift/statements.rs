//! Claims, findings and unknowns of two dossiers: what this push made untrue, true, worth a look or known.

use std::collections::BTreeMap;

use super::facts::cut;
use super::v1::{ClaimChange, FindingDrift, UnknownChange};
use crate::evidence::Evidence;
use crate::v1::{Claim, Finding, Unknown};

/// The verdict that a reader has to act on.
const CONTRADICTED: &str = "CONTRADICTED";

/// Claims whose verdict changed, and contradictions that came or went with their sentence. A new sentence that holds,
/// or cannot be checked, is no drift.
pub(super) fn claims(base: &[Claim], head: &[Claim]) -> Vec<ClaimChange> {
    let mut left: BTreeMap<&str, &Claim> = base.iter().map(|claim| (claim.id.as_str(), claim)).collect();
    let mut right: BTreeMap<&str, &Claim> = head.iter().map(|claim| (claim.id.as_str(), claim)).collect();
    let mut pairs: Vec<(&Claim, &Claim)> = Vec::new();
    let ids: Vec<&str> = left.keys().filter(|id| right.contains_key(*id)).copied().collect();
    for id in ids {
        pairs.extend(left.remove(id).zip(right.remove(id)));
    }
    // A document that was renamed says the same: the statement is matched without it.
    let mut elsewhere: BTreeMap<(&str, &str), Vec<&Claim>> = BTreeMap::new();
    for claim in right.values().copied() {
        elsewhere.entry((&claim.kind, &claim.text)).or_default().push(claim);
    }
    left.retain(|_, claim| match elsewhere.get_mut(&(claim.kind.as_str(), claim.text.as_str())).and_then(Vec::pop) {
        Some(head) => {
            right.remove(head.id.as_str());
            pairs.push((claim, head));
            false
        }
        None => true,
    });
    let mut changes: Vec<ClaimChange> = pairs
        .into_iter()
        .filter(|(base, head)| base.verdict != head.verdict)
        .map(|(base, head)| change(Some(base), Some(head)))
        .chain(left.into_values().filter(is_contradicted).map(|base| change(Some(base), None)))
        .chain(right.into_values().filter(is_contradicted).map(|head| change(None, Some(head))))
        .flatten()
        .collect();
    changes.sort_by(|a, b| (&a.doc, &a.kind, &a.text).cmp(&(&b.doc, &b.kind, &b.text)));
    changes
}

fn is_contradicted(claim: &&Claim) -> bool {
    claim.verdict == CONTRADICTED
}

fn change(base: Option<&Claim>, head: Option<&Claim>) -> Option<ClaimChange> {
    let shown = head.or(base)?;
    Some(ClaimChange {
        id: shown.id.clone(),
        kind: shown.kind.clone(),
        doc: shown.doc.clone(),
        text: shown.text.clone(),
        base: base.map(|claim| claim.verdict.clone()),
        head: head.map(|claim| claim.verdict.clone()),
        why: head.map_or_else(|| "the statement is gone".to_owned(), |claim| claim.why.clone()),
        base_evidence: base.map(|claim| cut(&claim.evidence)).unwrap_or_default(),
        head_evidence: head.map(|claim| cut(&claim.evidence)).unwrap_or_default(),
    })
}

/// Whether a change makes a statement of the documentation untrue that was not untrue before.
pub(super) fn is_newly_contradicted(change: &ClaimChange) -> bool {
    change.head.as_deref() == Some(CONTRADICTED)
}

/// What the ratchet keeps: a finding of the base is its baseline, here or in a file that was renamed.
pub(super) fn findings(base: &[Finding], head: &[Finding]) -> FindingDrift {
    let mut left: Vec<&Finding> = base.iter().collect();
    let mut drift = FindingDrift::default();
    let mut take = |finding: &Finding, is_same: fn(&Finding, &Finding) -> bool| {
        let at = left.iter().position(|known| is_same(known, finding));
        at.map(|at| left.remove(at)).is_some()
    };
    let others: Vec<&Finding> = head.iter().filter(|finding| !take(finding, |a, b| a.id == b.id)).collect();
    drift.new = others
        .into_iter()
        .filter(|finding| !take(finding, |a, b| a.rule == b.rule && anchors(a) == anchors(b)))
        .cloned()
        .collect();
    drift.baseline = head.len() - drift.new.len();
    drift.resolved = left.into_iter().cloned().collect();
    drift.new.iter_mut().chain(&mut drift.resolved).for_each(|finding| finding.evidence = cut(&finding.evidence));
    drift
}

fn anchors(finding: &Finding) -> Vec<&str> {
    finding.evidence.iter().map(|evidence: &Evidence| evidence.sha256.as_str()).collect()
}

/// The categories that are known on one side only.
pub(super) fn unknowns(base: &[Unknown], head: &[Unknown]) -> Vec<UnknownChange> {
    let pair = |head: &Unknown| {
        let base = base.iter().find(|base| base.category == head.category)?;
        (base.status != head.status).then(|| UnknownChange {
            category: head.category.clone(),
            base: base.status.clone(),
            head: head.status.clone(),
            base_evidence: cut(&base.evidence),
            head_evidence: cut(&head.evidence),
        })
    };
    head.iter().filter_map(pair).collect()
}
