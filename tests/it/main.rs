//! Everything the product promises, through its public surface. One binary, so that the library is linked once.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report, in its helpers too")]

mod analyze;
mod api;
mod attacks;
mod backfill;
mod branches;
#[path = "../browser/mod.rs"]
mod browser;
mod cache;
mod check;
mod config;
mod copy;
mod day;
mod deletion;
mod demo;
mod diagnosis;
mod docs;
mod dossiers;
mod drift;
mod facts;
mod faults;
mod fetch;
mod hostile;
mod housekeeping;
mod mcp;
mod migrations;
mod objects;
mod openapi;
mod outbox;
mod plans;
mod privacy;
mod reconcile;
mod release;
mod repositories;
mod rules;
mod sandbox;
mod session;
mod store_contract;
mod structure;
mod support;
mod tick;
mod transport;
mod trend;
mod turns;
mod verify;
mod webhook;
