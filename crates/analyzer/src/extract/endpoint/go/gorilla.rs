//! gorilla/mux: routes that are put together by chains, and subrouters below a prefix. A route is one when it has
//! a handler; hosts, queries, headers and names do not change the path.

use ci_feed_dossier::evidence::Evidence;

use super::{attach, new_router, of_package, plain, prefix_of, push, value_of};
use crate::syntax::grammar::Family;
use crate::trace::graph::{Draft, Handle, Join, Mount, PathText, RouterId, Verb};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::Value;

pub(super) struct Gorilla;

const NAME: &str = "gorilla/mux";
const PACKAGE: &str = "github.com/gorilla/mux";
/// Stands among the methods for the handler.
const HANDLER: &str = "handler";
/// Conditions that leave the path as it is.
const CONDITIONS: [&str; 10] = [
    "Host",
    "Queries",
    "Headers",
    "HeadersRegexp",
    "Schemes",
    "Name",
    "MatcherFunc",
    "BuildVarsFunc",
    "NewRoute",
    "SkipClean",
];
/// What a router says of itself.
const CHAINED: [&str; 3] = ["StrictSlash", "UseEncodedPath", "Use"];

impl Rules for Gorilla {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Go
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["mux.NewRouter(", "mux.Router"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["mux.NewRouter(", "mux.Router", ".Subrouter()"]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, _: &Call) -> Option<Value> {
        match of_package(name, PACKAGE)? {
            "NewRouter" | "Router" => value_of(new_router(machine, NAME, Join::SingleSlash, false)),
            _ => None,
        }
    }

    fn typed(&self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        match of_package(of, PACKAGE)? {
            "Router" => value_of(new_router(machine, NAME, Join::SingleSlash, false)),
            _ => None,
        }
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        match on {
            Handle::Router(router) if machine.graph.routers[router].framework == NAME => {
                if CHAINED.contains(&name) {
                    return Some(Value::Handle(on));
                }
                let draft = Draft { framework: NAME, router: Some(router), ..Draft::default() };
                let Handle::Draft(draft) = machine.graph.draft(draft) else {
                    return None;
                };
                self.chain(machine, draft, name, call)
            }
            Handle::Draft(draft) if machine.graph.drafts[draft].framework == NAME => {
                self.chain(machine, draft, name, call)
            }
            _ => None,
        }
    }

    fn finish(&self, machine: &mut Machine<'_>) {
        for draft in machine.graph.drafts.clone() {
            let handler = draft.verbs.iter().find(|verb| verb.method == HANDLER);
            let (NAME, Some(router), Some(handler)) = (draft.framework, draft.router, handler) else {
                continue;
            };
            let mut methods: Vec<String> =
                draft.verbs.iter().map(|verb| verb.method.clone()).filter(|method| method != HANDLER).collect();
            if methods.is_empty() {
                let above = machine.graph.routers[router].note.clone();
                methods = above.split(',').filter(|method| !method.is_empty()).map(str::to_owned).collect();
            }
            if methods.is_empty() {
                methods.push("ANY".to_owned());
            }
            let path = draft.paths.first().cloned().unwrap_or_else(|| PathText::Known(String::new()));
            for method in methods {
                let Some(first) = draft.evidence.first() else {
                    continue;
                };
                push(machine, router, &method, path.clone(), (handler.handler.clone(), false, first.clone()));
                if let Some(route) = machine.graph.routes.last_mut() {
                    route.evidence = draft.evidence.clone();
                }
            }
        }
    }
}

impl Gorilla {
    fn chain(&self, machine: &mut Machine<'_>, draft: usize, name: &str, call: &Call) -> Option<Value> {
        let same = Some(Value::Handle(Handle::Draft(draft)));
        let first = call.at(0);
        let at = call.lines_to(machine, first.filter(|first| first.end <= call.start + 2));
        match name {
            "Handle" | "HandleFunc" if call.arguments.len() >= 2 => {
                self.path(machine, draft, call);
                self.handler(machine, draft, call, 1);
            }
            "Handler" | "HandlerFunc" => self.handler(machine, draft, call, 0),
            "Path" | "PathPrefix" => self.path(machine, draft, call),
            "Methods" => {
                for argument in &call.arguments {
                    match machine.known(&argument.value) {
                        Value::Text(method) => {
                            let method = method.to_ascii_uppercase();
                            let verb = Verb { method, handler: None, guarded: false, lines: None };
                            machine.graph.drafts[draft].verbs.push(verb);
                        }
                        _ => {
                            machine
                                .loose(format!("the methods of a route are computed: `{}`", argument.text), at.clone());
                            // Without its methods nothing can be said of the route.
                            machine.graph.drafts[draft].router = None;
                        }
                    }
                }
                cite(machine, draft, at);
            }
            "Subrouter" => {
                let parent = machine.graph.drafts[draft].router?;
                let child = new_router(machine, NAME, Join::SingleSlash, false);
                let of = machine.graph.drafts[draft].clone();
                let methods: Vec<String> = of.verbs.iter().map(|verb| verb.method.clone()).collect();
                let above = machine.graph.routers[parent].note.clone();
                machine.graph.routers[child].note = if methods.is_empty() { above } else { methods.join(",") };
                let prefix = of.paths.first().cloned().unwrap_or_else(|| PathText::Known(String::new()));
                machine.graph.mounts.push(Mount { parent, child, prefix, evidence: of.evidence });
                return value_of(child);
            }
            _ if CONDITIONS.contains(&name) => {}
            _ => return None,
        }
        same
    }

    fn path(&self, machine: &mut Machine<'_>, draft: usize, call: &Call) {
        let Some(path) = call.at(0) else { return };
        let router = machine.graph.drafts[draft].router.unwrap_or(RouterId::MAX);
        let (at, path) = (call.lines_to(machine, Some(path)), prefix_of(machine, router, path));
        machine.graph.drafts[draft].paths.push(path);
        cite(machine, draft, at);
    }

    fn handler(&self, machine: &mut Machine<'_>, draft: usize, call: &Call, at: usize) {
        let (Some(handler), Some(router)) = (call.at(at), machine.graph.drafts[draft].router) else {
            return;
        };
        let value = machine.known(&handler.value);
        let line = call.lines_to(machine, call.at(0).filter(|first| first.end <= call.start + 2));
        if attach(machine, router, &value, call, &line) {
            return;
        }
        let verb = Verb { method: HANDLER.to_owned(), handler: plain(Some(handler)), guarded: false, lines: None };
        machine.graph.drafts[draft].verbs.push(verb);
        cite(machine, draft, line);
    }
}

/// The lines of a chain, each once.
fn cite(machine: &mut Machine<'_>, draft: usize, at: Evidence) {
    let known = &mut machine.graph.drafts[draft].evidence;
    let is_inside = known
        .iter()
        .any(|known| known.path == at.path && known.start_line <= at.start_line && at.end_line <= known.end_line);
    if !is_inside {
        known.push(at);
    }
}
