//! What the tree's own files say is not in it: `.gitignore`, `export-ignore` of `.gitattributes`, which archives leave out,
//! and submodules. Such a path is brought by some step, and its absence says nothing.

use std::collections::BTreeSet;

use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::ignore_file::{self, IgnoreFile};
use crate::tree::path::{folder_of, inside};

/// All ignore files, the outer ones first.
pub(super) struct Ignored {
    files: Vec<IgnoreFile>,
    /// Folders that hold a submodule.
    around_submodules: BTreeSet<String>,
}

impl Ignored {
    pub(super) fn new(corpus: &Corpus) -> Self {
        let parse = |file: &SourceFile| {
            let exported = |line| str::split_once(line, " export-ignore").map(|(pattern, _)| pattern);
            let text = match file.name() {
                ".gitignore" => file.text().into_owned(),
                ".gitattributes" => lines(&file.text(), exported),
                ".gitmodules" => lines(&file.text(), submodule),
                _ => return None,
            };
            IgnoreFile::parse(&inside(file.folder(), ""), &text)
        };
        let lists = corpus.files().iter().filter(|file| file.name() == ".gitmodules");
        let around = |file: &SourceFile| {
            let text = lines(&file.text(), submodule);
            text.lines().map(|path| folder_of(&inside(file.folder(), path)).to_owned()).collect::<Vec<_>>()
        };
        Self {
            files: corpus.files().iter().filter_map(parse).collect(),
            around_submodules: lists.flat_map(around).collect(),
        }
    }

    /// Whether a submodule lies in this folder itself.
    pub(super) fn is_around_submodule(&self, folder: &str) -> bool {
        self.around_submodules.contains(folder)
    }

    /// Whether the path, or a folder above it, is ignored. What is named without being there may be a folder.
    pub(super) fn is_ignored(&self, path: &str) -> bool {
        let ends = path.char_indices().filter(|(_, c)| *c == '/').map(|(at, _)| at).chain([path.len()]);
        ends.into_iter().any(|end| ignore_file::is_ignored(self.files.iter(), &path[..end], true))
    }
}

/// `path = libraries/x`
fn submodule(line: &str) -> Option<&str> {
    line.split_once("path")?.1.trim_start().strip_prefix('=')
}

/// The patterns that the lines of a file hold.
fn lines<'t>(text: &'t str, pattern: impl Fn(&'t str) -> Option<&'t str>) -> String {
    text.lines().filter_map(|line| Some(format!("{}\n", pattern(line)?.trim()))).collect()
}
