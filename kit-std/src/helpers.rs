//! Threads that help the collector while the world is stopped.
//!
//! Those that are stopped help themselves. Only where they are too few, as in a program with one thread, others are started: with the
//! first collection that wants them. These sleep between collections, and belong to no runtime thread: they never attach, and touch objects
//! only when they are given work.

use crate::port::Port;
use crate::sync::guarded::{Guard, Guarded};
use crate::thread::current;
use alloc::boxed::Box;
use kit_core::backend::collector::Helpers;
use kit_core::backend::world::World;
use kit_core::object::TypeTable;
use kit_core::sync::native::{AtomicUsize, Ordering::Relaxed};
use kit_gc::stop::StopTheWorld;

/// The helpers of one runtime, which lives as long as they do.
pub(crate) struct Pool {
    port: Port,
    stop: &'static StopTheWorld,
    types: &'static TypeTable,
    /// Workers of a collection, the collecting thread included.
    workers: AtomicUsize,
    /// Threads that were started.
    started: Guarded<usize>,
}

impl Pool {
    pub(crate) fn new(port: Port, stop: &'static StopTheWorld, types: &'static TypeTable) -> Self {
        Self {
            port,
            stop,
            types,
            workers: AtomicUsize::new((port.cores)().clamp(1, USUAL)),
            started: Guarded::new(0),
        }
    }

    /// Keeps helpers from being started. In the child of a fork, where they are gone, others are started when they
    /// are wanted: see [`Still::forget`].
    #[cfg(all(unix, feature = "std"))]
    pub(crate) fn keep_still(&self) -> Still<'_> {
        Still(self.lock(), self.stop)
    }

    pub(crate) fn set_workers(&self, workers: usize) {
        self.workers.store(workers.max(1), Relaxed);
    }

    fn lock(&self) -> Guard<'_, usize> {
        self.started.lock(self.stop.lot())
    }

    /// Starts the threads that are missing, as far as the system lets us.
    fn grow(&self, wanted: usize) {
        let mut started = self.lock();
        while *started < wanted {
            let (stop, types) = (self.stop, self.types);
            let help = move || {
                current::look_into(types);
                stop.lend_thread();
            };
            if (self.port.start)(Port::STACK, Box::new(help)).is_err() {
                break;
            }
            *started += 1;
        }
    }
}

/// Nobody starts helpers.
#[cfg(all(unix, feature = "std"))]
pub(crate) struct Still<'a>(Guard<'a, usize>, &'static StopTheWorld);

#[cfg(all(unix, feature = "std"))]
impl Still<'_> {
    /// There are no helpers any more.
    pub(crate) fn forget(&mut self) {
        *self.0 = 0;
        self.1.forget_crew();
    }
}

// SAFETY: as `run_together` promises.
unsafe impl Helpers for Pool {
    fn workers(&self) -> usize {
        self.workers.load(Relaxed)
    }

    unsafe fn run(&self, work: &(dyn Fn(usize) + Sync)) {
        let workers = self.workers();
        self.grow((workers - 1).saturating_sub(self.stop.idle_threads()));
        // SAFETY: as the caller says.
        unsafe { self.stop.run_together(workers, work) };
    }
}

/// The most workers unless somebody says otherwise: more gain little, and others want to run as well.
const USUAL: usize = 4;

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use std::sync::{Barrier, Mutex};

    fn pool(workers: usize) -> Pool {
        let port = Port::SYSTEM;
        // SAFETY: no entries, and nobody looks.
        let types = Box::leak(Box::new(unsafe {
            TypeTable::new(Box::leak(Box::new([0u8; 64])).as_mut_ptr().cast(), 1, 1)
        }));
        let stop = Box::leak(Box::new(StopTheWorld::new(port.platform, port.memory)));
        let pool = Pool::new(port, stop, types);
        pool.set_workers(workers);
        pool
    }

    fn run(pool: &Pool, work: &(dyn Fn(usize) + Sync)) {
        // SAFETY: the pool is one test's, which is one thread.
        unsafe { pool.run(work) };
    }

    #[test]
    fn each_worker_is_called_once_and_waited_for() {
        let pool = pool(3);
        for _ in 0..200 {
            let (barrier, calls) = (Barrier::new(3), Mutex::new(Vec::new()));
            run(&pool, &|number| {
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
            run(&pool, &|_| *calls.lock().unwrap() += 1);
            assert!((1..=4).contains(&calls.into_inner().unwrap()), "{round}");
        }
        pool.set_workers(1);
        let calls = Mutex::new(0);
        run(&pool, &|number| *calls.lock().unwrap() += number + 1);
        assert_eq!(calls.into_inner().unwrap(), 1);
    }
}
