//! The stopped thread's side.

use super::StopTheWorld;
use kit_core::{
    sync::parking::Finalizing,
    thread::{breaker, core::ThreadCore},
};

impl StopTheWorld {
    /// Suspends the calling thread while a stop is on.
    pub(super) fn pause_here(&self, me: &ThreadCore) -> Result<(), Finalizing> {
        me.breaker.take(breaker::STOP);
        // In a stopped world nothing is reserved; `attach` takes the innermost section's locks again.
        me.suspend_sections();
        let suspended = self.registry.with(&self.lot, |threads| {
            // The bit may be left over from a stop that ended meanwhile.
            let stop = threads.stop_requested();
            if stop {
                // Not by way of DETACHED: the world must not go on while we are between the two.
                me.offline();
                me.status.suspend_self();
                threads.arrived();
            }
            stop
        });
        if suspended {
            self.crew
                .wait_as_guest(&self.lot, &mut || me.status.is_waiting());
            me.attach(&self.lot)
        } else {
            me.renew_sections();
            Ok(())
        }
    }
}
