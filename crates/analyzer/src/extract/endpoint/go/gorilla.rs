//! gorilla/mux: routes that are put together by chains, and subrouters below a prefix. A route is one when it has
//! a handler; hosts, queries, headers and names do not change the path.

use ci_feed_dossier::evidence::Evidence;

use super::{attach, is_package, made, of_package, path, plain, prefix_of};
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{Draft, DraftId, Extra, Handle, PathText, Registration, Router, RouterId, Verb};
use crate::trace::join::Join;
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::Value;

pub(super) struct Gorilla;

const PACKAGE: &str = "github.com/gorilla/mux";
/// Stands among the methods for the handler.
const HANDLER: &str = "handler";
/// Conditions that leave the path as it is.
const CONDITIONS: [&str; 9] =
    ["Host", "Queries", "Headers", "HeadersRegexp", "Schemes", "Name", "MatcherFunc", "BuildVarsFunc", "NewRoute"];
/// What a router says of itself.
const CHAINED: [&str; 4] = ["StrictSlash", "SkipClean", "UseEncodedPath", "Use"];

/// The methods of a subrouter's routes that name none.
struct Methods(Vec<String>);

/// Marks what stands above a subrouter that is served by itself.
struct Alone;

static FRAMEWORK: Framework = Framework {
    join: Join::SingleSlash,
    as_called: path::braced,
    is_served_beside_mounts: true,
    triggers: &["mux.NewRouter(", "mux.Router"],
    makes: &["mux.NewRouter("],
    starts: &["mux.NewRouter(", "mux.Router", ".Subrouter()"],
    page: Some(&super::PAGE),
    ..Framework::new("gorilla/mux", Family::Go)
};

impl Rules for Gorilla {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn owns(&self, package: &str) -> bool {
        is_package(package, PACKAGE)
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, _: &Call) -> Option<Value> {
        match of_package(name, PACKAGE)? {
            "NewRouter" | "Router" => made(machine, self),
            _ => None,
        }
    }

    fn typed(&'static self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        match of_package(of, PACKAGE)? {
            "Router" => made(machine, self),
            _ => None,
        }
    }

    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        if CHAINED.contains(&name) {
            return Some(Value::router(on));
        }
        match machine.graph.draft(Draft { router: Some(on), ..Draft::of(self) }) {
            Handle::Draft(draft) => self.draft_method(machine, draft, name, call),
            Handle::Router(_) => None,
        }
    }

    fn finish(&'static self, machine: &mut Machine<'_>) {
        for draft in machine.graph.drafts.clone() {
            let handler = draft.verbs.iter().find(|verb| verb.method == HANDLER);
            let (true, Some(router), Some(handler)) = (draft.is_of(self), draft.router, handler) else {
                continue;
            };
            let mut methods: Vec<String> =
                draft.verbs.iter().map(|verb| verb.method.clone()).filter(|method| method != HANDLER).collect();
            if methods.is_empty() {
                methods = machine.graph.routers[router].extra().map_or(Vec::new(), |above: &Methods| above.0.clone());
            }
            if methods.is_empty() {
                methods.push("ANY".to_owned());
            }
            let path = draft.paths.first().cloned().unwrap_or_else(PathText::empty);
            if !draft.evidence.is_empty() {
                let (handler, evidence) = (handler.handler.clone(), draft.evidence);
                let registration = Registration { handler, guarded: false, evidence };
                machine.graph.register(router, &methods, &[path], &registration);
            }
        }
    }

    fn draft_method(
        &'static self,
        machine: &mut Machine<'_>,
        draft: DraftId,
        name: &str,
        call: &Call,
    ) -> Option<Value> {
        let same = Some(Value::draft(draft));
        let first = call.at(0);
        let at = call.lines_within(machine, first, 2);
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
                            machine.graph.drafts[draft].verbs.push(Verb::of(method.to_ascii_uppercase()));
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
                let of = machine.graph.drafts[draft].clone();
                let mut methods: Vec<String> = of.verbs.into_iter().map(|verb| verb.method).collect();
                if methods.is_empty() {
                    methods =
                        machine.graph.routers[parent].extra().map_or(Vec::new(), |above: &Methods| above.0.clone());
                }
                let extra: Option<Extra> = Some(Box::new(Methods(methods)));
                let child = machine.graph.router(Router { extra, ..Router::of(self) });
                let prefix = of.paths.into_iter().next().unwrap_or_else(PathText::empty);
                machine.graph.mount(parent, child, prefix, of.evidence);
                return Some(Value::router(child));
            }
            _ if CONDITIONS.contains(&name) => {}
            _ => return None,
        }
        same
    }
}

impl Gorilla {
    fn path(&self, machine: &mut Machine<'_>, draft: usize, call: &Call) {
        let Some(path) = call.at(0) else { return };
        let router = machine.graph.drafts[draft].router.unwrap_or(RouterId::MAX);
        let (at, path) = (call.lines_to(machine, Some(path)), prefix_of(machine, router, path));
        machine.graph.drafts[draft].paths.push(path);
        cite(machine, draft, at);
    }

    fn handler(&self, machine: &mut Machine<'_>, draft: usize, call: &Call, at: usize) {
        let (Some(handler), Some(router)) = (call.at(at), machine.graph.drafts[draft].router) else { return };
        let value = machine.known(&handler.value);
        let line = call.lines_within(machine, call.at(0), 2);
        if attach(machine, router, &value, call, &line) {
            return;
        }
        let verb = Verb { handler: plain(Some(handler)), ..Verb::of(HANDLER) };
        machine.graph.drafts[draft].verbs.push(verb);
        cite(machine, draft, line);
    }
}

/// A router is given to a server. A subrouter knows the whole path of its routes: served by itself it serves them there,
/// and nothing of the routers above it.
pub(super) fn serve(machine: &mut Machine<'_>, router: RouterId) {
    let (mut prefix, mut evidence, mut at) = (PathText::empty(), Vec::new(), router);
    while let Some(mount) = machine.graph.mounts.iter().find(|mount| {
        mount.child == at && machine.graph.routers[mount.parent].is_of(&Gorilla) && !is_alone(machine, mount.parent)
    }) {
        prefix = mount.prefix.and(&prefix, |above, below| Join::SingleSlash.join(above, below));
        evidence.extend(mount.evidence.iter().cloned());
        at = mount.parent;
    }
    if at == router {
        machine.graph.routers[router].is_root = true;
        return;
    }
    let extra: Option<Extra> = Some(Box::new(Alone));
    let top = machine.graph.router(Router { extra, ..Router::root(&Gorilla) });
    machine.graph.mount(top, router, prefix, evidence);
}

/// Whether a router stands for those above a subrouter that is served by itself.
fn is_alone(machine: &Machine<'_>, router: RouterId) -> bool {
    machine.graph.routers[router].extra::<Alone>().is_some()
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
