//! Bytes in, facts out. No clock, network, database or environment here; nothing of the analyzed
//! repository is ever executed.

pub mod corpus;
pub(crate) mod document;
pub mod evidence;
pub mod extract;
pub mod fact;
pub mod file;
mod syntax;
mod trace;
