//! `ci-feed`: a live feed of evidence-bound static dossiers, one for each push.

pub mod analyzer;
pub mod model;
pub mod store;
