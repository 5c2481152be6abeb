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
//! After Choi, Shull and Torrellas, *Biased Reference Counting* (PACT 2018), as PEP 703 adapts it.

use super::counter::Counter;
use crate::object::Header;
use crate::sync::atomic::{AtomicI32, AtomicU32, Ordering::*};

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
/// The local half of an immortal object.
pub const IMMORTAL: u32 = u32::MAX;

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
    /// The reference now belongs to the merge queue: hand the object to its owner.
    Queue,
}

impl BiasedCount {
    /// Stores the count of a fresh object: one reference, the owner's.
    #[inline(always)]
    pub(crate) fn init(&self) {
        // Relaxed: late readers see zero, merged or these; all of them are harmless to them.
        self.local.store(1, Relaxed);
        self.shared.store(0, Relaxed);
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
    /// Whether the thread in `slot` owns the object.
    #[inline(always)]
    pub fn is_owned_by(&self, slot: u16) -> bool {
        // Relaxed: only the thread in `slot` stores or clears its own slot here.
        self.owner.load(Relaxed) == slot
    }

    /// Takes a reference on the running thread, which must already be sure of the object: it
    /// holds a reference, or a container that holds one is locked or cannot change.
    ///
    /// # Safety
    /// - `by` is the running thread's, and the object cannot die during the call.
    #[inline(always)]
    pub unsafe fn retain(&self, by: Counter) {
        let local = self.count.local();
        if local == IMMORTAL {
            return;
        }
        // SAFETY: the running thread's.
        unsafe { by.add(1) };
        if self.is_owned_by(by.slot()) {
            // Plain add: only the owner writes `local`. Reaching IMMORTAL sticks there.
            self.count.set_local(local + 1);
        } else {
            // SAFETY: as the caller says.
            unsafe { self.retain_shared(by) };
        }
    }

    /// # Safety
    /// - As for [`Header::retain`].
    #[inline]
    unsafe fn retain_shared(&self, by: Counter) {
        // Relaxed: the caller's own reference keeps the object; nothing is read on the strength of
        // this one. Release of it is what orders.
        let before = self.count.shared_cell().fetch_add(ONE, Relaxed);
        if before >= PIN_ABOVE {
            // SAFETY: as the caller says.
            unsafe { self.pin(by) };
        }
    }

    /// Drops a reference on the running thread.
    ///
    /// # Safety
    /// - `by` is the running thread's; it gives up one reference, and does not touch the object
    ///   again unless told [`Released::Dead`] or [`Released::Queue`].
    #[inline(always)]
    pub unsafe fn release(&self, by: Counter) -> Released {
        let local = self.count.local();
        if local == IMMORTAL {
            return Released::Alive;
        }
        if self.is_owned_by(by.slot()) {
            // SAFETY: the running thread's.
            unsafe { by.add(-1) };
            self.count.set_local(local.wrapping_sub(1));
            if local != 1 {
                return Released::Alive;
            }
            // SAFETY: the caller is the owner, and `local` has just become zero.
            return unsafe { self.merge_zero() };
        }
        // SAFETY: as the caller says.
        unsafe { self.release_shared(by) }
    }

    /// Settles an object whose owner has dropped its last local reference.
    ///
    /// # Safety
    /// - The caller is the owner and `local` is zero.
    #[cold]
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
                .compare_exchange_weak(seen, next, AcqRel, Acquire)
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

    /// Drops a reference held by any thread but the owner.
    ///
    /// # Safety
    /// - As for [`Header::release`], and the running thread is not the owner.
    pub(crate) unsafe fn release_shared(&self, by: Counter) -> Released {
        let mut seen = self.count.shared();
        loop {
            // Nothing is counted on our side, so this reference sits in `local`, which we may not
            // write. Leave the count alone and let the owner settle it.
            let queue = matches!(seen, BIASED | WEAK);
            let next = if queue {
                QUEUED
            } else {
                seen.wrapping_sub(ONE)
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
                Err(now) => seen = now,
            }
        }
    }

    /// Merges the two halves and adds `extra` references (−1 to drop the merge queue's).
    ///
    /// # Safety
    /// - The caller is the owner, or acts for an owner that has exited or is suspended, or every
    ///   other thread is stopped.
    /// - `-extra` references are given up.
    /// - `by` is the running thread's, or of one that is stopped.
    pub unsafe fn merge(&self, extra: i32, by: Counter) -> Released {
        let local = self.count.local();
        if local == IMMORTAL {
            return Released::Alive;
        }
        // SAFETY: as the caller says.
        unsafe { by.add(extra.into()) };
        // Relaxed, and before the exchange: once it is visible another thread may free the object.
        self.count.set_local(0);
        self.owner.store(0, Relaxed);
        let mut seen = self.count.shared();
        loop {
            let count = (seen >> 2) + local as i32 + extra;
            let next = (count << 2) | MERGED;
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

    /// Takes a reference to an object that may be dying, found in shared memory without a lock.
    /// Fails when the object is dying, and spuriously when nobody has ever published it
    /// ([`Header::publish`]); the caller then takes the lock of the container.
    ///
    /// After success the caller must check that the object is still where it was found.
    ///
    /// # Safety
    /// - `by` is the running thread's; the block is an object's, live or recently freed
    ///   (no safepoint lies between finding the address and this call).
    #[inline(always)]
    pub unsafe fn try_retain(&self, by: Counter) -> bool {
        let local = self.count.local();
        if local == IMMORTAL {
            return true;
        }
        if self.is_owned_by(by.slot()) {
            if local == 0 {
                return false;
            }
            // SAFETY: the running thread's.
            unsafe { by.add(1) };
            self.count.set_local(local + 1);
            return true;
        }
        // SAFETY: as the caller says.
        unsafe { self.try_retain_shared(by) }
    }

    /// # Safety
    /// - As for [`Header::try_retain`], and the running thread is not the owner.
    unsafe fn try_retain_shared(&self, by: Counter) -> bool {
        let mut seen = self.count.shared();
        loop {
            if seen == BIASED || seen == MERGED {
                return false;
            }
            // Acquire, paired with the Release of whoever published the reference we found.
            match self.count.shared_cell().compare_exchange_weak(
                seen,
                seen.wrapping_add(ONE),
                Acquire,
                Relaxed,
            ) {
                Ok(_) => {
                    // SAFETY: the running thread's.
                    unsafe { by.add(1) };
                    return true;
                }
                Err(now) => seen = now,
            }
        }
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
    /// other threads have counted so far: that may go back to nothing).
    pub fn publish(&self) {
        if self.count.local() == IMMORTAL {
            return;
        }
        let mut seen = self.count.shared();
        while seen & FLAGS == 0 {
            // Relaxed: the flag guards nothing; the reference that is found carries the Release.
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

    /// Whether the thread in `slot` holds the only reference and no other thread can get one.
    #[inline(always)]
    pub fn is_unique(&self, slot: u16) -> bool {
        self.is_owned_by(slot)
            && self.count.local() == 1
            && self.count.shared_cell().load(Acquire) == BIASED
    }

    /// The number of references as far as it can be known while other threads run, the deferral
    /// bias left out.
    pub fn references(&self) -> i64 {
        let local = self.count.local();
        if local == IMMORTAL {
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
    /// may run.
    ///
    /// # Safety
    /// - The caller was told [`Released::Dead`] and has not given the object away since.
    /// - `by` is the running thread's.
    pub unsafe fn resurrect(&self, by: Counter) {
        // SAFETY: as the caller says.
        unsafe { by.add(1) };
        self.owner.store(by.slot(), Relaxed);
        self.count.set_local(1);
        // Release: whoever takes a reference from here on sees the new owner first.
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

    /// Saturation: an object with this many references from other threads becomes immortal.
    ///
    /// A racing plain add of the owner may undo the store; the next reference repeats it, and the
    /// band above the threshold has room for sixteen million of those.
    ///
    /// # Safety
    /// - `by` is the running thread's.
    #[cold]
    unsafe fn pin(&self, by: Counter) {
        // SAFETY: as the caller says.
        unsafe { by.add(-self.references()) };
        self.count.set_local(IMMORTAL);
        self.set_bits(crate::object::Bits::DEFERRED);
    }
}

/// A shared half from here on is close to overflow.
const PIN_ABOVE: i32 = i32::MAX - (1 << 26);

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::object::Bits;
    use crate::refcount::counter::Tally;
    use core::mem::MaybeUninit;

    const ME: u16 = 7;
    const OTHER: u16 = 8;

    static MINE: Tally = Tally::new();
    static OTHERS: Tally = Tally::new();

    fn me() -> Counter {
        Counter::new(ME, &MINE)
    }

    fn other() -> Counter {
        Counter::new(OTHER, &OTHERS)
    }

    fn fresh() -> Header {
        let mut block = MaybeUninit::<Header>::zeroed();
        // SAFETY: the block is ours, and large and aligned enough; `init` makes it a valid header.
        unsafe {
            Header::init(block.as_mut_ptr(), 1, me(), Bits::empty());
            block.assume_init()
        }
    }

    #[test]
    fn the_owner_counts_plainly() {
        let object = fresh();
        // SAFETY: the test plays the owner, and drops what it took.
        unsafe {
            object.retain(me());
            assert_eq!(object.count.local(), 2);
            assert_eq!(object.release(me()), Released::Alive);
            assert!(object.is_unique(ME));
            assert_eq!(object.release(me()), Released::Dead);
        }
    }

    #[test]
    fn dropping_the_owners_reference_elsewhere_queues_it() {
        let object = fresh();
        // SAFETY: plays the foreign thread, and gives up the only reference; then the owner.
        unsafe {
            assert_eq!(object.release(other()), Released::Queue);
            assert_eq!(object.merge(-1, me()), Released::Dead);
        }
    }

    #[test]
    fn a_foreign_reference_outlives_the_owners() {
        let object = fresh();
        // SAFETY: plays both threads; each drops what it took.
        unsafe {
            object.retain(other());
            assert_eq!(object.release(me()), Released::Alive);
            assert_eq!(object.count.shared() & FLAGS, MERGED);
            assert!(!object.is_owned_by(ME));
            assert_eq!(object.release(other()), Released::Dead);
        }
    }

    #[test]
    fn unpublished_and_dead_objects_refuse_foreign_readers() {
        let object = fresh();
        // SAFETY: plays both threads.
        unsafe {
            assert!(!object.try_retain(other()));
            object.publish();
            assert!(object.try_retain(other()));
            assert!(!object.is_unique(ME));
            assert_eq!(object.release(other()), Released::Alive);
            assert_eq!(object.release(me()), Released::Dead);
            assert!(!object.try_retain(other()));
        }
    }

    #[test]
    fn publishing_outlasts_what_other_threads_count() {
        let object = fresh();
        // SAFETY: plays both threads; each drops what it took.
        unsafe {
            object.retain(other());
            object.publish();
            assert_eq!(object.release(other()), Released::Alive);
            assert!(object.try_retain(other()));
            assert_eq!(object.release(other()), Released::Alive);
            assert_eq!(object.release(me()), Released::Dead);
        }
    }

    #[test]
    fn immortal_objects_ignore_everything() {
        let object = Header::immortal(3);
        // SAFETY: nothing is counted.
        unsafe {
            object.retain(me());
            assert_eq!(object.release(other()), Released::Alive);
            assert!(object.try_retain(other()));
            assert_eq!(object.merge(-1, me()), Released::Alive);
        }
        assert_eq!(object.count.local(), IMMORTAL);
    }

    #[test]
    fn resurrection_ends_in_death_or_escape() {
        let object = fresh();
        // SAFETY: plays the owner.
        unsafe {
            assert_eq!(object.release(me()), Released::Dead);
            object.resurrect(me());
            assert_eq!(object.end_resurrection(me()), Released::Dead);
            object.resurrect(me());
            object.retain(me());
            assert_eq!(object.end_resurrection(me()), Released::Alive);
        }
    }
}
