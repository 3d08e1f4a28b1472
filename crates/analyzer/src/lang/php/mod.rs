//! A small evaluator of PHP: enough to follow route files, service providers, configuration and migrations of a
//! framework from the text alone. It runs nothing of the tree: calls that it does not know give an unknown value,
//! and what a framework's calls mean is said by a [`machine::Host`]. Steps, depth and list lengths are bounded.

pub(crate) mod builtin;
pub(crate) mod call;
mod class;
mod config;
mod evaluate;
mod invoke;
pub(crate) mod machine;
mod place;
pub(crate) mod project;
mod statement;
pub(crate) mod text;
pub(crate) mod unit;
pub(crate) mod value;
