//! A spinning lock for what happens once per thread or per segment: it needs no platform.

use core::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
};
use kit_core::sync::native::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release},
};

use crate::atomic::Atomic;

#[cfg(all(test, loom))]
mod model;

/// A value behind a spinning lock. Held for a few dozen instructions, never across a call to a host.
#[derive(Debug)]
pub(crate) struct SpinLock<T, A: Atomic<bool> = AtomicBool> {
    locked: A,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached by one thread at a time.
unsafe impl<T: Send, A: Atomic<bool> + Sync> Sync for SpinLock<T, A> {}

impl<T> SpinLock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self::with_flag(AtomicBool::new(false), value)
    }
}

impl<T, A: Atomic<bool>> SpinLock<T, A> {
    /// A lock over its flag, which is false.
    pub(crate) const fn with_flag(locked: A, value: T) -> Self {
        Self {
            locked,
            value: UnsafeCell::new(value),
        }
    }

    pub(crate) fn lock(&self) -> Guard<'_, T, A> {
        // Acquire, paired with the Release in `drop`: we see what the last holder did.
        while self
            .locked
            .compare_exchange_weak(false, true, Acquire, Relaxed)
            .is_err()
        {
            while self.locked.load(Relaxed) {
                A::pause();
            }
        }
        Guard(self)
    }
}

pub(crate) struct Guard<'a, T, A: Atomic<bool> = AtomicBool>(&'a SpinLock<T, A>);

impl<T, A: Atomic<bool>> Deref for Guard<'_, T, A> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.0.value.get() }
    }
}

impl<T, A: Atomic<bool>> DerefMut for Guard<'_, T, A> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held, and borrowed mutably.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T, A: Atomic<bool>> Drop for Guard<'_, T, A> {
    fn drop(&mut self) {
        // Release, paired with the exchange in `lock`.
        self.0.locked.store(false, Release);
    }
}
