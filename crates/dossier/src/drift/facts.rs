//! Facts of two dossiers, matched: first by id, then by what survives a new version, a rename of a file or of a path
//! parameter. What finds no partner was added or removed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::identity;
use super::v1::{Change, ChangedFact, FactDrift, MovedFact};
use crate::evidence::Evidence;
use crate::fact::FactKind;
use crate::v1::Fact;

/// Most anchors that a row keeps on each side; the dossiers have all.
const MAX_ROW_EVIDENCE: usize = 5;

/// Compare two lists of facts, each with unique ids.
pub(super) fn compare(base: &[Fact], head: &[Fact]) -> FactDrift {
    let mut drift = FactDrift::default();
    let mut left: BTreeMap<&str, &Fact> = counted(base);
    let mut right: BTreeMap<&str, &Fact> = counted(head);
    let both: Vec<&str> = left.keys().filter(|id| right.contains_key(*id)).copied().collect();
    for id in both {
        if let Some((base, head)) = left.remove(id).zip(right.remove(id)) {
            drift.changed.extend(changed(base, head));
        }
    }
    for (base, head) in settled(&mut left, &mut right) {
        let path = |fact: &Fact| fact.key.split_once(' ').map_or(fact.key.clone(), |(_, path)| path.to_owned());
        drift.changed.push(changed_in(base, head, "path", path));
    }
    for (base, head) in partners(&mut left, &mut right, identity::without_version) {
        drift.changed.extend(changed(base, head));
    }
    for (base, head) in partners(&mut left, &mut right, identity::of_dockerfile) {
        let image = |fact: &Fact| fact.attr("image").unwrap_or(&fact.key).to_owned();
        drift.changed.push(changed_in(base, head, "image", image));
    }
    for (base, head) in partners(&mut left, &mut right, identity::without_names) {
        drift.moved.push(moved(base, head));
        drift.changed.extend(changed(base, head));
    }
    for (base, head) in partners(&mut left, &mut right, identity::without_place) {
        drift.moved.push(moved(base, head));
        // What an entry point names as its target may be the very file that was renamed.
        if base.kind != FactKind::Entrypoint {
            drift.changed.extend(changed(base, head));
        }
    }
    drift.removed = left.into_values().map(bounded).collect();
    drift.added = right.into_values().map(bounded).collect();
    in_order(&mut drift);
    drift
}

fn counted(facts: &[Fact]) -> BTreeMap<&str, &Fact> {
    facts.iter().filter(|fact| identity::counts(fact)).map(|fact| (fact.id.as_str(), fact)).collect()
}

/// Facts without a partner that share an identity.
#[derive(Default)]
struct Group<'f> {
    gone: Vec<&'f Fact>,
    come: Vec<&'f Fact>,
}

/// Take out the pairs that share an identity: those whose anchors are the same text first, then the one pair that is
/// left. Two candidates on a side that cannot be told apart stay what they are, removed and added.
fn partners<'f>(
    left: &mut BTreeMap<&str, &'f Fact>,
    right: &mut BTreeMap<&str, &'f Fact>,
    identity: fn(&Fact) -> Option<String>,
) -> Vec<(&'f Fact, &'f Fact)> {
    let mut groups: BTreeMap<(FactKind, String), Group<'f>> = BTreeMap::new();
    for fact in left.values().copied() {
        if let Some(name) = identity(fact) {
            groups.entry((fact.kind, name)).or_default().gone.push(fact);
        }
    }
    for fact in right.values().copied() {
        if let Some(name) = identity(fact) {
            groups.entry((fact.kind, name)).or_default().come.push(fact);
        }
    }
    let mut pairs = Vec::new();
    for Group { mut gone, mut come } in groups.into_values() {
        gone.retain(|base| match come.iter().position(|head| anchor(base) == anchor(head)) {
            Some(at) => {
                pairs.push((*base, come.remove(at)));
                false
            }
            None => true,
        });
        if let ([base], [head]) = (gone.as_slice(), come.as_slice()) {
            pairs.push((*base, *head));
        }
    }
    for (base, head) in &pairs {
        left.remove(base.id.as_str());
        right.remove(head.id.as_str());
    }
    pairs
}

/// Take out the endpoints that one side infers and the other states elsewhere, for the same registration.
fn settled<'f>(left: &mut BTreeMap<&str, &'f Fact>, right: &mut BTreeMap<&str, &'f Fact>) -> Vec<(&'f Fact, &'f Fact)> {
    let place = |fact: &'f Fact| {
        let at = fact.evidence.first()?;
        let method = fact.key.split_once(' ')?.0;
        (fact.kind == FactKind::Endpoint).then_some((method, at.path.as_str(), at.sha256.as_str()))
    };
    let mut pairs = Vec::new();
    for base in left.values().copied() {
        let is_it =
            |head: &&&'f Fact| head.status != base.status && place(base).is_some() && place(head) == place(base);
        if let Some(head) = right.values().find(is_it).copied() {
            right.remove(head.id.as_str());
            pairs.push((base, head));
        }
    }
    for (base, _) in &pairs {
        left.remove(base.id.as_str());
    }
    pairs
}

/// The row of a fact that is another one by this.
fn changed_in(base: &Fact, head: &Fact, attr: &str, of: impl Fn(&Fact) -> String) -> ChangedFact {
    let change = Change { attr: attr.to_owned(), base: of(base).into(), head: of(head).into() };
    let mut row = changed(base, head).unwrap_or_else(|| ChangedFact {
        id: head.id.clone(),
        kind: head.kind,
        key: head.key.clone(),
        base_key: Some(base.key.clone()),
        changes: Vec::new(),
        base_evidence: differing_first(&base.evidence, &head.evidence),
        head_evidence: differing_first(&head.evidence, &base.evidence),
    });
    row.changes.insert(0, change);
    row
}

fn anchor(fact: &Fact) -> Option<&str> {
    fact.evidence.first().map(|evidence| evidence.sha256.as_str())
}

/// The row of a fact that says something else now, if it does.
fn changed(base: &Fact, head: &Fact) -> Option<ChangedFact> {
    let changes: Vec<Change> = identity::compared(head.kind)
        .iter()
        .map(|attr| (*attr, value(base, attr), value(head, attr)))
        .filter(|(_, base, head)| base != head)
        .map(|(attr, base, head)| {
            let (base, head) = only_differing(base, head);
            Change { attr: attr.to_owned(), base, head }
        })
        .collect();
    (!changes.is_empty()).then(|| ChangedFact {
        id: head.id.clone(),
        kind: head.kind,
        key: head.key.clone(),
        base_key: (base.key != head.key).then(|| base.key.clone()),
        changes,
        base_evidence: differing_first(&base.evidence, &head.evidence),
        head_evidence: differing_first(&head.evidence, &base.evidence),
    })
}

/// See [`super::details`].
pub(super) fn details(fact: &Fact) -> Option<BTreeMap<&'static str, Value>> {
    let compared = identity::compared(fact.kind).iter().map(|attr| (*attr, value(fact, attr)));
    identity::counts(fact).then(|| compared.filter(|(_, value)| !value.is_null()).collect())
}

/// A detail in one form: absent is null, a list of one is that one, a list has no order where it says none.
fn value(fact: &Fact, attr: &str) -> Value {
    match fact.attrs.get(attr) {
        None => Value::Null,
        Some(Value::Array(items)) if items.len() == 1 => items[0].clone(),
        Some(Value::Array(items)) => {
            let mut items = items.clone();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Some(one) => one.clone(),
    }
}

/// Of two lists what only one of them has: thirty columns of which one is new are one column.
fn only_differing(base: Value, head: Value) -> (Value, Value) {
    match (base, head) {
        (Value::Array(base), Value::Array(head)) => {
            let without = |list: &[Value], other: &[Value]| -> Value {
                list.iter().filter(|item| !other.contains(item)).cloned().collect()
            };
            (without(&base, &head), without(&head, &base))
        }
        both => both,
    }
}

fn moved(base: &Fact, head: &Fact) -> MovedFact {
    MovedFact {
        id: head.id.clone(),
        kind: head.kind,
        base_key: base.key.clone(),
        key: head.key.clone(),
        base_evidence: cut(&base.evidence),
        head_evidence: cut(&head.evidence),
    }
}

fn bounded(fact: &Fact) -> Fact {
    Fact { evidence: cut(&fact.evidence), ..fact.clone() }
}

/// The anchors that the other side has not come first: they are what changed.
fn differing_first(mine: &[Evidence], other: &[Evidence]) -> Vec<Evidence> {
    let known: BTreeSet<&str> = other.iter().map(|evidence| evidence.sha256.as_str()).collect();
    let (same, new): (Vec<Evidence>, Vec<Evidence>) =
        mine.iter().cloned().partition(|evidence| known.contains(evidence.sha256.as_str()));
    cut(&[new, same].concat())
}

/// See [`MAX_ROW_EVIDENCE`].
pub(super) fn cut(evidence: &[Evidence]) -> Vec<Evidence> {
    evidence.iter().take(MAX_ROW_EVIDENCE).cloned().collect()
}

fn in_order(drift: &mut FactDrift) {
    drift.added.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
    drift.removed.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
    drift.changed.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
    drift.moved.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
}
