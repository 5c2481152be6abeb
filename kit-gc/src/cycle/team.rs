//! Who works on a phase: one thread, or several of them, each with shares of the pages.

use crate::share::WORKERS;
use kit_core::backend::collector::Helpers;

/// The threads that work on a phase.
#[derive(Clone, Copy)]
pub(super) struct Team<'a> {
    helpers: Option<&'a dyn Helpers>,
}

impl<'a> Team<'a> {
    /// The helpers, if there are any, and the running thread.
    pub(super) fn new(helpers: Option<&'a dyn Helpers>) -> Self {
        Self { helpers }
    }

    /// The running thread alone.
    pub(super) const ALONE: Team<'static> = Team { helpers: None };

    /// Who works on so many objects: few are done with before another thread wakes up.
    pub(super) fn for_objects(self, objects: usize) -> Self {
        if objects < FEW { Self::ALONE } else { self }
    }

    /// Whether there may be more than one.
    pub(super) fn is_shared(self) -> bool {
        self.helpers.is_some()
    }

    /// Calls `work` on each thread, with a number of its own below [`WORKERS`], and returns when all calls have.
    pub(super) fn run(self, work: &(dyn Fn(usize) + Sync)) {
        match self.helpers {
            Some(helpers) => {
                let work = |number| {
                    if number < WORKERS {
                        work(number);
                    }
                };
                // SAFETY: there is one collection at a time, and this thread's it is.
                unsafe { helpers.run(&work) }
            }
            None => work(0),
        }
    }
}

/// Lets the threads that help use what the first one has.
pub(super) struct Lent<T>(pub(super) T);

// SAFETY: see where it is made.
unsafe impl<T> Sync for Lent<T> {}

impl<T> Lent<T> {
    pub(super) fn get(&self) -> &T {
        &self.0
    }
}

/// So many objects take about as long as a thread needs to wake up. Tests have small heaps.
const FEW: usize = if cfg!(debug_assertions) {
    64
} else {
    16 * 1024
};
