//! A number of permits, and a line for those who find none.
//!
//! One word: `permits << 1 | PARKED`. PARKED says that somebody may sleep in the parking lot. It is set by
//! a thread that is about to sleep, and cleared under the bucket's lock by the one that wakes the last
//! sleeper.

use kit_core::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use kit_core::sync::parking::{Blocker, Finalizing, ParkingLot, Wake};

/// The permits.
#[derive(Debug)]
pub struct Semaphore {
    state: AtomicU64,
}

impl Semaphore {
    /// This many permits.
    pub fn new(permits: u64) -> Semaphore {
        Semaphore {
            state: AtomicU64::new(permits << 1),
        }
    }

    /// The permits left, at this moment.
    pub fn permits(&self) -> u64 {
        self.state.load(Relaxed) >> 1
    }

    /// Takes a permit if there is one.
    #[inline]
    #[must_use]
    pub fn try_acquire(&self) -> bool {
        // Acquire, paired with `release`.
        self.state
            .fetch_update(Acquire, Relaxed, |seen| seen.checked_sub(ONE))
            .is_ok()
    }

    /// Takes a permit, sleeping if need be. False: the deadline passed.
    ///
    /// # Errors
    /// The runtime shut down meanwhile; no permit was taken.
    pub fn acquire(
        &self,
        lot: &ParkingLot,
        blocker: &mut dyn Blocker,
        deadline: Option<u64>,
    ) -> Result<bool, Finalizing> {
        loop {
            if self.try_acquire() {
                return Ok(true);
            }
            // Relaxed: it only makes who releases look for sleepers.
            let seen = self.state.compare_exchange(0, PARKED, Relaxed, Relaxed);
            if seen.is_err_and(|seen| seen != PARKED) {
                continue;
            }
            let parked = lot.park(self.key(), blocker, deadline, &mut || {
                self.state.load(Relaxed) == PARKED
            });
            if let Err(finalizing) = parked.resumed {
                // Woken for a permit that is there still: it is for the next sleeper.
                if parked.wake == Wake::Woken && self.permits() > 0 {
                    self.wake(1, lot);
                }
                return Err(finalizing);
            }
            if parked.wake == Wake::TimedOut {
                return Ok(self.try_acquire());
            }
        }
    }

    /// Gives `count` permits, unless there would be more than `limit`: false then.
    #[must_use]
    pub fn release(&self, count: u64, limit: u64, lot: &ParkingLot) -> bool {
        let add = |seen: u64| {
            let permits = (seen >> 1).checked_add(count)?;
            (permits <= limit.min(u64::MAX >> 1)).then_some(permits << 1 | seen & PARKED)
        };
        // Release, paired with `try_acquire`.
        let Ok(seen) = self.state.fetch_update(Release, Relaxed, add) else {
            return false;
        };
        if seen & PARKED != 0 {
            self.wake(count, lot);
        }
        true
    }

    #[cold]
    fn wake(&self, count: u64, lot: &ParkingLot) {
        for _ in 0..count {
            let mut more = false;
            lot.unpark_one(self.key(), |unparking| {
                more = unparking.more;
                if !more {
                    self.state.fetch_and(!PARKED, Relaxed);
                }
                false
            });
            if !more {
                return;
            }
        }
    }

    fn key(&self) -> usize {
        &raw const self.state as usize
    }
}

const PARKED: u64 = 1;
const ONE: u64 = 2;

#[cfg(all(test, feature = "std", not(loom)))]
mod tests {
    use super::*;
    use crate::platform::threads::STD_THREADS;
    use kit_core::sync::parking::Unattached;

    #[test]
    fn permits_are_counted_and_limited() {
        let lot = ParkingLot::new(&STD_THREADS);
        let semaphore = Semaphore::new(2);
        assert!(semaphore.try_acquire() && semaphore.try_acquire());
        assert!(!semaphore.try_acquire());
        assert_eq!(semaphore.acquire(&lot, &mut Unattached, Some(0)), Ok(false));
        assert!(semaphore.release(2, 2, &lot));
        assert!(!semaphore.release(1, 2, &lot));
        assert_eq!(semaphore.permits(), 2);
    }

    /// Counts who sleeps, and lets the first not come back.
    struct Leaving<'a>(&'a AtomicU64, bool);

    impl Blocker for Leaving<'_> {
        fn before_park(&mut self) {
            self.0.fetch_add(1, Relaxed);
        }

        fn after_park(&mut self) -> Result<(), Finalizing> {
            if self.1 { Err(Finalizing) } else { Ok(()) }
        }
    }

    #[test]
    fn a_permit_of_a_thread_that_is_shut_out_goes_to_the_next() {
        let lot = ParkingLot::new(&STD_THREADS);
        let (semaphore, asleep) = (Semaphore::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            let wait = |leaves, place| {
                let (lot, semaphore, asleep) = (&lot, &semaphore, &asleep);
                let waiter =
                    scope.spawn(move || semaphore.acquire(lot, &mut Leaving(asleep, leaves), None));
                while asleep.load(Relaxed) < place {
                    std::thread::yield_now();
                }
                waiter
            };
            let (first, second) = (wait(true, 1), wait(false, 2));
            assert!(semaphore.release(1, 1, &lot));
            assert_eq!(first.join().unwrap(), Err(Finalizing));
            assert_eq!(second.join().unwrap(), Ok(true));
        });
        assert_eq!(semaphore.permits(), 0);
    }

    #[test]
    fn every_permit_given_is_found() {
        let lot = ParkingLot::new(&STD_THREADS);
        let semaphore = Semaphore::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        assert_eq!(semaphore.acquire(&lot, &mut Unattached, None), Ok(true));
                    }
                });
            }
            for _ in 0..1000 {
                assert!(semaphore.release(2, u64::MAX, &lot));
            }
        });
        assert_eq!(semaphore.permits(), 0);
    }
}
