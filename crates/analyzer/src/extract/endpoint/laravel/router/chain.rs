//! What the calls of a chain collect, and what the group at its end is given: a closure, a file, a list of either.

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::Attributes;
use crate::extract::endpoint::laravel::registry::Evaluator;
use crate::lang::php::call::PhpCall;
use crate::lang::php::machine::PhpFrame;
use crate::lang::php::value::{Native, PhpValue};

/// `Route::prefix('x')`: the chain with one more attribute.
pub(super) fn attribute<'c>(attributes: &Attributes<'c>, call: &PhpCall<'c>) -> PhpValue<'c> {
    let name = match call.name.as_ref() {
        "withoutMiddleware" => "excluded_middleware",
        name => name,
    };
    let mut fields = attributes.clone();
    let value = match (name, call.arguments.as_slice()) {
        ("middleware" | "excluded_middleware", many) if many.len() > 1 => {
            PhpValue::list(many.iter().map(|argument| argument.value.clone()))
        }
        (_, [first, ..]) => first.value.clone(),
        _ => PhpValue::Null,
    };
    fields.insert(name.to_owned(), value);
    PhpValue::Native(Rc::new(Native { kind: "registrar", id: 0, fields }))
}

/// `group($attributes, $routes)`, or `group($routes)` at the end of a chain.
pub(super) fn group<'c>(
    machine: &mut Evaluator<'c>,
    frame: &mut PhpFrame<'c>,
    attributes: &Attributes<'c>,
    call: &PhpCall<'c>,
) -> PhpValue<'c> {
    let mut attributes = attributes.clone();
    let routes = match call.arguments.as_slice() {
        [routes] => routes,
        [own, routes, ..] => {
            for (name, value) in own.value.entries() {
                if let Some(name) = name.as_text() {
                    let name = if name == "withoutMiddleware" { "excluded_middleware" } else { name };
                    attributes.insert(name.to_owned(), value.clone());
                }
            }
            if let PhpValue::Unknown(reason) = &own.value {
                attributes.insert("prefix".to_owned(), PhpValue::Unknown(reason.clone()));
            }
            routes
        }
        [] => return PhpValue::Null,
    };
    let end = match &routes.value {
        PhpValue::Closure(_) => routes.node.start_byte(),
        _ => call.node.end_byte().saturating_sub(1),
    };
    let evidence = call.evidence(Some(end));
    let inner = machine.host.group().with(&attributes, &evidence);
    machine.host.groups.push(Rc::new(inner));
    load(machine, frame, &routes.value, &evidence);
    machine.host.groups.pop();
    PhpValue::native("router", 0)
}

/// Run what a group is given: a closure, a file, a list of either.
pub(in crate::extract::endpoint::laravel) fn load<'c>(
    machine: &mut Evaluator<'c>,
    frame: &mut PhpFrame<'c>,
    routes: &PhpValue<'c>,
    evidence: &Evidence,
) {
    match routes {
        PhpValue::Closure(closure) => drop(machine.call_closure(closure, vec![PhpValue::native("router", 0)])),
        PhpValue::List(items) => {
            for (_, item) in items.iter() {
                load(machine, frame, item, evidence);
            }
        }
        PhpValue::Text(path) => match machine.place(frame, path) {
            Some(file) => {
                let mut inner = machine.frame(file);
                inner.variables.insert(Rc::from("router"), PhpValue::native("router", 0));
                machine.include(&mut inner, file);
            }
            None => machine.host.open(format!("routes are loaded from `{path}`, which is not in the tree"), evidence),
        },
        PhpValue::Unknown(reason) => {
            machine.host.open(format!("routes are loaded from a file that is not known: {reason}"), evidence);
        }
        _ => {}
    }
}
