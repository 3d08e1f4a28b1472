//! The sections of `DOSSIER.md` that list facts: how it is run, what it exposes and needs, what it depends on.

use serde_json::Value;

use super::text::{code, escape};
use super::{Row, Writer, place};
use crate::fact::{FactKind, FactStatus};
use crate::v1::{Fact, What, kind_name};

/// Most commands of kind `other`: they are many and answer no question of a newcomer.
const MAX_OTHER_COMMANDS: usize = 12;

/// Most rows of frameworks whose routes are not read.
const MAX_FRAMEWORKS: usize = 20;

/// Each kind that is a section of its own, in the order in which people ask.
const SURFACES: &[(FactKind, &str)] = &[
    (FactKind::Endpoint, "Endpoints"),
    (FactKind::Port, "Ports"),
    (FactKind::EnvVar, "Environment variables"),
    (FactKind::Datastore, "Data stores"),
    (FactKind::Table, "Tables"),
    (FactKind::Migration, "Migrations"),
    (FactKind::OutboundHost, "Outbound hosts"),
    (FactKind::Entrypoint, "Entry points"),
    (FactKind::Container, "Container images"),
    (FactKind::Runtime, "Runtimes"),
    (FactKind::Workflow, "Workflows"),
    (FactKind::License, "Licenses"),
];

impl<'d> Writer<'d> {
    pub(super) fn commands(&mut self) {
        self.line("\n## How to install, run and test it");
        let facts: Vec<&Fact> = self.dossier.facts_of(FactKind::Command).collect();
        if facts.is_empty() {
            self.line("\nNo file of the tree says how.");
        }
        for kind in ["install", "dev", "start", "build", "test", "migrate", "lint", "other"] {
            let mut of_kind: Vec<&Fact> =
                facts.iter().copied().filter(|fact| fact.attr("kind") == Some(kind)).collect();
            if of_kind.is_empty() {
                continue;
            }
            // What holds for the whole repository stands before what holds for one of its folders.
            of_kind.sort_by_key(|fact| {
                fact.attr("cwd").map_or(0, |cwd| cwd.matches('/').count() + usize::from(cwd != "."))
            });
            let more = if kind == "other" { of_kind.len().saturating_sub(MAX_OTHER_COMMANDS) } else { 0 };
            of_kind.truncate(of_kind.len() - more);
            self.line(&format!("\n**{kind}**\n"));
            self.list(of_kind.into_iter().map(|fact| (command(fact), fact.evidence.first())).collect());
            if more > 0 {
                self.line(&format!("- … and {more} more, all of them in `dossier.json`"));
            }
        }
    }

    pub(super) fn surfaces(&mut self) {
        for (kind, title) in SURFACES {
            let mut facts: Vec<&'d Fact> = self.dossier.facts_of(*kind).collect();
            if *kind == FactKind::Endpoint {
                // By path, so that the methods of one resource stand together.
                facts.sort_by_key(|fact| fact.key.split_once(' ').map(|(method, path)| (path, method)));
            }
            // Nobody has to set what a container brings along for programs that the tree does not hold.
            let (of_container, facts): (Vec<&'d Fact>, Vec<&'d Fact>) =
                facts.into_iter().partition(|fact| fact.attrs.contains_key("set_only_by_container"));
            let is_second = |fact: &&Fact| fact.kind == FactKind::Endpoint && fact.status == FactStatus::Inferred;
            let (inferred, facts): (Vec<&'d Fact>, Vec<&'d Fact>) = facts.into_iter().partition(is_second);
            if *kind == FactKind::Endpoint && self.dossier.unread_frameworks().next().is_some() {
                self.endpoints_in_part(title, facts);
                self.inferred(inferred);
                continue;
            }
            for (title, facts) in [(*title, facts), ("Variables that only a container sets", of_container)] {
                let rows: Vec<Row<'d>> = facts.into_iter().map(row).collect();
                if !rows.is_empty() {
                    self.section(title, "", rows);
                }
            }
            self.inferred(inferred);
        }
        let unresolved = self.dossier.unresolved.iter().filter(|one| one.what != What::Framework);
        let rows: Vec<Row<'d>> = unresolved
            .map(|one| (format!("{}: {}", kind_name(one.kind), escape(&one.reason)), one.evidence.first()))
            .collect();
        if !rows.is_empty() {
            self.section("Recognised, but not pinned down", "", rows);
        }
    }

    /// Endpoints of the second tier, apart from what lines say.
    fn inferred(&mut self, facts: Vec<&'d Fact>) {
        if !facts.is_empty() {
            self.line(&format!("\n## Endpoints that a rule infers ({})\n", facts.len()));
            self.line("Each was read, and no line says its full path: the rule says which one is likely.\n");
            self.list(facts.into_iter().map(row).collect());
        }
    }

    /// The endpoints of an application some of whose routes nobody read: that comes first, and no row limit cuts it.
    fn endpoints_in_part(&mut self, title: &str, facts: Vec<&'d Fact>) {
        let dossier = self.dossier;
        self.line(&format!("\n## {title} ({}, and those that were not read)\n", facts.len()));
        for one in dossier.unread_frameworks().take(MAX_FRAMEWORKS) {
            let place = one.evidence.first().map(|evidence| format!(" — {}", place(&dossier.subject, evidence)));
            let text = format!("- **not read**: {}{}", escape(&one.reason), place.unwrap_or_default());
            self.line(&text);
        }
        let more = dossier.unread_frameworks().count().saturating_sub(MAX_FRAMEWORKS);
        if more > 0 {
            self.line(&format!("- … and {more} more, all of them in `dossier.json`"));
        }
        self.list(facts.into_iter().map(row).collect());
    }

    pub(super) fn dependencies(&mut self) {
        let rows = self.dossier.facts_of(FactKind::Dependency).map(|fact| {
            let wanted = fact.attr("requirement").map(|wanted| format!(" {}", code(wanted))).unwrap_or_default();
            let locked =
                fact.attr("locked_version").map(|locked| format!(", locked {}", code(locked))).unwrap_or_default();
            let name =
                format!("{}:{}", fact.attr("ecosystem").unwrap_or_default(), fact.attr("name").unwrap_or_default());
            let text = format!("{} ({}){wanted}{locked}", code(&name), fact.attr("scope").unwrap_or_default());
            (text, fact.evidence.first())
        });
        self.section("Direct dependencies", "No manifest that is understood names any.", rows.collect());
    }
}

fn row(fact: &Fact) -> Row<'_> {
    (format!("{}{}{}", code(&fact.key), details(fact), inferred(fact)), fact.evidence.first())
}

fn command(fact: &Fact) -> String {
    let place = fact.attr("cwd").filter(|cwd| *cwd != ".").map(|cwd| format!(" in {}", code(cwd))).unwrap_or_default();
    let runs = fact.attr("runs").map(|runs| format!(", which runs {}", code(runs))).unwrap_or_default();
    format!("{}{place}{runs}{}", code(fact.attr("command").unwrap_or(&fact.key)), inferred(fact))
}

/// What somebody who runs it wants to know beside the name.
fn details(fact: &Fact) -> String {
    match fact.kind {
        FactKind::EnvVar => {
            let required =
                (fact.attrs.get("required") == Some(&Value::Bool(true))).then(|| ", **required**".to_owned());
            let default = fact.attr("default").map(|default| match default {
                "" => ", empty by default".to_owned(),
                default => format!(", by default {}", code(default)),
            });
            required.or(default).unwrap_or_default()
        }
        FactKind::Endpoint if fact.attr("guard") == Some("found") => ", guarded".to_owned(),
        FactKind::Port | FactKind::Datastore => match fact.attrs.get("said_by") {
            Some(Value::Array(by)) => {
                let by: Vec<&str> = by.iter().filter_map(Value::as_str).collect();
                format!(", said by {}", escape(&by.join(", ")))
            }
            _ => String::new(),
        },
        _ => String::new(),
    }
}

pub(super) fn inferred(fact: &Fact) -> String {
    match (fact.status, fact.attr("rule")) {
        (FactStatus::Inferred, Some(rule)) => format!(" (inferred: {rule})"),
        (FactStatus::Inferred, None) => " (inferred)".to_owned(),
        (FactStatus::Evidenced, _) => String::new(),
    }
}
