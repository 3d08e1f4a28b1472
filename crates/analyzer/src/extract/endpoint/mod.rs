//! Endpoints as a client calls them: the routes of the trace with every prefix above them. A router that
//! is mounted nowhere has no facts, only unresolved routes. A new framework is one more file here, which holds its rules
//! and its page of the documentation, its `mod` line, and one line in [`frameworks`].

#![warn(clippy::too_many_lines)]

pub(in crate::extract) mod actix;
mod aspnet;
pub(in crate::extract) mod attribute;
pub(in crate::extract) mod axum;
pub(in crate::extract) mod django;
pub(in crate::extract) mod django_ninja;
pub(in crate::extract) mod express;
pub(in crate::extract) mod fastapi;
pub(in crate::extract) mod fastify;
pub(in crate::extract) mod flask;
pub(in crate::extract) mod go;
mod guard;
pub(in crate::extract) mod hono;
mod inferred;
mod jaxrs;
pub(in crate::extract) mod koa;
pub(in crate::extract) mod laravel;
mod micronaut;
pub(in crate::extract) mod nestjs;
pub(in crate::extract) mod nextjs;
mod openapi;
mod rails;
pub(in crate::extract) mod rocket;
mod script;
mod spring;
pub(in crate::extract) mod unread;
mod unseen;
pub(in crate::extract) mod warp;
mod ways;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use self::ways::{Chain, Reached, Ways};
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::{FactKind, FactStatus};
use ci_feed_dossier::v1::What;

use crate::extract::frameworks;
use crate::extract::sources::Sources;
use crate::fact::{Fact, Found, Unresolved};
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::graph::{Graph, PathText, Route};
use crate::trace::machine::Rules;
use crate::tree::corpus::Corpus;
use crate::tree::deal;

/// What reads routes that are not made by following a program: annotations on classes, route files in a
/// language of their own, documents.
const READERS: &[Reader] = &[
    ("spring", Family::Java, &spring::PAGE, spring::read),
    ("jax-rs", Family::Java, &jaxrs::PAGE, jaxrs::read),
    ("micronaut", Family::Java, &micronaut::PAGE, micronaut::read),
    ("laravel, lumen", Family::Php, &laravel::PAGE, laravel::read),
    ("aspnet", Family::CSharp, &aspnet::PAGE, aspnet::read),
    ("rails, grape, sinatra", Family::Ruby, &rails::PAGE, rails::read),
];
/// The rule of an endpoint that is stated without the base path that only the configuration knows.
const BASE_PATH: &str = "endpoint-below-base-path";
/// Endpoints that one registration states; a function that registers the same for each resource is called some hundred
/// times.
const MAX_REGISTERED_FACTS: usize = 1_000;

/// What it states, the language, its page, and what reads it.
type Reader = (&'static str, Family, &'static Page, fn(&Corpus) -> Found);

/// The pages of all frameworks, each once.
pub(super) fn pages() -> Vec<&'static Page> {
    let followed = frameworks::all().filter_map(|rules| rules.framework().page);
    let read = READERS.iter().map(|(_, _, page, _)| *page);
    let mut pages: Vec<&Page> = followed.chain(read).chain([&openapi::PAGE]).collect();
    pages.sort_by_key(|page| page.slug);
    pages.dedup_by_key(|page| page.slug);
    pages
}

/// Every source of endpoints with its language, for the documentation.
pub(super) fn sources() -> Vec<(String, &'static str)> {
    let followed = frameworks::all().map(Rules::framework).map(|one| (one.name.to_owned(), one.family.title()));
    let read = READERS.iter().map(|(name, family, ..)| ((*name).to_owned(), family.title()));
    followed.chain(read).chain([("openapi".to_owned(), "documents")]).collect()
}

/// Every endpoint of the application code.
pub fn extract(sources: &Sources<'_>) -> Found {
    // The readers need no trace, which keeps one thread busy for a while.
    let read = || READERS.iter().map(|(.., read)| read(sources.corpus)).collect::<Vec<_>>();
    let (read, graph) = deal::both(read, || sources.trace());
    let mut found = Found::default();
    let mut stated: BTreeSet<(String, Vec<Evidence>)> = BTreeSet::new();
    let mut open: Vec<Unresolved> = Vec::new();
    // Routes below a prefix that is not known: the registration, why, and the mounts.
    let mut astray: Vec<(&Route, String, Vec<Evidence>)> = Vec::new();
    let mut known: BTreeSet<Evidence> = BTreeSet::new();
    let mut ways = Ways::of(graph);
    let mut detached_routes: Vec<&Route> = Vec::new();
    // Facts of each registration.
    let mut stated_at: BTreeMap<Evidence, usize> = BTreeMap::new();
    for route in &graph.routes {
        let reached = ways.to(route.router);
        if reached.is_cut {
            open.push(astray_in_ways(route, &ways, &reached));
        } else if reached.chains.is_empty() {
            detached_routes.push(route);
        }
        for Chain { prefix, mounts, .. } in &reached.chains {
            match joined(graph, route, prefix) {
                Ok((paths, base)) => {
                    known.insert(route.evidence[0].clone());
                    for path in paths {
                        let count = stated_at.entry(route.evidence[0].clone()).or_default();
                        *count += 1;
                        if *count > MAX_REGISTERED_FACTS {
                            open.push(unfolded(route));
                            continue;
                        }
                        let mut fact = fact(graph, route, &path, mounts);
                        if let Some(base) = &base {
                            fact.status = FactStatus::Inferred;
                            fact = fact.with("rule", BASE_PATH).with("base", base.as_str());
                        }
                        if stated.insert((fact.key.clone(), fact.evidence.clone())) {
                            found.facts.push(fact);
                        }
                    }
                }
                Err(reason) => astray.push((route, reason, mounts.clone())),
            }
        }
    }
    // A router that is reached one way and made another time for nobody is resolved.
    detached_routes.retain(|route| !known.contains(&route.evidence[0]));
    let inferred = inferred::of_detached(sources.corpus, graph, &detached_routes);
    let at: BTreeSet<usize> = inferred.iter().map(|(at, _)| *at).collect();
    let rest = detached_routes.iter().enumerate().filter(|(place, _)| !at.contains(place));
    open.extend(rest.map(|(_, route)| detached(graph, route)));
    found.facts.extend(inferred.into_iter().map(|(_, fact)| fact));
    for (route, reason, mounts) in astray {
        let (reason, evidence) = match mounts.as_slice() {
            // One way to it is known: the other ways are one thing to know, however many routes there are.
            [_, ..] if known.contains(&route.evidence[0]) => {
                (format!("routes are also served under a prefix that is not known, because {reason}"), mounts)
            }
            _ => {
                let evidence = route.evidence.iter().chain(&mounts).cloned().collect();
                (format!("{} route: the path is not known, because {reason}", route.method), evidence)
            }
        };
        let unresolved = Unresolved::new(FactKind::Endpoint, reason, evidence);
        open.push(match &route.path {
            PathText::Known(own) => unresolved.named(What::Route, format!("{} {own}", route.method)),
            PathText::Below { .. } | PathText::Unknown(_) => unresolved,
        });
    }
    for loose in &graph.loose {
        let evidence = vec![loose.evidence.clone()];
        let unresolved = Unresolved::new(FactKind::Endpoint, loose.reason.clone(), evidence);
        open.push(unresolved);
    }
    let mut seen = BTreeSet::new();
    open.retain(|one| seen.insert((one.reason.clone(), one.evidence.clone())));
    found.unresolved.append(&mut open);
    read.into_iter().for_each(|read| found.merge(read));
    openapi::join(sources, &mut found);
    let silent = unseen::applications(sources.corpus, &found);
    found.unresolved.extend(silent);
    found.unresolved.extend(unseen::of_others(sources.corpus));
    found
}

/// A route whose router is reached in more ways than are followed: said once for all routes that are reached in some.
fn astray_in_ways(route: &Route, ways: &Ways<'_>, reached: &Reached) -> Unresolved {
    let place = &route.evidence[0];
    let (reason, evidence) = if reached.chains.is_empty() {
        let reason = "route: its path is not known, because its router is reached in more ways than are followed";
        (format!("{} {reason}", route.method), place)
    } else {
        let reason = "routes are served under more prefixes than are followed; the others are not stated";
        (reason.to_owned(), ways.places(route.router).next().unwrap_or(place))
    };
    Unresolved::new(FactKind::Endpoint, reason, vec![evidence.clone()])
}

/// A registration that is reached in more ways than are stated.
fn unfolded(route: &Route) -> Unresolved {
    let reason = format!(
        "{} route: it is served at more than {MAX_REGISTERED_FACTS} paths; the others are not stated",
        route.method
    );
    Unresolved::new(FactKind::Endpoint, reason, vec![route.evidence[0].clone()])
}

/// The paths of a route below a prefix, and the setting that they are stated without.
fn joined(graph: &Graph, route: &Route, prefix: &PathText) -> Result<(Vec<String>, Option<String>), String> {
    let framework = graph.routers[route.router].framework;
    let called = |path: &str| {
        let rooted = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        (framework.as_called)(&rooted)
    };
    match prefix.and(&route.path, |prefix, own| framework.join.join(prefix, own)) {
        PathText::Known(path) => Ok((called(&path), None)),
        PathText::Below { base, path } => Ok((called(&path), Some(base))),
        PathText::Unknown(why) => Err(why.to_string()),
    }
}

fn fact(graph: &Graph, route: &Route, path: &str, mounts: &[Evidence]) -> Fact {
    let mut evidence = route.evidence.clone();
    for mount in mounts {
        if !evidence.contains(mount) {
            evidence.push(mount.clone());
        }
    }
    let first = evidence[0].clone();
    let guard = if route.guarded { "found" } else { "unknown" };
    let mut fact = Fact::evidenced(FactKind::Endpoint, format!("{} {path}", route.method), first)
        .with("framework", graph.routers[route.router].framework.name)
        .with("guard", guard);
    if let Some(handler) = &route.handler {
        fact = fact.with("handler", handler.as_str());
    }
    fact.evidence = evidence;
    fact
}

fn detached(graph: &Graph, route: &Route) -> Unresolved {
    let shown = match &route.path {
        PathText::Known(path) | PathText::Below { path, .. } => path.clone(),
        PathText::Unknown(_) => "a computed path".to_owned(),
    };
    let framework = graph.routers[route.router].framework.name;
    let reason =
        format!("{} {shown}: its {framework} router is not seen to be mounted in an application", route.method);
    let name = format!("{} {shown}", route.method);
    Unresolved::new(FactKind::Endpoint, reason, route.evidence.clone()).named(What::Route, name)
}
