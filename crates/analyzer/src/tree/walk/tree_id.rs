//! Git's id of a tree, computed from its files: the same for a directory and for the commit that it came from.

use std::collections::BTreeMap;

use super::EntryKind;
use super::id::Id;

/// The id, or `None` when an entry's own id is unknown.
///
/// A submodule's id is known only inside a repository, so any submodule makes the tree's id unknown.
pub(super) fn of(entries: &[(Vec<u8>, EntryKind, Option<Id>)]) -> Option<String> {
    let mut root = Folder::default();
    for (path, kind, id) in entries {
        let mode = match kind {
            EntryKind::File { executable: false } => "100644",
            EntryKind::File { executable: true } => "100755",
            EntryKind::Symlink => "120000",
            EntryKind::Submodule => return None,
        };
        root.add(path, mode, (*id)?);
    }
    root.id().map(|id| id.to_string())
}

/// A folder of a tree; names of folders carry a trailing `/`, which is also how git sorts them.
#[derive(Default)]
struct Folder {
    files: BTreeMap<Vec<u8>, (&'static str, Id)>,
    folders: BTreeMap<Vec<u8>, Folder>,
}

impl Folder {
    fn add(&mut self, path: &[u8], mode: &'static str, id: Id) {
        match path.iter().position(|byte| *byte == b'/') {
            Some(slash) => {
                let folder = self.folders.entry(path[..=slash].to_vec()).or_default();
                folder.add(&path[slash + 1..], mode, id);
            }
            None => {
                self.files.insert(path.to_vec(), (mode, id));
            }
        }
    }

    fn id(&self) -> Option<Id> {
        let mut entries: BTreeMap<&[u8], (&str, Id)> = BTreeMap::new();
        for (name, (mode, id)) in &self.files {
            entries.insert(name, (mode, *id));
        }
        for (name, folder) in &self.folders {
            entries.insert(name, ("40000", folder.id()?));
        }
        let mut object = Vec::new();
        for (name, (mode, id)) in entries {
            object.extend_from_slice(mode.as_bytes());
            object.push(b' ');
            object.extend_from_slice(name.strip_suffix(b"/").unwrap_or(name));
            object.push(0);
            object.extend_from_slice(id.as_bytes());
        }
        Some(Id::of_tree(&object))
    }
}
