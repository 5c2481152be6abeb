//! A lock in one byte: the one in every object's header.
//!
//! | bit | name | while it is set |
//! |---|---|---|
//! | 0 | LOCKED | one thread works on what the lock guards; it comes to no safepoint |
//! | 1 | PARKED | somebody may sleep in the parking lot |
//! | 2 | RESERVED | nobody but one thread, inside a section of its own, may lock |
//!
//! Locked is what makes an access sound, reserved what makes several of them look like one: see
//! [`critical`](super::critical). To everybody else both mean that the lock is *held*.
//!
//! | held | PARKED | meaning |
//! |---|---|---|
//! | no | 0 | free |
//! | yes | 0 | held, nobody sleeps |
//! | yes | 1 | held, somebody may sleep |
//! | no | 1 | free, somebody may sleep: just released, and open to whoever comes first |
//!
//! Locking and unlocking a free lock is one compare-and-swap each. A thread that waited for a millisecond
//! is handed the lock directly, so barging cannot starve it. While the lock is held and PARKED, it becomes
//! free under the parking lot's lock only.

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
        self.lock_slow(LOCKED, lot, blocker, None).map(drop)
    }

    /// Takes the lock unless `deadline` passes first: then `Ok(false)`. A deadline that has passed already
    /// means a single try, without spinning.
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
        self.lock_slow(LOCKED, lot, blocker, Some(deadline))
    }

    /// Takes the lock without detaching. Only for locks whose holders never wait for anything, and never
    /// reach a safepoint.
    #[inline]
    pub fn lock_short(&self, lot: &ParkingLot) {
        if !self.try_lock() {
            self.lock_short_slow(lot);
        }
    }

    #[cold]
    fn lock_short_slow(&self, lot: &ParkingLot) {
        // Without a deadline, and with a blocker that never fails, this returns with the lock held.
        let _ = self.lock_slow(LOCKED, lot, &mut Unattached, None);
    }

    /// Takes the lock if it becomes free while the caller spins: not if somebody sleeps already, nor if it
    /// is reserved, which may be for long.
    pub(super) fn spin_lock(&self, lot: &ParkingLot) -> bool {
        let mut backoff = Backoff::new(lot.spin_policy());
        loop {
            if self.try_lock() {
                return true;
            }
            let seen = self.state.load(Relaxed);
            if seen & (PARKED | RESERVED) != 0 || !backoff.pause(lot.platform()) {
                return false;
            }
        }
    }

    /// Reserves the lock if it is free.
    #[inline]
    #[must_use]
    pub(super) fn try_reserve(&self) -> bool {
        // Acquire, paired with `unlock`.
        self.state
            .compare_exchange(0, RESERVED, Acquire, Relaxed)
            .is_ok()
    }

    /// Reserves the lock, sleeping if need be.
    pub(super) fn reserve(&self, lot: &ParkingLot, blocker: &mut dyn Blocker) {
        // Without a deadline this fails only if the blocker does, and a section's never does.
        let _ = self.lock_slow(RESERVED, lot, blocker, None);
    }

    /// Locks what the calling thread has reserved.
    ///
    /// # Safety
    ///
    /// - The calling thread holds the reservation.
    ///
    /// # Panics
    ///
    /// When it has locked already.
    #[inline]
    pub(super) unsafe fn lock_reserved(&self) {
        // Relaxed: the reservation was acquired by this thread, and nobody else has locked since.
        let before = self.state.fetch_or(LOCKED, Relaxed);
        assert!(before & LOCKED == 0, "an object locked twice by one thread");
    }

    #[cold]
    fn lock_slow(
        &self,
        want: u8,
        lot: &ParkingLot,
        blocker: &mut dyn Blocker,
        deadline: Option<u64>,
    ) -> Result<bool, Finalizing> {
        let mut backoff = Backoff::new(lot.spin_policy());
        let mut waited = false;
        loop {
            let seen = self.state.load(Relaxed);
            if seen & HELD == 0 {
                // Acquire, paired with `unlock`.
                if self
                    .state
                    .compare_exchange(seen, seen | want, Acquire, Relaxed)
                    .is_ok()
                {
                    return Ok(true);
                }
                continue;
            }
            if !waited && deadline.is_some_and(|moment| lot.platform().now() >= moment) {
                return Ok(false);
            }
            waited = true;
            if seen & PARKED == 0 {
                if backoff.pause(lot.platform()) {
                    continue;
                }
                // Relaxed: it only makes the holder take the slow path, under the bucket's lock.
                let marked = self
                    .state
                    .compare_exchange(seen, seen | PARKED, Relaxed, Relaxed);
                if marked.is_err() {
                    continue;
                }
            }
            // Held and PARKED, it is released only under the bucket's lock, so what is read there is the
            // truth.
            let parked = lot.park(self.key(), blocker, deadline, &mut || {
                let seen = self.state.load(Relaxed);
                seen & HELD != 0 && seen & PARKED != 0
            });
            if let Err(finalizing) = parked.resumed {
                match parked.wake {
                    // SAFETY: the lock was handed to us.
                    Wake::HandedOff => unsafe { self.unlock(lot) },
                    Wake::Woken => self.wake_next(lot),
                    Wake::TimedOut | Wake::Refused => {}
                }
                return Err(finalizing);
            }
            match parked.wake {
                // The hand-over's Release and our Acquire are in the parking lot.
                Wake::HandedOff => {
                    if want == RESERVED {
                        // Handed over LOCKED. Relaxed: it is held before and after.
                        self.state.fetch_xor(LOCKED | RESERVED, Relaxed);
                    }
                    return Ok(true);
                }
                Wake::TimedOut => return Ok(false),
                Wake::Woken | Wake::Refused => {}
            }
        }
    }

    /// Releases the lock, and wakes a sleeper; what the caller has reserved stays so.
    ///
    /// # Safety
    ///
    /// - The caller holds the lock, by whichever thread, and gives it up.
    #[inline(always)]
    pub unsafe fn unlock(&self, lot: &ParkingLot) {
        // SAFETY: the caller's promise.
        if !unsafe { self.try_unlock() } {
            self.release_slow(LOCKED, lot);
        }
    }

    /// Releases the lock if nobody may be asleep and it is not reserved. False: it is still held, and
    /// [`unlock`](Self::unlock) remains to be called.
    ///
    /// # Safety
    ///
    /// - As [`unlock`](Self::unlock).
    #[inline(always)]
    #[must_use]
    pub unsafe fn try_unlock(&self) -> bool {
        // Release, paired with `try_lock`: the next holder sees what we did.
        self.state
            .compare_exchange(LOCKED, 0, Release, Relaxed)
            .is_ok()
    }

    /// Gives up a reservation; the lock stays locked if the caller has locked it meanwhile.
    ///
    /// # Safety
    ///
    /// - The calling thread holds the reservation, and gives it up.
    #[inline]
    pub(super) unsafe fn unreserve(&self, lot: &ParkingLot) {
        // Release, as in `unlock`: what was done under the lock meanwhile is visible to the next holder.
        if self
            .state
            .compare_exchange(RESERVED, 0, Release, Relaxed)
            .is_err()
        {
            self.release_slow(RESERVED, lot);
        }
    }

    #[cold]
    fn release_slow(&self, bit: u8, lot: &ParkingLot) {
        // The other bit is this thread's too, and it is the only one to change either.
        if self.state.load(Relaxed) & HELD != bit {
            // Relaxed: the lock stays held, and is released later by this thread.
            self.state.fetch_and(!bit, Relaxed);
            return;
        }
        lot.unpark_one(self.key(), |unparking| {
            let hand_off = unparking.found && unparking.overdue;
            let parked = if unparking.more { PARKED } else { 0 };
            // Release, as in `unlock`: whoever comes next may take it without having slept.
            self.state
                .store(if hand_off { LOCKED | parked } else { parked }, Release);
            hand_off
        });
    }

    /// For a sleeper that was woken and cannot take the lock: the next is woken in its place. Whoever holds the lock meanwhile wakes
    /// it in its own time.
    #[cold]
    fn wake_next(&self, lot: &ParkingLot) {
        // Acquire, paired with `unlock`, which the Release of ours follows.
        let taken = self
            .state
            .compare_exchange(PARKED, LOCKED | PARKED, Acquire, Relaxed);
        if taken.is_ok() {
            // SAFETY: just locked.
            unsafe { self.unlock(lot) };
        }
    }

    /// Whether somebody has locked it, for assertions.
    pub fn is_locked(&self) -> bool {
        self.state.load(Relaxed) & LOCKED != 0
    }

    /// Whether somebody has reserved it, for assertions.
    pub fn is_reserved(&self) -> bool {
        self.state.load(Relaxed) & RESERVED != 0
    }

    fn key(&self) -> usize {
        &raw const self.state as usize
    }
}

const LOCKED: u8 = 1;
const PARKED: u8 = 2;
const RESERVED: u8 = 4;
/// Nobody else may have it.
const HELD: u8 = LOCKED | RESERVED;

#[cfg(not(loom))]
const _: () = assert!(size_of::<ByteLock>() == 1);
