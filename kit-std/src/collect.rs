//! When a runtime collects cycles, and what a thread does that finds memory short.

use crate::runtime::{Runtime, sleep_for_ever};
use crate::thread::variables::with;
use core::ptr;
use kit_core::backend::collector::{Cause, Collected, Collector, NotCollected};
use kit_core::sync::native::{AtomicU16, Ordering::Relaxed};
use kit_core::thread::Ctx;
use kit_gc::cycle::{Audit, CycleCollector};
use kit_gc::trigger::Due;

/// Free memory that a collection leaves with the heap, at least.
const TRIM_MIN: usize = 16 << 20;

/// Milliseconds to wait for another thread that frees memory: longer, and it may be waiting for this one.
const PATIENCE: u32 = 100;

/// In nanoseconds.
const MILLISECOND: u64 = 1_000_000;

impl Runtime {
    /// The cycle collector.
    pub fn collector(&self) -> &CycleCollector {
        &self.collector
    }

    /// How many threads mark in a collection of a large heap, the one that collects included. At first as many as there are
    /// cores, at most four.
    pub fn set_collector_threads(&self, threads: usize) {
        self.helpers.set_workers(threads);
    }

    /// Collects. Language code may run. A thread that is shut out meanwhile does not come back.
    ///
    /// # Errors
    /// Another collection is running, or there is no memory for this one.
    pub fn collect_for(&self, ctx: &mut Ctx, cause: Cause) -> Result<Collected, NotCollected> {
        let _within = Within::enter(self);
        let collected = self.collector.collect_for(ctx, cause);
        self.stay_out(collected)
    }

    /// Compares the counts of all objects with the references there are. A thread that is shut out meanwhile does not come
    /// back.
    ///
    /// # Errors
    /// There is no memory for tables.
    pub fn audit(&self, ctx: &mut Ctx) -> Result<Audit, NotCollected> {
        let audit = self.collector.audit(ctx);
        self.stay_out(audit)
    }

    /// Takes over what the thread has allocated, and collects if that makes a collection due, or if the heap
    /// has come near its limit: then also where automatic collections are off, since allocations would fail next.
    /// Language code may run.
    pub fn collect_if_due(&self, ctx: &mut Ctx) {
        let trigger = self.collector.trigger();
        let pressed = self.heap.is_pressed();
        trigger.count(&ctx.thread().allocated, false);
        let due = trigger.due(self.heap.bytes());
        let cause = due.map(|due| match due {
            Due::Young => Cause::Young,
            Due::Full => Cause::Due,
        });
        if pressed {
            self.relieve(ctx);
        } else if let Some(cause) = cause {
            // Busy or without memory, the collection comes another time.
            let _ = self.collect_for(ctx, cause);
        }
        // Most of the memory is free: there was a peak, and a collection is rare enough to look for it.
        let totals = self.heap.totals();
        if cause == Some(Cause::Due) && totals.free > TRIM_MIN.max(totals.bytes) {
            self.trim(ctx);
        }
    }

    /// Passes on what a collection came to, unless the thread was shut out.
    fn stay_out<T>(&self, result: Result<T, NotCollected>) -> Result<T, NotCollected> {
        match result {
            Err(NotCollected::Finalizing) => sleep_for_ever(self.platform()),
            other => other,
        }
    }

    /// Frees what can be freed since the heap is near its limit; or lets the thread that does so come to an end,
    /// before this one has taken what is left.
    fn relieve(&self, ctx: &mut Ctx) {
        if Within::is_in(self) {
            // A finalizer or a callback: nobody frees anything before it returns.
            return;
        }
        let me = ctx.thread().core.slot();
        for _ in 0..PATIENCE {
            // Relaxed, here and below: this only says who waits.
            match self.relieving.compare_exchange(0, me, Relaxed, Relaxed) {
                Ok(_) => {
                    let _turn = Turn(&self.relieving);
                    let collected = self.collect_for(ctx, Cause::Due);
                    if !matches!(collected, Err(NotCollected::Busy)) {
                        ctx.drain();
                        // What was freed is of use for anything at once.
                        self.trim(ctx);
                        self.heap.relieve();
                        return;
                    }
                }
                // What died with the collection above, and is being taken apart.
                Err(other) if other == me => return,
                Err(_) => {}
            }
            self.detached(ctx, || {
                let (platform, end) = (self.platform(), self.platform().now() + MILLISECOND);
                while platform.now() < end {
                    platform.park(Some(end));
                }
            });
            if !self.heap.is_pressed() {
                return;
            }
        }
    }
}

/// A thread's turn to free memory, until it is dropped.
struct Turn<'a>(&'a AtomicU16);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(0, Relaxed);
    }
}

/// The thread collects. What it ran before that goes on afterwards.
struct Within(*const Runtime);

impl Within {
    fn enter(runtime: &Runtime) -> Within {
        Within(with(|variables| variables.collecting.replace(runtime)))
    }

    /// Whether the thread collects for this runtime.
    fn is_in(runtime: &Runtime) -> bool {
        ptr::eq(with(|variables| variables.collecting.get()), runtime)
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        with(|variables| variables.collecting.set(self.0));
    }
}
