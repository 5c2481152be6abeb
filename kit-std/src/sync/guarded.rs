//! A value behind a [`ByteLock`]: what the kit itself keeps from being used by two threads at a time.

use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use kit_core::sync::mutex::ByteLock;
use kit_core::sync::parking::{ParkingLot, Unattached};

/// The value. It is locked with one lot, always the same.
#[derive(Default)]
pub(crate) struct Guarded<T> {
    lock: ByteLock,
    value: UnsafeCell<T>,
}

// SAFETY: the lock lends the value to one thread at a time.
unsafe impl<T: Send> Sync for Guarded<T> {}

impl<T> Guarded<T> {
    pub(crate) fn new(value: T) -> Self {
        Guarded {
            lock: ByteLock::default(),
            value: UnsafeCell::new(value),
        }
    }

    /// Waits for the value, attached or not: so what is held for long must be waited for by threads outside only.
    pub(crate) fn lock<'a>(&'a self, lot: &'a ParkingLot) -> Guard<'a, T> {
        // Without a deadline, and with a blocker that never fails, this returns with the lock held.
        let _ = self.lock.lock(lot, &mut Unattached);
        Guard { of: self, lot }
    }

    /// The value, if nobody has it.
    pub(crate) fn try_lock<'a>(&'a self, lot: &'a ParkingLot) -> Option<Guard<'a, T>> {
        self.lock.try_lock().then_some(Guard { of: self, lot })
    }
}

/// The value is the holder's.
pub(crate) struct Guard<'a, T> {
    of: &'a Guarded<T>,
    lot: &'a ParkingLot,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: locked while this is there.
        unsafe { &*self.of.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above; and it is borrowed for as long as the result is.
        unsafe { &mut *self.of.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: held, and given up here.
        unsafe { self.of.lock.unlock(self.lot) };
    }
}
