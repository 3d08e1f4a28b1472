//! The name of a variable as an expression: texts, constants of this or another package, and the parameter
//! of a helper function, joined with `+`.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::{Around, Helper, Site};
use crate::budget::MAX_SYNTAX_DEPTH;
use crate::lang::go::{arguments, children, declared};
use crate::syntax::grammar::Family;
use crate::syntax::literal::{go_text, text};
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;

/// A piece of a name.
#[derive(Debug, Clone)]
enum Part {
    Text(String),
    /// A name of the same package, or of a parameter.
    Plain(String),
    /// A name of another package.
    Of(String, String),
    Upper(Box<Part>),
    Computed,
}

/// A name as it is written.
#[derive(Debug, Clone)]
pub(super) struct GoName {
    parts: Vec<Part>,
    shown: String,
}

/// Why a name is not known.
pub(super) struct Open<'n>(&'n GoName);

impl GoName {
    pub(super) fn of(node: Node<'_>, bytes: &[u8]) -> Self {
        let mut parts = Vec::new();
        pieces(node, bytes, &mut parts, 0);
        Self { parts, shown: text(node, bytes).chars().take(60).collect() }
    }

    pub(super) fn literal(name: &str) -> Self {
        Self { parts: vec![Part::Text(name.to_owned())], shown: name.to_owned() }
    }

    /// The whole name, if all of it is known.
    pub(super) fn resolve(&self, folder: &str, constants: &GoConstants) -> Result<String, Open<'_>> {
        let parts: Option<Vec<String>> = self.parts.iter().map(|part| constants.part(part, folder)).collect();
        parts.map(|parts| parts.concat()).ok_or(Open(self))
    }

    fn wanted(&self, out: &mut BTreeSet<String>) {
        for part in &self.parts {
            let part = match part {
                Part::Upper(inner) => inner,
                other => other,
            };
            if let Part::Plain(name) | Part::Of(_, name) = part {
                out.insert(name.clone());
            }
        }
    }
}

impl Open<'_> {
    pub(super) fn shown(&self) -> &str {
        &self.0.shown
    }

    /// The function around as a helper, when what is open is one of its parameters.
    pub(super) fn helper(&self, around: &Around, site: &Site, constants: &GoConstants) -> Option<Helper> {
        let (mut before, mut after, mut at, mut is_upper) = (String::new(), String::new(), None, false);
        for part in &self.0.parts {
            let (inner, upper) = match part {
                Part::Upper(inner) => (&**inner, true),
                other => (other, false),
            };
            let parameter = match inner {
                Part::Plain(name) => around.parameters.iter().position(|parameter| parameter == name),
                _ => None,
            };
            match (parameter, at) {
                (Some(found), None) => {
                    at = Some(found);
                    is_upper = upper;
                }
                (Some(_), Some(_)) => return None,
                (None, None) => before.push_str(&constants.part(part, &site.folder)?),
                (None, Some(_)) => after.push_str(&constants.part(part, &site.folder)?),
            }
        }
        let folder = site.folder.clone();
        let (name, falls_back_on) = (around.name.clone(), around.falls_back_on.filter(|one| Some(*one) != at));
        Some(Helper { name, folder, at: at?, before, after, is_upper, falls_back_on })
    }
}

impl Helper {
    /// The name that a call of the helper reads.
    pub(super) fn name(&self, argument: Node<'_>, bytes: &[u8]) -> GoName {
        let mut name = GoName::of(argument, bytes);
        if self.is_upper {
            name.parts = name.parts.into_iter().map(|part| Part::Upper(Box::new(part))).collect();
        }
        if !self.before.is_empty() {
            name.parts.insert(0, Part::Text(self.before.clone()));
        }
        if !self.after.is_empty() {
            name.parts.push(Part::Text(self.after.clone()));
        }
        name
    }
}

fn pieces(node: Node<'_>, bytes: &[u8], out: &mut Vec<Part>, depth: usize) {
    if depth > MAX_SYNTAX_DEPTH {
        out.push(Part::Computed);
        return;
    }
    match node.kind() {
        "interpreted_string_literal" | "raw_string_literal" => {
            out.push(go_text(node, bytes).map_or(Part::Computed, Part::Text));
        }
        "identifier" => out.push(Part::Plain(text(node, bytes).to_owned())),
        "selector_expression" => {
            let side = |field| node.field(field).map(|side| text(side, bytes).to_owned());
            match (side("operand"), side("field")) {
                (Some(package), Some(name)) => out.push(Part::Of(package, name)),
                _ => out.push(Part::Computed),
            }
        }
        "binary_expression" => {
            let is_sum = node.field("operator").is_some_and(|operator| operator.kind() == "+");
            match (is_sum, node.field("left"), node.field("right")) {
                (true, Some(left), Some(right)) => {
                    pieces(left, bytes, out, depth + 1);
                    pieces(right, bytes, out, depth + 1);
                }
                _ => out.push(Part::Computed),
            }
        }
        "parenthesized_expression" => match children(node).first() {
            Some(inner) => pieces(*inner, bytes, out, depth + 1),
            None => out.push(Part::Computed),
        },
        "call_expression" => {
            let called = node.field_text("function", bytes);
            let arguments = arguments(node);
            match (called, arguments.as_slice()) {
                ("strings.ToUpper", [one]) => {
                    let from = out.len();
                    pieces(*one, bytes, out, depth + 1);
                    let inner: Vec<Part> = out.drain(from..).collect();
                    out.extend(inner.into_iter().map(|part| Part::Upper(Box::new(part))));
                }
                ("string", [one]) => pieces(*one, bytes, out, depth + 1),
                _ => out.push(Part::Computed),
            }
        }
        _ => out.push(Part::Computed),
    }
}

/// The texts of package-level constants and variables that names are made of.
#[derive(Debug, Default)]
pub(super) struct GoConstants {
    /// Name to the folders that declare it and the text there.
    known: BTreeMap<String, Vec<(String, Option<String>)>>,
}

impl GoConstants {
    /// Look up the names that these places need.
    pub(super) fn learn(&mut self, corpus: &Corpus, sites: &[Site]) {
        let mut wanted = BTreeSet::new();
        for site in sites {
            site.name.wanted(&mut wanted);
        }
        wanted.retain(|name| !self.known.contains_key(name));
        if wanted.is_empty() {
            return;
        }
        let patterns: Vec<&str> = wanted.iter().map(String::as_str).collect();
        for file in prefilter::outlines_with(corpus, Family::Go, &patterns) {
            for (name, value) in declared(file).filter(|(name, _)| wanted.contains(*name)) {
                let at = (file.folder().to_owned(), go_text(value, file.bytes()));
                self.known.entry(name.to_owned()).or_default().push(at);
            }
        }
        for name in wanted {
            self.known.entry(name).or_default();
        }
    }

    fn part(&self, part: &Part, folder: &str) -> Option<String> {
        match part {
            Part::Text(text) => Some(text.clone()),
            Part::Upper(inner) => self.part(inner, folder).map(|text| text.to_uppercase()),
            Part::Plain(name) => {
                let (_, value) = self.known.get(name)?.iter().find(|(of, _)| of == folder)?;
                value.clone()
            }
            Part::Of(package, name) => {
                let all = self.known.get(name)?;
                let of = |folder: &str| folder.rsplit('/').next() == Some(package.as_str());
                let mut values = all.iter().filter(|(folder, _)| of(folder)).map(|(_, value)| value.clone());
                let first = values.next()??;
                values.all(|other| other.as_ref() == Some(&first)).then_some(first)
            }
            Part::Computed => None,
        }
    }
}
