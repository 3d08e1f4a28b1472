//! `ci-feed`: a live feed of evidence-bound static dossiers, one for each push.

#![warn(clippy::too_many_lines)]

pub mod app;
pub mod artifacts;
pub mod cli;
pub mod config;
mod connections;
mod failpoint;
#[doc(hidden)]
pub mod fuzzing;
pub mod github;
pub mod http;
pub mod model;
pub mod store;
pub mod telemetry;
pub mod worker;
