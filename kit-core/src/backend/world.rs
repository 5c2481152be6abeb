//! Stopping the world, as the rest of the kit sees it.
//!
//! While the world is stopped exactly one thread runs inside the runtime: the one that holds [`Stopped`].
//! It may look at and change any thread's state and any object. It may not run user code, free objects
//! through their destructors, wait for a lock (only try), or attach and detach.

use crate::{
    sync::parking::{Finalizing, ParkingLot},
    thread::{Ctx, core::ThreadCore, registry::Registry},
};
use core::{fmt, marker::PhantomData, ptr};

/// One runtime's threads, and the means to stop them.
///
/// # Safety
///
/// - From where `stop_raw` succeeds until `start_raw`, no registered thread but the caller's is attached.
pub unsafe trait World: Send + Sync {
    /// Where this runtime's threads sleep.
    fn lot(&self) -> &ParkingLot;

    /// This runtime's threads.
    fn registry(&self) -> &Registry;

    /// Stops every other thread. `me` is the calling thread; `None` for a thread outside the
    /// runtime. If another stop is on, waits for it, detached. Use [`Stopped`], which
    /// starts the world again by itself.
    ///
    /// # Errors
    ///
    /// The calling thread was shut out while it waited.
    ///
    /// # Safety
    ///
    /// - `me` is the calling thread's, attached, at a safepoint.
    unsafe fn stop_raw(&self, me: Option<&ThreadCore>) -> Result<(), Finalizing>;

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
    ///
    /// # Safety
    ///
    /// - `me` is the calling thread's, attached, at a safepoint.
    unsafe fn pause(&self, me: &ThreadCore) -> Result<(), Finalizing>;
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
    /// Stops the other threads of `world`, for the thread of the context; see [`World::stop_raw`].
    ///
    /// # Errors
    ///
    /// The calling thread was shut out while it waited.
    pub fn stop(world: &'w dyn World, ctx: &'w Ctx) -> Result<Self, Finalizing> {
        // SAFETY: a context is used by its thread alone, attached; safe code holds nothing over a safepoint that it has not counted.
        unsafe { Self::stop_as(world, &ctx.thread().core) }
    }

    /// Stops `world` from outside: for a thread that is not attached there. One that is waits for itself, for ever.
    ///
    /// # Errors
    ///
    /// None: nobody shuts out who is outside.
    pub fn stop_from_outside(world: &'w dyn World) -> Result<Self, Finalizing> {
        // SAFETY: there is no core to be another's.
        unsafe { Self::stop_raw(world, None) }
    }

    /// [`stop`](Self::stop) for a thread without a context.
    ///
    /// # Errors
    ///
    /// The calling thread was shut out while it waited.
    ///
    /// # Safety
    ///
    /// - `me` is the calling thread's, attached, at a safepoint.
    pub unsafe fn stop_as(world: &'w dyn World, me: &'w ThreadCore) -> Result<Self, Finalizing> {
        // SAFETY: as the caller says.
        unsafe { Self::stop_raw(world, Some(me)) }
    }

    unsafe fn stop_raw(
        world: &'w dyn World,
        me: Option<&'w ThreadCore>,
    ) -> Result<Self, Finalizing> {
        // SAFETY: as the caller says.
        unsafe { world.stop_raw(me)? };
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
