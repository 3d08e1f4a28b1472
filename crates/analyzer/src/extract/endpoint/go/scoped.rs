//! Frameworks whose groups are functions without a router of their own (Macaron, Flamego): what is registered
//! while the function runs belongs to the group.

use super::{group, is_guarded, is_package, made, method_of, of_package, path, plain, verb};
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{Draft, DraftId, Registration, Router, RouterId};
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, Value};

/// One framework of this kind.
pub(super) struct Scoped {
    framework: Framework,
    package: &'static str,
    types: [&'static str; 2],
}

pub(super) static MACARON: Scoped = Scoped {
    framework: Framework {
        as_called: path::expressions,
        triggers: MACARON_STARTS,
        starts: MACARON_STARTS,
        page: Some(&super::PAGE),
        ..Framework::new("macaron", Family::Go)
    },
    package: "gopkg.in/macaron.v1",
    types: ["Macaron", "Router"],
};

pub(super) static FLAMEGO: Scoped = Scoped {
    framework: Framework {
        as_called: path::braced,
        triggers: FLAMEGO_STARTS,
        starts: FLAMEGO_STARTS,
        page: Some(&super::PAGE),
        ..Framework::new("flamego", Family::Go)
    },
    package: "github.com/flamego/flamego",
    types: ["Flame", "Router"],
};

const MACARON_STARTS: &[&str] = &["macaron.New(", "macaron.Classic(", "*macaron.Macaron"];
const FLAMEGO_STARTS: &[&str] = &["flamego.New(", "flamego.Classic(", "*flamego.Flame", "flamego.Router"];
/// Functions that make an application.
const MAKERS: [&str; 3] = ["New", "Classic", "NewWithLogger"];

impl Rules for Scoped {
    fn framework(&self) -> &Framework {
        &self.framework
    }

    fn owns(&self, package: &str) -> bool {
        is_package(package, self.package)
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, _: &Call) -> Option<Value> {
        let made = of_package(name, self.package)?;
        MAKERS.contains(&made).then(|| Value::router(machine.graph.router(Router::root(self))))
    }

    fn typed(&'static self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        let of = of_package(of, self.package)?;
        if self.types.contains(&of) { made(machine, self) } else { None }
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        let here = machine.grouped.get(&on).copied().unwrap_or(on);
        match (name, call.arguments.as_slice()) {
            (_, [path, handlers @ ..]) if verb_or_any(name).is_some() => {
                let method = verb_or_any(name).unwrap_or("ANY");
                route(machine, here, &[method.to_owned()], path, handlers, call);
            }
            ("Group", [_, function, ..]) => {
                let child = group(machine, here, call, call.at(0));
                let before = machine.grouped.insert(on, child);
                machine.call_value(&function.value, None, &[], call);
                match before {
                    Some(before) => machine.grouped.insert(on, before),
                    None => machine.grouped.remove(&on),
                };
            }
            ("Combo", [path, ..]) => {
                let (evidence, path) = (vec![call.lines_to(machine, Some(path))], path.as_path(machine));
                let draft = Draft { router: Some(here), paths: vec![path], evidence, ..Draft::of(self) };
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
        Some(Value::router(on))
    }

    fn draft_method(&'static self, machine: &mut Machine<'_>, on: DraftId, name: &str, call: &Call) -> Option<Value> {
        let draft = machine.graph.drafts[on].clone();
        if let (Some(method), Some(router)) = (verb_or_any(name), draft.router) {
            let line = call.lines_to(machine, None);
            let others = draft.evidence.iter().filter(|at| **at != line).cloned();
            let evidence = std::iter::once(line.clone()).chain(others).collect();
            let registration = Registration { handler: plain(call.arguments.last()), guarded: false, evidence };
            machine.graph.register(router, &[method], &draft.paths, &registration);
        }
        Some(Value::draft(on))
    }
}

fn verb_or_any(name: &str) -> Option<&'static str> {
    verb(name).or_else(|| (name == "Any").then_some("ANY"))
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
    let registration = Registration { handler: plain(handler), guarded: is_guarded(&around), evidence: vec![evidence] };
    machine.graph.register(router, methods, &[written], &registration);
}
