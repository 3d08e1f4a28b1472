//! Everything the product promises, through its public surface. One binary, so that the library is linked once.

mod analyzer_syntax;
mod api;
#[path = "../browser/mod.rs"]
mod browser;
mod config;
mod fetch;
mod migrations;
mod store_contract;
mod support;
mod tick;
mod webhook;
