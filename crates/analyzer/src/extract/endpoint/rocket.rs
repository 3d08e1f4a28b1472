//! Rocket: handlers with route attributes, `routes![…]`, lists of routes that functions return, `mount`, and
//! fairings that mount. Catchers and file servers are no endpoints.

use super::{attribute, guard};
use crate::syntax::grammar::Family;
use crate::trace::call::positional;
use crate::trace::graph::{Draft, Handle, Join, Mount, PathText, Route, Router, RouterId, Verb};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::{Argument, Value};

pub(in crate::extract) struct Rocket;

pub(super) const NAME: &str = "rocket";
/// Lists inside lists of routes.
const MAX_NESTING: usize = 12;

impl Rules for Rocket {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Rust
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["rocket"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &[
            "rocket::build",
            "rocket::custom",
            "Rocket::build",
            "Rocket::custom",
            "rocket::ignite",
            ".mount(",
            "routes!",
            "routes_spec!",
        ]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let (module, last) = name.rsplit_once('.').unwrap_or(("", name));
        if matches!(last, "routes!" | "openapi_get_routes!" | "openapi_get_routes_spec!") {
            return listed(machine, last, module.starts_with("rocket"), call);
        }
        if !module.starts_with("rocket") && module != "Rocket" {
            return None;
        }
        match last {
            "build" | "custom" | "ignite" if matches!(module, "rocket" | "rocket.Rocket" | "Rocket") => {
                let router =
                    Router { framework: NAME, join: Join::Nest, is_root: true, prefix: None, note: String::new() };
                Some(Value::Handle(Handle::Router(machine.graph.router(router))))
            }
            "new" | "ranked" if module.ends_with("Route") => by_hand(machine, last == "ranked", call),
            _ => None,
        }
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        match on {
            Handle::Router(router) if machine.graph.routers[router].framework == NAME => {
                match name {
                    "mount" => mount(machine, router, call),
                    "attach" => attach(machine, on, call),
                    _ => {}
                }
                Some(Value::Handle(on))
            }
            Handle::Draft(draft) if machine.graph.drafts[draft].framework == NAME => Some(Value::Handle(on)),
            Handle::Router(_) | Handle::Draft(_) => None,
        }
    }
}

/// `routes![a, b::c]`: one draft for each handler. The macro of another framework has the same name; its handlers
/// have no route attributes.
fn listed(machine: &mut Machine<'_>, last: &str, is_ours: bool, call: &Call) -> Option<Value> {
    let mut out = Vec::new();
    let at = call.lines_to(machine, None);
    for argument in &call.arguments {
        let Value::Function(closure) = machine.known(&argument.value) else {
            if is_ours || last != "routes!" {
                let reason = format!("the handler `{}` of a list of routes could not be followed", argument.text);
                machine.loose(reason, at.clone());
            }
            continue;
        };
        let function = &closure.program.functions[closure.function];
        let guarded = function.parameters.iter().any(|parameter| guard::is_extractor(&parameter.of_type));
        let handler = function.name.as_ref().map(ToString::to_string);
        let file = machine.modules[closure.module].path.to_string();
        for routed in attribute::routes_of(function) {
            let path = match routed.path {
                Some(path) => PathText::Known(path.split('?').next().unwrap_or_default().to_owned()),
                None => PathText::Unknown("the attribute holds no plain text".to_owned()),
            };
            let evidence = vec![machine.evidence(&file, routed.lines.0, routed.lines.1)];
            let verb = |method: &String| Verb {
                method: method.clone(),
                handler: handler.clone(),
                guarded,
                lines: Some(at.clone()),
            };
            let verbs = routed.methods.iter().map(verb).collect();
            let draft = Draft { framework: NAME, paths: vec![path], verbs, evidence, ..Draft::default() };
            out.push(Value::Handle(machine.graph.draft(draft)));
        }
    }
    if out.is_empty() && !is_ours && !call.arguments.is_empty() {
        return None;
    }
    let list = Value::array(out);
    // The last comes with the description of the routes.
    Some(if last == "openapi_get_routes_spec!" { Value::array(vec![list, Value::unknown("")]) } else { list })
}

/// `Route::new(Method::Get, "/x", handler)`
fn by_hand(machine: &mut Machine<'_>, is_ranked: bool, call: &Call) -> Option<Value> {
    let from = usize::from(is_ranked);
    let method = call.at(from)?.text.rsplit("::").next().unwrap_or_default().to_ascii_uppercase();
    let path = call.at(from + 1)?;
    let written = path.as_path(machine);
    let lines = call.lines_to(machine, Some(path));
    let verb = Verb { method, handler: None, guarded: false, lines: None };
    let draft =
        Draft { framework: NAME, paths: vec![written], verbs: vec![verb], evidence: vec![lines], ..Draft::default() };
    Some(Value::Handle(machine.graph.draft(draft)))
}

fn mount(machine: &mut Machine<'_>, parent: RouterId, call: &Call) {
    let (Some(base), Some(routes)) = (call.at(0), call.at(1)) else { return };
    let mut found = Vec::new();
    let is_known = drafts(machine, &routes.value, &mut found, 0);
    let at = call.lines_to(machine, Some(routes).filter(|routes| routes.end <= call.start + 4).or(Some(base)));
    if !is_known && !is_file_server(routes) {
        let shown: String = routes.text.lines().next().unwrap_or_default().chars().take(60).collect();
        machine.loose(format!("the routes of `{shown}` could not be followed"), at.clone());
    }
    if found.is_empty() {
        return;
    }
    let prefix = base.as_path(machine);
    let child = Router { framework: NAME, join: Join::Nest, is_root: false, prefix: None, note: String::new() };
    let child = machine.graph.router(child);
    machine.graph.mounts.push(Mount { parent, child, prefix, evidence: vec![at] });
    for draft in found {
        let draft = machine.graph.drafts[draft].clone();
        for verb in &draft.verbs {
            for path in &draft.paths {
                let mut evidence = draft.evidence.clone();
                evidence.extend(verb.lines.clone());
                machine.graph.routes.push(Route {
                    router: child,
                    method: verb.method.clone(),
                    path: path.clone(),
                    handler: verb.handler.clone(),
                    guarded: verb.guarded,
                    evidence,
                });
            }
        }
    }
}

/// Handlers that serve files or pages of documentation.
fn is_file_server(routes: &Argument) -> bool {
    let made = ["FileServer", "StaticFiles", "make_swagger_ui", "make_rapidoc", "SwaggerUi", "Scalar", "Redoc"];
    made.iter().any(|made| routes.text.contains(made))
}

/// The drafts in lists of lists; false when a part of them is not known.
fn drafts(machine: &mut Machine<'_>, value: &Value, out: &mut Vec<usize>, depth: usize) -> bool {
    if depth >= MAX_NESTING {
        return false;
    }
    match machine.known(value) {
        Value::Handle(Handle::Draft(draft)) if machine.graph.drafts[draft].framework == NAME => {
            out.push(draft);
            true
        }
        Value::Array(items) => {
            let items = items.borrow().clone();
            every(machine, &items, out, depth)
        }
        Value::OneOf(options) => every(machine, &options, out, depth),
        Value::Null => true,
        _ => false,
    }
}

/// All of them are looked at, whatever the first ones are.
fn every(machine: &mut Machine<'_>, values: &[Value], out: &mut Vec<usize>, depth: usize) -> bool {
    let mut is_known = true;
    for value in values {
        is_known &= drafts(machine, value, out, depth + 1);
    }
    is_known
}

/// A fairing that gets the server before it starts may mount on it.
fn attach(machine: &mut Machine<'_>, on: Handle, call: &Call) {
    let Some(given) = call.at(0) else { return };
    let argument = positional(Value::Handle(on));
    match machine.known(&given.value) {
        Value::Made(made) if made.what.contains("AdHoc.") => {
            let Some(function) = made.arguments.iter().rev().find(|given| matches!(given.value, Value::Function(_)))
            else {
                return;
            };
            let function = function.value.clone();
            machine.call_value(&function, None, &[argument], call);
        }
        Value::Class(class) => {
            for name in ["on_ignite", "on_attach"] {
                if let Some(function) = machine.class_member(&class, name, None) {
                    machine.call_value(&function, None, std::slice::from_ref(&argument), call);
                }
            }
        }
        _ => {}
    }
}
