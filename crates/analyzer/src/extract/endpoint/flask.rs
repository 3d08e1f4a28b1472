//! Flask: applications, blueprints (nested too), views by rule and by class, and the two common
//! extensions with resources and namespaces.

use std::rc::Rc;

use super::guard;
use super::written::texts;
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::syntax::program;
use crate::trace::call::{Call, Decorated};
use crate::trace::framework::Framework;
use crate::trace::graph::{Draft, Extra, Handle, PathText, Registration, Router, RouterId, Verb};
use crate::trace::join::{Join, between};
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, ClassValue, Value};

pub(in crate::extract) struct Flask;

const VERBS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

/// What a class lists to be put around each of its methods: Flask's name for it, and that of its extensions.
const DECORATORS: [&str; 2] = ["decorators", "method_decorators"];

/// What a router was made as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Application,
    Blueprint,
    Api,
    Namespace,
}

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "flask",
    title: "Flask",
    links: &["https://flask.palletsprojects.com/en/stable/blueprints/", "https://flask-restx.readthedocs.io/"],
    fixtures: &["endpoint/flask", "endpoint/flask_values"],
    text: "",
    rows: &[
        (
            "resolved",
            "`Flask` (and classes that extend it), application factories, `Blueprint(url_prefix=)`, \
             `register_blueprint(url_prefix=)` (which replaces the blueprint's own), nested blueprints, \
             `functools.partial` of it; `route(methods=)`, verb decorators, `add_url_rule`, `MethodView.as_view`, \
             `View.methods`; flask-restful and \
             flask-restx: `Api`, `add_resource`, `Namespace`, `add_namespace`, resources' methods; flask-openapi3: `OpenAPI`, \
             `APIBlueprint`, `register_api`",
        ),
        (
            "guards",
            "decorators by their name, also those that a class or one that it extends lists (`decorators`, `method_decorators`)",
        ),
        ("methods", "`GET` where none is given; the `HEAD` and `OPTIONS` that the framework adds are not listed"),
        ("unresolved", "rules that a helper prefixes depending on a setting, blueprints loaded by name"),
    ],
};

static FRAMEWORK: Framework = Framework {
    join: Join::OwnSlash,
    as_called: |path| vec![between(path, '<', '>', converted)],
    triggers: &[
        "flask",
        "register_blueprint",
        ".route(",
        "add_url_rule",
        "add_resource",
        "add_namespace",
        "register_api(",
    ],
    makes: &["Flask(__name__", "OpenAPI(__name__"],
    starts: &[
        "Flask(",
        "OpenAPI(__name__",
        "register_blueprint",
        "register_api(",
        "Blueprint(",
        "import_module(",
        "def create_app",
        "def make_app",
        "def build_app",
    ],
    page: Some(&PAGE),
    ..Framework::new("flask", Family::Python)
};

impl Rules for Flask {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        if !name.starts_with("flask") {
            return None;
        }
        let (kind, prefix) = match name.rsplit('.').next().unwrap_or_default() {
            "Flask" => (Kind::Application, None),
            "OpenAPI" if name.starts_with("flask_openapi3") => (Kind::Application, None),
            "Blueprint" | "APIBlueprint" => (Kind::Blueprint, call.named("url_prefix").cloned()),
            "Api" if name.starts_with("flask_") => (Kind::Api, call.named("prefix").cloned()),
            "Namespace" => (Kind::Namespace, call.named("path").cloned()),
            _ => return None,
        };
        let mut prefix = prefix.map(|prefix| (prefix.as_path(machine), call.lines_to(machine, Some(&prefix))));
        if kind == Kind::Namespace && prefix.is_none() {
            let name = call.either("name", 0);
            prefix = name.map(|name| (name.as_path(machine).map(slashed), call.lines_to(machine, Some(name))));
        }
        let (is_root, extra): (_, Option<Extra>) = (kind == Kind::Application, Some(Box::new(kind)));
        let id = machine.graph.router(Router { is_root, prefix, extra, ..Router::of(self) });
        let app = call.either("app", 0).filter(|_| kind == Kind::Api).or_else(|| call.named("blueprint"));
        if let Some(app) = app {
            mount_api(machine, id, app, call);
        }
        Some(Value::router(id))
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        match name {
            _ if name == "route" || VERBS.contains(&name) => {
                let draft = pending(machine, on, Some(name).filter(|name| *name != "route"), call);
                Some(Value::Handle(machine.graph.draft(draft)))
            }
            "add_url_rule" => {
                let view = call.either("view_func", 2)?.clone();
                let draft = pending(machine, on, None, call);
                apply(machine, &draft, on, &view);
                Some(Value::Null)
            }
            "add_resource" => {
                let resource = call.at(0)?.clone();
                let urls: Vec<Argument> =
                    call.arguments.iter().skip(1).filter(|url| url.name.is_none()).cloned().collect();
                let evidence = vec![call.lines_to(machine, urls.last())];
                let paths = urls.iter().map(|url| url.as_path(machine)).collect();
                let draft = Draft { router: Some(on), paths, evidence, ..Draft::of(self) };
                apply(machine, &draft, on, &resource);
                Some(Value::Null)
            }
            "register_blueprint" | "register_api" | "add_namespace" => {
                let child = call.at(0)?;
                let given =
                    call.named("url_prefix").or_else(|| call.either("path", 1).filter(|_| name == "add_namespace"));
                mount(machine, on, child, given, call);
                Some(Value::Null)
            }
            "namespace" => {
                let value = self.external(machine, "flask_restx.Namespace", call)?;
                if let Value::Handle(Handle::Router(child)) = value {
                    mount_below(machine, on, child, call);
                }
                Some(value)
            }
            "init_app" => {
                let app = call.at(0)?;
                mount_api(machine, on, app, call);
                Some(Value::Null)
            }
            _ => None,
        }
    }

    fn decorate(&self, machine: &mut Machine<'_>, draft: &Draft, target: &Decorated<'_>, others: &[Rc<str>]) {
        let Some(router) = draft.router else { return };
        let mut draft = draft.clone();
        draft.guarded |= others.iter().any(|text| guard::is_guard(text));
        match target {
            Decorated::Function(closure) => {
                let name = closure.program.functions[closure.function].name.as_ref().map(ToString::to_string);
                register(machine, &draft, router, name);
            }
            Decorated::Class(class) => register_class(machine, &draft, router, class),
        }
    }
}

/// `<int:id>`, `<any(a, b):name>`: the name is what follows the last colon.
fn converted(inner: &str) -> &str {
    inner.rsplit(':').next().unwrap_or(inner)
}

fn slashed(path: String) -> String {
    format!("/{}", path.trim_start_matches('/'))
}

fn mount(machine: &mut Machine<'_>, parent: RouterId, child: &Argument, given: Option<&Argument>, call: &Call) {
    let last = given.filter(|given| given.end > child.end).unwrap_or(child);
    let mut evidence = vec![call.lines_to(machine, Some(last))];
    match machine.known(&child.value) {
        Value::Handle(Handle::Router(id)) => {
            let own = machine.graph.routers[id].prefix.clone();
            let prefix = match (given, own) {
                (Some(given), _) => given.as_path(machine),
                // The prefix stands where the blueprint is made; both places say it.
                (None, Some((own, at))) => {
                    evidence.push(at);
                    own
                }
                (None, None) => PathText::empty(),
            };
            machine.graph.mount(parent, id, prefix, evidence);
        }
        Value::External(name) => {
            machine.loose(format!("the routes of `{}` come from the package `{name}`", child.text), evidence.remove(0));
        }
        _ => machine.loose(format!("the blueprint `{}` could not be followed", child.text), evidence.remove(0)),
    }
}

fn mount_api(machine: &mut Machine<'_>, api: RouterId, app: &Argument, call: &Call) {
    if let Value::Handle(Handle::Router(parent)) = machine.known(&app.value) {
        mount_below(machine, parent, api, call);
    }
}

/// Put a router below another one, with the prefix that it was made with.
fn mount_below(machine: &mut Machine<'_>, parent: RouterId, child: RouterId, call: &Call) {
    let prefix = machine.graph.routers[child].prefix.as_ref().map_or(PathText::empty(), |(prefix, _)| prefix.clone());
    let evidence = vec![call.lines_to(machine, None)];
    machine.graph.mount(parent, child, prefix, evidence);
}

/// A decorator that waits for its function or class.
fn pending(machine: &mut Machine<'_>, router: RouterId, verb: Option<&str>, call: &Call) -> Draft {
    let is_resource = matches!(machine.graph.routers[router].extra(), Some(Kind::Namespace | Kind::Api));
    let urls: Vec<Argument> = match call.named("rule") {
        Some(rule) => vec![rule.clone()],
        None => {
            let count = if is_resource { usize::MAX } else { 1 };
            call.arguments.iter().filter(|url| url.name.is_none()).take(count).cloned().collect()
        }
    };
    let methods = call.named("methods").map(|methods| texts(machine, &methods.value).unwrap_or_default());
    let given = verb.map(str::to_owned).into_iter().chain(methods.into_iter().flatten());
    let verbs = given.map(|method| Verb::of(method.to_ascii_uppercase())).collect();
    let evidence = vec![call.lines_to(machine, urls.last())];
    let paths = urls.iter().map(|url| url.as_path(machine)).collect();
    Draft { router: Some(router), paths, verbs, evidence, ..Draft::of(&Flask) }
}

/// A view given as a value: a function, or a class (as `as_view()` gives it).
fn apply(machine: &mut Machine<'_>, draft: &Draft, router: RouterId, view: &Argument) {
    match machine.known(&view.value) {
        Value::Class(class) => register_class(machine, draft, router, &class),
        _ => {
            let plain = view.text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.'));
            register(machine, draft, router, plain.then(|| view.text.to_string()));
        }
    }
}

fn register(machine: &mut Machine<'_>, draft: &Draft, router: RouterId, handler: Option<String>) {
    let methods: Vec<&str> = match draft.verbs.as_slice() {
        [] => vec!["GET"],
        verbs => verbs.iter().map(|verb| verb.method.as_str()).collect(),
    };
    let registration = Registration { handler, guarded: draft.guarded, evidence: draft.evidence.clone() };
    machine.graph.register(router, &methods, &draft.paths, &registration);
}

/// One route for each method that the class or one it extends defines.
fn register_class(machine: &mut Machine<'_>, draft: &Draft, router: RouterId, class: &Rc<ClassValue>) {
    let name = class.program.classes[class.class].name.as_deref().unwrap_or_default().to_owned();
    let allowed: Vec<&str> = draft.verbs.iter().map(|verb| verb.method.as_str()).collect();
    let is_listed_as_guarded = lists_a_guard(machine, class);
    let mut found = false;
    for verb in VERBS {
        let method = verb.to_ascii_uppercase();
        let Some(Value::Function(view)) = machine.class_member(class, verb, None) else { continue };
        if !allowed.is_empty() && !allowed.contains(&method.as_str()) {
            continue;
        }
        found = true;
        let mut guarded = draft.guarded || is_listed_as_guarded;
        for member in view.program.classes.iter().flat_map(|class| &class.members) {
            if let program::Kind::Decorated(decorators, inner) = &view.program.nodes[member.value].kind
                && matches!(view.program.nodes[*inner].kind, program::Kind::DefineFunction(function) if function == view.function)
            {
                let texts = decorators.iter().map(|id| machine.source(view.module, view.program.nodes[*id].bytes));
                guarded |= texts.collect::<Vec<_>>().iter().any(|text| guard::is_guard(text));
            }
        }
        let line = view.program.functions[view.function].start;
        let path = machine.modules[view.module].path.to_string();
        let mut evidence = draft.evidence.clone();
        evidence.push(machine.evidence(&path, line, line));
        let registration = Registration { handler: Some(format!("{name}.{verb}")), guarded, evidence };
        machine.graph.register(router, &[method], &draft.paths, &registration);
    }
    if !found && machine.class_member(class, "dispatch_request", None).is_some() {
        let mut draft = draft.clone();
        draft.guarded |= is_listed_as_guarded;
        // What the rule does not say, the class may.
        if draft.verbs.is_empty()
            && let Some(methods) = machine.class_member(class, "methods", None)
        {
            let methods = texts(machine, &methods).unwrap_or_default();
            draft.verbs = methods.into_iter().map(|method| Verb::of(method.to_ascii_uppercase())).collect();
        }
        register(machine, &draft, router, Some(name));
    }
}

/// Whether the class, or the nearest that it extends with such a list, has a guard before each of its methods.
fn lists_a_guard(machine: &mut Machine<'_>, class: &Rc<ClassValue>) -> bool {
    let lineage = machine.lineage(class);
    DECORATORS.iter().any(|name| {
        let listed = lineage.iter().find_map(|class| {
            let list = class.program.classes[class.class].members.iter().rev().find(|member| &*member.name == *name)?;
            Some((class, list.value))
        });
        let Some((class, list)) = listed else { return false };
        let program::Kind::Array(items) = &class.program.nodes[list].kind else { return false };
        items.iter().any(|item| guard::is_guard(&machine.source(class.module, class.program.nodes[*item].bytes)))
    })
}
