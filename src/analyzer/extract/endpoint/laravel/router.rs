//! Calls on the router: `Route::get(...)`, `$router->group(...)`, `Route::prefix(...)->middleware(...)->group(...)`.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Routes;
use super::group::Group;
use super::resource::Resource;
use super::routes::{Entry, What, short};
use crate::analyzer::evidence::Evidence;
use crate::analyzer::fact::{FactKind, Unresolved};
use crate::analyzer::php::host::Call;
use crate::analyzer::php::machine::{Frame, Machine};
use crate::analyzer::php::value::{Closure, Native, Value};

type Attributes<'c> = BTreeMap<String, Value<'c>>;
type Evaluator<'c> = Machine<'c, Routes<'c>>;

/// Calls that register nothing.
const SILENT: [&str; 34] = [
    "pattern",
    "patterns",
    "model",
    "bind",
    "has",
    "middlewareGroup",
    "pushMiddlewareToGroup",
    "prependMiddlewareToGroup",
    "removeMiddlewareFromGroup",
    "getRoutes",
    "current",
    "currentRouteName",
    "currentRouteAction",
    "is",
    "input",
    "substituteBindings",
    "middlewarePriority",
    "substituteImplicitBindings",
    "substituteImplicitBindingsUsing",
    "hasMacro",
    "getCurrentRoute",
    "currentRouteNamed",
    "uses",
    "matched",
    "dispatch",
    "dispatchToRoute",
    "filter",
    "when",
    "respondWithRoute",
    "setRoutes",
    "getMiddleware",
    "getMiddlewareGroups",
    "flushMacros",
    "getGroupStack",
];

/// A call on the router, with the attributes that earlier calls of the chain collected.
pub(super) fn call<'c>(
    machine: &mut Evaluator<'c>,
    frame: &mut Frame<'c>,
    attributes: &Attributes<'c>,
    call: &Call<'c>,
) -> Option<Value<'c>> {
    let methods: Vec<String> = match call.name.as_ref() {
        verb @ ("get" | "post" | "put" | "patch" | "delete" | "options") => vec![verb.to_ascii_uppercase()],
        "any" | "redirect" | "permanentRedirect" => vec!["ANY".to_owned()],
        "view" | "inertia" | "livewire" => vec!["GET".to_owned()],
        "addRoute" => return Some(matched(machine, attributes, call)),
        "match" => return Some(matched(machine, attributes, call)),
        "fallback" => {
            let path = Ok(Rc::from("{fallbackPlaceholder}"));
            let handler = handler(call.value(0, "action"));
            let route = What::Route { methods: vec!["GET".to_owned()], path, handler };
            return Some(register(machine, attributes, call, route, None));
        }
        "group" => return Some(group(machine, frame, attributes, call)),
        "resource"
        | "apiResource"
        | "singleton"
        | "apiSingleton"
        | "resources"
        | "apiResources"
        | "singletons"
        | "apiSingletons"
        | "softDeletableResources" => return Some(resources(machine, attributes, call)),
        "auth" if call.arguments.iter().all(|one| one.name.is_none()) => {
            authentication(machine, call);
            return Some(Value::Null);
        }
        "prefix"
        | "middleware"
        | "name"
        | "as"
        | "domain"
        | "controller"
        | "namespace"
        | "where"
        | "withoutMiddleware"
        | "scopeBindings"
        | "withoutScopedBindings"
        | "missing"
        | "can"
        | "metadata"
        | "whereNumber"
        | "whereUuid"
        | "whereUlid"
        | "whereAlpha"
        | "whereAlphaNumeric"
        | "whereIn" => {
            return Some(attribute(attributes, call));
        }
        "macro" => {
            if let (Some(name), Some(Value::Closure(closure))) =
                (call.value(0, "name").and_then(Value::as_text), call.value(1, "macro"))
            {
                machine.host.macros.insert(name.to_owned(), closure.clone());
            }
            return Some(Value::Null);
        }
        "aliasMiddleware" => {
            let (name, class) = (call.value(0, "name")?.as_text()?, call.value(1, "class")?.as_text()?);
            machine.host.names.aliases.insert(name.to_owned(), Rc::from(class));
            return Some(Value::Null);
        }
        "resourceVerbs" => {
            let verb =
                |name: &str| call.value(0, "verbs").and_then(|verbs| verbs.get(name)?.as_text().map(str::to_owned));
            let (create, edit) = (verb("create"), verb("edit"));
            let wording = &mut machine.host.wording;
            wording.create = create.unwrap_or_else(|| wording.create.clone());
            wording.edit = edit.unwrap_or_else(|| wording.edit.clone());
            return Some(Value::Null);
        }
        "resourceParameters" => {
            for (name, parameter) in call.value(0, "parameters").map(Value::entries).unwrap_or_default() {
                if let (Some(name), Some(parameter)) = (name.as_text(), parameter.as_text()) {
                    machine.host.wording.parameters.insert(name.to_owned(), parameter.to_owned());
                }
            }
            return Some(Value::Null);
        }
        "singularResourceParameters" => {
            machine.host.wording.is_singular = call.value(0, "singular").and_then(Value::truth) != Some(false);
            return Some(Value::Null);
        }
        name if SILENT.contains(&name) => return Some(Value::unknown("it is known only while the program runs")),
        name => return Some(custom(machine, attributes, call, name)),
    };
    let path = call.argument(0, "uri");
    let end = path.map(|path| path.node.end_byte());
    let path = match path {
        Some(path) => path.value.to_text(),
        None => Err(Rc::from("it has no path")),
    };
    let action =
        call.value(1, "action").filter(|_| !matches!(call.name.as_ref(), "redirect" | "view" | "permanentRedirect"));
    let handler = handler_in(machine, attributes, action);
    let mut attributes = attributes.clone();
    if let Some(action @ Value::List(_)) = action {
        for name in ["middleware", "prefix", "excluded_middleware"] {
            if let Some(value) = action.get(name) {
                attributes.insert(name.to_owned(), value.clone());
            }
        }
    }
    let end = match call.argument(1, "action") {
        Some(action) if !matches!(action.value, Value::Closure(_)) => Some(action.node.end_byte()),
        _ => end,
    };
    Some(register(machine, &attributes, call, What::Route { methods, path, handler }, end))
}

/// `Route::match(['get', 'post'], $path, $action)`; HEAD comes with GET and is not told.
fn matched<'c>(machine: &mut Evaluator<'c>, attributes: &Attributes<'c>, call: &Call<'c>) -> Value<'c> {
    let mut methods: Vec<String> = Vec::new();
    for method in call.value(0, "methods").map(Value::texts).unwrap_or_default() {
        methods.extend(method.split('|').map(str::to_ascii_uppercase).filter(|method| method != "HEAD"));
    }
    methods.dedup();
    let path = match call.value(1, "uri").map(Value::to_text) {
        Some(path) if !methods.is_empty() => path,
        _ => Err(Rc::from("its methods are computed")),
    };
    let handler = handler_in(machine, attributes, call.value(2, "action"));
    let end = call.argument(1, "uri").map(|path| path.node.end_byte());
    register(machine, attributes, call, What::Route { methods, path, handler }, end)
}

fn register<'c>(
    machine: &mut Evaluator<'c>,
    attributes: &Attributes<'c>,
    call: &Call<'c>,
    what: What<'c>,
    end: Option<usize>,
) -> Value<'c> {
    let texts = |name: &str| attributes.get(name).map(Value::texts).unwrap_or_default();
    let is_resource = matches!(what, What::Resource(_));
    let prefix = match attributes.get("prefix").filter(|_| !is_resource).map(Value::to_text) {
        None => Ok(String::new()),
        Some(prefix) => prefix.map(|prefix| prefix.to_string()),
    };
    let entry = Entry {
        what,
        group: machine.host.group(),
        middleware: texts("middleware"),
        excluded: texts("excluded_middleware"),
        prefix,
        evidence: call.evidence(end),
    };
    machine.host.entries.push(entry);
    Value::native("route", machine.host.entries.len() - 1)
}

/// A route without attributes of its own.
pub(super) fn plain<'c>(machine: &mut Evaluator<'c>, call: &Call<'c>, what: What<'c>, end: usize) -> Value<'c> {
    register(machine, &Attributes::new(), call, what, Some(end))
}

/// A route that the framework registers because these lines ask for it.
pub(super) fn stated<'c>(machine: &mut Evaluator<'c>, what: What<'c>, evidence: Evidence) {
    let group = machine.host.group();
    let entry =
        Entry { what, group, middleware: Vec::new(), excluded: Vec::new(), prefix: Ok(String::new()), evidence };
    machine.host.entries.push(entry);
}

/// `Route::prefix('x')`: the chain with one more attribute.
fn attribute<'c>(attributes: &Attributes<'c>, call: &Call<'c>) -> Value<'c> {
    let name = match call.name.as_ref() {
        "withoutMiddleware" => "excluded_middleware",
        name => name,
    };
    let mut fields = attributes.clone();
    let value = match (name, call.arguments.as_slice()) {
        ("middleware" | "excluded_middleware", many) if many.len() > 1 => {
            Value::list(many.iter().map(|argument| argument.value.clone()))
        }
        (_, [first, ..]) => first.value.clone(),
        _ => Value::Null,
    };
    fields.insert(name.to_owned(), value);
    Value::Native(Rc::new(Native { kind: "registrar", id: 0, fields }))
}

/// `group($attributes, $routes)`, or `group($routes)` at the end of a chain.
fn group<'c>(
    machine: &mut Evaluator<'c>,
    frame: &mut Frame<'c>,
    attributes: &Attributes<'c>,
    call: &Call<'c>,
) -> Value<'c> {
    let mut attributes = attributes.clone();
    let routes = match call.arguments.as_slice() {
        [routes] => routes,
        [own, routes, ..] => {
            for (name, value) in own.value.entries() {
                if let Some(name) = name.as_text() {
                    let name = if name == "withoutMiddleware" { "excluded_middleware" } else { name };
                    attributes.insert(name.to_owned(), value.clone());
                }
            }
            if let Value::Unknown(reason) = &own.value {
                attributes.insert("prefix".to_owned(), Value::Unknown(reason.clone()));
            }
            routes
        }
        [] => return Value::Null,
    };
    let end = match &routes.value {
        Value::Closure(_) => routes.node.start_byte(),
        _ => call.node.end_byte().saturating_sub(1),
    };
    let evidence = call.evidence(Some(end));
    let inner = machine.host.group().with(&attributes, &evidence);
    machine.host.groups.push(Rc::new(inner));
    load(machine, frame, &routes.value, &evidence);
    machine.host.groups.pop();
    Value::native("router", 0)
}

/// Run what a group is given: a closure, a file, a list of either.
pub(super) fn load<'c>(machine: &mut Evaluator<'c>, frame: &mut Frame<'c>, routes: &Value<'c>, evidence: &Evidence) {
    match routes {
        Value::Closure(closure) => drop(machine.call_closure(closure, vec![Value::native("router", 0)])),
        Value::List(items) => {
            for (_, item) in items.iter() {
                load(machine, frame, item, evidence);
            }
        }
        Value::Text(path) => match machine.place(frame, path) {
            Some(file) => {
                let mut inner = machine.frame(file);
                inner.variables.insert(Rc::from("router"), Value::native("router", 0));
                machine.include(&mut inner, file);
            }
            None => machine.host.open(format!("routes are loaded from `{path}`, which is not in the tree"), evidence),
        },
        Value::Unknown(reason) => {
            machine.host.open(format!("routes are loaded from a file that is not known: {reason}"), evidence);
        }
        _ => {}
    }
}

fn resources<'c>(machine: &mut Evaluator<'c>, attributes: &Attributes<'c>, call: &Call<'c>) -> Value<'c> {
    let kind = call.name.trim_end_matches('s').to_owned();
    let is_singleton = kind.to_ascii_lowercase().contains("singleton");
    let is_api = kind.starts_with("api");
    let is_many = call.name.ends_with('s');
    let given = match is_many {
        false => vec![(call.value(0, "name").cloned(), call.value(1, "controller").cloned())],
        true => {
            let list = call.value(0, "resources").map(Value::entries).unwrap_or_default();
            list.iter().map(|(name, controller)| (Some(name.clone()), Some(controller.clone()))).collect()
        }
    };
    let own = call.value(if is_many { 1 } else { 2 }, "options").map(Value::entries).unwrap_or_default();
    let mut options = attributes.clone();
    options.remove("prefix");
    options.remove("controller");
    options.extend(own.iter().filter_map(|(name, value)| Some((name.as_text()?.to_owned(), value.clone()))));
    let mut last = Value::Null;
    if given.is_empty() {
        machine.host.open("resources are named by a computed list".to_owned(), &call.evidence(None));
    }
    for (name, controller) in given {
        let controller = controller.and_then(|controller| controller.as_text().map(Rc::from));
        last = match name.as_ref().map(Value::to_text) {
            Some(Ok(name)) => {
                let resource = Resource { name, controller, is_singleton, is_api, options: options.clone() };
                register(machine, &options, call, What::Resource(resource), None)
            }
            Some(Err(reason)) => {
                let route = What::Route { methods: vec!["resource".to_owned()], path: Err(reason), handler: None };
                register(machine, attributes, call, route, None)
            }
            None => Value::Null,
        };
    }
    last
}

/// A call that the application itself added to the router, or one of a package that is not in the tree.
fn custom<'c>(machine: &mut Evaluator<'c>, attributes: &Attributes<'c>, call: &Call<'c>, name: &str) -> Value<'c> {
    let Some(closure) = machine.host.macros.get(name).cloned() else {
        let evidence = call.evidence(None);
        machine.host.open(format!("`{name}` on the router is not a call of the framework or of the tree"), &evidence);
        return Value::unknown("a package's call");
    };
    let this = Value::Native(Rc::new(Native { kind: "registrar", id: 0, fields: attributes.clone() }));
    let bound = Closure {
        file: closure.file,
        node: closure.node,
        unit: closure.unit.clone(),
        variables: closure.variables.clone(),
        this: Some(this),
        class: closure.class.clone(),
    };
    let mut inner = Group::clone(&machine.host.group());
    inner.from(&call.evidence(None));
    machine.host.groups.push(Rc::new(inner));
    let value = machine.call_closure(&bound, call.arguments.iter().map(|one| one.value.clone()).collect());
    machine.host.groups.pop();
    value
}

/// The routes of `Auth::routes()`, as the package of the framework's sign-in pages registers them.
pub(super) fn authentication<'c>(machine: &mut Evaluator<'c>, call: &Call<'c>) {
    let options = call.value(0, "options").cloned().unwrap_or(Value::Null);
    let is_on = |name: &str, default: bool| options.get(name).map_or(Some(default), Value::truth) != Some(false);
    let path = machine.project.path("app/Http/Controllers/Auth/ConfirmPasswordController.php");
    let confirms = machine.corpus.has_path(&path);
    let all: [(bool, &str, &str, &str); 14] = [
        (is_on("login", true), "GET", "login", "LoginController@showLoginForm"),
        (is_on("login", true), "POST", "login", "LoginController@login"),
        (is_on("logout", true), "POST", "logout", "LoginController@logout"),
        (is_on("register", true), "GET", "register", "RegisterController@showRegistrationForm"),
        (is_on("register", true), "POST", "register", "RegisterController@register"),
        (is_on("reset", true), "GET", "password/reset", "ForgotPasswordController@showLinkRequestForm"),
        (is_on("reset", true), "POST", "password/email", "ForgotPasswordController@sendResetLinkEmail"),
        (is_on("reset", true), "GET", "password/reset/{token}", "ResetPasswordController@showResetForm"),
        (is_on("reset", true), "POST", "password/reset", "ResetPasswordController@reset"),
        (is_on("confirm", confirms), "GET", "password/confirm", "ConfirmPasswordController@showConfirmForm"),
        (is_on("confirm", confirms), "POST", "password/confirm", "ConfirmPasswordController@confirm"),
        (is_on("verify", false), "GET", "email/verify", "VerificationController@show"),
        (is_on("verify", false), "GET", "email/verify/{id}/{hash}", "VerificationController@verify"),
        (is_on("verify", false), "POST", "email/resend", "VerificationController@resend"),
    ];
    for (_, method, path, handler) in all.into_iter().filter(|(is_on, ..)| *is_on) {
        let route = What::Route {
            methods: vec![method.to_owned()],
            path: Ok(Rc::from(path)),
            handler: Some(handler.to_owned()),
        };
        register(machine, &Attributes::new(), call, route, None);
    }
}

/// The routes of `Broadcast::routes()`.
pub(super) fn broadcasting<'c>(machine: &mut Evaluator<'c>, call: &Call<'c>) {
    let mut attributes = Attributes::new();
    for (name, value) in call.value(0, "attributes").map(Value::entries).unwrap_or_default() {
        if let Some(name) = name.as_text() {
            attributes.insert(name.to_owned(), value.clone());
        }
    }
    let inner = machine.host.group().with(&attributes, &call.evidence(None));
    machine.host.groups.push(Rc::new(inner));
    let methods = vec!["GET".to_owned(), "POST".to_owned()];
    let route = What::Route { methods, path: Ok(Rc::from("broadcasting/auth")), handler: None };
    register(machine, &Attributes::new(), call, route, None);
    machine.host.groups.pop();
}

fn handler_in<'c>(machine: &Evaluator<'c>, attributes: &Attributes<'c>, action: Option<&Value<'c>>) -> Option<String> {
    let own = attributes.get("controller").and_then(Value::as_text).map(Rc::from);
    let controller = own.or_else(|| machine.host.group().controller.clone());
    if let (Some(controller), Some(Value::Text(method))) = (controller, action)
        && !method.contains(['@', '\\'])
    {
        return Some(format!("{}@{method}", short(&controller)));
    }
    handler(action)
}

/// `'Controller@method'`, `[Controller::class, 'method']`, `Controller::class`, `['uses' => ...]`.
fn handler(action: Option<&Value<'_>>) -> Option<String> {
    match action? {
        Value::Text(text) => Some(short(text).to_owned()),
        list @ Value::List(_) => match (list.get("uses"), list.get("0"), list.get("1")) {
            (Some(Value::Text(uses)), ..) => Some(short(uses).to_owned()),
            (_, Some(Value::Text(class)), Some(Value::Text(method))) => Some(format!("{}@{method}", short(class))),
            _ => None,
        },
        _ => None,
    }
}

/// A call on a route or resource that was registered: `->middleware('auth')`, `->only(['index'])`.
pub(super) fn on_route<'c>(machine: &mut Evaluator<'c>, id: usize, call: &Call<'c>) {
    let Some(entry) = machine.host.entries.get_mut(id) else { return };
    let texts = || call.arguments.iter().flat_map(|argument| argument.value.texts()).collect::<Vec<_>>();
    match call.name.as_ref() {
        "middleware" => entry.middleware.extend(texts()),
        "withoutMiddleware" => entry.excluded.extend(texts()),
        "prefix" => {
            let own = call.value(0, "prefix").map(Value::to_text);
            entry.prefix = match (own, &entry.prefix) {
                (Some(Ok(own)), Ok(before)) => Ok(super::group::below(&own, before)),
                (Some(Err(reason)), _) => Err(reason),
                (_, Err(reason)) => Err(reason.clone()),
                (None, Ok(before)) => Ok(before.clone()),
            };
        }
        _ => {}
    }
    let What::Resource(resource) = &mut entry.what else { return };
    let name = call.name.as_ref();
    let value = match name {
        "only" | "except" => Value::list(texts().into_iter().map(Value::Text)),
        "parameters" => call.value(0, "parameters").cloned().unwrap_or(Value::Null),
        "parameter" => {
            let before = resource.options.get("parameters").cloned().unwrap_or(Value::Null);
            let (name, parameter) = (call.value(0, "previous").cloned(), call.value(1, "new").cloned());
            before.with_entry(name, parameter.unwrap_or(Value::Null))
        }
        "shallow" | "creatable" | "destroyable" => call.value(0, "").cloned().unwrap_or(Value::Bool(true)),
        _ => return,
    };
    let name = if name == "parameter" { "parameters" } else { name };
    resource.options.insert(name.to_owned(), value);
}

impl<'c> Routes<'c> {
    /// Something that is recognised and not known.
    pub(super) fn open(&mut self, reason: String, evidence: &Evidence) {
        let evidence = vec![evidence.clone()];
        self.found.unresolved.push(Unresolved { kind: FactKind::Endpoint, reason, evidence });
    }
}
