//! A lock in one byte: the one in every object's header.
//!
//! | bit 0 LOCKED | bit 1 PARKED | meaning |
//! |---|---|---|
//! | 0 | 0 | free |
//! | 1 | 0 | held, nobody sleeps |
//! | 1 | 1 | held, somebody may sleep in the parking lot |
//! | 0 | 1 | free, somebody may sleep: just released, and open to whoever comes first |
//!
//! Locking and unlocking a free lock is one compare-and-swap each. A thread that waited for a millisecond
//! is handed the lock directly, so barging cannot starve it.

use crate::sync::{
    atomic::{
        AtomicU8,
        Ordering::{Acquire, Relaxed, Release},
    },
    backoff::Backoff,
    parking::{Blocker, Finalizing, ParkingLot, Unattached, Wake},
};

/// The lock. Its waiters sleep in the [`ParkingLot`] that is passed to each call: always the same one.
#[derive(Debug, Default)]
#[repr(transparent)]
pub struct ByteLock {
    state: AtomicU8,
}

impl ByteLock {
    /// A free lock.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self {
            state: AtomicU8::new(0),
        }
    }

    /// A free lock.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self {
            state: AtomicU8::new(0),
        }
    }

    /// The lock that lives in `state`.
    #[inline(always)]
    pub fn from_atomic(state: &AtomicU8) -> &Self {
        // SAFETY: `repr(transparent)`.
        unsafe { &*(state as *const AtomicU8).cast() }
    }

    /// Takes the lock if it is free. The only way to lock while the world is stopped.
    #[inline(always)]
    #[must_use]
    pub fn try_lock(&self) -> bool {
        // Acquire, paired with `unlock`: we see what the last holder did. A free lock with sleepers is
        // left to the slow path, which keeps their bit.
        self.state
            .compare_exchange(0, LOCKED, Acquire, Relaxed)
            .is_ok()
    }

    /// Takes the lock, sleeping if need be; `blocker` is told before and after.
    ///
    /// # Errors
    ///
    /// The runtime shut down meanwhile; the lock is not held.
    #[inline]
    pub fn lock(&self, lot: &ParkingLot, blocker: &mut dyn Blocker) -> Result<(), Finalizing> {
        if self.try_lock() {
            return Ok(());
        }
        self.lock_slow(lot, blocker, None).map(drop)
    }

    /// Takes the lock unless `deadline` passes first: then `Ok(false)`.
    ///
    /// # Errors
    ///
    /// The runtime shut down meanwhile; the lock is not held.
    pub fn lock_until(
        &self,
        lot: &ParkingLot,
        blocker: &mut dyn Blocker,
        deadline: u64,
    ) -> Result<bool, Finalizing> {
        if self.try_lock() {
            return Ok(true);
        }
        self.lock_slow(lot, blocker, Some(deadline))
    }

    /// Takes the lock without detaching. Only for locks whose holders never wait for anything, and never
    /// reach a safepoint.
    #[inline]
    pub fn lock_short(&self, lot: &ParkingLot) {
        if !self.try_lock() {
            // Without a deadline, and with a blocker that never fails, this returns with the lock held.
            let _ = self.lock_slow(lot, &mut Unattached, None);
        }
    }

    #[cold]
    fn lock_slow(
        &self,
        lot: &ParkingLot,
        blocker: &mut dyn Blocker,
        deadline: Option<u64>,
    ) -> Result<bool, Finalizing> {
        let mut backoff = Backoff::new(lot.spin_policy());
        loop {
            let seen = self.state.load(Relaxed);
            if seen & LOCKED == 0 {
                // Acquire, paired with `unlock`.
                if self
                    .state
                    .compare_exchange(seen, seen | LOCKED, Acquire, Relaxed)
                    .is_ok()
                {
                    return Ok(true);
                }
                continue;
            }
            if seen & PARKED == 0 {
                if backoff.pause(lot.platform()) {
                    continue;
                }
                // Relaxed: it only makes the holder take the slow path, under the bucket's lock.
                let marked = self
                    .state
                    .compare_exchange(seen, LOCKED | PARKED, Relaxed, Relaxed);
                if marked.is_err() {
                    continue;
                }
            }
            // From LOCKED | PARKED the word is changed only under the bucket's lock, so what is read there
            // is the truth.
            let parked = lot.park(self.key(), blocker, deadline, &mut || {
                self.state.load(Relaxed) == LOCKED | PARKED
            });
            if let Err(finalizing) = parked.resumed {
                if parked.wake == Wake::HandedOff {
                    // SAFETY: the lock was handed to us.
                    unsafe { self.unlock(lot) };
                }
                return Err(finalizing);
            }
            match parked.wake {
                // The hand-over's Release and our Acquire are in the parking lot.
                Wake::HandedOff => return Ok(true),
                Wake::TimedOut => return Ok(false),
                Wake::Woken | Wake::Refused => {}
            }
        }
    }

    /// Releases the lock, and wakes a sleeper.
    ///
    /// # Safety
    ///
    /// - The caller holds the lock, by whichever thread, and gives it up.
    #[inline(always)]
    pub unsafe fn unlock(&self, lot: &ParkingLot) {
        // Release, paired with `try_lock`: the next holder sees what we did.
        if self
            .state
            .compare_exchange(LOCKED, 0, Release, Relaxed)
            .is_err()
        {
            self.unlock_slow(lot);
        }
    }

    #[cold]
    fn unlock_slow(&self, lot: &ParkingLot) {
        lot.unpark_one(self.key(), |unparking| {
            let hand_off = unparking.found && unparking.overdue;
            let parked = if unparking.more { PARKED } else { 0 };
            // Release, as in `unlock`: whoever comes next may take it without having slept.
            self.state
                .store(if hand_off { LOCKED | parked } else { parked }, Release);
            hand_off
        });
    }

    /// Whether somebody holds it, for assertions.
    pub fn is_locked(&self) -> bool {
        self.state.load(Relaxed) & LOCKED != 0
    }

    fn key(&self) -> usize {
        &raw const self.state as usize
    }
}

const LOCKED: u8 = 1;
const PARKED: u8 = 2;

#[cfg(not(loom))]
const _: () = assert!(size_of::<ByteLock>() == 1);
