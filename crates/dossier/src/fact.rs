//! The kinds of facts, and how a fact is known.

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

/// How a fact is known. There is no third: what is not evidenced is unresolved or an unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FactStatus {
    /// The cited lines say it.
    Evidenced,
    /// A named rule says it from evidenced facts; `attrs.rule` names the rule.
    Inferred,
}
