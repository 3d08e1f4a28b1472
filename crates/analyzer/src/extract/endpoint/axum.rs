//! axum: routers by value, `nest`, `merge`, method routers, and the routers of its OpenAPI companions.
//! Fallbacks and services that are no router are not endpoints.

use super::attribute;
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{Draft, DraftId, Handle, PathText, Registration, Router, RouterId, Verb};
use crate::trace::join::Join;
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, Value};
use crate::trace::why::Why;

pub(in crate::extract) struct Axum;

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "axum",
    title: "axum",
    links: &["https://docs.rs/axum/latest/axum/routing/"],
    fixtures: &["endpoint/axum", "endpoint/axum_types"],
    text: "",
    rows: &[
        (
            "resolved",
            "`Router::new()` chains and rebinding, `nest` (a path of `/` is the prefix itself), `merge`, \
             `route_service`, functions and associated functions that return routers in other modules, files and \
             crates of the workspace; `get(a).post(b)`, `on(MethodFilter::A | MethodFilter::B, h)`, method routers \
             made by functions; constants, paths that a method of an enumeration gives (`.route(Path::List.path(), \
             ...)`), routers that the type of a field makes; OpenAPI companions: aide's `ApiRouter`, `routes!(handler)` with `#[utoipa::path(...)]`",
        ),
        (
            "an application",
            "a router handed to `serve`, to `into_make_service`, or to any call outside of the tree (a server, a \
             layer around everything), or asked by hand (`oneshot`) in a closure that is handed on",
        ),
        ("parameters", "`{id}`, `{*rest}` and the older `:id`, `*rest`"),
        ("not endpoints", "fallbacks, `nest_service` of what is no router"),
        ("unresolved", "routers from other packages, computed paths, prefixes from the configuration"),
    ],
};

static FRAMEWORK: Framework = Framework {
    join: Join::Nest,
    as_called: |path| vec![segments(path)],
    triggers: &["axum", "Router", "TcpListener"],
    starts: &[
        "Router",
        "axum::serve",
        "TcpListener::bind",
        "Server::bind",
        ".serve(",
        "::serve",
        "router()",
        "::app()",
    ],
    page: Some(&PAGE),
    ..Framework::new("axum", Family::Rust)
};

impl Rules for Axum {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let (module, last) = name.rsplit_once('.').unwrap_or(("", name));
        let is_router = module.ends_with("Router") || module.ends_with("router");
        if is_router && ["axum", "aide", "utoipa_axum"].iter().any(|package| module.starts_with(package)) {
            if matches!(last, "new" | "default" | "with_openapi") {
                return Some(Value::router(machine.graph.router(Router::of(self))));
            }
            // `Router::from(x)`, `Router::merge(a, b)` as a function keep their first argument.
            return call
                .at(0)
                .map(|first| machine.known(&first.value))
                .filter(|value| matches!(value, Value::Handle(_)));
        }
        if (module.starts_with("axum") || module.starts_with("aide"))
            && let Some(verbs) = verbs(machine, last, call)
        {
            return Some(Value::Handle(machine.graph.draft(Draft { verbs, ..Draft::of(&Axum) })));
        }
        if last == "routes!" || name == "routes!" {
            return Some(documented(machine, call));
        }
        // Handed to a server or to a layer around everything: this is what is served.
        for argument in &call.arguments {
            if let Value::Handle(handle) = argument.value
                && let Some(router) = machine.graph.router_of(handle, self)
            {
                machine.graph.routers[router].is_root = true;
            }
        }
        None
    }

    fn draft_method(&'static self, machine: &mut Machine<'_>, on: DraftId, name: &str, call: &Call) -> Option<Value> {
        let Some(more) = verbs(machine, name, call) else { return Some(Value::draft(on)) };
        let mut draft = machine.graph.drafts[on].clone();
        draft.verbs.extend(more);
        Some(Value::Handle(machine.graph.draft(draft)))
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        match name {
            "route" | "api_route" | "route_service" | "api_route_with" | "route_with_tsr" => route(machine, on, call),
            "routes" => documented_routes(machine, on, call),
            "nest" | "nest_api_service" | "nest_service" | "merge" => {
                mount(machine, on, call, name != "merge", name == "nest_service");
            }
            "split_for_parts" => return Some(Value::array(vec![Value::router(on), Value::unknown(Why::Unsaid)])),
            // The last two: tower's way to have it answer a request.
            _ if name.starts_with("into_make_service") || matches!(name, "into_service" | "oneshot" | "call") => {
                machine.graph.routers[on].is_root = true;
            }
            _ => {}
        }
        Some(Value::router(on))
    }
}

/// The methods that a method router's function adds; `None` when it is none of those.
fn verbs(machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Vec<Verb>> {
    let bare = name.strip_suffix("_service").or_else(|| name.strip_suffix("_with")).unwrap_or(name);
    let filters = |first: &Argument| -> Vec<String> {
        let filters = first.text.split('|').map(|filter| filter.rsplit("::").next().unwrap_or_default());
        filters.map(|filter| filter.trim().to_owned()).collect()
    };
    let (methods, handler) = match bare {
        "on" => (filters(call.at(0)?), call.at(1)),
        "any" => (vec!["ANY".to_owned()], call.at(0)),
        _ => (vec![attribute::verb(bare)?.to_owned()], call.at(0)),
    };
    let lines = call.lines_to(machine, call.at(0).filter(|first| attribute::is_plain(&first.text)));
    let verb = attribute::verb_of(machine, "", handler, lines);
    Some(methods.into_iter().map(|method| Verb { method, ..verb.clone() }).collect())
}

fn route(machine: &mut Machine<'_>, router: RouterId, call: &Call) {
    let Some(path) = call.at(0) else { return };
    let at = call.lines_to(machine, Some(path));
    let written = path.as_path(machine);
    let draft = match call.at(1).map(|second| machine.known(&second.value)) {
        Some(Value::Handle(Handle::Draft(draft))) => machine.graph.drafts[draft].clone(),
        Some(_) => Draft::of(&Axum),
        None => return,
    };
    let verbs = if draft.verbs.is_empty() { vec![Verb::of("ANY")] } else { draft.verbs };
    let is_service = call.callee.ends_with("route_service");
    for verb in verbs {
        if verb.lines.is_none() && !is_service {
            machine.loose("the methods of a route come from a value that could not be followed", at.clone());
            continue;
        }
        let mut evidence = vec![at.clone()];
        if let Some(lines) = verb.lines {
            match lines.path == at.path && lines.start_line <= at.end_line + 1 && lines.end_line >= at.start_line {
                true if lines.start_line >= at.start_line => {
                    evidence = vec![machine.evidence(&at.path, at.start_line, at.end_line.max(lines.end_line))];
                }
                _ => evidence.push(lines),
            }
        }
        let registration = Registration { handler: verb.handler, guarded: verb.guarded, evidence };
        machine.graph.register(router, &[verb.method], std::slice::from_ref(&written), &registration);
    }
}

fn mount(machine: &mut Machine<'_>, parent: RouterId, call: &Call, is_nest: bool, is_service: bool) {
    let child = call.at(usize::from(is_nest));
    let Some(child) = child else { return };
    let prefix = match call.at(0).filter(|_| is_nest) {
        Some(prefix) => prefix.as_path(machine),
        None => PathText::empty(),
    };
    let evidence = match is_nest {
        true => call.lines_to(machine, call.at(0)),
        false => call.lines_within(machine, Some(child), 2),
    };
    match machine.known(&child.value) {
        Value::Handle(Handle::Router(child)) if child != parent => {
            machine.graph.mount(parent, child, prefix, vec![evidence]);
        }
        Value::Handle(_) => {}
        _ if is_service => {}
        _ => machine.loose(format!("the routes of `{}` could not be followed", attribute::shown(child)), evidence),
    }
}

/// Handlers whose path and method stand in an attribute above them.
fn documented(machine: &mut Machine<'_>, call: &Call) -> Value {
    let mut inner = Vec::new();
    for argument in &call.arguments {
        let Value::Function(closure) = machine.known(&argument.value) else { continue };
        let function = &closure.program.functions[closure.function];
        let Some(written) = function.attributes.iter().find(|written| written.text.contains("utoipa::path(")) else {
            continue;
        };
        let body = written.text.split_once("utoipa::path(").map_or("", |(_, body)| body);
        let path = body.split("path").skip(1).find_map(|rest| {
            let rest = rest.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
            rest.split_once('"').map(|(path, _)| path.to_owned())
        });
        let method = body
            .split(',')
            .map(str::trim)
            .find(|word| attribute::verb(word).is_some() || matches!(*word, "any" | "on"));
        let (Some(path), Some(method)) = (path, method) else { continue };
        let file = machine.modules[closure.module].path.to_string();
        let evidence = machine.evidence(&file, written.start, written.end);
        let guarded = attribute::is_guarded(function);
        let handler = function.name.as_ref().map(ToString::to_string);
        let verb = Verb { method: method.to_ascii_uppercase(), handler, guarded, lines: None };
        let paths = vec![PathText::Known(path)];
        let draft = Draft { paths, verbs: vec![verb], evidence: vec![evidence], ..Draft::of(&Axum) };
        inner.push(machine.graph.draft(draft));
    }
    Value::Handle(machine.graph.draft(Draft { inner, ..Draft::of(&Axum) }))
}

fn documented_routes(machine: &mut Machine<'_>, router: RouterId, call: &Call) {
    let at = call.lines_to(machine, None);
    let given = call.at(0).map(|first| machine.known(&first.value));
    let Some(Value::Handle(Handle::Draft(list))) = given else {
        machine.loose("the routes of a list could not be followed", at);
        return;
    };
    let inner = machine.graph.drafts[list].inner.clone();
    for handle in inner {
        let Handle::Draft(draft) = handle else { continue };
        let draft = machine.graph.drafts[draft].clone();
        let evidence = draft.evidence.iter().cloned().chain([at.clone()]).collect();
        machine.graph.register_draft(router, &Draft { evidence, ..draft });
    }
}

/// `{id}`, `{*rest}`, and before version 0.8 `:id`, `*rest`.
fn segments(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let name = segment.strip_prefix(':').or_else(|| segment.strip_prefix('*'));
        match name.filter(|name| !name.is_empty()) {
            Some(name) => format!("{{{name}}}"),
            None => segment.replace("{*", "{"),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}
