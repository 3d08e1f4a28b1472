//! The analyzer and the dossier: facts per fixture, claims as a table, the same bytes every time, and hostile input.

mod claims;
mod determinism;
mod facts;
mod hostile;
mod support;
