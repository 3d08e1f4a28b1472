//! huma: operations that are registered with an API, which an adapter puts on another framework's router. The
//! documents that huma serves itself are not listed.

use super::{group, made, method_of, path, push, verb};
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{Handle, PathText, Router, RouterId};
use crate::trace::join::Join;
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, Value};

pub(super) struct Huma;

const PACKAGE: &str = "github.com/danielgtaylor/huma";

static FRAMEWORK: Framework = Framework {
    join: Join::SingleSlash,
    as_called: path::braced,
    triggers: &["danielgtaylor/huma"],
    starts: &["huma.API", "huma.Register(", "huma.NewGroup("],
    page: Some(&super::PAGE),
    ..Framework::new("huma", Family::Go)
};

impl Rules for Huma {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let rest = name.strip_prefix(PACKAGE)?;
        let (package, last) = rest.rsplit_once('.')?;
        if package.contains("/adapters/") {
            // With a group, the group is what the API stands on.
            let on = call.arguments.iter().rev().find_map(|argument| match machine.known(&argument.value) {
                Value::Handle(Handle::Router(router)) => Some(router),
                _ => None,
            });
            return last.starts_with("New").then(|| api(machine, on, call));
        }
        let api = call.at(0).map(|api| machine.known(&api.value));
        let api = api_in(machine, &api?, 0)?;
        let verb = verb(last);
        match (last, call.arguments.as_slice()) {
            ("NewGroup", [_, prefixes @ ..]) => {
                let child = group(machine, api, call, prefixes.first());
                return Some(Value::router(child));
            }
            ("Register", [_, operation, handler, ..]) => operation_of(machine, api, operation, handler, call),
            ("AutoRegister", _) => {
                let at = call.lines_to(machine, None);
                machine.loose("operations are registered by the methods of a value", at);
            }
            (_, [_, path, handler, ..]) if verb.is_some() => {
                let (at, path) = (call.lines_to(machine, Some(path)), path.as_path(machine));
                push(machine, api, verb.unwrap_or("ANY"), path, Some(handler), at);
            }
            _ => return None,
        }
        Some(Value::Null)
    }

    fn typed(&'static self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        let rest = of.strip_prefix(PACKAGE)?;
        if matches!(rest.rsplit('.').next(), Some("API" | "Group")) { made(machine, self) } else { None }
    }

    fn method(&'static self, _: &mut Machine<'_>, on: RouterId, name: &str, _: &Call) -> Option<Value> {
        name.starts_with("Use").then_some(Value::router(on))
    }
}

/// An API, on another framework's router where that is known.
fn api(machine: &mut Machine<'_>, on: Option<RouterId>, call: &Call) -> Value {
    let child = machine.graph.router(Router::of(&Huma));
    if let Some(parent) = on {
        let evidence = vec![call.lines_to(machine, None)];
        machine.graph.mount(parent, child, PathText::empty(), evidence);
    }
    Value::router(child)
}

/// The API of a value, which may be a struct of the program around one.
fn api_in(machine: &mut Machine<'_>, value: &Value, depth: usize) -> Option<RouterId> {
    match machine.known(value) {
        Value::Handle(handle) => machine.graph.router_of(handle, &Huma),
        Value::Object(object) if depth < 4 => {
            let fields: Vec<Value> = object.fields.borrow().values().cloned().collect();
            fields.iter().find_map(|field| api_in(machine, field, depth + 1))
        }
        _ => None,
    }
}

fn operation_of(machine: &mut Machine<'_>, api: RouterId, operation: &Argument, handler: &Argument, call: &Call) {
    let at = call.lines_within(machine, Some(operation), 12);
    let field = |name: &str| match &operation.value {
        Value::Made(made) => made.arguments.iter().find(|field| field.name.as_deref() == Some(name)).cloned(),
        _ => None,
    };
    let method = field("Method").and_then(|method| method_of(machine, &method));
    match (method, field("Path")) {
        (Some(method), Some(path)) => {
            let path = path.as_path(machine);
            push(machine, api, &method, path, Some(handler), at);
        }
        _ => machine.loose("the method and path of an operation could not be followed", at),
    }
}
