//! What the analyzer finds, by kind of fact, and what holds for every tree. No server, database or process: trees are
//! fixtures or stand in the test.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report, in its helpers too")]

mod before_deploy;
mod claims;
mod drift;
mod endpoint;
mod env_var;
mod env_var_joined;
mod files;
mod findings;
mod fixtures;
mod hostile;
mod pages;
mod port;
mod same;
#[path = "../../../dossier/tests/it/sarif_schema.rs"]
mod sarif_schema;
mod support;
mod table;
mod unknowns;
mod walk;
