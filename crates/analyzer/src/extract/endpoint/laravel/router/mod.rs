//! Calls on the router: `Route::get(...)`, `$router->group(...)`, `Route::prefix(...)->middleware(...)->group(...)`.

mod bundled;
mod chain;
mod handler;
mod register;
mod registered;
mod resources;

pub(super) use bundled::{authentication, broadcasting};
pub(super) use chain::load;
pub(super) use register::{plain, stated};
pub(super) use registered::on_route;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::group::Group;
use super::registry::Evaluator;
use super::routes::RouteKind;
use crate::lang::php::call::PhpCall;
use crate::lang::php::machine::PhpFrame;
use crate::lang::php::value::{Native, PhpClosure, PhpValue};
use chain::{attribute, group};
use handler::{handler, handler_in};
use register::register;
use resources::resources;

type Attributes<'c> = BTreeMap<String, PhpValue<'c>>;

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
#[expect(clippy::too_many_lines, reason = "one arm for each method")]
pub(super) fn call<'c>(
    machine: &mut Evaluator<'c>,
    frame: &mut PhpFrame<'c>,
    attributes: &Attributes<'c>,
    call: &PhpCall<'c>,
) -> Option<PhpValue<'c>> {
    let methods: Vec<String> = match call.name.as_ref() {
        verb @ ("get" | "post" | "put" | "patch" | "delete" | "options") => vec![verb.to_ascii_uppercase()],
        "any" | "redirect" | "permanentRedirect" => vec!["ANY".to_owned()],
        "view" | "inertia" | "livewire" => vec!["GET".to_owned()],
        "addRoute" => return Some(matched(machine, attributes, call)),
        "match" => return Some(matched(machine, attributes, call)),
        "fallback" => {
            let path = Ok(Rc::from("{fallbackPlaceholder}"));
            let handler = handler(call.value(0, "action"));
            let route = RouteKind::Route { methods: vec!["GET".to_owned()], path, handler };
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
            return Some(PhpValue::Null);
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
            if let (Some(name), Some(PhpValue::Closure(closure))) =
                (call.value(0, "name").and_then(PhpValue::as_text), call.value(1, "macro"))
            {
                machine.host.macros.insert(name.to_owned(), closure.clone());
            }
            return Some(PhpValue::Null);
        }
        "aliasMiddleware" => {
            let (name, class) = (call.value(0, "name")?.as_text()?, call.value(1, "class")?.as_text()?);
            machine.host.names.aliases.insert(name.to_owned(), Rc::from(class));
            return Some(PhpValue::Null);
        }
        "resourceVerbs" => {
            let verb =
                |name: &str| call.value(0, "verbs").and_then(|verbs| verbs.get(name)?.as_text().map(str::to_owned));
            let (create, edit) = (verb("create"), verb("edit"));
            let wording = &mut machine.host.wording;
            wording.create = create.unwrap_or_else(|| wording.create.clone());
            wording.edit = edit.unwrap_or_else(|| wording.edit.clone());
            return Some(PhpValue::Null);
        }
        "resourceParameters" => {
            for (name, parameter) in call.value(0, "parameters").map(PhpValue::entries).unwrap_or_default() {
                if let (Some(name), Some(parameter)) = (name.as_text(), parameter.as_text()) {
                    machine.host.wording.parameters.insert(name.to_owned(), parameter.to_owned());
                }
            }
            return Some(PhpValue::Null);
        }
        "singularResourceParameters" => {
            machine.host.wording.is_singular = call.value(0, "singular").and_then(PhpValue::truth) != Some(false);
            return Some(PhpValue::Null);
        }
        name if SILENT.contains(&name) => return Some(PhpValue::unknown("it is known only while the program runs")),
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
    if let Some(action @ PhpValue::List(_)) = action {
        for name in ["middleware", "prefix", "excluded_middleware"] {
            if let Some(value) = action.get(name) {
                attributes.insert(name.to_owned(), value.clone());
            }
        }
    }
    let end = match call.argument(1, "action") {
        Some(action) if !matches!(action.value, PhpValue::Closure(_)) => Some(action.node.end_byte()),
        _ => end,
    };
    Some(register(machine, &attributes, call, RouteKind::Route { methods, path, handler }, end))
}

/// `Route::match(['get', 'post'], $path, $action)`; HEAD comes with GET and is not told.
fn matched<'c>(machine: &mut Evaluator<'c>, attributes: &Attributes<'c>, call: &PhpCall<'c>) -> PhpValue<'c> {
    let mut methods: Vec<String> = Vec::new();
    for method in call.value(0, "methods").map(PhpValue::texts).unwrap_or_default() {
        methods.extend(method.split('|').map(str::to_ascii_uppercase).filter(|method| method != "HEAD"));
    }
    methods.dedup();
    let path = match call.value(1, "uri").map(PhpValue::to_text) {
        Some(path) if !methods.is_empty() => path,
        _ => Err(Rc::from("its methods are computed")),
    };
    let handler = handler_in(machine, attributes, call.value(2, "action"));
    let end = call.argument(1, "uri").map(|path| path.node.end_byte());
    register(machine, attributes, call, RouteKind::Route { methods, path, handler }, end)
}

/// A call that the application itself added to the router, or one of a package that is not in the tree.
fn custom<'c>(
    machine: &mut Evaluator<'c>,
    attributes: &Attributes<'c>,
    call: &PhpCall<'c>,
    name: &str,
) -> PhpValue<'c> {
    let Some(closure) = machine.host.macros.get(name).cloned() else {
        let evidence = call.evidence(None);
        machine.host.open(format!("`{name}` on the router is not a call of the framework or of the tree"), &evidence);
        return PhpValue::unknown("a package's call");
    };
    let this = PhpValue::Native(Rc::new(Native { kind: "registrar", id: 0, fields: attributes.clone() }));
    let bound = PhpClosure {
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
