//! What is known of Rust beyond its syntax.

pub(crate) mod attribute;
