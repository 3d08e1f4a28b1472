//! One file of the analyzed tree, held as raw bytes: what every extractor reads.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use super::document::{self, Document};
use crate::lazy::Lazy;
use crate::syntax::grammar::Language;
use crate::syntax::node::NodeExt as _;
use crate::syntax::parse::{self, Parsed};
use crate::syntax::pieces::Pieces;

/// What a path says about a file by its ecosystem's convention. Facts come from
/// [`PathClass::Application`] only; the others are counted in the coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathClass {
    /// Code and configuration of the product itself.
    Application,
    /// Tests, specs, their fixtures.
    Test,
    /// Examples, samples, benchmarks.
    Example,
    /// Third-party code kept in the tree.
    Vendored,
    /// Generated or built output, minified bundles, lock files aside.
    Generated,
}

/// A file of the pinned tree.
#[derive(Debug)]
pub struct SourceFile {
    /// Path from the repository's root, `/`-separated.
    pub path: String,
    /// What the path says about the file.
    pub class: PathClass,
    /// Git blob id, lower-case hex.
    pub blob_id: String,
    /// With the byte order mark that it may start with.
    stored: Vec<u8>,
    line_starts: OnceLock<Vec<usize>>,
    /// By first and last line: lines are hashed and held once, however often they are cited.
    cited: Mutex<BTreeMap<(u32, u32), Evidence>>,
    document: Lazy<Document>,
    trouble: OnceLock<String>,
    syntax: Lazy<Result<Parsed, &'static str>>,
    pieces: Lazy<Result<Pieces, &'static str>>,
}

impl SourceFile {
    /// A file with its content.
    pub fn new(path: String, class: PathClass, blob_id: String, bytes: Vec<u8>) -> Self {
        Self {
            path,
            class,
            blob_id,
            stored: bytes,
            line_starts: OnceLock::new(),
            cited: Mutex::default(),
            document: Lazy::default(),
            trouble: OnceLock::new(),
            syntax: Lazy::default(),
            pieces: Lazy::default(),
        }
    }

    /// The same file in another tree, of which nothing is known but what its bytes say.
    pub(super) fn renewed(self, class: PathClass) -> Self {
        Self {
            class,
            trouble: OnceLock::new(),
            document: self.document.renewed(|document| document),
            syntax: self.syntax.renewed(|syntax| syntax),
            pieces: self.pieces.renewed(|pieces| pieces.map(Pieces::renewed)),
            ..self
        }
    }

    /// The content as stored in the commit, less a byte order mark: editors write one, no format means anything by it,
    /// and only evidence is of the bytes as they are stored.
    pub fn bytes(&self) -> &[u8] {
        without_mark(&self.stored)
    }

    /// Bytes of it in the commit.
    pub(super) fn stored_len(&self) -> usize {
        self.stored.len()
    }

    /// Whether the content holds a text.
    pub(crate) fn holds(&self, text: &str) -> bool {
        memchr::memmem::find(self.bytes(), text.as_bytes()).is_some()
    }

    /// The content as text. Invalid UTF-8 is replaced; byte offsets then differ, line numbers never do.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes())
    }

    /// The content as JSON, TOML or YAML, whichever the name says; read once.
    pub(crate) fn document(&self) -> &Document {
        self.document.get_or_make(|| document::parse_named(self.name(), self.bytes()))
    }

    /// Keep why it cannot be read in a format that [`Self::document`] does not know; the first to say so is kept.
    pub(crate) fn note(&self, trouble: impl std::fmt::Display) {
        let _ = self.trouble.set(trouble.to_string());
    }

    /// What could not be read of it, if somebody asked for [`Self::document`] or left a note.
    pub(crate) fn document_problem(&self) -> Option<&str> {
        let of_document = || self.document.asked()?.problem.as_deref();
        self.trouble.get().map(String::as_str).or_else(of_document)
    }

    /// The syntax tree, parsed once and only when asked for; `None` when there is no grammar for the
    /// file or it is over a bound of the parser.
    pub(crate) fn syntax(&self) -> Option<&Parsed> {
        let language = Language::of_path(&self.path)?;
        self.syntax.get_or_make(|| parse::parse(language, self.bytes())).as_ref().ok()
    }

    /// The syntax of the file in pieces that are parsed when they are asked for; `None` as for [`Self::syntax`], and
    /// where the language's files are not taken apart.
    pub(crate) fn pieces(&self) -> Option<&Pieces> {
        let language = Language::of_path(&self.path).filter(|language| Pieces::are_made_of(language.family()))?;
        self.pieces.get_or_make(|| Pieces::of(language, self.bytes())).as_ref().ok()
    }

    /// Why the file was not parsed, or not all of it, if somebody asked for its tree.
    pub fn syntax_problem(&self) -> Option<&str> {
        let of_whole = || match self.syntax.asked()? {
            Ok(parsed) => parsed.problem.as_deref(),
            Err(why) => Some(*why),
        };
        let of_pieces = || match self.pieces.asked()? {
            Ok(pieces) => pieces.problem(),
            Err(why) => Some(*why),
        };
        of_whole().or_else(of_pieces)
    }

    /// The folder without a trailing `/`; empty at the root.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The file name without its folders.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Number of lines; a last line without a line ending counts.
    pub fn line_count(&self) -> u32 {
        let starts = self.line_starts();
        let open_end = starts.last().is_some_and(|&start| start < self.bytes().len());
        u32::try_from(starts.len() - usize::from(!open_end)).unwrap_or(u32::MAX)
    }

    /// The text of one line (1-based) with its end; empty where there is none.
    pub(crate) fn line(&self, line: u32) -> Cow<'_, str> {
        let starts = self.line_starts();
        let at = line as usize;
        let from = at.checked_sub(1).and_then(|at| starts.get(at));
        let to = starts.get(at).copied().unwrap_or(self.bytes().len());
        from.map_or(Cow::Borrowed(""), |from| String::from_utf8_lossy(&self.bytes()[*from..to]))
    }

    /// Evidence for the lines `start_line..=end_line` (1-based), clamped to the file.
    pub fn lines(&self, start_line: u32, end_line: u32) -> Evidence {
        let last = self.line_count().max(1);
        let start_line = start_line.clamp(1, last);
        let end_line = end_line.clamp(start_line, last);
        self.cite(start_line, end_line, || {
            let starts = self.line_starts();
            let mark = self.stored.len() - self.bytes().len();
            let from = if start_line == 1 { 0 } else { starts[start_line as usize - 1] + mark };
            let to = starts.get(end_line as usize).map_or(self.stored.len(), |start| start + mark);
            Evidence::of_lines(&self.path, start_line, end_line, &self.stored[from..to])
        })
    }

    /// Evidence for the lines that a node of the syntax tree stands on.
    pub(crate) fn lines_of(&self, node: Node<'_>) -> Evidence {
        self.lines_between(node, node)
    }

    /// Evidence for the lines from the first of one node to the last of another.
    pub(crate) fn lines_between(&self, first: Node<'_>, last: Node<'_>) -> Evidence {
        self.lines(first.first_line(), last.last_line())
    }

    /// The same, but no more than so many lines after the first.
    pub(crate) fn lines_of_at_most(&self, node: Node<'_>, more: u32) -> Evidence {
        self.lines(node.first_line(), node.last_line().min(node.first_line() + more))
    }

    /// Evidence for the line that a node starts on.
    pub(crate) fn first_line_of(&self, node: Node<'_>) -> Evidence {
        self.lines(node.first_line(), node.first_line())
    }

    /// Evidence that this file exists.
    pub fn exists(&self) -> Evidence {
        self.cite(0, 0, || Evidence::of_file(&self.path, &self.blob_id))
    }

    /// The evidence of these lines, which is made when they are cited for the first time.
    fn cite(&self, start_line: u32, end_line: u32, make: impl FnOnce() -> Evidence) -> Evidence {
        let mut cited = self.cited.lock().unwrap_or_else(PoisonError::into_inner);
        cited.entry((start_line, end_line)).or_insert_with(make).clone()
    }

    /// The 1-based line that holds the byte at `offset` of [`Self::bytes`].
    pub fn line_at(&self, offset: usize) -> u32 {
        let line = self.line_starts().partition_point(|&start| start <= offset);
        u32::try_from(line.max(1)).unwrap_or(u32::MAX)
    }

    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', self.bytes()).map(|at| at + 1)).collect()
        })
    }
}

/// What follows a byte order mark.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}
