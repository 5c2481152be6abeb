//! One thread's part in a domain: its slot, and what it has retired.

use super::Domain;
use core::{fmt, mem};
use kit_core::backend::{
    grace_slot::GraceSlot,
    retire::{AfterRetire, RetireFull, RetireQueue, Retired},
};

/// How long a participant that is over its ceiling waits, in nanoseconds.
const PATIENCE: u64 = 5_000_000;

/// A thread that takes part, offline. It may be moved to another thread.
pub struct Participant<'d> {
    domain: &'d Domain,
    slot: &'d GraceSlot,
    queue: RetireQueue,
}

impl fmt::Debug for Participant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Participant")
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

impl<'d> Participant<'d> {
    pub(super) fn new(domain: &'d Domain, slot: &'d GraceSlot) -> Self {
        let queue = domain.queue();
        Self {
            domain,
            slot,
            queue,
        }
    }

    pub(super) fn slot(&self) -> &GraceSlot {
        self.slot
    }

    /// Begins to read. Costs a fence; so does not what follows.
    pub fn online(&mut self) -> Reader<'_, 'd> {
        // Left online if the last reader was forgotten.
        self.offline();
        self.slot.online(self.domain.grace.clock());
        Reader { participant: self }
    }

    fn offline(&self) {
        if self.slot.is_online() {
            self.slot.offline();
        }
    }
}

impl Drop for Participant<'_> {
    /// Leaves the domain. What is not due yet is left to the others.
    fn drop(&mut self) {
        let domain = self.domain;
        self.offline();
        // SAFETY: reserved by `register`, offline, and not used again.
        unsafe { domain.grace.release(self.slot) };
        let queue = mem::replace(&mut self.queue, domain.queue());
        let left = (domain.orphans).adopt(queue, &domain.grace, domain.platform);
        if let Some(left) = left {
            left.outlast(&domain.grace, domain.platform);
        }
        domain.collect();
    }
}

/// A thread that may read: what it holds is not dropped until it [reports](Self::quiescent), or this is dropped.
#[derive(Debug)]
pub struct Reader<'p, 'd> {
    participant: &'p mut Participant<'d>,
}

impl<'d> Reader<'_, 'd> {
    /// Reports that nothing is held that was read: one load, one store.
    #[inline(always)]
    pub fn quiescent(&mut self) {
        let Participant { domain, slot, .. } = *self.participant;
        slot.quiescent(domain.grace.clock());
    }

    /// Bytes that this participant has retired, and that are not dropped yet.
    pub fn held(&self) -> usize {
        self.participant.queue.bytes()
    }

    /// Reports, and drops what is due, of this participant and of those that left.
    pub fn collect(&mut self) {
        self.quiescent();
        let domain = self.participant.domain;
        while let Some(batch) = self.participant.queue.take_due(&domain.grace) {
            // Nothing is borrowed but the reader itself, which destructors cannot have.
            batch.release();
        }
        domain.collect();
    }

    /// The same, with what was retired only lately. Not everything is dropped: others must report first.
    pub fn flush(&mut self) {
        let Participant { domain, queue, .. } = &mut *self.participant;
        queue.seal(&domain.grace);
        self.collect();
    }

    pub(super) fn domain(&self) -> &'d Domain {
        self.participant.domain
    }

    /// Makes sure that [`retire`](Self::retire) finds room. False: others have not reported for too long, or there
    /// is no memory for the queue either.
    #[inline]
    pub(super) fn makes_room(&mut self) -> bool {
        let queue = &mut self.participant.queue;
        (!queue.is_over() && queue.reserve()) || self.makes_room_slow()
    }

    #[cold]
    fn makes_room_slow(&mut self) -> bool {
        let platform = self.participant.domain.platform;
        let deadline = platform.now().saturating_add(PATIENCE);
        loop {
            self.flush();
            let queue = &mut self.participant.queue;
            if !queue.is_over() && queue.reserve() {
                return true;
            }
            if platform.now() >= deadline {
                return false;
            }
            platform.yield_now();
        }
    }

    /// Retires `item`; there is room.
    ///
    /// # Safety
    ///
    /// - As [`RetireQueue::retire`].
    /// - [`makes_room`](Self::makes_room) returned true, and nothing was retired since.
    pub(super) unsafe fn retire(&mut self, item: Retired) {
        let Participant { domain, queue, .. } = &mut *self.participant;
        // SAFETY: the caller's promise.
        match unsafe { queue.retire(&domain.grace, item) } {
            Ok(AfterRetire::Go) => {}
            Ok(AfterRetire::Process | AfterRetire::Wait) => self.collect(),
            Err(RetireFull(_)) => unreachable!("room was made"),
        }
    }
}

impl Drop for Reader<'_, '_> {
    fn drop(&mut self) {
        self.participant.offline();
    }
}
