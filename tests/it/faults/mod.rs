//! The fault plan of `docs/reliability.md`: hurt the real binary, restart it, tick until nothing waits, and hold every
//! invariant (`support/invariants.rs`) against what is left. One file a group.

// The binary under test is built with the same features as this crate: see the dev-dependencies in Cargo.toml.
#[cfg(not(feature = "failpoints"))]
compile_error!("the fault tests need the feature `failpoints`, which the dev-dependency on ci-feed itself switches on");

mod clients;
mod connections;
mod database;
mod disk;
mod duplicates;
mod freeze;
mod http;
mod kill;
mod limiter;
mod memory;
mod model;
mod objects;
mod parallel;
mod poison;
mod postgres;
mod readers;
mod reference;
mod rig;
