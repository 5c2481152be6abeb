//! The stopped thread's side.

use super::StopTheWorld;
use kit_core::{
    sync::parking::Finalizing,
    thread::{breaker, core::ThreadCore},
};

impl StopTheWorld {
    /// Suspends the calling thread while a stop is on.
    ///
    /// # Safety
    ///
    /// - As [`World::pause`](kit_core::backend::world::World::pause).
    pub(super) unsafe fn pause_here(&self, me: &ThreadCore) -> Result<(), Finalizing> {
        me.breaker.take(breaker::STOP);
        // In a stopped world nothing is reserved; `attach` takes the innermost section's locks again.
        // SAFETY: the calling thread's own, at a safepoint.
        unsafe { me.suspend_sections() };
        let suspended = self.registry.with(&self.lot, |threads| {
            // The bit may be left over from a stop that ended meanwhile.
            let stop = threads.stop_requested();
            if stop {
                // Not by way of DETACHED: the world must not go on while we are between the two.
                // SAFETY: the calling thread's own, which touches nothing until it attaches below.
                unsafe {
                    me.offline();
                    me.status.suspend_self();
                }
                threads.arrived();
            }
            stop
        });
        if suspended {
            self.crew
                .wait_as_guest(&self.lot, &mut || me.status.is_waiting());
            // SAFETY: the calling thread's own, and let go.
            unsafe { me.attach(&self.lot) }
        } else {
            // SAFETY: the calling thread's own, attached.
            unsafe { me.renew_sections() };
            Ok(())
        }
    }
}
