//! A spinning lock for what happens once per thread or per segment: it needs no platform.

use core::{
    cell::UnsafeCell,
    hint::spin_loop,
    ops::{Deref, DerefMut},
    sync::atomic::{
        AtomicBool,
        Ordering::{self, Acquire, Relaxed, Release},
    },
};

/// The word of a lock: an atomic, or a model's.
pub(crate) trait Flag {
    /// Becomes true, in this order, if it was false.
    fn set(&self, order: Ordering) -> bool;
    /// Becomes false.
    fn clear(&self, order: Ordering);
    /// Waits a moment if it is true.
    fn wait(&self) -> bool;
}

impl Flag for AtomicBool {
    #[inline]
    fn set(&self, order: Ordering) -> bool {
        self.compare_exchange_weak(false, true, order, Relaxed)
            .is_ok()
    }

    #[inline]
    fn clear(&self, order: Ordering) {
        self.store(false, order);
    }

    #[inline]
    fn wait(&self) -> bool {
        spin_loop();
        // Relaxed: a hint.
        self.load(Relaxed)
    }
}

/// A value behind a spinning lock. Held for a few dozen instructions, never across a call to a host.
#[derive(Debug)]
pub(crate) struct SpinLock<T, F: Flag = AtomicBool> {
    locked: F,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached by one thread at a time.
unsafe impl<T: Send, F: Flag + Sync> Sync for SpinLock<T, F> {}

impl<T> SpinLock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self::with_flag(AtomicBool::new(false), value)
    }
}

impl<T, F: Flag> SpinLock<T, F> {
    /// A lock whose flag is false.
    pub(crate) const fn with_flag(locked: F, value: T) -> Self {
        Self {
            locked,
            value: UnsafeCell::new(value),
        }
    }

    pub(crate) fn lock(&self) -> Guard<'_, T, F> {
        // Acquire, paired with the Release in `drop`: we see what the last holder did.
        while !self.locked.set(Acquire) {
            while self.locked.wait() {}
        }
        Guard(self)
    }
}

pub(crate) struct Guard<'a, T, F: Flag = AtomicBool>(&'a SpinLock<T, F>);

impl<T, F: Flag> Deref for Guard<'_, T, F> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.0.value.get() }
    }
}

impl<T, F: Flag> DerefMut for Guard<'_, T, F> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held, and borrowed mutably.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T, F: Flag> Drop for Guard<'_, T, F> {
    fn drop(&mut self) {
        // Release, paired with the Acquire in `lock`.
        self.0.locked.clear(Release);
    }
}
