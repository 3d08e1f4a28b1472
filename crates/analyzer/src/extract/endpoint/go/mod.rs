//! Go's web frameworks, and what their rules share: packages without their version, handlers, routers inside
//! of wrapped handlers. A router below another one takes requests with their whole path, unless somebody
//! strips a prefix.

mod chi;
mod gorilla;
mod huma;
mod nethttp;
mod path;
mod scoped;
mod verbs;

use ci_feed_dossier::evidence::Evidence;

use super::guard;
use crate::page::Page;
use crate::trace::call::Call;
use crate::trace::go::is_deployment;
use crate::trace::graph::{Handle, PathText, Registration, Router, RouterId};
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, Value};

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "go",
    title: "Go: net/http, gin, echo, fiber, chi, gorilla/mux and others",
    links: &[
        "https://pkg.go.dev/net/http#ServeMux",
        "https://pkg.go.dev/github.com/gin-gonic/gin",
        "https://pkg.go.dev/github.com/labstack/echo/v4",
        "https://pkg.go.dev/github.com/gofiber/fiber/v2",
        "https://pkg.go.dev/github.com/go-chi/chi/v5",
        "https://pkg.go.dev/github.com/gorilla/mux",
    ],
    fixtures: &["endpoint/go", "endpoint/go_values"],
    text: "A package is a folder whose files share one scope; it is found through the `module` lines and local \
          `replace`s of every `go.mod`. Files that a plain build on Linux leaves out (`_test.go`, `_windows.go`, \
          `//go:build` rules) are no part of it; `wire_gen.go` is followed, though it states nothing. Programs are \
          followed from `main` on, then whatever else makes or takes a router. What a function is not seen to be \
          given comes from its type: the instance that the program has of a struct, or a router that nobody mounts, \
          whose routes are unresolved.",
    rows: &[
        (
            "frameworks",
            "`net/http` (`ServeMux`, the default mux, patterns of Go 1.22), gin, echo, fiber, chi, gorilla/mux, \
             httprouter, fasthttp/router, hertz, iris, bunrouter, Macaron, Flamego, huma on any of them",
        ),
        (
            "resolved",
            "verbs, `Any`, `Handle`, `Add`, `Match`, `Method`; `Group`, `Route`, `With`, `Mount`, `Subrouter`, \
             chains of gorilla/mux in any order; groups handed to functions, methods, closures and interfaces; \
             lists of routes that are walked; routers in fields and embedded in structs; routers of the program's \
             own around a framework's, with the prefix that they keep; handlers wrapped in middleware (the \
             `ServeHTTP` that they call is followed); muxes below `StripPrefix`; constants of other packages, \
             `fmt.Sprintf`, `path.Join`, `http.MethodGet`; forks of a router whose path ends as the original's",
        ),
        (
            "an application",
            "a gin, echo, fiber, httprouter or Macaron application that is mounted nowhere; any other router when \
             it is handed to a server, directly or inside of handlers",
        ),
        (
            "parameters",
            "`:id`, `*rest`, `{id:[0-9]+}`, `{path...}`, `:id<int>` become `{id}`, `{rest}`, ...; fiber's `:id?` is \
             two facts; a number that a loop counts is `{i}`; a bare `*` stays; a host in a pattern and `{$}` are left out",
        ),
        (
            "slashes",
            "as each framework joins them; chi serves `/` below a prefix as the prefix too, which is the one that \
             is listed",
        ),
        (
            "a prefix for deployment",
            "`Group(cfg.BasePath)` and its kin (`BaseURL`, `SubPath`, `URLPrefix` ...) of the whole application \
             count as empty when only the configuration knows them; `cfg.BaseURI(\"/api\")` is `/api`; a variable \
             named like a base path (`webPath := \"/\"`) that a condition replaces by something computed keeps its \
             literal",
        ),
        (
            "methods",
            "`ANY` where a route is not bound to one; the methods that a handler tells apart inside are not read",
        ),
        (
            "not endpoints",
            "`Static`, `StaticFS`, `File`, `ServeFiles`; a file server that is registered as a handler for a path \
             is one, as in the framework's own list. Middleware, `NoRoute`, `NotFound`",
        ),
        ("`PathPrefix(\"/x\")`", "with a handler: `ANY /x`"),
        ("guard", "middleware of a known name in the call itself (gin, echo, Macaron); that of groups is not read"),
        (
            "unresolved",
            "computed paths, routers of packages (gRPC gateways, profilers), lists that only the running program \
             knows, routes of build tags that a plain build does not set",
        ),
    ],
};

/// The rules of every framework of Go.
pub(in crate::extract) const RULES: [&dyn Rules; 14] = [
    &verbs::GIN,
    &verbs::ECHO,
    &verbs::FIBER,
    &verbs::HTTPROUTER,
    &verbs::FASTHTTP,
    &verbs::HERTZ,
    &verbs::IRIS,
    &verbs::BUN,
    &chi::Chi,
    &gorilla::Gorilla,
    &nethttp::NetHttp,
    &scoped::MACARON,
    &scoped::FLAMEGO,
    &huma::Huma,
];

/// Methods that HTTP knows, as packages write them.
const METHODS: [&str; 9] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"];
/// Handlers wrapped in handlers.
const MAX_WRAPPED: usize = 12;

/// Routers whose forks keep the name and what is offered: another owner's module with the same last part is taken for one.
const FORKED: [&str; 8] = ["mux", "chi", "gin", "echo", "fiber", "httprouter", "iris", "bunrouter"];

/// A name of a package or of a fork of it, without the version in its path.
fn of_package<'n>(name: &'n str, package: &str) -> Option<&'n str> {
    let rest = name.strip_prefix(package).or_else(|| of_fork(name, package))?;
    let rest = match rest.strip_prefix("/v") {
        Some(version) => version.trim_start_matches(|letter: char| letter.is_ascii_digit()),
        None => rest,
    };
    rest.strip_prefix('.').filter(|rest| !rest.contains('/'))
}

/// Whether an import path is that of a package, in any version.
fn is_package(path: &str, package: &str) -> bool {
    let version = path.strip_prefix(package).map(|rest| rest.strip_prefix("/v").unwrap_or(rest));
    version.is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What follows the path of a fork: of a module of another owner (`github.com/minio/mux`).
fn of_fork<'n>(name: &'n str, package: &str) -> Option<&'n str> {
    let last = package.rsplit('/').next().filter(|last| FORKED.contains(last))?;
    let (path, rest) = name.split_once(&format!("/{last}"))?;
    let (host, owner) = path.split_once('/')?;
    let is_module = host.contains('.') && !owner.contains('/') && rest.starts_with(['.', '/']);
    is_module.then_some(rest)
}

/// The method that a router's method of this name serves, where only its first letter or none is upper case.
fn verb(name: &str) -> Option<&'static str> {
    METHODS.iter().find(|method| name.eq_ignore_ascii_case(method)).copied()
}

/// A new router that nobody serves yet.
fn made(machine: &mut Machine<'_>, rules: &'static dyn Rules) -> Option<Value> {
    Some(Value::router(machine.graph.router(Router::of(rules))))
}

/// A prefix; that of a whole application counts as empty when only its configuration knows it.
fn prefix_of(machine: &mut Machine<'_>, parent: RouterId, argument: &Argument) -> PathText {
    match argument.as_path(machine) {
        PathText::Unknown(why) => {
            let is_deployment = is_deployment(&argument.text);
            let is_top = !machine.graph.mounts.iter().any(|mount| mount.child == parent);
            if is_deployment && is_top { PathText::empty() } else { PathText::Unknown(why) }
        }
        known => known,
    }
}

/// A router below a path of another of the same framework.
fn group(machine: &mut Machine<'_>, parent: RouterId, call: &Call, prefix: Option<&Argument>) -> RouterId {
    let child = machine.graph.router(Router::made_with(machine.graph.routers[parent].framework));
    let text = prefix.map_or(PathText::empty(), |prefix| prefix_of(machine, parent, prefix));
    let is_said = !matches!(&text, PathText::Known(text) if text.is_empty());
    let evidence = if is_said { vec![call.lines_to(machine, prefix)] } else { Vec::new() };
    machine.graph.mount(parent, child, text, evidence);
    child
}

/// A handler's name where it is plain.
fn plain(argument: Option<&Argument>) -> Option<String> {
    let text = &argument?.text;
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
    (!text.is_empty() && text.chars().all(is_plain) && &**text != "nil").then(|| text.to_string())
}

fn is_guarded(arguments: &[&Argument]) -> bool {
    arguments.iter().any(|argument| guard::is_guard(&argument.text))
}

/// One route whose handler's name is plain and that no guard is known of.
fn push(
    machine: &mut Machine<'_>,
    router: RouterId,
    method: &str,
    path: PathText,
    handler: Option<&Argument>,
    at: Evidence,
) {
    let registration = Registration { handler: plain(handler), guarded: false, evidence: vec![at] };
    machine.graph.register(router, &[method], &[path], &registration);
}

/// A method out of an argument, `ANY` where every one is meant; nothing when it is computed.
fn method_of(machine: &mut Machine<'_>, argument: &Argument) -> Option<String> {
    match machine.known(&argument.value) {
        Value::Text(text) if text.is_empty() || &*text == "*" => Some("ANY".to_owned()),
        Value::Text(text) => Some(text.to_ascii_uppercase()),
        _ => None,
    }
}

/// The routers that a handler passes requests to, with the prefix that is stripped on the way.
fn served(machine: &mut Machine<'_>, value: &Value, call: &Call, depth: usize) -> Vec<(RouterId, PathText)> {
    let unstripped = |router: RouterId| (router, PathText::empty());
    if depth > MAX_WRAPPED {
        return Vec::new();
    }
    match machine.known(value) {
        Value::Handle(Handle::Router(router)) => vec![unstripped(router)],
        Value::Made(made) if &*made.what == "net/http.StripPrefix" => {
            let Some(inner) = made.arguments.get(1) else { return Vec::new() };
            let prefix = prefix_of(machine, RouterId::MAX, &made.arguments[0]);
            let found = served(machine, &inner.value.clone(), call, depth + 1);
            found.into_iter().map(|(router, inner)| (router, joined(&prefix, &inner))).collect()
        }
        Value::Made(made) => made.values().iter().flat_map(|inner| served(machine, inner, call, depth + 1)).collect(),
        Value::OneOf(options) => options.iter().flat_map(|option| served(machine, option, call, depth + 1)).collect(),
        Value::Function(closure) => {
            if !machine.text_of(&closure).contains("ServeHTTP") {
                return Vec::new();
            }
            let inner = passed_on(machine, |machine| drop(machine.run_function(&closure)));
            inner.iter().flat_map(|inner| served(machine, inner, call, depth + 1)).collect()
        }
        object @ Value::Object(_) => {
            let none = Call::at_place(&call.path, call.start, "");
            let inner = passed_on(machine, |machine| drop(machine.call_named(&object, "ServeHTTP", &none)));
            inner.iter().flat_map(|inner| served(machine, inner, call, depth + 1)).collect()
        }
        _ => Vec::new(),
    }
}

/// The handlers whose `ServeHTTP` is called while something runs.
fn passed_on(machine: &mut Machine<'_>, run: impl FnOnce(&mut Machine<'_>)) -> Vec<Value> {
    let before = std::mem::take(&mut machine.serving);
    run(machine);
    std::mem::replace(&mut machine.serving, before)
}

fn joined(outer: &PathText, inner: &PathText) -> PathText {
    outer.and(inner, |outer, inner| format!("{}{inner}", outer.trim_end_matches('/')))
}

/// A handler that holds routers is put below a router: true when it does. They see the whole path, so what
/// counts is what was stripped before, not the prefix of the group that takes the request.
fn attach(machine: &mut Machine<'_>, parent: RouterId, handler: &Value, call: &Call, at: &Evidence) -> bool {
    let found = served(machine, handler, call, 0);
    let mut top = parent;
    if !machine.graph.routers[parent].is_of(&nethttp::NetHttp) {
        for _ in 0..MAX_WRAPPED {
            let Some(mount) = machine.graph.mounts.iter().find(|mount| mount.child == top) else { break };
            top = mount.parent;
        }
    }
    let is_any = !found.is_empty();
    for (child, prefix) in found.into_iter().filter(|(child, _)| *child != top) {
        machine.graph.mount(top, child, prefix, vec![at.clone()]);
    }
    is_any
}

/// A handler is given to a server.
fn serve(machine: &mut Machine<'_>, handler: &Value, call: &Call) {
    for (router, prefix) in served(machine, handler, call, 0) {
        if !matches!(prefix, PathText::Known(prefix) if prefix.is_empty()) {
            continue;
        }
        if machine.graph.routers[router].is_of(&gorilla::Gorilla) {
            gorilla::serve(machine, router);
        } else {
            machine.graph.routers[router].is_root = true;
        }
    }
}
