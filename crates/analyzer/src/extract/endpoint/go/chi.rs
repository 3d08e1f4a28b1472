//! chi: routers with `Route`, `Group`, `With` and `Mount`. A path of `/` below a prefix is the prefix itself, as
//! chi serves both. `NotFound` and middleware are no endpoints.

use super::{
    METHODS, attach, group, method_of, nethttp, new_router, of_package, plain, prefix_of, push, served, value_of,
};
use crate::syntax::grammar::Family;
use crate::trace::call::positional;
use crate::trace::graph::{Handle, Join, Mount, PathText, RouterId};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::{Argument, Value};

pub(super) struct Chi;

const NAME: &str = "chi";
const PACKAGE: &str = "github.com/go-chi/chi";

impl Rules for Chi {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Go
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["chi.NewRouter(", "chi.NewMux(", "chi.Router", "chi.Mux"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["chi.NewRouter(", "chi.NewMux(", "chi.Router", "chi.Mux", ".Mount("]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, _: &Call) -> Option<Value> {
        match of_package(name, PACKAGE)? {
            "NewRouter" | "NewMux" => value_of(new_router(machine, NAME, Join::Adjoin, false)),
            _ => None,
        }
    }

    fn typed(&self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        match of_package(of, PACKAGE)? {
            "Router" | "Mux" => value_of(new_router(machine, NAME, Join::Adjoin, false)),
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
        let verb = METHODS.iter().find(|method| name.eq_ignore_ascii_case(method) && name != **method);
        match (name, call.arguments.as_slice()) {
            (_, [path, handler, ..]) if verb.is_some() => {
                route(machine, router, verb.unwrap_or(&"ANY"), path, handler, call);
            }
            ("Handle" | "HandleFunc", [path, handler]) => route(machine, router, "ANY", path, handler, call),
            ("Method" | "MethodFunc", [method, path, handler]) => match method_of(machine, method) {
                Some(method) => route(machine, router, &method, path, handler, call),
                None => {
                    let at = call.lines_to(machine, Some(path));
                    machine.loose(format!("the method of a route is computed: `{}`", method.text), at);
                }
            },
            ("Route", [_, function]) => {
                let child = group(machine, router, call, call.at(0));
                let argument = positional(Value::Handle(Handle::Router(child)));
                machine.call_value(&function.value, None, &[argument], call);
                return value_of(child);
            }
            ("Group", [function]) => {
                let argument = positional(Value::Handle(on));
                machine.call_value(&function.value, None, &[argument], call);
            }
            ("Mount", [path, handler]) => mount(machine, router, path, handler, call),
            ("With" | "Use" | "Middlewares" | "Group", _) => {}
            _ => return None,
        }
        Some(Value::Handle(on))
    }
}

fn route(machine: &mut Machine<'_>, router: RouterId, method: &str, path: &Argument, handler: &Argument, call: &Call) {
    let evidence = call.lines_to(machine, Some(path));
    let value = machine.known(&handler.value);
    let is_wrapped = matches!(value, Value::Made(_) | Value::Handle(_) | Value::Object(_));
    if is_wrapped && attach(machine, router, &value, call, &evidence) {
        return;
    }
    let written = path.as_path(machine);
    let (method, written) = match (method, &written) {
        ("ANY", PathText::Known(text)) => match nethttp::split(text) {
            (method, path) if method != "ANY" => (method, PathText::Known(path)),
            _ => (method.to_owned(), written),
        },
        _ => (method.to_owned(), written),
    };
    push(machine, router, &method, written, (plain(Some(handler)), false, evidence));
}

fn mount(machine: &mut Machine<'_>, parent: RouterId, path: &Argument, handler: &Argument, call: &Call) {
    let evidence = call.lines_to(machine, Some(path));
    let value = machine.known(&handler.value);
    let found = served(machine, &value, call, 0);
    let prefix = prefix_of(machine, parent, path);
    if found.is_empty() {
        match value {
            // What a package serves is its own.
            Value::Made(_) | Value::External(_) => {}
            Value::Function(_) | Value::Object(_) => {
                let below = match prefix {
                    PathText::Known(prefix) => PathText::Known(format!("{}/*", prefix.trim_end_matches('/'))),
                    unknown @ PathText::Unknown(_) => unknown,
                };
                push(machine, parent, "ANY", below, (plain(Some(handler)), false, evidence));
            }
            _ => {
                let shown: String = handler.text.chars().take(60).collect();
                machine.loose(format!("the routes of `{shown}` could not be followed"), evidence);
            }
        }
        return;
    }
    let (own, others): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(child, _)| machine.graph.routers[*child].framework == NAME);
    for (child, _) in own.into_iter().filter(|(child, _)| *child != parent) {
        let evidence = vec![evidence.clone()];
        machine.graph.mounts.push(Mount { parent, child, prefix: prefix.clone(), evidence });
    }
    if !others.is_empty() {
        attach(machine, parent, &value, call, &evidence);
    }
}
