//! Fastify: applications, plugins with their prefix, verbs and `route`. What a folder is loaded from at
//! run time and what a package's plugin serves is not followed.

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::script::{handlers, parameters, paths, rooted, verb};
use super::written::{texts, written_at};
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{PathText, Registration, Router, RouterId};
use crate::trace::invoke::positional;
use crate::trace::join::Join;
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, Made, Object, Value};

pub(in crate::extract) struct Fastify;

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

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "fastify",
    title: "Fastify",
    links: &["https://fastify.dev/docs/latest/Reference/Routes/"],
    fixtures: &["endpoint/fastify"],
    text: "",
    rows: &[
        (
            "resolved",
            "`fastify()`; verbs, `all`, `app[method]` with a literal list of methods, `route({method, url})` also \
             from lists that are walked; `register` of functions, of modules (`require`, `import()`), of default \
             and named exports, with `{prefix}`, nested; plugins wrapped with `fastify-plugin` share the instance, \
             so their prefix does not count (unless `encapsulate`)",
        ),
        ("parameters", "`:id`, `:id(^\\\\d+$)` become `{id}`; `:id?` is two facts; `::` is a colon; a bare `*` stays"),
        (
            "slashes",
            "a path of `/` below a prefix is the prefix; otherwise a last slash stays, as the default router tells \
             the two apart",
        ),
        ("methods", "the `HEAD` that the framework adds to `GET` is not listed"),
        ("guard", "always `unknown`: hooks and route options are not read"),
        (
            "unresolved",
            "`@fastify/autoload`, prefixes and options that are computed; what a package's plugin serves is not \
             listed",
        ),
    ],
};

static FRAMEWORK: Framework = Framework {
    join: Join::Adjoin,
    as_called: parameters_with_colons,
    triggers: &["'fastify'", "\"fastify\""],
    makes: &["fastify(", "Fastify("],
    starts: &["fastify(", "Fastify("],
    page: Some(&PAGE),
    ..Framework::new("fastify", Family::Script)
};

impl Rules for Fastify {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        match name {
            "fastify" | "fastify.fastify" | "fastify.default" => {
                Some(Value::router(machine.graph.router(Router::root(self))))
            }
            // The plugin inside runs when it is registered, not here.
            "fastify-plugin" | "fastify-plugin.default" | "fastify-plugin.fastifyPlugin" | "fastify-plugin.fp" => {
                let made = Made { what: "fastify-plugin".into(), arguments: call.arguments.clone() };
                Some(Value::Made(Rc::new(made)))
            }
            _ => None,
        }
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        match (name, verb(name).filter(|_| name != "del")) {
            (_, Some(method)) if call.arguments.len() >= 2 => {
                let path = &call.arguments[0];
                let evidence = vec![call.lines_to(machine, Some(path))];
                // What stands between the two are options, whose text says nothing certain.
                let (handler, _) = handlers(&call.arguments[1..]);
                let paths = paths(machine, path);
                machine.graph.register(on, &[method], &paths, &Registration { handler, guarded: false, evidence });
            }
            ("route", _) => route(machine, on, call),
            ("register", _) => register(machine, on, call),
            ("after" | "ready", _) => {
                if let Some(next) = call.at(0) {
                    machine.call_value(&next.value, None, &[], call);
                }
            }
            _ if CHAINED.contains(&name) => {}
            _ => return None,
        }
        Some(Value::router(on))
    }
}

/// `::` is a colon that is part of the path.
fn parameters_with_colons(path: &str) -> Vec<String> {
    let colon = "\u{0}";
    parameters(&path.replace("::", colon)).into_iter().map(|path| path.replace(colon, ":")).collect()
}

/// `route({ method, url, handler })`
fn route(machine: &mut Machine<'_>, router: RouterId, call: &Call) {
    let Some(options) = call.at(0) else { return };
    let evidence = call.lines_within(machine, Some(options), 12);
    let Value::Object(fields) = machine.known(&options.value) else {
        let shown: String = options.text.chars().take(60).collect();
        machine.loose(format!("a route's options `{shown}` could not be followed"), evidence);
        return;
    };
    let methods = fields.get("method").and_then(|method| texts(machine, &method));
    let path = match fields.get("url").or_else(|| fields.get("path")) {
        Some(path) => machine.path_text(&path, "url"),
        None => PathText::Unknown("`url` is not given literally".into()),
    };
    let mut places = vec![evidence.clone()];
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
    let registration = Registration { handler, guarded: false, evidence: places };
    machine.graph.register(router, &methods, &[path], &registration);
}

fn register(machine: &mut Machine<'_>, parent: RouterId, call: &Call) {
    let Some(plugin) = call.at(0) else { return };
    let options = call.at(1).map(|options| machine.known(&options.value));
    let options = match options {
        // Options may be made from the instance around.
        Some(Value::Function(_)) => {
            let around = [positional(Value::router(parent))];
            let made = machine.call_value(&call.arguments[1].value, None, &around, call);
            machine.known(&made)
        }
        Some(given) => given,
        None => Value::Object(Rc::new(Object::default())),
    };
    let prefix = match &options {
        Value::Object(fields) => match fields.get("prefix") {
            Some(prefix) => match machine.known(&prefix) {
                Value::Null => PathText::empty(),
                prefix => machine.path_text(&prefix, "prefix").map(rooted),
            },
            None => PathText::empty(),
        },
        other => machine.path_text(other, call.at(1).map_or("", |options| &options.text)),
    };
    let evidence = call.lines_to_near(machine, call.arguments.last());
    let given = plugin.value.clone();
    let arguments = [positional(Value::Null), positional(options)];
    run(machine, parent, &given, &(prefix, evidence), &arguments, call, 0);
}

/// Run a plugin with an instance of its own, or with the one around where it is said to be shared.
fn run(
    machine: &mut Machine<'_>,
    parent: RouterId,
    plugin: &Value,
    place: &(PathText, Evidence),
    arguments: &[Argument; 2],
    call: &Call,
    depth: usize,
) {
    if depth > 8 {
        return;
    }
    match machine.known(plugin) {
        Value::Function(closure) => {
            let child = machine.graph.router(Router::of(&Fastify));
            let (prefix, evidence) = (place.0.clone(), vec![place.1.clone()]);
            machine.graph.mount(parent, child, prefix, evidence);
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
        Value::Unknown(why) if why.is_said() => {
            machine.loose(format!("the plugin `{}` {why}", call.arguments[0].text), place.1.clone());
        }
        _ => {}
    }
}

fn run_with(machine: &mut Machine<'_>, on: RouterId, plugin: &Value, arguments: &[Argument; 2], call: &Call) {
    let instance = Value::router(on);
    let arguments = [positional(instance), arguments[1].clone()];
    machine.call_value(plugin, None, &arguments, call);
}
