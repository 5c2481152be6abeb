//! A value that many may read or one may change: for tables that are looked up far more often than changed.
//!
//! | bits | name | meaning |
//! |---|---|---|
//! | 0 | WRITER | one thread changes the value |
//! | 1 | PARKED | somebody may sleep; nobody comes in any more until all that sleep have been woken |
//! | 2.. | | how many threads read |
//!
//! Because readers do not pass a sleeper, a stream of readers cannot starve a writer. Whoever leaves last
//! clears the word and wakes everybody, under the parking lot's lock; then they race.
//!
//! A thread that waits here does not detach. So holders come to no safepoint and wait for nothing, nor do
//! they come back for the same lock; with a lot that was borrowed from the context, the first of these is an
//! error of compilation.

use crate::sync::{
    atomic::{
        AtomicU32,
        Ordering::{Acquire, Relaxed, Release},
    },
    backoff::Backoff,
    cell::UnsafeCell,
    parking::{ParkingLot, Unattached},
};

/// The value and its lock. Waiters sleep in the [`ParkingLot`] passed to each call: always the same one.
#[derive(Debug)]
pub struct RwLock<T> {
    state: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: the value is lent to many threads at once, or to one that may change it.
unsafe impl<T: Send + Sync> Sync for RwLock<T> {}

impl<T> RwLock<T> {
    /// Wraps `value`.
    pub fn new(value: T) -> Self {
        Self {
            state: AtomicU32::new(0),
            value: UnsafeCell::new(value),
        }
    }

    /// Runs `body` with the value, along with other readers.
    #[inline]
    pub fn read<R>(&self, lot: &ParkingLot, body: impl FnOnce(&T) -> R) -> R {
        let seen = self.state.load(Relaxed);
        // Acquire, paired with the writer's Release in `leave`: we see what the last one wrote.
        if seen >= FULL
            || seen & (WRITER | PARKED) != 0
            || self
                .state
                .compare_exchange(seen, seen + READER, Acquire, Relaxed)
                .is_err()
        {
            self.enter_slow(lot, READER);
        }
        let _leave = Leave {
            lock: self,
            lot,
            what: READER,
        };
        // SAFETY: no writer comes in before `_leave` is dropped.
        self.value.with(|value| body(unsafe { &*value }))
    }

    /// Runs `body` alone with the value.
    #[inline]
    pub fn write<R>(&self, lot: &ParkingLot, body: impl FnOnce(&mut T) -> R) -> R {
        // Acquire, paired with `leave` of the last writer, and with those of all readers since.
        if self
            .state
            .compare_exchange(0, WRITER, Acquire, Relaxed)
            .is_err()
        {
            self.enter_slow(lot, WRITER);
        }
        let _leave = Leave {
            lock: self,
            lot,
            what: WRITER,
        };
        // SAFETY: nobody else comes in before `_leave` is dropped.
        self.value.with_mut(|value| body(unsafe { &mut *value }))
    }

    #[cold]
    fn enter_slow(&self, lot: &ParkingLot, what: u32) {
        let mut backoff = Backoff::new(lot.spin_policy());
        loop {
            let seen = self.state.load(Relaxed);
            let open = if what == READER {
                seen & (WRITER | PARKED) == 0 && seen < FULL
            } else {
                seen == 0
            };
            if open {
                // Acquire, as in `read` and `write`.
                if self
                    .state
                    .compare_exchange(seen, seen + what, Acquire, Relaxed)
                    .is_ok()
                {
                    return;
                }
                continue;
            }
            if seen & PARKED == 0 {
                if backoff.pause(lot.platform()) {
                    continue;
                }
                // Relaxed: it only makes whoever leaves last take the slow path.
                let marked = self
                    .state
                    .compare_exchange(seen, seen | PARKED, Relaxed, Relaxed);
                if marked.is_err() {
                    continue;
                }
            }
            // PARKED is cleared under the bucket's lock only, by whoever wakes us. Nobody times out here, and
            // this blocker does not fail.
            let _ = lot.park(self.key(), &mut Unattached, None, &mut || {
                self.state.load(Relaxed) & PARKED != 0
            });
        }
    }

    #[inline]
    fn leave(&self, lot: &ParkingLot, what: u32) {
        // Release, paired with `read` and `write`: whoever comes in sees what we wrote, and a writer comes
        // after what we read. Those that leave before others stay in the release sequence.
        if self.state.fetch_sub(what, Release) == what | PARKED {
            self.wake(lot);
        }
    }

    #[cold]
    fn wake(&self, lot: &ParkingLot) {
        // The word is PARKED, and only we change it. A swap, not a store: it stays in the release sequences
        // of all who have left. Relaxed: ours began in `leave`.
        lot.unpark_all(self.key(), || {
            self.state.swap(0, Relaxed);
        });
    }

    fn key(&self) -> usize {
        &raw const self.state as usize
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

struct Leave<'a, T> {
    lock: &'a RwLock<T>,
    lot: &'a ParkingLot,
    what: u32,
}

impl<T> Drop for Leave<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.leave(self.lot, self.what);
    }
}

const WRITER: u32 = 1;
const PARKED: u32 = 2;
const READER: u32 = 4;
/// With so many readers no more are let in: each is a thread, or a read inside a read.
const FULL: u32 = u32::MAX - 2 * READER;
