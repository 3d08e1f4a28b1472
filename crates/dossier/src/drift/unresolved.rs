//! What could not be pinned down and came or went: a route whose full path is not known is a route all the same.

use std::collections::BTreeMap;

use super::facts::cut;
use super::v1::UnresolvedDrift;
use crate::v1::{Dossier, Unresolved, What};

type Rows<'u> = Vec<&'u Unresolved>;

/// Rows of one side that the other has not. What only moved, within its file or with it, is no drift; nothing is said
/// where a side was made by a version whose rows have no ids.
pub(super) fn compare(base: &Dossier, head: &Dossier) -> UnresolvedDrift {
    if !(base.coverage.unresolved_has_ids && head.coverage.unresolved_has_ids) {
        return UnresolvedDrift::default();
    }
    let (mut left, mut right): (Rows<'_>, Rows<'_>) =
        (base.unresolved.iter().collect(), head.unresolved.iter().collect());
    // Of several with the same name in a file those whose lines are the same first: the others came or went.
    pair(&mut left, &mut right, |one| Some((named(one), path(one), text(one))));
    pair(&mut left, &mut right, |one| Some((named(one), path(one))));
    pair(&mut left, &mut right, |one| Some((named(one), text(one))));
    // Where a framework is told of may change without its being another one.
    pair(&mut left, &mut right, |one| (one.what == What::Framework).then(|| named(one)));
    UnresolvedDrift {
        added: right.into_iter().map(bounded).collect(),
        removed: left.into_iter().map(bounded).collect(),
        comparable: true,
    }
}

fn named(one: &Unresolved) -> (crate::fact::FactKind, &str) {
    (one.kind, &one.name)
}

fn path(one: &Unresolved) -> &str {
    one.evidence.first().map_or("", |evidence| &evidence.path)
}

fn text(one: &Unresolved) -> &str {
    one.evidence.first().map_or("", |evidence| &evidence.sha256)
}

/// Take out as many of each key as both sides have.
fn pair<'u, K: Ord>(left: &mut Rows<'u>, right: &mut Rows<'u>, key: impl Fn(&'u Unresolved) -> Option<K>) {
    let counted = |rows: &Rows<'u>| {
        let mut counts: BTreeMap<K, usize> = BTreeMap::new();
        rows.iter().filter_map(|one| key(one)).for_each(|key| *counts.entry(key).or_default() += 1);
        counts
    };
    let (mut in_left, mut in_right) = (counted(left), counted(right));
    let stays = |others: &mut BTreeMap<K, usize>, one: &'u Unresolved| {
        let Some(count) = key(one).and_then(|key| others.get_mut(&key)).filter(|count| **count > 0) else {
            return true;
        };
        *count -= 1;
        false
    };
    right.retain(|one| stays(&mut in_left, one));
    left.retain(|one| stays(&mut in_right, one));
}

fn bounded(one: &Unresolved) -> Unresolved {
    Unresolved { evidence: cut(&one.evidence), ..one.clone() }
}
