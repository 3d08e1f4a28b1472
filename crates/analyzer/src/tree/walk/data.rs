//! Large data beside the application, in no known language. No rule reads it, so it is not held; where names are
//! looked for in all of the tree, it is read once more.

use std::collections::BTreeMap;

use git2::Odb;

use super::super::file::PathClass;
use super::super::language;
use super::{Caps, Content, Place, dir, git, memory};

/// Smaller files are held whatever they are: there is nothing to be won.
const LARGE: usize = 64 * 1024;

/// Where files are that were read and are not held.
pub(super) struct Data {
    places: BTreeMap<String, Place>,
    objects: Option<Odb<'static>>,
    caps: Caps,
}

impl Data {
    pub(super) fn new(places: BTreeMap<String, Place>, objects: Option<Odb<'static>>, caps: Caps) -> Self {
        Self { places, objects, caps }
    }

    /// The bytes of a file that is not held; none of a file that went away meanwhile.
    pub(super) fn read(&self, path: &str) -> Option<Vec<u8>> {
        let content = match (self.places.get(path)?, &self.objects) {
            (Place::Object(id), Some(objects)) => git::content(objects, *id, self.caps.max_file_bytes),
            (Place::Disk(path), _) => dir::content(path, self.caps.max_file_bytes, &mut false),
            (Place::Memory(bytes), _) => memory(bytes, self.caps.max_file_bytes),
            (Place::Object(_), None) => Content::Unreadable,
        };
        match content {
            Content::Bytes(bytes) => Some(bytes),
            Content::TooLarge(_) | Content::Unreadable => None,
        }
    }
}

/// Whether a file that was read need not be held.
pub(super) fn is_data(path: &str, class: PathClass, bytes: &[u8]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    // A module of Go says its name whatever the class of its folder.
    let may_be_read = bytes.len() <= LARGE || class == PathClass::Application || name == "go.mod";
    !may_be_read && language::of_named(name, bytes).is_none()
}
