//! The part of a thread's record that other threads touch.

use crate::{
    backend::grace_slot::{GraceClock, GraceSlot},
    refcount::counter::Tally,
    sync::{
        atomic::{AtomicU16, Ordering::Relaxed},
        critical::Sections,
        parking::{Blocker, Finalizing, ParkingLot},
    },
    thread::{breaker::Breaker, merge::MergeQueue, status::ThreadStatus},
};
use core::ptr::NonNull;

/// A thread's public part: the first field of the embedder's per-thread record.
///
/// | field | written by |
/// |---|---|
/// | `breaker` | any thread |
/// | `status` | the thread, and whoever stops it |
/// | `slot` | the registry |
/// | `tally` | the thread |
/// | the merge queue | any thread, under the registry's lock |
/// | the grace slot | the thread |
/// | `sections` | the thread; nobody else looks |
///
/// Its address stays the same while it is registered.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct ThreadCore {
    /// What the thread is asked to do at its next safepoint.
    pub breaker: Breaker,
    /// Who may touch the thread's state.
    pub status: ThreadStatus,
    /// The references the thread has made and dropped.
    pub tally: Tally,
    pub(super) slot: AtomicU16,
    /// Objects other threads want this one to merge.
    pub(super) merge: MergeQueue,
    pub(super) sections: Sections,
    grace: Option<(NonNull<GraceClock>, NonNull<GraceSlot>)>,
}

// SAFETY: the pointers lead to atomics that outlive the core, by the contract of `new`; the merge queue is
// touched under the registry's lock.
unsafe impl Send for ThreadCore {}
// SAFETY: as above; `poll`, `attach`, `detach` and the others that touch the grace slot or the sections say
// who may call them.
unsafe impl Sync for ThreadCore {}

impl ThreadCore {
    /// A thread outside the runtime, without a slot. `grace` is where it reports; `None` for a runtime
    /// where nobody reads without counting.
    ///
    /// # Safety
    ///
    /// - Clock and slot outlive the core, and the slot is used by no other thread meanwhile.
    pub unsafe fn new(grace: Option<(NonNull<GraceClock>, NonNull<GraceSlot>)>) -> Self {
        Self {
            breaker: Breaker::new(),
            status: ThreadStatus::default(),
            tally: Tally::default(),
            slot: AtomicU16::new(0),
            merge: MergeQueue::new(),
            sections: Sections::default(),
            grace,
        }
    }

    /// The thread's number in its registry: from 1, unique among registered threads; 0 before and after.
    #[inline(always)]
    pub fn slot(&self) -> u16 {
        self.slot.load(Relaxed)
    }

    fn grace(&self) -> Option<(&GraceClock, &GraceSlot)> {
        // SAFETY: they outlive us, by the contract of `new`.
        self.grace
            .map(|(clock, slot)| unsafe { (clock.as_ref(), slot.as_ref()) })
    }

    /// The grace slot, for whoever gives it back after the thread left.
    pub fn grace_slot(&self) -> Option<NonNull<GraceSlot>> {
        self.grace.map(|(_, slot)| slot)
    }

    /// The safepoint: reports that no unprotected pointer is held, and returns the breaker's bits, zero
    /// almost always. [`Ctx::poll`](super::Ctx::poll) is the safe one.
    ///
    /// # Safety
    ///
    /// - By the thread itself, attached, that holds no pointer which it has not counted.
    #[inline(always)]
    #[must_use]
    pub unsafe fn poll(&self) -> u32 {
        self.sections.assert_unlocked();
        if let Some((clock, slot)) = self.grace() {
            slot.quiescent(clock);
        }
        self.breaker.peek()
    }

    /// Enters the runtime; sleeps while the world is stopped.
    ///
    /// # Errors
    ///
    /// The thread was shut out, and stays outside.
    ///
    /// # Safety
    ///
    /// - By the thread itself, detached.
    #[inline]
    pub unsafe fn attach(&self, lot: &ParkingLot) -> Result<(), Finalizing> {
        if !self.status.try_attach() {
            self.status.attach(lot)?;
        }
        self.online();
        self.sections.renew();
        Ok(())
    }

    /// Leaves the runtime.
    ///
    /// # Safety
    ///
    /// - By the thread itself, attached, which touches no object until it attaches again, and has no object's lock.
    #[inline]
    pub unsafe fn detach(&self) {
        self.sections.assert_unlocked();
        self.sections.suspend();
        // SAFETY: as the caller says.
        unsafe { self.offline() };
        self.status.detach();
    }

    /// Stops reading, while still attached: what a thread does before it suspends itself.
    ///
    /// # Safety
    ///
    /// - By the thread itself, attached, which follows no pointer that it has not counted until it detaches.
    pub unsafe fn offline(&self) {
        if let Some((_, slot)) = self.grace() {
            slot.offline();
        }
    }

    fn online(&self) {
        if let Some((clock, slot)) = self.grace() {
            slot.online(clock);
        }
    }

    /// Gives up what the thread's [sections](crate::sync::critical) have reserved: before it stops, or stops
    /// the others.
    ///
    /// # Safety
    ///
    /// - By the thread itself, attached, at a safepoint.
    #[inline]
    pub unsafe fn suspend_sections(&self) {
        self.sections.suspend();
    }

    /// Takes the reservations of the innermost section again: when the thread goes on without having
    /// detached.
    ///
    /// # Safety
    ///
    /// - By the thread itself, attached, at a safepoint.
    #[inline]
    pub unsafe fn renew_sections(&self) {
        self.sections.renew();
    }

    /// What this thread does around a sleep: detach, and attach.
    ///
    /// # Safety
    ///
    /// - By the thread itself, attached, for a sleep at a safepoint.
    pub unsafe fn blocker<'a>(&'a self, lot: &'a ParkingLot) -> CoreBlocker<'a> {
        CoreBlocker { core: self, lot }
    }
}

/// What a thread does around a sleep that must not hold up the end of a grace period, and in which it stays
/// attached: it reads nothing. For a thread at a safepoint.
#[derive(Debug)]
pub(super) struct Offline<'a>(pub(super) &'a ThreadCore);

impl Blocker for Offline<'_> {
    fn before_park(&mut self) {
        // SAFETY: the thread's own, made at a safepoint, and asleep until `after_park`.
        unsafe { self.0.offline() };
    }

    fn after_park(&mut self) -> Result<(), Finalizing> {
        self.0.online();
        Ok(())
    }
}

/// Detaches the thread while it sleeps. For an attached thread only.
#[derive(Debug)]
pub struct CoreBlocker<'a> {
    core: &'a ThreadCore,
    lot: &'a ParkingLot,
}

impl Blocker for CoreBlocker<'_> {
    fn before_park(&mut self) {
        // SAFETY: the contract of `blocker`.
        unsafe { self.core.detach() };
    }

    fn after_park(&mut self) -> Result<(), Finalizing> {
        // SAFETY: detached in `before_park`.
        unsafe { self.core.attach(self.lot) }
    }
}
