//! What the trace of a program leaves behind: routers, where they are mounted, routes and listening
//! calls. The paths are put together afterwards, so that the order of the program does not matter.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;

use super::framework::Framework;
use super::join::Join;

use super::why::Why;

/// Routes of one registration that are kept: more than are stated of one, so that the others are said to be missing.
const MAX_ROUTES: usize = 2_000;

/// Index into [`Graph::routers`].
pub(crate) type RouterId = usize;

/// A path or prefix, or why it is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathText {
    Known(String),
    /// A path below one that only the configuration knows; without it, it is the path of whoever sets none.
    Below {
        base: String,
        path: String,
    },
    Unknown(Why),
}

impl PathText {
    /// The path of what has no prefix.
    pub(crate) fn empty() -> Self {
        Self::Known(String::new())
    }

    /// The same for rules that do not tell a base path from any other that is not known.
    pub(crate) fn without_base(self) -> Self {
        match self {
            Self::Below { base, path } => Self::Unknown(Why::Base(base, path)),
            other => other,
        }
    }

    /// The path that this one becomes, where it is known.
    pub(crate) fn map(self, change: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::Known(path) => Self::Known(change(path)),
            Self::Below { base, path } => Self::Below { base, path: change(path) },
            unknown @ Self::Unknown(_) => unknown,
        }
    }

    /// This path and one below it; unknown where either is.
    pub(crate) fn and(&self, below: &Self, join: impl FnOnce(&str, &str) -> String) -> Self {
        match (self, below) {
            (unknown @ Self::Unknown(_), _) | (_, unknown @ Self::Unknown(_)) => unknown.clone(),
            (Self::Known(prefix), Self::Known(path)) => Self::Known(join(prefix, path)),
            (Self::Below { base, path: prefix }, Self::Known(path) | Self::Below { path, .. })
            | (Self::Known(prefix), Self::Below { base, path }) => {
                Self::Below { base: base.clone(), path: join(prefix, path) }
            }
        }
    }

    /// One text after the other.
    pub(crate) fn followed_by(&self, below: &Self) -> Self {
        self.and(below, |prefix, path| format!("{prefix}{path}"))
    }
}

/// What a framework needs to know about one of its routers, in a type of its own.
pub(crate) type Extra = Box<dyn Any + Send + Sync>;

/// A router, application, blueprint or namespace.
#[derive(Debug)]
pub(crate) struct Router {
    pub(crate) framework: &'static Framework,
    /// Serves by itself: an application, or a router handed to a server.
    pub(crate) is_root: bool,
    /// The prefix it was made with and where; what it means is the framework's own.
    pub(crate) prefix: Option<(PathText, Evidence)>,
    pub(crate) extra: Option<Extra>,
}

impl Router {
    /// A router that nobody serves, without a prefix.
    pub(crate) fn made_with(framework: &'static Framework) -> Self {
        Self { framework, is_root: false, prefix: None, extra: None }
    }

    /// What its framework keeps about it.
    pub(crate) fn extra<T: 'static>(&self) -> Option<&T> {
        self.extra.as_ref()?.downcast_ref()
    }
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
    pub(crate) evidence: Evidence,
}

/// Index into [`Graph::drafts`].
pub(crate) type DraftId = usize;

/// A value that a framework made and that the program hands around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Handle {
    Router(RouterId),
    Draft(DraftId),
}

/// A route in the making: a decorator not yet applied, `route('/x')` before its verbs, a method router.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) framework: &'static Framework,
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

impl Draft {
    /// A draft that says nothing yet.
    pub(super) fn made_with(framework: &'static Framework) -> Self {
        Self {
            framework,
            router: None,
            paths: Vec::new(),
            verbs: Vec::new(),
            evidence: Vec::new(),
            guarded: false,
            only: Vec::new(),
            inner: Vec::new(),
        }
    }
}

/// One method of a draft.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verb {
    pub(crate) method: String,
    pub(crate) handler: Option<String>,
    pub(crate) guarded: bool,
    pub(crate) lines: Option<Evidence>,
}

impl Verb {
    /// A method without a handler.
    pub(crate) fn of(method: impl Into<String>) -> Self {
        Self { method: method.into(), ..Self::default() }
    }
}

/// What the routes of one registration have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registration {
    pub(crate) handler: Option<String>,
    pub(crate) guarded: bool,
    /// The registration, and where its router's own prefix was given.
    pub(crate) evidence: Vec<Evidence>,
}

/// Something recognised that the trace could not follow.
#[derive(Debug)]
pub(crate) struct Loose {
    pub(crate) reason: String,
    pub(crate) evidence: Evidence,
}

/// Where a router is made: the file and byte of the call (one line may make several), and the calls that led there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RouterPlace {
    pub(super) path: String,
    pub(super) at: usize,
    /// The lines of the calls, the outermost first.
    pub(super) calls: Vec<u32>,
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
    /// Where the call stands that makes the next router.
    pub(crate) here: Option<RouterPlace>,
    /// The same of each router.
    pub(super) places: Vec<Option<RouterPlace>>,
}

impl Graph {
    /// Routers, mounts and routes.
    pub(super) fn registrations(&self) -> usize {
        self.routers.len() + self.mounts.len() + self.routes.len()
    }

    /// Take a new router in.
    pub(crate) fn router(&mut self, router: Router) -> RouterId {
        self.routers.push(router);
        self.places.push(self.here.clone());
        self.routers.len() - 1
    }

    /// A function or class that makes a mounted application makes another one when it is tried out for itself: that
    /// one serves nothing. What another call of it makes is no double.
    pub(crate) fn drop_doubles(&mut self) {
        let mounted: BTreeSet<RouterId> = self.mounts.iter().map(|mount| mount.child).collect();
        let mut places: BTreeMap<(String, usize), BTreeSet<Vec<u32>>> = BTreeMap::new();
        for place in mounted.iter().filter_map(|child| self.places[*child].as_ref()) {
            places.entry((place.path.clone(), place.at)).or_default().insert(place.calls.clone());
        }
        let is_tried_out = |place: &RouterPlace| {
            let others = places.get(&(place.path.clone(), place.at));
            others.is_some_and(|others| others.iter().any(|calls| calls.ends_with(&place.calls)))
        };
        for (id, router) in self.routers.iter_mut().enumerate() {
            let is_double = !mounted.contains(&id) && self.places[id].as_ref().is_some_and(is_tried_out);
            // A router that was handed to a server is one, wherever else it is nested.
            if is_double && router.framework.join != Join::Nest {
                router.is_root = false;
            }
        }
    }

    /// Take one route for each path and method in.
    pub(crate) fn register(
        &mut self,
        router: RouterId,
        methods: &[impl AsRef<str>],
        paths: &[PathText],
        registration: &Registration,
    ) {
        let each = paths.iter().flat_map(|path| methods.iter().map(move |method| (path, method)));
        for (path, method) in each.take(MAX_ROUTES) {
            self.routes.push(Route {
                router,
                method: method.as_ref().to_ascii_uppercase(),
                path: path.clone(),
                handler: registration.handler.clone(),
                guarded: registration.guarded,
                evidence: registration.evidence.clone(),
            });
        }
    }

    /// Take the routes of a draft in: each cites the draft's places and that of its method.
    pub(crate) fn register_draft(&mut self, router: RouterId, draft: &Draft) {
        for verb in draft.verbs.iter().take(MAX_ROUTES / draft.paths.len().max(1) + 1) {
            let (handler, guarded) = (verb.handler.clone(), verb.guarded);
            let evidence = draft.evidence.iter().chain(&verb.lines).cloned().collect();
            self.register(router, &[&verb.method], &draft.paths, &Registration { handler, guarded, evidence });
        }
    }

    /// Take the routes of a draft in, which one handler serves, where the draft is of a router.
    pub(crate) fn register_handled(&mut self, draft: &Draft, handler: Option<String>, guarded: bool) {
        let Some(router) = draft.router else { return };
        let methods: Vec<&str> = draft.verbs.iter().map(|verb| verb.method.as_str()).collect();
        let registration = Registration { handler, guarded, evidence: draft.evidence.clone() };
        self.register(router, &methods, &draft.paths, &registration);
    }

    /// Put a router below a prefix of another.
    pub(crate) fn mount(&mut self, parent: RouterId, child: RouterId, prefix: PathText, evidence: Vec<Evidence>) {
        self.mounts.push(Mount { parent, child, prefix, evidence });
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
