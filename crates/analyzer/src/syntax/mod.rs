//! Source text to syntax trees and from there to a small program model that all languages share.
//! Nothing here knows a framework: the rules of frameworks live in `extract/`.

mod bodies;
pub(crate) mod grammar;
pub(crate) mod literal;
pub(crate) mod lower;
pub(crate) mod node;
pub(crate) mod parse;
pub(crate) mod pieces;
pub(crate) mod prefilter;
pub(crate) mod program;
pub(crate) mod query;
pub(crate) mod tests_in_file;
