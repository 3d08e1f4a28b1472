//! Koa: applications, `@koa/router` with prefixes and nesting, `koa-mount`. A middleware that looks at the
//! path itself is no endpoint.

use super::express::{handlers, paths};
use super::path;
use super::written::texts;
use crate::syntax::grammar::Family;
use crate::trace::graph::{Draft, Handle, Join, Mount, PathText, Route, Router, RouterId};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::{Argument, Value};

pub(in crate::extract) struct Koa;

const NAME: &str = "koa";
const VERBS: [(&str, &str); 9] = [
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
    ("del", "DELETE"),
    ("head", "HEAD"),
    ("options", "OPTIONS"),
    ("all", "ANY"),
];

impl Rules for Koa {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Script
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["'koa'", "\"koa\"", "koa/router", "koa-router", "koa-mount"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["new Koa", "new Router"]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        match name {
            "koa" | "koa.default" => Some(router(machine, true)),
            "@koa/router"
            | "@koa/router.default"
            | "@koa/router.Router"
            | "koa-router"
            | "koa-router.default"
            | "koa-router.Router" => {
                let made = router(machine, false);
                if let (Value::Handle(Handle::Router(id)), Some(options)) = (&made, call.at(0))
                    && let Value::Object(fields) = machine.known(&options.value)
                    && let Some(prefix) = fields.get("prefix")
                {
                    let evidence = call.lines_to(machine, Some(options));
                    let prefix = machine.path_text(&prefix, "prefix");
                    machine.graph.routers[*id].prefix = Some((prefix, evidence));
                }
                Some(made)
            }
            "koa-mount" | "koa-mount.default" => {
                let (paths, inner) = match call.arguments.as_slice() {
                    [inner] => (vec![PathText::Known(String::new())], inner),
                    [path, inner, ..] => (paths(machine, path), inner),
                    [] => return None,
                };
                let inner = children(machine, &inner.value).into_iter().map(|(child, _)| Handle::Router(child));
                let draft = Draft {
                    framework: NAME,
                    paths,
                    evidence: vec![call.lines_to(machine, None)],
                    inner: inner.collect(),
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
        let verb = VERBS.iter().find(|(verb, _)| *verb == name).map(|(_, method)| *method);
        match (name, verb) {
            (_, Some(method)) if call.arguments.len() >= 2 => add(machine, router, &[method.to_owned()], call, 0),
            ("register", _) if call.arguments.len() >= 3 => {
                let methods = texts(machine, &call.arguments[1].value);
                match methods {
                    Some(methods) => add(machine, router, &methods, call, 2),
                    None => {
                        let evidence = call.lines_to(machine, None);
                        machine.loose("a route's methods are computed", evidence);
                    }
                }
            }
            ("use", _) => mount(machine, router, call),
            ("prefix", _) => {
                let argument = call.at(0)?;
                let prefix = argument.as_path(machine);
                let evidence = call.lines_to(machine, Some(argument));
                machine.graph.routers[router].prefix = Some((prefix, evidence));
            }
            ("routes" | "middleware" | "param", _) => {}
            ("allowedMethods", _) => return Some(Value::Null),
            _ => return None,
        }
        Some(Value::Handle(on))
    }

    /// A prefix counts for what was registered before it was given, too.
    fn finish(&self, machine: &mut Machine<'_>) {
        let graph = &mut machine.graph;
        for (id, router) in graph.routers.iter().enumerate().filter(|(_, router)| router.framework == NAME) {
            let Some((prefix, evidence)) = &router.prefix else {
                continue;
            };
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

fn router(machine: &mut Machine<'_>, is_root: bool) -> Value {
    let router = Router { framework: NAME, join: Join::SingleSlash, is_root, prefix: None, note: String::new() };
    Value::Handle(Handle::Router(machine.graph.router(router)))
}

fn below(prefix: &PathText, own: &PathText) -> PathText {
    match (prefix, own) {
        (PathText::Known(prefix), PathText::Known(own)) => PathText::Known(path::join(Join::SingleSlash, prefix, own)),
        (unknown @ PathText::Unknown(_), _) | (_, unknown) => unknown.clone(),
    }
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
    let rest = call.arguments.get((at + 1).max(skipped)..).unwrap_or_default();
    let (handler, guarded) = handlers(rest);
    for path in paths(machine, given) {
        for method in methods {
            let (method, path) = (method.to_ascii_uppercase(), path.clone());
            let (handler, evidence) = (handler.clone(), evidence.clone());
            machine.graph.routes.push(Route { router, method, path, handler, guarded, evidence });
        }
    }
}

fn mount(machine: &mut Machine<'_>, parent: RouterId, call: &Call) {
    let Some(first) = call.at(0) else { return };
    let is_path = match machine.known(&first.value) {
        Value::Text(_) => true,
        Value::Array(items) => items.borrow().first().is_some_and(|item| matches!(item, Value::Text(_))),
        Value::Unknown(_) | Value::Env(..) => call.arguments.len() > 1,
        _ => false,
    };
    let (prefixes, rest): (Vec<PathText>, &[Argument]) = match is_path {
        true => (paths(machine, first), &call.arguments[1..]),
        false => (vec![PathText::Known(String::new())], &call.arguments),
    };
    for argument in rest {
        for (child, inside) in children(machine, &argument.value) {
            if child == parent {
                continue;
            }
            for prefix in &prefixes {
                let evidence = vec![call.lines_to(machine, Some(argument).filter(|_| argument.end <= call.start + 8))];
                let prefix = inside.as_ref().map_or_else(|| prefix.clone(), |inside| below(prefix, inside));
                machine.graph.mounts.push(Mount { parent, child, prefix, evidence });
            }
        }
        if let Value::Unknown(reason) = machine.known(&argument.value)
            && reason.starts_with("is a module")
        {
            let evidence = call.lines_to(machine, Some(argument));
            machine.loose(format!("the router `{}` {reason}", argument.text), evidence);
        }
    }
}

/// The routers in a value, with the path that they are mounted below on the way.
fn children(machine: &mut Machine<'_>, value: &Value) -> Vec<(RouterId, Option<PathText>)> {
    match machine.known(value) {
        Value::Handle(Handle::Router(router)) => vec![(router, None)],
        Value::Handle(Handle::Draft(draft)) if machine.graph.drafts[draft].framework == NAME => {
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
            let arguments: Vec<Value> = made.arguments.iter().map(|argument| argument.value.clone()).collect();
            let plain = |value: &Value| matches!(value, Value::Handle(_) | Value::Array(_));
            arguments.iter().filter(|value| plain(value)).flat_map(|value| children(machine, value)).collect()
        }
        _ => Vec::new(),
    }
}
