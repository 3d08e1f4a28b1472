//! Catalogs of pnpm: `catalog:` in a manifest takes its range from the `pnpm-workspace.yaml` above it.

use ci_feed_dossier::evidence::Evidence;

use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::path::{inside, upwards};

/// Where the catalogs of a tree are looked up.
pub(super) struct Catalogs<'c>(pub(super) &'c Corpus);

/// What a catalog says of a package.
pub(super) struct Listed<'c> {
    pub(super) requirement: &'c str,
    pub(super) evidence: Evidence,
}

impl<'c> Catalogs<'c> {
    /// The entry that `catalog:` or `catalog:name` means for a package of a manifest in `folder`.
    pub(super) fn entry(&self, folder: &str, package: &str, requirement: &str) -> Option<Listed<'c>> {
        let name = requirement.strip_prefix("catalog:")?.trim();
        let named = |file: &'c SourceFile, path: &[&str]| {
            let entry = file.document().root().entry_at(path)?;
            let requirement = entry.value.as_str()?;
            Some(Listed { requirement, evidence: file.lines(entry.line, entry.value.end_line) })
        };
        upwards(folder).find_map(|at| {
            let file = self.0.application_file(&inside(at, "pnpm-workspace.yaml"))?;
            match name {
                "" | "default" => {
                    named(file, &["catalog", package]).or_else(|| named(file, &["catalogs", "default", package]))
                }
                name => named(file, &["catalogs", name, package]),
            }
        })
    }
}
