//! Keeps a drift as small as an artifact may be. Only one that is too large is cut: kinds of rows that are few keep all of
//! theirs, the others keep equally much, each its first; how many are left out is said, and the counts count them.

use serde::Serialize;

use super::v1::Drift;
use crate::size::{MAX_BYTES, level, size};

/// Leave out what does not fit.
pub(super) fn fit(drift: &mut Drift) {
    let Some(over) = size(drift).checked_sub(MAX_BYTES).filter(|over| *over > 0) else { return };
    let wanted = {
        let Drift { before_deploy, facts, claims, findings, unresolved, .. } = &*drift;
        let facts = [all(&facts.added), all(&facts.removed), all(&facts.changed), all(&facts.moved)];
        let others = [all(before_deploy), all(claims), all(&findings.new), all(&findings.resolved)];
        let unresolved = [all(&unresolved.added), all(&unresolved.removed)];
        [&facts[..], &others[..], &unresolved[..]].concat()
    };
    let rows: usize = wanted.iter().sum();
    let each = level(wanted, rows.saturating_sub(over));
    let Drift { before_deploy, facts, claims, findings, unresolved, .. } = drift;
    drift.left_out = keep(&mut facts.added, each)
        + keep(&mut facts.removed, each)
        + keep(&mut facts.changed, each)
        + keep(&mut facts.moved, each)
        + keep(before_deploy, each)
        + keep(claims, each)
        + keep(&mut findings.new, each)
        + keep(&mut findings.resolved, each)
        + keep(&mut unresolved.added, each)
        + keep(&mut unresolved.removed, each);
}

fn all(rows: &[impl Serialize]) -> usize {
    rows.iter().map(size).sum()
}

/// Keep the first rows that fit into so many bytes; answers how many are left out.
fn keep(rows: &mut Vec<impl Serialize>, mut bytes: usize) -> usize {
    let all = rows.len();
    rows.retain(|row| {
        let fits = size(row) <= bytes;
        bytes = if fits { bytes - size(row) } else { 0 };
        fits
    });
    all - rows.len()
}
