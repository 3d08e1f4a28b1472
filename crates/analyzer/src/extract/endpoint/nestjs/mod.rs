//! NestJS: controllers of the modules that an application is made of, with global prefix, module paths and
//! versions in the path. A controller that no module of an application names has no facts.

mod controller;
mod modules;

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use crate::extract::endpoint::script::parameters;
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{PathText, Router, RouterId};
use crate::trace::join::Join;
use crate::trace::machine::{Kept, Machine, Rules};
use crate::trace::value::{ClassValue, ModuleId, Value};

pub(in crate::extract) struct NestJs;

/// A class, told apart from others of the same name.
type ClassKey = (ModuleId, usize);

/// What the application says about all of its paths.
struct Application {
    prefix: PathText,
    /// Routes that the prefix leaves alone; nothing when that is not known.
    excluded: Option<Vec<String>>,
    /// What stands before a version in the path; nothing when versions are not in the path.
    version: Option<PathText>,
    default_versions: Vec<String>,
    evidence: Vec<Evidence>,
}

impl Application {
    /// One that says nothing.
    fn bare() -> Self {
        Self {
            prefix: PathText::empty(),
            excluded: Some(Vec::new()),
            version: None,
            default_versions: Vec::new(),
            evidence: Vec::new(),
        }
    }
}

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "nestjs",
    title: "NestJS",
    links: &["https://docs.nestjs.com/controllers", "https://docs.nestjs.com/techniques/versioning"],
    fixtures: &["endpoint/nestjs", "endpoint/nestjs_conditional"],
    text: "",
    rows: &[
        (
            "resolved",
            "`NestFactory.create` and the modules that its module imports: `forwardRef`, dynamic modules of \
             functions, spread and conditional lists, `ConditionalModule.registerWhen`; `RouterModule` with children; `@Controller` with text, list, \
             `{path, version}`; verbs, `@All`, `@Sse`, `@RequestMapping`, lists of paths; methods of extended \
             classes; the program's own decorators made with `applyDecorators`; enums and constants; \
             `setGlobalPrefix` with `exclude`; versions in the path with default, list, neutral",
        ),
        ("an application", "where several are made, those that listen"),
        ("parameters", "as Express"),
        (
            "guard",
            "`@UseGuards` with a guard of a known name (`AuthGuard`, `JwtAuthGuard`, ...; a strategy must check a \
             token), at the method or its class, and no decorator such as `@Public()` beside it",
        ),
        ("unresolved", "computed prefixes and exceptions, controllers that no module names"),
        ("not seen", "modules of packages, GraphQL, message patterns; guards that count for the whole application"),
    ],
};

static FRAMEWORK: Framework = Framework {
    join: Join::Lenient,
    as_called: parameters,
    triggers: &["NestFactory", "@Controller("],
    makes: &["NestFactory.create("],
    starts: &["NestFactory.create"],
    page: Some(&PAGE),
    ..Framework::new("nestjs", Family::Script)
};

impl Rules for NestJs {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        if name != "@nestjs/core.NestFactory.create" {
            return None;
        }
        let id = machine.graph.router(Router::root(self));
        machine.keep(id, "module", call);
        Some(Value::router(id))
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        match name {
            "setGlobalPrefix" => machine.keep(on, "prefix", call),
            "enableVersioning" => machine.keep(on, "version", call),
            "listen" | "init" => {
                machine.keep(on, "serve", call);
                return None;
            }
            _ => return None,
        }
        Some(Value::router(on))
    }

    fn finish(&'static self, machine: &mut Machine<'_>) {
        let mut served: Vec<ClassKey> = Vec::new();
        // One that is made for its settings only, beside the one that serves, is no application.
        let says = |kept: &[Kept], what: &str| kept.iter().any(|kept| kept.what == what);
        let all: Vec<(RouterId, Vec<Kept>)> =
            machine.kept.clone().into_iter().filter(|(_, kept)| says(kept, "module")).collect();
        let somebody_serves = all.iter().any(|(_, kept)| says(kept, "serve"));
        for (router, kept) in all {
            if somebody_serves && !says(&kept, "serve") {
                continue;
            }
            let Some(root) = kept.iter().find(|kept| kept.what == "module") else { continue };
            let application = application(machine, router);
            let Some(module) = root.arguments.first() else { continue };
            let found = modules::controllers(machine, &module.value, &root.evidence);
            for (class, below) in found {
                served.push(key(&class));
                controller::register(machine, router, &application, &class, &below);
            }
        }
        for class in machine.classes.clone() {
            if !served.contains(&key(&class)) && controller::is_controller(machine, &class) {
                let alone = machine.graph.router(Router::of(self));
                let bare = Application::bare();
                controller::register(machine, alone, &bare, &class, &[]);
            }
        }
    }
}

fn key(class: &Rc<ClassValue>) -> ClassKey {
    (class.module, class.class)
}

/// The names after the package of what a decorator or function out of a framework's package is.
fn ours(value: &Value) -> Option<String> {
    let path = value.external()?;
    let rest = path.strip_prefix("@nestjs/")?;
    let name = rest.split_once('.')?.1;
    Some(name.trim_end_matches("()").to_owned())
}

fn application(machine: &mut Machine<'_>, router: RouterId) -> Application {
    let mut out = Application::bare();
    for kept in machine.kept.get(&router).cloned().unwrap_or_default() {
        match (kept.what, kept.arguments.as_slice()) {
            ("prefix", [prefix, options @ ..]) => {
                out.prefix = prefix.as_path(machine);
                out.evidence.push(kept.evidence.clone());
                if let Some(options) = options.first() {
                    out.excluded = excluded(machine, &options.value);
                }
            }
            ("version", options) => {
                let given = options.first().map(|options| machine.known(&options.value));
                let (before, defaults) = versioning(machine, given);
                out.version = before;
                out.default_versions = defaults;
                out.evidence.push(kept.evidence.clone());
            }
            _ => {}
        }
    }
    out
}

/// `exclude: ['health', { path: 'x', method: RequestMethod.GET }]`
fn excluded(machine: &mut Machine<'_>, options: &Value) -> Option<Vec<String>> {
    let Value::Object(fields) = machine.known(options) else { return None };
    let Some(list) = fields.get("exclude") else { return Some(Vec::new()) };
    let Value::Array(items) = machine.known(&list) else { return None };
    let items = items.borrow().clone();
    let mut out = Vec::new();
    for item in items {
        let path = match machine.known(&item) {
            Value::Object(fields) => fields.get("path").map(|path| machine.known(&path)),
            other => Some(other),
        };
        match path {
            Some(Value::Text(path)) => out.push(path.trim_matches('/').to_owned()),
            _ => return None,
        }
    }
    Some(out)
}

/// What stands before a version in paths, and the versions of what says none.
fn versioning(machine: &mut Machine<'_>, options: Option<Value>) -> (Option<PathText>, Vec<String>) {
    let fields = match options {
        Some(Value::Object(fields)) => fields,
        None => return (Some(PathText::Known("v".to_owned())), Vec::new()),
        Some(_) => return (Some(PathText::Unknown("the versioning is computed".into())), Vec::new()),
    };
    match fields.get("type").map(|kind| machine.known(&kind)) {
        None => {}
        Some(kind) => match ours(&kind) {
            Some(name) if name == "VersioningType.URI" => {}
            Some(_) => return (None, Vec::new()),
            None => return (Some(PathText::Unknown("the type of versioning is computed".into())), Vec::new()),
        },
    }
    let before = match fields.get("prefix").map(|prefix| machine.known(&prefix)) {
        None | Some(Value::Null) => PathText::Known("v".to_owned()),
        Some(Value::Bool(false)) => PathText::empty(),
        Some(prefix) => machine.path_text(&prefix, "prefix"),
    };
    let defaults = fields.get("defaultVersion").map(|version| versions(machine, &version)).unwrap_or_default();
    (Some(before), defaults)
}

/// Versions as texts; the neutral one is empty.
fn versions(machine: &mut Machine<'_>, value: &Value) -> Vec<String> {
    match machine.known(value) {
        Value::Text(text) => vec![text.to_string()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(items) => {
            let items = items.borrow().clone();
            items.iter().flat_map(|item| versions(machine, item)).collect()
        }
        other if ours(&other).is_some_and(|name| name == "VERSION_NEUTRAL") => vec![String::new()],
        _ => Vec::new(),
    }
}
