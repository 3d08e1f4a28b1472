//! Dependencies of `composer.json`. Requirements on the platform (`php`, `ext-*`, `lib-*`) are no packages; the version
//! of PHP is a runtime fact.

use crate::fact::Found;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::lock::Locks;
use super::{Dependency, locked};

pub(super) fn extract(locks: &Locks<'_>, file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    for (section, scope) in [("require", "runtime"), ("require-dev", "dev")] {
        for entry in root.get(section).map(Node::entries).unwrap_or_default() {
            // Packages have a vendor, the platform has none.
            if !entry.key.contains('/') {
                continue;
            }
            let name = entry.key.to_ascii_lowercase();
            let dependency = Dependency {
                ecosystem: "composer",
                name: &name,
                scope,
                requirement: entry.value.as_str().map(str::to_owned),
                evidence: file.lines(entry.line, entry.value.end_line),
            };
            let pin = locks.pin("composer", file.folder(), &name);
            found.facts.push(locked(dependency.fact(file), pin));
        }
    }
}
