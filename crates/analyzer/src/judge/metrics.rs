//! Three shares that say how much of the repository's story is backed by its files. None is a score of quality
//! or security, and each says so. A share of nothing is null, never 0 or 1.

use ci_feed_dossier::fact::{FactKind, FactStatus};

use super::unknowns::Unknown;
use crate::fact::is_read;
use crate::fact::{Fact, Unresolved};
use crate::judge::claims::claim::{Claim, ClaimKind, Verdict};

/// One share.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Metric {
    pub(crate) value: Option<f64>,
    pub(crate) numerator: f64,
    pub(crate) denominator: f64,
    pub(crate) formula: &'static str,
    pub(crate) interpretation: &'static str,
}

/// All shares of a dossier.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Metrics {
    pub(crate) dci: Metric,
    pub(crate) dci_structural: Metric,
    pub(crate) rci: Metric,
}

/// Count and divide.
pub(crate) fn measure(facts: &[Fact], unresolved: &[Unresolved], claims: &[Claim], unknowns: &[Unknown]) -> Metrics {
    let verified = claims.iter().filter(|claim| claim.verdict == Verdict::Verified).count();
    let dci = share(
        count(verified),
        count(claims.len()),
        "verified claims / (verified + contradicted + unverifiable claims)",
        "How much of what the documentation states could be confirmed from files; it says nothing about quality or security.",
    );
    let evidenced = facts.iter().filter(|fact| fact.status == FactStatus::Evidenced).count();
    let dci_structural = share(
        count(evidenced),
        count(evidenced + unresolved.len()),
        "evidenced facts / (evidenced facts + unresolved constructs)",
        "How much of what was recognised could be pinned down, where a framework that is not read counts as one construct however many routes it has; it says nothing about what was not recognised, nor about quality or security.",
    );
    let proven = unknowns.iter().filter(|unknown| unknown.proven()).count();
    let unknown_share = count(proven) / count(unknowns.len().max(1));
    let how_to = count(how_to(facts, claims)) / 6.0;
    // Without any claim there is no documentation to confirm: that part counts as nothing shown.
    let sum = dci.value.unwrap_or(0.0) + unknown_share + how_to;
    let rci = share(
        sum,
        3.0,
        "mean(dci or 0 without claims, proven unknown categories / 9, evidenced of {install, run, test, configuration, port, documentation of env vars} / 6)",
        "How completely the repository tells how it is run and operated; a low value means untold, not bad, and it is no quality or security score.",
    );
    Metrics { dci, dci_structural, rci }
}

/// How many of the six things a newcomer needs are evidenced.
fn how_to(facts: &[Fact], claims: &[Claim]) -> usize {
    let command = |kinds: &[&str]| {
        // A script that a line defines counts even where only its manager is inferred.
        let manager_only = |fact: &Fact| {
            fact.attrs
                .get("rule")
                .and_then(|rule| rule.as_str())
                .is_some_and(|rule| rule.starts_with("package-manager"))
        };
        let of_kind = |fact: &&Fact| {
            fact.kind == FactKind::Command && (fact.status == FactStatus::Evidenced || manager_only(fact))
        };
        let kind = |fact: &Fact| {
            fact.attrs.get("kind").and_then(|kind| kind.as_str()).is_some_and(|kind| kinds.contains(&kind))
        };
        facts.iter().filter(of_kind).any(kind)
    };
    let any = |kind: FactKind| facts.iter().any(|fact| fact.kind == kind);
    let listed = |fact: &Fact| {
        fact.attrs.get("documented_in").and_then(|docs| docs.as_array()).is_some_and(|docs| !docs.is_empty())
    };
    let read_and_told = |fact: &Fact| fact.kind == FactKind::EnvVar && is_read(fact) && listed(fact);
    let told = claims.iter().any(|claim| claim.kind == ClaimKind::EnvVar && claim.verdict == Verdict::Verified);
    let shown = [
        command(&["install"]) || any(FactKind::Dependency),
        command(&["start", "dev"]),
        command(&["test"]),
        any(FactKind::EnvVar),
        any(FactKind::Port),
        told || facts.iter().any(read_and_told),
    ];
    shown.into_iter().filter(|shown| *shown).count()
}

fn share(numerator: f64, denominator: f64, formula: &'static str, interpretation: &'static str) -> Metric {
    let value = (denominator > 0.0).then(|| round(numerator / denominator));
    Metric { value, numerator: round(numerator), denominator, formula, interpretation }
}

/// Four decimals are all that a share of counts can mean.
fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(verdict: Verdict) -> Claim {
        let kind = ClaimKind::Command;
        let text = String::new();
        Claim {
            kind,
            doc: String::new(),
            line: 1,
            text,
            verdict,
            why: String::new(),
            evidence: Vec::new(),
            lacks: None,
        }
    }

    #[test]
    fn shares_are_of_all_claims_and_of_nothing_null() {
        let claims = [Verdict::Verified, Verdict::Contradicted, Verdict::Unverifiable].map(claim);
        let metrics = measure(&[], &[], &claims, &[]);
        assert_eq!((metrics.dci.numerator, metrics.dci.denominator, metrics.dci.value), (1.0, 3.0, Some(0.3333)));
        assert_eq!(metrics.dci_structural.value, None);
        assert_eq!(metrics.rci.value, Some(0.1111));
        for metric in [&metrics.dci, &metrics.dci_structural, &metrics.rci] {
            assert!(metric.interpretation.contains("quality or security"));
            assert!(!metric.formula.is_empty());
        }
    }
}
