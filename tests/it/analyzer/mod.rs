//! The analyzer and the dossier: facts per fixture, claims as a table, the same bytes every time, and hostile input.

mod claims;
mod determinism;
mod dotnet;
#[expect(clippy::unwrap_used, reason = "a helper that fails is a failing test")]
mod drift;
#[expect(clippy::unwrap_used, reason = "a helper that fails is a failing test")]
mod facts;
mod hostile;
#[expect(clippy::unwrap_used, reason = "a helper that fails is a failing test")]
mod hostile_files;
mod mutations;
#[expect(clippy::unwrap_used, reason = "a helper that fails is a failing test")]
mod program;
mod ruby;
mod sarif;
#[expect(clippy::unwrap_used, reason = "a helper that fails is a failing test")]
mod support;
mod unknowns;
#[expect(clippy::unwrap_used, reason = "a helper that fails is a failing test")]
mod verify;
