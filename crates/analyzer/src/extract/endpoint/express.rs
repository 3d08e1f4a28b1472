//! Express: applications and routers, `use`, verbs, `route(...)` chains. An `app.get('setting')` with one
//! argument is no route, and a middleware is no endpoint.

use super::guard;
use crate::syntax::grammar::Family;
use crate::trace::graph::{Draft, Handle, Join, Mount, PathText, Route, Router, RouterId};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::{Argument, Value};

pub(in crate::extract) struct Express;

const NAME: &str = "express";
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
/// The package in a literal, alone or in the name of another one, or used. The bare word stands in the "express or
/// implied" of a licence and in every "expression": whole front ends were parsed and run for it.
const TRIGGERS: &[&str] = &[
    "'express",
    "\"express",
    "`express",
    "/express",
    ":express",
    "-express'",
    "-express\"",
    "express.",
    "express(",
    ".listen(",
];
/// What is said of `app` and gives it back.
const CHAINED: [&str; 7] = ["set", "enable", "disable", "engine", "param", "on", "locals"];

impl Rules for Express {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Script
    }

    fn triggers(&self) -> &'static [&'static str] {
        TRIGGERS
    }

    fn starts(&self) -> &'static [&'static str] {
        &["express()", "Router(", ".listen(", "require(", "import("]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, _: &Call) -> Option<Value> {
        let is_root = match name {
            "express" | "express.default" => true,
            "express.Router"
            | "express.default.Router"
            | "express-promise-router"
            | "express-promise-router.default" => false,
            _ => return None,
        };
        let router = Router { framework: NAME, join: Join::Lenient, is_root, prefix: None, note: String::new() };
        Some(Value::Handle(Handle::Router(machine.graph.router(router))))
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        let verb = VERBS.iter().find(|(verb, _)| *verb == name).map(|(_, method)| *method);
        match on {
            Handle::Router(router) if machine.graph.routers[router].framework == NAME => {
                match (name, verb) {
                    (_, Some(method)) if call.arguments.len() >= 2 => verb_call(machine, router, method, call),
                    ("use", _) => mount(machine, router, call),
                    ("route", _) => return Some(route(machine, router, call)),
                    _ if CHAINED.contains(&name) => {}
                    _ => return None,
                }
                Some(Value::Handle(on))
            }
            Handle::Draft(draft) if machine.graph.drafts[draft].framework == NAME => {
                let draft = machine.graph.drafts[draft].clone();
                if let (Some(method), Some(router)) = (verb, draft.router) {
                    let line = call.lines_to(machine, None);
                    let first = draft.evidence.first();
                    let is_inside =
                        first.is_some_and(|at| at.start_line <= line.start_line && line.end_line <= at.end_line);
                    let mut evidence = if is_inside { Vec::new() } else { vec![line] };
                    evidence.extend(draft.evidence.iter().cloned());
                    for path in draft.paths {
                        let (handler, guarded) = handlers(&call.arguments);
                        let method = method.to_owned();
                        let evidence = evidence.clone();
                        machine.graph.routes.push(Route { router, method, path, handler, guarded, evidence });
                    }
                }
                Some(Value::Handle(on))
            }
            _ => None,
        }
    }
}

/// The paths of an argument: one text, or a list of them.
pub(super) fn paths(machine: &mut Machine<'_>, argument: &Argument) -> Vec<PathText> {
    match machine.known(&argument.value) {
        Value::Array(items) => {
            let items = items.borrow().clone();
            items.iter().map(|item| machine.path_text(item, &argument.text)).collect()
        }
        Value::Null if argument.text.starts_with('/') => {
            vec![PathText::Unknown(format!("`{}` is a regular expression", argument.text))]
        }
        _ => vec![argument.as_path(machine)],
    }
}

/// The name of the last handler where it is plain, and whether a guard stands before it.
pub(super) fn handlers(arguments: &[Argument]) -> (Option<String>, bool) {
    let Some((last, before)) = arguments.split_last() else {
        return (None, false);
    };
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '$');
    let handler = (!last.text.is_empty() && last.text.chars().all(plain)).then(|| last.text.to_string());
    let guarded = before.iter().any(|argument| guard::is_guard(argument.text.trim_matches(['[', ']'])));
    (handler, guarded)
}

fn verb_call(machine: &mut Machine<'_>, router: RouterId, method: &str, call: &Call) {
    let path = &call.arguments[0];
    let evidence = vec![call.lines_to(machine, Some(path))];
    let (handler, guarded) = handlers(&call.arguments[1..]);
    for path in paths(machine, path) {
        let (method, handler, evidence) = (method.to_owned(), handler.clone(), evidence.clone());
        machine.graph.routes.push(Route { router, method, path, handler, guarded, evidence });
    }
}

fn route(machine: &mut Machine<'_>, router: RouterId, call: &Call) -> Value {
    let Some(path) = call.at(0) else {
        return Value::Null;
    };
    let evidence = vec![call.lines_to(machine, Some(path))];
    let paths = paths(machine, path);
    let draft = Draft { framework: NAME, router: Some(router), paths, evidence, ..Draft::default() };
    Value::Handle(machine.graph.draft(draft))
}

fn mount(machine: &mut Machine<'_>, parent: RouterId, call: &Call) {
    let Some(first) = call.at(0) else { return };
    let (prefixes, rest) = match machine.known(&first.value) {
        Value::Text(_) => (paths(machine, first), &call.arguments[1..]),
        Value::Array(items) if items.borrow().first().is_some_and(|item| matches!(item, Value::Text(_))) => {
            (paths(machine, first), &call.arguments[1..])
        }
        Value::Unknown(_) | Value::Env(..) | Value::Null if call.arguments.len() > 1 => {
            (paths(machine, first), &call.arguments[1..])
        }
        _ => (vec![PathText::Known(String::new())], &call.arguments[..]),
    };
    for argument in rest {
        for child in children(machine, &argument.value) {
            if child == parent {
                continue;
            }
            for prefix in &prefixes {
                let evidence = vec![call.lines_to(machine, Some(argument).filter(|_| argument.end <= call.start + 8))];
                machine.graph.mounts.push(Mount { parent, child, prefix: prefix.clone(), evidence });
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

/// The routers in a value: itself, in a list, as a module's default, or wrapped by a package's function.
fn children(machine: &mut Machine<'_>, value: &Value) -> Vec<RouterId> {
    match machine.known(value) {
        Value::Handle(Handle::Router(router)) => vec![router],
        Value::Array(items) => {
            let items = items.borrow().clone();
            items.iter().flat_map(|item| children(machine, item)).collect()
        }
        Value::Module(module) => match machine.exported(module) {
            Some(inner @ Value::Handle(_)) => children(machine, &inner),
            _ => Vec::new(),
        },
        Value::Made(made) => made
            .arguments
            .iter()
            .filter_map(|argument| match argument.value {
                Value::Handle(Handle::Router(router)) => Some(router),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::TRIGGERS;

    #[test]
    fn the_word_alone_is_no_sign_of_the_framework() {
        let is_asked = |text: &str| TRIGGERS.iter().any(|trigger| text.contains(trigger));
        for text in [
            "import express from 'express';",
            "const { Router } = require(\"express\");",
            "import type { Request } from 'express-serve-static-core';",
            "import { ExpressAdapter } from '@nestjs/platform-express';",
            "import express from 'npm:express@4';",
            "module.exports = express => { const router = express.Router(); return router; };",
            "server.listen(3000);",
        ] {
            assert!(is_asked(text), "{text}");
        }
        for text in ["// WITHOUT WARRANTIES OF ANY KIND, either express or implied.", "const expression = expressed;"] {
            assert!(!is_asked(text), "{text}");
        }
    }
}
