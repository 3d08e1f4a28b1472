//! What is kept, and for how long.

use std::time::Duration;

/// Which settled runs are kept. The latest success of each branch and pull request always is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// So many of the newest runs of each branch and pull request; `None`: any number.
    pub runs_per_ref: Option<i64>,
    /// Those younger than this; `None`: of any age.
    pub age: Option<Duration>,
}
