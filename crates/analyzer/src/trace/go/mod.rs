//! What is Go's own when a program is followed: literals and zero values of types, fields and methods through
//! embedding, several results, and values that are taken from a type when nothing else is known of them.

mod deployment;
mod literal;
mod member;
mod out_arguments;
mod runs;
mod tuples;
mod typed;

pub(crate) use deployment::is_deployment;

/// Structs inside structs that are looked through.
const MAX_EMBEDDED: usize = 8;
