//! FastAPI and Starlette: routers with their own prefix, `include_router`, `mount`, route lists.
//! WebSockets are not endpoints here.

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::guard;
use super::written::texts;
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::call::{Call, Decorated};
use crate::trace::framework::Framework;
use crate::trace::graph::{Draft, Handle, PathText, Router, RouterId, Verb};
use crate::trace::invoke::positional;
use crate::trace::machine::{Kept, Machine, Rules};
use crate::trace::value::{Argument, Closure, Value};

pub(in crate::extract) struct FastApi;

/// What a router mounts: `include_router` takes the routes of a router and leaves its mounts behind.
struct Mounts(RouterId);

/// What is run when an application starts: with the application, and without.
const LIFESPAN: &str = "lifespan";
const STARTUP: &str = "startup";

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "fastapi",
    title: "FastAPI and Starlette",
    links: &["https://fastapi.tiangolo.com/tutorial/bigger-applications/", "https://www.starlette.io/routing/"],
    fixtures: &["endpoint/fastapi", "endpoint/fastapi_start"],
    text: "",
    rows: &[
        (
            "resolved",
            "`FastAPI`, `APIRouter(prefix=)`, `include_router(prefix=)` in functions, loops and nested; verb \
             decorators, `api_route`, `add_api_route`, `route`, methods of class-based views; `mount` of another \
             application; Starlette's `Route` and `Mount` lists; settings fields with a literal default, also \
             through functions and subclasses; classes that extend the framework's; what `lifespan`, `on_startup`, \
             `on_event(\"startup\")` and `add_event_handler` run",
        ),
        (
            "guard",
            "`Depends`/`Security` of something named like a guard, in the parameters, in a type alias made with \
             `Annotated`, or in the decorator's `dependencies`",
        ),
        (
            "not endpoints",
            "what a router mounts that is included (`include_router` leaves it behind), WebSockets, static files, the generated documentation pages",
        ),
        ("unresolved", "prefixes without a literal default, routers from other packages"),
    ],
};

static FRAMEWORK: Framework = Framework {
    triggers: &["fastapi", "starlette", "uvicorn.run", "import_module("],
    makes: &["FastAPI("],
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
                machine.graph.register_handled(&draft, handler, guarded);
                Some(Value::Null)
            }
            "include_router" => {
                let child = call.either("router", 0)?;
                include(machine, on, child, call.named("prefix"), call);
                Some(Value::Null)
            }
            "mount" => {
                let (path, child) = (call.either("path", 0)?, call.either("app", 1)?);
                let mounts = mounts(machine, on);
                include(machine, mounts, child, Some(path), call);
                Some(Value::Null)
            }
            "on_event" => {
                let draft = Draft { router: Some(on), ..Draft::of(&FastApi) };
                matches!(machine.known(&call.at(0)?.value), Value::Text(event) if &*event == STARTUP)
                    .then(|| Value::Handle(machine.graph.draft(draft)))
            }
            "add_event_handler" => {
                if matches!(machine.known(&call.at(0)?.value), Value::Text(event) if &*event == STARTUP) {
                    let function = call.at(1)?.clone();
                    run_later(machine, on, STARTUP, &function, call);
                }
                Some(Value::Null)
            }
            _ => None,
        }
    }

    fn decorate(&self, machine: &mut Machine<'_>, draft: &Draft, target: &Decorated<'_>, others: &[Rc<str>]) {
        let (Decorated::Function(closure), Some(router)) = (target, draft.router) else { return };
        if draft.paths.is_empty() {
            let call = Call::at_place(&machine.modules[closure.module].path, 1, STARTUP);
            let function = positional(Value::Function(Rc::clone(closure)));
            run_later(machine, router, STARTUP, &function, &call);
            return;
        }
        let name = closure.program.functions[closure.function].name.as_ref().map(ToString::to_string);
        let guarded =
            draft.guarded || others.iter().any(|text| guard::is_guard(text)) || depends_on_guard(machine, closure);
        machine.graph.register_handled(draft, name, guarded);
    }

    /// Applications start when the whole program is there.
    fn finish(&'static self, machine: &mut Machine<'_>) {
        let started: Vec<(RouterId, Kept)> = machine
            .kept
            .iter()
            .filter(|(router, _)| machine.graph.routers[**router].is_of(self))
            .flat_map(|(router, kept)| kept.iter().map(|kept| (*router, kept.clone())))
            .collect();
        for (router, kept) in started {
            let given = if kept.what == LIFESPAN { vec![positional(Value::router(router))] } else { Vec::new() };
            let call = Call::at_place(&kept.evidence.path, kept.evidence.start_line, kept.what);
            for function in &kept.arguments {
                machine.call_value(&function.value, None, &given, &call);
            }
        }
    }
}

/// Keep a function that the start of an application runs.
fn run_later(machine: &mut Machine<'_>, app: RouterId, what: &'static str, function: &Argument, call: &Call) {
    let functions = match machine.known(&function.value) {
        Value::Array(items) => items.borrow().iter().cloned().map(positional).collect(),
        value => vec![positional(value)],
    };
    let evidence = call.lines_to(machine, None);
    machine.kept.entry(app).or_default().push(Kept { what, arguments: functions, evidence });
}

/// Where the mounts of a router hang: an application's on itself.
fn mounts(machine: &mut Machine<'_>, router: RouterId) -> RouterId {
    let here = &machine.graph.routers[router];
    if here.is_root || !here.is_of(&FastApi) {
        return router;
    }
    if let Some(Mounts(known)) = here.extra() {
        return *known;
    }
    let prefix = here.prefix.clone();
    let made = machine.graph.router(Router { prefix, ..Router::of(&FastApi) });
    machine.graph.routers[router].extra = Some(Box::new(Mounts(made)));
    made
}

fn router(machine: &mut Machine<'_>, call: &Call, is_root: bool) -> Value {
    let prefix = call.named("prefix").map(|prefix| (prefix.as_path(machine), call.lines_to(machine, Some(prefix))));
    let id = machine.graph.router(Router { is_root, prefix, ..Router::of(&FastApi) });
    for (name, what) in [(LIFESPAN, LIFESPAN), ("on_startup", STARTUP)] {
        if let Some(function) = call.named(name).cloned() {
            run_later(machine, id, what, &function, call);
        }
    }
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
    let (Some(path), Some(evidence)) = (draft.paths.first(), draft.evidence.first()) else { return };
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
            let mounts = mounts(machine, child);
            if mounts != child {
                machine.graph.mount(parent, mounts, path.clone(), vec![evidence.clone()]);
            }
        }
    }
}

fn methods(machine: &mut Machine<'_>, call: &Call, default: &str) -> Vec<String> {
    let Some(given) = call.named("methods") else { return vec![default.to_owned()] };
    texts(machine, &given.value).unwrap_or_else(|| {
        let evidence = call.lines_to(machine, Some(given));
        machine.loose(format!("the methods `{}` of a route are not known", given.text), evidence);
        Vec::new()
    })
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

fn include(machine: &mut Machine<'_>, parent: RouterId, child: &Argument, prefix: Option<&Argument>, call: &Call) {
    let written = prefix.map_or(PathText::empty(), |prefix| prefix.as_path(machine));
    let own = machine.graph.routers[parent].prefix.clone();
    let prefix_text = own.as_ref().map_or(written.clone(), |(own, _)| own.followed_by(&written));
    let last = prefix.filter(|prefix| prefix.end > child.end).unwrap_or(child);
    let evidence = call.lines_to(machine, Some(last));
    match machine.known(&child.value) {
        Value::Handle(Handle::Router(child)) => {
            let evidence: Vec<Evidence> = std::iter::once(evidence).chain(own.map(|(_, at)| at)).collect();
            if !call.callee.ends_with("include_router") {
                let mounts = mounts(machine, child);
                if mounts != child {
                    machine.graph.mount(parent, mounts, prefix_text.clone(), evidence.clone());
                }
            }
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
