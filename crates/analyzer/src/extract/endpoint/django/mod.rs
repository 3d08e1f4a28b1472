//! Django and Django REST framework: URL lists from `ROOT_URLCONF` down through every `include`, and
//! the methods of the views at their ends. Pages that a package serves by itself (the admin site) are
//! unresolved, as their routes stand in no file of the tree.

mod class;
mod package;
mod pattern;
mod permission;
mod router;
mod view;
mod viewset;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ci_feed_dossier::evidence::Evidence;

use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{Draft, DraftId, Handle, PathText, Router, RouterId, Verb};
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, ModuleId, Value};
use crate::trace::why::Why;

pub(in crate::extract) struct Django;

/// Said of the first pattern that is left out.
const UNFOLDED: &str = "the included URL lists unfold to more than is followed: routes from this one on may be missing";
/// The language prefix where the settings do not say the language.
const DEFAULT_LANGUAGE: &str = "en-us";

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "django",
    title: "Django and Django REST framework",
    links: &[
        "https://docs.djangoproject.com/en/stable/topics/http/urls/",
        "https://www.django-rest-framework.org/api-guide/routers/",
    ],
    fixtures: &["endpoint/django"],
    text: "",
    rows: &[
        (
            "an application",
            "the module that `ROOT_URLCONF` of a settings module names; settings modules are read first, and \
             `settings.X` in a path is what all of them that have it agree on",
        ),
        (
            "resolved",
            "`path`, `re_path`, `url`; `urlpatterns` built with `+`, `+=`, `append`, `extend`, unpacking, \
             comprehensions and in branches; `include` of module names, modules, lists, tuples and routers, nested, \
             with or without namespaces; views by name, through wrappers (`login_required(view)`, \
             `cache_page(60)(view)`) and decorators of the program; paths marked for translation, as they are \
             written; `django.contrib.auth.urls`, `rest_framework.urls` and `django.conf.urls.i18n`",
        ),
        (
            "function views",
            "what `require_http_methods`, `require_GET`, `require_POST`, `require_safe` or `api_view` allow, or a \
             decorator of the program that is told nothing but method names; else `ANY`, as Django calls the view \
             for every method",
        ),
        (
            "class views",
            "the methods that the class, those it extends and the framework's own classes define (a form view \
             serves `PUT`, a `RedirectView` all five: the framework says so), within `http_method_names`; a class \
             with nothing but `dispatch` is `ANY`; what a base class of an unknown package serves is unresolved; \
             maps given to `as_view`",
        ),
        (
            "routers",
            "`DefaultRouter` (its root page too) and `SimpleRouter`, classes that extend them, nested routers (of drf-extensions too), \
             `trailing_slash=False`, `registry.extend`, `lookup_field`, `lookup_url_kwarg`; the standard actions \
             that the viewset or its mixins have, `@action` with `url_path`, `methods`, `mapping` and its own \
             permissions",
        ),
        (
            "parameters",
            "`<int:pk>`, `(?P<pk>\\d+)` become `{pk}`, a group without a name `{var}`; optional parts and \
             alternatives are a fact each",
        ),
        (
            "language prefix",
            "the default language's (`LANGUAGE_CODE`); without one where `prefix_default_language=False`. The same \
             pages in other languages are not listed",
        ),
        (
            "a condition",
            "`prefix = \"\"` that a condition replaces by something computed keeps the literal, as that is the \
             default; what stands below `if settings.DEBUG` counts",
        ),
        (
            "guard",
            "`login_required`, `LoginRequiredMixin`, `PermissionRequiredMixin`, `method_decorator(login_required, \
             name=\"dispatch\")`, `permission_classes` with `IsAuthenticated`, `IsAdminUser` or \
             `DjangoModelPermissions` where no `get_permissions` chooses others; the defaults of the settings are \
             not read",
        ),
        (
            "not endpoints",
            "static and media files, WebSocket consumers, format suffixes, `HEAD` and `OPTIONS` that the framework \
             adds",
        ),
        (
            "unresolved",
            "the admin site (its pages come from the registered models), URL lists and views of other packages, \
             regular expressions that are no template (`.*`, look-ahead, repeated parts), lists that no root \
             includes, lists looked up in a registry of the program",
        ),
        (
            "not seen",
            "`LogoutView`'s `GET` of Django before 5; URL lists that a plugin system or an application \
             configuration hands out",
        ),
    ],
};

static FRAMEWORK: Framework = Framework {
    triggers: &["urlpatterns", "ROOT_URLCONF"],
    page: Some(&PAGE),
    ..Framework::new("django", Family::Python)
};

impl Rules for Django {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        if name.starts_with("django.urls.") || name.starts_with("django.conf.urls.") {
            return match package::last(name) {
                "path" => pattern_call(machine, call, "route"),
                "re_path" | "url" => pattern_call(machine, call, "regex"),
                "include" => Some(include(machine, call)),
                "i18n_patterns" => Some(languages(machine, call)),
                "patterns" => {
                    let rest = call.arguments.iter().skip(1).map(|argument| argument.value.clone());
                    Some(Value::array(rest.collect()))
                }
                // Files, and in development only.
                "static" => Some(Value::array(Vec::new())),
                _ => None,
            };
        }
        match name {
            "django.contrib.staticfiles.urls.staticfiles_urlpatterns" => Some(Value::array(Vec::new())),
            "rest_framework.urlpatterns.format_suffix_patterns" => {
                call.either("urlpatterns", 0).map(|patterns| patterns.value.clone())
            }
            _ if name.starts_with("rest_framework") => router::make(machine, package::last(name), call),
            _ => None,
        }
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        router::method(machine, on, name, call)
    }

    fn attribute(&self, machine: &mut Machine<'_>, on: RouterId, name: &str) -> Option<Value> {
        router::attribute(machine, on, name)
    }

    fn finish(&'static self, machine: &mut Machine<'_>) {
        let mut attached = Attached::default();
        let mut roots: Vec<ModuleId> = Vec::new();
        for settings in machine.settings_modules() {
            let path = machine.modules[settings].path.to_string();
            let named = match machine.module_value(settings, "ROOT_URLCONF") {
                Some(Value::Text(name)) => machine.module_named(&path, &name),
                _ => continue,
            };
            if let Value::Module(root) = named
                && !roots.contains(&root)
            {
                roots.push(root);
            }
        }
        for root in &roots {
            let patterns = machine.module_value(*root, "urlpatterns").and_then(|value| handles(machine, &value));
            let router = machine.graph.router(Router::root(self));
            attach(machine, router, patterns.unwrap_or_default(), &mut attached);
        }
        // What no root leads to is known to be there and not known to be served; the patterns that
        // include others were made after them.
        let loose = machine.graph.router(Router::of(self));
        for draft in (0..machine.graph.drafts.len()).rev() {
            if !attached.contains_key(&draft) {
                attach(machine, loose, vec![Handle::Draft(draft)], &mut attached);
            }
        }
        router::add_roots(machine);
    }
}

/// The patterns that were met, with the group that each leads to.
type Attached = BTreeMap<DraftId, Option<RouterId>>;

/// Patterns become routes of a router, or groups below it. A group that is included twice is one group with two
/// prefixes: what includes double on each level would be 2^n groups. Those near the root come first, so that one
/// include that unfolds without end takes nothing from its neighbours.
fn attach(machine: &mut Machine<'_>, root: RouterId, patterns: Vec<Handle>, attached: &mut Attached) {
    let mut open = VecDeque::from([(root, patterns)]);
    while let Some((parent, patterns)) = open.pop_front() {
        let mut seen = BTreeSet::new();
        for handle in patterns.into_iter().filter(|handle| seen.insert(*handle)) {
            let id = match handle {
                Handle::Router(child) => {
                    machine.graph.mount(parent, child, PathText::empty(), Vec::new());
                    continue;
                }
                Handle::Draft(id) => id,
            };
            let draft = machine.graph.drafts[id].clone();
            let known = attached.entry(id).or_default();
            if !draft.is_of(&Django) {
                continue;
            }
            if !machine.step() {
                if let Some(evidence) = draft.evidence.first() {
                    machine.loose(UNFOLDED, evidence.clone());
                }
                return;
            }
            machine.graph.register_draft(parent, &draft);
            if draft.inner.is_empty() || draft.paths.is_empty() {
                continue;
            }
            let group = *known.get_or_insert_with(|| {
                let group = machine.graph.router(Router::of(&Django));
                open.push_back((group, draft.inner));
                group
            });
            for path in draft.paths {
                machine.graph.mount(parent, group, path, draft.evidence.clone());
            }
        }
    }
}

/// `path(route, view)`, `re_path(regex, view)`.
fn pattern_call(machine: &mut Machine<'_>, call: &Call, first: &str) -> Option<Value> {
    let (route, view) = (call.either(first, 0)?.clone(), call.either("view", 1)?.clone());
    let evidence = call.lines_to(machine, Some(&route));
    let value = untranslated(machine, &route.value);
    let paths = match (machine.path_text(&value, &route.text), first) {
        (PathText::Known(text), "route") => vec![PathText::Known(pattern::route(&text))],
        (PathText::Known(text), _) => match pattern::regex(&text) {
            Ok(forms) => forms.into_iter().map(PathText::Known).collect(),
            Err(reason) => vec![PathText::Unknown(reason.into())],
        },
        (unknown, _) => vec![unknown],
    };
    let mut draft = Draft { paths, evidence: vec![evidence], ..Draft::of(&Django) };
    let target = machine.known(&view.value);
    match target {
        Value::Handle(Handle::Draft(inner)) => {
            let inner = machine.graph.drafts[inner].clone();
            draft.inner = inner.inner;
            draft.verbs = inner.verbs;
        }
        Value::Array(_) => {
            let evidence = call.lines_to(machine, Some(&view));
            draft.inner = included(machine, &view, &call.path, evidence);
        }
        Value::External(name) if package::last(&name) == "urls" => {
            let evidence = call.lines_to(machine, Some(&view));
            from_package(machine, &name, evidence);
        }
        Value::Null | Value::Unknown(_) if view.text.ends_with(".urls") => {
            let evidence = call.lines_to(machine, Some(&view));
            machine.loose(format!("the routes of `{}` could not be followed", view.text), evidence);
        }
        // WebSockets are no endpoints.
        _ if view.text.contains(".as_asgi(") => {}
        _ => match view::methods(machine, &view.value, &call.path) {
            Ok(verbs) => draft.verbs = verbs,
            Err(reason) => {
                let evidence = call.lines_to(machine, Some(&view));
                let shown: String = view.text.chars().take(60).collect();
                machine.loose(format!("the methods of the view `{shown}` are not known, because {reason}"), evidence);
            }
        },
    }
    Some(Value::Handle(machine.graph.draft(draft)))
}

/// A text that is marked for translation is served as written in the default language.
fn untranslated(machine: &mut Machine<'_>, value: &Value) -> Value {
    match machine.known(value) {
        Value::Made(made) if package::last(&made.what).contains("gettext") => {
            made.arguments.last().map_or(Value::Null, |text| text.value.clone())
        }
        other => other,
    }
}

fn include(machine: &mut Machine<'_>, call: &Call) -> Value {
    let mut draft = Draft::of(&Django);
    if let Some(what) = call.either("arg", 0) {
        let what = what.clone();
        let evidence = call.lines_to(machine, Some(&what));
        let name = match machine.known(&what.value) {
            Value::Text(name) | Value::External(name) => package::routes(&name),
            _ => &[],
        };
        if name.is_empty() {
            draft.inner = included(machine, &what, &call.path, evidence);
        } else {
            draft.inner = name.iter().map(|(path, view)| packaged(machine, path, view, &evidence)).collect();
        }
    }
    Value::Handle(machine.graph.draft(draft))
}

/// A route of a URL module that comes with the framework.
fn packaged(machine: &mut Machine<'_>, path: &str, handler: &str, evidence: &Evidence) -> Handle {
    let methods = package::methods(&format!("django.{handler}"));
    let methods = if methods.is_empty() { vec!["any"] } else { methods };
    let verb = |method: &str| Verb { handler: Some(handler.to_owned()), ..Verb::of(method.to_ascii_uppercase()) };
    machine.graph.draft(Draft {
        paths: vec![PathText::Known(path.to_owned())],
        verbs: methods.into_iter().map(verb).collect(),
        evidence: vec![evidence.clone()],
        ..Draft::of(&Django)
    })
}

/// What `include` is given: a module, its name, a list, or a tuple of one of them and a namespace.
fn included(machine: &mut Machine<'_>, what: &Argument, path: &str, evidence: Evidence) -> Vec<Handle> {
    let mut value = machine.known(&what.value);
    if let Value::Array(items) = &value {
        let items = items.borrow().clone();
        let second = items.get(1).map(|second| machine.known(second));
        if matches!(items.len(), 2 | 3) && !matches!(second, Some(Value::Handle(_))) {
            value = machine.known(&items[0]);
        }
    }
    if let Value::Text(name) = &value {
        value = machine.module_named(path, name);
    }
    if let Value::Module(module) = value {
        value = machine.module_value(module, "urlpatterns").unwrap_or_else(|| Value::unknown(Why::Unsaid));
    }
    if let Value::External(name) = &value {
        from_package(machine, name, evidence);
        return Vec::new();
    }
    if let Some(handles) = handles(machine, &value) {
        return handles;
    }
    let shown: String = what.text.chars().take(60).collect();
    let reason = match &value {
        Value::Unknown(why) if why.is_said() => format!("which {why}"),
        _ => "which could not be followed".to_owned(),
    };
    machine.loose(format!("routes come from `{shown}`, {reason}"), evidence);
    Vec::new()
}

fn from_package(machine: &mut Machine<'_>, name: &str, evidence: Evidence) {
    let reason = if name.ends_with("site.urls") {
        format!("the pages of the admin site `{name}` come from the registered models")
    } else {
        format!("the routes of `{name}` come from a package that is not in the tree")
    };
    machine.loose(reason, evidence);
}

/// The patterns of a list; `None` when it is none.
fn handles(machine: &mut Machine<'_>, value: &Value) -> Option<Vec<Handle>> {
    match machine.known(value) {
        Value::Handle(handle) => Some(vec![handle]),
        Value::Array(items) => {
            let items = items.borrow().clone();
            Some(items.iter().filter_map(|item| handles(machine, item)).flatten().collect())
        }
        _ => None,
    }
}

/// `i18n_patterns(...)`: the paths of the default language, the others only differ in the prefix.
fn languages(machine: &mut Machine<'_>, call: &Call) -> Value {
    let mut evidence = vec![call.lines_to(machine, None)];
    let named = call.named("prefix_default_language").map(|argument| machine.known(&argument.value));
    let prefix = match named {
        Some(Value::Bool(false)) => PathText::empty(),
        _ => match machine.setting("LANGUAGE_CODE") {
            Some(Value::Text(code)) => {
                evidence.extend(machine.setting_place("LANGUAGE_CODE"));
                PathText::Known(format!("{}/", code.to_ascii_lowercase()))
            }
            Some(_) => PathText::Unknown("the default language is not literal".into()),
            None => PathText::Known(format!("{DEFAULT_LANGUAGE}/")),
        },
    };
    let given = call.arguments.iter().filter(|argument| argument.name.is_none());
    let patterns: Vec<Value> = given.map(|argument| argument.value.clone()).collect();
    let inner = handles(machine, &Value::array(patterns)).unwrap_or_default();
    let draft = Draft { paths: vec![prefix], evidence, inner, ..Draft::of(&Django) };
    Value::array(vec![Value::Handle(machine.graph.draft(draft))])
}
