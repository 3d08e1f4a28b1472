//! The digest of everything that decides what is found: a drift of facts with another digest may be a drift of rules.

/// SHA-256 over the version and every file below `src/analyzer`, sources as well as queries, as hex: rules are
/// code as much as data. The build script computes it, so that a binary carries the digest of its own rules.
pub(crate) fn digest() -> String {
    env!("CI_FEED_RULES_DIGEST").to_owned()
}
