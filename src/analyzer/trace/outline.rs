//! Which text of a program becomes a program to be followed, and when: where most functions are never called, a file
//! is read as an outline, and the body of a function when it runs.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use aho_corasick::AhoCorasick;

use crate::analyzer::deal;
use crate::analyzer::file::SourceFile;
use crate::analyzer::syntax::grammar::{Family, Language};
use crate::analyzer::syntax::lower;
use crate::analyzer::syntax::parse::{self, Parsed};
use crate::analyzer::syntax::program::{FunctionId, Program};

/// A function in a program of its own; nothing where it could not be read.
type Part = Option<(Rc<Program>, FunctionId)>;

/// Files on their way to programs.
pub(in crate::analyzer::trace) struct Outlines<'c> {
    family: Family,
    /// What a function holds that is run although nobody calls it.
    pub(in crate::analyzer::trace) triggers: AhoCorasick,
    parsed: BTreeMap<&'c str, Result<Parsed, &'static str>>,
    parts: HashMap<(&'c str, (usize, usize)), Part>,
}

impl<'c> Outlines<'c> {
    pub(in crate::analyzer::trace) fn new(family: Family, triggers: AhoCorasick) -> Self {
        Self { family, triggers, parsed: BTreeMap::new(), parts: HashMap::new() }
    }

    /// Whether programs of the family are so large that most of what they do is better not read.
    fn is_by_outline(&self) -> bool {
        matches!(self.family, Family::Go | Family::Rust)
    }

    /// Parse files that will be asked for, side by side.
    pub(in crate::analyzer::trace) fn ahead(&mut self, files: &[&'c SourceFile]) {
        if !self.is_by_outline() {
            deal::map(files, |file| file.syntax().is_some());
            return;
        }
        let missing: Vec<&'c SourceFile> =
            files.iter().copied().filter(|file| !self.parsed.contains_key(file.path.as_str())).collect();
        let triggers = &self.triggers;
        let parsed = deal::map(missing, |file| Some((file.path.as_str(), outline(file, triggers)?)));
        self.parsed.extend(parsed.into_iter().flatten());
    }

    /// The program of a file, made once.
    pub(in crate::analyzer::trace) fn program(&mut self, file: &'c SourceFile) -> Option<Program> {
        if !self.is_by_outline() {
            return Some(lower::lower(file.syntax()?, file.bytes()));
        }
        let parsed = match self.parsed.remove(file.path.as_str()) {
            Some(parsed) => parsed,
            None => outline(file, &self.triggers)?,
        };
        Some(lower::lower(&noted(file, parsed)?, file.bytes()))
    }

    /// A function whose body the outline left out, by its byte range.
    pub(in crate::analyzer::trace) fn part(&mut self, file: &'c SourceFile, range: (usize, usize)) -> Part {
        let read = || {
            let language = Language::of_path(&file.path)?;
            let parsed = noted(file, parse::part(language, file.bytes(), range.0..range.1))?;
            let program = lower::lower(&parsed, file.bytes());
            let function = program.functions.iter().position(|function| function.bytes == range)?;
            Some((Rc::new(program), function))
        };
        self.parts.entry((file.path.as_str(), range)).or_insert_with(read).clone()
    }
}

fn outline(file: &SourceFile, triggers: &AhoCorasick) -> Option<Result<Parsed, &'static str>> {
    let language = Language::of_path(&file.path)?;
    Some(parse::outline(language, file.bytes(), |body| triggers.is_match(body)))
}

/// What could not be read belongs to the coverage.
fn noted(file: &SourceFile, parsed: Result<Parsed, &'static str>) -> Option<Parsed> {
    match &parsed {
        Ok(Parsed { problem: Some(problem), .. }) => file.note(problem),
        Ok(_) => {}
        Err(why) => file.note(why),
    }
    parsed.ok()
}
