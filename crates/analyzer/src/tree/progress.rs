//! How far the analysis is, for a person at a terminal or for the worker that supervises it.
//! Throttled by count, never by a clock.

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many times one stage reports at most.
const REPORTS: usize = 20;

/// Where progress goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProgressMode {
    /// Nowhere.
    #[default]
    Silent,
    /// One line on standard error that rewrites itself.
    Terminal,
    /// Lines `progress <stage> <done> <total>` on standard output.
    Lines,
}

/// Counts finished items of one stage after the other.
#[derive(Debug, Default)]
pub struct Progress {
    mode: ProgressMode,
    done: AtomicUsize,
    stage: Mutex<Stage>,
}

#[derive(Debug, Default)]
struct Stage {
    name: &'static str,
    total: usize,
    reported: usize,
}

impl Progress {
    /// Progress that goes where `mode` says.
    pub fn new(mode: ProgressMode) -> Self {
        Self { mode, ..Self::default() }
    }

    /// Start a stage of `total` items.
    pub(crate) fn begin(&self, name: &'static str, total: usize) {
        self.done.store(0, Ordering::Relaxed);
        if let Ok(mut stage) = self.stage.lock() {
            *stage = Stage { name, total, reported: 0 };
        }
    }

    /// One item of the stage is done.
    pub(crate) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.mode == ProgressMode::Silent {
            return;
        }
        let Ok(mut stage) = self.stage.lock() else { return };
        let due = done == stage.total || done >= stage.reported + stage.total.div_ceil(REPORTS);
        if due && done > stage.reported {
            stage.reported = done;
            self.report(&stage, done);
        }
    }

    /// Take the terminal's line away again.
    pub fn finish(&self) {
        if self.mode == ProgressMode::Terminal {
            drop(write!(std::io::stderr(), "\r\x1b[K"));
        }
    }

    /// A reader that went away is no reason to stop the analysis.
    fn report(&self, stage: &Stage, done: usize) {
        match self.mode {
            ProgressMode::Silent => {}
            ProgressMode::Terminal => {
                drop(write!(std::io::stderr(), "\r\x1b[K{} {done} of {}", stage.name, stage.total));
            }
            ProgressMode::Lines => {
                drop(writeln!(std::io::stdout(), "progress {} {done} {}", stage.name, stage.total));
            }
        }
    }
}
