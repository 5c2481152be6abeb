//! The stopper's side.

use super::{StopTheWorld, record::Straggler};
use core::ptr;
use kit_core::{
    sync::{
        backoff::Backoff,
        parking::{Finalizing, Unattached},
    },
    thread::{breaker, core::ThreadCore, registry::Threads, status::Status},
};

/// How long the stopper sleeps before it looks again for threads that detached, in nanoseconds.
const RESCAN_AFTER: u64 = 1_000_000;

impl StopTheWorld {
    /// # Safety
    ///
    /// - As [`World::stop_raw`](kit_core::backend::world::World::stop_raw).
    pub(super) unsafe fn request(&self, me: Option<&ThreadCore>) -> Result<(), Finalizing> {
        match me {
            Some(me) => {
                // SAFETY: the calling thread's own, at a safepoint.
                let mut blocker = unsafe { me.blocker(&self.lot) };
                self.turn.lock(&self.lot, &mut blocker)?;
                // After the wait, which ends with an attach. Who waits for what we have reserved would never
                // come to a safepoint.
                // SAFETY: the same.
                unsafe { me.suspend_sections() };
            }
            None => self.turn.lock(&self.lot, &mut Unattached)?,
        }
        let platform = self.lot.platform();
        let mut waiting = self.record.request(platform);
        self.registry
            .with(&self.lot, |threads| threads.set_stop_requested(true));
        let mut backoff = Backoff::new(self.lot.spin_policy());
        while self.registry.with(&self.lot, |threads| scan(threads, me)) != 0 {
            // A thread in the interpreter's loop comes to a safepoint within microseconds.
            while self.registry.waiting_for() != 0 {
                if !backoff.pause(platform) {
                    let deadline = platform.now().saturating_add(RESCAN_AFTER);
                    self.registry.wait_for_others(&self.lot, deadline);
                    break;
                }
            }
            waiting.check(&self.record, platform, |tell| {
                self.registry
                    .with(&self.lot, |threads| stragglers(threads, me, tell));
            });
        }
        self.record.stopped(platform, &waiting);
        Ok(())
    }

    /// # Safety
    ///
    /// - As [`World::start_raw`](kit_core::backend::world::World::start_raw).
    pub(super) unsafe fn restart(&self, me: Option<&ThreadCore>) {
        self.registry.with(&self.lot, |threads| {
            threads.set_stop_requested(false);
            for thread in threads.iter().filter(|thread| !is(me, thread)) {
                // For those that detached instead of coming to a safepoint.
                thread.breaker.take(breaker::STOP);
                // SAFETY: suspended by this stop, which is over.
                unsafe { thread.status.resume(&self.lot) };
            }
        });
        self.crew.dismiss(&self.lot);
        self.record.started(self.lot.platform());
    }
}

/// Calls `tell` with each thread that still runs.
fn stragglers(threads: &mut Threads<'_>, me: Option<&ThreadCore>, tell: &mut dyn FnMut(Straggler)) {
    for thread in threads.iter().filter(|thread| !is(me, thread)) {
        let status = thread.status.get();
        if !status.is_stopped() && status != Status::Detached {
            tell(Straggler {
                slot: thread.slot(),
                status,
                asked: thread.breaker.peek() & breaker::STOP != 0,
            });
        }
    }
}

/// Suspends who is outside, flags who is inside; returns how many of these there are.
fn scan(threads: &mut Threads<'_>, me: Option<&ThreadCore>) -> u32 {
    let mut running = 0;
    for thread in threads.iter().filter(|thread| !is(me, thread)) {
        // SAFETY: under the registry's lock; `restart` resumes it.
        if thread.status.get().is_stopped() || unsafe { thread.status.try_suspend() } {
            continue;
        }
        thread.breaker.raise(breaker::STOP);
        running += 1;
    }
    threads.expect(running);
    running
}

fn is(me: Option<&ThreadCore>, thread: &ThreadCore) -> bool {
    me.is_some_and(|me| ptr::eq(me, thread))
}
