//! Bounds on what a git server may send. libgit2 inflates, allocates and resolves whatever a pack says, so everything is
//! looked at before libgit2 gets it: `answer` takes packets apart, `pack` the pack in them.

use super::failure;
use crate::model::Fault;

/// Limits of one fetch; all but the number of objects grow with `CI_MAX_REPO_BYTES`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes of the answer.
    pub(super) received: u64,
    pub(super) objects: u64,
    /// Bytes of one object.
    pub(super) object: u64,
    /// Bytes of everything that is inflated.
    pub(super) inflated: u64,
    /// Bytes that are written to resolve all deltas, each from the start of its chain.
    pub(super) delta_work: u64,
}

/// Far more than the files and folders that an analysis takes.
const MAX_OBJECTS: u64 = 1_000_000;

impl Bounds {
    pub(super) fn of(max_bytes: u64) -> Self {
        Self {
            received: max_bytes,
            objects: MAX_OBJECTS,
            object: max_bytes,
            inflated: max_bytes.saturating_mul(16),
            delta_work: max_bytes.saturating_mul(256),
        }
    }
}

/// Why no more is read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Excess {
    /// A bound was passed: of what there is too much.
    TooLarge(&'static str),
    /// It is not what git sends.
    Malformed(&'static str),
}

impl Excess {
    pub(super) fn failure(&self, max_bytes: u64) -> Fault {
        match self {
            Self::TooLarge(what) => failure::too_large(what, max_bytes),
            Self::Malformed(what) => failure::malformed(what),
        }
    }
}

pub(super) fn within(count: u64, bound: u64, what: &'static str) -> Result<(), Excess> {
    if count > bound { Err(Excess::TooLarge(what)) } else { Ok(()) }
}
