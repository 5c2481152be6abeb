//! The clock: advancing it after an unlink, and finding out how far every reader has come.

use super::Qsbr;
use kit_core::{
    backend::grace_slot::{OFFLINE, STEP, Sequence, WINDOW, is_before},
    sync::atomic::{
        Ordering::{Acquire, Relaxed, Release, SeqCst},
        fence,
    },
};

impl Qsbr {
    /// A goal that is reached once every reader has reported after this call. Call it after the unlink.
    ///
    /// When the slowest reader is a [`WINDOW`] behind, the clock stands still, and the goal is the next time that it
    /// will show: [`poll`](Self::poll) advances it when there is room. Writing the clock as it was is what
    /// makes that sound: the advance to come continues the release sequence.
    #[must_use]
    pub fn advance(&self) -> Sequence {
        let step = if self.has_room() || self.makes_room() {
            STEP
        } else {
            0
        };
        // Release, paired with `GraceSlot::quiescent` and `online`: who reports the new sequence sees the
        // unlink. So does who reports a later one, because later advances continue our release sequence.
        self.clock.now.fetch_add(step, Release).wrapping_add(STEP)
    }

    /// Whether the clock may go on. When several threads find so at once, it goes a step too far for each.
    fn has_room(&self) -> bool {
        // Relaxed: an old `reached` is only too careful, and our next look at the clock is not behind our last step.
        let reached = self.reached.load(Relaxed);
        is_before(self.clock.now.load(Relaxed), reached.wrapping_add(WINDOW))
    }

    #[cold]
    fn makes_room(&self) -> bool {
        let _ = self.poll_slow(self.clock.now.load(Relaxed));
        self.has_room()
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
        if is_before(least, goal) && self.has_room() {
            // A goal from when there was no room. Relaxed: we unlinked nothing, and go on with the release sequences
            // of those who did.
            least = self.clock.now.fetch_add(STEP, Relaxed).wrapping_add(STEP);
        }
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
