//! actix-web: applications, scopes, resources, route macros, and the configuration functions that fill them;
//! its OpenAPI companions with the same shape. Static files and user interfaces that packages serve are no
//! endpoints; a service that is made elsewhere stays unresolved.

mod service;

use std::rc::Rc;

use super::attribute::{self, is_plain, shown, verb_of};
use super::script::rooted;
use super::written::texts;
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{Draft, DraftId, Handle, PathText, Registration, Router, RouterId, Verb};
use crate::trace::invoke::positional;
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, Value};
use crate::trace::why::Why;

pub(in crate::extract) struct Actix;

/// Packages whose `App`, `web::scope` and `web::resource` are actix-web's or wrap them.
const PACKAGES: [&str; 4] = ["actix_web", "utoipa_actix_web", "paperclip", "apistos"];
/// Words of names whose services are files.
const FILES: [&str; 4] = ["actix_files", "Files", "ResourceFiles", "actix_web_static_files"];
/// Parts of names whose services are pages of documentation.
const PAGES: [&str; 4] = ["swagger", "scalar", "redoc", "rapidoc"];

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "actix-web",
    title: "actix-web",
    links: &["https://actix.rs/docs/url-dispatch"],
    fixtures: &["endpoint/actix"],
    text: "",
    rows: &[
        (
            "resolved",
            "`App::new()` in functions and in the closure of `HttpServer::new`; `service`, `route`, `configure` \
             with functions and closures of other modules and crates of the workspace; `web::scope` nested, \
             `web::resource` with one path or a list, `.route(web::get().to(h))`, `.to(h)`, `.get(h)`; route macros \
             (`#[get(\"/x\")]`, `#[route(\"/x\", method = \"GET\")]`, `#[routes]`, `#[scope(\"/x\")]` on a module) \
             of handlers that are registered; tuples, `services![…]`, functions that return scopes or resources, \
             `web::redirect`; names through `use actix_web::web::*`; the same shape in utoipa-actix-web, paperclip \
             and apistos",
        ),
        (
            "methods",
            "`ANY` for `.to(h)` and `web::route()` without a guard; `guard::Get()`, `guard::Any(…).or(…)`, \
             `.method(Method::X)` and a guard of the whole resource name theirs",
        ),
        ("parameters", "`{id:\\d+}`, `{tail:.*}` become `{id}`, `{tail}`"),
        ("slashes", "kept as written; a path without a first slash gets one"),
        ("guard", "an extractor of a known name among the handler's parameters; middleware (`wrap`) is not read"),
        (
            "not endpoints",
            "files (`actix-files`), documentation pages of packages, `default_service`, what only a debug build \
             holds",
        ),
        (
            "unresolved",
            "configurations and services out of packages, computed paths, handlers with a route macro that nobody \
             is seen to register, macros of the program that make routes",
        ),
    ],
};

static FRAMEWORK: Framework = Framework {
    as_called: |path| vec![without_patterns(path)],
    triggers: &["actix_web", "ServiceConfig", "paperclip::actix", "apistos"],
    makes: &["HttpServer::new("],
    starts: &["App::new", "HttpServer::new", "ServiceConfig", "scope(", "resource("],
    page: Some(&PAGE),
    ..Framework::new("actix-web", Family::Rust)
};

impl Rules for Actix {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let (module, last) = name.rsplit_once('.').unwrap_or(("", name));
        if last == "new" && module.ends_with("HttpServer") {
            let factory = call.at(0).map(|first| machine.known(&first.value));
            if let Some(factory @ Value::Function(_)) = factory {
                machine.call_value(&factory, None, &[], call);
            }
            return None;
        }
        if !PACKAGES.iter().any(|package| module.starts_with(package)) {
            return None;
        }
        match last {
            "new" if module.ends_with("App") => Some(Value::router(machine.graph.router(Router::root(self)))),
            "scope" => Some(scope(machine, call)),
            "new" if module.ends_with("Scope") => Some(scope(machine, call)),
            "resource" => Some(resource(machine, call)),
            "new" if module.ends_with("Resource") => Some(resource(machine, call)),
            "redirect" => {
                let Value::Handle(Handle::Draft(made)) = resource(machine, call) else { return None };
                let lines = call.lines_to(machine, call.at(0));
                machine.graph.drafts[made].verbs.push(Verb { lines: Some(lines), ..Verb::of("ANY") });
                Some(Value::draft(made))
            }
            _ if module.ends_with("web") || module.ends_with("Route") => route_of(machine, last, call),
            _ => None,
        }
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        match name {
            "service" => {
                for argument in &call.arguments {
                    service::service(machine, on, &argument.value, argument, call, 0);
                }
            }
            "route" => route(machine, on, call),
            "configure" | "map" => configure(machine, on, call.at(0)?, call),
            "split_for_parts" => return Some(Value::array(vec![Value::router(on), Value::unknown(Why::Unsaid)])),
            _ => {}
        }
        Some(Value::router(on))
    }

    fn draft_method(&'static self, machine: &mut Machine<'_>, on: DraftId, name: &str, call: &Call) -> Option<Value> {
        Some(on_draft(machine, on, name, call))
    }

    fn finish(&'static self, machine: &mut Machine<'_>) {
        attribute::unregistered(machine);
    }
}

/// A scope with its prefix.
fn scope(machine: &mut Machine<'_>, call: &Call) -> Value {
    let prefix = call.at(0).map(|first| (first.as_path(machine).map(rooted), call.lines_to(machine, Some(first))));
    Value::router(machine.graph.router(Router { prefix, ..Router::of(&Actix) }))
}

fn resource(machine: &mut Machine<'_>, call: &Call) -> Value {
    let Some(first) = call.at(0) else { return Value::unknown(Why::Unsaid) };
    let paths = match texts(machine, &first.value) {
        Some(paths) => paths.into_iter().map(PathText::Known).collect(),
        None => vec![first.as_path(machine)],
    };
    let paths = paths.into_iter().map(|path: PathText| path.map(rooted)).collect();
    let evidence = vec![call.lines_to(machine, Some(first))];
    Value::Handle(machine.graph.draft(Draft { paths, evidence, ..Draft::of(&Actix) }))
}

/// `web::get()`, `web::route()`, `web::to(h)`, `web::method(…)`: one route in the making, without a path.
fn route_of(machine: &mut Machine<'_>, last: &str, call: &Call) -> Option<Value> {
    let method = match (attribute::verb(last), last) {
        (Some(method), _) => method.to_owned(),
        (None, "route" | "to" | "new") => "ANY".to_owned(),
        (None, "method") => methods_in(&call.at(0)?.text).into_iter().next()?,
        (None, _) => return None,
    };
    let handler = call.at(0).filter(|_| last == "to");
    let verb = self::verb(machine, &method, handler, call);
    Some(Value::Handle(machine.graph.draft(Draft { verbs: vec![verb], ..Draft::of(&Actix) })))
}

fn verb(machine: &mut Machine<'_>, method: &str, handler: Option<&Argument>, call: &Call) -> Verb {
    let lines = call.lines_to(machine, handler.filter(|handler| is_plain(&handler.text)));
    verb_of(machine, method, handler, lines)
}

/// What a call on a resource or on a route makes of it.
fn on_draft(machine: &mut Machine<'_>, draft: usize, name: &str, call: &Call) -> Value {
    let mut made = machine.graph.drafts[draft].clone();
    let is_resource = !made.paths.is_empty();
    let own = attribute::verb(name);
    match name {
        "route" => {
            if let Some(Value::Handle(Handle::Draft(route))) = call.at(0).map(|first| machine.known(&first.value)) {
                made.verbs.extend(machine.graph.drafts[route].verbs.clone());
            } else {
                let at = call.lines_to(machine, call.at(0));
                machine.loose("the method of a route comes from a value that could not be followed", at);
            }
        }
        "to" | "to_async" if is_resource => made.verbs.push(verb(machine, "ANY", call.at(0), call)),
        "to" | "to_async" | "service" => {
            let said = verb(machine, "", call.at(0), call);
            for verb in &mut made.verbs {
                verb.handler.clone_from(&said.handler);
                verb.guarded = said.guarded;
                verb.lines = match verb.lines.take() {
                    Some(lines) if said.lines.as_ref().is_some_and(|to| to.start_line < lines.start_line) => {
                        Some(lines)
                    }
                    Some(lines) => said.lines.as_ref().map(|to| {
                        let near = to.start_line <= lines.end_line + 4;
                        let end = if near { to.end_line } else { lines.end_line };
                        machine.evidence(&lines.path, lines.start_line, end)
                    }),
                    None => said.lines.clone(),
                };
            }
        }
        "guard" | "method" => {
            let methods = call.at(0).map(|first| methods_in(&first.text)).unwrap_or_default();
            if is_resource {
                made.only.extend(methods);
            } else {
                made.verbs = expanded(&made.verbs, &methods);
            }
        }
        _ => {
            if let Some(method) = own.filter(|_| is_resource) {
                made.verbs.push(verb(machine, method, call.at(0), call));
            }
        }
    }
    Value::Handle(machine.graph.draft(made))
}

/// Verbs for every method, asked for these methods only.
fn expanded(verbs: &[Verb], methods: &[String]) -> Vec<Verb> {
    if methods.is_empty() {
        return verbs.to_vec();
    }
    let mut out = Vec::new();
    for verb in verbs {
        match verb.method.as_str() {
            "ANY" => out.extend(methods.iter().map(|method| Verb { method: method.clone(), ..verb.clone() })),
            _ => out.push(verb.clone()),
        }
    }
    out
}

/// Methods in the text of a guard: `guard::Get()`, `Method::GET`. What a guard denies is not one.
fn methods_in(text: &str) -> Vec<String> {
    if text.contains("Not(") {
        return Vec::new();
    }
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let methods = words.filter_map(|word| {
        let (verb, method) = attribute::VERBS.iter().find(|(verb, _)| verb.eq_ignore_ascii_case(word))?;
        // `get` in lower case is some other name.
        (*verb != word).then(|| (*method).to_owned())
    });
    methods.collect()
}

fn configure(machine: &mut Machine<'_>, on: RouterId, given: &Argument, call: &Call) {
    match machine.known(&given.value) {
        function @ (Value::Function(_) | Value::OneOf(_)) => {
            let argument = positional(Value::router(on));
            machine.call_value(&function, None, &[argument], call);
        }
        Value::Handle(_) => {}
        other => {
            if is_no_endpoint(&other.external().unwrap_or_else(|| Rc::clone(&given.text))) {
                return;
            }
            let evidence = call.lines_within(machine, Some(given), 4);
            machine.loose(format!("the routes of `{}` could not be followed", shown(given)), evidence);
        }
    }
}

/// Whether what has this name serves files or documentation.
fn is_no_endpoint(name: &str) -> bool {
    let mut words = name.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.any(|word| {
        let lower = word.to_ascii_lowercase();
        FILES.contains(&word) || PAGES.iter().any(|page| lower.contains(page))
    })
}

/// `.route("/x", web::get().to(h))`
fn route(machine: &mut Machine<'_>, router: RouterId, call: &Call) {
    let (Some(path), Some(second)) = (call.at(0), call.at(1)) else { return };
    let written = path.as_path(machine).map(rooted);
    let at = call.lines_to(machine, Some(path));
    let Value::Handle(Handle::Draft(draft)) = machine.known(&second.value) else {
        machine.loose("the methods of a route come from a value that could not be followed", at);
        return;
    };
    let draft = machine.graph.drafts[draft].clone();
    push(machine, router, &Draft { paths: vec![written], evidence: vec![at], ..draft });
}

/// Routes of a draft, each with the place that says its path and the one that says its method.
fn push(machine: &mut Machine<'_>, router: RouterId, draft: &Draft) {
    for verb in &expanded(&draft.verbs, &draft.only) {
        let mut evidence = draft.evidence.clone();
        if let Some(lines) = &verb.lines {
            let first = &evidence[0];
            if lines.path == first.path && lines.start_line >= first.start_line && lines.end_line <= first.end_line + 2
            {
                let end = first.end_line.max(lines.end_line);
                evidence[0] = machine.evidence(&lines.path, first.start_line, end);
            } else if !evidence.contains(lines) {
                evidence.push(lines.clone());
            }
        }
        let (handler, guarded) = (verb.handler.clone(), verb.guarded);
        machine.graph.register(router, &[&verb.method], &draft.paths, &Registration { handler, guarded, evidence });
    }
}

/// `{id}`, `{tail:.*}`, `{year:[0-9]{4}}`: the name stands before the first colon.
fn without_patterns(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut open = 0_usize;
    let mut is_pattern = false;
    for letter in path.chars() {
        match letter {
            '{' => {
                open += 1;
                if open == 1 {
                    is_pattern = false;
                    out.push('{');
                }
            }
            '}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    out.push('}');
                }
            }
            ':' if open == 1 => is_pattern = true,
            other if open == 0 || (open == 1 && !is_pattern) => out.push(other),
            _ => {}
        }
    }
    out
}
