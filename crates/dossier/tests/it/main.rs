//! The dossier: what is made of it and how two of them differ. Every dossier stands in memory; no analyzer runs.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report, in its helpers too")]

mod drift;
mod export;
mod files;
mod pull;
mod sarif;
mod sarif_schema;
mod support;
