//! One fact for each kind and key: what several places say is one fact with several anchors.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::{FactKind, FactStatus};
use serde_json::Value;

use crate::fact::{Fact, Found, Unresolved};
use crate::tree::aside;

/// Kinds that files of developers may state by themselves; variables say it where they are read.
const ASIDE: [FactKind; 5] =
    [FactKind::Command, FactKind::Container, FactKind::Datastore, FactKind::OutboundHost, FactKind::Port];

/// Merge equal facts and put everything in order; what files of developers state, and those `aside`, has a detail for it.
pub(crate) fn merge(found: Found, aside: &BTreeSet<String>) -> (Vec<Fact>, Vec<Unresolved>) {
    let Found { mut facts, mut unresolved } = found;
    // The order of extractors must not show: the fact with the first anchor speaks first.
    facts.sort_by(|a, b| (a.kind, &a.key, a.status, &a.evidence).cmp(&(b.kind, &b.key, b.status, &b.evidence)));
    let mut merged: BTreeMap<(FactKind, String), Joined> = BTreeMap::new();
    for fact in facts {
        match merged.get_mut(&(fact.kind, fact.key.clone())) {
            Some(first) => first.join(fact),
            None => {
                let first = Joined { fact, lists: BTreeMap::new() };
                merged.insert((first.fact.kind, first.fact.key.clone()), first);
            }
        }
    }
    let is_aside = |path: &str| aside::is_aside(path) || aside.contains(path);
    let mut facts: Vec<Fact> = merged.into_values().map(Joined::fact).collect();
    for fact in &mut facts {
        in_order(&mut fact.evidence);
        if ASIDE.contains(&fact.kind) && fact.evidence.iter().all(|one| is_aside(&one.path)) {
            fact.attrs.insert(aside::ATTR.to_owned(), Value::Bool(true));
        }
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

/// What several places say.
struct Joined {
    fact: Fact,
    /// The details in which they differ: all values, in the order of their texts.
    lists: BTreeMap<String, BTreeMap<String, Value>>,
}

impl Joined {
    /// Evidence outweighs inference; differing details are kept as a list of all values.
    fn join(&mut self, other: Fact) {
        let first = &mut self.fact;
        if first.status == FactStatus::Evidenced && other.status == FactStatus::Inferred {
            return;
        }
        first.evidence.extend(other.evidence);
        for (name, value) in other.attrs {
            match (first.attrs.get_mut(&name), self.lists.get_mut(&name)) {
                (_, Some(list)) => list.extend(by_text(value)),
                (None, None) => drop(first.attrs.insert(name, value)),
                (Some(known), None) if *known == value => {}
                (Some(known), None) => {
                    let values = by_text(std::mem::take(known)).chain(by_text(value));
                    self.lists.insert(name, values.collect());
                }
            }
        }
    }

    fn fact(mut self) -> Fact {
        let lists = self.lists.into_iter();
        self.fact.attrs.extend(lists.map(|(name, values)| (name, values.into_values().collect())));
        self.fact
    }
}

fn by_text(value: Value) -> impl Iterator<Item = (String, Value)> {
    as_list(value).into_iter().map(|value| (value.to_string(), value))
}

fn as_list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        one => vec![one],
    }
}
