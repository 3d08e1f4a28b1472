//! Keeps a dossier as small as an artifact may be. Only one that is too large is cut, file by file: those that state little
//! keep all of it, the others keep equally much, and each that lost something is named.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::size::{MAX_BYTES, level, size};
use ci_feed_dossier::v1::{Dossier, Unresolved, What, kind_name};
use serde::Serialize;

/// Places of one fact, where a dossier is too large.
const MAX_FACT_EVIDENCE: usize = 100;
/// Files that are named one by one as cut.
const MAX_NAMED: usize = 500;

/// Bytes for each file by its path.
type Shares = BTreeMap<String, usize>;

/// Leave out what does not fit; `id_of` makes the ids of a dossier.
pub(crate) fn fit(dossier: &mut Dossier, id_of: impl Fn(&[&str]) -> String) {
    let Some(over) = size(dossier).checked_sub(MAX_BYTES).filter(|over| *over > 0) else { return };
    let mut wanted = Shares::new();
    dossier.facts.iter_mut().for_each(|fact| fact.evidence.truncate(MAX_FACT_EVIDENCE));
    let mut want = |path: &str, bytes: usize| *wanted.entry(path.to_owned()).or_default() += bytes;
    dossier.facts.iter().for_each(|one| want(place(&one.evidence), size(one)));
    dossier.claims.iter().for_each(|one| want(&one.doc, size(one)));
    dossier.findings.iter().for_each(|one| want(place(&one.evidence), size(one)));
    dossier.unresolved.iter().for_each(|one| want(place(&one.evidence), size(one)));
    let all: usize = wanted.values().sum();
    let each = level(wanted.values().copied().collect(), all.saturating_sub(over));
    let mut left = wanted.clone();
    left.values_mut().for_each(|bytes| *bytes = each.min(*bytes));
    let mut cut: BTreeMap<Evidence, (FactKind, usize)> = BTreeMap::new();
    keep(&mut dossier.unresolved, |one| place(&one.evidence), &mut left, |_| {});
    keep(
        &mut dossier.facts,
        |one| place(&one.evidence),
        &mut left,
        |one| {
            if let Some(first) = one.evidence.first() {
                cut.entry(Evidence::of_file(&first.path, "")).or_insert((one.kind, 0)).1 += 1;
            }
        },
    );
    keep(&mut dossier.claims, |one| &one.doc, &mut left, |_| {});
    keep(&mut dossier.findings, |one| place(&one.evidence), &mut left, |_| {});
    name(dossier, cut, id_of);
    dossier.coverage.partial = true;
    dossier.metrics.facts_by_kind.clear();
    for fact in &dossier.facts {
        *dossier.metrics.facts_by_kind.entry(kind_name(fact.kind)).or_default() += 1;
    }
}

/// Keep what fits into what is left for its file, the smallest first: what unfolds cites every place that it comes by.
fn keep<T: Serialize>(items: &mut Vec<T>, file: impl Fn(&T) -> &str, left: &mut Shares, mut is_cut: impl FnMut(&T)) {
    let mut order: Vec<(usize, usize)> = items.iter().enumerate().map(|(at, item)| (size(item), at)).collect();
    order.sort_unstable();
    let mut fits = vec![false; items.len()];
    for (bytes, at) in order {
        let left = left.entry(file(&items[at]).to_owned()).or_default();
        fits[at] = bytes <= *left;
        *left = if fits[at] { *left - bytes } else { 0 };
        if !fits[at] {
            is_cut(&items[at]);
        }
    }
    let mut fits = fits.into_iter();
    items.retain(|_| fits.next().unwrap_or(false));
}

/// Say of each file how much it states beyond its share.
fn name(dossier: &mut Dossier, cut: BTreeMap<Evidence, (FactKind, usize)>, id_of: impl Fn(&[&str]) -> String) {
    let files = cut.len();
    for (evidence, (kind, facts)) in cut.into_iter().take(MAX_NAMED) {
        let reason =
            format!("{facts} facts of this file do not fit into the dossier, nor those of {} other files", files - 1);
        let (what, name) = (What::Construct, "more than fits into a dossier".to_owned());
        let id = id_of(&["unresolved", &kind_name(kind), &name, &evidence.path]);
        dossier.unresolved.push(Unresolved { id, kind, what, name, reason, evidence: vec![evidence] });
    }
    dossier.unresolved.sort_by(|a, b| (a.kind, &a.evidence, &a.reason).cmp(&(b.kind, &b.evidence, &b.reason)));
}

fn place(evidence: &[Evidence]) -> &str {
    evidence.first().map_or("", |first| &first.path)
}
