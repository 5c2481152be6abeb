//! Something that happens once, and threads that wait for it.
//!
//! | state | meaning | next |
//! |---|---|---|
//! | UNSET | not yet, nobody sleeps | WAITED, SET |
//! | WAITED | not yet, somebody may sleep | SET |
//! | SET | it happened | - |

use crate::sync::{
    atomic::{
        AtomicU8,
        Ordering::{Acquire, Relaxed, Release},
    },
    parking::{Blocker, Finalizing, ParkingLot, Wake},
};

/// The event.
#[derive(Debug, Default)]
pub struct Event {
    state: AtomicU8,
}

impl Event {
    /// An event that has not happened.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it happened. Acquire: what the setter did before is visible after `true`.
    #[inline]
    pub fn is_set(&self) -> bool {
        self.state.load(Acquire) == SET
    }

    /// It happened: lets every waiter go.
    pub fn set(&self, lot: &ParkingLot) {
        // Release, paired with `is_set`.
        if self.state.swap(SET, Release) == WAITED {
            lot.unpark_all(self.key(), || ());
        }
    }

    /// Waits for it. False: `deadline` passed first.
    ///
    /// # Errors
    ///
    /// The runtime shut down meanwhile.
    pub fn wait(
        &self,
        lot: &ParkingLot,
        blocker: &mut dyn Blocker,
        deadline: Option<u64>,
    ) -> Result<bool, Finalizing> {
        loop {
            if self.is_set() {
                return Ok(true);
            }
            // Relaxed: it only makes the setter look for sleepers.
            let _ = self.state.compare_exchange(UNSET, WAITED, Relaxed, Relaxed);
            let parked = lot.park(self.key(), blocker, deadline, &mut || {
                self.state.load(Relaxed) == WAITED
            });
            parked.resumed?;
            if parked.wake == Wake::TimedOut {
                return Ok(self.is_set());
            }
        }
    }

    fn key(&self) -> usize {
        &raw const self.state as usize
    }
}

const UNSET: u8 = 0;
const SET: u8 = 1;
const WAITED: u8 = 2;
