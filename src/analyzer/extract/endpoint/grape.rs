//! Grape.

use crate::analyzer::corpus::Corpus;

pub(super) fn is_api(_: &Corpus, _: &str) -> bool {
    false
}
