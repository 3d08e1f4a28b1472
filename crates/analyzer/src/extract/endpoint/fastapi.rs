//! FastAPI and Starlette: routers with their own prefix, `include_router`, `mount`, route lists.
//! WebSockets are not endpoints here.

use std::rc::Rc;

use super::guard;
use super::written::texts;
use crate::syntax::grammar::Family;
use crate::trace::graph::{Draft, Handle, Join, Mount, PathText, Route, Router, RouterId, Verb};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Decorated, Rules};
use crate::trace::value::{Argument, Closure, Value};

pub(in crate::extract) struct FastApi;

const NAME: &str = "fastapi";

impl Rules for FastApi {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Python
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["fastapi", "starlette", "uvicorn.run"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["FastAPI(", "Starlette(", "APIRouter(", "uvicorn.run"]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        if !name.starts_with("fastapi") && !name.starts_with("starlette") {
            return None;
        }
        match name.rsplit('.').next().unwrap_or_default() {
            "FastAPI" | "Starlette" => Some(router(machine, call, true)),
            "APIRouter" | "Router" => Some(router(machine, call, false)),
            "Route" | "APIRoute" => {
                let path = call.either("path", 0)?;
                let endpoint = call.either("endpoint", 1);
                let methods = methods(machine, call, "GET");
                let draft = Draft {
                    framework: NAME,
                    paths: vec![path.as_path(machine)],
                    verbs: verbs(methods, endpoint.map(|endpoint| endpoint.text.to_string())),
                    evidence: vec![call.lines_to(machine, Some(path))],
                    ..Draft::default()
                };
                Some(Value::Handle(machine.graph.draft(draft)))
            }
            "Mount" => {
                let path = call.either("path", 0)?;
                let inside = call.named("routes").or_else(|| call.either("app", 1)).map(|inside| inside.value.clone());
                let inner = inside.map(|inside| handles(machine, &inside)).unwrap_or_default();
                let draft = Draft {
                    framework: NAME,
                    paths: vec![path.as_path(machine)],
                    evidence: vec![call.lines_to(machine, Some(path))],
                    inner,
                    ..Draft::default()
                };
                Some(Value::Handle(machine.graph.draft(draft)))
            }
            _ => None,
        }
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        let Handle::Router(router) = on else {
            return None;
        };
        if machine.graph.routers[router].framework != NAME {
            return None;
        }
        match name {
            "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "trace" => {
                let methods = vec![name.to_ascii_uppercase()];
                Some(pending(machine, router, methods, call))
            }
            "api_route" | "route" => {
                let methods = methods(machine, call, "GET");
                Some(pending(machine, router, methods, call))
            }
            "add_api_route" | "add_route" => {
                let methods = methods(machine, call, "GET");
                let Value::Handle(Handle::Draft(draft)) = pending(machine, router, methods, call) else {
                    return None;
                };
                let endpoint = call.either("endpoint", 1).or_else(|| call.at(1));
                let draft = machine.graph.drafts[draft].clone();
                let handler = endpoint.map(|endpoint| endpoint.text.to_string());
                let guarded = draft.guarded
                    || matches!(endpoint.map(|endpoint| machine.known(&endpoint.value)), Some(Value::Function(closure)) if depends_on_guard(machine, &closure));
                register(machine, &draft, router, handler, guarded);
                Some(Value::Null)
            }
            "include_router" => {
                let child = call.either("router", 0)?;
                include(machine, router, child, call.named("prefix"), call);
                Some(Value::Null)
            }
            "mount" => {
                let (path, child) = (call.either("path", 0)?, call.either("app", 1)?);
                include(machine, router, child, Some(path), call);
                Some(Value::Null)
            }
            _ => None,
        }
    }

    fn decorate(&self, machine: &mut Machine<'_>, draft: &Draft, target: &Decorated<'_>, others: &[Rc<str>]) {
        let (Decorated::Function(closure), Some(router)) = (target, draft.router) else {
            return;
        };
        let name = closure.program.functions[closure.function].name.as_ref().map(ToString::to_string);
        let guarded =
            draft.guarded || others.iter().any(|text| guard::is_guard(text)) || depends_on_guard(machine, closure);
        register(machine, draft, router, name, guarded);
    }
}

fn router(machine: &mut Machine<'_>, call: &Call, is_root: bool) -> Value {
    let prefix = call.named("prefix").map(|prefix| (prefix.as_path(machine), call.lines_to(machine, Some(prefix))));
    let router = Router { framework: NAME, join: Join::Verbatim, is_root, prefix, note: String::new() };
    let id = machine.graph.router(router);
    let routes = call.named("routes").or_else(|| call.at(0)).map(|routes| routes.value.clone());
    for handle in routes.map(|routes| handles(machine, &routes)).unwrap_or_default() {
        attach(machine, id, handle);
    }
    Value::Handle(Handle::Router(id))
}

fn handles(machine: &mut Machine<'_>, value: &Value) -> Vec<Handle> {
    match machine.known(value) {
        Value::Handle(handle) => vec![handle],
        Value::Array(items) => {
            let items = items.borrow().clone();
            items.iter().flat_map(|item| handles(machine, item)).collect()
        }
        _ => Vec::new(),
    }
}

/// A `Route` or `Mount` of a list becomes part of a router.
fn attach(machine: &mut Machine<'_>, parent: RouterId, handle: Handle) {
    let Handle::Draft(draft) = handle else { return };
    let draft = machine.graph.drafts[draft].clone();
    if draft.framework != NAME {
        return;
    }
    let (Some(path), Some(evidence)) = (draft.paths.first(), draft.evidence.first()) else {
        return;
    };
    for verb in &draft.verbs {
        machine.graph.routes.push(Route {
            router: parent,
            method: verb.method.clone(),
            path: path.clone(),
            handler: verb.handler.clone(),
            guarded: false,
            evidence: draft.evidence.clone(),
        });
    }
    let group = Router { framework: NAME, join: Join::Verbatim, is_root: false, prefix: None, note: String::new() };
    let group = machine.graph.router(group);
    for inner in draft.inner {
        let child = match inner {
            Handle::Router(child) => child,
            Handle::Draft(_) => {
                attach(machine, group, inner);
                group
            }
        };
        let mount = Mount { parent, child, prefix: path.clone(), evidence: vec![evidence.clone()] };
        let known = machine.graph.mounts.iter().any(|other| other.parent == parent && other.child == child);
        if !known {
            machine.graph.mounts.push(mount);
        }
    }
}

fn methods(machine: &mut Machine<'_>, call: &Call, default: &str) -> Vec<String> {
    let Some(given) = call.named("methods") else {
        return vec![default.to_owned()];
    };
    texts(machine, &given.value).unwrap_or_default().iter().map(|method| method.to_ascii_uppercase()).collect()
}

fn verbs(methods: Vec<String>, handler: Option<String>) -> Vec<Verb> {
    methods.into_iter().map(|method| Verb { method, handler: handler.clone(), guarded: false, lines: None }).collect()
}

/// A decorator that waits for its function.
fn pending(machine: &mut Machine<'_>, router: RouterId, methods: Vec<String>, call: &Call) -> Value {
    let Some(path) = call.either("path", 0) else {
        return Value::Null;
    };
    let written = path.as_path(machine);
    let mut evidence = vec![call.lines_to(machine, Some(path))];
    let own = machine.graph.routers[router].prefix.clone();
    let paths = match own {
        Some((prefix, at)) => {
            evidence.push(at);
            vec![concatenated(&prefix, &written)]
        }
        None => vec![written],
    };
    let guarded = call.named("dependencies").is_some_and(|list| {
        let value = list.value.clone();
        is_guarding(machine, &value, 0)
    });
    let draft = Draft {
        framework: NAME,
        router: Some(router),
        paths,
        verbs: verbs(methods, None),
        evidence,
        guarded,
        ..Draft::default()
    };
    Value::Handle(machine.graph.draft(draft))
}

fn concatenated(prefix: &PathText, path: &PathText) -> PathText {
    match (prefix, path) {
        (PathText::Known(prefix), PathText::Known(path)) => PathText::Known(format!("{prefix}{path}")),
        (unknown @ PathText::Unknown(_), _) | (_, unknown) => unknown.clone(),
    }
}

fn register(machine: &mut Machine<'_>, draft: &Draft, router: RouterId, handler: Option<String>, guarded: bool) {
    for verb in &draft.verbs {
        for path in &draft.paths {
            machine.graph.routes.push(Route {
                router,
                method: verb.method.clone(),
                path: path.clone(),
                handler: handler.clone(),
                guarded,
                evidence: draft.evidence.clone(),
            });
        }
    }
}

fn include(machine: &mut Machine<'_>, parent: RouterId, child: &Argument, prefix: Option<&Argument>, call: &Call) {
    let written = prefix.map_or(PathText::Known(String::new()), |prefix| prefix.as_path(machine));
    let own = machine.graph.routers[parent].prefix.clone();
    let prefix_text = own.as_ref().map_or(written.clone(), |(own, _)| concatenated(own, &written));
    let last = prefix.filter(|prefix| prefix.end > child.end).unwrap_or(child);
    let evidence = call.lines_to(machine, Some(last));
    match machine.known(&child.value) {
        Value::Handle(Handle::Router(child)) => {
            let evidence = std::iter::once(evidence).chain(own.map(|(_, at)| at)).collect();
            machine.graph.mounts.push(Mount { parent, child, prefix: prefix_text, evidence });
        }
        // What else is mounted serves files, or is an application of its own.
        _ if !call.callee.ends_with("include_router") => {}
        Value::External(name) => {
            machine.loose(format!("the routes of `{}` come from the package `{name}`", child.text), evidence);
        }
        _ => machine.loose(format!("the router `{}` could not be followed", child.text), evidence),
    }
}

/// Whether the function's parameters depend on a guard.
fn depends_on_guard(machine: &mut Machine<'_>, closure: &Rc<Closure>) -> bool {
    machine.parameter_values(closure).iter().any(|value| is_guarding(machine, value, 0))
}

fn is_guarding(machine: &mut Machine<'_>, value: &Value, depth: usize) -> bool {
    match machine.known(value) {
        Value::Array(items) if depth < 4 => {
            let items = items.borrow().clone();
            items.iter().any(|item| is_guarding(machine, item, depth + 1))
        }
        Value::Made(made) => {
            let name = made.what.rsplit('.').next().unwrap_or_default();
            match name {
                "Depends" | "Security" => made.arguments.first().is_some_and(|first| guard::is_guard(&first.text)),
                "Annotated" if depth < 4 => {
                    made.arguments.iter().any(|argument| is_guarding(machine, &argument.value, depth + 1))
                }
                _ => false,
            }
        }
        _ => false,
    }
}
