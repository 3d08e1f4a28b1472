//! How much a program may unfold to. Lines that double a text, a list or a group of routes make 2^n of it; so what is put
//! together counts as steps, and each file that is run has a share of them, whatever the others take. The same on
//! every machine: no clock, no memory that is free by chance.

use std::cell::RefCell;

use super::machine::Machine;
use super::value::Value;
use super::why::Why;

/// Evaluated nodes of one program; a large application needs some hundred thousand.
const MAX_STEPS: u64 = 6_000_000;
/// Of these what one file may take that is run for itself, with all that it loads and calls.
const FILE_STEPS: u64 = MAX_STEPS / 3;
/// Routers, mounts and routes that one such file may add.
const FILE_REGISTRATIONS: usize = 40_000;
/// Longer than any path, host or list of them in one text.
pub(super) const MAX_TEXT_BYTES: usize = 16 << 10;
/// More than any list of routers or paths.
const MAX_ITEMS: usize = 20_000;
/// Bytes and items that are copied in the time of one step.
const COPIED_PER_STEP: usize = 16;

/// What is left of the shares.
#[derive(Debug)]
pub(super) struct Shares {
    steps: u64,
    max_steps: u64,
    max_registrations: usize,
    /// Whether a list of the file was cut.
    is_cut: bool,
}

impl Default for Shares {
    fn default() -> Self {
        Self { steps: 0, max_steps: FILE_STEPS, max_registrations: FILE_REGISTRATIONS, is_cut: false }
    }
}

impl Machine<'_> {
    /// Do something for one file within a share of its own. What did not fit is said.
    pub(super) fn within_share<T>(&mut self, path: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.shares.max_steps = MAX_STEPS.min(self.shares.steps + FILE_STEPS);
        self.shares.max_registrations = self.graph.registrations() + FILE_REGISTRATIONS;
        self.shares.is_cut = false;
        let made = work(self);
        if self.shares.is_cut || !self.is_within_share() {
            let evidence = self.evidence(path, 1, 1);
            self.loose(
                "what this file runs unfolds to more than is followed: routes that it registers may be missing",
                evidence,
            );
        }
        made
    }

    /// Count a step; false when the share is spent.
    pub(super) fn step(&mut self) -> bool {
        self.shares.steps += 1;
        self.is_within_share()
    }

    fn is_within_share(&self) -> bool {
        self.shares.steps < self.shares.max_steps && self.graph.registrations() < self.shares.max_registrations
    }

    fn copy(&mut self, count: usize) {
        self.shares.steps += u64::try_from(count / COPIED_PER_STEP).unwrap_or(u64::MAX);
    }

    /// A text put together from others.
    pub(super) fn combined(&mut self, text: String) -> Value {
        self.copy(text.len());
        if text.len() > MAX_TEXT_BYTES { Value::unknown(Why::TooLarge) } else { Value::text(text) }
    }

    /// A list put together from others.
    pub(super) fn list_of(&mut self, items: Vec<Value>) -> Value {
        self.copy(items.len());
        if items.len() > MAX_ITEMS { Value::unknown(Why::TooLarge) } else { Value::array(items) }
    }

    /// More items for a list.
    pub(super) fn extend(&mut self, list: &RefCell<Vec<Value>>, more: Vec<Value>) {
        self.copy(more.len());
        let mut list = list.borrow_mut();
        let room = MAX_ITEMS.saturating_sub(list.len());
        self.shares.is_cut |= more.len() > room;
        list.extend(more.into_iter().take(room));
    }
}
