//! Bytes in, facts out. No clock, network, database or environment here; nothing of the analyzed
//! repository is ever executed.

pub(crate) mod claims;
pub(crate) mod classify;
pub mod corpus;
pub(crate) mod coverage;
pub(crate) mod deal;
pub(crate) mod document;
pub mod evidence;
pub mod extract;
pub mod fact;
pub mod file;
pub mod findings;
pub(crate) mod inflect;
pub(crate) mod jvm;
pub(crate) mod language;
pub(crate) mod merge;
pub(crate) mod metrics;
mod php;
pub mod progress;
mod syntax;
mod trace;
pub(crate) mod unknowns;
pub mod walk;

use claims::Claim;
use coverage::Coverage;
use fact::{Fact, Unresolved};
use findings::Finding;
use metrics::Metrics;
use progress::Progress;
use unknowns::Unknown;
use walk::Tree;

/// Everything that one tree says; `dossier::v1` publishes it.
#[derive(Debug)]
pub struct Analysis {
    pub(crate) tree_id: Option<String>,
    pub(crate) coverage: Coverage,
    pub(crate) facts: Vec<Fact>,
    pub(crate) unresolved: Vec<Unresolved>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) unknowns: Vec<Unknown>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) metrics: Metrics,
}

/// Analyze a tree that was read.
pub fn analyze(tree: &Tree, progress: &Progress) -> Analysis {
    let corpus = &tree.corpus;
    let beside = || (language::count(corpus), unknowns::look(corpus));
    let (mut found, (languages, unknowns)) = deal::both(|| extract::run(corpus, progress), beside);
    found.merge(extract::language::extract(corpus, &languages));
    let (facts, unresolved) = merge::merge(found);
    let claims = claims::check(corpus, &facts, &unresolved);
    let findings = findings::find(corpus, &facts, &claims);
    let metrics = metrics::measure(&facts, &unresolved, &claims, &unknowns);
    let coverage = coverage::of(tree, &languages);
    Analysis { tree_id: tree.id.clone(), coverage, facts, unresolved, claims, unknowns, findings, metrics }
}

/// The same with every program parsed. What did not parse is told of the files that are parsed without being told to:
/// of the others no rule wants to know anything.
pub(crate) fn analyze_thoroughly(tree: &mut Tree, progress: &Progress) -> Analysis {
    let coverage = analyze(tree, progress).coverage;
    tree.corpus.parse_everything();
    Analysis { coverage, ..analyze(tree, progress) }
}
