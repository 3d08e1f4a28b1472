//! FastAPI and Starlette: routers with their own prefix, `include_router`, `mount`, route lists.
//! WebSockets are not endpoints here.

use std::rc::Rc;

use super::guard;
use super::written::texts;
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::graph::{Draft, Handle, PathText, Registration, Router, RouterId, Verb};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Decorated, Framework, Rules};
use crate::trace::value::{Argument, Closure, Value};

pub(in crate::extract) struct FastApi;

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "fastapi",
    title: "FastAPI and Starlette",
    links: &["https://fastapi.tiangolo.com/tutorial/bigger-applications/", "https://www.starlette.io/routing/"],
    fixtures: &["endpoint/fastapi"],
    text: "",
    rows: &[
        (
            "resolved",
            "`FastAPI`, `APIRouter(prefix=)`, `include_router(prefix=)` in functions, loops and nested; verb \
             decorators, `api_route`, `add_api_route`, `route`, methods of class-based views; `mount` of another \
             application; Starlette's `Route` and `Mount` lists; settings fields with a literal default, also \
             through functions and subclasses; classes that extend the framework's",
        ),
        (
            "guard",
            "`Depends`/`Security` of something named like a guard, in the parameters, in a type alias made with \
             `Annotated`, or in the decorator's `dependencies`",
        ),
        ("not endpoints", "WebSockets, static files, the generated documentation pages"),
        ("unresolved", "prefixes without a literal default, routers from other packages"),
    ],
};

static FRAMEWORK: Framework = Framework {
    triggers: &["fastapi", "starlette", "uvicorn.run"],
    starts: &["FastAPI(", "Starlette(", "APIRouter(", "uvicorn.run"],
    page: Some(&PAGE),
    ..Framework::new("fastapi", Family::Python)
};

impl Rules for FastApi {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
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
                    paths: vec![path.as_path(machine)],
                    verbs: verbs(methods, endpoint.map(|endpoint| endpoint.text.to_string())),
                    evidence: vec![call.lines_to(machine, Some(path))],
                    ..Draft::of(&FastApi)
                };
                Some(Value::Handle(machine.graph.draft(draft)))
            }
            "Mount" => {
                let path = call.either("path", 0)?;
                let inside = call.named("routes").or_else(|| call.either("app", 1)).map(|inside| inside.value.clone());
                let inner = inside.map(|inside| handles(machine, &inside)).unwrap_or_default();
                let draft = Draft {
                    paths: vec![path.as_path(machine)],
                    evidence: vec![call.lines_to(machine, Some(path))],
                    inner,
                    ..Draft::of(&FastApi)
                };
                Some(Value::Handle(machine.graph.draft(draft)))
            }
            _ => None,
        }
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        match name {
            "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "trace" => {
                let draft = pending(machine, on, vec![name.to_owned()], call)?;
                Some(Value::Handle(machine.graph.draft(draft)))
            }
            "api_route" | "route" => {
                let methods = methods(machine, call, "GET");
                let draft = pending(machine, on, methods, call)?;
                Some(Value::Handle(machine.graph.draft(draft)))
            }
            "add_api_route" | "add_route" => {
                let methods = methods(machine, call, "GET");
                let draft = pending(machine, on, methods, call)?;
                let endpoint = call.either("endpoint", 1).or_else(|| call.at(1));
                let handler = endpoint.map(|endpoint| endpoint.text.to_string());
                let guarded = draft.guarded
                    || matches!(endpoint.map(|endpoint| machine.known(&endpoint.value)), Some(Value::Function(closure)) if depends_on_guard(machine, &closure));
                register(machine, &draft, on, handler, guarded);
                Some(Value::Null)
            }
            "include_router" => {
                let child = call.either("router", 0)?;
                include(machine, on, child, call.named("prefix"), call);
                Some(Value::Null)
            }
            "mount" => {
                let (path, child) = (call.either("path", 0)?, call.either("app", 1)?);
                include(machine, on, child, Some(path), call);
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
    let id = machine.graph.router(Router { is_root, prefix, ..Router::of(&FastApi) });
    let routes = call.named("routes").or_else(|| call.at(0)).map(|routes| routes.value.clone());
    for handle in routes.map(|routes| handles(machine, &routes)).unwrap_or_default() {
        attach(machine, id, handle);
    }
    Value::router(id)
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
    let Some(draft) = machine.graph.draft_of(handle, &FastApi) else { return };
    let draft = machine.graph.drafts[draft].clone();
    let (Some(path), Some(evidence)) = (draft.paths.first(), draft.evidence.first()) else {
        return;
    };
    machine.graph.register_draft(parent, &draft);
    let group = machine.graph.router(Router::of(&FastApi));
    for inner in draft.inner {
        let child = match inner {
            Handle::Router(child) => child,
            Handle::Draft(_) => {
                attach(machine, group, inner);
                group
            }
        };
        if !machine.graph.mounts.iter().any(|other| other.parent == parent && other.child == child) {
            machine.graph.mount(parent, child, path.clone(), vec![evidence.clone()]);
        }
    }
}

fn methods(machine: &mut Machine<'_>, call: &Call, default: &str) -> Vec<String> {
    let Some(given) = call.named("methods") else {
        return vec![default.to_owned()];
    };
    texts(machine, &given.value).unwrap_or_default()
}

fn verbs(methods: Vec<String>, handler: Option<String>) -> Vec<Verb> {
    methods.into_iter().map(|method| Verb { handler: handler.clone(), ..Verb::of(method) }).collect()
}

/// A decorator that waits for its function.
fn pending(machine: &mut Machine<'_>, router: RouterId, methods: Vec<String>, call: &Call) -> Option<Draft> {
    let path = call.either("path", 0)?;
    let written = path.as_path(machine);
    let mut evidence = vec![call.lines_to(machine, Some(path))];
    let own = machine.graph.routers[router].prefix.clone();
    let paths = match own {
        Some((prefix, at)) => {
            evidence.push(at);
            vec![prefix.followed_by(&written)]
        }
        None => vec![written],
    };
    let guarded = call.named("dependencies").is_some_and(|list| {
        let value = list.value.clone();
        is_guarding(machine, &value, 0)
    });
    Some(Draft { router: Some(router), paths, verbs: verbs(methods, None), evidence, guarded, ..Draft::of(&FastApi) })
}

fn register(machine: &mut Machine<'_>, draft: &Draft, router: RouterId, handler: Option<String>, guarded: bool) {
    let methods: Vec<&str> = draft.verbs.iter().map(|verb| verb.method.as_str()).collect();
    let registration = Registration { handler, guarded, evidence: draft.evidence.clone() };
    machine.graph.register(router, &methods, &draft.paths, &registration);
}

fn include(machine: &mut Machine<'_>, parent: RouterId, child: &Argument, prefix: Option<&Argument>, call: &Call) {
    let written = prefix.map_or(PathText::empty(), |prefix| prefix.as_path(machine));
    let own = machine.graph.routers[parent].prefix.clone();
    let prefix_text = own.as_ref().map_or(written.clone(), |(own, _)| own.followed_by(&written));
    let last = prefix.filter(|prefix| prefix.end > child.end).unwrap_or(child);
    let evidence = call.lines_to(machine, Some(last));
    match machine.known(&child.value) {
        Value::Handle(Handle::Router(child)) => {
            let evidence = std::iter::once(evidence).chain(own.map(|(_, at)| at)).collect();
            machine.graph.mount(parent, child, prefix_text, evidence);
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
