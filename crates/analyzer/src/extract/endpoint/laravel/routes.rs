//! The routes that were registered, and how they become facts.

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;

use super::group::{Group, below};
use super::guard::MiddlewareNames;
use super::path::as_called;
use super::resource::{ResourceRoutes, Wording};
use crate::fact::{Fact, Found, Unresolved};

/// One registration.
pub(super) struct RouteEntry<'c> {
    pub(super) what: RouteKind<'c>,
    pub(super) group: Rc<Group>,
    pub(super) middleware: Vec<Rc<str>>,
    pub(super) excluded: Vec<Rc<str>>,
    /// Prefix that the route itself was given; it stands before those of the groups.
    pub(super) prefix: Result<String, Rc<str>>,
    pub(super) evidence: Evidence,
}

/// What is registered.
pub(super) enum RouteKind<'c> {
    Route { methods: Vec<String>, path: Result<Rc<str>, Rc<str>>, handler: Option<String> },
    Resource(ResourceRoutes<'c>),
}

/// The name of the framework in facts.
pub(super) fn framework(is_lumen: bool) -> &'static str {
    if is_lumen { "lumen" } else { "laravel" }
}

impl RouteEntry<'_> {
    /// The facts of the registration, or why there are none.
    pub(super) fn state(&self, names: &MiddlewareNames, wording: &Wording, is_lumen: bool, found: &mut Found) {
        let prefix = match (&self.prefix, &self.group.prefix) {
            (Ok(own), Ok(groups)) => below(own, groups),
            (Err(reason), _) | (_, Err(reason)) => return self.open(reason, found),
        };
        match &self.what {
            RouteKind::Route { methods, path, handler } => match path {
                Ok(path) => {
                    for path in as_called(&below(&prefix, path), is_lumen) {
                        for method in methods {
                            let guarded = self.is_guarded(names);
                            found.facts.push(self.fact(method, &path, handler.as_deref(), guarded, is_lumen));
                        }
                    }
                }
                Err(reason) => self.open(reason, found),
            },
            RouteKind::Resource(resource) => {
                for action in resource.actions(wording) {
                    let controller = resource.controller.as_deref().map(short);
                    let handler = controller.map(|controller| format!("{controller}@{}", action.name));
                    let guarded = self.is_guarded(names);
                    for path in as_called(&below(&prefix, &action.path), is_lumen) {
                        for method in action.methods {
                            found.facts.push(self.fact(method, &path, handler.as_deref(), guarded, is_lumen));
                        }
                    }
                }
            }
        }
    }

    fn is_guarded(&self, names: &MiddlewareNames) -> bool {
        let both = |own: &[Rc<str>], groups: &[Rc<str>]| own.iter().chain(groups).cloned().collect::<Vec<_>>();
        names.guards(&both(&self.middleware, &self.group.middleware), &both(&self.excluded, &self.group.excluded))
    }

    fn fact(&self, method: &str, path: &str, handler: Option<&str>, guarded: bool, is_lumen: bool) -> Fact {
        let mut fact = Fact::evidenced(FactKind::Endpoint, format!("{method} {path}"), self.evidence.clone())
            .with("framework", framework(is_lumen))
            .with("guard", if guarded { "found" } else { "unknown" });
        if let Some(handler) = handler {
            fact = fact.with("handler", handler);
        }
        for evidence in &self.group.evidence {
            if !fact.evidence.contains(evidence) {
                fact.evidence.push(evidence.clone());
            }
        }
        fact
    }

    fn open(&self, reason: &str, found: &mut Found) {
        let what = match &self.what {
            RouteKind::Route { methods, .. } => format!("{} route", methods.join(" and ")),
            RouteKind::Resource(resource) => format!("resource `{}`", resource.name),
        };
        let reason = format!("{what}: the path is not known, because {reason}");
        let evidence = std::iter::once(&self.evidence).chain(&self.group.evidence).cloned().collect();
        found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, evidence));
    }
}

/// A class without its namespace.
pub(super) fn short(class: &str) -> &str {
    class.rsplit('\\').next().unwrap_or(class)
}
