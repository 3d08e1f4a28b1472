//! Dependencies of `package.json`, in its four sections.

use crate::fact::Found;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::lock::Locks;
use super::{Dependency, locked};

const SECTIONS: &[(&str, &str)] = &[
    ("dependencies", "runtime"),
    ("devDependencies", "dev"),
    ("peerDependencies", "peer"),
    ("optionalDependencies", "optional"),
];

pub(super) fn extract(locks: &Locks<'_>, file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    for (section, scope) in SECTIONS {
        for entry in root.get(section).map(Node::entries).unwrap_or_default() {
            let Some(requirement) = entry.value.as_str() else { continue };
            let listed = locks.catalogs.entry(file.folder(), &entry.key, requirement);
            let stated = listed.as_ref().map_or(requirement, |listed| listed.requirement);
            let dependency = Dependency {
                ecosystem: "npm",
                name: &entry.key,
                scope,
                requirement: Some(stated.to_owned()),
                evidence: file.lines(entry.line, entry.value.end_line),
            };
            let pin = locks.npm(file.folder(), &entry.key, requirement);
            let mut fact = locked(dependency.fact(file), pin);
            fact.evidence.extend(listed.map(|listed| listed.evidence));
            found.facts.push(fact);
        }
    }
}
