//! The functions of a program that may register routes, with the parameters that are builders.

use crate::budget::MAX_SYNTAX_DEPTH;
use crate::syntax::node::NodeExt as _;
use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::extract::endpoint::aspnet::attribute::Template;
use crate::lang::csharp::CSharpProgram;
use crate::lang::csharp::lower::{CSharpType, flat};
use crate::lang::csharp::member::arguments;
use crate::lang::csharp::text::ExpressionPlace as Scope;
use crate::syntax::literal::text;
use crate::tree::file::SourceFile;

/// Types that routes are registered on.
const BUILDERS: [&str; 7] = [
    "IEndpointRouteBuilder",
    "RouteGroupBuilder",
    "WebApplication",
    "IApplicationBuilder",
    "IVersionedEndpointRouteBuilder",
    "IRouteBuilder",
    "ApplicationBuilder",
];

/// A method, a local function, or the statements of a file outside of any.
pub(super) struct HandlerFunction<'p, 'c> {
    pub(super) file: &'c SourceFile,
    /// The type around it.
    pub(super) within: &'p CSharpType<'c>,
    pub(super) node: Node<'c>,
    pub(super) name: &'c str,
    pub(super) parameters: Vec<HandlerParameter<'c>>,
    /// The names of its type parameters.
    pub(super) types: Vec<&'c str>,
}

pub(super) struct HandlerParameter<'c> {
    pub(super) name: &'c str,
    /// The type without its arguments.
    pub(super) of: &'c str,
    /// `this`: the function can be called on it.
    pub(super) is_receiver: bool,
    /// What it is where nothing is given.
    pub(super) default: Option<Node<'c>>,
}

impl HandlerParameter<'_> {
    pub(super) fn is_text(&self) -> bool {
        matches!(self.of, "string" | "String")
    }

    pub(super) fn is_builder(&self) -> bool {
        BUILDERS.contains(&self.of)
    }
}

impl<'p, 'c> HandlerFunction<'p, 'c> {
    /// The whole declaration as text.
    pub(super) fn text(&self) -> &'c str {
        text(self.node, self.file.bytes())
    }

    /// Whether its class extends or implements a type that this text names.
    pub(super) fn is_kind_named_in(&self, written: &str) -> bool {
        self.within.bases.iter().any(|base| has_word(written, simple(base)))
    }

    /// The places of the parameters that are builders.
    pub(super) fn builders(&self) -> impl Iterator<Item = usize> {
        self.parameters.iter().enumerate().filter(|(_, one)| one.is_builder()).map(|(at, _)| at)
    }

    /// The prefix that a module of Carter hands to its base class.
    pub(super) fn own_prefix(&self, program: &'p CSharpProgram<'c>) -> Template {
        if !self.within.bases.iter().any(|base| simple(base) == "CarterModule") {
            return Ok(String::new());
        }
        let place = Scope::within(program, self.within);
        for member in self.within.members().into_iter().filter(|one| one.kind() == "constructor_declaration") {
            let base = flat(member).into_iter().find(|part| part.kind() == "constructor_initializer");
            let list = base.and_then(|base| flat(base).into_iter().find(|part| part.kind() == "argument_list"));
            if let Some(first) = list.and_then(|list| arguments(list, self.file.bytes()).first().copied()) {
                return place.text(first.value).ok_or_else(|| "the prefix of its module is computed".to_owned());
            }
        }
        Ok(String::new())
    }

    /// Whether the framework, or somebody who is not followed, calls it with the application itself.
    pub(super) fn is_root(&self, parameter: usize, program: &CSharpProgram<'_>) -> bool {
        let of = self.parameters[parameter].of;
        let is_application = matches!(of, "WebApplication" | "IApplicationBuilder" | "ApplicationBuilder");
        // `Startup.Configure`, and the modules that the framework calls itself.
        let by_framework = self.name == "Configure"
            || (self.name == "AddRoutes" && self.within.bases.iter().any(|base| base.ends_with("CarterModule")));
        by_framework || (is_application && program.is_called(self.name))
    }
}

/// Every function in the files that hold one of these texts.
pub(super) fn all<'p, 'c>(program: &'p CSharpProgram<'c>, patterns: &[&str]) -> Vec<HandlerFunction<'p, 'c>> {
    let mut out = Vec::new();
    for (file, types) in program.declarations_with(patterns) {
        for within in types {
            if within.node.kind() == "compilation_unit" {
                out.push(HandlerFunction {
                    file,
                    within,
                    node: within.node,
                    name: "",
                    parameters: Vec::new(),
                    types: Vec::new(),
                });
                for child in flat(within.node).into_iter().filter(|child| child.kind() == "global_statement") {
                    locals(child, file, within, &mut out, 0);
                }
                continue;
            }
            for member in within.members() {
                if matches!(member.kind(), "method_declaration" | "constructor_declaration") {
                    out.push(function(member, file, within));
                    locals(member, file, within, &mut out, 0);
                }
            }
        }
    }
    out
}

fn locals<'p, 'c>(
    node: Node<'c>,
    file: &'c SourceFile,
    within: &'p CSharpType<'c>,
    out: &mut Vec<HandlerFunction<'p, 'c>>,
    depth: usize,
) {
    for child in node.inner().filter(|_| depth < MAX_SYNTAX_DEPTH) {
        if child.kind() == "local_function_statement" {
            out.push(function(child, file, within));
        }
        if matches!(child.kind(), "block" | "local_function_statement") || child.kind().ends_with("_statement") {
            locals(child, file, within, out, depth + 1);
        }
    }
}

fn function<'p, 'c>(node: Node<'c>, file: &'c SourceFile, within: &'p CSharpType<'c>) -> HandlerFunction<'p, 'c> {
    let bytes = file.bytes();
    let list = node.field("parameters").map(flat).unwrap_or_default();
    let parameters = list.into_iter().filter(|one| one.kind() == "parameter").map(|one| HandlerParameter {
        name: one.field("name").map_or("", |name| text(name, bytes)),
        of: one.field("type").map_or("", |of| simple(text(of, bytes))),
        is_receiver: flat(one).iter().any(|part| part.kind() == "modifier" && text(*part, bytes) == "this"),
        default: flat(one)
            .into_iter()
            .last()
            .filter(|last| one.field("name").is_some_and(|name| name.end_byte() <= last.start_byte())),
    });
    let parameters = parameters.collect();
    let name = node.field("name").map_or("", |name| text(name, bytes));
    let types = node.field("type_parameters").map(flat).unwrap_or_default();
    let types = types.into_iter().map(|one| text(one, bytes)).collect();
    HandlerFunction { file, within, node, name, parameters, types }
}

/// Whether a text holds a name as a word of its own.
fn has_word(written: &str, name: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    !name.is_empty()
        && written
            .match_indices(name)
            .any(|(at, _)| !written[..at].ends_with(is_part) && !written[at + name.len()..].starts_with(is_part))
}

/// `Microsoft.AspNetCore.Builder.WebApplication?` as `WebApplication`.
fn simple(of: &str) -> &str {
    let of = of.trim_end_matches('?').split('<').next().unwrap_or(of);
    of.rsplit('.').next().unwrap_or(of)
}

/// The functions that a call by this name with a builder at this place means: on a builder (`receiver`), or as an
/// argument.
pub(super) fn candidates(
    all: &[HandlerFunction<'_, '_>],
    by_name: &BTreeMap<&str, Vec<usize>>,
    program: &CSharpProgram<'_>,
    (name, receiver, caller): (&str, &str, usize),
    place: BuilderPlace,
) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    for at in by_name.get(name).map(Vec::as_slice).unwrap_or_default() {
        let function = &all[*at];
        let is_extension = function.parameters.first().is_some_and(|first| first.is_receiver);
        let parameter = match place {
            BuilderPlace::Receiver if is_extension => 0,
            BuilderPlace::Receiver => continue,
            BuilderPlace::Argument { at, on_builder } if is_extension && on_builder => at + 1,
            BuilderPlace::Argument { at, .. } => at,
        };
        if function.parameters.get(parameter).is_some_and(HandlerParameter::is_builder) {
            out.push((*at, parameter));
        }
    }
    let last = receiver.rsplit('.').next().unwrap_or(receiver);
    let of_class: Vec<(usize, usize)> = out.iter().copied().filter(|(at, _)| all[*at].within.name == last).collect();
    if !of_class.is_empty() {
        return of_class;
    }
    // A plain name is a function of the same class, if there is one.
    if receiver.is_empty() {
        let own = |at: usize| all[at].within.node.id() == all[caller].within.node.id();
        let same: Vec<(usize, usize)> = out.iter().copied().filter(|(at, _)| own(*at)).collect();
        if !same.is_empty() {
            return same;
        }
    }
    if !matches!(place, BuilderPlace::Receiver) {
        // A class that is a parameter (`T.Map(app)`) is known where the function is called.
        if all[caller].types.contains(&receiver) {
            return Vec::new();
        }
        let written = all[caller].text();
        let named: Vec<(usize, usize)> =
            out.iter().copied().filter(|(at, _)| all[*at].is_kind_named_in(written)).collect();
        if !named.is_empty() {
            return named;
        }
    }
    let project = program.projects.folder_of(all[caller].file);
    let near: Vec<(usize, usize)> =
        out.iter().copied().filter(|(at, _)| program.projects.folder_of(all[*at].file) == project).collect();
    // Implementations of an interface lie anywhere; of functions with one name the own project's is meant.
    if near.is_empty() || !matches!(place, BuilderPlace::Receiver) { out } else { near }
}

/// Where a builder stands in a call.
#[derive(Debug, Clone, Copy)]
pub(super) enum BuilderPlace {
    Receiver,
    Argument { at: usize, on_builder: bool },
}
