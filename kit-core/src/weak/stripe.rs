//! A lock around a part of the table, held for moments that contain no safepoint and nothing of the embedder's. So
//! who waits for it need not detach, it may be taken with `&Ctx` alone, and in a stopped world it is free.

use super::Access;
use crate::sync::{cell::UnsafeCell, mutex::ByteLock, parking::ParkingLot};

/// A value behind a lock of its own, in a cache line of its own.
#[repr(align(64))]
pub(super) struct Stripe<T> {
    lock: ByteLock,
    value: UnsafeCell<T>,
}

// SAFETY: `with` and `stopped` lend the value to one thread at a time.
unsafe impl<T: Send> Sync for Stripe<T> {}

impl<T> Stripe<T> {
    pub(super) const fn new(value: T) -> Self {
        Self {
            lock: ByteLock::new(),
            value: UnsafeCell::new(value),
        }
    }

    /// Runs `body` alone with the value. It does not come back here.
    #[inline]
    pub(super) fn with<R>(&self, access: &Access<'_>, body: impl FnOnce(&mut T) -> R) -> R {
        let _held = (!access.solo).then(|| Held::new(&self.lock, access.lot));
        // SAFETY: the lock is held, or there is no other thread.
        self.value.with_mut(|value| body(unsafe { &mut *value }))
    }

    /// The same with the world stopped, when nobody holds the lock.
    ///
    /// # Safety
    /// - The world is stopped, by the caller.
    pub(super) unsafe fn stopped<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: nobody stops while they hold the lock.
        self.value.with_mut(|value| body(unsafe { &mut *value }))
    }
}

struct Held<'a>(&'a ByteLock, &'a ParkingLot);

impl<'a> Held<'a> {
    #[inline(always)]
    fn new(lock: &'a ByteLock, lot: &'a ParkingLot) -> Self {
        lock.lock_short(lot);
        Self(lock, lot)
    }
}

impl Drop for Held<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: locked in `new`.
        unsafe { self.0.unlock(self.1) };
    }
}
