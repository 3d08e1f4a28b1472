//! The endpoints of the tree, ready to be compared with.

use crate::fact::Fact;
use crate::fact::Unresolved;
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::{FactKind, FactStatus};

/// The endpoints of the tree, ready to be compared with.
pub(super) struct Endpoints<'c> {
    pub(super) known: Vec<Route<'c>>,
    /// Whether there may be routes that are not known.
    pub(super) open: bool,
}

pub(super) struct Route<'c> {
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
            Some(Route { method, path, evidence: fact.evidence.first()? })
        });
        let known: Vec<Route<'_>> = routes.collect();
        let open = unresolved.iter().any(|one| one.kind == FactKind::Endpoint)
            || endpoints().any(|fact| is_inferred(&fact))
            || known.iter().any(|route| route.path.contains('*'));
        Self { known, open }
    }
}
