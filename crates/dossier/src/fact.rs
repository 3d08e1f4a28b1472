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

impl FactKind {
    /// Each kind with its name in JSON, and what it is called for short where that is shorter.
    pub const NAMED: [(Self, &str, &str); 15] = [
        (Self::Endpoint, "endpoint", "endpoint"),
        (Self::EnvVar, "env_var", "env"),
        (Self::Port, "port", "port"),
        (Self::Command, "command", "command"),
        (Self::Dependency, "dependency", "dep"),
        (Self::Table, "table", "table"),
        (Self::Migration, "migration", "migration"),
        (Self::Runtime, "runtime", "runtime"),
        (Self::Entrypoint, "entrypoint", "entrypoint"),
        (Self::Container, "container", "container"),
        (Self::Workflow, "workflow", "workflow"),
        (Self::Datastore, "datastore", "datastore"),
        (Self::OutboundHost, "outbound_host", "host"),
        (Self::License, "license", "license"),
        (Self::Language, "language", "language"),
    ];

    /// The name in JSON of the kind that is called so, or so for short.
    pub fn name_of(word: &str) -> Option<&'static str> {
        Self::NAMED.iter().find(|(_, name, short)| *name == word || *short == word).map(|(_, name, _)| *name)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_named_as_in_json() {
        for (kind, name, short) in FactKind::NAMED {
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
            assert_eq!([name, short].map(FactKind::name_of), [Some(name); 2]);
        }
        assert_eq!(FactKind::name_of("nothing"), None);
    }
}
