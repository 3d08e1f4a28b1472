//! How much one reading of a file or program may do. The same on every machine: steps and levels, never a clock.

/// Steps that are left of all, and levels inside each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    steps: usize,
    levels: usize,
}

impl Budget {
    /// So many steps, and so many levels inside each other.
    pub(crate) const fn new(steps: usize, levels: usize) -> Self {
        Self { steps, levels }
    }

    /// So many levels inside the first one, whatever steps they take.
    pub(crate) const fn nested(levels: usize) -> Self {
        Self::new(usize::MAX, levels + 1)
    }

    /// What is left one level further inside; `None` where there is none.
    pub(crate) fn deeper(self) -> Option<Self> {
        Some(Self { levels: self.levels.checked_sub(1)?, ..self })
    }

    /// Spend a step and a level; `false` where there is none left. Each `true` is paid back by [`Self::leave`].
    pub(crate) fn enter(&mut self) -> bool {
        let is_left = self.steps > 0 && self.levels > 0;
        if is_left {
            self.steps -= 1;
            self.levels -= 1;
        }
        is_left
    }

    /// Leave a level; its step stays spent.
    pub(crate) fn leave(&mut self) {
        self.levels += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn a_level_comes_back_and_a_step_does_not() {
        let mut budget = Budget::new(3, 2);
        assert!(budget.enter() && budget.enter() && !budget.enter());
        budget.leave();
        assert!(budget.enter());
        budget.leave();
        assert!(!budget.enter());
        assert!(Budget::nested(0).deeper().is_some_and(|inside| inside.deeper().is_none()));
    }
}
