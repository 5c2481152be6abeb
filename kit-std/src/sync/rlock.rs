//! A lock that its owner may take again: a [`Lock`], its owner and how often it is held.
//!
//! Owners are numbers the caller chooses, never 0: a thread's identity. Only the owner reads its own
//! number out of `owner` for sure, so the test for a second acquisition needs no order.

use super::lock::Lock;
use kit_core::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed},
};
use kit_core::sync::parking::{Blocker, Finalizing, ParkingLot};

/// The lock.
#[derive(Debug, Default)]
pub struct RLock {
    lock: Lock,
    /// 0: nobody. Written by the holder.
    owner: AtomicU64,
    /// Acquisitions by the owner. Touched by the holder only.
    depth: AtomicU64,
}

impl RLock {
    /// A free lock.
    pub fn new() -> RLock {
        RLock::default()
    }

    /// Whether `me` holds it.
    #[inline]
    pub fn is_owned_by(&self, me: u64) -> bool {
        self.owner.load(Relaxed) == me
    }

    /// The owner, or 0.
    pub fn owner(&self) -> u64 {
        // Acquire: what the owner did before it took the lock is of no interest, but order costs nothing.
        self.owner.load(Acquire)
    }

    /// How often the owner holds it, at this moment.
    pub fn depth(&self) -> u64 {
        self.depth.load(Relaxed)
    }

    /// Takes the lock for `me` if it is free or its own already.
    #[inline]
    #[must_use]
    pub fn try_acquire(&self, me: u64) -> bool {
        if self.is_owned_by(me) {
            self.depth.store(self.depth.load(Relaxed) + 1, Relaxed);
            return true;
        }
        let taken = self.lock.try_acquire();
        if taken {
            self.own(me, 1);
        }
        taken
    }

    /// Takes the lock for `me`, sleeping if need be. False: the deadline passed.
    ///
    /// # Errors
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
        let taken = self.lock.acquire(lot, blocker, deadline)?;
        if taken {
            self.own(me, 1);
        }
        Ok(taken)
    }

    fn own(&self, me: u64, depth: u64) {
        self.owner.store(me, Relaxed);
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
        self.depth.store(depth, Relaxed);
        if depth == 0 {
            self.owner.store(0, Relaxed);
            return self.lock.release(lot);
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
        self.own(0, 0);
        let _ = self.lock.release(lot);
        depth
    }

    /// Makes an acquisition that just succeeded count for `depth`: the other half of
    /// [`RLock::release_all`].
    pub fn restore_depth(&self, me: u64, depth: u64) {
        debug_assert!(self.is_owned_by(me));
        self.depth.store(depth, Relaxed);
    }

    /// Whether somebody holds it, at this moment.
    pub fn is_locked(&self) -> bool {
        self.lock.is_locked()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::platform::threads::STD_THREADS;

    #[test]
    fn the_owner_takes_it_again_and_others_do_not() {
        let lot = ParkingLot::new(&STD_THREADS);
        let lock = RLock::new();
        assert!(lock.try_acquire(1) && lock.try_acquire(1));
        assert!(!lock.try_acquire(2));
        assert!(!lock.release(2, &lot));
        assert!(lock.release(1, &lot));
        assert!(!lock.try_acquire(2));
        assert!(lock.release(1, &lot));
        assert!(lock.try_acquire(2));
    }

    #[test]
    fn all_acquisitions_are_given_back_and_restored() {
        let lot = ParkingLot::new(&STD_THREADS);
        let lock = RLock::new();
        assert_eq!(lock.release_all(1, &lot), 0);
        assert!(lock.try_acquire(1) && lock.try_acquire(1));
        assert_eq!(lock.release_all(1, &lot), 2);
        assert!(!lock.is_locked());
        assert!(lock.try_acquire(1));
        lock.restore_depth(1, 2);
        assert!(lock.release(1, &lot) && lock.is_locked());
    }
}
