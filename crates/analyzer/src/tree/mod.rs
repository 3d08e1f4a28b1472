//! The files of one commit: how they are listed and read, what kind each is, and where facts are looked for in them.

pub(crate) mod aside;
pub(crate) mod classify;
pub mod corpus;
pub(crate) mod deal;
pub(crate) mod document;
pub mod file;
pub(crate) mod ignore_file;
pub(crate) mod language;
pub(crate) mod path;
pub mod progress;
mod reach;
pub mod walk;
