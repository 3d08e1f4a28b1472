//! Flask: applications, blueprints (nested too), views by rule and by class, and the two common
//! extensions with resources and namespaces.

use std::rc::Rc;

use super::guard;
use super::written::texts;
use crate::syntax::grammar::Family;
use crate::syntax::program::Kind;
use crate::trace::graph::{Draft, Handle, Join, Mount, PathText, Route, Router, RouterId, Verb};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Decorated, Rules};
use crate::trace::value::{Argument, ClassValue, Value};

pub(in crate::extract) struct Flask;

const NAME: &str = "flask";
const VERBS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

impl Rules for Flask {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Python
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["flask", "register_blueprint", ".route(", "add_url_rule", "add_resource", "add_namespace"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["Flask(", "register_blueprint", "Blueprint(", "def create_app", "def make_app", "def build_app"]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        if !name.starts_with("flask") {
            return None;
        }
        let (is_root, note, prefix) = match name.rsplit('.').next().unwrap_or_default() {
            "Flask" => (true, "app", None),
            "Blueprint" => (false, "blueprint", call.named("url_prefix").cloned()),
            "Api" if name.starts_with("flask_") => (false, "api", call.named("prefix").cloned()),
            "Namespace" => (false, "namespace", call.named("path").cloned()),
            _ => return None,
        };
        let mut prefix = prefix.map(|prefix| (prefix.as_path(machine), call.lines_to(machine, Some(&prefix))));
        if note == "namespace" && prefix.is_none() {
            let name = call.either("name", 0);
            prefix = name.map(|name| (slashed(name.as_path(machine)), call.lines_to(machine, Some(name))));
        }
        let router = Router { framework: NAME, join: Join::SingleSlash, is_root, prefix, note: note.to_owned() };
        let id = machine.graph.router(router);
        if let Some(app) = (note == "api").then(|| call.either("app", 0)).flatten().or_else(|| call.named("blueprint"))
        {
            mount_api(machine, id, app, call);
        }
        Some(Value::Handle(Handle::Router(id)))
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        let Handle::Router(router) = on else {
            return None;
        };
        if machine.graph.routers[router].framework != NAME {
            return None;
        }
        match name {
            "route" => Some(pending(machine, router, None, call)),
            verb if VERBS.contains(&verb) => Some(pending(machine, router, Some(verb.to_ascii_uppercase()), call)),
            "add_url_rule" => {
                let view = call.either("view_func", 2)?.clone();
                if let Value::Handle(Handle::Draft(draft)) = pending(machine, router, None, call) {
                    let draft = machine.graph.drafts[draft].clone();
                    apply(machine, &draft, router, &view);
                }
                Some(Value::Null)
            }
            "add_resource" => {
                let resource = call.at(0)?.clone();
                let urls: Vec<Argument> =
                    call.arguments.iter().skip(1).filter(|url| url.name.is_none()).cloned().collect();
                let evidence = vec![call.lines_to(machine, urls.last())];
                let paths = urls.iter().map(|url| url.as_path(machine)).collect();
                let draft = Draft { framework: NAME, router: Some(router), paths, evidence, ..Draft::default() };
                apply(machine, &draft, router, &resource);
                Some(Value::Null)
            }
            "register_blueprint" | "add_namespace" => {
                let child = call.at(0)?;
                let given =
                    call.named("url_prefix").or_else(|| call.either("path", 1).filter(|_| name == "add_namespace"));
                mount(machine, router, child, given, call);
                Some(Value::Null)
            }
            "namespace" => {
                let value = self.external(machine, "flask_restx.Namespace", call)?;
                if let Value::Handle(Handle::Router(child)) = value {
                    let prefix = machine.graph.routers[child].prefix.clone();
                    let prefix = prefix.map_or(PathText::Known(String::new()), |(prefix, _)| prefix);
                    let evidence = vec![call.lines_to(machine, None)];
                    machine.graph.mounts.push(Mount { parent: router, child, prefix, evidence });
                }
                Some(value)
            }
            "init_app" => {
                let app = call.at(0)?;
                mount_api(machine, router, app, call);
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

fn slashed(path: PathText) -> PathText {
    match path {
        PathText::Known(path) => PathText::Known(format!("/{}", path.trim_start_matches('/'))),
        unknown => unknown,
    }
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
                (None, None) => PathText::Known(String::new()),
            };
            machine.graph.mounts.push(Mount { parent, child: id, prefix, evidence });
        }
        Value::External(name) => {
            machine.loose(format!("the routes of `{}` come from the package `{name}`", child.text), evidence.remove(0));
        }
        _ => machine.loose(format!("the blueprint `{}` could not be followed", child.text), evidence.remove(0)),
    }
}

fn mount_api(machine: &mut Machine<'_>, api: RouterId, app: &Argument, call: &Call) {
    if let Value::Handle(Handle::Router(parent)) = machine.known(&app.value) {
        let prefix = machine.graph.routers[api].prefix.clone();
        let prefix = prefix.map_or(PathText::Known(String::new()), |(prefix, _)| prefix);
        let evidence = vec![call.lines_to(machine, None)];
        machine.graph.mounts.push(Mount { parent, child: api, prefix, evidence });
    }
}

/// A decorator that waits for its function or class.
fn pending(machine: &mut Machine<'_>, router: RouterId, verb: Option<String>, call: &Call) -> Value {
    let is_resource = matches!(&*machine.graph.routers[router].note, "namespace" | "api");
    let urls: Vec<Argument> = match call.named("rule") {
        Some(rule) => vec![rule.clone()],
        None => {
            let count = if is_resource { usize::MAX } else { 1 };
            call.arguments.iter().filter(|url| url.name.is_none()).take(count).cloned().collect()
        }
    };
    let methods = call.named("methods").map(|methods| texts(machine, &methods.value).unwrap_or_default());
    let mut verbs: Vec<Verb> = Vec::new();
    for method in verb.into_iter().chain(methods.into_iter().flatten()) {
        verbs.push(Verb { method: method.to_ascii_uppercase(), handler: None, guarded: false, lines: None });
    }
    let evidence = vec![call.lines_to(machine, urls.last())];
    let paths = urls.iter().map(|url| url.as_path(machine)).collect();
    Value::Handle(machine.graph.draft(Draft {
        framework: NAME,
        router: Some(router),
        paths,
        verbs,
        evidence,
        ..Draft::default()
    }))
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
    let methods: Vec<String> = match draft.verbs.as_slice() {
        [] => vec!["GET".to_owned()],
        verbs => verbs.iter().map(|verb| verb.method.clone()).collect(),
    };
    for method in methods {
        for path in &draft.paths {
            machine.graph.routes.push(Route {
                router,
                method: method.clone(),
                path: path.clone(),
                handler: handler.clone(),
                guarded: draft.guarded,
                evidence: draft.evidence.clone(),
            });
        }
    }
}

/// One route for each method that the class or one it extends defines.
fn register_class(machine: &mut Machine<'_>, draft: &Draft, router: RouterId, class: &Rc<ClassValue>) {
    let name = class.program.classes[class.class].name.as_deref().unwrap_or_default().to_owned();
    let allowed: Vec<&str> = draft.verbs.iter().map(|verb| verb.method.as_str()).collect();
    let mut found = false;
    for verb in VERBS {
        let method = verb.to_ascii_uppercase();
        let Some(Value::Function(view)) = machine.class_member(class, verb, None) else {
            continue;
        };
        if !allowed.is_empty() && !allowed.contains(&method.as_str()) {
            continue;
        }
        found = true;
        let mut guarded = draft.guarded;
        for member in view.program.classes.iter().flat_map(|class| &class.members) {
            if let Kind::Decorated(decorators, inner) = &view.program.nodes[member.value].kind
                && matches!(view.program.nodes[*inner].kind, Kind::DefineFunction(function) if function == view.function)
            {
                let texts = decorators.iter().map(|id| machine.source(view.module, view.program.nodes[*id].bytes));
                guarded |= texts.collect::<Vec<_>>().iter().any(|text| guard::is_guard(text));
            }
        }
        let line = view.program.functions[view.function].start;
        let path = machine.modules[view.module].path.to_string();
        let mut evidence = draft.evidence.clone();
        evidence.push(machine.evidence(&path, line, line));
        for path in &draft.paths {
            machine.graph.routes.push(Route {
                router,
                method: method.clone(),
                path: path.clone(),
                handler: Some(format!("{name}.{verb}")),
                guarded,
                evidence: evidence.clone(),
            });
        }
    }
    if !found && machine.class_member(class, "dispatch_request", None).is_some() {
        register(machine, draft, router, Some(name));
    }
}
