//! Rocket: handlers with route attributes, `routes![…]`, lists of routes that functions return, `mount`, and
//! fairings that mount. Catchers and file servers are no endpoints.

use super::attribute;
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{Draft, DraftId, Handle, PathText, Router, RouterId, Verb};
use crate::trace::invoke::positional;
use crate::trace::join::{Join, between};
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, Value};
use crate::trace::why::Why;

pub(in crate::extract) struct Rocket;

/// Lists inside lists of routes.
const MAX_LIST_DEPTH: usize = 12;

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "rocket",
    title: "Rocket",
    links: &["https://rocket.rs/guide/v0.5/overview/#routing"],
    fixtures: &["endpoint/rocket"],
    text: "",
    rows: &[
        (
            "resolved",
            "`rocket::build`, `custom`, `ignite`; `mount` with `routes![…]`, with lists that functions return, \
             built with `append`, `extend`, `push` and in branches, and with `Route::new`; the route macros and \
             `#[route(GET, uri = \"/x\")]`; `attach` of `AdHoc` fairings and of types of the program that mount; \
             `openapi_get_routes!` and, with its pairs of a path and a list, `mount_endpoints_and_merged_docs!`",
        ),
        (
            "parameters",
            "`<id>`, `<path..>` become `{id}`, `{path}`; the query (`?<q>`) and ranks are no part of the key",
        ),
        (
            "base path",
            "`[base, \"/api\"].concat()` and `format!(\"{base}/api\")`, where the first part comes from the \
             configuration and is named like a base path, are said without it: it is none until somebody sets one",
        ),
        (
            "not endpoints",
            "catchers, file servers, the `HEAD` that the framework adds to `GET`, what only a debug build holds",
        ),
        (
            "unresolved",
            "routes out of packages, other computed prefixes, handlers with a route macro that nobody is seen to \
             mount",
        ),
    ],
};

static FRAMEWORK: Framework = Framework {
    join: Join::Nest,
    as_called: |path| vec![between(path, '<', '>', |inner| inner.trim_end_matches('.'))],
    triggers: &["rocket"],
    starts: &[
        "rocket::build",
        "rocket::custom",
        "Rocket::build",
        "Rocket::custom",
        "rocket::ignite",
        ".mount(",
        "routes!",
        "routes_spec!",
    ],
    page: Some(&PAGE),
    ..Framework::new("rocket", Family::Rust)
};

impl Rules for Rocket {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let (module, last) = name.rsplit_once('.').unwrap_or(("", name));
        if matches!(last, "routes!" | "openapi_get_routes!" | "openapi_get_routes_spec!") {
            return listed(machine, last, module.starts_with("rocket"), call);
        }
        if !module.starts_with("rocket") && module != "Rocket" {
            return None;
        }
        match last {
            "build" | "custom" | "ignite" if matches!(module, "rocket" | "rocket.Rocket" | "Rocket") => {
                Some(Value::router(machine.graph.router(Router::root(self))))
            }
            "new" | "ranked" if module.ends_with("Route") => by_hand(machine, last == "ranked", call),
            _ => None,
        }
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        match name {
            "mount" => mount(machine, on, call),
            "attach" => attach(machine, on, call),
            _ => {}
        }
        Some(Value::router(on))
    }

    fn draft_method(&'static self, _: &mut Machine<'_>, on: DraftId, _: &str, _: &Call) -> Option<Value> {
        Some(Value::draft(on))
    }
}

/// `routes![a, b::c]`: one draft for each handler. The macro of another framework has the same name; its handlers
/// have no route attributes.
fn listed(machine: &mut Machine<'_>, last: &str, is_ours: bool, call: &Call) -> Option<Value> {
    let mut out = Vec::new();
    let at = call.lines_to(machine, None);
    for argument in &call.arguments {
        let Value::Function(closure) = machine.known(&argument.value) else {
            if is_ours || last != "routes!" {
                let reason = format!("the handler `{}` of a list of routes could not be followed", argument.text);
                machine.loose(reason, at.clone());
            }
            continue;
        };
        let function = &closure.program.functions[closure.function];
        let guarded = attribute::is_guarded(function);
        let handler = function.name.as_ref().map(ToString::to_string);
        let file = machine.modules[closure.module].path.to_string();
        for routed in attribute::routes_of(function) {
            let path = match routed.path {
                Some(path) => PathText::Known(path.split('?').next().unwrap_or_default().to_owned()),
                None => PathText::Unknown("the attribute holds no plain text".into()),
            };
            let evidence = vec![machine.evidence(&file, routed.lines.0, routed.lines.1)];
            let verb = |method: &String| Verb {
                method: method.clone(),
                handler: handler.clone(),
                guarded,
                lines: Some(at.clone()),
            };
            let verbs = routed.methods.iter().map(verb).collect();
            let draft = Draft { paths: vec![path], verbs, evidence, ..Draft::of(&Rocket) };
            out.push(Value::Handle(machine.graph.draft(draft)));
        }
    }
    if out.is_empty() && !is_ours && !call.arguments.is_empty() {
        return None;
    }
    let list = Value::array(out);
    // The last comes with the description of the routes.
    Some(if last == "openapi_get_routes_spec!" { Value::array(vec![list, Value::unknown(Why::Unsaid)]) } else { list })
}

/// `Route::new(Method::Get, "/x", handler)`
fn by_hand(machine: &mut Machine<'_>, is_ranked: bool, call: &Call) -> Option<Value> {
    let from = usize::from(is_ranked);
    let method = call.at(from)?.text.rsplit("::").next().unwrap_or_default().to_ascii_uppercase();
    let path = call.at(from + 1)?;
    let written = path.as_path(machine);
    let lines = call.lines_to(machine, Some(path));
    let verb = Verb::of(method);
    let draft = Draft { paths: vec![written], verbs: vec![verb], evidence: vec![lines], ..Draft::of(&Rocket) };
    Some(Value::Handle(machine.graph.draft(draft)))
}

fn mount(machine: &mut Machine<'_>, parent: RouterId, call: &Call) {
    let (Some(base), Some(routes)) = (call.at(0), call.at(1)) else { return };
    let mut found = Vec::new();
    let is_known = drafts(machine, &routes.value, &mut found, 0);
    let at = call.lines_to(machine, Some(routes).filter(|routes| routes.end <= call.start + 4).or(Some(base)));
    if !is_known && !is_file_server(routes) {
        machine.loose(format!("the routes of `{}` could not be followed", attribute::shown(routes)), at.clone());
    }
    if found.is_empty() {
        return;
    }
    let prefix = base.as_path(machine);
    let child = machine.graph.router(Router::of(&Rocket));
    machine.graph.mount(parent, child, prefix, vec![at]);
    for draft in found {
        let draft = machine.graph.drafts[draft].clone();
        machine.graph.register_draft(child, &draft);
    }
}

/// Handlers that serve files or pages of documentation.
fn is_file_server(routes: &Argument) -> bool {
    let made = ["FileServer", "StaticFiles", "make_swagger_ui", "make_rapidoc", "SwaggerUi", "Scalar", "Redoc"];
    made.iter().any(|made| routes.text.contains(made))
}

/// The drafts in lists of lists; false when a part of them is not known.
fn drafts(machine: &mut Machine<'_>, value: &Value, out: &mut Vec<usize>, depth: usize) -> bool {
    if depth >= MAX_LIST_DEPTH {
        return false;
    }
    match machine.known(value) {
        Value::Handle(Handle::Draft(draft)) if machine.graph.drafts[draft].is_of(&Rocket) => {
            out.push(draft);
            true
        }
        Value::Array(items) => {
            let items = items.borrow().clone();
            every(machine, &items, out, depth)
        }
        Value::OneOf(options) => every(machine, &options, out, depth),
        Value::Null => true,
        _ => false,
    }
}

/// All of them are looked at, whatever the first ones are.
fn every(machine: &mut Machine<'_>, values: &[Value], out: &mut Vec<usize>, depth: usize) -> bool {
    let mut is_known = true;
    for value in values {
        is_known &= drafts(machine, value, out, depth + 1);
    }
    is_known
}

/// A fairing that gets the server before it starts may mount on it.
fn attach(machine: &mut Machine<'_>, on: RouterId, call: &Call) {
    let Some(given) = call.at(0) else { return };
    let argument = positional(Value::router(on));
    match machine.known(&given.value) {
        Value::Made(made) if made.what.contains("AdHoc.") => {
            let Some(function) = made.arguments.iter().rev().find(|given| matches!(given.value, Value::Function(_)))
            else {
                return;
            };
            let function = function.value.clone();
            machine.call_value(&function, None, &[argument], call);
        }
        Value::Class(class) => {
            for name in ["on_ignite", "on_attach"] {
                if let Some(function) = machine.class_member(&class, name, None) {
                    machine.call_value(&function, None, std::slice::from_ref(&argument), call);
                }
            }
        }
        _ => {}
    }
}
