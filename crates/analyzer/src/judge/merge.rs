//! One fact for each kind and key: what several places say is one fact with several anchors.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::{FactKind, FactStatus};
use serde_json::Value;

use crate::fact::{Fact, Found, Unresolved};

/// Merge equal facts and put everything in order.
pub(crate) fn merge(found: Found) -> (Vec<Fact>, Vec<Unresolved>) {
    let Found { mut facts, mut unresolved } = found;
    // The order of extractors must not show: the fact with the first anchor speaks first.
    facts.sort_by(|a, b| (a.kind, &a.key, a.status, &a.evidence).cmp(&(b.kind, &b.key, b.status, &b.evidence)));
    let mut merged: BTreeMap<(FactKind, String), Fact> = BTreeMap::new();
    for fact in facts {
        match merged.get_mut(&(fact.kind, fact.key.clone())) {
            Some(first) => join(first, fact),
            None => {
                merged.insert((fact.kind, fact.key.clone()), fact);
            }
        }
    }
    let mut facts: Vec<Fact> = merged.into_values().collect();
    for fact in &mut facts {
        in_order(&mut fact.evidence);
    }
    unresolved.iter_mut().for_each(|one| in_order(&mut one.evidence));
    unresolved.sort_by(|a, b| (a.kind, &a.evidence, &a.reason).cmp(&(b.kind, &b.evidence, &b.reason)));
    unresolved.dedup();
    (facts, unresolved)
}

/// The anchor that the extractor put first stays first: it is the line that says it. The others follow in order.
fn in_order(evidence: &mut Vec<Evidence>) {
    let Some(first) = evidence.first().cloned() else { return };
    let mut others: Vec<Evidence> = evidence.drain(..).filter(|one| *one != first).collect();
    others.sort_by(by_weight);
    others.dedup();
    evidence.push(first);
    evidence.append(&mut others);
}

/// Lines, then lines of lock files, then files that merely exist; by path and line within each.
fn by_weight(a: &Evidence, b: &Evidence) -> Ordering {
    let weight = |evidence: &Evidence| {
        let lock = [".lock", "-lock.json", "-lock.yaml", "shrinkwrap.json", "go.sum"]
            .iter()
            .any(|end| evidence.path.ends_with(end));
        (evidence.start_line == 0, lock)
    };
    weight(a).cmp(&weight(b)).then_with(|| a.cmp(b))
}

/// Evidence outweighs inference; differing details are kept as a list of all values.
fn join(first: &mut Fact, other: Fact) {
    if first.status == FactStatus::Evidenced && other.status == FactStatus::Inferred {
        return;
    }
    first.evidence.extend(other.evidence);
    for (name, value) in other.attrs {
        match first.attrs.get_mut(&name) {
            None => {
                first.attrs.insert(name, value);
            }
            Some(known) if *known == value => {}
            Some(known) => {
                let mut all = as_list(std::mem::take(known));
                all.extend(as_list(value));
                all.sort_by_key(Value::to_string);
                all.dedup();
                *known = Value::Array(all);
            }
        }
    }
}

fn as_list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        one => vec![one],
    }
}
