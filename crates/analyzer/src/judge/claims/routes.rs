//! The endpoints of the tree, ready to be compared with.

use std::collections::BTreeMap;

use crate::fact::Fact;
use crate::fact::Unresolved;
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::{FactKind, FactStatus};

/// The endpoints of the tree, ready to be compared with.
pub(super) struct Endpoints<'c> {
    known: Vec<ServedRoute<'c>>,
    /// By their segments from the first one on.
    forwards: Node<'c>,
    /// By their segments from the last one on.
    backwards: Node<'c>,
    /// By their first segment and by their first two, where others follow.
    beginnings: BTreeMap<Vec<&'c str>, Vec<usize>>,
    /// Whether there may be routes that are not known.
    pub(super) open: bool,
}

pub(super) struct ServedRoute<'c> {
    pub(super) method: &'c str,
    pub(super) path: &'c str,
    pub(super) evidence: &'c Evidence,
}

impl<'c> Endpoints<'c> {
    pub(super) fn new(facts: &'c [Fact], unresolved: &[Unresolved]) -> Self {
        let endpoints = || facts.iter().filter(|fact| fact.kind == FactKind::Endpoint);
        // What a rule infers confirms no sentence and, as its path may be another one, refutes none.
        let is_inferred = |fact: &&Fact| fact.status == FactStatus::Inferred;
        let routes = endpoints().filter(|fact| !is_inferred(fact)).filter_map(|fact| {
            let (method, path) = fact.key.split_once(' ')?;
            Some(ServedRoute { method, path, evidence: fact.evidence.first()? })
        });
        let known: Vec<ServedRoute<'_>> = routes.collect();
        let open = unresolved.iter().any(|one| one.kind == FactKind::Endpoint)
            || endpoints().any(|fact| is_inferred(&fact))
            || known.iter().any(|route| route.path.contains('*'));
        let mut all = Self {
            known: Vec::new(),
            forwards: Node::default(),
            backwards: Node::default(),
            beginnings: BTreeMap::new(),
            open,
        };
        known.into_iter().for_each(|route| all.add(route));
        all
    }

    fn add(&mut self, route: ServedRoute<'c>) {
        let number = self.known.len();
        let segments = segments(route.path);
        match segments.split_last() {
            Some((last, fixed)) if last.contains('*') => self.forwards.below(fixed.iter().copied()).longer.push(number),
            _ => self.forwards.below(segments.iter().copied()).routes.push(number),
        }
        self.backwards.below(segments.iter().rev().copied());
        for shared in [1, 2] {
            if segments.len() > shared {
                self.beginnings.entry(segments[..shared].to_vec()).or_default().push(number);
            }
        }
        self.known.push(route);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The routes that a path is one of, in their order.
    pub(super) fn fitting(&self, path: &str) -> Vec<&ServedRoute<'c>> {
        let mut fitting = Vec::new();
        self.forwards.fitting(&segments(path), &mut fitting);
        fitting.sort_unstable();
        fitting.into_iter().map(|number| &self.known[number]).collect()
    }

    /// Whether a longer route ends with these segments.
    pub(super) fn has_longer(&self, segments: &[&str]) -> bool {
        let last_first: Vec<&str> = segments.iter().rev().copied().collect();
        self.backwards.goes_on_after(&last_first)
    }

    /// The longer routes that begin with these segments, of which there are at most two.
    pub(super) fn beginning_with(&self, segments: &[&str]) -> Vec<&ServedRoute<'c>> {
        let numbers = self.beginnings.get(segments).map(Vec::as_slice).unwrap_or_default();
        numbers.iter().map(|number| &self.known[*number]).collect()
    }
}

/// Routes by their segments, one to a level: a document may name as many paths as there are routes.
#[derive(Default)]
struct Node<'c> {
    /// Those that end here.
    routes: Vec<usize>,
    /// Those that go on with anything.
    longer: Vec<usize>,
    words: BTreeMap<&'c str, Node<'c>>,
    parameter: Option<Box<Node<'c>>>,
}

impl<'c> Node<'c> {
    fn below(&mut self, segments: impl Iterator<Item = &'c str>) -> &mut Self {
        segments.fold(self, |node, segment| {
            if is_parameter(segment) {
                node.parameter.get_or_insert_default()
            } else {
                node.words.entry(segment).or_default()
            }
        })
    }

    fn next(&self, segment: &str) -> impl Iterator<Item = &Self> {
        self.words.get(segment).into_iter().chain(self.parameter.as_deref())
    }

    fn fitting(&self, segments: &[&str], out: &mut Vec<usize>) {
        out.extend(&self.longer);
        match segments.split_first() {
            Some((first, rest)) => self.next(first).for_each(|node| node.fitting(rest, out)),
            None => out.extend(&self.routes),
        }
    }

    fn goes_on_after(&self, segments: &[&str]) -> bool {
        match segments.split_first() {
            Some((first, rest)) => self.next(first).any(|node| node.goes_on_after(rest)),
            None => !self.words.is_empty() || self.parameter.is_some(),
        }
    }
}

/// The parts of a path between its slashes.
pub(super) fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

/// Whether a segment stands for any other.
pub(super) fn is_parameter(part: &str) -> bool {
    part.starts_with([':', '{', '<', '[', '$']) || part.contains('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_match(wanted: &str, have: &str) -> bool {
        let mut endpoints = Endpoints::new(&[], &[]);
        let evidence = Evidence::of_file("a.rs", "");
        endpoints.add(ServedRoute { method: "GET", path: have, evidence: &evidence });
        endpoints.fitting(wanted).len() == 1
    }

    #[test]
    fn paths_match_with_their_parameters() {
        for (wanted, have) in [
            ("/a/:id", "/a/{slug}"),
            ("/a/{id}/b", "/a/{x}/b"),
            ("/a/7", "/a/{x}"),
            ("/a/b/", "/a/b"),
            ("/files/x/y", "/files/{path}*"),
        ] {
            assert!(is_match(wanted, have), "{wanted} {have}");
        }
        for (wanted, have) in [("/a/:id", "/a/b"), ("/a", "/a/{x}"), ("/a/b/c", "/a/{x}")] {
            assert!(!is_match(wanted, have), "{wanted} {have}");
        }
    }
}
