//! What GitHub sends: signatures and events. No network, no database, no HTTP framework here.

pub mod event;
pub mod signature;
