//! Follows a program's values from its first line on, as far as routers, paths and ports go, without
//! running any of it: every branch is taken, every import is followed when its value is needed, and what
//! is not plain becomes unknown. Bounded by steps, not by time.

#![warn(clippy::too_many_lines)]

mod array;
mod base;
mod bounds;
mod builtin;
pub(crate) mod call;
mod class;
mod collection;
mod condition;
pub(crate) mod decorate;
mod define;
mod dispatch;
mod evaluate;
mod folder;
pub(crate) mod framework;
pub(crate) mod go;
mod go_builtin;
pub(crate) mod graph;
pub(crate) mod invoke;
mod items;
pub(crate) mod join;
pub(crate) mod machine;
mod member;
mod module;
mod outline;
pub(crate) mod run;
mod rust_macro;
mod settings;
mod shares;
mod text;
pub(crate) mod value;
pub(crate) mod why;
