//! Keeps a dossier as small as an artifact may be. Only one that is too large is cut, file by file: those that state little
//! keep all of it, the others keep equally much, and each that lost something is named.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::{Dossier, Unresolved, kind_name};
use serde::Serialize;

/// What the server takes of one artifact, less room for what names the files that were cut.
const MAX_BYTES: usize = (8 << 20) - (1 << 19);
/// Places of one fact, where a dossier is too large.
const MAX_EVIDENCE: usize = 100;
/// Files that are named one by one as cut.
const MAX_NAMED: usize = 500;

/// Bytes for each file by its path.
type Shares = BTreeMap<String, usize>;

/// Leave out what does not fit.
pub(crate) fn fit(dossier: &mut Dossier) {
    let Some(over) = size(dossier).checked_sub(MAX_BYTES).filter(|over| *over > 0) else { return };
    let mut wanted = Shares::new();
    dossier.facts.iter_mut().for_each(|fact| fact.evidence.truncate(MAX_EVIDENCE));
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
    let mut keep = |path: &str, bytes: usize| {
        let left = left.entry(path.to_owned()).or_default();
        let fits = bytes <= *left;
        *left = if fits { *left - bytes } else { 0 };
        fits
    };
    dossier.unresolved.retain(|one| keep(place(&one.evidence), size(one)));
    dossier.facts.retain(|one| {
        let fits = keep(place(&one.evidence), size(one));
        if let Some(first) = one.evidence.first().filter(|_| !fits) {
            let of_file = Evidence::of_file(&first.path, "");
            cut.entry(of_file).or_insert((one.kind, 0)).1 += 1;
        }
        fits
    });
    dossier.claims.retain(|one| keep(&one.doc, size(one)));
    dossier.findings.retain(|one| keep(place(&one.evidence), size(one)));
    name(dossier, cut);
    dossier.coverage.partial = true;
    dossier.metrics.facts_by_kind.clear();
    for fact in &dossier.facts {
        *dossier.metrics.facts_by_kind.entry(kind_name(fact.kind)).or_default() += 1;
    }
}

/// Say of each file how much it states beyond its share.
fn name(dossier: &mut Dossier, cut: BTreeMap<Evidence, (FactKind, usize)>) {
    let files = cut.len();
    for (evidence, (kind, facts)) in cut.into_iter().take(MAX_NAMED) {
        let reason =
            format!("{facts} facts of this file do not fit into the dossier, nor those of {} other files", files - 1);
        dossier.unresolved.push(Unresolved { kind, reason, evidence: vec![evidence] });
    }
    dossier.unresolved.sort_by(|a, b| (a.kind, &a.evidence, &a.reason).cmp(&(b.kind, &b.evidence, &b.reason)));
}

/// How much each may have so that all together have so much: who wants less leaves the rest to the others.
fn level(mut wanted: Vec<usize>, mut all: usize) -> usize {
    wanted.sort_unstable();
    let count = wanted.len();
    for (at, bytes) in wanted.into_iter().enumerate() {
        let each = all / (count - at);
        if bytes > each {
            return each;
        }
        all -= bytes;
    }
    usize::MAX
}

fn place(evidence: &[Evidence]) -> &str {
    evidence.first().map_or("", |first| &first.path)
}

fn size(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(0, |bytes| bytes.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::level;

    #[test]
    fn who_wants_little_gets_it_and_the_others_share() {
        assert_eq!(level(vec![1, 1, 100, 100], 52), 25);
        assert_eq!(level(vec![1, 1], 2), usize::MAX);
        assert_eq!(level(vec![5, 5], 0), 0);
    }
}
