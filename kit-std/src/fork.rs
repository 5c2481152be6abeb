//! Forking a process in which threads of a runtime run.
//!
//! The child has one thread. Everything that the others were using is as they left it, so they are made to leave it in order
//! first: the world is stopped, and locks that a thread outside may hold are taken.
//!
//! ```text
//!             nobody collects ─ nobody counts threads ─ stop ─ no thread is being made ─ no helpers started
//!                               ─ list of threads locked ─ queues of sleepers locked
//!  fork ──┬── parent: all of that backwards
//!         └── child:  sleepers forgotten ─ the list unlocked
//!                     merge queues processed ─ the others' ways out gone for them ─ grace slots free
//!                     one thread, no helpers ─ start
//! ```
//!
//! | what the others had | in the child |
//! |---|---|
//! | objects on merge queues and lists of the dying | merged, and taken apart by the thread that forked |
//! | references counted per thread | waiting for the next collection, as after an exit |
//! | pages of the heap | abandoned: whoever needs pages takes them over |
//! | memory waiting for a grace period | orphaned; freed when the period is over |
//! | a slot, a grace slot | free |
//! | references on the data stack, and in native functions | lost: what they refer to stays |
//! | locks of the program ([`sync`](crate::sync)) | stay as they were; nobody is left to release them |
//! | a collection | was waited for |
//!
//! # Locks that are nobody's here
//!
//! The C library sees to its own locks, its allocator's among them. Those of Rust's standard library that another thread holds
//! at that moment stay held: of its standard streams, of what it keeps about [threads it
//! started](crate::platform::native), of a panic that is just being printed. A child starts its threads by
//! [`platform::native`](crate::platform::native), and writes to descriptors.

use crate::runtime::Runtime;
use kit_core::backend::retire::{RetireLimits, RetireQueue};
use kit_core::backend::world::{Stopped, World};
use kit_core::thread::{Ctx, Thread};
use std::io;
#[cfg(feature = "gc")]
use std::{
    sync::atomic::Ordering::Relaxed,
    thread,
    time::{Duration, Instant},
};

/// How long a fork waits for another thread's collection, whose finalizers may wait for anything.
#[cfg(feature = "gc")]
const PATIENCE: Duration = Duration::from_secs(60);

/// Which of the two processes this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forked {
    /// The one that forked; the other has this number.
    Parent(i32),
    /// The new one.
    Child,
}

impl Runtime {
    /// Forks. In the child the calling thread is the only one; the runtime goes on there as if the others had left, except for
    /// what they alone could have given back.
    ///
    /// Two calls are for an embedder's own part, both with the others stopped. `hold` comes first, and takes what threads that are not
    /// attached may be holding for a moment ([`CodeSpace::hold`](kit_core::code::CodeSpace::hold) is for who runs images of code); that is
    /// dropped in both processes, before the others go on. `inherit` is called in the child, where the others' records and
    /// stacks are still as they left them, for the last time.
    /// Neither runs language code, nor waits for a thread that would have to attach.
    ///
    /// # Errors
    /// The system's; and [`WouldBlock`](io::ErrorKind::WouldBlock) if another thread's collection does not come to an end.
    ///
    /// # Safety
    /// - Nothing that the calling thread goes on to use in the child was lent to it by a thread other than the process's first:
    ///   the others' native stacks are reused there.
    /// - The child uses no other runtime in which there were threads: nobody has stopped them.
    pub unsafe fn fork<H>(
        &'static self,
        ctx: &mut Ctx,
        hold: impl FnOnce() -> H,
        inherit: impl FnOnce(&Ctx, &Stopped<'_>, &H),
    ) -> io::Result<Forked> {
        #[cfg(feature = "gc")]
        let deadline = Instant::now() + PATIENCE;
        #[cfg(feature = "gc")]
        let held_off = self.collector.hold_off(ctx, |ctx| {
            self.detached(ctx, || thread::sleep(Duration::from_millis(1)));
            Instant::now() < deadline
        });
        #[cfg(feature = "gc")]
        let held_off = held_off.ok_or(io::ErrorKind::WouldBlock)?;
        let lot = self.lot();
        // Who counts itself in may hold this while it stops the world, so it is waited for outside.
        let mut population = self.detached(ctx, || self.population.lock(lot));
        let stopped = self.stop_others(ctx);
        let held = hold();
        // These two are held for a moment each, by threads that do not wait for the world.
        let births = self.births.lock(lot);
        #[cfg(feature = "gc")]
        let mut still = self.helpers.keep_still();
        let mut pid = 0;
        let mut error = None;
        self.stop.registry().with(lot, |_| {
            // SAFETY: the C library's function, of which the child may use everything: it has no other threads to wait
            // for. All locks that threads of this runtime may hold while they are stopped or outside are ours.
            let mut fork = || unsafe {
                pid = libc::fork();
                error = (pid < 0).then(io::Error::last_os_error);
                pid == 0
            };
            // SAFETY: true in the child only.
            unsafe { lot.fork(&mut fork) }
        });
        if pid == 0 {
            #[cfg(feature = "gc")]
            still.forget();
            // Nobody else can have been alone, as this thread was there.
            population.count = 1;
            inherit(ctx, &stopped, &held);
            // SAFETY: in the child, still stopped.
            unsafe { self.inherit(&stopped, ctx) };
        }
        #[cfg(feature = "gc")]
        drop(still);
        drop((births, held, stopped, population));
        #[cfg(feature = "gc")]
        drop(held_off);
        match (pid, error) {
            (_, Some(error)) => Err(error),
            (0, None) => {
                // What the others had put aside to be taken apart.
                ctx.drain();
                self.notice_solitude(ctx);
                Ok(Forked::Child)
            }
            (pid, None) => Ok(Forked::Parent(pid)),
        }
    }

    /// Takes over what the other threads had.
    ///
    /// # Safety
    /// - The others are gone: this is the child of a fork, made while the world was stopped, as it still is.
    unsafe fn inherit(&self, stopped: &Stopped<'_>, ctx: &Ctx) {
        let me = ctx.thread();
        let mut gone: Vec<*mut Thread> = Vec::new();
        stopped.for_each_thread(|core| {
            if !std::ptr::eq(core, &me.core) {
                gone.push(std::ptr::from_ref(core).cast_mut().cast());
            }
        });
        // SAFETY: stopped by this thread; all objects come from the heap, which nobody walks.
        unsafe { self.services.merge.process_stopped(stopped, self.heap, me) };
        let limits = RetireLimits::default();
        for thread in gone {
            // SAFETY: a core is the first field of its thread's record, which `attach_with` made in a box; nobody is left
            // who would give it back. The queues were processed; a thread that has left keeps nothing retired.
            unsafe {
                (*thread).bequeath(me);
                let retired = (*thread).take_retired(RetireQueue::new(self.memory(), limits));
                if let Some(mut left) = self.orphans.adopt(retired, self.grace, self.platform()) {
                    // Nobody reads without counting: the world is stopped, and this thread is at a safepoint.
                    while let Some(batch) = left.take_any() {
                        batch.release_with(|item| me.release_retired(item));
                    }
                }
                (self.stop.registry()).unregister(&(*thread).core, self.lot());
                drop(Box::from_raw(thread));
            }
        }
        #[cfg(feature = "gc")]
        self.collector.forget_others();
        let mine = me.core.grace_slot();
        // SAFETY: the only thread; its slot lives as long as the runtime.
        unsafe { self.grace.after_fork(mine.map(|slot| slot.as_ref())) };
        // Relaxed: nobody else is there. Our own turn goes on.
        #[cfg(feature = "gc")]
        if self.relieving.load(Relaxed) != me.slot() {
            self.relieving.store(0, Relaxed);
        }
    }
}
