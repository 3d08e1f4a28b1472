//! Bytes in, facts out. No clock, network, database or environment here; nothing of the analyzed
//! repository is ever executed.

mod budget;
pub mod extract;
pub mod fact;
mod fit;
pub mod judge;
mod lang;
mod lazy;
pub mod page;
mod publish;
mod syntax;
mod trace;
pub mod tree;
pub mod verify;

use crate::judge::claims::claim::Claim;
use ci_feed_dossier::policy::Policy;
use ci_feed_dossier::v1::Analyzer;
use fact::{Fact, Unresolved};
use judge::claims;
use judge::coverage::{self, Coverage};
use judge::developers;
use judge::findings::{self, Finding};
use judge::merge;
use judge::metrics::{self, Metrics};
use judge::policy;
use judge::unknowns::{self, Unknown};
pub use publish::publish;
use tree::deal;
use tree::language::count;
use tree::progress::Progress;
use tree::walk::Tree;

/// This analyzer. Its rules digest is the SHA-256, as hex, over the version and all sources of the packages that make
/// facts: a drift between dossiers with different digests may be a drift of rules.
pub fn identity() -> Analyzer {
    Analyzer {
        name: "ci-feed".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules_digest: env!("CI_FEED_RULES_DIGEST").to_owned(),
    }
}

/// Everything that one tree says; [`publish`] makes the dossier of it.
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
    pub(crate) policy: Option<Policy>,
}

/// Analyze a tree that was read.
pub fn analyze(tree: &Tree, progress: &Progress) -> Analysis {
    let corpus = &tree.corpus;
    let beside = || (count::count(corpus), unknowns::look(corpus));
    let (mut found, (languages, unknowns)) = deal::both(|| extract::run(corpus, progress), beside);
    found.merge(extract::language::extract(corpus, &languages));
    let (facts, unresolved) = merge::merge(found, &developers::compose_files(corpus));
    let claims = claims::check(corpus, &facts, &unresolved);
    let findings = findings::find(corpus, &facts, &claims);
    let metrics = metrics::measure(&facts, &unresolved, &claims, &unknowns);
    let policy = policy::read(corpus);
    let coverage = coverage::of(tree, &languages);
    Analysis { tree_id: tree.id.clone(), coverage, facts, unresolved, claims, unknowns, findings, metrics, policy }
}

/// The same with every program parsed. What did not parse is told of the files that are parsed without being told to:
/// of the others no rule wants to know anything.
pub fn analyze_thoroughly(tree: &mut Tree, progress: &Progress) -> Analysis {
    let coverage = analyze(tree, progress).coverage;
    tree.corpus.parse_everything();
    Analysis { coverage, ..analyze(tree, progress) }
}
