//! How much one reading of a file or program may do. The same on every machine: steps, levels and bytes, never a clock.

use std::cell::Cell;
use std::rc::Rc;

/// Longer than any path, host, name or list of them in one text.
pub(crate) const MAX_TEXT_BYTES: usize = 16 << 10;
/// More than any list of names, routers or paths.
pub(crate) const MAX_ITEMS: usize = 20_000;
/// Nodes of a syntax tree inside each other that are looked into: what people write is far from it.
pub(crate) const MAX_SYNTAX_DEPTH: usize = 200;
/// Steps of one value that is made of others: lines that double each other reach it, programs do not.
const VALUE_STEPS: usize = 10_000;

/// What a reading starts with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    steps: usize,
    levels: usize,
}

/// Steps that are left of all, whichever level takes them, and levels inside each other.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    steps: Rc<Cell<usize>>,
    levels: usize,
}

impl Limits {
    /// So many steps, and so many levels inside each other.
    pub(crate) const fn new(steps: usize, levels: usize) -> Self {
        Self { steps, levels }
    }

    /// The steps of one value, and so many levels inside the first one.
    pub(crate) const fn nested(levels: usize) -> Self {
        Self::new(VALUE_STEPS, levels + 1)
    }

    /// Nothing is spent yet.
    pub(crate) fn start(self) -> Budget {
        Budget { steps: Rc::new(Cell::new(self.steps)), levels: self.levels }
    }
}

impl Budget {
    /// What is left one step and one level further inside; `None` where there is none.
    pub(crate) fn deeper(&self) -> Option<Self> {
        let mut inside = self.clone();
        inside.enter().then_some(inside)
    }

    /// Spend a step and a level; `false` where there is none left. Each `true` is paid back by [`Self::leave`].
    pub(crate) fn enter(&mut self) -> bool {
        let is_left = self.steps.get() > 0 && self.levels > 0;
        if is_left {
            self.steps.set(self.steps.get() - 1);
            self.levels -= 1;
        }
        is_left
    }

    /// Leave a level; its step stays spent.
    pub(crate) fn leave(&mut self) {
        self.levels += 1;
    }
}

/// A text that was put together of others, unless it has grown beyond what a text of a program is.
pub(crate) fn short(text: String) -> Option<String> {
    (text.len() <= MAX_TEXT_BYTES).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::Limits;

    #[test]
    fn a_level_comes_back_and_a_step_does_not() {
        let mut budget = Limits::new(3, 2).start();
        assert!(budget.enter() && budget.enter() && !budget.enter());
        budget.leave();
        assert!(budget.enter());
        budget.leave();
        assert!(!budget.enter());
        assert!(Limits::nested(0).start().deeper().is_some_and(|inside| inside.deeper().is_none()));
    }

    #[test]
    fn all_levels_share_the_steps() {
        let budget = Limits::new(2, 9).start();
        assert!(budget.deeper().is_some() && budget.deeper().is_some() && budget.deeper().is_none());
    }
}
