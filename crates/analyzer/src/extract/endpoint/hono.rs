//! Hono: instances mounted with `route`, `basePath`, verbs in chains, `on`, documented routes. An instance
//! serves only where it is handed to a server or is the default export of a file that an adapter starts.

use super::express::{handlers, paths};
use super::written::{texts, written_at};
use crate::syntax::grammar::Family;
use crate::trace::go::is_deployment;
use crate::trace::graph::{Handle, Join, Mount, PathText, Route, Router, RouterId};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::{Argument, Value};

pub(in crate::extract) struct Hono;

const NAME: &str = "hono";
const VERBS: [(&str, &str); 7] = [
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("all", "ANY"),
];
/// What is said of an instance and gives it back.
const CHAINED: [&str; 6] = ["use", "notFound", "onError", "mount", "doc", "doc31"];
/// Calls that serve the instance they are given.
const SERVERS: [&str; 5] = [".serve", ".handle", ".createAdaptorServer", ".getRequestListener", ".handleAsVercelEdge"];
/// Names of files whose default export runtimes serve.
const ENTRIES: [&str; 7] = ["index", "main", "server", "app", "worker", "_worker", "api"];

impl Rules for Hono {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Script
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["'hono'", "\"hono\"", "hono/", "@hono"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["new Hono", "new OpenAPIHono", "createApp("]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let last = name.rsplit(['.', '/']).next().unwrap_or_default();
        let is_ours = name.starts_with("hono") || name.starts_with("@hono/");
        if is_ours && (matches!(last, "Hono" | "OpenAPIHono") || name.ends_with("createFactory().createApp")) {
            return Some(Value::Handle(Handle::Router(router(machine, String::new()))));
        }
        if (is_ours || name.starts_with("Bun.") || name.starts_with("Deno."))
            && SERVERS.iter().any(|server| name.ends_with(server))
        {
            for argument in &call.arguments {
                if let Value::Handle(Handle::Router(router)) = machine.known(&argument.value) {
                    serve(machine, router);
                }
            }
        }
        None
    }

    fn attribute(&self, machine: &mut Machine<'_>, on: Handle, name: &str) -> Option<Value> {
        if let (Handle::Router(router), "fetch") = (on, name) {
            serve(machine, router);
        }
        None
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        let Handle::Router(router) = on else {
            return None;
        };
        if machine.graph.routers[router].framework != NAME {
            return None;
        }
        let verb = VERBS.iter().find(|(verb, _)| *verb == name).map(|(_, method)| *method);
        match (name, verb) {
            (_, Some(method)) if !call.arguments.is_empty() => verb_call(machine, router, method, call),
            ("on", _) if call.arguments.len() >= 3 => {
                let methods = texts(machine, &call.arguments[0].value);
                let evidence = call.lines_to(machine, Some(&call.arguments[1]));
                let Some(methods) = methods else {
                    machine.loose("a route's methods are computed", evidence);
                    return Some(Value::Handle(on));
                };
                let (handler, guarded) = handlers(&call.arguments[2..]);
                for path in paths(machine, &call.arguments[1]) {
                    for method in &methods {
                        let (method, path, handler) = (method.to_ascii_uppercase(), path.clone(), handler.clone());
                        let evidence = vec![evidence.clone()];
                        machine.graph.routes.push(Route { router, method, path, handler, guarded, evidence });
                    }
                }
            }
            ("openapi", _) => documented(machine, router, call),
            ("route", _) => mount(machine, router, call),
            ("basePath", _) => {
                let path = call.at(0)?;
                let (prefix, evidence) = (base(path, path.as_path(machine)), vec![call.lines_to(machine, Some(path))]);
                // The two share their routes: whoever serves one serves the other.
                let child = self::router(machine, owner(machine, router).to_string());
                machine.graph.mounts.push(Mount { parent: router, child, prefix, evidence });
                return Some(Value::Handle(Handle::Router(child)));
            }
            ("fetch", _) => {
                serve(machine, router);
                return None;
            }
            _ if CHAINED.contains(&name) => {}
            _ => return None,
        }
        Some(Value::Handle(on))
    }

    fn finish(&self, machine: &mut Machine<'_>) {
        for module in 0..machine.modules.len() {
            let name = machine.modules[module].path.rsplit('/').next().unwrap_or_default();
            let stem = name.split('.').next().unwrap_or_default();
            if machine.imported.contains(&module) {
                continue;
            }
            let is_entry = ENTRIES.contains(&stem);
            if let Some(Value::Handle(Handle::Router(router))) = machine.exported(module)
                && (is_entry || mounts_others(machine, router))
            {
                serve(machine, router);
            }
        }
    }
}

/// Whether an instance is the top of a tree: others are mounted on it, itself nowhere. A bundler's entry has any name.
fn mounts_others(machine: &Machine<'_>, router: RouterId) -> bool {
    let graph = &machine.graph;
    let owner = owner(machine, router);
    let is_family = |other: RouterId| self::owner(machine, other) == owner;
    graph.mounts.iter().any(|mount| is_family(mount.parent) && !is_family(mount.child))
        && !graph.mounts.iter().any(|mount| is_family(mount.child) && !is_family(mount.parent))
}

/// A new instance; the note names the one whose routes it shares.
fn router(machine: &mut Machine<'_>, note: String) -> RouterId {
    machine.graph.router(Router { framework: NAME, join: Join::Nest, is_root: false, prefix: None, note })
}

/// The path that an operator puts the whole application below is none until somebody sets it.
fn base(given: &Argument, path: PathText) -> PathText {
    let named = given.text.split(['|', '?']).next().unwrap_or_default().trim();
    match &path {
        PathText::Unknown(reason) if is_deployment(named) && !reason.contains("parameter") => {
            PathText::Known(String::new())
        }
        _ => path,
    }
}

/// The instance that holds the routes.
fn owner(machine: &Machine<'_>, router: RouterId) -> RouterId {
    machine.graph.routers[router].note.parse().unwrap_or(router)
}

fn serve(machine: &mut Machine<'_>, router: RouterId) {
    if machine.graph.routers[router].framework == NAME {
        let owner = owner(machine, router);
        machine.graph.routers[owner].is_root = true;
    }
}

fn verb_call(machine: &mut Machine<'_>, router: RouterId, method: &str, call: &Call) {
    let first = &call.arguments[0];
    let has_path = match machine.known(&first.value) {
        Value::Text(_) | Value::Env(..) => true,
        Value::Array(items) => items.borrow().first().is_some_and(|item| matches!(item, Value::Text(_))),
        Value::Unknown(_) => call.arguments.len() > 1,
        _ => false,
    };
    let line = call.lines_to(machine, Some(first).filter(|_| has_path));
    let (given, evidence, handlers_at) = match has_path {
        true => {
            machine.keep(router, "path", call);
            (paths(machine, first), vec![line], &call.arguments[1..])
        }
        // Without a path the one before it in the chain counts.
        false => {
            let before = machine.kept.get(&router).and_then(|kept| kept.iter().rfind(|kept| kept.what == "path"));
            match before.cloned() {
                Some(before) => {
                    (paths(machine, &before.arguments[0]), vec![line, before.evidence], &call.arguments[..])
                }
                None => (vec![PathText::Known("*".to_owned())], vec![line], &call.arguments[..]),
            }
        }
    };
    let (handler, guarded) = handlers(handlers_at);
    for path in given {
        let (method, handler, evidence) = (method.to_owned(), handler.clone(), evidence.clone());
        machine.graph.routes.push(Route { router, method, path, handler, guarded, evidence });
    }
}

/// `openapi(createRoute({ method, path }), handler)`
fn documented(machine: &mut Machine<'_>, router: RouterId, call: &Call) {
    let Some(route) = call.at(0) else { return };
    let line = call.lines_to(machine, Some(route).filter(|route| route.end <= call.start + 8));
    let fields = match machine.known(&route.value) {
        Value::Made(made) => made.arguments.first().map(|first| machine.known(&first.value)),
        other => Some(other),
    };
    let Some(Value::Object(fields)) = fields else {
        machine.loose(format!("the documented route `{}` could not be followed", route.text), line);
        return;
    };
    let path = fields.get("path").map_or_else(
        || PathText::Unknown("`path` is not given literally".to_owned()),
        |path| machine.path_text(&path, "path"),
    );
    let methods = fields.get("method").and_then(|method| texts(machine, &method)).unwrap_or_default();
    let mut places = vec![line.clone()];
    places.extend(written_at(machine, &call.path, &path, &line));
    let (handler, _) = handlers(&call.arguments[1..]);
    for method in methods {
        let (method, path, handler) = (method.to_ascii_uppercase(), path.clone(), handler.clone());
        let evidence = places.clone();
        machine.graph.routes.push(Route { router, method, path, handler, guarded: false, evidence });
    }
}

fn mount(machine: &mut Machine<'_>, parent: RouterId, call: &Call) {
    let (Some(path), Some(child)) = (call.at(0), call.at(1)) else {
        return;
    };
    let evidence = call.lines_to(machine, Some(child).filter(|child| child.end <= call.start + 8));
    let prefix = path.as_path(machine);
    for router in children(machine, child) {
        let child = owner(machine, router);
        let (prefix, evidence) = (prefix.clone(), vec![evidence.clone()]);
        machine.graph.mounts.push(Mount { parent, child, prefix, evidence });
    }
    match machine.known(&child.value) {
        Value::External(name) => {
            machine.loose(format!("the routes of `{}` come from the package `{name}`", child.text), evidence);
        }
        Value::Unknown(reason) if !reason.is_empty() => {
            machine.loose(format!("the router `{}` {reason}", child.text), evidence);
        }
        _ => {}
    }
}

fn children(machine: &mut Machine<'_>, argument: &Argument) -> Vec<RouterId> {
    let value = match machine.known(&argument.value) {
        Value::Module(module) => machine.exported(module),
        other => Some(other),
    };
    match value {
        Some(Value::Handle(Handle::Router(router))) if machine.graph.routers[router].framework == NAME => vec![router],
        _ => Vec::new(),
    }
}
