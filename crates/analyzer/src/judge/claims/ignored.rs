//! What `.gitignore` files of the tree leave out: a path that is ignored is made by some step, and its absence says
//! nothing.

use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::ignore_file::{self, IgnoreFile};
use crate::tree::path::inside;

/// All ignore files, the outer ones first.
pub(super) struct Ignored {
    files: Vec<IgnoreFile>,
}

impl Ignored {
    pub(super) fn new(corpus: &Corpus) -> Self {
        let files = corpus.files().iter().filter(|file| file.name() == ".gitignore");
        let parse = |file: &SourceFile| IgnoreFile::parse(&inside(file.folder(), ""), &file.text());
        Self { files: files.filter_map(parse).collect() }
    }

    /// Whether the path, or a folder above it, is ignored. What is named without being there may be a folder.
    pub(super) fn is_ignored(&self, path: &str) -> bool {
        let ends = path.char_indices().filter(|(_, c)| *c == '/').map(|(at, _)| at).chain([path.len()]);
        ends.into_iter().any(|end| ignore_file::is_ignored(self.files.iter(), &path[..end], true))
    }
}
