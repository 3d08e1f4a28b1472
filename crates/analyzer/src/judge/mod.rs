//! What the facts of a tree amount to: claims of its documentation, findings, unknowns, shares, coverage.

pub(crate) mod claims;
pub(crate) mod coverage;
pub(crate) mod developers;
mod documents;
pub mod findings;
mod mentions;
pub(crate) mod merge;
pub(crate) mod metrics;
pub(crate) mod policy;
pub(crate) mod unknowns;
