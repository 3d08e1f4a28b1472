//! How much a program may unfold to. Lines that double a text, a list or a group of routes make 2^n of it; so what is put
//! together counts as steps, and each file that is run has a share of them, whatever the others take. The same on
//! every machine: no clock, no memory that is free by chance.

use std::cell::RefCell;

use super::machine::Machine;
use super::shares::{FILE_STEPS, MAX_STEPS};
use super::value::Value;
use super::why::Why;
use crate::budget::{MAX_ITEMS, MAX_TEXT_BYTES};

/// The part of what is left that a call leaves to its caller: of calls twenty deep the innermost one still has a tenth.
const LEFT_BY_A_CALL: u64 = 8;
/// Steps that a router, a mount or a route counts as: it takes memory and is put together with others afterwards.
const REGISTRATION_STEPS: u64 = 50;
/// Bytes and items that are copied in the time of one step.
const COPIED_PER_STEP: usize = 16;

impl Machine<'_> {
    /// Do something for one file within a share of its own. What did not fit is said.
    pub(super) fn within_share<T>(&mut self, path: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.spent();
        let kept = self.shares.kept.get(path).copied().unwrap_or_default();
        self.shares.max_steps = MAX_STEPS.min(before + FILE_STEPS).max(before + kept);
        self.shares.is_cut = false;
        let made = work(self);
        let over = self.spent().saturating_sub(before.max(MAX_STEPS));
        self.shares.kept.entry(path.to_owned()).and_modify(|left| *left = left.saturating_sub(over));
        if self.shares.is_cut {
            let evidence = self.evidence(path, 1, 1);
            self.loose(
                "what this file runs unfolds to more than is followed: routes that it registers may be missing",
                evidence,
            );
        }
        made
    }

    /// Count a step; false when the share is spent.
    pub(crate) fn step(&mut self) -> bool {
        self.shares.steps += 1;
        let is_left = self.is_within_share();
        self.shares.is_cut |= !is_left;
        is_left
    }

    /// Do something that may take most of what is left, and not all of it: a call that unfolds without end leaves
    /// something to the lines below it.
    pub(super) fn within_most<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let all = self.shares.max_steps;
        let left = all.saturating_sub(self.spent());
        self.shares.max_steps = all - left / LEFT_BY_A_CALL;
        let made = work(self);
        self.shares.max_steps = all;
        made
    }

    fn is_within_share(&self) -> bool {
        self.spent() < self.shares.max_steps
    }

    fn spent(&self) -> u64 {
        let registrations = u64::try_from(self.graph.registrations()).unwrap_or(u64::MAX);
        self.shares.steps.saturating_add(registrations.saturating_mul(REGISTRATION_STEPS))
    }

    /// Count what is copied or looked through.
    pub(super) fn copy(&mut self, count: usize) {
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
