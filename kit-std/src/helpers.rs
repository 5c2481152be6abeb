//! Threads that help the collector while the world is stopped.
//!
//! They start with the first collection that wants them, sleep between collections, and belong to no runtime thread:
//! they never attach, and touch objects only during a stop.

use crate::platform::native;
use crate::thread::current;
use kit_core::backend::collector::Helpers;
use kit_core::object::TypeTable;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;

/// The helpers of one runtime, which lives as long as they do.
pub(crate) struct Pool(Arc<Shared>);

struct Shared {
    types: &'static TypeTable,
    /// Workers of a collection, the collecting thread included.
    workers: AtomicUsize,
    state: Mutex<State>,
    /// Work is there.
    start: Condvar,
    /// A helper is done.
    done: Condvar,
}

#[derive(Default)]
struct State {
    threads: usize,
    /// What is to be done, as long as there is any point in beginning with it.
    work: Option<Work>,
    /// Counts the calls of [`Pool::run`], so that nobody does the same work twice.
    round: u64,
    running: usize,
}

/// A borrow of the collector's: whoever calls it is counted in `running`, for which [`Pool::run`] waits.
#[derive(Clone, Copy)]
struct Work(*const (dyn Fn(usize) + Sync));

// SAFETY: what it leads to is `Sync`, and there while it is called.
unsafe impl Send for Work {}

impl Pool {
    pub(crate) fn new(types: &'static TypeTable) -> Self {
        Self(Arc::new(Shared {
            types,
            workers: AtomicUsize::new(usual()),
            state: Mutex::default(),
            start: Condvar::new(),
            done: Condvar::new(),
        }))
    }

    /// Keeps the helpers still while nobody collects. In the child of a fork, where they are gone, others start when they
    /// are wanted: see [`Still::forget`].
    pub(crate) fn keep_still(&self) -> Still<'_> {
        Still(self.0.lock())
    }

    pub(crate) fn set_workers(&self, workers: usize) {
        self.0.workers.store(workers.max(1), Relaxed);
    }
}

/// The helpers sleep, or are about to.
pub(crate) struct Still<'a>(MutexGuard<'a, State>);

impl Still<'_> {
    /// There are no helpers any more.
    pub(crate) fn forget(&mut self) {
        self.0.threads = 0;
        self.0.running = 0;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Starts the threads that are missing, as far as the system lets us.
    fn grow(self: &Arc<Self>, state: &mut State, workers: usize) {
        while state.threads + 1 < workers {
            let number = state.threads + 1;
            let shared = Arc::clone(self);
            if native::start(native::STACK, move || shared.help(number)).is_err() {
                break;
            }
            state.threads = number;
        }
    }

    fn help(&self, number: usize) {
        current::look_into(self.types);
        let mut seen = 0;
        let mut state = self.lock();
        loop {
            let wanted = number < self.workers.load(Relaxed) && state.round != seen;
            let Some(Work(work)) = state.work.filter(|_| wanted) else {
                state = (self.start.wait(state)).unwrap_or_else(|e| e.into_inner());
                continue;
            };
            seen = state.round;
            state.running += 1;
            drop(state);
            // SAFETY: `run` waits for us, because we are running.
            let work = || unsafe { (*work)(number) };
            // No phase panics, and if it did the collector would wait for ever.
            if panic::catch_unwind(AssertUnwindSafe(work)).is_err() {
                std::process::abort();
            }
            state = self.lock();
            state.running -= 1;
            if state.running == 0 {
                self.done.notify_all();
            }
        }
    }
}

impl Helpers for Pool {
    fn workers(&self) -> usize {
        self.0.workers.load(Relaxed)
    }

    fn run(&self, work: &(dyn Fn(usize) + Sync)) {
        let erased: *const (dyn Fn(usize) + Sync + '_) = work;
        // SAFETY: only the lifetime changes; nobody calls it any more when this function returns.
        let erased = Work(unsafe {
            std::mem::transmute::<
                *const (dyn Fn(usize) + Sync + '_),
                *const (dyn Fn(usize) + Sync + 'static),
            >(erased)
        });
        let shared = &self.0;
        let mut state = shared.lock();
        shared.grow(&mut state, self.workers());
        state.work = Some(erased);
        state.round += 1;
        drop(state);
        shared.start.notify_all();
        work(0);
        let mut state = shared.lock();
        state.work = None;
        while state.running != 0 {
            state = (shared.done.wait(state)).unwrap_or_else(|e| e.into_inner());
        }
    }
}

/// How many workers there are unless somebody says otherwise: more gain little, and others want to run as well.
fn usual() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().min(4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    fn pool(workers: usize) -> Pool {
        // SAFETY: no entries, and nobody looks.
        let types = Box::leak(Box::new(unsafe {
            TypeTable::new(Box::leak(Box::new([0u8; 64])).as_mut_ptr().cast(), 1, 1)
        }));
        let pool = Pool::new(types);
        pool.set_workers(workers);
        pool
    }

    #[test]
    fn each_worker_is_called_once_and_waited_for() {
        let pool = pool(3);
        for _ in 0..200 {
            let (barrier, calls) = (Barrier::new(3), Mutex::new(Vec::new()));
            pool.run(&|number| {
                // All three are here at the same time.
                barrier.wait();
                calls.lock().unwrap().push(number);
            });
            let mut calls = calls.into_inner().unwrap();
            calls.sort_unstable();
            assert_eq!(calls, [0, 1, 2]);
        }
    }

    #[test]
    fn who_comes_late_is_not_waited_for() {
        let pool = pool(4);
        for round in 0..500 {
            let calls = Mutex::new(0);
            pool.run(&|_| *calls.lock().unwrap() += 1);
            assert!((1..=4).contains(&calls.into_inner().unwrap()), "{round}");
        }
        pool.set_workers(1);
        let calls = Mutex::new(0);
        pool.run(&|number| *calls.lock().unwrap() += number + 1);
        assert_eq!(calls.into_inner().unwrap(), 1);
    }
}
