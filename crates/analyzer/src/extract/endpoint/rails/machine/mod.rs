//! Runs a route file: statements, branches, loops over literal lists, methods and constants of the file. Bounded by
//! steps and depth; everything that is not known stays unknown, and both branches of an unknown condition are taken.

mod argument;
mod declared;
mod place;
mod variable;

pub(super) use declared::{added_methods, engines};

use crate::syntax::node::NodeExt as _;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tree_sitter::Node;

use super::apis::{Apis, Dialect};
use super::application::Application;
use super::scope::{RouteScope, Site};
use super::value::{RubyBlock, RubyValue};
use crate::fact::Unresolved;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Evaluated nodes of one application.
const MAX_DRAW_STEPS: usize = 500_000;
/// Blocks, methods and files inside each other.
const MAX_DRAW_DEPTH: usize = 150;
/// Routes of one application; the largest ones have some five thousand.
const MAX_DRAWN: usize = 10_000;
/// Routes that one line draws; a concern that is used by each resource is drawn some hundred times.
const MAX_DRAWN_BY_LINE: usize = 1_000;

/// A route that was drawn.
#[derive(Default)]
pub(super) struct Drawn<'c> {
    pub(super) framework: &'static str,
    pub(super) method: String,
    /// As the router has it, with its optional parts.
    pub(super) path: String,
    pub(super) handler: Option<String>,
    pub(super) is_guarded: bool,
    /// The registration first, then what stands around it; [`RouteMachine::draw`] fills it in.
    pub(super) sites: Vec<Site<'c>>,
}

/// An engine that is mounted somewhere.
pub(super) struct MountedEngine<'c> {
    pub(super) engine: String,
    pub(super) scope: RouteScope<'c>,
}

/// Whose routes are drawn while a file is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DrawTarget {
    /// Those of the application.
    Application,
    /// Those of the engine of this name, where it is mounted.
    Engine(String),
}

pub(super) struct RouteMachine<'c, 'a> {
    pub(super) corpus: &'c Corpus,
    pub(super) application: &'a Application<'c>,
    pub(super) apis: &'a Apis<'c>,
    pub(super) dialect: Dialect,
    /// The classes that are being read, and those that were.
    pub(super) open_apis: Vec<String>,
    pub(super) reached: BTreeSet<String>,
    pub(super) target: DrawTarget,
    pub(super) scope: Rc<RouteScope<'c>>,
    /// Whether a block of routes is open.
    pub(super) is_drawing: bool,
    /// The scope that the routes of a file start in.
    pub(super) base: Rc<RouteScope<'c>>,
    /// Local variables, the innermost block last.
    pub(super) frames: Vec<Vec<(String, RubyValue<'c>)>>,
    pub(super) constants: BTreeMap<String, RubyValue<'c>>,
    /// Where they stand.
    pub(super) constant_sites: BTreeMap<String, Site<'c>>,
    pub(super) methods: BTreeMap<String, RubyBlock<'c>>,
    pub(super) concerns: BTreeMap<String, RubyValue<'c>>,
    pub(super) file: &'c SourceFile,
    pub(super) drawn: Vec<Drawn<'c>>,
    /// How many of them each line drew.
    drawn_by: BTreeMap<(&'c str, u32), usize>,
    pub(super) mounts: Vec<MountedEngine<'c>>,
    pub(super) unresolved: Vec<Unresolved>,
    pub(super) steps: usize,
    pub(super) depth: usize,
}

impl<'c, 'a> RouteMachine<'c, 'a> {
    pub(super) fn new(
        corpus: &'c Corpus,
        application: &'a Application<'c>,
        apis: &'a Apis<'c>,
        target: DrawTarget,
        base: RouteScope<'c>,
        file: &'c SourceFile,
    ) -> Self {
        Self {
            corpus,
            application,
            apis,
            dialect: Dialect::Rails,
            open_apis: Vec::new(),
            reached: BTreeSet::new(),
            target,
            scope: Rc::new(RouteScope::default()),
            is_drawing: false,
            base: Rc::new(base),
            frames: vec![Vec::new()],
            constants: BTreeMap::new(),
            constant_sites: BTreeMap::new(),
            methods: application.methods.clone(),
            concerns: BTreeMap::new(),
            file,
            drawn: Vec::new(),
            drawn_by: BTreeMap::new(),
            mounts: Vec::new(),
            unresolved: Vec::new(),
            steps: 0,
            depth: 0,
        }
    }

    /// Run a whole file.
    pub(super) fn run(&mut self, file: &'c SourceFile) {
        let Some(parsed) = file.syntax() else { return };
        let before = std::mem::replace(&mut self.file, file);
        self.body(parsed.tree.root_node());
        if self.depth == 0 && !self.has_room() {
            let reason = "what this file draws unfolds to more than is followed: routes may be missing";
            self.open(reason.to_owned(), Site { file, lines: (1, 1) });
        }
        self.file = before;
    }

    /// Run the statements of a node; the value is that of the last one.
    pub(super) fn body(&mut self, node: Node<'c>) -> RubyValue<'c> {
        let mut last = RubyValue::Nil;
        for child in node.inner() {
            if child.is_extra() || matches!(child.kind(), "block_parameters" | "method_parameters") {
                continue;
            }
            last = self.statement(child);
        }
        last
    }

    /// One statement: an expression whose value may be of no interest, so that a call that is not known here may be
    /// one that makes routes.
    fn statement(&mut self, node: Node<'c>) -> RubyValue<'c> {
        match node.kind() {
            "identifier" | "call" => self.call(node, true),
            _ => self.eval(node),
        }
    }

    /// Whether there is room for one more step; says no for good once the bound is reached.
    pub(super) fn spend(&mut self) -> bool {
        self.steps += 1;
        self.has_room() && self.depth < MAX_DRAW_DEPTH
    }

    fn has_room(&self) -> bool {
        self.steps < MAX_DRAW_STEPS && self.drawn.len() < MAX_DRAWN
    }

    /// A route, with its registration; what stands around it is cited too.
    pub(super) fn draw(&mut self, mut route: Drawn<'c>, site: Site<'c>) {
        let count = self.drawn_by.entry((site.file.path.as_str(), site.lines.0)).or_default();
        *count += 1;
        if *count > MAX_DRAWN_BY_LINE {
            if *count == MAX_DRAWN_BY_LINE + 1 {
                let reason = format!("drawn more than {MAX_DRAWN_BY_LINE} times: the other routes are not stated");
                self.open(reason, site);
            }
            return;
        }
        route.sites = std::iter::once(site).chain(self.scope.sites.iter().copied()).collect();
        self.drawn.push(route);
    }

    /// Run a block with these values for its parameters.
    pub(super) fn invoke(&mut self, block: RubyBlock<'c>, values: &[RubyValue<'c>]) -> RubyValue<'c> {
        if !self.spend() {
            return RubyValue::Unknown("too deep".to_owned());
        }
        self.depth += 1;
        let before = std::mem::replace(&mut self.file, block.file);
        self.frames.push(Vec::new());
        if let Some(parameters) = block.node.field("parameters") {
            self.bind(parameters, values);
        }
        let value = match block.node.field("body") {
            Some(body) if matches!(body.kind(), "body_statement" | "block_body" | "block" | "do_block") => {
                match body.field("body").filter(|_| matches!(body.kind(), "block" | "do_block")) {
                    Some(inner) => self.body(inner),
                    None => self.body(body),
                }
            }
            // `def a = b`
            Some(body) => self.statement(body),
            None => RubyValue::Nil,
        };
        self.frames.pop();
        self.file = before;
        self.depth -= 1;
        value
    }

    /// The block of a call, run here; the mapper is its parameter.
    pub(super) fn yield_to(&mut self, block: Option<RubyBlock<'c>>) {
        if let Some(block) = block {
            self.invoke(block, &[RubyValue::Mapper(Vec::new())]);
        }
    }
}
