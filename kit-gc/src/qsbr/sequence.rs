//! The clock: advancing it after an unlink, and finding out how far every reader has come.

use super::Qsbr;
use kit_core::{
    backend::grace_slot::{OFFLINE, STEP, Sequence, is_before},
    sync::atomic::{
        Ordering::{Acquire, Relaxed, Release, SeqCst},
        fence,
    },
};

impl Qsbr {
    /// A goal that is reached once every reader has reported after this call. Call it after the unlink.
    #[must_use]
    pub fn advance(&self) -> Sequence {
        // Release, paired with `GraceSlot::quiescent` and `online`: who reports the new sequence sees the
        // unlink. So does who reports a later one, because later advances continue our release sequence.
        self.clock.now.fetch_add(STEP, Release).wrapping_add(STEP)
    }

    /// Whether `goal` is known to be reached, without looking at the readers.
    #[inline]
    #[must_use]
    pub fn is_reached(&self, goal: Sequence) -> bool {
        // Acquire, paired with `poll`'s update: the readers' accesses happen before this.
        !is_before(self.reached.load(Acquire), goal)
    }

    /// Whether `goal` is reached. Looks at every reader if need be; the caller need not be one.
    #[must_use]
    pub fn poll(&self, goal: Sequence) -> bool {
        self.is_reached(goal) || self.poll_slow(goal)
    }

    #[cold]
    fn poll_slow(&self, goal: Sequence) -> bool {
        // Relaxed: the fence makes it an acquire, paired with `advance`.
        let mut least = self.clock.now.load(Relaxed);
        // SeqCst, paired with the fence in `GraceSlot::online`: a reader whose slot still looks offline
        // below reads after this fence, and sees every unlink up to `least`.
        fence(SeqCst);
        for slot in self.slots.iter() {
            // Acquire, paired with `quiescent` and `offline`: the reader's accesses happen before the free.
            let seen = slot.seq.load(Acquire);
            if seen != OFFLINE && is_before(seen, least) {
                least = seen;
            }
        }
        let mut known = self.reached.load(Relaxed);
        while is_before(known, least) {
            // Release, paired with `is_reached`, which through us sees what earlier polls found, too: their release
            // sequence goes on. Relaxed on failure: `is_reached` below looks again.
            match self
                .reached
                .compare_exchange_weak(known, least, Release, Relaxed)
            {
                Ok(_) => return !is_before(least, goal),
                Err(now) => known = now,
            }
        }
        self.is_reached(goal)
    }
}
