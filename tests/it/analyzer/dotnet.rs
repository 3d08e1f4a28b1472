//! A .NET repository: its packages, commands, runtimes, programs, tables, variables and ports.

use std::fmt::Write as _;

use ci_feed_dossier::fact::FactKind;

use super::support::{dossier, fixture};

#[test]
fn a_dotnet_repository_yields_exactly_the_facts_of_its_snapshot() {
    let dossier = dossier(&fixture("dotnet"), None);
    let mut out = String::new();
    for kind in [
        FactKind::Command,
        FactKind::Dependency,
        FactKind::Entrypoint,
        FactKind::EnvVar,
        FactKind::Port,
        FactKind::Runtime,
        FactKind::Table,
    ] {
        for fact in dossier.facts_of(kind) {
            writeln!(out, "{:?} {:?} {}", kind, fact.status, fact.key).unwrap();
            writeln!(out, "    {}", serde_json::to_string(&fact.attrs).unwrap()).unwrap();
            for one in &fact.evidence {
                writeln!(out, "    {}:{}-{}", one.path, one.start_line, one.end_line).unwrap();
            }
        }
        for one in dossier.unresolved.iter().filter(|one| one.kind == kind) {
            writeln!(out, "unresolved: {} {}:{}", one.reason, one.evidence[0].path, one.evidence[0].start_line)
                .unwrap();
        }
    }
    insta::assert_snapshot!("dotnet", out);
}
