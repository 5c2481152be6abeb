//! A spin lock around a value, for critical sections of a few instructions.

use crate::{
    platform::thread::Platform,
    sync::{
        atomic::{
            AtomicBool,
            Ordering::{Acquire, Relaxed, Release},
        },
        backoff::{Backoff, SpinPolicy},
        cell::UnsafeCell,
    },
};

/// A value entered by one thread at a time, by spinning and then yielding.
#[derive(Debug)]
pub struct Spin<T> {
    locked: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `with` lends the value to one thread at a time.
unsafe impl<T: Send> Sync for Spin<T> {}

impl<T> Spin<T> {
    /// Wraps `value`.
    pub fn new(value: T) -> Self {
        Self {
            locked: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Runs `body` alone with the value. `body` must be short, and must not wait for anything.
    pub fn with<R>(&self, platform: &dyn Platform, body: impl FnOnce(&mut T) -> R) -> R {
        // Acquire, paired with the Release in `Unlock`: we see what the last holder wrote.
        while self
            .locked
            .compare_exchange_weak(false, true, Acquire, Relaxed)
            .is_err()
        {
            let mut backoff = Backoff::new(SpinPolicy::default());
            while self.locked.load(Relaxed) {
                if !backoff.pause(platform) {
                    platform.yield_now();
                }
            }
        }
        let _unlock = Unlock(&self.locked);
        // SAFETY: the flag makes this the only access until `_unlock` is dropped.
        self.value.with_mut(|value| body(unsafe { &mut *value }))
    }
}

impl<T: Default> Default for Spin<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

struct Unlock<'a>(&'a AtomicBool);

impl Drop for Unlock<'_> {
    fn drop(&mut self) {
        // Release: the next holder sees what we wrote.
        self.0.store(false, Release);
    }
}
