//! How many steps are left to a program and to each of its files.

use std::collections::BTreeMap;

/// Evaluated nodes of one program; a large application needs some hundred thousand.
pub(super) const MAX_STEPS: u64 = 6_000_000;
/// Of these what one file may take that is run for itself, with all that it loads and calls.
pub(super) const FILE_STEPS: u64 = MAX_STEPS / 3;
/// Kept beside them for the files with which programs begin, the same for each: what others take costs it nothing.
const KEPT_STEPS: u64 = MAX_STEPS;

/// What is left of the shares.
#[derive(Debug, Default)]
pub(super) struct Shares {
    pub(super) steps: u64,
    pub(super) max_steps: u64,
    /// What is kept for each file, and what is left of it.
    each: u64,
    pub(super) kept: BTreeMap<String, u64>,
    /// Whether a list of the file was cut.
    pub(super) is_cut: bool,
}

impl Shares {
    /// The shares of programs that begin with these files.
    pub(super) fn of(files: impl Iterator<Item = String>) -> Self {
        let mut kept: BTreeMap<String, u64> = files.map(|path| (path, 0)).collect();
        let each = KEPT_STEPS / u64::try_from(kept.len()).unwrap_or(u64::MAX).max(1);
        kept.values_mut().for_each(|left| *left = each);
        Self { max_steps: FILE_STEPS, each, kept, ..Self::default() }
    }

    /// Give a file what was kept for it once more.
    pub(super) fn renew(&mut self, path: &str) {
        self.kept.insert(path.to_owned(), self.each);
    }
}
