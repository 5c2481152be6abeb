//! A lock in one byte that any thread may release, and that may be released wrongly.
//!
//! The byte is a [`ByteLock`]'s, and is locked as one. Only the release differs: a language lets a program
//! release a lock that is not held, and wants to hear of it.

use kit_core::sync::atomic::{
    AtomicU8,
    Ordering::{Acquire, Relaxed, Release},
};
use kit_core::sync::mutex::ByteLock;
use kit_core::sync::parking::{Blocker, Finalizing, ParkingLot};

/// The lock.
#[derive(Debug, Default)]
pub struct Lock {
    state: AtomicU8,
}

impl Lock {
    /// A free lock.
    pub fn new() -> Lock {
        Lock::default()
    }

    /// Takes the lock if it is free: one compare-and-swap.
    #[inline]
    #[must_use]
    pub fn try_acquire(&self) -> bool {
        let lock = ByteLock::from_atomic(&self.state);
        if lock.try_lock() {
            return true;
        }
        // Free, with sleepers that have not come yet. Acquire, paired with `release`.
        self.state
            .compare_exchange(PARKED, LOCKED | PARKED, Acquire, Relaxed)
            .is_ok()
    }

    /// Takes the lock, sleeping if need be. False: the deadline passed.
    ///
    /// # Errors
    /// The runtime shut down meanwhile; the lock is not held.
    pub fn acquire(
        &self,
        lot: &ParkingLot,
        blocker: &mut dyn Blocker,
        deadline: Option<u64>,
    ) -> Result<bool, Finalizing> {
        let lock = ByteLock::from_atomic(&self.state);
        match deadline {
            Some(deadline) => lock.lock_until(lot, blocker, deadline),
            None => lock.lock(lot, blocker).map(|()| true),
        }
    }

    /// Releases the lock, by whichever thread; false if it was not held.
    #[inline]
    #[must_use]
    pub fn release(&self, lot: &ParkingLot) -> bool {
        // Release, paired with the Acquire of whoever locks next.
        match self.state.compare_exchange(LOCKED, 0, Release, Relaxed) {
            Ok(_) => true,
            Err(seen) if seen & LOCKED == 0 => false,
            Err(_) => self.release_slow(lot),
        }
    }

    #[cold]
    fn release_slow(&self, lot: &ParkingLot) -> bool {
        let mut released = false;
        lot.unpark_one(&raw const self.state as usize, |unparking| {
            // From LOCKED | PARKED the byte changes only under the bucket's lock, which we hold; in any
            // other state somebody else has released it, and whom we wake for nothing looks again.
            released = self.state.load(Relaxed) == LOCKED | PARKED;
            if !released {
                return false;
            }
            let hand_off = unparking.found && unparking.overdue;
            let parked = if unparking.more { PARKED } else { 0 };
            // Release, as in `release`.
            self.state
                .store(if hand_off { LOCKED | parked } else { parked }, Release);
            hand_off
        });
        released
    }

    /// Whether somebody holds it, at this moment.
    #[inline]
    pub fn is_locked(&self) -> bool {
        self.state.load(Relaxed) & LOCKED != 0
    }
}

/// The bits of a [`ByteLock`].
const LOCKED: u8 = 1;
const PARKED: u8 = 2;

#[cfg(all(test, feature = "std", not(loom)))]
mod tests {
    use super::*;
    use crate::platform::threads::STD_THREADS;
    use kit_core::platform::thread::Platform;
    use kit_core::sync::parking::Unattached;

    #[test]
    fn only_a_held_lock_can_be_released() {
        let lot = ParkingLot::new(&STD_THREADS);
        let lock = Lock::new();
        assert!(!lock.release(&lot));
        assert!(lock.try_acquire());
        assert!(!lock.try_acquire());
        assert!(lock.release(&lot));
        assert!(!lock.release(&lot));
    }

    #[test]
    fn a_deadline_ends_a_wait_and_another_thread_may_release() {
        let lot = ParkingLot::new(&STD_THREADS);
        let lock = Lock::new();
        assert!(lock.try_acquire());
        let soon = STD_THREADS.now() + 1_000_000;
        assert_eq!(lock.acquire(&lot, &mut Unattached, Some(soon)), Ok(false));
        std::thread::scope(|scope| {
            scope.spawn(|| assert!(lock.release(&lot)));
            assert_eq!(lock.acquire(&lot, &mut Unattached, None), Ok(true));
        });
        assert!(lock.is_locked());
    }

    #[test]
    fn it_excludes() {
        let lot = ParkingLot::new(&STD_THREADS);
        let lock = Lock::new();
        let count = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        assert_eq!(lock.acquire(&lot, &mut Unattached, None), Ok(true));
                        let seen = count.load(Relaxed);
                        std::hint::spin_loop();
                        count.store(seen + 1, Relaxed);
                        assert!(lock.release(&lot));
                    }
                });
            }
        });
        assert_eq!(count.into_inner(), 8000);
    }
}
