//! What the manifests, tasks and scripts of a Ruby project say.

use std::fmt::Write as _;

use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::kind_name;

use super::support::{dossier, fixture};

#[test]
fn a_ruby_project_yields_its_gems_tasks_programs_and_versions() {
    let dossier = dossier(&fixture("ruby_project"), None);
    let mut out = String::new();
    for kind in [FactKind::Dependency, FactKind::Command, FactKind::Runtime, FactKind::Entrypoint] {
        writeln!(out, "# {}", kind_name(kind)).unwrap();
        for fact in dossier.facts_of(kind) {
            let at: Vec<String> =
                fact.evidence.iter().map(|at| format!("{}:{}-{}", at.path, at.start_line, at.end_line)).collect();
            let attrs = serde_json::to_string(&fact.attrs).unwrap();
            writeln!(out, "{:?} {}  {}\n    {attrs}", fact.status, fact.key, at.join(" < ")).unwrap();
        }
    }
    insta::assert_snapshot!("ruby_project", out);
}
