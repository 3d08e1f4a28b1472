//! chi: routers with `Route`, `Group`, `With` and `Mount`. A path of `/` below a prefix is the prefix itself, as
//! chi serves both. `NotFound` and middleware are no endpoints.

use super::{attach, group, is_package, made, method_of, nethttp, of_package, path, prefix_of, push, served, verb};
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{PathText, RouterId};
use crate::trace::invoke::positional;
use crate::trace::join::Join;
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, Value};

pub(super) struct Chi;

const PACKAGE: &str = "github.com/go-chi/chi";

static FRAMEWORK: Framework = Framework {
    join: Join::Adjoin,
    as_called: path::braced,
    is_served_beside_mounts: true,
    triggers: &["chi.NewRouter(", "chi.NewMux(", "chi.Router", "chi.Mux"],
    makes: &["chi.NewRouter(", "chi.NewMux("],
    starts: &["chi.NewRouter(", "chi.NewMux(", "chi.Router", "chi.Mux", ".Mount("],
    page: Some(&super::PAGE),
    ..Framework::new("chi", Family::Go)
};

impl Rules for Chi {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn owns(&self, package: &str) -> bool {
        is_package(package, PACKAGE)
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, _: &Call) -> Option<Value> {
        match of_package(name, PACKAGE)? {
            "NewRouter" | "NewMux" => made(machine, self),
            _ => None,
        }
    }

    fn typed(&'static self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        match of_package(of, PACKAGE)? {
            "Router" | "Mux" => made(machine, self),
            _ => None,
        }
    }

    fn method(&'static self, machine: &mut Machine<'_>, router: RouterId, name: &str, call: &Call) -> Option<Value> {
        if let (Some(method), [path, handler, ..]) = (verb(name).filter(|verb| *verb != name), &call.arguments[..]) {
            route(machine, router, method, path, handler, call);
            return Some(Value::router(router));
        }
        match (name, call.arguments.as_slice()) {
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
                let argument = positional(Value::router(child));
                machine.call_value(&function.value, None, &[argument], call);
                return Some(Value::router(child));
            }
            ("Group", [function]) => {
                let argument = positional(Value::router(router));
                machine.call_value(&function.value, None, &[argument], call);
            }
            ("Mount", [path, handler]) => mount(machine, router, path, handler, call),
            ("With" | "Use" | "Middlewares" | "Group", _) => {}
            _ => return None,
        }
        Some(Value::router(router))
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
    push(machine, router, &method, written, Some(handler), evidence);
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
                let below = prefix.map(|prefix| format!("{}/*", prefix.trim_end_matches('/')));
                push(machine, parent, "ANY", below, Some(handler), evidence);
            }
            _ => {
                let shown: String = handler.text.chars().take(60).collect();
                machine.loose(format!("the routes of `{shown}` could not be followed"), evidence);
            }
        }
        return;
    }
    let (own, others): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(child, _)| machine.graph.routers[*child].is_of(&Chi));
    for (child, _) in own.into_iter().filter(|(child, _)| *child != parent) {
        machine.graph.mount(parent, child, prefix.clone(), vec![evidence.clone()]);
    }
    if !others.is_empty() {
        attach(machine, parent, &value, call, &evidence);
    }
}
