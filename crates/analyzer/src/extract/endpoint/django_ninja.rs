//! django-ninja: APIs and routers whose operations Django serves where `urlpatterns` includes `api.urls`. The schema and
//! the documentation pages that an API adds by itself are no endpoints.

use std::rc::Rc;

use super::guard;
use super::ways::MAX_ROUTER_DEPTH;
use super::written::texts;
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::call::{Call, Decorated};
use crate::trace::framework::Framework;
use crate::trace::graph::{Draft, Extra, PathText, Router, RouterId, Verb};
use crate::trace::join::{Join, between};
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, Value};

pub(in crate::extract) struct DjangoNinja;

const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

pub(in crate::extract) static PAGE: Page = Page {
    slug: "django-ninja",
    title: "django-ninja",
    links: &["https://django-ninja.dev/guides/routers/", "https://django-ninja.dev/guides/authentication/"],
    fixtures: &["endpoint/django_ninja"],
    text: "",
    rows: &[
        (
            "resolved",
            "`NinjaAPI` and `Router` (also classes that extend them); `@api.get`, `post`, `put`, `patch`, `delete`, \
             `api_operation` with a literal list of methods, `add_api_operation`; `add_router` nested, of routers of \
             other modules and of routers named by a dotted text; several APIs, each where `urlpatterns` has its `urls`",
        ),
        ("parameters", "`{id}` and `{int:id}` become `{id}`"),
        ("slashes", "one between prefix and path, the last one stays, as the framework joins them"),
        (
            "guard",
            "`auth=` of the operation, else of its router, else of the routers and the API around it; `auth=None` \
             opens an operation again, and so does an authentication whose name says that it is optional, or that is \
             written in place",
        ),
        ("not endpoints", "`openapi.json`, the documentation pages"),
        ("unresolved", "computed paths and methods, routers of packages, APIs that no `urlpatterns` includes"),
        ("not seen", "controllers of django-ninja-extra"),
    ],
};

static FRAMEWORK: Framework = Framework {
    join: Join::SingleSlash,
    as_called: |path| vec![between(path, '{', '}', |inner| inner.rsplit(':').next().unwrap_or(inner))],
    triggers: &["NinjaAPI", "from ninja", "import ninja"],
    makes: &["NinjaAPI("],
    starts: &["NinjaAPI("],
    page: Some(&PAGE),
    ..Framework::new("django-ninja", Family::Python)
};

/// What the `auth` of a router, an API or an operation says: whether it asks for somebody known.
struct Auth(bool);

impl Rules for DjangoNinja {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let made = name.strip_prefix("ninja.")?.rsplit('.').next()?;
        if !matches!(made, "NinjaAPI" | "Router") {
            return None;
        }
        let extra = auth(machine, call);
        Some(Value::router(machine.graph.router(Router { extra, ..Router::of(self) })))
    }

    /// What `urlpatterns` takes: the API itself.
    fn attribute(&self, _: &mut Machine<'_>, on: RouterId, name: &str) -> Option<Value> {
        (name == "urls").then(|| Value::array(vec![Value::router(on)]))
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        match name {
            _ if VERBS.contains(&name) => {
                let draft = self.operation(machine, on, vec![name.to_owned()], call.either("path", 0)?, call);
                Some(Value::Handle(machine.graph.draft(draft)))
            }
            "api_operation" => {
                let (methods, path) = (call.either("methods", 0)?, call.either("path", 1)?);
                let methods = self.methods(machine, methods, call)?;
                let draft = self.operation(machine, on, methods, path, call);
                Some(Value::Handle(machine.graph.draft(draft)))
            }
            "add_api_operation" => {
                let (path, methods) = (call.either("path", 0)?, call.either("methods", 1)?);
                let methods = self.methods(machine, methods, call)?;
                let view = call.either("view_func", 2)?;
                let operation = self.operation(machine, on, methods, path, call);
                machine.graph.register_handled(&operation, Some(view.text.to_string()), false);
                Some(Value::Null)
            }
            "add_router" => {
                self.add_router(machine, on, call.either("prefix", 0)?, call.either("router", 1)?, call);
                Some(Value::Null)
            }
            _ => None,
        }
    }

    fn decorate(&self, machine: &mut Machine<'_>, draft: &Draft, target: &Decorated<'_>, others: &[Rc<str>]) {
        if let Decorated::Function(closure) = target {
            let name = closure.program.functions[closure.function].name.as_ref().map(ToString::to_string);
            machine.graph.register_handled(draft, name, others.iter().any(|text| guard::is_guard(text)));
        }
    }

    /// Whoever includes a router is known now, and so is the `auth` around it.
    fn finish(&'static self, machine: &mut Machine<'_>) {
        for at in 0..machine.graph.routes.len() {
            let router = machine.graph.routes[at].router;
            if machine.graph.routers[router].is_of(self) && is_guarded(machine, router, 0) {
                machine.graph.routes[at].guarded = true;
            }
        }
    }
}

impl DjangoNinja {
    /// An operation that waits for its function. One that has an `auth` gets a router of its own to keep it.
    fn operation(
        &'static self,
        machine: &mut Machine<'_>,
        on: RouterId,
        methods: Vec<String>,
        path: &Argument,
        call: &Call,
    ) -> Draft {
        let router = match auth(machine, call) {
            None => on,
            extra => {
                let own = machine.graph.router(Router { extra, ..Router::of(self) });
                machine.graph.mount(on, own, PathText::empty(), Vec::new());
                own
            }
        };
        let evidence = vec![call.lines_to(machine, Some(path))];
        let verbs = methods.into_iter().map(Verb::of).collect();
        Draft { router: Some(router), paths: vec![path.as_path(machine)], verbs, evidence, ..Draft::of(self) }
    }

    fn methods(&self, machine: &mut Machine<'_>, given: &Argument, call: &Call) -> Option<Vec<String>> {
        let methods = texts(machine, &given.value);
        if methods.is_none() {
            let at = call.lines_to(machine, Some(given));
            machine.loose("the methods of an operation are computed", at);
        }
        methods
    }

    fn add_router(
        &self,
        machine: &mut Machine<'_>,
        parent: RouterId,
        prefix: &Argument,
        router: &Argument,
        call: &Call,
    ) {
        let evidence = call.lines_to(machine, Some(if router.end > prefix.end { router } else { prefix }));
        let mut value = machine.known(&router.value);
        if let Value::Text(dotted) = &value
            && let Some((module, name)) = dotted.rsplit_once('.')
            && let Value::Module(module) = machine.module_named(&call.path, module)
        {
            value = machine.module_value(module, name).unwrap_or(Value::Null);
        }
        let child = match value {
            Value::Handle(handle) => machine.graph.router_of(handle, self),
            Value::External(name) => {
                let reason = format!("the routes of `{}` come from the package `{name}`", router.text);
                machine.loose(reason, evidence);
                return;
            }
            _ => None,
        };
        let Some(child) = child.filter(|child| *child != parent) else {
            machine.loose(format!("the router `{}` could not be followed", router.text), evidence);
            return;
        };
        if let Some(extra) = auth(machine, call) {
            machine.graph.routers[child].extra = Some(extra);
        }
        let prefix = prefix.as_path(machine);
        machine.graph.mount(parent, child, prefix, vec![evidence]);
    }
}

/// The `auth` among the arguments. A list lets in whom any of it knows; what is written in place may do anything.
fn auth(machine: &mut Machine<'_>, call: &Call) -> Option<Extra> {
    let given = call.named("auth")?;
    let all = match machine.known(&given.value) {
        Value::Array(items) => items.borrow().clone(),
        one => vec![one],
    };
    let asks = |value: &Value| !matches!(machine.known(value), Value::Null | Value::Bool(_));
    let is_known = !all.is_empty() && all.iter().all(asks);
    Some(Box::new(Auth(is_known && !given.text.contains("lambda") && !guard::is_doubtful(&given.text))))
}

/// Whether the nearest `auth` asks for somebody known, whoever includes the router.
fn is_guarded(machine: &Machine<'_>, router: RouterId, depth: usize) -> bool {
    if let Some(Auth(own)) = machine.graph.routers[router].extra() {
        return *own;
    }
    let above: Vec<RouterId> =
        machine.graph.mounts.iter().filter(|mount| mount.child == router).map(|mount| mount.parent).collect();
    depth < MAX_ROUTER_DEPTH && !above.is_empty() && above.iter().all(|above| is_guarded(machine, *above, depth + 1))
}
