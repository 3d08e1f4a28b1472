//! Frameworks whose groups are functions without a router of their own (Macaron, Flamego): what is registered
//! while the function runs belongs to the group.

use super::{METHODS, group, is_guarded, method_of, new_router, of_package, plain, push, value_of};
use crate::syntax::grammar::Family;
use crate::trace::graph::{Draft, Handle, Join, RouterId};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::{Argument, Value};

/// One framework of this kind.
pub(super) struct Scoped {
    name: &'static str,
    package: &'static str,
    makers: &'static [&'static str],
    types: &'static [&'static str],
    starts: &'static [&'static str],
}

pub(super) const MACARON: Scoped = Scoped {
    name: "macaron",
    package: "gopkg.in/macaron.v1",
    makers: &["New", "Classic", "NewWithLogger"],
    types: &["Macaron", "Router"],
    starts: &["macaron.New(", "macaron.Classic(", "*macaron.Macaron"],
};

pub(super) const FLAMEGO: Scoped = Scoped {
    name: "flamego",
    package: "github.com/flamego/flamego",
    makers: &["New", "Classic", "NewWithLogger"],
    types: &["Flame", "Router"],
    starts: &["flamego.New(", "flamego.Classic(", "*flamego.Flame", "flamego.Router"],
};

impl Rules for Scoped {
    fn name(&self) -> &'static str {
        self.name
    }

    fn family(&self) -> Family {
        Family::Go
    }

    fn triggers(&self) -> &'static [&'static str] {
        self.starts
    }

    fn starts(&self) -> &'static [&'static str] {
        self.starts
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, _: &Call) -> Option<Value> {
        let made = of_package(name, self.package)?;
        self.makers.contains(&made).then(|| value_of(new_router(machine, self.name, Join::Verbatim, true)))?
    }

    fn typed(&self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        let of = of_package(of, self.package)?;
        self.types.contains(&of).then(|| value_of(new_router(machine, self.name, Join::Verbatim, false)))?
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        let verb = METHODS.iter().find(|method| name.eq_ignore_ascii_case(method)).copied();
        let verb = verb.or_else(|| (name == "Any").then_some("ANY"));
        match on {
            Handle::Router(router) if machine.graph.routers[router].framework == self.name => {
                let here = machine.grouped.get(&router).copied().unwrap_or(router);
                match (name, call.arguments.as_slice()) {
                    (_, [path, handlers @ ..]) if verb.is_some() => {
                        let methods = [verb.unwrap_or("ANY").to_owned()];
                        route(machine, here, &methods, path, handlers, call);
                    }
                    ("Group", [_, function, ..]) => {
                        let child = group(machine, here, call, call.at(0));
                        let before = machine.grouped.insert(router, child);
                        machine.call_value(&function.value, None, &[], call);
                        match before {
                            Some(before) => machine.grouped.insert(router, before),
                            None => machine.grouped.remove(&router),
                        };
                    }
                    ("Combo", [path, ..]) => {
                        let (evidence, path) = (vec![call.lines_to(machine, Some(path))], path.as_path(machine));
                        let draft = Draft {
                            framework: self.name,
                            router: Some(here),
                            paths: vec![path],
                            evidence,
                            ..Draft::default()
                        };
                        return Some(Value::Handle(machine.graph.draft(draft)));
                    }
                    // Macaron has the path first, Flamego too: "GET,POST" stands between path and handlers.
                    ("Route" | "Routes", [path, methods, handlers @ ..]) => {
                        let listed = method_of(machine, methods)?;
                        let listed: Vec<String> = listed.split(',').map(|method| method.trim().to_owned()).collect();
                        route(machine, here, &listed, path, handlers, call);
                    }
                    ("Handle", [method, path, handlers @ ..]) => {
                        let method = method_of(machine, method)?;
                        route(machine, here, &[method], path, handlers, call);
                    }
                    _ => return None,
                }
                Some(Value::Handle(on))
            }
            Handle::Draft(draft) if machine.graph.drafts[draft].framework == self.name => {
                let draft = machine.graph.drafts[draft].clone();
                if let (Some(method), Some(router)) = (verb, draft.router) {
                    let line = call.lines_to(machine, None);
                    for path in draft.paths {
                        let said = (plain(call.arguments.last()), false, line.clone());
                        push(machine, router, method, path, said);
                        if let Some(route) = machine.graph.routes.last_mut() {
                            route.evidence.extend(draft.evidence.iter().filter(|at| **at != line).cloned());
                        }
                    }
                }
                Some(Value::Handle(on))
            }
            _ => None,
        }
    }
}

fn route(
    machine: &mut Machine<'_>,
    router: RouterId,
    methods: &[String],
    path: &Argument,
    handlers: &[Argument],
    call: &Call,
) {
    let (evidence, written) = (call.lines_to(machine, Some(path)), path.as_path(machine));
    let (handler, around) = match handlers {
        [] => (None, Vec::new()),
        [rest @ .., last] => (Some(last), rest.iter().collect::<Vec<_>>()),
    };
    for method in methods {
        push(machine, router, method, written.clone(), (plain(handler), is_guarded(&around), evidence.clone()));
    }
}
