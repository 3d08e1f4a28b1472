//! actix-web: applications, scopes, resources, route macros, and the configuration functions that fill them;
//! its OpenAPI companions with the same shape. Static files and user interfaces that packages serve are no
//! endpoints; a service that is made elsewhere stays unresolved.

mod service;

use std::rc::Rc;

use super::written::texts;
use super::{attribute, guard};
use crate::syntax::grammar::Family;
use crate::trace::call::positional;
use crate::trace::graph::{Draft, Handle, Join, PathText, Route, Router, RouterId, Verb};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::{Argument, Value};

pub(in crate::extract) struct Actix;

pub(super) const NAME: &str = "actix-web";
/// Packages whose `App`, `web::scope` and `web::resource` are actix-web's or wrap them.
const PACKAGES: [&str; 4] = ["actix_web", "utoipa_actix_web", "paperclip", "apistos"];
/// Words of names whose services are files.
const FILES: [&str; 4] = ["actix_files", "Files", "ResourceFiles", "actix_web_static_files"];
/// Parts of names whose services are pages of documentation.
const PAGES: [&str; 4] = ["swagger", "scalar", "redoc", "rapidoc"];

impl Rules for Actix {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Rust
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["actix_web", "ServiceConfig", "paperclip::actix", "apistos"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["App::new", "HttpServer::new", "ServiceConfig", "scope(", "resource("]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
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
            "new" if module.ends_with("App") => Some(router(machine, true, call)),
            "scope" => Some(router(machine, false, call)),
            "new" if module.ends_with("Scope") => Some(router(machine, false, call)),
            "resource" => Some(resource(machine, call)),
            "new" if module.ends_with("Resource") => Some(resource(machine, call)),
            "redirect" => {
                let Value::Handle(Handle::Draft(made)) = resource(machine, call) else { return None };
                let lines = call.lines_to(machine, call.at(0));
                let verb = Verb { method: "ANY".to_owned(), handler: None, guarded: false, lines: Some(lines) };
                machine.graph.drafts[made].verbs.push(verb);
                Some(Value::Handle(Handle::Draft(made)))
            }
            _ if module.ends_with("web") || module.ends_with("Route") => route_of(machine, last, call),
            _ => None,
        }
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        match on {
            Handle::Draft(draft) if machine.graph.drafts[draft].framework == NAME => {
                Some(on_draft(machine, draft, name, call))
            }
            Handle::Router(router) if machine.graph.routers[router].framework == NAME => {
                match name {
                    "service" => {
                        for argument in call.arguments.clone() {
                            service::service(machine, router, &argument.value, &argument, call, 0);
                        }
                    }
                    "route" => route(machine, router, call),
                    "configure" | "map" => {
                        let given = call.at(0)?;
                        configure(machine, on, given, call);
                    }
                    "split_for_parts" => return Some(Value::array(vec![Value::Handle(on), Value::unknown("")])),
                    _ => {}
                }
                Some(Value::Handle(on))
            }
            Handle::Router(_) | Handle::Draft(_) => None,
        }
    }

    fn finish(&self, machine: &mut Machine<'_>) {
        attribute::unregistered(machine);
    }
}

/// An application, or a scope with its prefix.
fn router(machine: &mut Machine<'_>, is_root: bool, call: &Call) -> Value {
    let prefix = call.at(0).filter(|_| !is_root).map(|first| {
        let at = call.lines_to(machine, Some(first));
        (slashed(first.as_path(machine)), at)
    });
    let router = Router { framework: NAME, join: Join::Verbatim, is_root, prefix, note: String::new() };
    Value::Handle(Handle::Router(machine.graph.router(router)))
}

/// Paths that do not start with a slash get one.
fn slashed(path: PathText) -> PathText {
    match path {
        PathText::Known(path) if !path.is_empty() && !path.starts_with('/') => PathText::Known(format!("/{path}")),
        other => other,
    }
}

fn resource(machine: &mut Machine<'_>, call: &Call) -> Value {
    let Some(first) = call.at(0) else { return Value::unknown("") };
    let paths = match texts(machine, &first.value) {
        Some(paths) => paths.into_iter().map(PathText::Known).collect(),
        None => vec![first.as_path(machine)],
    };
    let paths = paths.into_iter().map(slashed).collect();
    let evidence = vec![call.lines_to(machine, Some(first))];
    Value::Handle(machine.graph.draft(Draft { framework: NAME, paths, evidence, ..Draft::default() }))
}

/// `web::get()`, `web::route()`, `web::to(h)`, `web::method(…)`: one route in the making, without a path.
fn route_of(machine: &mut Machine<'_>, last: &str, call: &Call) -> Option<Value> {
    let verb = attribute::VERBS.iter().find(|(verb, _)| *verb == last).map(|(_, method)| *method);
    let method = match (verb, last) {
        (Some(method), _) => method.to_owned(),
        (None, "route" | "to" | "new") => "ANY".to_owned(),
        (None, "method") => methods_in(&call.at(0)?.text).into_iter().next()?,
        (None, _) => return None,
    };
    let handler = call.at(0).filter(|_| last == "to");
    let verb = self::verb(machine, method, handler, call);
    Some(Value::Handle(machine.graph.draft(Draft { framework: NAME, verbs: vec![verb], ..Draft::default() })))
}

fn verb(machine: &mut Machine<'_>, method: String, handler: Option<&Argument>, call: &Call) -> Verb {
    let plain = |text: &str| text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | ':'));
    let guarded = match handler.map(|handler| machine.known(&handler.value)) {
        Some(Value::Function(closure)) => {
            let parameters = &closure.program.functions[closure.function].parameters;
            parameters.iter().any(|parameter| guard::is_extractor(&parameter.of_type))
        }
        _ => false,
    };
    let handler = handler.filter(|handler| plain(&handler.text));
    let lines = call.lines_to(machine, handler);
    Verb { method, handler: handler.map(|handler| handler.text.to_string()), guarded, lines: Some(lines) }
}

/// What a call on a resource or on a route makes of it.
fn on_draft(machine: &mut Machine<'_>, draft: usize, name: &str, call: &Call) -> Value {
    let mut made = machine.graph.drafts[draft].clone();
    let is_resource = !made.paths.is_empty();
    let own = attribute::VERBS.iter().find(|(verb, _)| *verb == name).map(|(_, method)| (*method).to_owned());
    match name {
        "route" => {
            if let Some(Value::Handle(Handle::Draft(route))) = call.at(0).map(|first| machine.known(&first.value)) {
                made.verbs.extend(machine.graph.drafts[route].verbs.clone());
            } else {
                let at = call.lines_to(machine, call.at(0));
                machine.loose("the method of a route comes from a value that could not be followed", at);
            }
        }
        "to" | "to_async" if is_resource => made.verbs.push(verb(machine, "ANY".to_owned(), call.at(0), call)),
        "to" | "to_async" | "service" => {
            let said = verb(machine, String::new(), call.at(0), call);
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

fn configure(machine: &mut Machine<'_>, on: Handle, given: &Argument, call: &Call) {
    match machine.known(&given.value) {
        function @ (Value::Function(_) | Value::OneOf(_)) => {
            let argument = positional(Value::Handle(on));
            machine.call_value(&function, None, &[argument], call);
        }
        Value::Handle(_) => {}
        other => {
            if is_no_endpoint(&other.external().unwrap_or_else(|| Rc::clone(&given.text))) {
                return;
            }
            let evidence = call.lines_to(machine, Some(given).filter(|given| given.end <= call.start + 4));
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

fn shown(argument: &Argument) -> String {
    argument.text.lines().next().unwrap_or_default().chars().take(60).collect()
}

/// `.route("/x", web::get().to(h))`
fn route(machine: &mut Machine<'_>, router: RouterId, call: &Call) {
    let (Some(path), Some(second)) = (call.at(0), call.at(1)) else { return };
    let written = slashed(path.as_path(machine));
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
        for path in &draft.paths {
            machine.graph.routes.push(Route {
                router,
                method: verb.method.clone(),
                path: path.clone(),
                handler: verb.handler.clone(),
                guarded: verb.guarded,
                evidence: evidence.clone(),
            });
        }
    }
}
