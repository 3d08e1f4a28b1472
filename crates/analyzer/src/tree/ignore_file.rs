//! Files that say what git leaves out: each `.gitignore` of a tree, and a checkout's `info/exclude`. A user's own ignore
//! file is left out on purpose, because the same tree must give the same dossier on every machine.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The patterns of one such file.
pub(crate) struct IgnoreFile {
    /// The folder that it lies in, with a trailing `/`, or empty.
    base: String,
    patterns: Gitignore,
}

impl IgnoreFile {
    /// The file's text; `None` where it has no pattern. A line that is no pattern is passed over, as git does.
    pub(crate) fn parse(base: &str, text: &str) -> Option<Self> {
        let mut builder = GitignoreBuilder::new("");
        for line in text.lines() {
            drop(builder.add_line(None, line));
        }
        let patterns = builder.build().ok().filter(|patterns| !patterns.is_empty())?;
        Some(Self { base: base.to_owned(), patterns })
    }

    /// Whether this file has the path ignored or kept; `None` where it says nothing of it.
    fn decide(&self, path: &str, is_folder: bool) -> Option<bool> {
        let below = path.strip_prefix(&self.base)?;
        let found = self.patterns.matched(Path::new(below), is_folder);
        if found.is_none() { None } else { Some(found.is_ignore()) }
    }
}

/// Whether a path is ignored by these files, the outermost first; folders above it are not asked.
pub(crate) fn is_ignored<'a>(
    files: impl DoubleEndedIterator<Item = &'a IgnoreFile>,
    path: &str,
    is_folder: bool,
) -> bool {
    files.rev().find_map(|file| file.decide(path, is_folder)).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_read_as_git_reads_it() {
        let cases = [
            ("/data/", "data", true, true),
            ("/data/", "data", false, false),
            ("/data/", "a/data", true, false),
            ("*.log", "a/b.log", false, true),
            ("*.log\n!keep.log", "keep.log", false, false),
            ("config/*.local.yml", "config/a.local.yml", false, true),
            ("a/**/z", "a/b/c/z", false, true),
            ("doc/*.txt", "doc/a/b.txt", false, false),
            ("\\#x", "#x", false, true),
            ("x\\ ", "x ", false, true),
            ("x  ", "x", false, true),
            ("[a-c].txt", "b.txt", false, true),
        ];
        for (text, path, is_folder, expected) in cases {
            let file = IgnoreFile::parse("", text);
            assert_eq!(is_ignored(file.iter(), path, is_folder), expected, "{text:?} {path}");
        }
    }

    #[test]
    fn the_file_nearest_to_a_path_decides() {
        let files = [IgnoreFile::parse("", "out\n*.log").unwrap(), IgnoreFile::parse("web/", "!out\n/a").unwrap()];
        for (path, expected) in [("out", true), ("web/out", false), ("a", false), ("web/a", true), ("web/x.log", true)]
        {
            assert_eq!(is_ignored(files.iter(), path, true), expected, "{path}");
        }
    }
}
