//! What a drift cannot say: files that differ between two commits and that no rule understood.

use std::collections::BTreeMap;

use super::v1::{NotRead, NotReadFile, NotReadFramework};
use crate::v1::{Coverage, Dossier, Unread};

/// Most files that are named; the number is always complete.
const MAX_NAMED_FILES: usize = 100;

/// The files that were not read, or not understood, on either side and are not the same on both.
pub(super) fn compare(base: &Dossier, head: &Dossier) -> NotRead {
    let frameworks = frameworks(head);
    let (base, head) = (&base.coverage, &head.coverage);
    // Without an id on one side nobody knows whether it changed; `complete` says so.
    let by_path = |coverage: &Coverage| -> BTreeMap<String, Unread> {
        let known = coverage.unread.iter().filter(|file| file.blob.is_some());
        known.map(|file| (file.path.clone(), file.clone())).collect()
    };
    let (left, mut right) = (by_path(base), by_path(head));
    let mut files = Vec::new();
    for (path, file) in left {
        match right.remove(&path) {
            Some(other) if other.blob == file.blob => {}
            other => files.push(NotReadFile { path, reason: other.unwrap_or(file).reason }),
        }
    }
    files.extend(right.into_values().map(|file| NotReadFile { path: file.path, reason: file.reason }));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let changed = files.len();
    files.truncate(MAX_NAMED_FILES);
    NotRead { changed, files, complete: base.unread_complete && head.unread_complete, frameworks }
}

/// The frameworks of a commit that no rule reads, each with the first file that shows it.
fn frameworks(dossier: &Dossier) -> Vec<NotReadFramework> {
    let mut first: BTreeMap<&str, NotReadFramework> = BTreeMap::new();
    for one in dossier.unread_frameworks() {
        let path = one.evidence.first().map(|evidence| evidence.path.clone()).unwrap_or_default();
        let framework = NotReadFramework { name: one.name.clone(), path, reason: one.reason.clone() };
        first.entry(&one.name).or_insert(framework);
    }
    first.into_values().collect()
}
