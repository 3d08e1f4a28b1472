//! Precision, recall and F1 of two sets of keys.
//!
//! precision = hits / (hits + extra), recall = hits / (hits + missed), F1 = their harmonic mean
//! (van Rijsbergen, Information Retrieval, 1979, chapter 7).

use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write as _;

#[derive(Debug, Default)]
pub(crate) struct Score {
    hits: usize,
    missed: Vec<String>,
    extra: Vec<String>,
}

impl Score {
    /// Compare what is stated with what is labelled.
    pub(crate) fn of(labelled: &BTreeSet<String>, stated: &BTreeSet<String>) -> Self {
        Self {
            hits: labelled.intersection(stated).count(),
            missed: labelled.difference(stated).cloned().collect(),
            extra: stated.difference(labelled).cloned().collect(),
        }
    }

    /// Count the rows of another repository in.
    pub(crate) fn add(&mut self, other: &Self) {
        self.hits += other.hits;
        self.missed.extend_from_slice(&other.missed);
        self.extra.extend_from_slice(&other.extra);
    }

    /// The rows that differ, as a list under a heading; empty when none does.
    pub(crate) fn rows(&self, repository: &str, kind: &str, limit: usize) -> String {
        let mut out = String::new();
        for (what, rows) in [("missed", &self.missed), ("extra", &self.extra)] {
            if rows.is_empty() || limit == 0 {
                continue;
            }
            let _ = writeln!(out, "\n{repository}, {kind}, {what}:");
            for row in rows.iter().take(limit) {
                let _ = writeln!(out, "- {row}");
            }
            if rows.len() > limit {
                let _ = writeln!(out, "- and {} more", rows.len() - limit);
            }
        }
        out
    }
}

/// The share of `part` in `part + rest`; nothing of nothing is whole.
fn share(part: usize, rest: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
    if part + rest == 0 { 1.0 } else { part as f64 / (part + rest) as f64 }
}

/// The cells of the row: labelled, precision, recall, F1, missed, extra.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (missed, extra) = (self.missed.len(), self.extra.len());
        let (precision, recall) = (share(self.hits, extra), share(self.hits, missed));
        let f1 = if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
        write!(f, "{} | {precision:.3} | {recall:.3} | {f1:.3} | {missed} | {extra}", self.hits + missed)
    }
}
