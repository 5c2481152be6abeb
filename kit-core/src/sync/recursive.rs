//! A lock its owner may take again: a [`ByteLock`], its owner and how often it is held.
//!
//! Owners are numbers the caller chooses, never 0: a thread's identity. Only the owner surely reads its own
//! number out of `owner`: it wrote it, and takes it out before it gives the lock up. So the test for a
//! second acquisition needs no order, and what others read there is at once out of date.

use crate::sync::{
    atomic::{AtomicU64, Ordering::Relaxed},
    mutex::ByteLock,
    parking::{Blocker, Finalizing, ParkingLot},
};

/// The lock.
#[derive(Debug, Default)]
pub struct RecursiveLock {
    lock: ByteLock,
    /// 0: nobody. Written by the holder.
    owner: AtomicU64,
    /// Acquisitions by the owner. Written by the holder.
    depth: AtomicU64,
}

impl RecursiveLock {
    /// A free lock.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether `me` holds it.
    #[inline]
    pub fn is_owned_by(&self, me: u64) -> bool {
        debug_assert_ne!(me, 0, "nobody's number");
        self.owner.load(Relaxed) == me
    }

    /// The owner, or 0, at this moment.
    pub fn owner(&self) -> u64 {
        self.owner.load(Relaxed)
    }

    /// How often the owner holds it, at this moment.
    pub fn depth(&self) -> u64 {
        self.depth.load(Relaxed)
    }

    /// Whether somebody holds it, at this moment.
    pub fn is_locked(&self) -> bool {
        self.lock.is_locked()
    }

    /// Takes the lock for `me` if it is free or its own already.
    #[inline]
    #[must_use]
    pub fn try_acquire(&self, me: u64) -> bool {
        if self.is_owned_by(me) {
            self.depth.store(self.depth.load(Relaxed) + 1, Relaxed);
            return true;
        }
        let taken = self.lock.try_lock();
        if taken {
            self.own(me, 1);
        }
        taken
    }

    /// Takes the lock for `me`, sleeping if need be. False: the deadline passed.
    ///
    /// # Errors
    ///
    /// The runtime shut down meanwhile; the lock is not held.
    pub fn acquire(
        &self,
        me: u64,
        lot: &ParkingLot,
        blocker: &mut dyn Blocker,
        deadline: Option<u64>,
    ) -> Result<bool, Finalizing> {
        if self.try_acquire(me) {
            return Ok(true);
        }
        let taken = match deadline {
            Some(deadline) => self.lock.lock_until(lot, blocker, deadline)?,
            None => self.lock.lock(lot, blocker).map(|()| true)?,
        };
        if taken {
            self.own(me, 1);
        }
        Ok(taken)
    }

    fn own(&self, owner: u64, depth: u64) {
        self.owner.store(owner, Relaxed);
        self.depth.store(depth, Relaxed);
    }

    /// Gives back one acquisition; false if `me` holds none.
    #[inline]
    #[must_use]
    pub fn release(&self, me: u64, lot: &ParkingLot) -> bool {
        if !self.is_owned_by(me) {
            return false;
        }
        let depth = self.depth.load(Relaxed) - 1;
        if depth == 0 {
            self.leave(lot);
        } else {
            self.depth.store(depth, Relaxed);
        }
        true
    }

    /// Gives back all acquisitions of `me` and returns how many they were: what a condition does before
    /// it waits. 0 if there are none.
    #[must_use]
    pub fn release_all(&self, me: u64, lot: &ParkingLot) -> u64 {
        if !self.is_owned_by(me) {
            return 0;
        }
        let depth = self.depth.load(Relaxed);
        self.leave(lot);
        depth
    }

    /// For the owner.
    fn leave(&self, lot: &ParkingLot) {
        self.own(0, 0);
        // SAFETY: the owner holds the lock, since `own` follows its acquisition and precedes this.
        unsafe { self.lock.unlock(lot) };
    }

    /// Makes an acquisition that just succeeded count for `depth`: the other half of
    /// [`release_all`](Self::release_all).
    pub fn restore_depth(&self, me: u64, depth: u64) {
        debug_assert!(self.is_owned_by(me) && depth != 0);
        self.depth.store(depth, Relaxed);
    }
}
