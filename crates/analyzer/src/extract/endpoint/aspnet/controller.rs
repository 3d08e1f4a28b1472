//! Controllers, their actions, and the routes that attributes give them, put together as the framework does it.

use crate::syntax::node::NodeExt as _;
use std::collections::BTreeSet;

use ci_feed_dossier::evidence::Evidence;

use super::attribute::{self, AttributeMeaning, Template};
use super::convention::Applied;
use super::template;
use crate::lang::csharp::CSharpProgram;
use crate::lang::csharp::lower::{CSharpAttribute, CSharpType};
use crate::lang::csharp::member::{self, CSharpMethod};
use crate::lang::csharp::text::ExpressionPlace;
use crate::tree::file::SourceFile;

/// Rounds of looking for classes that extend what was just found.
const MAX_CLASS_ROUNDS: usize = 8;

/// A controller class: its parts and the classes above it.
pub(super) struct Controller<'p, 'c> {
    pub(super) parts: Vec<&'p CSharpType<'c>>,
    /// Nearest first.
    pub(super) bases: Vec<Vec<&'p CSharpType<'c>>>,
    /// The name that `[controller]` stands for.
    pub(super) name: String,
    pub(super) area: Option<String>,
    /// The line that names the area.
    pub(super) area_at: Option<Evidence>,
    /// The line that names the class.
    pub(super) named_at: Evidence,
}

/// A method that requests reach.
pub(super) struct ControllerAction<'c> {
    /// The method's name as declared.
    pub(super) method: &'c str,
    /// The name that `[action]` stands for.
    pub(super) name: String,
    /// Each way to reach it: verbs (none: every one), template, the lines that say so.
    pub(super) selectors: Vec<Selector>,
    pub(super) is_guarded: bool,
    pub(super) is_open: bool,
    /// The line that names the method.
    pub(super) named_at: Evidence,
}

/// One way to reach an action.
pub(super) struct Selector {
    pub(super) verbs: Vec<String>,
    pub(super) template: Option<Template>,
    pub(super) evidence: Vec<Evidence>,
}

type Meant = (AttributeMeaning, Evidence);

/// Every controller of the program.
pub(super) fn all<'p, 'c>(program: &'p CSharpProgram<'c>) -> Vec<Controller<'p, 'c>> {
    let mut types = program.types_with(&["Controller", "EndpointBase"]);
    let mut seen: BTreeSet<(&str, usize)> = types.iter().map(|one| key(one)).collect();
    // A base class may have any name; then the files of its heirs need not hold the word.
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for _ in 0..MAX_CLASS_ROUNDS {
        let is_above = |one: &&&CSharpType<'c>| {
            !known.contains(one.name) && !one.name.ends_with("Controller") && looks_like_one(program, one)
        };
        let names: BTreeSet<&str> = types.iter().filter(is_above).map(|one| one.name).collect();
        if names.is_empty() {
            break;
        }
        known.extend(&names);
        let patterns: Vec<&str> = names.into_iter().collect();
        for found in program.types_with(&patterns) {
            if seen.insert(key(found)) {
                types.push(found);
            }
        }
    }
    let mut out = Vec::new();
    let mut done: BTreeSet<(&str, usize)> = BTreeSet::new();
    types.sort_by_key(|one| key(one));
    for one in types {
        if done.contains(&key(one)) || one.node.kind() == "interface_declaration" || one.is_nested {
            continue;
        }
        let parts = program.parts(one);
        done.extend(parts.iter().map(|part| key(part)));
        out.extend(controller(program, parts));
    }
    out
}

fn key<'c>(of: &CSharpType<'c>) -> (&'c str, usize) {
    (of.file.path.as_str(), of.node.start_byte())
}

fn is_framework_base(name: &str) -> bool {
    let name = name.split('<').next().unwrap_or(name);
    // `EndpointBaseAsync` is a controller for a single action that a package has.
    name.ends_with("Controller") || name.ends_with("ControllerBase") || name.starts_with("EndpointBase")
}

fn looks_like_one<'p, 'c>(program: &'p CSharpProgram<'c>, one: &'p CSharpType<'c>) -> bool {
    let parts = program.parts(one);
    let (bases, outside) = program.bases(&parts);
    let is_marked =
        |part: &&CSharpType<'_>| part.attributes.iter().any(|a| matches!(a.name, "ApiController" | "Controller"));
    outside.is_some_and(is_framework_base) || parts.iter().chain(bases.iter().flatten()).any(is_marked)
}

fn controller<'p, 'c>(program: &'p CSharpProgram<'c>, parts: Vec<&'p CSharpType<'c>>) -> Option<Controller<'p, 'c>> {
    let has = |modifier: &str| parts.iter().any(|part| part.has(modifier));
    let first = *parts.first()?;
    if !has("public") || has("abstract") || has("static") || parts.iter().any(|part| part.is_generic) {
        return None;
    }
    let is_named = first.name.len() > "Controller".len() && first.name.to_ascii_lowercase().ends_with("controller");
    if !is_named && !looks_like_one(program, first) {
        return None;
    }
    let (bases, _) = program.bases(&parts);
    let (mut area, mut area_at) = (None, None);
    for part in parts.iter().chain(bases.iter().flatten()) {
        if part.attributes.iter().any(|attribute| attribute.name == "NonController") {
            return None;
        }
        if area.is_none() {
            let place = ExpressionPlace::within(program, part);
            let found = part.attributes.iter().find(|attribute| attribute.name == "Area");
            area = found.and_then(|found| attribute::meaning(found, &place).value);
            area_at = found.map(|found| part.file.line_at(found.node.start_byte())).map(|at| part.file.lines(at, at));
        }
    }
    let length = first.name.len() - if is_named { "Controller".len() } else { 0 };
    let named_at = line_of_name(first.file, first.node);
    Some(Controller { name: first.name[..length].to_owned(), parts, bases, area, area_at, named_at })
}

impl<'p, 'c> Controller<'p, 'c> {
    /// The templates of the nearest class that has any.
    pub(super) fn templates(&self, program: &'p CSharpProgram<'c>) -> Vec<(Template, Evidence)> {
        for level in std::iter::once(&self.parts).chain(&self.bases) {
            let meant = level.iter().flat_map(|part| meant(program, part, &part.attributes));
            let found: Vec<_> = meant.filter_map(|(meaning, evidence)| Some((meaning.template?, evidence))).collect();
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// The actions of the class and of those that it extends.
    pub(super) fn actions(&self, program: &'p CSharpProgram<'c>) -> Vec<ControllerAction<'c>> {
        let class: Vec<Meant> = self
            .parts
            .iter()
            .chain(self.bases.iter().flatten())
            .flat_map(|part| meant(program, part, &part.attributes))
            .collect();
        let levels: Vec<Vec<CSharpMethod<'p, 'c>>> = std::iter::once(&self.parts)
            .chain(&self.bases)
            .map(|level| level.iter().flat_map(|part| member::methods(part)).collect())
            .collect();
        let mut hidden: BTreeSet<(&str, usize)> = BTreeSet::new();
        let mut out = Vec::new();
        for (at, methods) in levels.iter().enumerate() {
            for method in methods {
                let signature = (method.name, method.parameters.len());
                if at > 0 && hidden.contains(&signature) {
                    continue;
                }
                out.extend(self.action(program, method, &levels[at + 1..], &class));
            }
            let overriding = methods.iter().filter(|method| method.has("override") || method.has("new"));
            hidden.extend(overriding.map(|method| (method.name, method.parameters.len())));
        }
        out
    }

    fn action(
        &self,
        program: &'p CSharpProgram<'c>,
        method: &CSharpMethod<'p, 'c>,
        above: &[Vec<CSharpMethod<'p, 'c>>],
        class: &[Meant],
    ) -> Option<ControllerAction<'c>> {
        if !method.has("public") || method.has("static") || method.has("abstract") || method.is_generic() {
            return None;
        }
        if matches!(method.name, "Dispose" | "DisposeAsync") && method.parameters.is_empty() {
            return None;
        }
        let own = meant(program, method.of, &method.attributes);
        let mut all = own.clone();
        if method.has("override") {
            let same = |other: &&CSharpMethod<'p, 'c>| {
                other.name == method.name && other.parameters.len() == method.parameters.len()
            };
            let overridden: Vec<&CSharpMethod<'p, 'c>> = above.iter().flatten().filter(same).collect();
            // What the framework's own classes let a class override is no action.
            if overridden.is_empty() {
                return None;
            }
            for other in overridden {
                let theirs = meant(program, other.of, &other.attributes);
                let has_route = all.iter().any(|(meaning, _)| meaning.is_route());
                all.extend(theirs.into_iter().filter(|(meaning, _)| !(has_route && meaning.is_route())));
            }
        }
        if all.iter().any(|(meaning, _)| meaning.name == "NonAction") {
            return None;
        }
        let renamed = all.iter().find(|(meaning, _)| meaning.name == "ActionName").and_then(|(m, _)| m.value.clone());
        let plain = method.name.strip_suffix("Async").filter(|short| !short.is_empty()).unwrap_or(method.name);
        let name = renamed.unwrap_or_else(|| plain.to_owned());
        let is_open = all.iter().chain(class).any(|(meaning, _)| meaning.is_anonymous);
        let is_guarded = !is_open && all.iter().chain(class).any(|(meaning, _)| meaning.is_guard);
        let named_at = line_of_name(method.of.file, method.node);
        let selectors = selectors(&all, &named_at);
        Some(ControllerAction { method: method.name, name, selectors, is_guarded, is_open, named_at })
    }

    /// What a token of a template stands for.
    pub(super) fn token(&self, name: &str, action: &str) -> Option<String> {
        match name.to_ascii_lowercase().as_str() {
            "controller" => Some(self.name.clone()),
            "action" => Some(action.to_owned()),
            "area" => self.area.clone(),
            _ => None,
        }
    }
}

/// The line that holds the name of a declaration.
fn line_of_name(file: &SourceFile, node: tree_sitter::Node<'_>) -> Evidence {
    let at = file.line_at(node.field("name").map_or(node.start_byte(), |name| name.start_byte()));
    file.lines(at, at)
}

/// The ways to reach an action, from its attributes: a verb without template goes with each `[Route]`; a verb with a
/// template is a way of its own.
fn selectors(all: &[Meant], signature: &Evidence) -> Vec<Selector> {
    let routes: Vec<&Meant> = all.iter().filter(|(meaning, _)| meaning.template.is_some()).collect();
    let silent: Vec<&Meant> =
        all.iter().filter(|(meaning, _)| meaning.verbs.is_some() && meaning.template.is_none()).collect();
    let verbs = |of: &[&Meant]| -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for verb in of.iter().flat_map(|(meaning, _)| meaning.verbs.clone().unwrap_or_default()) {
            if !out.contains(&verb) {
                out.push(verb);
            }
        }
        out
    };
    let lines = |of: &[&Meant]| -> Vec<Evidence> { of.iter().map(|(_, evidence)| evidence.clone()).collect() };
    if routes.is_empty() {
        let evidence = if silent.is_empty() { vec![signature.clone()] } else { lines(&silent) };
        return vec![Selector { verbs: verbs(&silent), template: None, evidence }];
    }
    let mut out = Vec::new();
    for route in &routes {
        // A `[Route]` takes every verb that stands alone.
        let with: Vec<&Meant> = match route.0.verbs {
            Some(_) => vec![route],
            None => std::iter::once(*route).chain(silent.iter().copied()).collect(),
        };
        out.push(Selector { verbs: verbs(&with), template: route.0.template.clone(), evidence: lines(&with) });
    }
    let is_grouped = routes.iter().any(|(meaning, _)| meaning.verbs.is_none());
    if !silent.is_empty() && !is_grouped {
        out.push(Selector { verbs: verbs(&silent), template: None, evidence: lines(&silent) });
    }
    out
}

fn meant<'p, 'c>(
    program: &'p CSharpProgram<'c>,
    of: &'p CSharpType<'c>,
    attributes: &[CSharpAttribute<'c>],
) -> Vec<Meant> {
    if attributes.is_empty() {
        return Vec::new();
    }
    let place = ExpressionPlace::within(program, of);
    let lines = |attribute: &CSharpAttribute<'c>| {
        let range = attribute.node.byte_range();
        of.file.lines(of.file.line_at(range.start), of.file.line_at(range.end.saturating_sub(1)))
    };
    attributes.iter().map(|one| (attribute::meaning(one, &place), lines(one))).collect()
}

/// The template of a class and that of an action as one, tokens replaced.
pub(super) fn full(
    controller: &Controller<'_, '_>,
    action: &str,
    above: Option<&Template>,
    own: Option<&Template>,
    applied: &Applied,
) -> Template {
    let own = own.cloned().transpose()?.unwrap_or_default();
    let above = match above {
        Some(above) if !template::is_absolute(&own) => above.clone()?,
        _ => String::new(),
    };
    let joined = template::combine(&above, &own);
    template::tokens(&joined, |name| applied.token(controller.token(name, action)?))
        .map_err(|token| format!("nothing says what `[{token}]` stands for"))
}
