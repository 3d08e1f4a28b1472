//! Fastify: applications, plugins with their prefix, verbs and `route`. What a folder is loaded from at
//! run time and what a package's plugin serves is not followed.

use std::rc::Rc;

use super::express::{handlers, paths};
use super::written::{texts, written_at};
use crate::syntax::grammar::Family;
use crate::trace::call::positional;
use crate::trace::graph::{Handle, Join, Mount, PathText, Route, Router, RouterId};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::{Argument, Made, Object, Value};

pub(in crate::extract) struct Fastify;

const NAME: &str = "fastify";
const VERBS: [(&str, &str); 8] = [
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
    ("head", "HEAD"),
    ("options", "OPTIONS"),
    ("all", "ANY"),
];
/// What is said of an instance and gives it back.
const CHAINED: [&str; 17] = [
    "withTypeProvider",
    "addHook",
    "decorate",
    "decorateRequest",
    "decorateReply",
    "addSchema",
    "addContentTypeParser",
    "setErrorHandler",
    "setNotFoundHandler",
    "setValidatorCompiler",
    "setSerializerCompiler",
    "setSchemaErrorFormatter",
    "setReplySerializer",
    "setGenReqId",
    "setSchemaController",
    "removeAllContentTypeParsers",
    "setChildLoggerFactory",
];

impl Rules for Fastify {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Script
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["'fastify'", "\"fastify\""]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["fastify(", "Fastify("]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        match name {
            "fastify" | "fastify.fastify" | "fastify.default" => {
                Some(Value::Handle(Handle::Router(router(machine, true))))
            }
            // The plugin inside runs when it is registered, not here.
            "fastify-plugin" | "fastify-plugin.default" | "fastify-plugin.fastifyPlugin" | "fastify-plugin.fp" => {
                let made = Made { what: "fastify-plugin".into(), arguments: call.arguments.clone() };
                Some(Value::Made(Rc::new(made)))
            }
            _ => None,
        }
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        let Handle::Router(router) = on else {
            return None;
        };
        if machine.graph.routers[router].framework != NAME {
            return None;
        }
        let verb = VERBS.iter().find(|(verb, _)| *verb == name).map(|(_, method)| *method);
        match (name, verb) {
            (_, Some(method)) if call.arguments.len() >= 2 => {
                let path = &call.arguments[0];
                let evidence = vec![call.lines_to(machine, Some(path))];
                // What stands between the two are options, whose text says nothing certain.
                let (handler, _) = handlers(&call.arguments[1..]);
                for path in paths(machine, path) {
                    add(machine, router, method, path, handler.clone(), &evidence);
                }
            }
            ("route", _) => route(machine, router, call),
            ("register", _) => register(machine, router, call),
            ("after" | "ready", _) => {
                if let Some(next) = call.at(0) {
                    machine.call_value(&next.value, None, &[], call);
                }
            }
            _ if CHAINED.contains(&name) => {}
            _ => return None,
        }
        Some(Value::Handle(on))
    }
}

fn router(machine: &mut Machine<'_>, is_root: bool) -> RouterId {
    machine.graph.router(Router { framework: NAME, join: Join::Adjoin, is_root, prefix: None, note: String::new() })
}

fn add(
    machine: &mut Machine<'_>,
    router: RouterId,
    method: &str,
    path: PathText,
    handler: Option<String>,
    evidence: &[ci_feed_dossier::evidence::Evidence],
) {
    let (method, evidence) = (method.to_ascii_uppercase(), evidence.to_vec());
    machine.graph.routes.push(Route { router, method, path, handler, guarded: false, evidence });
}

/// `route({ method, url, handler })`
fn route(machine: &mut Machine<'_>, router: RouterId, call: &Call) {
    let Some(options) = call.at(0) else { return };
    let evidence = call.lines_to(machine, Some(options).filter(|options| options.end <= call.start + 12));
    let mut places = vec![evidence.clone()];
    let Value::Object(fields) = machine.known(&options.value) else {
        let shown: String = options.text.chars().take(60).collect();
        machine.loose(format!("a route's options `{shown}` could not be followed"), evidence);
        return;
    };
    let methods = fields.get("method").and_then(|method| texts(machine, &method));
    let path = match fields.get("url").or_else(|| fields.get("path")) {
        Some(path) => machine.path_text(&path, "url"),
        None => PathText::Unknown("`url` is not given literally".to_owned()),
    };
    places.extend(written_at(machine, &call.path, &path, &evidence));
    let handler = match fields.get("handler").map(|handler| machine.known(&handler)) {
        Some(Value::Function(closure)) => {
            closure.program.functions[closure.function].name.as_deref().map(str::to_owned)
        }
        _ => None,
    };
    let Some(methods) = methods else {
        machine.loose("a route's methods are computed", evidence);
        return;
    };
    for method in methods {
        add(machine, router, &method, path.clone(), handler.clone(), &places);
    }
}

fn register(machine: &mut Machine<'_>, parent: RouterId, call: &Call) {
    let Some(plugin) = call.at(0) else { return };
    let options = call.at(1).map(|options| machine.known(&options.value));
    let options = match options {
        // Options may be made from the instance around.
        Some(Value::Function(_)) => {
            let around = [positional(Value::Handle(Handle::Router(parent)))];
            let made = machine.call_value(&call.arguments[1].value, None, &around, call);
            machine.known(&made)
        }
        Some(given) => given,
        None => Value::Object(Rc::new(Object::default())),
    };
    let prefix = match &options {
        Value::Object(fields) => match fields.get("prefix") {
            Some(prefix) => match machine.known(&prefix) {
                Value::Null => PathText::Known(String::new()),
                prefix => match machine.path_text(&prefix, "prefix") {
                    PathText::Known(text) if !text.is_empty() && !text.starts_with('/') => {
                        PathText::Known(format!("/{text}"))
                    }
                    text => text,
                },
            },
            None => PathText::Known(String::new()),
        },
        other => machine.path_text(other, call.at(1).map_or("", |options| &options.text)),
    };
    let last = call.arguments.last().filter(|last| last.end <= call.start + 8);
    let evidence = call.lines_to(machine, last);
    let given = plugin.value.clone();
    let arguments = [positional(Value::Null), positional(options)];
    run(machine, parent, &given, &(prefix, evidence), &arguments, call, 0);
}

/// Run a plugin with an instance of its own, or with the one around where it is said to be shared.
fn run(
    machine: &mut Machine<'_>,
    parent: RouterId,
    plugin: &Value,
    place: &(PathText, ci_feed_dossier::evidence::Evidence),
    arguments: &[Argument; 2],
    call: &Call,
    depth: usize,
) {
    if depth > 8 {
        return;
    }
    match machine.known(plugin) {
        Value::Function(closure) => {
            let child = router(machine, false);
            let (prefix, evidence) = (place.0.clone(), vec![place.1.clone()]);
            machine.graph.mounts.push(Mount { parent, child, prefix, evidence });
            run_with(machine, child, &Value::Function(closure), arguments, call);
        }
        Value::Made(made) if &*made.what == "fastify-plugin" => {
            let Some(inner) = made.arguments.first() else { return };
            let is_apart = matches!(made.arguments.get(1).map(|options| machine.known(&options.value)),
                Some(Value::Object(options)) if matches!(options.get("encapsulate"), Some(Value::Bool(true))));
            match machine.known(&inner.value) {
                shared @ Value::Function(_) if !is_apart => run_with(machine, parent, &shared, arguments, call),
                other => run(machine, parent, &other, place, arguments, call, depth + 1),
            }
        }
        Value::Module(module) => {
            if let Some(inner) = machine.exported(module) {
                run(machine, parent, &inner, place, arguments, call, depth + 1);
            }
        }
        Value::Object(fields) => {
            if let Some(inner) = fields.get("default") {
                run(machine, parent, &inner, place, arguments, call, depth + 1);
            }
        }
        Value::OneOf(options) => {
            for option in options.iter() {
                run(machine, parent, option, place, arguments, call, depth + 1);
            }
        }
        Value::External(name) if name.contains("autoload") => {
            machine.loose("the plugins and routes of a folder are loaded by autoload", place.1.clone());
        }
        Value::Unknown(reason) if !reason.is_empty() => {
            machine.loose(format!("the plugin `{}` {reason}", call.arguments[0].text), place.1.clone());
        }
        _ => {}
    }
}

fn run_with(machine: &mut Machine<'_>, on: RouterId, plugin: &Value, arguments: &[Argument; 2], call: &Call) {
    let instance = Value::Handle(Handle::Router(on));
    let arguments = [positional(instance), arguments[1].clone()];
    machine.call_value(plugin, None, &arguments, call);
}
