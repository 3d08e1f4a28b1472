//! Routers of Django REST framework: what `register` serves for a viewset. The same paths with a
//! format suffix are left out.

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::{Django, class, package, pattern, permission, viewset};
use crate::trace::call::Call;
use crate::trace::graph::{Draft, Handle, PathText, Registration, Router, RouterId, Verb};
use crate::trace::machine::Machine;
use crate::trace::value::{ClassValue, Value};
use crate::trace::why::Why;

/// What a router of the framework is in the graph.
enum Part {
    /// The router itself, whose registry is the next one; with a page that lists its routes, or without.
    Outer { has_root: bool },
    /// The router below, which holds the routes and may be shared, with what its paths end with.
    Registry { slash: &'static str },
    /// What `register` of drf-extensions gives back, to register below one object: the prefixes so far.
    Item { registry: RouterId, above: Vec<PathText> },
}

/// A router's construction.
pub(super) fn make(machine: &mut Machine<'_>, class: &str, call: &Call) -> Option<Value> {
    let (has_root, is_nested) = match class {
        "DefaultRouter" | "ExtendedDefaultRouter" => (true, false),
        "SimpleRouter" | "ExtendedSimpleRouter" => (false, false),
        "NestedDefaultRouter" | "NestedSimpleRouter" => (false, true),
        _ => return None,
    };
    let slash = call.named("trailing_slash").map(|slash| machine.known(&slash.value));
    let slash = match slash {
        Some(Value::Bool(false)) => "",
        Some(Value::Text(slash)) if slash.is_empty() => "",
        _ => "/",
    };
    let here = call.lines_to(machine, None);
    let mut router = |part: Part, prefix: Option<(PathText, Evidence)>| {
        machine.graph.router(Router { prefix, extra: Some(Box::new(part)), ..Router::of(&Django) })
    };
    let outer = router(Part::Outer { has_root }, Some((PathText::empty(), here)));
    let registry = router(Part::Registry { slash }, None);
    let prefix = if is_nested { nested(machine, call) } else { PathText::empty() };
    let evidence = if is_nested { vec![call.lines_to(machine, call.arguments.last())] } else { Vec::new() };
    machine.graph.mount(outer, registry, prefix, evidence);
    Some(Value::router(outer))
}

/// `NestedRouter(parent, prefix, lookup)`: below one object of the parent's.
fn nested(machine: &mut Machine<'_>, call: &Call) -> PathText {
    let (prefix, lookup) = (call.either("parent_prefix", 1), call.either("lookup", 2));
    let prefix = prefix.map(|prefix| machine.known(&prefix.value));
    let lookup = lookup.map(|lookup| machine.known(&lookup.value));
    match (prefix, lookup) {
        (Some(Value::Text(prefix)), Some(Value::Text(lookup))) => match pattern::regex(&prefix) {
            Ok(forms) if forms.len() == 1 => PathText::Known(format!("{}/{{{lookup}_pk}}/", forms[0])),
            _ => PathText::Unknown("its router's prefix is no plain path".into()),
        },
        _ => PathText::Unknown("its router's prefix is not literal".into()),
    }
}

/// The registry of a router, or the registry itself.
fn registry(machine: &Machine<'_>, router: RouterId) -> Option<RouterId> {
    match machine.graph.routers[router].extra()? {
        Part::Registry { .. } => Some(router),
        Part::Outer { .. } => Some(router + 1),
        Part::Item { registry, .. } => Some(*registry),
    }
}

pub(super) fn attribute(machine: &Machine<'_>, router: RouterId, name: &str) -> Option<Value> {
    let registry = registry(machine, router)?;
    match name {
        "urls" => Some(Value::array(vec![Value::router(router)])),
        "registry" => Some(Value::router(registry)),
        _ => None,
    }
}

pub(super) fn method(machine: &mut Machine<'_>, router: RouterId, name: &str, call: &Call) -> Option<Value> {
    let registry = registry(machine, router)?;
    match name {
        "register" => {
            let mut prefixes = match machine.graph.routers[router].extra() {
                Some(Part::Item { above, .. }) => above.clone(),
                _ => Vec::new(),
            };
            let Some(prefix) = call.either("prefix", 0).cloned() else { return Some(Value::Null) };
            prefixes.push(prefix.as_path(machine));
            let nested = nested_below(machine, &prefixes, call);
            register(machine, registry, nested, call);
            let item = Part::Item { registry, above: prefixes };
            let item = machine.graph.router(Router { extra: Some(Box::new(item)), ..Router::of(&Django) });
            return Some(Value::router(item));
        }
        // `router.registry.extend(other.registry)`
        "extend" if registry == router => {
            if let Some(Value::Handle(Handle::Router(child))) = call.at(0).map(|child| machine.known(&child.value)) {
                let evidence = vec![call.lines_to(machine, None)];
                machine.graph.mount(router, child, PathText::empty(), evidence);
            }
        }
        "get_urls" => return attribute(machine, router, "urls"),
        _ => return None,
    }
    Some(Value::Null)
}

/// `register("items", …, parents_query_lookups=["box"])`: below one object of each registration before,
/// `boxes/{parent_lookup_box}/items`.
fn nested_below(machine: &mut Machine<'_>, prefixes: &[PathText], call: &Call) -> PathText {
    let lookups = match call.named("parents_query_lookups").map(|lookups| machine.known(&lookups.value)) {
        Some(Value::Array(lookups)) => lookups.borrow().clone(),
        _ => Vec::new(),
    };
    let (last, above) = prefixes.split_last().expect("it holds that of this call");
    let mut whole = String::new();
    for (at, prefix) in above.iter().enumerate() {
        let name = lookups.get(at).map(|name| machine.known(name));
        match (prefix, name) {
            (PathText::Known(prefix), Some(Value::Text(name))) => {
                whole.push_str(&format!("{prefix}/(?P<parent_lookup_{name}>[^/.]+)/"));
            }
            _ => return PathText::Unknown("what it is registered below is not literal".into()),
        }
    }
    last.clone().map(|last| format!("{whole}{last}"))
}

fn register(machine: &mut Machine<'_>, router: RouterId, prefix: PathText, call: &Call) {
    let Some(set) = call.either("viewset", 1).cloned() else { return };
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
    let prefixes = match prefix {
        PathText::Known(text) => pattern::regex(&text).map(|forms| forms.into_iter().map(PathText::Known).collect()),
        PathText::Below { base, path } => Err(Why::Base(base, path).to_string()),
        PathText::Unknown(why) => Err(why.to_string()),
    };
    let prefixes: Vec<PathText> = prefixes.unwrap_or_else(|reason| vec![PathText::Unknown(reason.into())]);
    let allowed = match class::let_through(machine, &class, &[]) {
        Ok(allowed) => allowed,
        Err(reason) => {
            machine
                .loose(format!("the methods of the viewset `{}` are not known, because {reason}", set.text), evidence);
            return;
        }
    };
    let packages = class::packages(machine, &class);
    let guarded = permission::of_class(machine, &class, &packages, &[]);
    let Some(Part::Registry { slash }) = machine.graph.routers[router].extra() else { return };
    let slash = *slash;
    let lookup = lookup(machine, &class);
    let mut served: Vec<(PathText, Verb, Option<Evidence>)> = Vec::new();
    for (detail, verb) in viewset::standards(machine, &class, &packages, allowed.as_deref(), guarded) {
        let tail = if detail { format!("/{{{lookup}}}{slash}") } else { slash.to_owned() };
        served.extend(prefixes.iter().map(|prefix| (below(prefix, &tail), verb.clone(), None)));
    }
    for extra in viewset::extras(machine, &class, allowed.as_deref(), guarded) {
        let own = extra.path.and_then(|path| pattern::regex(&path));
        let tails: Vec<PathText> = match own {
            Ok(forms) => {
                let object = if extra.detail { format!("/{{{lookup}}}") } else { String::new() };
                forms.iter().map(|own| PathText::Known(format!("{object}/{own}{slash}"))).collect()
            }
            Err(reason) => vec![PathText::Unknown(reason.into())],
        };
        for (prefix, tail) in prefixes.iter().flat_map(|prefix| tails.iter().map(move |tail| (prefix, tail))) {
            let path = match tail {
                PathText::Known(tail) => below(prefix, tail),
                unknown => unknown.clone(),
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
        let places = std::iter::once(evidence.clone()).chain(place).collect();
        let draft = Draft { paths: vec![path], verbs: vec![verb], evidence: places, ..Draft::of(&Django) };
        machine.graph.register_draft(router, &draft);
    }
}

/// A prefix and what follows; without a prefix the slash between them is dropped.
fn below(prefix: &PathText, tail: &str) -> PathText {
    prefix.clone().map(|prefix| match prefix.as_str() {
        "" => tail.trim_start_matches('/').to_owned(),
        _ => format!("{prefix}{tail}"),
    })
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
        if !matches!(here.extra(), Some(Part::Outer { has_root: true })) {
            continue;
        }
        let Some((_, evidence)) = here.prefix.clone() else { continue };
        let class = machine.own_class(router);
        let switch = class.and_then(|class| machine.class_member(&class, "include_root_view", None));
        let is_reached = machine.graph.mounts.iter().any(|mount| mount.child == router);
        if !is_reached || matches!(switch, Some(Value::Bool(false))) {
            continue;
        }
        let handler = Some("APIRootView".to_owned());
        let registration = Registration { handler, guarded: false, evidence: vec![evidence] };
        machine.graph.register(router, &["GET"], &[PathText::empty()], &registration);
    }
}
