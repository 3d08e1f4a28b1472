//! What GitHub sends: signatures, events and lists of repositories. No network, no database, no HTTP framework here.

pub mod event;
pub mod listing;
pub mod signature;
