//! The syntax of a file in pieces: its outline, and each function whose body the outline leaves out, parsed when it is
//! asked for. Programs of Go and Rust are large, and most of what their functions do is never looked at.

use super::grammar::{Family, Language};
use super::parse::{self, Parsed};
use crate::lazy::Lazy;

/// A file in pieces.
#[derive(Debug)]
pub(crate) struct Pieces {
    /// All but the bodies of its longer functions.
    pub(crate) outline: Parsed,
    /// The functions that are left out there, in the same order.
    functions: Vec<Lazy<Result<Parsed, &'static str>>>,
}

impl Pieces {
    /// Whether files of the family are taken apart.
    pub(crate) fn are_made_of(family: Family) -> bool {
        matches!(family, Family::Go | Family::Rust)
    }

    /// Parse the outline, or say in a few words why not.
    pub(crate) fn of(language: Language, bytes: &[u8]) -> Result<Self, &'static str> {
        let outline = parse::outline(language, bytes)?;
        let functions = outline.left_out.iter().map(|_| Lazy::default()).collect();
        Ok(Self { outline, functions })
    }

    /// The same for another tree: nobody has asked for a function yet.
    pub(crate) fn renewed(self) -> Self {
        let functions = self.functions.into_iter().map(|function| function.renewed(|function| function));
        Self { functions: functions.collect(), ..self }
    }

    /// One of the functions, by its number.
    pub(crate) fn function(&self, number: usize, bytes: &[u8]) -> Option<&Parsed> {
        let of = self.outline.left_out.get(number)?;
        let parse = || parse::part(self.outline.language, bytes, of);
        self.functions.get(number)?.get_or_make(parse).as_ref().ok()
    }

    /// The outline, and the functions of which `is_wanted` decides by their text.
    pub(crate) fn with<'p>(&'p self, bytes: &'p [u8], is_wanted: impl Fn(&[u8]) -> bool) -> Vec<&'p Parsed> {
        let wanted = self.outline.left_out.iter().enumerate();
        let wanted = wanted.filter(|(_, of)| is_wanted(&bytes[of.whole.clone()]));
        let functions = wanted.filter_map(|(number, _)| self.function(number, bytes));
        std::iter::once(&self.outline).chain(functions).collect()
    }

    /// What of the pieces that were asked for could not be parsed.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.outline.problem.as_deref().or_else(|| {
            self.functions.iter().find_map(|function| match function.asked()? {
                Ok(parsed) => parsed.problem.as_deref(),
                Err(why) => Some(*why),
            })
        })
    }
}
