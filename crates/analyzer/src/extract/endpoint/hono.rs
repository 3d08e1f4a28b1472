//! Hono: instances mounted with `route`, `basePath`, verbs in chains, `on`, documented routes. An instance
//! serves only where it is handed to a server or is the default export of a file that an adapter starts.

use super::script::{handlers, parameters, paths, verb};
use super::written::{texts, written_at};
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::syntax::literal::closing_brace;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::go::is_deployment;
use crate::trace::graph::{Extra, Handle, PathText, Registration, Router, RouterId};
use crate::trace::join::Join;
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, Value};
use crate::trace::why::Why;

pub(in crate::extract) struct Hono;

/// What is said of an instance and gives it back.
const CHAINED: [&str; 6] = ["use", "notFound", "onError", "mount", "doc", "doc31"];
/// Calls that serve the instance they are given.
const SERVERS: [&str; 5] = [".serve", ".handle", ".createAdaptorServer", ".getRequestListener", ".handleAsVercelEdge"];
/// Names of files whose default export runtimes serve.
const ENTRIES: [&str; 7] = ["index", "main", "server", "app", "worker", "_worker", "api"];

/// The instance whose routes another one shares.
struct SharedBy(RouterId);

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "hono",
    title: "Hono",
    links: &["https://hono.dev/docs/api/routing"],
    fixtures: &["endpoint/hono"],
    text: "",
    rows: &[
        (
            "resolved",
            "`Hono`, `OpenAPIHono`, `createFactory().createApp()`; verbs in chains (without a path: the path \
             before), `on`, `basePath`, `route` nested, functions that take or return an instance; \
             `openapi(createRoute({method, path}))`",
        ),
        (
            "an application",
            "an instance given to `serve` or `handle`, whose `fetch` is used, or that is the default export of a \
             file that nobody imports and that is named like an entry (`index`, `server`, `worker`, ...) or mounts \
             other instances on it",
        ),
        ("base path", "`basePath(x)` that only the configuration knows and that is named like a base path is none"),
        ("parameters", "`:id`, `:id{[0-9]+}` become `{id}`; `:id?` is two facts; a bare `*` stays"),
        ("not endpoints", "middleware, `mount` of other applications"),
        ("unresolved", "instances out of packages, computed paths, instances that are mounted nowhere"),
    ],
};

static FRAMEWORK: Framework = Framework {
    join: Join::Nest,
    as_called: |path| parameters(&without_patterns(path)),
    triggers: &["'hono'", "\"hono\"", "hono/", "@hono"],
    makes: &["new Hono(", "new OpenAPIHono("],
    starts: &["new Hono", "new OpenAPIHono", "createApp("],
    page: Some(&PAGE),
    ..Framework::new("hono", Family::Script)
};

impl Rules for Hono {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let last = name.rsplit(['.', '/']).next().unwrap_or_default();
        let is_ours = name.starts_with("hono") || name.starts_with("@hono/");
        if is_ours && (matches!(last, "Hono" | "OpenAPIHono") || name.ends_with("createFactory().createApp")) {
            return Some(Value::router(machine.graph.router(Router::of(self))));
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

    fn attribute(&self, machine: &mut Machine<'_>, on: RouterId, name: &str) -> Option<Value> {
        if name == "fetch" {
            serve(machine, on);
        }
        None
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        match (name, verb(name).filter(|_| !matches!(name, "del" | "head"))) {
            (_, Some(method)) if !call.arguments.is_empty() => verb_call(machine, on, method, call),
            ("on", _) if call.arguments.len() >= 3 => {
                let methods = texts(machine, &call.arguments[0].value);
                let evidence = call.lines_to(machine, Some(&call.arguments[1]));
                let Some(methods) = methods else {
                    machine.loose("a route's methods are computed", evidence);
                    return Some(Value::router(on));
                };
                let (handler, guarded) = handlers(&call.arguments[2..]);
                let paths = paths(machine, &call.arguments[1]);
                let registration = Registration { handler, guarded, evidence: vec![evidence] };
                machine.graph.register(on, &methods, &paths, &registration);
            }
            ("openapi", _) => documented(machine, on, call),
            ("route", _) => mount(machine, on, call),
            ("basePath", _) => {
                let path = call.at(0)?;
                let (prefix, evidence) = (base(path, path.as_path(machine)), vec![call.lines_to(machine, Some(path))]);
                // The two share their routes: whoever serves one serves the other.
                let extra: Option<Extra> = Some(Box::new(SharedBy(owner(machine, on))));
                let child = machine.graph.router(Router { extra, ..Router::of(self) });
                machine.graph.mount(on, child, prefix, evidence);
                return Some(Value::router(child));
            }
            ("fetch", _) => {
                serve(machine, on);
                return None;
            }
            _ if CHAINED.contains(&name) => {}
            _ => return None,
        }
        Some(Value::router(on))
    }

    fn finish(&'static self, machine: &mut Machine<'_>) {
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

/// The path that an operator puts the whole application below is none until somebody sets it.
fn base(given: &Argument, path: PathText) -> PathText {
    let named = given.text.split(['|', '?']).next().unwrap_or_default().trim();
    match &path {
        PathText::Unknown(why) if is_deployment(named) && *why.cause() != Why::Parameter => PathText::empty(),
        _ => path,
    }
}

/// The instance that holds the routes.
fn owner(machine: &Machine<'_>, router: RouterId) -> RouterId {
    machine.graph.routers[router].extra::<SharedBy>().map_or(router, |owner| owner.0)
}

fn serve(machine: &mut Machine<'_>, router: RouterId) {
    if machine.graph.routers[router].is_of(&Hono) {
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
    machine.graph.register(router, &[method], &given, &Registration { handler, guarded, evidence });
}

/// `openapi(createRoute({ method, path }), handler)`
fn documented(machine: &mut Machine<'_>, router: RouterId, call: &Call) {
    let Some(route) = call.at(0) else { return };
    let line = call.lines_to_near(machine, Some(route));
    let fields = match machine.known(&route.value) {
        Value::Made(made) => made.arguments.first().map(|first| machine.known(&first.value)),
        other => Some(other),
    };
    let Some(Value::Object(fields)) = fields else {
        machine.loose(format!("the documented route `{}` could not be followed", route.text), line);
        return;
    };
    let path = fields.get("path").map_or_else(
        || PathText::Unknown("`path` is not given literally".into()),
        |path| machine.path_text(&path, "path"),
    );
    let methods = fields.get("method").and_then(|method| texts(machine, &method)).unwrap_or_default();
    let evidence = [line.clone()].into_iter().chain(written_at(machine, &call.path, &path, &line)).collect();
    let (handler, _) = handlers(&call.arguments[1..]);
    machine.graph.register(router, &methods, &[path], &Registration { handler, guarded: false, evidence });
}

fn mount(machine: &mut Machine<'_>, parent: RouterId, call: &Call) {
    let (Some(path), Some(child)) = (call.at(0), call.at(1)) else { return };
    let evidence = call.lines_to_near(machine, Some(child));
    let prefix = path.as_path(machine);
    for router in children(machine, child) {
        let child = owner(machine, router);
        machine.graph.mount(parent, child, prefix.clone(), vec![evidence.clone()]);
    }
    match machine.known(&child.value) {
        Value::External(name) => {
            machine.loose(format!("the routes of `{}` come from the package `{name}`", child.text), evidence);
        }
        Value::Unknown(why) if why.is_said() => {
            machine.loose(format!("the router `{}` {why}", child.text), evidence);
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
        Some(Value::Handle(handle)) => machine.graph.router_of(handle, &Hono).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Hono's `:id{[0-9]+}` without the pattern, and `{id}` of documented routes as `:id`.
fn without_patterns(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (inner, tail) = closing_brace(after).map_or((after, ""), |end| (&after[..end], &after[end + 1..]));
        let segment = before.rsplit('/').next().unwrap_or_default();
        if !segment.contains(':') {
            out.push(':');
            out.push_str(inner);
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}
