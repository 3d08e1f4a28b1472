//! The types of a C# program: which file declares a name, which declaration a name means where it is used, and what
//! constants hold. Files are parsed only when a name that matters is declared in them. Refuses names that several
//! declarations could be meant by; methods are not followed here.

pub(crate) mod calls;
pub(crate) mod lower;
pub(crate) mod member;
pub(crate) mod project;
pub(crate) mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::super::syntax::grammar::{Family, Language};
use super::super::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;
use lower::CSharpType;
use project::Projects;

/// Classes above a class that are looked at.
pub(crate) const MAX_BASES: usize = 16;
/// What a type is declared with; the name follows.
const KEYWORDS: [&str; 4] = ["class ", "interface ", "record ", "struct "];

struct Slot<'c> {
    file: &'c SourceFile,
    types: OnceLock<Vec<CSharpType<'c>>>,
    /// Which of them have a name.
    named: OnceLock<BTreeMap<&'c str, Vec<usize>>>,
}

/// All application files in C#, and what they declare.
pub(crate) struct CSharpProgram<'c> {
    slots: Vec<Slot<'c>>,
    /// The files that seem to declare a name; one may be wrong (a comment), none is missing.
    by_name: BTreeMap<&'c str, Vec<usize>>,
    pub(crate) projects: Projects<'c>,
}

impl<'c> CSharpProgram<'c> {
    /// The program, if a file of it holds one of these texts.
    pub(crate) fn with(corpus: &'c Corpus, triggers: &[&str]) -> Option<Self> {
        let files: Vec<&'c SourceFile> = corpus.application().filter(|file| is_csharp(file)).collect();
        if files.is_empty() {
            return None;
        }
        let automaton = prefilter::automaton(triggers);
        if deal::filter(&files, |file| automaton.is_match(file.bytes())).is_empty() {
            return None;
        }
        let keywords = prefilter::automaton(&KEYWORDS);
        let names: Vec<Vec<&'c str>> = deal::map(&files, |file| declared(file.bytes(), &keywords));
        let mut by_name: BTreeMap<&'c str, Vec<usize>> = BTreeMap::new();
        for (at, names) in names.into_iter().enumerate() {
            for name in names {
                let known = by_name.entry(name).or_default();
                if known.last() != Some(&at) {
                    known.push(at);
                }
            }
        }
        let slots =
            files.into_iter().map(|file| Slot { file, types: OnceLock::new(), named: OnceLock::new() }).collect();
        Some(Self { slots, by_name, projects: Projects::read(corpus) })
    }

    /// The files that hold one of these texts, in path order, parsed.
    pub(crate) fn files_with(&self, patterns: &[&str]) -> Vec<&'c SourceFile> {
        let parsed = |slot: &Slot<'c>| slot.file.syntax().is_some().then_some(slot.file);
        deal::map(self.slots_with(patterns), parsed).into_iter().flatten().collect()
    }

    /// What each file that holds one of these texts declares.
    pub(crate) fn declarations_with(&self, patterns: &[&str]) -> Vec<(&'c SourceFile, &[CSharpType<'c>])> {
        deal::map(self.slots_with(patterns), |slot| (slot.file, slot.types()))
    }

    /// The types that are declared in the files that hold one of these texts.
    pub(crate) fn types_with(&self, patterns: &[&str]) -> Vec<&CSharpType<'c>> {
        deal::map(self.slots_with(patterns), Slot::types).into_iter().flatten().collect()
    }

    fn slots_with(&self, patterns: &[&str]) -> Vec<&Slot<'c>> {
        let automaton = prefilter::automaton(patterns);
        deal::filter(&self.slots, |slot| automaton.is_match(slot.file.bytes()))
    }

    /// Whether the name of a function stands before a parenthesis anywhere but where it is declared.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let called = [format!(".{name}("), format!(" {name}("), format!("\t{name}(")];
        let automaton = prefilter::automaton(&called.iter().map(String::as_str).collect::<Vec<_>>());
        let count = |slot: &Slot<'c>| automaton.find_iter(slot.file.bytes()).take(2).count();
        !name.is_empty() && deal::map(&self.slots, count).into_iter().sum::<usize>() > 1
    }

    /// Every declaration of this simple name.
    pub(crate) fn named(&self, name: &str) -> Vec<&CSharpType<'c>> {
        let slots = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        slots.iter().flat_map(|at| self.slots[*at].named(name)).collect()
    }

    /// The parts of the one type that a name means in a type (`Name`, `Outer.Name`, `Name<T>`); empty when it is not
    /// of the program or could be several.
    pub(crate) fn resolve(&self, name: &str, from: &CSharpType<'c>) -> Vec<&CSharpType<'c>> {
        let name = name.split('<').next().unwrap_or(name).trim();
        let name = name.strip_prefix("global::").unwrap_or(name);
        let (qualifier, simple) = name.rsplit_once('.').map_or(("", name), |(before, last)| (before, last));
        let mut groups: BTreeMap<(&str, String), Vec<&CSharpType<'c>>> = BTreeMap::new();
        for found in self.named(simple) {
            let full = format!(".{}", found.scope());
            if qualifier.is_empty() || full.ends_with(&format!(".{qualifier}")) {
                groups.entry((self.projects.folder_of(found.file), found.scope())).or_default().push(found);
            }
        }
        if groups.len() == 1 {
            return groups.into_values().next().unwrap_or_default();
        }
        let here = from.scope();
        let own = format!("{here}.{}", from.name);
        let project = self.projects.folder_of(from.file);
        let imports: BTreeSet<&str> = from.usings.iter().map(String::as_str).collect();
        // A nearer scope hides what is imported; among equals the own project's is meant.
        let rank = |(of, scope): &(&str, String)| {
            let scope = scope.as_str();
            let encloses = own == scope || own.strip_prefix(scope).is_some_and(|rest| rest.starts_with('.'));
            let near = match (encloses || scope.is_empty(), imports.contains(scope)) {
                (true, _) => 2 + scope.len(),
                (false, true) => 1,
                (false, false) => 0,
            };
            (near, usize::from(*of == project))
        };
        let best = groups.keys().map(rank).max();
        let mut fitting = groups.iter().filter(|(key, _)| Some(rank(key)) == best);
        match (fitting.next(), fitting.next()) {
            (Some((_, parts)), None) => parts.clone(),
            _ => Vec::new(),
        }
    }

    /// All parts of the type that this declaration is a part of, itself among them.
    pub(crate) fn parts<'p>(&'p self, of: &'p CSharpType<'c>) -> Vec<&'p CSharpType<'c>> {
        if !of.has("partial") {
            return vec![of];
        }
        let project = self.projects.folder_of(of.file);
        let same = self.named(of.name).into_iter().filter(|other| {
            other.scope() == of.scope()
                && other.is_generic == of.is_generic
                && self.projects.folder_of(other.file) == project
        });
        same.collect()
    }

    /// The base classes that the program declares, nearest first (each as its parts), and the name of the first one
    /// that it does not.
    pub(crate) fn bases<'p>(&'p self, parts: &[&'p CSharpType<'c>]) -> (Vec<Vec<&'p CSharpType<'c>>>, Option<&'c str>) {
        let mut chain: Vec<Vec<&'p CSharpType<'c>>> = Vec::new();
        let mut here: Vec<&'p CSharpType<'c>> = parts.to_vec();
        while chain.len() < MAX_BASES {
            // Only the first entry of the list can be a class; parts may each write it.
            let written = here.iter().find_map(|part| Some((*part, *part.bases.first()?)));
            let Some((part, name)) = written else { return (chain, None) };
            let found = self.resolve(name, part);
            let is_seen = |found: &CSharpType<'c>| {
                chain.iter().any(|seen| seen.iter().any(|seen| seen.node.id() == found.node.id()))
            };
            match found.first() {
                Some(first) if !is_seen(first) && !parts.iter().any(|part| part.node.id() == first.node.id()) => {
                    chain.push(found.clone());
                    here = found;
                }
                _ => return (chain, Some(name)),
            }
        }
        (chain, None)
    }
}

impl<'c> Slot<'c> {
    fn types(&self) -> &[CSharpType<'c>] {
        self.types.get_or_init(|| lower::types(self.file))
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &CSharpType<'c>> {
        let types = self.types();
        let named = self.named.get_or_init(|| {
            let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            types.iter().zip(0..).for_each(|(of, at)| named.entry(of.name).or_default().push(at));
            named
        });
        named.get(name).into_iter().flatten().map(|at| &types[*at])
    }
}

/// Whether the file is C#.
fn is_csharp(file: &SourceFile) -> bool {
    Language::of_path(&file.path).is_some_and(|language| language.family() == Family::CSharp)
}

/// The names after the keywords.
fn declared<'b>(bytes: &'b [u8], keywords: &AhoCorasick) -> Vec<&'b str> {
    let mut out = Vec::new();
    for found in keywords.find_iter(bytes) {
        let rest = &bytes[found.end()..];
        let rest = rest.strip_prefix(b"class ").or_else(|| rest.strip_prefix(b"struct ")).unwrap_or(rest);
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
        let end = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        if let Ok(name) = std::str::from_utf8(&rest[..end])
            && !name.is_empty()
        {
            out.push(name);
        }
    }
    out
}
