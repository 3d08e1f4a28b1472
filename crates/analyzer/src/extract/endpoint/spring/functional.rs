//! Routes that are written as calls: router functions that a bean gives back, and view controllers. A router function
//! that no bean gives back is handed to something that is not understood.

use crate::syntax::node::NodeExt as _;
use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use tree_sitter::Node;

use super::pattern::{as_called, combine};
use super::prefix::{Prefixes, calls};
use super::{NAME, joined};
use crate::fact::{Fact, Found, Unresolved};
use crate::lang::jvm::java::{expression, lines, named};
use crate::lang::jvm::model::Expr;
use crate::lang::jvm::program::{JvmProgram, JvmScope};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::prefilter;
use crate::tree::file::SourceFile;

const VERBS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
/// Functions inside of functions.
const MAX_FUNCTION_DEPTH: usize = 24;

/// A route, as far as it is known.
struct Route {
    method: String,
    path: Option<String>,
    /// Its own lines, then those of what it is nested in.
    lines: Vec<(u32, u32)>,
    /// The constants that it needs.
    used: Vec<Evidence>,
}

/// One file whose router functions are read.
struct Reader<'r, 'c, 't> {
    program: &'r mut JvmProgram<'c>,
    prefixes: &'r Prefixes<'c>,
    file: &'c SourceFile,
    scope: JvmScope,
    /// The bodies of the file's methods, by name.
    bodies: BTreeMap<String, Node<'t>>,
    routes: Vec<Route>,
    /// The constants of the paths around the current place.
    above: Vec<Evidence>,
    /// Places where a part of a router function is not understood.
    open: Vec<(u32, u32)>,
}

/// Every route of router functions and view controllers.
pub(super) fn read<'c>(program: &mut JvmProgram<'c>, prefixes: &Prefixes<'c>, found: &mut Found) {
    for file in prefilter::files_with(program.corpus, Family::Java, &["RouterFunction", "ViewController("]) {
        let (Some(unit), Some(parsed)) = (program.load(file), file.syntax()) else { continue };
        let scope = JvmScope { unit, inside: program.types_of(unit).first().copied() };
        let root = parsed.tree.root_node();
        let mut reader = Reader {
            program,
            prefixes,
            file,
            scope,
            bodies: BTreeMap::new(),
            routes: Vec::new(),
            above: Vec::new(),
            open: Vec::new(),
        };
        reader.router_functions(root, found);
        reader.view_controllers(root);
        let (routes, open) = (std::mem::take(&mut reader.routes), std::mem::take(&mut reader.open));
        for route in routes {
            state(prefixes, file, &route, found);
        }
        for (first, last) in open {
            let reason = "a part of a router function is computed or comes from elsewhere".to_owned();
            found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, vec![file.lines(first, last)]));
        }
    }
}

fn state(prefixes: &Prefixes<'_>, file: &SourceFile, route: &Route, found: &mut Found) {
    let evidence: Vec<Evidence> =
        route.lines.iter().map(|(first, last)| file.lines(*first, *last)).chain(route.used.iter().cloned()).collect();
    for outer in prefixes.of_file(&file.path) {
        match (joined(&outer, &Ok((String::new(), Vec::new())), None), &route.path) {
            (Ok((prefix, more)), Some(path)) => {
                let path = if prefix.is_empty() { path.clone() } else { format!("{prefix}{}", combine("", path)) };
                let mut fact = Fact::evidenced(
                    FactKind::Endpoint,
                    format!("{} {}", route.method, as_called(&path)),
                    evidence[0].clone(),
                )
                .with("framework", NAME)
                .with("guard", "unknown");
                fact.evidence = evidence.iter().cloned().chain(more).collect();
                fact.evidence.dedup();
                found.facts.push(fact);
            }
            (outer, _) => {
                let why = outer.err().unwrap_or_else(|| "a part of it is computed".to_owned());
                let reason = format!("a {} route: the path is not known, because {why}", route.method);
                found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, evidence.clone()));
            }
        }
    }
}

impl<'t> Reader<'_, '_, 't> {
    fn text(&self, node: Node<'_>) -> &str {
        text(node, self.file.bytes())
    }

    fn constant(&mut self, node: Node<'_>) -> Option<String> {
        let expr: Expr = expression(node, self.file.bytes(), 0);
        let text = self.program.constant(self.scope, &expr)?;
        self.prefixes.filled(&self.file.path, &text)
    }

    /// A route, with the constants that its path needs.
    fn add(&mut self, mut route: Route) {
        route.used = self.program.take_used();
        route.used.extend(self.above.iter().cloned());
        self.routes.push(route);
    }

    /// What is nested below a path.
    fn below(&mut self, inner: Node<'t>, prefix: &str, around: &[(u32, u32)], depth: usize) {
        let before = self.above.len();
        let used = self.program.take_used();
        self.above.extend(used);
        self.function(inner, prefix, around, depth);
        self.above.truncate(before);
    }

    fn router_functions(&mut self, root: Node<'t>, found: &mut Found) {
        let mut beans = Vec::new();
        let mut others = Vec::new();
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if node.kind() == "method_declaration"
                && let (Some(name), Some(body)) = (node.field("name"), node.field("body"))
            {
                self.bodies.insert(self.text(name).to_owned(), body);
                let returns = node.field("type").map_or("", |of| self.text(of));
                // The pages of errors are no routes.
                if returns.starts_with("RouterFunction") && self.text(name) != "getRoutingFunction" {
                    let before = named(node).into_iter().find(|part| part.kind() == "modifiers");
                    let is_bean = before.is_some_and(|modifiers| self.text(modifiers).contains("@Bean"));
                    if is_bean { beans.push(body) } else { others.push((node, body)) }
                }
            }
            open.extend(named(node));
        }
        beans.sort_by_key(Node::start_byte);
        for body in &beans {
            self.body(*body, "", &[], 0);
        }
        // What a bean of the file calls is resolved there.
        if beans.is_empty()
            && let Some((node, _)) = others.into_iter().min_by_key(|(node, _)| node.start_byte())
        {
            let line = lines(node).0;
            let reason = "a router function is handed out by a method that is no bean".to_owned();
            found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, vec![self.file.lines(line, line)]));
        }
    }

    fn view_controllers(&mut self, root: Node<'t>) {
        for name in ["addViewController", "addRedirectViewController"] {
            for call in calls(root, name, self.file.bytes()) {
                let Some(first) = call.field("arguments").and_then(|given| given.named_child(0)) else {
                    continue;
                };
                let path = self.constant(first);
                self.add(Route { method: "GET".to_owned(), path, lines: vec![lines(call)], used: Vec::new() });
            }
        }
    }

    /// Everything that a body gives back, or does with its builder.
    fn body(&mut self, body: Node<'t>, prefix: &str, around: &[(u32, u32)], depth: usize) {
        if depth > MAX_FUNCTION_DEPTH {
            return;
        }
        if body.kind() != "block" {
            self.function(body, prefix, around, depth);
            return;
        }
        for statement in named(body) {
            if matches!(statement.kind(), "return_statement" | "expression_statement")
                && let Some(inner) = statement.named_child(0)
            {
                self.function(inner, prefix, around, depth);
            }
        }
    }

    /// A router function: a chain of calls.
    fn function(&mut self, node: Node<'t>, prefix: &str, around: &[(u32, u32)], depth: usize) {
        if depth > MAX_FUNCTION_DEPTH {
            return;
        }
        match node.kind() {
            "lambda_expression" => {
                if let Some(body) = node.field("body") {
                    self.body(body, prefix, around, depth + 1);
                }
                return;
            }
            "parenthesized_expression" | "cast_expression" => {
                let inner = node.field("value").or_else(|| node.named_child(0));
                if let Some(inner) = inner {
                    self.function(inner, prefix, around, depth + 1);
                }
                return;
            }
            "method_invocation" => {}
            _ => {
                self.open.push(lines(node));
                return;
            }
        }
        let mut chain = vec![node];
        while let Some(object) =
            chain[chain.len() - 1].field("object").filter(|object| object.kind() == "method_invocation")
        {
            chain.push(object);
        }
        for (number, call) in chain.into_iter().rev().enumerate() {
            self.call(call, number == 0, prefix, around, depth);
        }
    }

    fn call(&mut self, call: Node<'t>, is_start: bool, prefix: &str, around: &[(u32, u32)], depth: usize) {
        let name = call.field("name").map_or("", |name| self.text(name)).to_owned();
        let list = call.field("arguments");
        let given: Vec<Node<'t>> =
            list.map(named).unwrap_or_default().into_iter().filter(|one| !one.kind().ends_with("comment")).collect();
        // From the name on: what stands before it is a call of its own.
        let first = call.field("name").map_or(lines(call).0, |name| lines(name).0);
        let here = (first, given.first().map_or(first, |one| lines(*one).1));
        let inside = || std::iter::once(here).chain(around.iter().copied()).collect::<Vec<_>>();
        match (name.as_str(), given.as_slice()) {
            (verb, [pattern, ..]) if VERBS.contains(&verb) => {
                let is_handler = given.len() == 1 && matches!(pattern.kind(), "method_reference" | "lambda_expression");
                let path = if is_handler { Some(String::new()) } else { self.constant(*pattern) };
                let path = path.map(|path| combine(prefix, &path));
                self.add(Route { method: verb.to_owned(), path, lines: inside(), used: Vec::new() });
            }
            ("route" | "andRoute", [predicate, _]) => match self.predicate(*predicate, 0) {
                Some((method, path)) => {
                    let path = Some(combine(prefix, &path));
                    self.add(Route {
                        method: method.unwrap_or_else(|| "ANY".to_owned()),
                        path,
                        lines: inside(),
                        used: Vec::new(),
                    });
                }
                None => self.open.push(here),
            },
            ("path", [pattern, inner]) => match self.constant(*pattern) {
                Some(path) => self.below(*inner, &combine(prefix, &path), &inside(), depth + 1),
                None => self.open.push(here),
            },
            ("nest" | "andNest", [predicate, inner, ..]) => match self.predicate(*predicate, 0) {
                Some((_, path)) => self.below(*inner, &combine(prefix, &path), &inside(), depth + 1),
                None => self.open.push(here),
            },
            ("and" | "add" | "andOther", [inner]) => self.function(*inner, prefix, around, depth + 1),
            ("route" | "resources" | "resource" | "build" | "filter" | "before" | "after" | "onError", _) => {}
            (other, _) if is_start => {
                let is_own = call.field("object").is_none_or(|object| self.text(object) == "this");
                match self.bodies.get(other).copied().filter(|_| is_own) {
                    Some(body) => self.body(body, prefix, around, depth + 1),
                    None => self.open.push(here),
                }
            }
            _ => {}
        }
    }

    /// The method and the path that a predicate asks for.
    fn predicate(&mut self, node: Node<'t>, depth: usize) -> Option<(Option<String>, String)> {
        if depth > MAX_FUNCTION_DEPTH || node.kind() != "method_invocation" {
            return None;
        }
        let name = self.text(node.field("name")?).to_owned();
        let given = node.field("arguments").map(named).unwrap_or_default();
        match (name.as_str(), given.as_slice()) {
            (verb, [pattern]) if VERBS.contains(&verb) => Some((Some(verb.to_owned()), self.constant(*pattern)?)),
            ("path", [pattern]) => Some((None, self.constant(*pattern)?)),
            ("method", [verb]) => {
                let verb = self.text(*verb).rsplit('.').next()?.to_owned();
                VERBS.contains(&verb.as_str()).then_some((Some(verb), String::new()))
            }
            ("accept" | "contentType" | "headers" | "queryParam" | "all", _) => Some((None, String::new())),
            ("and", [other]) => {
                let (method, path) = self.predicate(node.field("object")?, depth + 1)?;
                let (more, below) = self.predicate(*other, depth + 1)?;
                Some((method.or(more), combine(&path, &below)))
            }
            _ => None,
        }
    }
}
