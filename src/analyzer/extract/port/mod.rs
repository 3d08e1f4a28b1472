//! Ports.
pub(crate) mod listen;
