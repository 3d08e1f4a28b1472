//! Routes that calls on a builder register (`MapGet`, `MapGroup`, `MapControllers`), with the prefixes of the groups
//! that they are called on. Functions that take a builder are followed by their name; each is read once, relative to
//! its parameters, and joined with what it is called with. A function that nobody calls gives no facts.

mod calls;
mod function;
mod register;
mod walk;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::attribute::Template;
use crate::lang::csharp::CSharpProgram;
use crate::tree::file::SourceFile;
use ci_feed_dossier::evidence::Evidence;
use function::HandlerFunction;

/// Ways to reach one function.
const MAX_CONTEXTS: usize = 64;
/// All ways together.
const MAX_WALK_STEPS: usize = 100_000;
/// Functions inside functions.
const MAX_FUNCTION_CALLS: usize = 40;

/// Texts without which a file neither registers a route nor hands a builder on.
const PATTERNS: [&str; 24] = [
    "MapGet",
    "MapPost",
    "MapPut",
    "MapDelete",
    "MapPatch",
    "MapMethods",
    "MapGroup",
    "MapController",
    "MapHealthChecks",
    "MapDefaultController",
    "MapAreaController",
    "MapIdentityApi",
    "MapRazorPages",
    "MapRoute(",
    "MapAreaRoute(",
    "UseEndpoints",
    "UseMvc",
    "IEndpointRouteBuilder",
    "RouteGroupBuilder",
    "WebApplication",
    "IApplicationBuilder",
    "ICarterModule",
    "CarterModule",
    "IRouteBuilder",
];

/// Where a builder comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    /// The application itself.
    Root,
    /// A parameter of the function.
    Parameter(usize),
}

/// Something that routes are registered on.
#[derive(Debug, Clone)]
struct Builder {
    origin: Origin,
    prefix: Template,
    /// The groups that it is in.
    evidence: Vec<Evidence>,
    is_guarded: bool,
    is_open: bool,
    /// Where it is handed to a function: what that is given for its parameters of text, by name.
    texts: BTreeMap<String, Template>,
}

impl Builder {
    fn new(origin: Origin) -> Self {
        Self {
            origin,
            prefix: Ok(String::new()),
            evidence: Vec::new(),
            is_guarded: false,
            is_open: false,
            texts: BTreeMap::new(),
        }
    }

    /// This one, with what its parameter stands for.
    fn inside(&self, outer: &Self) -> Self {
        let evidence = self.evidence.iter().chain(&outer.evidence).cloned().collect();
        Self {
            origin: outer.origin,
            prefix: join(&outer.prefix, &outer.filled(&self.prefix)),
            evidence,
            is_guarded: self.is_guarded || outer.is_guarded,
            is_open: self.is_open || outer.is_open,
            texts: self.texts.iter().map(|(name, text)| (name.clone(), outer.filled(text))).collect(),
        }
    }
}

impl Builder {
    /// A text of the function that this one is handed to, with what that is given in place of its parameters.
    fn filled(&self, template: &Template) -> Template {
        let template = template.as_ref().map_err(Clone::clone)?;
        let mut out = String::new();
        for (at, part) in template.split(HOLE).enumerate() {
            if at % 2 == 0 {
                out.push_str(part);
                continue;
            }
            let computed = || format!("`{part}` is computed");
            let given = self.texts.get(part).ok_or_else(computed)?.as_ref().map_err(Clone::clone)?;
            // The caller was given it itself, and no call of the caller was found.
            if given.contains(HOLE) {
                return Err(computed());
            }
            let joins = out.ends_with('/') || out.is_empty();
            out.push_str(if joins { given.trim_start_matches('/') } else { given });
        }
        Ok(out)
    }
}

/// Stands before and behind the name of a parameter in a text that holds its value.
const HOLE: char = '\u{1}';

fn hole(parameter: &str) -> String {
    format!("{HOLE}{parameter}{HOLE}")
}

/// What is registered.
#[derive(Debug, Clone)]
pub(super) enum RegistrationKind {
    /// One route: verbs (none: every one), path, handler.
    Route { verbs: Vec<String>, path: Template, handler: Option<String> },
    /// The controllers that attributes give routes.
    Controllers,
    /// A pattern over the names of controllers and actions, with values that it fixes; the controllers of attributes
    /// as well.
    Conventional { pattern: Template, defaults: BTreeMap<String, String> },
}

impl RegistrationKind {
    fn filled(&self, on: &Builder) -> Self {
        match self.clone() {
            Self::Route { verbs, path, handler } => Self::Route { verbs, path: on.filled(&path), handler },
            Self::Controllers => Self::Controllers,
            Self::Conventional { pattern, defaults } => Self::Conventional { pattern: on.filled(&pattern), defaults },
        }
    }
}

/// A registration on the application.
pub(super) struct Mapped<'c> {
    pub(super) what: RegistrationKind,
    pub(super) file: &'c SourceFile,
    pub(super) prefix: Template,
    /// The registration, then the groups around it.
    pub(super) evidence: Vec<Evidence>,
    pub(super) is_guarded: bool,
    pub(super) is_open: bool,
    /// Whether nobody is seen to call the function that it stands in.
    pub(super) is_loose: bool,
}

struct Registered {
    what: RegistrationKind,
    on: Builder,
    evidence: Evidence,
}

/// A call of a function of the program with a builder.
struct Call {
    callee: usize,
    parameter: usize,
    with: Builder,
}

/// What one function does, relative to its parameters.
#[derive(Default)]
struct Summary {
    registered: Vec<Registered>,
    calls: Vec<Call>,
    returns: Option<Builder>,
}

/// The functions of the program, each read once.
struct Functions<'p, 'c> {
    program: &'p CSharpProgram<'c>,
    all: Vec<HandlerFunction<'p, 'c>>,
    by_name: BTreeMap<&'c str, Vec<usize>>,
    read: RefCell<BTreeMap<usize, Option<Rc<Summary>>>>,
}

impl<'p, 'c> Functions<'p, 'c> {
    /// What a function does; `None` while it is being read (it calls itself).
    fn summary(&self, at: usize, depth: usize) -> Option<Rc<Summary>> {
        if let Some(known) = self.read.borrow().get(&at) {
            return known.clone();
        }
        if depth > MAX_FUNCTION_CALLS {
            return None;
        }
        self.read.borrow_mut().insert(at, None);
        let summary = Rc::new(walk::read(self, at, depth));
        self.read.borrow_mut().insert(at, Some(Rc::clone(&summary)));
        Some(summary)
    }
}

/// Two paths as one.
pub(super) fn join(prefix: &Template, own: &Template) -> Template {
    let (prefix, own) = (prefix.as_ref().map_err(Clone::clone)?, own.as_ref().map_err(Clone::clone)?);
    let (prefix, own) = (prefix.trim_matches('/'), own.trim_matches('/'));
    Ok(if prefix.is_empty() || own.is_empty() { format!("{prefix}{own}") } else { format!("{prefix}/{own}") })
}

/// Every registration of the program.
pub(super) fn read<'c>(program: &CSharpProgram<'c>) -> Vec<Mapped<'c>> {
    let all = function::all(program, &PATTERNS);
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, function) in all.iter().enumerate() {
        by_name.entry(function.name).or_default().push(at);
    }
    let functions = Functions { program, all, by_name, read: RefCell::new(BTreeMap::new()) };
    let summaries: Vec<Option<Rc<Summary>>> = (0..functions.all.len()).map(|at| functions.summary(at, 0)).collect();
    let mut contexts: BTreeMap<(usize, usize), Vec<Builder>> = BTreeMap::new();
    let mut open: Vec<(usize, usize, Builder)> = Vec::new();
    for summary in summaries.iter().flatten() {
        let roots = summary.calls.iter().filter(|call| call.with.origin == Origin::Root);
        open.extend(roots.map(|call| (call.callee, call.parameter, call.with.clone())));
    }
    follow(&summaries, &mut open, &mut contexts);
    // An application's own builder has no prefix, whoever calls the function.
    for (at, function) in functions.all.iter().enumerate() {
        for parameter in function.builders() {
            let is_reached = contexts.contains_key(&(at, parameter));
            if !is_reached && function.is_root(parameter, program) {
                let mut root = Builder::new(Origin::Root);
                root.prefix = function.own_prefix(program);
                open.push((at, parameter, root));
            }
        }
    }
    follow(&summaries, &mut open, &mut contexts);
    let mut out = Vec::new();
    for (at, summary) in summaries.iter().enumerate() {
        for one in summary.iter().flat_map(|summary| &summary.registered) {
            let file = functions.all[at].file;
            let mapped = |on: Builder, what: RegistrationKind, is_loose: bool| Mapped {
                what,
                file,
                prefix: on.prefix,
                evidence: std::iter::once(one.evidence.clone()).chain(on.evidence).collect(),
                is_guarded: on.is_guarded,
                is_open: on.is_open,
                is_loose,
            };
            // Nothing is given for its parameters.
            let nothing = Builder::new(Origin::Root);
            let alone = |is_loose| mapped(one.on.inside(&nothing), one.what.filled(&nothing), is_loose);
            match one.on.origin {
                Origin::Root => out.push(alone(false)),
                Origin::Parameter(parameter) => match contexts.get(&(at, parameter)) {
                    Some(outer) => {
                        out.extend(
                            outer.iter().map(|outer| mapped(one.on.inside(outer), one.what.filled(outer), false)),
                        );
                    }
                    None => out.push(alone(true)),
                },
            }
        }
    }
    out
}

/// Hand builders on through the calls, until nothing new is reached.
fn follow(
    summaries: &[Option<Rc<Summary>>],
    open: &mut Vec<(usize, usize, Builder)>,
    contexts: &mut BTreeMap<(usize, usize), Vec<Builder>>,
) {
    let mut seen = BTreeSet::new();
    let mut steps = 0;
    while let Some((at, parameter, builder)) = open.pop() {
        steps += 1;
        let known = contexts.entry((at, parameter)).or_default();
        let is_new = seen.insert((at, parameter, builder.prefix.clone(), builder.is_guarded, builder.texts.clone()));
        if steps > MAX_WALK_STEPS || known.len() >= MAX_CONTEXTS || !is_new {
            continue;
        }
        known.push(builder.clone());
        let calls = summaries[at].iter().flat_map(|summary| &summary.calls);
        for call in calls.filter(|call| call.with.origin == Origin::Parameter(parameter)) {
            open.push((call.callee, call.parameter, call.with.inside(&builder)));
        }
    }
}
