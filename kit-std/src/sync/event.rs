//! A flag that threads wait for, and that can be lowered again.
//!
//! | bit 0 SET | bit 1 WAITED | the rest |
//! |---|---|---|
//! | the flag | somebody may sleep in the parking lot | how often the flag was raised |
//!
//! A waiter is let go by the raising, not by the flag: lowering it at once does not keep those who
//! waited. The number of raisings lets a wait in slices notice one that fell between two slices.

use kit_core::sync::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed},
};
use kit_core::sync::parking::{Blocker, Finalizing, ParkingLot, Wake};

/// The flag.
#[derive(Debug, Default)]
pub struct Flag {
    state: AtomicU32,
}

/// When a wait began, in raisings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since(u32);

impl Flag {
    /// A lowered flag.
    pub fn new() -> Flag {
        Flag::default()
    }

    /// Whether it is raised. Acquire: what was done before raising it is visible.
    #[inline]
    pub fn is_set(&self) -> bool {
        self.state.load(Acquire) & SET != 0
    }

    /// Raises it, and lets everybody go who waits.
    pub fn set(&self, lot: &ParkingLot) {
        let raise =
            |seen: u32| (seen & SET == 0).then(|| (seen & !WAITED).wrapping_add(RAISED) | SET);
        // AcqRel: Release, paired with `is_set` and `passed`.
        if let Ok(seen) = self.state.fetch_update(AcqRel, Relaxed, raise)
            && seen & WAITED != 0
        {
            lot.unpark_all(self.key(), || ());
        }
    }

    /// Lowers it.
    pub fn clear(&self) {
        // AcqRel: what the raiser did happened before.
        self.state.fetch_and(!SET, AcqRel);
    }

    /// Now, for [`Flag::wait`].
    pub fn now(&self) -> Since {
        Since(self.state.load(Acquire) / RAISED)
    }

    fn passed(&self, since: Since) -> bool {
        let seen = self.state.load(Acquire);
        seen & SET != 0 || seen / RAISED != since.0
    }

    /// Waits until it is raised, or was raised after `since`. False: the deadline passed first.
    ///
    /// # Errors
    /// The runtime shut down meanwhile.
    pub fn wait(
        &self,
        since: Since,
        lot: &ParkingLot,
        blocker: &mut dyn Blocker,
        deadline: Option<u64>,
    ) -> Result<bool, Finalizing> {
        loop {
            if self.passed(since) {
                return Ok(true);
            }
            // Relaxed: it only makes the raiser look for sleepers.
            self.state.fetch_or(WAITED, Relaxed);
            let parked = lot.park(self.key(), blocker, deadline, &mut || {
                self.state.load(Relaxed) & WAITED != 0 && !self.passed(since)
            });
            parked.resumed?;
            if parked.wake == Wake::TimedOut {
                return Ok(self.passed(since));
            }
        }
    }

    fn key(&self) -> usize {
        &raw const self.state as usize
    }
}

const SET: u32 = 1;
const WAITED: u32 = 2;
/// One raising.
const RAISED: u32 = 4;

#[cfg(all(test, feature = "std", not(loom)))]
mod tests {
    use super::*;
    use crate::platform::threads::STD_THREADS;
    use kit_core::sync::parking::Unattached;

    #[test]
    fn a_raising_between_two_waits_is_noticed() {
        let lot = ParkingLot::new(&STD_THREADS);
        let flag = Flag::new();
        let since = flag.now();
        assert_eq!(flag.wait(since, &lot, &mut Unattached, Some(0)), Ok(false));
        flag.set(&lot);
        flag.clear();
        assert!(!flag.is_set());
        assert_eq!(flag.wait(since, &lot, &mut Unattached, Some(0)), Ok(true));
        assert_eq!(
            flag.wait(flag.now(), &lot, &mut Unattached, Some(0)),
            Ok(false)
        );
    }

    #[test]
    fn raising_wakes_all() {
        let lot = ParkingLot::new(&STD_THREADS);
        let flag = Flag::new();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| flag.wait(Since(0), &lot, &mut Unattached, None));
            }
            flag.set(&lot);
        });
        assert!(flag.is_set());
    }
}
