//! What GitHub sends: signatures, events and lists of repositories; and what is said there. No network, no database, no HTTP framework here.

pub mod event;
pub mod listing;
pub mod message;
pub mod signature;
