//! All files of one commit, in path order: the single input of every extractor.

use super::file::SourceFile;

/// The files that were read, sorted by path.
#[derive(Debug)]
pub struct Corpus {
    files: Vec<SourceFile>,
}

impl Corpus {
    /// Take the files of a tree; their order does not matter.
    pub fn new(mut files: Vec<SourceFile>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }

    /// Every file, sorted by path.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The file at exactly this path.
    pub fn file(&self, path: &str) -> Option<&SourceFile> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(&self.files[at])
    }
}
