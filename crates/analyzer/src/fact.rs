//! What extractors hand over: facts, and constructs they recognised but could not pin down.

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::{FactKind, FactStatus};
use ci_feed_dossier::v1::What;
use serde_json::Value;

/// One statement about the repository. Its identity is kind + key and never holds a line number,
/// so that it stays the same fact when code moves.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What sort of statement it is.
    pub kind: FactKind,
    /// Key as `docs/analyzer.md` lists it per kind, e.g. `GET /api/articles/{slug}`.
    pub key: String,
    /// How it is known.
    pub status: FactStatus,
    /// Details; never absolute paths, times or anything that differs between two machines.
    pub attrs: BTreeMap<String, Value>,
    /// At least one anchor: no evidence, no fact.
    pub evidence: Vec<Evidence>,
}

impl Fact {
    /// A fact that the cited lines state.
    pub fn evidenced(kind: FactKind, key: impl Into<String>, evidence: Evidence) -> Self {
        Self { kind, key: key.into(), status: FactStatus::Evidenced, attrs: BTreeMap::new(), evidence: vec![evidence] }
    }

    /// The same fact with one more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attrs.insert(name.to_owned(), value.into());
        self
    }
}

/// Anchors in their order, each once.
pub(crate) fn distinct<'e>(evidence: impl Iterator<Item = &'e Evidence>) -> Vec<Evidence> {
    let mut seen = BTreeSet::new();
    evidence.filter(|one| seen.insert(*one)).cloned().collect()
}

/// A construct that an extractor recognised but could not pin down (a computed path, an env name in a variable).
#[derive(Debug, Clone, PartialEq)]
pub struct Unresolved {
    /// The kind of fact that it would have been.
    pub kind: FactKind,
    /// What sort of construct it is.
    pub what: What,
    /// What it is known by while lines move: a route, a framework; where there is no better one the reason.
    pub name: String,
    /// One sentence: what it is and why it could not be resolved.
    pub reason: String,
    /// Where it stands.
    pub evidence: Vec<Evidence>,
}

impl Unresolved {
    /// A construct that has no better name than the reason why it is open.
    pub fn new(kind: FactKind, reason: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        let reason = reason.into();
        Self { kind, what: What::Construct, name: reason.clone(), reason, evidence }
    }

    /// The same, known by a name.
    #[must_use]
    pub(crate) fn named(mut self, what: What, name: impl Into<String>) -> Self {
        (self.what, self.name) = (what, name.into());
        self
    }
}

/// What one extractor found.
#[derive(Debug, Default, PartialEq)]
pub struct Found {
    /// Facts, in any order; the same fact from two places is merged later by kind + key.
    pub facts: Vec<Fact>,
    /// What was recognised and not pinned down.
    pub unresolved: Vec<Unresolved>,
}

impl Found {
    /// Take over what another extractor found.
    pub fn merge(&mut self, other: Self) {
        self.facts.extend(other.facts);
        self.unresolved.extend(other.unresolved);
    }
}

/// Whether something reads a variable; what only sets or documents it leaves `read_by` empty.
pub(crate) fn is_read(fact: &Fact) -> bool {
    fact.attrs.get("read_by").and_then(|by| by.as_array()).is_some_and(|by| !by.is_empty())
}
