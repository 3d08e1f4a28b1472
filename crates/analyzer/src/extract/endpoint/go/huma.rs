//! huma: operations that are registered with an API, which an adapter puts on another framework's router. The
//! documents that huma serves itself are not listed.

use super::{METHODS, group, method_of, new_router, plain, push, value_of};
use crate::syntax::grammar::Family;
use crate::trace::graph::{Handle, Join, Mount, PathText, RouterId};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::{Argument, Value};

pub(super) struct Huma;

const NAME: &str = "huma";
const PACKAGE: &str = "github.com/danielgtaylor/huma";

impl Rules for Huma {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Go
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["danielgtaylor/huma"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["huma.API", "huma.Register(", "huma.NewGroup("]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let rest = name.strip_prefix(PACKAGE)?;
        let (package, last) = rest.rsplit_once('.')?;
        if package.contains("/adapters/") {
            // With a group, the group is what the API stands on.
            let on = call.arguments.iter().rev().find_map(|argument| match machine.known(&argument.value) {
                Value::Handle(Handle::Router(router)) => Some(router),
                _ => None,
            });
            return if last.starts_with("New") { self.api(machine, on, call) } else { None };
        }
        let api = call.at(0).map(|api| machine.known(&api.value));
        let api = api_in(machine, &api?, 0)?;
        let verb = METHODS.iter().find(|method| last.eq_ignore_ascii_case(method)).copied();
        match (last, call.arguments.as_slice()) {
            ("NewGroup", [_, prefixes @ ..]) => {
                let child = group(machine, api, call, prefixes.first());
                return value_of(child);
            }
            ("Register", [_, operation, handler, ..]) => operation_of(machine, api, operation, handler, call),
            ("AutoRegister", _) => {
                let at = call.lines_to(machine, None);
                machine.loose("operations are registered by the methods of a value", at);
            }
            (_, [_, path, handler, ..]) if verb.is_some() => {
                let (at, path) = (call.lines_to(machine, Some(path)), path.as_path(machine));
                push(machine, api, verb.unwrap_or("ANY"), path, (plain(Some(handler)), false, at));
            }
            _ => return None,
        }
        Some(Value::Null)
    }

    fn typed(&self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        let rest = of.strip_prefix(PACKAGE)?;
        matches!(rest.rsplit('.').next(), Some("API" | "Group"))
            .then(|| value_of(new_router(machine, NAME, Join::SingleSlash, false)))?
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, _: &Call) -> Option<Value> {
        match on {
            Handle::Router(router) if machine.graph.routers[router].framework == NAME => {
                name.starts_with("Use").then_some(Value::Handle(on))
            }
            _ => None,
        }
    }
}

impl Huma {
    fn api(&self, machine: &mut Machine<'_>, on: Option<RouterId>, call: &Call) -> Option<Value> {
        let child = new_router(machine, NAME, Join::SingleSlash, false);
        if let Some(parent) = on {
            let evidence = vec![call.lines_to(machine, None)];
            let prefix = PathText::Known(String::new());
            machine.graph.mounts.push(Mount { parent, child, prefix, evidence });
        }
        value_of(child)
    }
}

/// The API of a value, which may be a struct of the program around one.
fn api_in(machine: &mut Machine<'_>, value: &Value, depth: usize) -> Option<RouterId> {
    match machine.known(value) {
        Value::Handle(Handle::Router(router)) if machine.graph.routers[router].framework == NAME => Some(router),
        Value::Object(object) if depth < 4 => {
            let fields: Vec<Value> = object.fields.borrow().values().cloned().collect();
            fields.iter().find_map(|field| api_in(machine, field, depth + 1))
        }
        _ => None,
    }
}

fn operation_of(machine: &mut Machine<'_>, api: RouterId, operation: &Argument, handler: &Argument, call: &Call) {
    let at = call.lines_to(machine, Some(operation).filter(|operation| operation.end <= call.start + 12));
    let field = |name: &str| match &operation.value {
        Value::Made(made) => made.arguments.iter().find(|field| field.name.as_deref() == Some(name)).cloned(),
        _ => None,
    };
    let method = field("Method").and_then(|method| method_of(machine, &method));
    match (method, field("Path")) {
        (Some(method), Some(path)) => {
            let path = path.as_path(machine);
            push(machine, api, &method, path, (plain(Some(handler)), false, at));
        }
        _ => machine.loose("the method and path of an operation could not be followed", at),
    }
}
