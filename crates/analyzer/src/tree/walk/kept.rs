//! The files of one tree for the next.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::super::classify;
use super::super::file::SourceFile;
use super::Tree;
use super::id::Id;

/// Files of a tree that was analyzed, for another tree of the same repository: where that has the same bytes under the same
/// path, they are neither read nor parsed again. What comes out is the same.
#[derive(Debug, Default)]
pub struct KeptFiles(HashMap<String, Mutex<Option<SourceFile>>>);

impl KeptFiles {
    pub(super) fn take(&self, path: &str, id: Id) -> Option<SourceFile> {
        let mut kept = self.0.get(path)?.lock().unwrap_or_else(PoisonError::into_inner);
        let file = kept.take_if(|file| file.blob_id == id.to_string())?;
        let class = classify::classify(path, file.bytes());
        Some(file.renewed(class))
    }
}

impl Tree {
    /// Give the tree up, and keep its files for another one.
    pub fn into_kept(self) -> KeptFiles {
        // What is not held, such as large data, looks like an empty file.
        let files = self.corpus.into_files().into_iter().filter(|file| !file.bytes().is_empty());
        KeptFiles(files.map(|file| (file.path.clone(), Mutex::new(Some(file)))).collect())
    }
}
