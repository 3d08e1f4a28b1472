//! Runs a route file: statements, branches, loops over literal lists, methods and constants of the file. Bounded by
//! steps and depth; everything that is not known stays unknown, and both branches of an unknown condition are taken.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tree_sitter::Node;

use super::application::Application;
use super::rack::Apis;
use super::scope::{Scope, Site};
use super::value::{Arguments, Block, Value};
use crate::analyzer::corpus::Corpus;
use crate::analyzer::fact::{FactKind, Unresolved};
use crate::analyzer::file::SourceFile;
use crate::analyzer::syntax::literal::text;

/// Evaluated nodes of one application.
const MAX_STEPS: usize = 2_000_000;
/// Blocks, methods and files inside each other.
const MAX_DEPTH: usize = 150;
/// Routes of one application.
const MAX_ROUTES: usize = 50_000;

/// A route that was drawn.
pub(super) struct Drawn<'c> {
    pub(super) framework: &'static str,
    pub(super) method: String,
    /// As the router has it, with its optional parts.
    pub(super) path: String,
    pub(super) handler: Option<String>,
    pub(super) is_guarded: bool,
    /// The registration first, then what stands around it.
    pub(super) sites: Vec<Site<'c>>,
}

/// An engine that is mounted somewhere.
pub(super) struct Mount<'c> {
    pub(super) engine: String,
    pub(super) scope: Scope<'c>,
}

/// What the words without a receiver mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// The route files of Rails.
    Rails,
    /// `config.ru`.
    Rack,
    Grape,
    Sinatra,
}

/// Whose routes are drawn while a file is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Those of the application.
    Application,
    /// Those of the engine of this name, where it is mounted.
    Engine(String),
}

pub(super) struct Machine<'c, 'a> {
    pub(super) corpus: &'c Corpus,
    pub(super) application: &'a Application<'c>,
    pub(super) apis: &'a Apis<'c>,
    pub(super) dialect: Dialect,
    /// The classes that are being read, and those that were.
    pub(super) open_apis: Vec<String>,
    pub(super) reached: BTreeSet<String>,
    pub(super) target: Target,
    pub(super) scope: Rc<Scope<'c>>,
    /// Whether a block of routes is open.
    pub(super) is_drawing: bool,
    /// The scope that the routes of a file start in.
    pub(super) base: Rc<Scope<'c>>,
    /// Local variables, the innermost block last.
    pub(super) frames: Vec<Vec<(String, Value<'c>)>>,
    pub(super) constants: BTreeMap<String, Value<'c>>,
    /// Where they stand.
    pub(super) constant_sites: BTreeMap<String, Site<'c>>,
    pub(super) methods: BTreeMap<String, Block<'c>>,
    pub(super) concerns: BTreeMap<String, Value<'c>>,
    pub(super) file: &'c SourceFile,
    pub(super) drawn: Vec<Drawn<'c>>,
    pub(super) mounts: Vec<Mount<'c>>,
    pub(super) unresolved: Vec<Unresolved>,
    pub(super) steps: usize,
    pub(super) depth: usize,
}

impl<'c, 'a> Machine<'c, 'a> {
    pub(super) fn new(
        corpus: &'c Corpus,
        application: &'a Application<'c>,
        apis: &'a Apis<'c>,
        target: Target,
        base: Scope<'c>,
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
            scope: Rc::new(Scope::default()),
            is_drawing: false,
            base: Rc::new(base),
            frames: vec![Vec::new()],
            constants: BTreeMap::new(),
            constant_sites: BTreeMap::new(),
            methods: application.methods.clone(),
            concerns: BTreeMap::new(),
            file,
            drawn: Vec::new(),
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
        self.file = before;
    }

    /// Run the statements of a node; the value is that of the last one.
    pub(super) fn body(&mut self, node: Node<'c>) -> Value<'c> {
        let mut last = Value::Nil;
        let mut cursor = node.walk();
        let children: Vec<Node<'c>> = node.named_children(&mut cursor).collect();
        for child in children {
            if child.is_extra() || matches!(child.kind(), "block_parameters" | "method_parameters") {
                continue;
            }
            last = self.statement(child);
        }
        last
    }

    /// One statement: an expression whose value may be of no interest, so that a call that is not known here may be
    /// one that makes routes.
    fn statement(&mut self, node: Node<'c>) -> Value<'c> {
        match node.kind() {
            "identifier" | "call" => self.call(node, true),
            _ => self.eval(node),
        }
    }

    /// Whether there is room for one more step; says no for good once the bound is reached.
    pub(super) fn spend(&mut self) -> bool {
        self.steps += 1;
        self.steps < MAX_STEPS && self.depth < MAX_DEPTH && self.drawn.len() < MAX_ROUTES
    }

    /// Run a block with these values for its parameters.
    pub(super) fn invoke(&mut self, block: Block<'c>, values: &[Value<'c>]) -> Value<'c> {
        if !self.spend() {
            return Value::Unknown("too deep".to_owned());
        }
        self.depth += 1;
        let before = std::mem::replace(&mut self.file, block.file);
        self.frames.push(Vec::new());
        if let Some(parameters) = block.node.child_by_field_name("parameters") {
            self.bind(parameters, values);
        }
        let value = match block.node.child_by_field_name("body") {
            Some(body) if matches!(body.kind(), "body_statement" | "block_body" | "block" | "do_block") => {
                match body.child_by_field_name("body").filter(|_| matches!(body.kind(), "block" | "do_block")) {
                    Some(inner) => self.body(inner),
                    None => self.body(body),
                }
            }
            // `def a = b`
            Some(body) => self.statement(body),
            None => Value::Nil,
        };
        self.frames.pop();
        self.file = before;
        self.depth -= 1;
        value
    }

    fn bind(&mut self, parameters: Node<'c>, values: &[Value<'c>]) {
        let bytes = self.file.bytes();
        let mut cursor = parameters.walk();
        let nodes: Vec<Node<'c>> = parameters.named_children(&mut cursor).collect();
        // One list for several parameters is taken apart.
        let spread = match values {
            [Value::List(items)] if nodes.len() > 1 => Some(items.clone()),
            _ => None,
        };
        let values = spread.as_deref().unwrap_or(values);
        let options = values.last().and_then(|last| match last {
            Value::Map(pairs) => Some(pairs.clone()),
            _ => None,
        });
        for (at, node) in nodes.into_iter().enumerate() {
            let given = values.get(at).cloned();
            let (name, value) = match node.kind() {
                // What is not given here is given by what is not known.
                "identifier" => {
                    let name = text(node, bytes).to_owned();
                    let value = given.unwrap_or_else(|| Value::Unknown(name.clone()));
                    (name, value)
                }
                "optional_parameter" | "keyword_parameter" => {
                    let Some(name) = node.child_by_field_name("name") else { continue };
                    let name = text(name, bytes).to_owned();
                    let named = || {
                        let pairs = options.as_ref()?;
                        let own = |key: &Value<'_>| matches!(key, Value::Symbol(key) if *key == name);
                        pairs.iter().find(|(key, _)| own(key)).map(|(_, value)| value.clone())
                    };
                    let given = if node.kind() == "keyword_parameter" { named() } else { given };
                    let default = node.child_by_field_name("value");
                    let value = match (given, default) {
                        (Some(given), _) => given,
                        (None, Some(default)) => self.eval(default),
                        (None, None) => Value::Unknown(name.clone()),
                    };
                    (name, value)
                }
                "splat_parameter" => {
                    let Some(name) = node.child_by_field_name("name") else { continue };
                    (text(name, bytes).to_owned(), Value::List(values.get(at..).unwrap_or_default().to_vec()))
                }
                "hash_splat_parameter" => {
                    let Some(name) = node.child_by_field_name("name") else { continue };
                    (text(name, bytes).to_owned(), Value::Map(options.clone().unwrap_or_default()))
                }
                "destructured_parameter" => {
                    self.bind(node, &given.map(|given| vec![given]).unwrap_or_default());
                    continue;
                }
                _ => continue,
            };
            self.set_here(name, value);
        }
    }

    /// Set a local variable of the innermost block.
    fn set_here(&mut self, name: String, value: Value<'c>) {
        if let Some(frame) = self.frames.last_mut() {
            frame.retain(|(known, _)| *known != name);
            frame.push((name, value));
        }
    }

    /// Set a local variable where it is, or in the innermost block.
    pub(super) fn set(&mut self, name: &str, value: Value<'c>) {
        for frame in self.frames.iter_mut().rev() {
            if let Some(known) = frame.iter_mut().find(|(known, _)| known == name) {
                known.1 = value;
                return;
            }
        }
        self.set_here(name.to_owned(), value);
    }

    /// The value of a local variable.
    pub(super) fn local(&self, name: &str) -> Option<&Value<'c>> {
        self.frames.iter().rev().find_map(|frame| frame.iter().find(|(known, _)| known == name).map(|(_, value)| value))
    }

    /// Do something inside a scope.
    pub(super) fn within<R>(&mut self, scope: Scope<'c>, inside: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.scope, Rc::new(scope));
        let result = inside(self);
        self.scope = before;
        result
    }

    /// The block of a call, run here; the mapper is its parameter.
    pub(super) fn yield_to(&mut self, block: Option<Block<'c>>) {
        if let Some(block) = block {
            self.invoke(block, &[Value::Mapper(Vec::new())]);
        }
    }

    /// The scope with one more place around its routes.
    pub(super) fn scope_at(&self, site: Site<'c>) -> Scope<'c> {
        let mut scope = (*self.scope).clone();
        scope.sites.insert(0, site);
        scope
    }

    /// The lines of a call without its block.
    pub(super) fn site(&self, node: Node<'c>) -> Site<'c> {
        let arguments = node.child_by_field_name("arguments");
        let method = node.child_by_field_name("method").unwrap_or(node);
        let last = arguments.map_or(method.end_position(), |arguments| arguments.end_position());
        let line = |row: usize| u32::try_from(row + 1).unwrap_or(u32::MAX);
        Site { file: self.file, lines: (line(node.start_position().row), line(last.row)) }
    }

    /// The lines of a node.
    pub(super) fn whole_site(&self, node: Node<'c>) -> Site<'c> {
        let line = |row: usize| u32::try_from(row + 1).unwrap_or(u32::MAX);
        Site { file: self.file, lines: (line(node.start_position().row), line(node.end_position().row)) }
    }

    /// What was recognised here and cannot be pinned down.
    pub(super) fn open(&mut self, reason: String, site: Site<'c>) {
        let mut evidence = vec![site.file.lines(site.lines.0, site.lines.1)];
        for at in &self.scope.sites {
            let at = at.file.lines(at.lines.0, at.lines.1);
            if !evidence.contains(&at) {
                evidence.push(at);
            }
        }
        let open = Unresolved { kind: FactKind::Endpoint, reason, evidence };
        if !self.unresolved.contains(&open) {
            self.unresolved.push(open);
        }
    }

    /// The arguments of a call.
    pub(super) fn arguments(&mut self, node: Node<'c>) -> Arguments<'c> {
        let mut out = Arguments::default();
        if let Some(block) = node.child_by_field_name("block") {
            out.block = Some(Block { file: self.file, node: block });
        }
        let Some(list) = node.child_by_field_name("arguments") else {
            return out;
        };
        let mut cursor = list.walk();
        let nodes: Vec<Node<'c>> = list.named_children(&mut cursor).collect();
        for argument in nodes {
            match argument.kind() {
                "comment" => {}
                "pair" => {
                    let pair = self.pair(argument);
                    out.named.push(pair);
                }
                "hash_splat_argument" => {
                    let inner = argument.named_child(0).map(|inner| self.eval(inner));
                    if let Some(Value::Map(pairs)) = inner {
                        out.named.extend(pairs);
                    }
                }
                "splat_argument" => match argument.named_child(0).map(|inner| self.eval(inner)) {
                    Some(Value::List(items)) => out.positional.extend(items),
                    Some(other) => out.positional.push(other),
                    None => {}
                },
                "block_argument" => {
                    let inner = argument.named_child(0).map(|inner| self.eval(inner));
                    if let Some(Value::Block(block)) = inner {
                        out.block = Some(block);
                    }
                }
                _ => out.positional.push(self.eval(argument)),
            }
        }
        out
    }

    pub(super) fn pair(&mut self, node: Node<'c>) -> (Value<'c>, Value<'c>) {
        let bytes = self.file.bytes();
        let key = match node.child_by_field_name("key") {
            Some(key) if key.kind() == "hash_key_symbol" => Value::Symbol(text(key, bytes).to_owned()),
            // `"a": 1` has a symbol for its key.
            Some(key) if key.kind() == "string" => {
                let is_symbol = node.child(1).is_some_and(|sign| sign.kind() == ":");
                match self.eval(key) {
                    Value::Text(text) if is_symbol => Value::Symbol(text),
                    other => other,
                }
            }
            Some(key) => self.eval(key),
            None => Value::Nil,
        };
        let value = match node.child_by_field_name("value") {
            Some(value) => self.eval(value),
            // `{a:}` is the variable of that name.
            None => key.text().and_then(|name| self.local(&name).cloned()).unwrap_or(Value::Unknown("a value".into())),
        };
        (key, value)
    }
}

/// The methods that an application adds to the mapper, outside of its route files.
pub(super) fn added_methods<'c>(extensions: &[&'c SourceFile], root: &str) -> BTreeMap<String, Block<'c>> {
    let mut methods = BTreeMap::new();
    for file in extensions.iter().copied() {
        let is_own = root.is_empty() || file.path.starts_with(&format!("{root}/"));
        let Some(parsed) = file.syntax().filter(|_| is_own) else { continue };
        let mut open = vec![parsed.tree.root_node()];
        while let Some(node) = open.pop() {
            let mut cursor = node.walk();
            for child in node.named_children(&mut cursor) {
                match child.kind() {
                    "class" | "module" | "body_statement" => open.push(child),
                    "method" => {
                        if let Some(name) = child.child_by_field_name("name") {
                            methods.insert(text(name, file.bytes()).to_owned(), Block { file, node: child });
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    methods
}

/// The engines whose routes a file draws, with the lines.
pub(super) fn engines(root: Node<'_>, file: &SourceFile) -> Vec<(String, u32)> {
    let bytes = file.bytes();
    let mut out = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "class" | "module" | "body_statement" | "if" | "then" | "begin" => open.push(child),
                "call" => {
                    let Some(receiver) = child.child_by_field_name("receiver") else { continue };
                    let is_draw = child.child_by_field_name("method").is_some_and(|name| text(name, bytes) == "draw");
                    let whose = text(receiver, bytes).trim_start_matches("::");
                    let whose = whose.strip_suffix(".routes").filter(|whose| whose.ends_with("Engine") && is_draw);
                    if let Some(whose) = whose {
                        let line = u32::try_from(child.start_position().row + 1).unwrap_or(u32::MAX);
                        out.push((whose.to_owned(), line));
                    }
                }
                _ => {}
            }
        }
    }
    out
}
