//! `ci-feed`: a live feed of evidence-bound static dossiers, one for each push.

pub mod analyzer;
pub mod cli;
pub mod dossier;
