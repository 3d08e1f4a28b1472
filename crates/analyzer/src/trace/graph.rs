//! What the trace of a program leaves behind: routers, where they are mounted, routes and listening
//! calls. The paths are put together afterwards, so that the order of the program does not matter.

use std::collections::BTreeSet;

use ci_feed_dossier::evidence::Evidence;

/// Index into [`Graph::routers`].
pub(crate) type RouterId = usize;

/// How a framework joins a prefix and a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Join {
    /// Slashes between the two are made one and a last one is dropped.
    Lenient,
    /// One text after the other.
    Verbatim,
    /// One slash between the two, the last one kept.
    SingleSlash,
    /// One text after the other; two slashes that meet are one, and a path of `/` is the prefix itself.
    Adjoin,
    /// As `nest`: a path of `/` is the prefix itself.
    Nest,
}

/// A path or prefix, or why it is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathText {
    Known(String),
    Unknown(String),
}

/// A router, application, blueprint or namespace.
#[derive(Debug)]
pub(crate) struct Router {
    pub(crate) framework: &'static str,
    pub(crate) join: Join,
    /// Serves by itself: an application, or a router handed to a server.
    pub(crate) is_root: bool,
    /// The prefix it was made with and where; what it means is the framework's own.
    pub(crate) prefix: Option<(PathText, Evidence)>,
    /// Frameworks keep what they need to know about it here.
    pub(crate) note: String,
}

/// One router below a prefix of another.
#[derive(Debug)]
pub(crate) struct Mount {
    pub(crate) parent: RouterId,
    pub(crate) child: RouterId,
    pub(crate) prefix: PathText,
    pub(crate) evidence: Vec<Evidence>,
}

/// A route of a router.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) router: RouterId,
    /// Upper case; `ANY` when every method is served.
    pub(crate) method: String,
    pub(crate) path: PathText,
    pub(crate) handler: Option<String>,
    pub(crate) guarded: bool,
    /// The registration, and where its router's own prefix was given.
    pub(crate) evidence: Vec<Evidence>,
}

/// A call that opens a port.
#[derive(Debug)]
pub(crate) struct Listen {
    pub(crate) port: Result<u16, String>,
    /// The environment variable that overrides it.
    pub(crate) env: Option<String>,
    pub(crate) by: &'static str,
    pub(crate) evidence: Evidence,
}

/// A value that a framework made and that the program hands around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handle {
    Router(RouterId),
    /// Index into [`Graph::drafts`].
    Draft(usize),
}

/// A route in the making: a decorator not yet applied, `route('/x')` before its verbs, a method router.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub(crate) framework: &'static str,
    pub(crate) router: Option<RouterId>,
    pub(crate) paths: Vec<PathText>,
    /// Methods with handler, guard and where each is said.
    pub(crate) verbs: Vec<Verb>,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) guarded: bool,
    /// The only methods that a guard of the whole lets through; empty where there is none.
    pub(crate) only: Vec<String>,
    /// Routers and drafts inside (Starlette's `Mount`, a list of documented handlers).
    pub(crate) inner: Vec<Handle>,
}

/// One method of a draft.
#[derive(Debug, Clone)]
pub(crate) struct Verb {
    pub(crate) method: String,
    pub(crate) handler: Option<String>,
    pub(crate) guarded: bool,
    pub(crate) lines: Option<Evidence>,
}

/// Something recognised that the trace could not follow.
#[derive(Debug)]
pub(crate) struct Loose {
    pub(crate) reason: String,
    pub(crate) evidence: Evidence,
}

/// Everything that a trace found.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) routers: Vec<Router>,
    /// Routers that are kept in a field of a struct: a server takes them from there, unless they are mounted.
    pub(crate) kept: BTreeSet<RouterId>,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) routes: Vec<Route>,
    pub(crate) listens: Vec<Listen>,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) loose: Vec<Loose>,
    /// Where the call stands that makes the next router: file and line.
    pub(crate) here: Option<(String, u32)>,
    /// The same of each router.
    pub(super) places: Vec<Option<(String, u32)>>,
}

impl Graph {
    /// Take a new router in.
    pub(crate) fn router(&mut self, router: Router) -> RouterId {
        self.routers.push(router);
        self.places.push(self.here.clone());
        self.routers.len() - 1
    }

    /// A function or class that makes a mounted application makes another one when it is tried out for itself: that
    /// one serves nothing.
    pub(crate) fn drop_doubles(&mut self) {
        let mounted: BTreeSet<RouterId> = self.mounts.iter().map(|mount| mount.child).collect();
        let places: BTreeSet<_> = mounted.iter().filter_map(|child| self.places[*child].clone()).collect();
        for (id, router) in self.routers.iter_mut().enumerate() {
            let is_double = !mounted.contains(&id) && self.places[id].as_ref().is_some_and(|at| places.contains(at));
            // A router that was handed to a server is one, wherever else it is nested.
            if is_double && router.join != Join::Nest {
                router.is_root = false;
            }
        }
    }

    /// Take a new draft in.
    pub(crate) fn draft(&mut self, draft: Draft) -> Handle {
        self.drafts.push(draft);
        Handle::Draft(self.drafts.len() - 1)
    }

    /// Append what another program left behind.
    pub(crate) fn absorb(&mut self, mut other: Self) {
        let base = self.routers.len();
        for mount in &mut other.mounts {
            mount.parent += base;
            mount.child += base;
        }
        for route in &mut other.routes {
            route.router += base;
        }
        self.kept.extend(other.kept.into_iter().map(|router| router + base));
        self.routers.extend(other.routers);
        self.places.extend(other.places);
        self.mounts.extend(other.mounts);
        self.routes.extend(other.routes);
        self.listens.extend(other.listens);
        self.loose.extend(other.loose);
    }
}
