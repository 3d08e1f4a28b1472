//! What actix-web's `.service(…)` gets: scopes, resources, handlers with route macros, and lists of them.

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::{Actix, is_no_endpoint, push};
use crate::extract::endpoint::attribute::{self, shown};
use crate::extract::endpoint::script::rooted;
use crate::lang::rust::attribute::{Written, literal};
use crate::trace::call::Call;
use crate::trace::graph::{Handle, PathText, Registration, RouterId};
use crate::trace::machine::Machine;
use crate::trace::value::{Argument, Closure, Value};

/// Services inside services.
const MAX_SERVICE_DEPTH: usize = 12;

/// Something handed to `.service(…)`.
pub(super) fn service(
    machine: &mut Machine<'_>,
    parent: RouterId,
    value: &Value,
    argument: &Argument,
    call: &Call,
    depth: usize,
) {
    if depth >= MAX_SERVICE_DEPTH {
        return;
    }
    // The end of a long service is far away from the call.
    match machine.known(value) {
        Value::Handle(Handle::Router(child)) if child != parent => {
            let (prefix, mut evidence) = match machine.graph.routers[child].prefix.clone() {
                Some((prefix, at)) => (prefix, vec![at]),
                None => (PathText::empty(), Vec::new()),
            };
            let here = call.lines_to(machine, None);
            let is_near = evidence.iter().any(|at| at.path == here.path && at.start_line <= here.start_line + 2);
            if !is_near {
                evidence.push(here);
            }
            machine.graph.mount(parent, child, prefix, evidence);
        }
        Value::Handle(Handle::Draft(draft)) => {
            let draft = machine.graph.drafts[draft].clone();
            if draft.is_of(&Actix) && !draft.paths.is_empty() {
                push(machine, parent, &draft);
            }
        }
        Value::Handle(Handle::Router(_)) => {}
        Value::Array(items) => {
            let items = items.borrow().clone();
            for item in items {
                service(machine, parent, &item, argument, call, depth + 1);
            }
        }
        Value::OneOf(options) => {
            for option in options.iter() {
                service(machine, parent, option, argument, call, depth + 1);
            }
        }
        Value::Function(closure) => {
            let at = call.lines_within(machine, Some(argument), 2);
            if !attributed(machine, parent, &closure, Some(&at)) {
                machine.loose(format!("the routes of `{}` could not be followed", shown(argument)), at);
            }
        }
        other => {
            if !is_no_endpoint(&other.external().unwrap_or_else(|| Rc::clone(&argument.text))) {
                let at = call.lines_within(machine, Some(argument), 2);
                machine.loose(format!("the routes of `{}` could not be followed", shown(argument)), at);
            }
        }
    }
}

/// Routes that the attributes above a function say; false when there are none.
fn attributed(machine: &mut Machine<'_>, router: RouterId, closure: &Closure, at: Option<&Evidence>) -> bool {
    let function = &closure.program.functions[closure.function];
    let file = machine.modules[closure.module].path.to_string();
    let said = attribute::routes_of(function);
    let guarded = attribute::is_guarded(function);
    let handler = function.name.as_ref().map(ToString::to_string);
    let scope = function.attributes.iter().find(|attribute| {
        let written = Written::read(&attribute.text);
        written.name == "scope"
    });
    for routed in &said {
        let mut evidence = vec![machine.evidence(&file, routed.lines.0, routed.lines.1)];
        let mut path = match &routed.path {
            Some(path) => PathText::Known(rooted(path.clone())),
            None => PathText::Unknown("the attribute holds no plain text".into()),
        };
        if let Some(scope) = scope {
            let written = Written::read(&scope.text);
            let prefix = written.plain.first().and_then(|first| literal(first));
            path = match (prefix, path) {
                (Some(prefix), PathText::Known(path)) => PathText::Known(format!("{prefix}{path}")),
                (None, PathText::Known(_)) => PathText::Unknown("its scope holds no plain text".into()),
                (_, unknown) => unknown,
            };
            evidence.push(machine.evidence(&file, scope.start, scope.end));
        }
        evidence.extend(at.cloned());
        let registration = Registration { handler: handler.clone(), guarded, evidence };
        machine.graph.register(router, &routed.methods, &[path], &registration);
    }
    !said.is_empty()
}
