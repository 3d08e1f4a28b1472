//! axum: routers by value, `nest`, `merge`, method routers, and the routers of its OpenAPI companions.
//! Fallbacks and services that are no router are not endpoints.

use super::guard;
use crate::syntax::grammar::Family;
use crate::trace::graph::{Draft, Handle, Join, Mount, PathText, Route, Router, RouterId, Verb};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::{Argument, Value};

pub(in crate::extract) struct Axum;

const NAME: &str = "axum";
const VERBS: [(&str, &str); 11] = [
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
    ("head", "HEAD"),
    ("options", "OPTIONS"),
    ("trace", "TRACE"),
    ("connect", "CONNECT"),
    ("any", "ANY"),
    ("on", "ON"),
];

impl Rules for Axum {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Rust
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["axum", "Router", "TcpListener"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["Router", "axum::serve", "TcpListener::bind", "Server::bind", ".serve(", "::serve", "router()", "::app()"]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let (module, last) = name.rsplit_once('.').unwrap_or(("", name));
        let is_router = module.ends_with("Router") || module.ends_with("router");
        if is_router && ["axum", "aide", "utoipa_axum"].iter().any(|package| module.starts_with(package)) {
            if matches!(last, "new" | "default" | "with_openapi") {
                let router =
                    Router { framework: NAME, join: Join::Nest, is_root: false, prefix: None, note: String::new() };
                return Some(Value::Handle(Handle::Router(machine.graph.router(router))));
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
            return Some(Value::Handle(machine.graph.draft(Draft { framework: NAME, verbs, ..Draft::default() })));
        }
        if last == "routes!" || name == "routes!" {
            return Some(documented(machine, call));
        }
        // Handed to a server or to a layer around everything: this is what is served.
        for argument in &call.arguments {
            if let Value::Handle(Handle::Router(router)) = argument.value
                && machine.graph.routers[router].framework == NAME
            {
                machine.graph.routers[router].is_root = true;
            }
        }
        None
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        match on {
            Handle::Draft(draft) if machine.graph.drafts[draft].framework == NAME => {
                let Some(more) = verbs(machine, name, call) else {
                    return Some(Value::Handle(on));
                };
                let mut draft = machine.graph.drafts[draft].clone();
                draft.verbs.extend(more);
                Some(Value::Handle(machine.graph.draft(draft)))
            }
            Handle::Router(router) if machine.graph.routers[router].framework == NAME => {
                match name {
                    "route" | "api_route" | "route_service" | "api_route_with" | "route_with_tsr" => {
                        route(machine, router, call)
                    }
                    "routes" => documented_routes(machine, router, call),
                    "nest" | "nest_api_service" | "nest_service" | "merge" => {
                        let is_nest = name != "merge";
                        mount(machine, router, call, is_nest, name == "nest_service");
                    }
                    "split_for_parts" => {
                        return Some(Value::array(vec![Value::Handle(on), Value::unknown("")]));
                    }
                    // The last two: tower's way to have it answer a request.
                    _ if name.starts_with("into_make_service")
                        || matches!(name, "into_service" | "oneshot" | "call") =>
                    {
                        machine.graph.routers[router].is_root = true;
                    }
                    _ => {}
                }
                Some(Value::Handle(on))
            }
            Handle::Router(_) | Handle::Draft(_) => None,
        }
    }
}

/// The methods that a method router's function adds; `None` when it is none of those.
fn verbs(machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Vec<Verb>> {
    let bare = name.strip_suffix("_service").or_else(|| name.strip_suffix("_with")).unwrap_or(name);
    let (_, method) = VERBS.iter().find(|(verb, _)| *verb == bare)?;
    let (methods, handler) = match *method {
        "ON" => {
            let filters = call.at(0)?.text.split('|').map(|filter| filter.rsplit("::").next().unwrap_or_default());
            (filters.map(|filter| filter.trim().to_owned()).collect(), call.at(1))
        }
        one => (vec![one.to_owned()], call.at(0)),
    };
    let plain = |text: &str| text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | ':'));
    let guarded = match handler.map(|handler| machine.known(&handler.value)) {
        Some(Value::Function(closure)) => {
            let parameters = &closure.program.functions[closure.function].parameters;
            parameters.iter().any(|parameter| guard::is_extractor(&parameter.of_type))
        }
        _ => false,
    };
    let handler = handler.filter(|handler| plain(&handler.text)).map(|handler| handler.text.to_string());
    let lines = call.lines_to(machine, call.at(0).filter(|first| plain(&first.text)));
    let verb = |method: String| Verb { method, handler: handler.clone(), guarded, lines: Some(lines.clone()) };
    Some(methods.into_iter().map(verb).collect())
}

fn route(machine: &mut Machine<'_>, router: RouterId, call: &Call) {
    let Some(path) = call.at(0) else { return };
    let at = call.lines_to(machine, Some(path));
    let written = path.as_path(machine);
    let draft = match call.at(1).map(|second| machine.known(&second.value)) {
        Some(Value::Handle(Handle::Draft(draft))) => machine.graph.drafts[draft].clone(),
        Some(_) => Draft::default(),
        None => return,
    };
    let unknown = Verb { method: "ANY".to_owned(), handler: None, guarded: false, lines: None };
    let verbs = if draft.verbs.is_empty() { vec![unknown] } else { draft.verbs };
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
        let (method, handler, guarded) = (verb.method, verb.handler, verb.guarded);
        machine.graph.routes.push(Route { router, method, path: written.clone(), handler, guarded, evidence });
    }
}

fn mount(machine: &mut Machine<'_>, parent: RouterId, call: &Call, is_nest: bool, is_service: bool) {
    let child = call.at(usize::from(is_nest));
    let Some(child) = child else { return };
    let prefix = match call.at(0).filter(|_| is_nest) {
        Some(prefix) => prefix.as_path(machine),
        None => PathText::Known(String::new()),
    };
    let last = if is_nest { call.at(0) } else { Some(child).filter(|child| child.end <= call.start + 2) };
    let evidence = call.lines_to(machine, last);
    match machine.known(&child.value) {
        Value::Handle(Handle::Router(child)) if child != parent => {
            machine.graph.mounts.push(Mount { parent, child, prefix, evidence: vec![evidence] });
        }
        Value::Handle(_) => {}
        _ if is_service => {}
        _ => machine.loose(format!("the routes of `{}` could not be followed", shown(child)), evidence),
    }
}

fn shown(argument: &Argument) -> String {
    argument.text.lines().next().unwrap_or_default().chars().take(60).collect()
}

/// Handlers whose path and method stand in an attribute above them.
fn documented(machine: &mut Machine<'_>, call: &Call) -> Value {
    let mut inner = Vec::new();
    for argument in &call.arguments {
        let Value::Function(closure) = machine.known(&argument.value) else {
            continue;
        };
        let function = &closure.program.functions[closure.function];
        let Some(attribute) = function.attributes.iter().find(|attribute| attribute.text.contains("utoipa::path("))
        else {
            continue;
        };
        let body = attribute.text.split_once("utoipa::path(").map_or("", |(_, body)| body);
        let path = body.split("path").skip(1).find_map(|rest| {
            let rest = rest.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
            rest.split_once('"').map(|(path, _)| path.to_owned())
        });
        let method = body.split(',').map(str::trim).find(|word| VERBS.iter().any(|(verb, _)| verb == word));
        let (Some(path), Some(method)) = (path, method) else {
            continue;
        };
        let file = machine.modules[closure.module].path.to_string();
        let evidence = machine.evidence(&file, attribute.start, attribute.end);
        let guarded = function.parameters.iter().any(|parameter| guard::is_extractor(&parameter.of_type));
        let handler = function.name.as_ref().map(ToString::to_string);
        let verb = Verb { method: method.to_ascii_uppercase(), handler, guarded, lines: None };
        let paths = vec![PathText::Known(path)];
        let draft = Draft { framework: NAME, paths, verbs: vec![verb], evidence: vec![evidence], ..Draft::default() };
        inner.push(machine.graph.draft(draft));
    }
    Value::Handle(machine.graph.draft(Draft { framework: NAME, inner, ..Draft::default() }))
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
        let Handle::Draft(draft) = handle else {
            continue;
        };
        let draft = machine.graph.drafts[draft].clone();
        for verb in draft.verbs {
            let mut evidence = draft.evidence.clone();
            evidence.push(at.clone());
            for path in &draft.paths {
                let (method, handler, guarded) = (verb.method.clone(), verb.handler.clone(), verb.guarded);
                let path = path.clone();
                machine.graph.routes.push(Route { router, method, path, handler, guarded, evidence: evidence.clone() });
            }
        }
    }
}
