//! A drift by the policy of its base: noise goes, what fails the check is counted, and each step gets its service.

use std::collections::BTreeMap;

use super::statements::is_newly_contradicted;
use super::v1::{Applied, ClaimChange, FactDrift, FindingDrift, Step, UnresolvedDrift};
use crate::evidence::Evidence;
use crate::policy::{Noise, Policy};

/// The finding that each statement which becomes untrue makes.
const CONTRADICTED: &str = "contradicted-claim";

/// The rows that a policy is about.
pub(super) struct Rows<'r> {
    pub(super) facts: &'r mut FactDrift,
    pub(super) claims: &'r mut Vec<ClaimChange>,
    pub(super) findings: &'r mut FindingDrift,
    pub(super) unresolved: &'r mut UnresolvedDrift,
}

impl Rows<'_> {
    /// Leave out what is noise; answers how many rows that were.
    pub(super) fn leave_out(&mut self, noise: &Noise) -> usize {
        let is_noise = |evidence: &[Evidence]| evidence.first().is_some_and(|one| noise.has_path(&one.path));
        let before = self.count();
        self.facts.added.retain(|fact| !is_noise(&fact.evidence));
        self.facts.removed.retain(|fact| !is_noise(&fact.evidence));
        self.facts.changed.retain(|row| !is_noise(&row.head_evidence));
        self.facts.moved.retain(|row| !is_noise(&row.head_evidence));
        self.unresolved.added.retain(|one| !is_noise(&one.evidence));
        self.unresolved.removed.retain(|one| !is_noise(&one.evidence));
        self.claims.retain(|claim| !noise.has_path(&claim.doc) && !noise.has_claim(&claim.kind, &claim.text));
        for findings in [&mut self.findings.new, &mut self.findings.resolved] {
            findings.retain(|finding| !noise.has_rule(&finding.rule) && !is_noise(&finding.evidence));
        }
        before - self.count()
    }

    fn count(&self) -> usize {
        let Self { facts, claims, findings, unresolved } = self;
        [facts.added.len(), facts.removed.len(), facts.changed.len(), facts.moved.len(), claims.len()]
            .iter()
            .sum::<usize>()
            + [findings.new.len(), findings.resolved.len(), unresolved.added.len(), unresolved.removed.len()]
                .iter()
                .sum::<usize>()
    }
}

/// Leave out steps that are noise, and name the service of each other one; answers how many are left out.
pub(super) fn steps(steps: &mut Vec<Step>, policy: &Policy) -> usize {
    let before = steps.len();
    steps.retain(|step| !policy.ignore.has_rule(&step.rule));
    for step in &mut *steps {
        let path = step.evidence.first().map_or("", |evidence| &evidence.path);
        step.service = policy.service_of(path).map(str::to_owned);
    }
    before - steps.len()
}

/// What the policy came to.
pub(super) fn applied(
    policy: &Policy,
    left_out: usize,
    steps: &[Step],
    claims: &[ClaimChange],
    findings: &FindingDrift,
) -> Applied {
    let mut fails: BTreeMap<String, usize> = BTreeMap::new();
    let mut count = |rule: &str| {
        if policy.fail.iter().any(|one| one == rule) {
            *fails.entry(rule.to_owned()).or_default() += 1;
        }
    };
    steps.iter().for_each(|step| count(&step.rule));
    claims.iter().filter(|claim| is_newly_contradicted(claim)).for_each(|_| count(CONTRADICTED));
    findings.new.iter().filter(|finding| finding.rule != CONTRADICTED).for_each(|finding| count(&finding.rule));
    Applied { error: policy.error.clone(), left_out, fails, lift_label: policy.lift_label.clone() }
}
