//! The dossier as published: its JSON, what changed between two of them, the files made from one, and how they are
//! written and read. Knows neither a parser nor git.

pub mod canonical;
pub mod drift;
pub mod evidence;
pub mod export;
pub mod fact;
mod files;
mod link;
pub mod load;
pub mod markdown;
pub mod policy;
pub mod rule_text;
mod sarif;
pub mod size;
mod summary;
pub mod v1;

pub use files::{Manifest, ManifestEntry, write};
pub use load::{LoadError, load};
