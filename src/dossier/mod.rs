//! The dossier as published: its JSON, the files made from it, and how they are written.

pub(crate) mod canonical;
pub mod drift;
pub(crate) mod files;
pub(crate) mod link;
pub(crate) mod load;
pub mod markdown;
mod publish;
pub(crate) mod rules;
pub(crate) mod sarif;
pub(crate) mod summary;
pub mod v1;
pub(crate) mod verify;

pub use files::{Manifest, ManifestEntry, write};
pub use load::{LoadError, load};
