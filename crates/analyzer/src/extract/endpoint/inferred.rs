//! Endpoints of the second tier: routes that were read and whose full path no line says, stated where a named rule makes
//! it likely. The rules are few; `docs/accuracy.md` has how often each is right. What no rule knows stays unresolved.

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::fact::FactStatus;

use super::{fact, joined, openapi};
use crate::fact::Fact;
use crate::trace::graph::{Graph, PathText, Route, RouterId};
use crate::tree::corpus::Corpus;

/// A document of the tree describes the route, below the one prefix that fits most routes of its router.
const DOCUMENT_DESCRIBES_IT: &str = "endpoint-described-by-document";
/// It stands in such a router beside at least two routes that documents describe, and is below the same prefix.
const BESIDE_DESCRIBED: &str = "endpoint-beside-described";
/// Routes whose prefix the others of their router share.
const MIN_DESCRIBED: usize = 2;

/// The same fact, known by a rule only.
fn by(rule: &'static str, fact: Fact) -> Fact {
    Fact { status: FactStatus::Inferred, ..fact }.with("rule", rule)
}

/// The index of a route in `detached`, the route, and its own paths.
type Own<'g> = (usize, &'g Route, Vec<String>);

/// The facts of routes whose mount was not found, each with the index of its route in `detached`.
pub(super) fn of_detached(corpus: &Corpus, graph: &Graph, detached: &[&Route]) -> Vec<(usize, Fact)> {
    let mut routers: BTreeMap<RouterId, Vec<usize>> = BTreeMap::new();
    for (at, route) in detached.iter().enumerate() {
        routers.entry(route.router).or_default().push(at);
    }
    if routers.is_empty() {
        return Vec::new();
    }
    let described = openapi::described(corpus);
    let mut out = Vec::new();
    for places in routers.into_values() {
        let own = |at: usize| Some((at, detached[at], joined(graph, detached[at], &PathText::empty()).ok()?.0));
        let routes: Vec<Own<'_>> = places.into_iter().filter_map(own).collect();
        let Some((prefix, count)) = fitting_prefix(&routes, &described) else { continue };
        for (at, route, paths) in routes {
            for path in paths {
                let path = if path == "/" && !prefix.is_empty() { prefix.clone() } else { format!("{prefix}{path}") };
                let rule = if described.contains(&openapi::shape(&format!("{} {path}", route.method))) {
                    DOCUMENT_DESCRIBES_IT
                } else if count >= MIN_DESCRIBED {
                    BESIDE_DESCRIBED
                } else {
                    continue;
                };
                out.push((at, by(rule, fact(graph, route, &path, &[]))));
            }
        }
    }
    out
}

/// The prefix under which documents describe at least half of a router's routes, where one fits more than all others; and
/// how many it fits.
fn fitting_prefix(routes: &[Own<'_>], described: &BTreeSet<String>) -> Option<(String, usize)> {
    let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut voters = 0;
    for (_, route, paths) in routes {
        let keys = paths.iter().map(|path| openapi::shape(&format!("{} {path}", route.method)));
        // A route of parameters only fits below every prefix.
        let keys: Vec<String> =
            keys.filter(|key| key.split('/').skip(1).any(|part| !part.is_empty() && !part.starts_with('{'))).collect();
        voters += usize::from(!keys.is_empty());
        let mut prefixes: BTreeSet<&str> = BTreeSet::new();
        for (method, own) in keys.iter().filter_map(|key| key.split_once(' ')) {
            let paths = described.iter().filter_map(|one| one.split_once(' ')).filter(|one| one.0 == method);
            // A parameter in it has a name that only the document says.
            prefixes
                .extend(paths.filter_map(|(_, path)| path.strip_suffix(own)).filter(|prefix| !prefix.contains('{')));
        }
        prefixes.into_iter().for_each(|prefix| *votes.entry(prefix).or_default() += 1);
    }
    let most = votes.values().copied().max()?;
    let mut best = votes.into_iter().filter(|(_, count)| *count == most).map(|(prefix, _)| prefix);
    let prefix = best.next().filter(|_| best.next().is_none() && most * 2 >= voters)?;
    Some((prefix.to_owned(), most))
}
