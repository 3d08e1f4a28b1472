//! Many items dealt out to a pool of threads, and the rule that keeps it from standing still: a thread of the pool
//! never waits for the pool. What a job deals out itself is done in place, so that a job waits for nothing but cells
//! whose initialisers run on one thread; whoever waits for the pool holds up nobody in it.

#![expect(clippy::disallowed_methods, reason = "the one place that deals out")]

use std::sync::{Condvar, LazyLock, Mutex, PoisonError};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Walks over syntax trees are bounded by the depth of a tree, not by the two megabytes that a thread has by default.
const WALK_STACK_BYTES: usize = 8 << 20;

/// One for the process; without it (no thread could be started) everything is done in place.
static POOL: LazyLock<Option<ThreadPool>> =
    LazyLock::new(|| ThreadPoolBuilder::new().stack_size(WALK_STACK_BYTES).build().ok());

/// Whether this thread belongs to the pool.
pub(crate) fn is_inside() -> bool {
    rayon::current_thread_index().is_some()
}

/// The pool, for a thread that may wait for it.
fn pool(items: usize) -> Option<&'static ThreadPool> {
    if items < 2 || is_inside() { None } else { POOL.as_ref() }
}

/// What `work` makes of each item, in their order; the items go out one by one.
pub(crate) fn map<T: Send, R: Send>(items: impl IntoIterator<Item = T>, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    let items: Vec<T> = items.into_iter().collect();
    match pool(items.len()) {
        Some(pool) => pool.install(|| items.into_par_iter().with_max_len(1).map(work).collect()),
        None => items.into_iter().map(work).collect(),
    }
}

/// The items that are wanted, in their order; for questions that are answered quickly.
pub(crate) fn filter<T: Send>(
    items: impl IntoIterator<Item = T>,
    is_wanted: impl Fn(&T) -> bool + Send + Sync,
) -> Vec<T> {
    let items: Vec<T> = items.into_iter().collect();
    match pool(items.len()) {
        Some(pool) => pool.install(|| items.into_par_iter().filter(is_wanted).collect()),
        None => items.into_iter().filter(is_wanted).collect(),
    }
}

/// Two things side by side, on threads that may wait for the pool.
pub(crate) fn both<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|threads| {
        let one = threads.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
    })
}

/// Threads with deep stacks that run, and who waits for one of them to end.
static DEEP: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// What `work` makes on a thread with so deep a stack; an error is its panic. A stack counts whole against the limit of
/// address space, so where there is no room for one more it waits until another has ended: what is found must not depend
/// on who came first.
///
/// # Panics
/// When not even one such thread can be started: a dossier without what it would have read would be silent about it.
pub(crate) fn deep<R: Send>(stack_bytes: usize, work: impl FnOnce() -> R + Send) -> std::thread::Result<R> {
    debug_assert!(!is_inside(), "a thread of the pool would wait for one that may wait for the pool");
    let work = Mutex::new(Some(work));
    // A thread that cannot be started takes what it was given with it.
    let run = || {
        let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
        work.expect("of all that were tried one thread started")()
    };
    let (running, ended) = &DEEP;
    std::thread::scope(|threads| {
        let mut count = running.lock().unwrap_or_else(PoisonError::into_inner);
        let thread = loop {
            match std::thread::Builder::new().stack_size(stack_bytes).spawn_scoped(threads, run) {
                Ok(thread) => break thread,
                Err(error) if *count == 0 => panic!("a thread with a stack of {stack_bytes} bytes: {error}"),
                Err(_) => count = ended.wait(count).unwrap_or_else(PoisonError::into_inner),
            }
        };
        *count += 1;
        drop(count);
        let result = thread.join();
        *running.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ended.notify_all();
        result
    })
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::*;

    #[test]
    fn the_order_is_that_of_the_items() {
        assert_eq!(map(0..1_000, |number| number * 2), (0..1_000).map(|number| number * 2).collect::<Vec<_>>());
        assert_eq!(filter(0..1_000, |number| number % 7 == 0), (0..1_000).step_by(7).collect::<Vec<_>>());
    }

    #[test]
    fn a_job_that_deals_out_does_it_in_place_and_in_a_cell_that_others_wait_for() {
        let (cell, here) = (OnceLock::new(), std::thread::current().id());
        let jobs = map(0..200, |number: usize| {
            let inner = || map(0..50, |_| std::thread::current().id());
            let threads = cell.get_or_init(inner);
            (number, inner().iter().all(|id| *id == std::thread::current().id()), threads.len())
        });
        assert!(jobs.iter().all(|(_, is_in_place, threads)| *is_in_place && *threads == 50));
        assert!(!is_inside() && here == std::thread::current().id());
    }
}
