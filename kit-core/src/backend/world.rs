//! Stopping the world, as the rest of the kit sees it.
//!
//! While the world is stopped exactly one thread runs inside the runtime: the one that holds [`Stopped`].
//! It may look at and change any thread's state and any object. It may not run user code, free objects
//! through their destructors, wait for a lock (only try), or attach and detach.

use crate::{
    sync::parking::{Finalizing, ParkingLot},
    thread::{core::ThreadCore, registry::Registry},
};
use core::{fmt, marker::PhantomData, ptr};

/// One runtime's threads, and the means to stop them.
pub trait World: Send + Sync {
    /// Where this runtime's threads sleep.
    fn lot(&self) -> &ParkingLot;

    /// This runtime's threads.
    fn registry(&self) -> &Registry;

    /// Stops every other thread. `me` is the calling thread, attached; `None` for a thread outside the
    /// runtime. If another stop is on, waits for it, detached. Use [`Stopped::stop`], which
    /// starts the world again by itself.
    ///
    /// # Errors
    ///
    /// The calling thread was shut out while it waited.
    fn stop_raw(&self, me: Option<&ThreadCore>) -> Result<(), Finalizing>;

    /// Lets everybody go on.
    ///
    /// # Safety
    ///
    /// - The caller stopped the world, by `stop_raw(me)` with the same `me`, and did not start it since.
    unsafe fn start_raw(&self, me: Option<&ThreadCore>);

    /// What a thread does at a safepoint when its breaker has STOP: takes the bit down and, if a stop
    /// really is on, suspends itself until it is over.
    ///
    /// # Errors
    ///
    /// The thread was shut out, and is detached.
    fn pause(&self, me: &ThreadCore) -> Result<(), Finalizing>;
}

/// The proof that the world is stopped; starts it when dropped.
#[must_use]
pub struct Stopped<'w> {
    world: &'w dyn World,
    me: Option<&'w ThreadCore>,
    /// Stays on its thread.
    not_send: PhantomData<*const ()>,
}

impl fmt::Debug for Stopped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopped").finish_non_exhaustive()
    }
}

impl<'w> Stopped<'w> {
    /// Stops `world`; see [`World::stop_raw`].
    ///
    /// # Errors
    ///
    /// The calling thread was shut out while it waited.
    pub fn stop(world: &'w dyn World, me: Option<&'w ThreadCore>) -> Result<Self, Finalizing> {
        world.stop_raw(me)?;
        Ok(Self {
            world,
            me,
            not_send: PhantomData,
        })
    }

    /// The world that is stopped.
    pub fn world(&self) -> &'w dyn World {
        self.world
    }

    /// Calls `visit` for every registered thread, the caller's included. `visit` must not wait, and must
    /// not use the registry.
    pub fn for_each_thread(&self, mut visit: impl FnMut(&ThreadCore)) {
        self.world.registry().with(self.world.lot(), |threads| {
            threads.iter().for_each(&mut visit)
        });
    }

    /// Shuts out every other thread, and those that register later, for good.
    pub fn shut_out_others(&self) {
        let lot = self.world.lot();
        self.world.registry().with(lot, |threads| {
            threads.close();
            for thread in threads.iter() {
                if !self.me.is_some_and(|me| ptr::eq(me, thread)) {
                    thread.status.shut_down(lot);
                }
            }
        });
    }
}

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        // SAFETY: we stopped it, with the same `me`, and this is the only start.
        unsafe { self.world.start_raw(self.me) };
    }
}
