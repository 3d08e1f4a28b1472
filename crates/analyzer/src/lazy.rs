//! What is made once, when it is asked for.

use std::sync::{Mutex, OnceLock, PoisonError};

/// A value that is made when it is asked for, or taken over from another tree. One that was taken over counts as asked for only
/// when somebody asks: the coverage reports what was asked for.
#[derive(Debug)]
pub(crate) struct Lazy<T> {
    asked: OnceLock<T>,
    kept: Mutex<Option<T>>,
}

impl<T> Default for Lazy<T> {
    fn default() -> Self {
        Self { asked: OnceLock::new(), kept: Mutex::new(None) }
    }
}

impl<T> Lazy<T> {
    /// The value, made if it is neither here nor kept.
    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> T) -> &T {
        self.asked.get_or_init(|| {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
            kept.unwrap_or_else(make)
        })
    }

    /// The value, if somebody asked for it.
    pub(crate) fn asked(&self) -> Option<&T> {
        self.asked.get()
    }

    /// The same for another tree: nobody has asked yet.
    pub(crate) fn renewed(self, renew: impl FnOnce(T) -> T) -> Self {
        let kept = self.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        let made = self.asked.into_inner().or(kept);
        Self { asked: OnceLock::new(), kept: Mutex::new(made.map(renew)) }
    }
}
