//! What extractors hand over: facts, and constructs they recognised but could not pin down.

use std::collections::BTreeMap;

use serde_json::Value;

use super::evidence::Evidence;

/// The kinds of facts of dossier v1; the name in JSON is `snake_case`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name is its own explanation; docs/analyzer.md describes them")]
pub enum FactKind {
    Endpoint,
    EnvVar,
    Port,
    Command,
    Dependency,
    Table,
    Migration,
    Runtime,
    Entrypoint,
    Container,
    Workflow,
    Datastore,
    OutboundHost,
    License,
    Language,
}

/// How a fact is known. There is no third: what is not evidenced is [`Unresolved`] or an unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FactStatus {
    /// The cited lines say it.
    Evidenced,
    /// A named rule says it from evidenced facts; `attrs.rule` names the rule.
    Inferred,
}

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

/// A construct that an extractor recognised but could not pin down (a computed path, an env name in a variable).
#[derive(Debug, Clone, PartialEq)]
pub struct Unresolved {
    /// The kind of fact that it would have been.
    pub kind: FactKind,
    /// One sentence: what it is and why it could not be resolved.
    pub reason: String,
    /// Where it stands.
    pub evidence: Vec<Evidence>,
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
