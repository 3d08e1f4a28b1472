//! Koa: applications, `@koa/router` with prefixes and nesting, `koa-mount`. A middleware that looks at the
//! path itself is no endpoint.

use super::script::{handlers, mounted, note_computed_module, parameters, paths, verb};
use super::written::texts;
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{Draft, Handle, PathText, Registration, Router, RouterId};
use crate::trace::join::Join;
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::Value;

pub(in crate::extract) struct Koa;

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "koa",
    title: "Koa",
    links: &["https://github.com/koajs/router", "https://github.com/koajs/mount"],
    fixtures: &["endpoint/koa"],
    text: "",
    rows: &[
        (
            "resolved",
            "`@koa/router` and `koa-router`: verbs, `all`, `register`, named routes, path lists, `prefix` at making \
             and afterwards, `use` with a path and nested `routes()`, several routers in one `use`, `koa-compose`; \
             `koa-mount` of applications and routers",
        ),
        (
            "an application",
            "one that is made and mounted nowhere; a double of a mounted one, made by trying a function out, is \
             none",
        ),
        ("trailing slash", "dropped, as with Express"),
        ("unresolved", "regular expressions, routers that a plugin registry hands out, computed paths"),
        ("not seen", "middleware that compares `ctx.path` itself"),
    ],
};

static FRAMEWORK: Framework = Framework {
    join: Join::SingleSlash,
    as_called: without_last_slash,
    triggers: &["'koa'", "\"koa\"", "koa/router", "koa-router", "koa-mount"],
    makes: &["new Koa("],
    starts: &["new Koa", "new Router"],
    page: Some(&PAGE),
    ..Framework::new("koa", Family::Script)
};

impl Rules for Koa {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        match name {
            "koa" | "koa.default" => Some(Value::router(machine.graph.router(Router::root(self)))),
            "@koa/router"
            | "@koa/router.default"
            | "@koa/router.Router"
            | "koa-router"
            | "koa-router.default"
            | "koa-router.Router" => {
                let made = machine.graph.router(Router::of(self));
                if let Some(options) = call.at(0)
                    && let Value::Object(fields) = machine.known(&options.value)
                    && let Some(prefix) = fields.get("prefix")
                {
                    let evidence = call.lines_to(machine, Some(options));
                    machine.graph.routers[made].prefix = Some((machine.path_text(&prefix, "prefix"), evidence));
                }
                Some(Value::router(made))
            }
            "koa-mount" | "koa-mount.default" => {
                let (paths, inner) = match call.arguments.as_slice() {
                    [inner] => (vec![PathText::empty()], inner),
                    [path, inner, ..] => (paths(machine, path), inner),
                    [] => return None,
                };
                let inner = children(machine, &inner.value).into_iter().map(|(child, _)| Handle::Router(child));
                let draft = Draft {
                    paths,
                    evidence: vec![call.lines_to(machine, None)],
                    inner: inner.collect(),
                    ..Draft::of(&Koa)
                };
                Some(Value::Handle(machine.graph.draft(draft)))
            }
            _ => None,
        }
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        match (name, verb(name)) {
            (_, Some(method)) if call.arguments.len() >= 2 => add(machine, on, &[method.to_owned()], call, 0),
            ("register", _) if call.arguments.len() >= 3 => match texts(machine, &call.arguments[1].value) {
                Some(methods) => add(machine, on, &methods, call, 2),
                None => {
                    let evidence = call.lines_to(machine, None);
                    machine.loose("a route's methods are computed", evidence);
                }
            },
            ("use", _) => mount(machine, on, call),
            ("prefix", _) => {
                let argument = call.at(0)?;
                let prefix = argument.as_path(machine);
                let evidence = call.lines_to(machine, Some(argument));
                machine.graph.routers[on].prefix = Some((prefix, evidence));
            }
            ("routes" | "middleware" | "param", _) => {}
            ("allowedMethods", _) => return Some(Value::Null),
            _ => return None,
        }
        Some(Value::router(on))
    }

    /// A prefix counts for what was registered before it was given, too.
    fn finish(&'static self, machine: &mut Machine<'_>) {
        let graph = &mut machine.graph;
        for (id, router) in graph.routers.iter().enumerate().filter(|(_, router)| router.is_of(&Koa)) {
            let Some((prefix, evidence)) = &router.prefix else { continue };
            for route in graph.routes.iter_mut().filter(|route| route.router == id) {
                route.path = below(prefix, &route.path);
                route.evidence.push(evidence.clone());
            }
            for mount in graph.mounts.iter_mut().filter(|mount| mount.parent == id) {
                mount.prefix = below(prefix, &mount.prefix);
                mount.evidence.push(evidence.clone());
            }
        }
    }
}

fn below(prefix: &PathText, own: &PathText) -> PathText {
    prefix.and(own, |prefix, own| Join::SingleSlash.join(prefix, own))
}

/// As Express; without the strict option a last slash makes no difference.
fn without_last_slash(path: &str) -> Vec<String> {
    parameters(path.strip_suffix('/').filter(|shorter| !shorter.is_empty()).unwrap_or(path))
}

/// A route, whose path comes first, or after its name; `skipped` arguments stand between path and handlers.
fn add(machine: &mut Machine<'_>, router: RouterId, methods: &[String], call: &Call, skipped: usize) {
    let second = machine.known(&call.arguments[1].value);
    let is_named = skipped == 0
        && call.arguments.len() >= 3
        && matches!(machine.known(&call.arguments[0].value), Value::Text(_))
        && matches!(second, Value::Text(_) | Value::Array(_));
    let at = usize::from(is_named);
    let given = &call.arguments[at];
    let evidence = vec![call.lines_to(machine, Some(given))];
    let (handler, guarded) = handlers(call.arguments.get((at + 1).max(skipped)..).unwrap_or_default());
    let paths = paths(machine, given);
    machine.graph.register(router, methods, &paths, &Registration { handler, guarded, evidence });
}

fn mount(machine: &mut Machine<'_>, parent: RouterId, call: &Call) {
    let (prefixes, rest) = mounted(machine, call, false);
    for argument in rest {
        for (child, inside) in children(machine, &argument.value).into_iter().filter(|(child, _)| *child != parent) {
            for prefix in &prefixes {
                let evidence = vec![call.lines_to_near(machine, Some(argument))];
                let prefix = inside.as_ref().map_or_else(|| prefix.clone(), |inside| below(prefix, inside));
                machine.graph.mount(parent, child, prefix, evidence);
            }
        }
        note_computed_module(machine, argument, call);
    }
}

/// The routers in a value, with the path that they are mounted below on the way.
fn children(machine: &mut Machine<'_>, value: &Value) -> Vec<(RouterId, Option<PathText>)> {
    match machine.known(value) {
        Value::Handle(Handle::Router(router)) => vec![(router, None)],
        Value::Handle(Handle::Draft(draft)) if machine.graph.drafts[draft].is_of(&Koa) => {
            let draft = &machine.graph.drafts[draft];
            let inner = draft.inner.iter().filter_map(|inner| match inner {
                Handle::Router(router) => Some(*router),
                Handle::Draft(_) => None,
            });
            inner.flat_map(|router| draft.paths.iter().map(move |path| (router, Some(path.clone())))).collect()
        }
        Value::Array(items) => {
            let items = items.borrow().clone();
            items.iter().flat_map(|item| children(machine, item)).collect()
        }
        Value::Module(module) => match machine.exported(module) {
            Some(inner @ Value::Handle(_)) => children(machine, &inner),
            _ => Vec::new(),
        },
        // `compose([...])`
        Value::Made(made) => {
            let plain = |value: &&Value| matches!(value, Value::Handle(_) | Value::Array(_));
            made.values().iter().filter(plain).flat_map(|value| children(machine, value)).collect()
        }
        _ => Vec::new(),
    }
}
