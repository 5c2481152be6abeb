//! Biased reference counting: the owner counts with plain adds, everyone else atomically.
//!
//! Most objects die on the thread that made them, so the count is split. `local` belongs to the
//! owner. `shared` belongs to every other thread and may run negative, because a reference taken
//! on one side may be dropped on the other. The true count is `local + (shared >> 2)`.
//!
//! | state  | flags | references                      | who may free         | then           |
//! |--------|-------|---------------------------------|----------------------|----------------|
//! | BIASED | `00`  | `local + shared`                | the owner            | any below      |
//! | WEAK   | `01`  | the same; others may upgrade it | the owner            | QUEUED, MERGED |
//! | QUEUED | `10`  | the same; one is the queue's    | the owner, merging   | MERGED         |
//! | MERGED | `11`  | `shared` alone, owner 0         | whoever reaches zero | -              |
//!
//! Shares of an owner that exits go to the next thread in its slot, or are merged by whoever needs to know
//! ([`crate::thread::merge`]).
//!
//! # Saturation
//!
//! An object whose `local` reaches 2^31 becomes [`IMMORTAL`]. `shared` has 30 bits for its count, and a band at the top
//! in which the object is *pinned*: leaked, never freed too early.
//!
//! ```text
//!      -3·2^27            0            2^28          3·2^27        7·2^26
//!  ──────┼────────────────┼──────────────┼──────────────┼─────────────┼───────┤
//!  pinned│      counts, and with the bias of deferral   │      the pinned band
//!        └───────────────────── moves to ────────────────────────────▶ middle
//! ```
//!
//! Adds are unconditional and looked at afterwards, so they may carry the count beyond the middle; but by no
//! more than one each, and then they bring it back. The band has room for 2^26 on either side, and there are fewer than
//! 2^16 threads. What drops a reference leaves a pinned object alone. Only `shared` says that an object is
//! pinned, so no plain store of an owner can undo it.
//!
//! After Choi, Shull and Torrellas, *Biased Reference Counting* (PACT 2018), as PEP 703 adapts it.

use super::counter::Counter;
use crate::object::Header;
use crate::sync::{
    atomic::{AtomicI32, AtomicU32, Ordering::*},
    backoff::Crowd,
};
use core::hint::cold_path;

/// One reference, in units of the shared half.
pub const ONE: i32 = 4;
/// The flags of the shared half.
pub const FLAGS: i32 = 3;
/// Nobody but the owner has asked anything of the object.
pub const BIASED: i32 = 0;
/// Other threads may take references they find in shared memory.
pub const WEAK: i32 = 1;
/// Another thread has asked the owner to merge the halves.
pub const QUEUED: i32 = 2;
/// Nobody owns the object; `shared` alone counts.
pub const MERGED: i32 = 3;
/// The local half of an immortal object. Without the feature `threads` in the middle of the negative numbers: see `alone.rs`.
pub const IMMORTAL: u32 = if cfg!(feature = "threads") {
    u32::MAX
} else {
    3 << 30
};

/// A split reference count: the second half of the object header.
#[repr(C)]
pub struct BiasedCount {
    local: AtomicU32,
    shared: AtomicI32,
}

#[cfg(not(loom))]
const _: () = assert!(size_of::<BiasedCount>() == 8);

/// What the caller must do after dropping a reference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Released {
    /// Other references remain.
    Alive,
    /// That was the last one: destroy the object.
    Dead,
    /// The reference now belongs to the merge queue: hand the object to its owner, by
    /// [`Thread::released`](crate::thread::Thread::released), before the next safepoint.
    Queue,
}

impl BiasedCount {
    /// Stores the count of a fresh object: one reference, the owner's.
    #[inline(always)]
    pub(crate) fn init(&self) {
        // Relaxed: late readers of the block see zero, merged or these; all of them are harmless to them.
        self.local.store(1, Relaxed);
        // Release, paired with `try_retain`: all changes of the shared half continue our release sequence, so
        // a late reader who counts in the new object sees that the old one is no longer where it was found.
        self.shared.store(0, Release);
    }

    /// The count of a model's object: one reference, the owner's.
    #[cfg(loom)]
    pub(crate) fn one() -> BiasedCount {
        BiasedCount {
            local: AtomicU32::new(1),
            shared: AtomicI32::new(0),
        }
    }

    /// The count of an immortal object.
    #[cfg(not(loom))]
    pub const fn immortal() -> BiasedCount {
        BiasedCount {
            local: AtomicU32::new(IMMORTAL),
            shared: AtomicI32::new(0),
        }
    }

    /// The owner's half; [`IMMORTAL`] for an immortal object.
    #[inline(always)]
    pub fn local(&self) -> u32 {
        self.local.load(Relaxed)
    }

    /// The shared half: count and flags.
    #[inline(always)]
    pub fn shared(&self) -> i32 {
        self.shared.load(Relaxed)
    }

    /// Marks an immortal object.
    pub(crate) fn set_immortal(&self) {
        // Release, paired with `try_retain`.
        self.local.store(IMMORTAL, Release);
    }

    /// Adds to the only half; returns it.
    ///
    /// # Safety
    /// - There is no other thread.
    #[inline(always)]
    pub(super) unsafe fn add_alone(&self, change: i32) -> i32 {
        #[cfg(not(loom))]
        // SAFETY: a number in the header, which nobody else looks at meanwhile.
        unsafe {
            let count = self.local.as_ptr();
            *count = (*count).wrapping_add_signed(change);
            *count as i32
        }
        #[cfg(loom)]
        {
            self.set_local(self.local().wrapping_add_signed(change));
            self.local() as i32
        }
    }

    /// Stores the owner's half.
    #[inline(always)]
    pub(crate) fn set_local(&self, local: u32) {
        self.local.store(local, Relaxed);
    }

    /// The shared half, for the protocols beside this one.
    #[inline(always)]
    pub(crate) fn shared_cell(&self) -> &AtomicI32 {
        &self.shared
    }
}

impl Header {
    /// Whether the thread in `slot` owns the object: nobody owns an immortal one. The only thread of a runtime
    /// without the feature `threads` owns all that are not immortal.
    #[inline(always)]
    pub fn is_owned_by(&self, slot: u16) -> bool {
        if !cfg!(feature = "threads") {
            return !self.is_immortal();
        }
        // Relaxed: only the thread in `slot` stores or clears its own slot here.
        self.owner.load(Relaxed) == slot
    }

    /// Counts one more reference on the owner's side.
    #[inline(always)]
    fn retain_local(&self, by: Counter) {
        // Plain add: only the owner writes `local`, and it does not own what is immortal.
        let local = self.count.local().wrapping_add(1);
        self.count.set_local(local);
        // SAFETY: the running thread's, as the caller says.
        unsafe { by.add(1) };
        // The sign, which the addition has left in a flag of the processor.
        if (local as i32) < 0 {
            self.saturate();
        }
    }

    /// Half the range of `local` is used up: the object is immortal from here on.
    #[cold]
    #[inline(never)]
    fn saturate(&self) {
        // Relaxed, as in `make_immortal`.
        self.owner.store(0, Relaxed);
        self.count.set_immortal();
    }

    /// Takes a reference on the running thread, which must already be sure of the object: it
    /// holds a reference, or a container that holds one is locked or cannot change.
    ///
    /// # Safety
    /// - `by` is the running thread's, and the object cannot die during the call.
    #[doc(alias = "Py_INCREF")]
    #[inline(always)]
    pub unsafe fn retain(&self, by: Counter) {
        if !cfg!(feature = "threads") {
            // SAFETY: as the caller says; there is no other thread.
            return unsafe { self.retain_alone(by) };
        }
        if self.is_owned_by(by.slot()) {
            debug_assert!(
                self.count.local() != 0,
                "a reference to a dead object was copied"
            );
            self.retain_local(by);
            return;
        }
        // Out of the way, so that the owner's few instructions follow each other without a jump.
        cold_path();
        if !self.is_immortal() {
            // SAFETY: the running thread's.
            unsafe { by.add(1) };
            self.retain_shared();
        }
    }

    /// Takes a reference on any thread but the owner. A call, as [`Header::release_shared`].
    #[cold]
    #[inline(never)]
    fn retain_shared(&self) {
        // Relaxed: the caller's own reference keeps the object; nothing is read on the strength of
        // this one. Release of it is what orders.
        let before = self.count.shared_cell().fetch_add(ONE, Relaxed);
        debug_assert!(before != MERGED, "a reference to a dead object was copied");
        if before >= PIN_FROM {
            self.pin_slow();
        }
    }

    /// The shared half to go on with after an exchange that expected `seen` has found `now`. One that failed by chance
    /// is repeated at once; the owner's own counting does not show here.
    #[cold]
    fn look_again(&self, seen: i32, now: i32, crowd: &mut Crowd) -> i32 {
        if now == seen {
            return now;
        }
        crowd.make_way();
        self.count.shared()
    }

    /// Brings the count of an object with too many references to the middle of the pinned band.
    #[cold]
    #[inline(never)]
    fn pin_slow(&self) {
        let mut seen = self.count.shared();
        while seen >= PIN_FROM && seen & !FLAGS != PINNED {
            let next = PINNED | (seen & FLAGS);
            // Relaxed: the count is never again looked at for what it guards.
            match self
                .count
                .shared_cell()
                .compare_exchange_weak(seen, next, Relaxed, Relaxed)
            {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }

    /// Whether the count has overflowed: the object is kept for good.
    pub fn is_pinned(&self) -> bool {
        self.count.shared() >= PIN_FROM
    }

    /// Drops a reference on the running thread.
    ///
    /// # Safety
    /// - `by` is the running thread's; it gives up one reference, and does not touch the object
    ///   again unless told [`Released::Dead`] or [`Released::Queue`].
    #[doc(alias = "Py_DECREF")]
    #[inline(always)]
    pub unsafe fn release(&self, by: Counter) -> Released {
        if !cfg!(feature = "threads") {
            // SAFETY: as the caller says; there is no other thread.
            return unsafe { self.release_alone(by) };
        }
        if self.is_owned_by(by.slot()) {
            // SAFETY: the running thread's.
            unsafe { by.add(-1) };
            let local = self.count.local();
            debug_assert!(local != 0, "more references were dropped than taken");
            self.count.set_local(local.wrapping_sub(1));
            if local != 1 {
                return Released::Alive;
            }
            // SAFETY: the caller is the owner, and `local` has just become zero.
            return unsafe { self.merge_zero() };
        }
        // As in `retain`.
        cold_path();
        if self.is_immortal() {
            return Released::Alive;
        }
        // SAFETY: as the caller says.
        unsafe { self.release_shared(by) }
    }

    /// Settles an object whose owner has dropped its last local reference.
    ///
    /// # Safety
    /// - The caller is the owner and `local` is zero.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn merge_zero(&self) -> Released {
        // Acquire, paired with the AcqRel of `release_shared`: if every foreign reference is gone,
        // what those threads did to the object happened before we destroy it.
        let mut seen = self.count.shared_cell().load(Acquire);
        if seen == BIASED {
            // Nobody else ever counted. The owner field stays: the free block is ours all the same.
            return Released::Dead;
        }
        // Relaxed, before the exchange publishes the merge: after it the object may be freed at once.
        self.owner.store(0, Relaxed);
        loop {
            let next = (seen & !FLAGS) | MERGED;
            // AcqRel: Release for our accesses, Acquire for theirs, as any last drop.
            match self
                .count
                .shared_cell()
                .compare_exchange_weak(seen, next, AcqRel, Relaxed)
            {
                Ok(_) => {
                    return if next == MERGED {
                        Released::Dead
                    } else {
                        Released::Alive
                    };
                }
                Err(now) => seen = now,
            }
        }
    }

    /// Drops a reference held by any thread but the owner. A call: where references are dropped, only the owner's
    /// few instructions stand.
    ///
    /// # Safety
    /// - As for [`Header::release`], and the running thread is not the owner.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn release_shared(&self, by: Counter) -> Released {
        let mut seen = self.count.shared();
        let mut crowd = Crowd::new();
        loop {
            // Nothing is counted on our side, so this reference sits in `local`, which we may not
            // write. Leave the count alone and let the owner settle it.
            let queue = matches!(seen, BIASED | WEAK);
            debug_assert!(seen != MERGED, "more references were dropped than taken");
            let next = match seen {
                BIASED | WEAK => QUEUED,
                PIN_FROM.. => {
                    // SAFETY: the running thread's.
                    unsafe { by.add(-1) };
                    return Released::Alive;
                }
                ..PIN_BELOW => PINNED | (seen & FLAGS),
                _ => seen - ONE,
            };
            // AcqRel, paired with itself, `merge_zero` and `merge`. Relaxed on failure: only compared.
            //   Release: if another thread frees, our accesses happen before it.
            //   Acquire: if we free, every other thread's accesses happened before us.
            match self
                .count
                .shared_cell()
                .compare_exchange_weak(seen, next, AcqRel, Relaxed)
            {
                // Still counted: the reference is the queue's until the merge drops it.
                Ok(_) if queue => return Released::Queue,
                Ok(_) => {
                    // SAFETY: the running thread's.
                    unsafe { by.add(-1) };
                    return if next == MERGED {
                        Released::Dead
                    } else {
                        Released::Alive
                    };
                }
                Err(now) => seen = self.look_again(seen, now, &mut crowd),
            }
        }
    }

    /// Merges the two halves and adds `extra` references (−1 to drop the merge queue's). An object that is
    /// merged already may be merged again.
    ///
    /// # Safety
    /// - The caller is the owner, or acts for an owner that has exited or is suspended, or every
    ///   other thread is stopped.
    /// - `-extra` references are given up.
    /// - `by` is the running thread's, or of one that is stopped.
    pub unsafe fn merge(&self, extra: i32, by: Counter) -> Released {
        let local = self.count.local();
        if self.is_immortal() {
            return Released::Alive;
        }
        // SAFETY: as the caller says.
        unsafe { by.add(extra.into()) };
        if !cfg!(feature = "threads") {
            // There is one half.
            let count = local.saturating_add_signed(extra);
            self.count.set_local(count);
            return if count == 0 {
                Released::Dead
            } else {
                Released::Alive
            };
        }
        // Relaxed: whoever merges does so for the owner, one after the other.
        let mut seen = self.count.shared();
        // What is merged any thread may be making immortal just now.
        if seen & FLAGS != MERGED {
            // Relaxed, and before the exchange: once it is visible another thread may free the object.
            self.count.set_local(0);
            self.owner.store(0, Relaxed);
        }
        loop {
            let count = i64::from(seen >> 2) + i64::from(local) + i64::from(extra);
            let pinned = !(PIN_BELOW..PIN_FROM).contains(&seen) || count >= PIN_FROM as i64 >> 2;
            debug_assert!(
                pinned || count >= 0,
                "more references were dropped than taken"
            );
            let next = if pinned {
                PINNED | MERGED
            } else {
                (count as i32) << 2 | MERGED
            };
            // AcqRel: as in `release_shared`.
            match self
                .count
                .shared_cell()
                .compare_exchange_weak(seen, next, AcqRel, Relaxed)
            {
                Ok(_) if next == MERGED => return Released::Dead,
                Ok(_) => return Released::Alive,
                Err(now) => seen = now,
            }
        }
    }

    /// Forgets all references to an object that is garbage, so that its block can be freed: those who hold them
    /// are garbage too, and are freed without dropping any.
    ///
    /// # Safety
    /// - Nobody drops or takes a reference any more, or looks at the object without one.
    /// - `by` is the running thread's.
    #[inline(always)]
    pub unsafe fn write_off(&self, by: Counter) {
        if cfg!(feature = "stats") {
            // SAFETY: the running thread's.
            unsafe { by.add(-self.references()) };
        }
        self.count.set_local(0);
        if cfg!(feature = "threads") {
            // Relaxed: whoever makes another object of the block begins a new release sequence.
            self.count.shared_cell().store(MERGED, Relaxed);
        }
    }

    /// Takes a reference to an object that may be dying, found in shared memory without a lock.
    /// Fails when the object is dying, and spuriously when nobody has ever published it
    /// ([`Header::publish`]); the caller then takes the lock of the container.
    ///
    /// After success the caller must look again whether the object is still where it was found, by an
    /// acquire load, and release it if not: the block may have become another object meanwhile. Who owns
    /// the object need not look.
    ///
    /// # Safety
    /// - `by` is the running thread's; the block is an object's, live or recently freed
    ///   (no safepoint lies between finding the address and this call).
    #[doc(alias = "PyUnstable_TryIncRef")]
    #[doc(alias = "try_incref")]
    #[inline(always)]
    pub unsafe fn try_retain(&self, by: Counter) -> bool {
        if self.is_owned_by(by.slot()) {
            if self.count.local() == 0 {
                return false;
            }
            self.retain_local(by);
            return true;
        }
        // Acquire, paired with `make_immortal`: a late reader who meets a new object that is immortal sees
        // that the old one is no longer where it was found.
        if self.count.local.load(Acquire) == IMMORTAL {
            return true;
        }
        // SAFETY: as the caller says.
        unsafe { self.try_retain_shared(by) }
    }

    /// The commonest case of [`Header::try_retain`], in a few instructions: the object is this thread's own,
    /// alive and not immortal. Nothing need be checked after success: only the owner recycles what it owns.
    ///
    /// # Safety
    /// - As [`Header::try_retain`].
    #[inline(always)]
    pub unsafe fn try_retain_own(&self, by: Counter) -> bool {
        // Zero: dying.
        if self.is_owned_by(by.slot()) && self.count.local() != 0 {
            self.retain_local(by);
            return true;
        }
        false
    }

    /// # Safety
    /// - As for [`Header::try_retain`], and the running thread is not the owner.
    unsafe fn try_retain_shared(&self, by: Counter) -> bool {
        let mut seen = self.count.shared();
        let mut crowd = Crowd::new();
        loop {
            if seen == BIASED || seen == MERGED {
                return false;
            }
            if seen >= PIN_FROM {
                break;
            }
            // Acquire, paired with `init`, `resurrect` and `requeue`: should this be another object than was
            // found, then the caller's second look sees that.
            match self.count.shared_cell().compare_exchange_weak(
                seen,
                seen.wrapping_add(ONE),
                Acquire,
                Relaxed,
            ) {
                Ok(_) => break,
                Err(now) => seen = self.look_again(seen, now, &mut crowd),
            }
        }
        // SAFETY: the running thread's.
        unsafe { by.add(1) };
        true
    }

    /// Takes a reference under the lock of the container that holds one, and lets later readers
    /// succeed without it.
    ///
    /// # Safety
    /// - `by` is the running thread's, and the object cannot die during the call.
    pub unsafe fn retain_published(&self, by: Counter) {
        // SAFETY: the caller is sure of the object.
        unsafe { self.retain(by) };
        self.publish();
    }

    /// Lets other threads take references they find without a lock (BIASED becomes WEAK, with whatever
    /// other threads have counted so far: that may go back to nothing). The caller holds a reference.
    #[doc(alias = "PyUnstable_EnableTryIncRef")]
    #[doc(alias = "enable_try_incref")]
    pub fn publish(&self) {
        if !cfg!(feature = "threads") || self.is_immortal() {
            return;
        }
        let mut seen = self.count.shared();
        while seen & FLAGS == 0 {
            // Relaxed: the flag guards nothing; what is read of the object is guarded by what leads to it.
            match self.count.shared_cell().compare_exchange_weak(
                seen,
                seen | WEAK,
                Relaxed,
                Relaxed,
            ) {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }

    /// Takes back [`publish`](Self::publish), so that [`is_unique`](Self::is_unique) may be true again: when
    /// there is no weak reference any more, nor any other place where a thread could come upon the object
    /// without a lock. False, and nothing is changed, when the object is not this thread's, or other threads
    /// have counted references to it.
    ///
    /// One who is about to take a reference all the same makes this fail, or fails, and goes to its lock.
    pub fn unpublish(&self, slot: u16) -> bool {
        if !cfg!(feature = "threads") {
            return !self.is_immortal();
        }
        // Acquire, paired with `release`: those who had references are done with the object.
        self.is_owned_by(slot)
            && self
                .count
                .shared_cell()
                .compare_exchange(WEAK, BIASED, Acquire, Relaxed)
                .is_ok()
    }

    /// Whether the thread in `slot` holds the only reference and no other thread can get one. A published
    /// object is never unique, nor one that other threads ever counted and the owner has not counted since.
    #[doc(alias = "PyUnstable_Object_IsUniquelyReferenced")]
    #[doc(alias = "is_uniquely_referenced")]
    #[inline(always)]
    pub fn is_unique(&self, slot: u16) -> bool {
        self.is_owned_by(slot)
            && self.count.local() == 1
            // Acquire, paired with `release`: those who had references are done with the object.
            && self.count.shared_cell().load(Acquire) == BIASED
    }

    /// The number of references as far as it can be known while other threads run, the deferral
    /// bias left out; [`IMMORTAL`] for an object that is never freed.
    #[doc(alias = "Py_REFCNT")]
    pub fn references(&self) -> i64 {
        let local = self.count.local();
        if self.is_immortal() || self.is_pinned() {
            return IMMORTAL as i64;
        }
        let bias = if self.is_deferred() {
            super::deferred::BIAS as i64
        } else {
            0
        };
        local as i64 + (self.count.shared() >> 2) as i64 - bias
    }

    /// Brings a dead object back to one reference of the running thread, so that its finalizer
    /// may run. It may be done again, after [`Header::end_resurrection`] has said that the object is dead.
    ///
    /// # Safety
    /// - The caller was told [`Released::Dead`] and has not given the object away since.
    /// - `by` is the running thread's.
    pub unsafe fn resurrect(&self, by: Counter) {
        // SAFETY: as the caller says.
        unsafe { by.add(1) };
        self.owner.store(by.slot(), Relaxed);
        self.count.set_local(1);
        // Release, as in `init`.
        self.count.shared_cell().store(BIASED, Release);
    }

    /// Drops the finalizer's reference of [`Header::resurrect`]. When the answer is not
    /// [`Released::Dead`] the finalizer has let the object escape, and it must not be touched again.
    ///
    /// # Safety
    /// - `by` is the running thread's, which called [`Header::resurrect`].
    pub unsafe fn end_resurrection(&self, by: Counter) -> Released {
        // SAFETY: gives up the reference that `resurrect` made.
        unsafe { self.release(by) }
    }

    /// Gives a dead object one reference back, the merge queue's, for
    /// [`MergeTable::process_stopped`](crate::thread::merge::MergeTable::process_stopped) to find.
    ///
    /// # Safety
    /// - The caller was told [`Released::Dead`], and gives the object away with this.
    /// - `by` is the running thread's.
    pub(crate) unsafe fn requeue(&self, by: Counter) {
        // SAFETY: as the caller says.
        unsafe { by.add(1) };
        if !cfg!(feature = "threads") {
            return self.count.set_local(1);
        }
        self.owner.store(0, Relaxed);
        self.count.set_local(0);
        // Release, as in `init`.
        self.count.shared_cell().store(ONE | QUEUED, Release);
    }
}

/// From here on the shared half means a pinned object: 3·2^27 references.
pub(crate) const PIN_FROM: i32 = (3 << 27) * ONE;
/// The middle of the pinned band.
pub(crate) const PINNED: i32 = (7 << 26) * ONE;
/// Below, the shared half has dropped so much that the owner counted that the object becomes pinned.
pub(crate) const PIN_BELOW: i32 = -PIN_FROM;

#[cfg(all(test, not(loom), not(feature = "threads")))]
mod alone;
#[cfg(all(test, not(loom), feature = "threads"))]
mod tests;
