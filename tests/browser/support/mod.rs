//! What the browser tests stand on: a browser that ends with its test, and a server with a repository to look at.

pub(super) mod axe;
pub(super) mod browser;
pub(super) mod driver;
pub(super) mod record;
pub(super) mod world;
