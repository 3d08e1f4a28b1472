//! Express: applications and routers, `use`, verbs, `route(...)` chains. An `app.get('setting')` with one
//! argument is no route, and a middleware is no endpoint.

use super::script::{handlers, mounted, note_computed_module, parameters, paths, verb};
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{Draft, DraftId, Handle, Registration, Router, RouterId};
use crate::trace::join::Join;
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::Value;

pub(in crate::extract) struct Express;

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "express",
    title: "Express",
    links: &["https://expressjs.com/en/guide/routing.html"],
    fixtures: &["endpoint/express", "endpoint/express_typescript", "endpoint/express_values"],
    text: "",
    rows: &[
        (
            "resolved",
            "`express()`, `express.Router()`, `Router()`, promise routers; verbs, `all`, `route(...)` chains, path \
             lists; `use` with a path, a list of paths, middlewares before the router, several routers; \
             sub-applications; CommonJS, ES modules, TypeScript; index files, left-out extensions, `.js` that means \
             `.ts`, `tsconfig` paths, workspace packages; `exports.x`, default exports, re-exports; functions that \
             take or return a router; classes with a router field, also one that a constructor's parameter declares, \
             their bases (`super`) and getters; lists, objects and maps of routers walked with `forEach`, `for ... of`, `for ... in`, `Object.entries` or lodash's `each`",
        ),
        (
            "parameters",
            "`:id`, `:id(\\\\d+)`, `*name` become `{id}`, `{name}`; `:id?` and `{/:id}` are two facts; a bare `*` \
             stays",
        ),
        (
            "base path",
            "`config.get('baseUrl')` of the package `config` is read from its `config/default.json`; any other setting \
             that is named like a base path is left out, and the endpoint is `INFERRED`",
        ),
        ("trailing slash", "dropped, as the default router does not tell the two apart"),
        (
            "unresolved",
            "regular expressions, computed paths, paths from the environment, modules loaded under a computed name; \
             what `fs.readdirSync` finds in a folder of the tree is followed",
        ),
        (
            "not seen",
            "applications handed out by a plugin system (`hook(args) { args.app.get(...) }` that nobody is seen to \
             call)",
        ),
    ],
};

static FRAMEWORK: Framework = Framework {
    join: Join::Lenient,
    as_called: parameters,
    triggers: TRIGGERS,
    makes: &["express()"],
    starts: &["express()", "Router(", ".listen(", "require(", "import("],
    page: Some(&PAGE),
    ..Framework::new("express", Family::Script)
};
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
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, _: &Call) -> Option<Value> {
        let is_root = match name {
            "express" | "express.default" => true,
            "express.Router"
            | "express.default.Router"
            | "express-promise-router"
            | "express-promise-router.default" => false,
            _ => return None,
        };
        Some(Value::router(machine.graph.router(Router { is_root, ..Router::of(self) })))
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        match (name, verb(name)) {
            (_, Some(method)) if call.arguments.len() >= 2 => {
                let path = &call.arguments[0];
                let evidence = vec![call.lines_to(machine, Some(path))];
                let (handler, guarded) = handlers(&call.arguments[1..]);
                let paths = paths(machine, path);
                machine.graph.register(on, &[method], &paths, &Registration { handler, guarded, evidence });
            }
            ("use", _) => mount(machine, on, call),
            ("route", _) => {
                let Some(path) = call.at(0) else { return Some(Value::Null) };
                let evidence = vec![call.lines_to(machine, Some(path))];
                let paths = paths(machine, path);
                let draft = Draft { router: Some(on), paths, evidence, ..Draft::of(self) };
                return Some(Value::Handle(machine.graph.draft(draft)));
            }
            _ if CHAINED.contains(&name) => {}
            _ => return None,
        }
        Some(Value::router(on))
    }

    fn draft_method(&'static self, machine: &mut Machine<'_>, on: DraftId, name: &str, call: &Call) -> Option<Value> {
        let draft = &machine.graph.drafts[on];
        if let (Some(method), Some(router)) = (verb(name), draft.router) {
            let (line, places, paths) = (call.lines_to(machine, None), draft.evidence.clone(), draft.paths.clone());
            let is_inside =
                places.first().is_some_and(|at| at.start_line <= line.start_line && line.end_line <= at.end_line);
            let evidence = Some(line).filter(|_| !is_inside).into_iter().chain(places).collect();
            let (handler, guarded) = handlers(&call.arguments);
            machine.graph.register(router, &[method], &paths, &Registration { handler, guarded, evidence });
        }
        Some(Value::draft(on))
    }
}

fn mount(machine: &mut Machine<'_>, parent: RouterId, call: &Call) {
    let (prefixes, rest) = mounted(machine, call, true);
    for argument in rest {
        for child in children(machine, &argument.value).into_iter().filter(|child| *child != parent) {
            for prefix in &prefixes {
                let evidence = vec![call.lines_to_near(machine, Some(argument))];
                machine.graph.mount(parent, child, prefix.clone(), evidence);
            }
        }
        note_computed_module(machine, argument, call);
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
