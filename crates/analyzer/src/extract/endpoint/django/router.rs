//! Routers of Django REST framework: what `register` serves for a viewset. The same paths with a
//! format suffix are left out.

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::{NAME, package, pattern, permission, view, viewset};
use crate::trace::graph::{Handle, Join, Mount, PathText, Route, Router, RouterId, Verb};
use crate::trace::machine::Machine;
use crate::trace::rules::Call;
use crate::trace::value::{ClassValue, Value};

/// What the routers are called in their notes: with a page that lists its routes, and without; the
/// registry is the router below, which holds the routes and may be shared.
const WITH_ROOT: &str = "router with root";
const PLAIN: &str = "router";
const REGISTRY: &str = "registry";

/// A router's construction.
pub(super) fn make(machine: &mut Machine<'_>, class: &str, call: &Call) -> Option<Value> {
    let (note, is_nested) = match class {
        "DefaultRouter" | "ExtendedDefaultRouter" => (WITH_ROOT, false),
        "SimpleRouter" | "ExtendedSimpleRouter" => (PLAIN, false),
        "NestedDefaultRouter" | "NestedSimpleRouter" => (PLAIN, true),
        _ => return None,
    };
    let slash = call.named("trailing_slash").map(|slash| machine.known(&slash.value));
    let slash = match slash {
        Some(Value::Bool(false)) => "",
        Some(Value::Text(slash)) if slash.is_empty() => "",
        _ => "/",
    };
    let here = call.lines_to(machine, None);
    let mut router = |note: String, prefix: Option<(PathText, Evidence)>| {
        machine.graph.router(Router { framework: NAME, join: Join::Verbatim, is_root: false, prefix, note })
    };
    let outer = router(note.to_owned(), Some((PathText::Known(String::new()), here.clone())));
    let registry = router(format!("{REGISTRY}{slash}"), None);
    let prefix = if is_nested { nested(machine, call) } else { PathText::Known(String::new()) };
    let evidence = if is_nested { vec![call.lines_to(machine, call.arguments.last())] } else { Vec::new() };
    machine.graph.mounts.push(Mount { parent: outer, child: registry, prefix, evidence });
    Some(Value::Handle(Handle::Router(outer)))
}

/// `NestedRouter(parent, prefix, lookup)`: below one object of the parent's.
fn nested(machine: &mut Machine<'_>, call: &Call) -> PathText {
    let (prefix, lookup) = (call.either("parent_prefix", 1), call.either("lookup", 2));
    let prefix = prefix.map(|prefix| machine.known(&prefix.value));
    let lookup = lookup.map(|lookup| machine.known(&lookup.value));
    match (prefix, lookup) {
        (Some(Value::Text(prefix)), Some(Value::Text(lookup))) => match pattern::regex(&prefix) {
            Ok(forms) if forms.len() == 1 => PathText::Known(format!("{}/{{{lookup}_pk}}/", forms[0])),
            _ => PathText::Unknown("its router's prefix is no plain path".to_owned()),
        },
        _ => PathText::Unknown("its router's prefix is not literal".to_owned()),
    }
}

/// The registry of a router, or the registry itself.
fn registry(machine: &Machine<'_>, router: RouterId) -> Option<RouterId> {
    match machine.graph.routers.get(router)? {
        Router { framework: NAME, note, .. } if note.starts_with(REGISTRY) => Some(router),
        Router { framework: NAME, note, .. } if note == WITH_ROOT || note == PLAIN => Some(router + 1),
        _ => None,
    }
}

pub(super) fn attribute(machine: &Machine<'_>, on: Handle, name: &str) -> Option<Value> {
    let Handle::Router(router) = on else {
        return None;
    };
    let registry = registry(machine, router)?;
    match name {
        "urls" => Some(Value::array(vec![Value::Handle(on)])),
        "registry" => Some(Value::Handle(Handle::Router(registry))),
        _ => None,
    }
}

pub(super) fn method(machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
    let Handle::Router(router) = on else {
        return None;
    };
    let registry = registry(machine, router)?;
    match name {
        "register" => register(machine, registry, call),
        // `router.registry.extend(other.registry)`
        "extend" if registry == router => {
            if let Some(Value::Handle(Handle::Router(child))) = call.at(0).map(|child| machine.known(&child.value)) {
                let evidence = vec![call.lines_to(machine, None)];
                let prefix = PathText::Known(String::new());
                machine.graph.mounts.push(Mount { parent: router, child, prefix, evidence });
            }
        }
        "get_urls" => return attribute(machine, on, "urls"),
        _ => return None,
    }
    Some(Value::Null)
}

fn register(machine: &mut Machine<'_>, router: RouterId, call: &Call) {
    let (Some(prefix), Some(set)) = (call.either("prefix", 0).cloned(), call.either("viewset", 1).cloned()) else {
        return;
    };
    let evidence = call.lines_to(machine, Some(&set));
    let class = match machine.known(&set.value) {
        Value::Class(class) => class,
        Value::External(name) => {
            machine.loose(format!("the actions of `{}` come from the package class `{name}`", set.text), evidence);
            return;
        }
        _ => {
            machine.loose(format!("the viewset `{}` could not be followed", set.text), evidence);
            return;
        }
    };
    let prefixes = match prefix.as_path(machine) {
        PathText::Known(text) => pattern::regex(&text).map(|forms| forms.into_iter().map(PathText::Known).collect()),
        PathText::Unknown(reason) => Err(reason),
    };
    let prefixes: Vec<PathText> = prefixes.unwrap_or_else(|reason| vec![PathText::Unknown(reason)]);
    let allowed = match view::let_through(machine, &class, &[]) {
        Ok(allowed) => allowed,
        Err(reason) => {
            machine
                .loose(format!("the methods of the viewset `{}` are not known, because {reason}", set.text), evidence);
            return;
        }
    };
    let packages = view::packages(machine, &class);
    let guarded = permission::of_class(machine, &class, &packages, &[]);
    let slash = machine.graph.routers[router].note.trim_start_matches(REGISTRY).to_owned();
    let lookup = lookup(machine, &class);
    let mut served: Vec<(PathText, Verb, Option<Evidence>)> = Vec::new();
    for (detail, verb) in viewset::standards(machine, &class, &packages, allowed.as_deref(), guarded) {
        let tail = if detail { format!("/{{{lookup}}}{slash}") } else { slash.clone() };
        served.extend(prefixes.iter().map(|prefix| (below(prefix, &tail), verb.clone(), None)));
    }
    for extra in viewset::extras(machine, &class, allowed.as_deref(), guarded) {
        let own = extra.path.and_then(|path| pattern::regex(&path));
        let tails: Vec<PathText> = match own {
            Ok(forms) => {
                let object = if extra.detail { format!("/{{{lookup}}}") } else { String::new() };
                forms.iter().map(|own| PathText::Known(format!("{object}/{own}{slash}"))).collect()
            }
            Err(reason) => vec![PathText::Unknown(reason)],
        };
        for (prefix, tail) in prefixes.iter().flat_map(|prefix| tails.iter().map(move |tail| (prefix, tail))) {
            let path = match tail {
                PathText::Known(tail) => below(prefix, tail),
                unknown @ PathText::Unknown(_) => unknown.clone(),
            };
            served.extend(extra.verbs.iter().map(|verb| (path.clone(), verb.clone(), Some(extra.place.clone()))));
        }
    }
    if served.is_empty()
        && let Some(base) = packages.iter().find(|base| !package::is_known(base))
    {
        let reason = format!("the actions of the viewset `{}` come from `{base}`, which is not in the tree", set.text);
        machine.loose(reason, evidence.clone());
    }
    for (path, verb, place) in served {
        machine.graph.routes.push(Route {
            router,
            method: verb.method,
            path,
            handler: verb.handler,
            guarded: verb.guarded,
            evidence: std::iter::once(evidence.clone()).chain(place).chain(verb.lines).collect(),
        });
    }
}

/// A prefix and what follows; without a prefix the slash between them is dropped.
fn below(prefix: &PathText, tail: &str) -> PathText {
    match prefix {
        PathText::Known(prefix) if prefix.is_empty() => PathText::Known(tail.trim_start_matches('/').to_owned()),
        PathText::Known(prefix) => PathText::Known(format!("{prefix}{tail}")),
        unknown @ PathText::Unknown(_) => unknown.clone(),
    }
}

/// The name of the part that names one object.
fn lookup(machine: &mut Machine<'_>, class: &Rc<ClassValue>) -> String {
    for name in ["lookup_url_kwarg", "lookup_field"] {
        let value = machine.class_member(class, name, None);
        if let Some(Value::Text(name)) = value.map(|value| machine.known(&value)) {
            return name.to_string();
        }
    }
    "pk".to_owned()
}

/// The page of a default router that lists its routes, where the router is included.
pub(super) fn add_roots(machine: &mut Machine<'_>) {
    for router in 0..machine.graph.routers.len() {
        let here = &machine.graph.routers[router];
        if here.framework != NAME || here.note != WITH_ROOT {
            continue;
        }
        let Some((_, evidence)) = here.prefix.clone() else {
            continue;
        };
        let class = machine.own_class(router);
        let switch = class.and_then(|class| machine.class_member(&class, "include_root_view", None));
        let is_reached = machine.graph.mounts.iter().any(|mount| mount.child == router);
        if !is_reached || matches!(switch, Some(Value::Bool(false))) {
            continue;
        }
        machine.graph.routes.push(Route {
            router,
            method: "GET".to_owned(),
            path: PathText::Known(String::new()),
            handler: Some("APIRootView".to_owned()),
            guarded: false,
            evidence: vec![evidence],
        });
    }
}
