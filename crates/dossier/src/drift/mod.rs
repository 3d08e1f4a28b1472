//! Drift: what one commit changed against another in what the software exposes, needs and says about itself. A function
//! of two dossiers and of nothing else; matching is by fact, so that code which only moved is no drift.

mod deploy;
mod facts;
mod fit;
mod identity;
mod images;
mod judged;
mod not_read;
mod statements;
mod unresolved;
pub mod v1;

use std::collections::BTreeMap;

use serde_json::Value;

use self::judged::Rows;
use self::v1::{Counts, Drift, FactDrift, KindCounts, MetricChange, Side};
use super::policy::Policy;
use super::v1::{Dossier, Fact, Metric, kind_name};

pub use self::deploy::RULES as DEPLOY_RULES;

/// What `head` changed against `base`.
pub fn between(base: &Dossier, head: &Dossier) -> Drift {
    let mut facts = facts::compare(&base.facts, &head.facts);
    let mut claims = statements::claims(&base.claims, &head.claims);
    let mut findings = statements::findings(&base.findings, &head.findings);
    let unknowns = statements::unknowns(&base.unknowns, &head.unknowns);
    let not_read = not_read::compare(base, head);
    let mut unresolved = unresolved::compare(base, head);
    let none = Policy::default();
    let policy = base.policy.as_ref().unwrap_or(&none);
    let mut rows =
        Rows { facts: &mut facts, claims: &mut claims, findings: &mut findings, unresolved: &mut unresolved };
    let mut noise = rows.leave_out(&policy.ignore);
    let mut before_deploy = deploy::steps(&facts, &unresolved, base, head);
    noise += judged::steps(&mut before_deploy, policy);
    let applied = base.policy.as_ref().map(|policy| judged::applied(policy, noise, &before_deploy, &claims, &findings));
    let counts = Counts {
        added: facts.added.len(),
        removed: facts.removed.len(),
        changed: facts.changed.len(),
        moved: facts.moved.len(),
        by_kind: by_kind(&facts),
        newly_contradicted: claims.iter().filter(|claim| statements::is_newly_contradicted(claim)).count(),
        new_findings: findings.new.len(),
        before_deploy: before_deploy.len(),
        changed_not_read: not_read.changed,
        unresolved_added: unresolved.added.len(),
        unresolved_removed: unresolved.removed.len(),
    };
    let is_empty = counts.by_kind.is_empty()
        && claims.is_empty()
        && findings.new.is_empty()
        && findings.resolved.is_empty()
        && unknowns.is_empty()
        && unresolved.added.is_empty()
        && unresolved.removed.is_empty();
    let mut drift = Drift {
        schema: v1::SCHEMA.to_owned(),
        base: side(base),
        head: side(head),
        analyzer_changed: base.analyzer != head.analyzer,
        is_empty,
        counts,
        before_deploy,
        facts,
        claims,
        findings,
        unknowns,
        metrics: metrics(base, head),
        not_read,
        unresolved,
        policy: applied,
        left_out: 0,
    };
    fit::fit(&mut drift);
    drift
}

/// The details of a fact whose change is a change of the software, in the form in which they are compared; `None` for what is
/// none of its facts.
pub fn details(fact: &Fact) -> Option<BTreeMap<&'static str, Value>> {
    facts::details(fact)
}

fn side(dossier: &Dossier) -> Side {
    Side {
        subject: dossier.subject.clone(),
        analyzer: dossier.analyzer.clone(),
        files_seen: dossier.coverage.files_seen,
        analyzed: dossier.coverage.analyzed,
        unresolved: dossier.unresolved.len(),
        partial: dossier.coverage.partial,
    }
}

fn by_kind(facts: &FactDrift) -> BTreeMap<String, KindCounts> {
    let mut counts: BTreeMap<String, KindCounts> = BTreeMap::new();
    facts.added.iter().for_each(|fact| counts.entry(kind_name(fact.kind)).or_default().added += 1);
    facts.removed.iter().for_each(|fact| counts.entry(kind_name(fact.kind)).or_default().removed += 1);
    facts.changed.iter().for_each(|fact| counts.entry(kind_name(fact.kind)).or_default().changed += 1);
    counts
}

/// The shares and the numbers of lines and unresolved constructs, on both sides.
fn metrics(base: &Dossier, head: &Dossier) -> BTreeMap<String, MetricChange> {
    let lines = |dossier: &Dossier| count(dossier.coverage.languages.iter().map(|language| language.lines).sum());
    let unresolved = |dossier: &Dossier| count(dossier.unresolved.len() as u64);
    let share = |pick: fn(&Dossier) -> &Metric| (pick(base).value, pick(head).value);
    [
        ("dci", share(|dossier| &dossier.metrics.dci)),
        ("dci_structural", share(|dossier| &dossier.metrics.dci_structural)),
        ("rci", share(|dossier| &dossier.metrics.rci)),
        ("lines", (Some(lines(base)), Some(lines(head)))),
        ("unresolved", (Some(unresolved(base)), Some(unresolved(head)))),
    ]
    .into_iter()
    .map(|(name, (base, head))| (name.to_owned(), MetricChange { base, head, delta: delta(base, head) }))
    .collect()
}

/// Shares have four decimals; a difference of two must not show more.
fn delta(base: Option<f64>, head: Option<f64>) -> Option<f64> {
    let (base, head) = base.zip(head)?;
    Some(((head - base) * 10_000.0).round() / 10_000.0)
}

fn count(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
