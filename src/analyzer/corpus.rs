//! All files of one commit, in path order: the single input of every extractor.

use std::sync::OnceLock;

use super::extract;
use super::file::SourceFile;
use super::trace::graph::Graph;

/// The files that were read, sorted by path.
#[derive(Debug)]
pub struct Corpus {
    files: Vec<SourceFile>,
    trace: OnceLock<Graph>,
}

impl Corpus {
    /// Take the files of a tree; their order does not matter.
    pub fn new(mut files: Vec<SourceFile>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files, trace: OnceLock::new() }
    }

    /// Every file, sorted by path.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// Routers, routes and listening calls of all programs, traced once for every extractor.
    pub(crate) fn trace(&self) -> &Graph {
        self.trace.get_or_init(|| extract::endpoint::trace(self))
    }

    /// The file at exactly this path.
    pub fn file(&self, path: &str) -> Option<&SourceFile> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(&self.files[at])
    }
}
