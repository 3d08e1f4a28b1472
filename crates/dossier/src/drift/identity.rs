//! What makes two facts the same although their keys differ: a key holds the file that a fact stands in, or a version,
//! and both change without the fact becoming another one.

use crate::fact::FactKind;
use crate::v1::Fact;

/// The key without the file or folder at its end: equal in both places of a file that was renamed.
pub(super) fn without_place(fact: &Fact) -> Option<String> {
    let cut = |ending: String| fact.key.strip_suffix(&ending).map(str::to_owned);
    match fact.kind {
        FactKind::Dependency | FactKind::Runtime | FactKind::License | FactKind::Workflow | FactKind::Entrypoint => {
            fact.key.rsplit_once(' ').map(|(rest, _)| rest.to_owned())
        }
        FactKind::Command => {
            let folder = fact.attr("cwd").filter(|cwd| *cwd != ".")?;
            cut(format!(" (in {folder})")).or_else(|| Some(fact.key.clone()))
        }
        FactKind::Migration => Some(fact.key.rsplit('/').next().unwrap_or(&fact.key).to_owned()),
        _ => None,
    }
}

/// The key without what a new version replaces: an image's tag, a runtime's version, the scope of a dependency, what
/// a named process runs.
pub(super) fn without_version(fact: &Fact) -> Option<String> {
    match fact.kind {
        FactKind::Container => {
            let image = fact.attr("image")?.split('@').next()?;
            let (folder, name) = image.rsplit_once('/').map_or(("", image), |(folder, name)| (folder, name));
            Some(format!("{folder}/{}", name.split(':').next()?))
        }
        FactKind::Runtime => Some(format!("{} {}", fact.attr("runtime")?, fact.attr("said_by")?)),
        FactKind::Dependency => {
            let manifest = fact.key.rsplit_once(' ')?.1;
            Some(format!("{}:{} {manifest}", fact.attr("ecosystem")?, fact.attr("name")?))
        }
        FactKind::License => fact.key.rsplit_once(' ').map(|(_, file)| file.to_owned()),
        FactKind::Command => {
            let part = |name| fact.attr(name);
            Some([part("process")?, part("kind")?, part("manager")?, part("cwd")?].join(" "))
        }
        _ => None,
    }
}

/// The file of a base image: one that takes the place of the only other one is the same base.
pub(super) fn of_dockerfile(fact: &Fact) -> Option<String> {
    let is_base = fact.kind == FactKind::Container && fact.key.starts_with("base image ");
    fact.evidence.first().filter(|_| is_base).map(|line| line.path.clone())
}

/// An endpoint's key with its parameters unnamed: no client sees what they are called.
pub(super) fn without_names(fact: &Fact) -> Option<String> {
    if fact.kind != FactKind::Endpoint || !fact.key.contains('{') {
        return None;
    }
    let mut out = String::with_capacity(fact.key.len());
    let mut is_name = false;
    for letter in fact.key.chars() {
        match letter {
            '{' => is_name = true,
            '}' => is_name = false,
            _ if is_name => continue,
            _ => {}
        }
        out.push(letter);
    }
    Some(out)
}

/// Languages that people are written to in: a document more is no other software.
const PROSE: &[&str] = &["AsciiDoc", "Markdown", "Org", "PO File", "Plain Text", "ReStructuredText", "SVG"];

/// Whether a fact is about what the software exposes and needs. A variable that only documents name, and the language
/// of documents, are not: they are the business of claims.
pub(super) fn counts(fact: &Fact) -> bool {
    match fact.kind {
        FactKind::EnvVar => {
            fact.attrs.get("read_by").and_then(|by| by.as_array()).is_none_or(|readers| !readers.is_empty())
        }
        FactKind::Language => !PROSE.contains(&fact.key.as_str()),
        _ => true,
    }
}

/// The detail of a fact that only files state which no deploy reads: of test runners, compose files of developers.
pub(super) const NOT_DEPLOYED: &str = "not_deployed";

/// The details whose change is a change of the software, by kind. Places, handlers' names and documents are none.
pub(super) fn compared(kind: FactKind) -> &'static [&'static str] {
    match kind {
        FactKind::Endpoint => &["framework", "guard"],
        FactKind::EnvVar => &["default", NOT_DEPLOYED, "required"],
        FactKind::Command => &["command", "manager", "runs", "script"],
        FactKind::Dependency => &["locked_version", "requirement", "scope"],
        FactKind::Table => &["columns"],
        FactKind::Runtime => &["version"],
        FactKind::Entrypoint => &["target"],
        FactKind::Container => &[NOT_DEPLOYED, "tag"],
        FactKind::Workflow => &["events", "jobs"],
        FactKind::License => &["license"],
        FactKind::Migration => &["change_sets", "code"],
        FactKind::Port | FactKind::Datastore | FactKind::OutboundHost => &[NOT_DEPLOYED],
        FactKind::Language => &[],
    }
}
