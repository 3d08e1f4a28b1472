//! What the extractors read: the files of a tree and the trace of its programs, which is made once, when first asked for.

use std::sync::OnceLock;

use super::frameworks;
use crate::trace::graph::Graph;
use crate::tree::corpus::Corpus;
use crate::tree::deal;

/// The files of a tree and the trace of its programs.
#[derive(Debug)]
pub struct Sources<'c> {
    pub(crate) corpus: &'c Corpus,
    trace: OnceLock<Graph>,
}

impl<'c> Sources<'c> {
    /// Nothing is traced yet.
    pub fn new(corpus: &'c Corpus) -> Self {
        Self { corpus, trace: OnceLock::new() }
    }

    /// Routers, routes and listening calls of all programs, traced once for every extractor. The trace waits for the
    /// pool, so nothing that runs in the pool may wait for it.
    pub(crate) fn trace(&self) -> &Graph {
        assert!(!deal::is_inside(), "a job of the pool waits for what waits for the pool");
        self.trace.get_or_init(|| frameworks::trace(self.corpus))
    }
}
