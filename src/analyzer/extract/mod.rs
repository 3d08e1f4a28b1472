//! One module for each kind of fact: the corpus in, what was found out.

pub mod endpoint;
pub mod env_var;
pub mod port;
