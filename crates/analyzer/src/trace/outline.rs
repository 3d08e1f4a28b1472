//! Which text of a program becomes a program to be followed, and when: of a file in pieces the outline, and a function
//! when it runs.

use std::collections::HashMap;
use std::rc::Rc;

use aho_corasick::AhoCorasick;

use crate::syntax::grammar::Family;
use crate::syntax::lower;
use crate::syntax::pieces::Pieces;
use crate::syntax::program::{FunctionId, Program};
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;

/// A function in a program of its own; nothing where it could not be read.
type Whole = Option<(Rc<Program>, FunctionId)>;

/// Files on their way to programs.
pub(in crate::trace) struct Outlines<'c> {
    is_in_pieces: bool,
    /// What a function holds that is run although nobody calls it.
    pub(in crate::trace) triggers: AhoCorasick,
    functions: HashMap<(&'c str, usize), Whole>,
}

impl<'c> Outlines<'c> {
    /// A thorough analysis takes whole files: that it finds the same shows that nothing is lost in pieces.
    pub(in crate::trace) fn new(corpus: &Corpus, family: Family, triggers: AhoCorasick) -> Self {
        let is_in_pieces = Pieces::are_made_of(family) && !corpus.is_thorough();
        Self { is_in_pieces, triggers, functions: HashMap::new() }
    }

    /// Parse what will be asked for of these files, side by side.
    pub(in crate::trace) fn ahead(&self, files: &[&SourceFile]) {
        let triggers = &self.triggers;
        if self.is_in_pieces {
            let parse = |pieces: &Pieces, bytes| pieces.with(bytes, |function| triggers.is_match(function)).len();
            deal::map(files, |file| file.pieces().map(|pieces| parse(pieces, file.bytes())));
        } else {
            deal::map(files, |file| file.syntax().is_some());
        }
    }

    /// The program of a file.
    pub(in crate::trace) fn program(&self, file: &SourceFile) -> Option<Program> {
        let parsed = match self.is_in_pieces {
            true => &file.pieces()?.outline,
            false => file.syntax()?,
        };
        Some(lower::lower(parsed, file.bytes()))
    }

    /// A function whose body is left out of its file's program, by its number.
    pub(in crate::trace) fn function(&mut self, file: &'c SourceFile, number: usize) -> Whole {
        let read = || {
            let program = lower::lower(file.pieces()?.function(number, file.bytes())?, file.bytes());
            // The functions inside of it come first.
            let last = program.functions.len().checked_sub(1)?;
            Some((Rc::new(program), last))
        };
        self.functions.entry((file.path.as_str(), number)).or_insert_with(read).clone()
    }
}
