//! Locks without a system: `std`'s names, and of its functions those that are used.

use core::cell::UnsafeCell;
use core::convert::Infallible;
use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering::*};

/// A value for one thread at a time.
#[derive(Default)]
pub struct Mutex<T> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time has the value.
unsafe impl<T: Send> Sync for Mutex<T> {}

/// The value, until this is dropped.
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    // It stays on its thread.
    here: PhantomData<*mut ()>,
}

/// What `std` says of a lock whose holder panicked: here that ends the program.
pub struct PoisonError(Infallible);

impl PoisonError {
    /// There is none.
    pub fn into_inner<T>(self) -> T {
        match self.0 {}
    }
}

impl<T> Mutex<T> {
    /// A free one.
    pub const fn new(value: T) -> Mutex<T> {
        Mutex {
            held: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Waits until nobody has it.
    ///
    /// # Errors
    /// None: see [`PoisonError`].
    pub fn lock(&self) -> Result<MutexGuard<'_, T>, PoisonError> {
        // Acquire, paired with `drop`: what the last holder did.
        while self
            .held
            .compare_exchange_weak(false, true, Acquire, Relaxed)
            .is_err()
        {
            core::hint::spin_loop();
        }
        Ok(MutexGuard {
            mutex: self,
            here: PhantomData,
        })
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this thread holds the lock.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed for it.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        // Release, to `lock`.
        self.mutex.held.store(false, Release);
    }
}

const EMPTY: u8 = 0;
/// Somebody writes it.
const BUSY: u8 = 1;
const FULL: u8 = 2;

/// A value that is written once.
pub struct OnceLock<T> {
    state: AtomicU8,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: a value comes from one thread, and is shared once it is there.
unsafe impl<T: Send + Sync> Sync for OnceLock<T> {}
// SAFETY: it has what it holds.
unsafe impl<T: Send> Send for OnceLock<T> {}

impl<T> OnceLock<T> {
    /// No value yet.
    pub const fn new() -> OnceLock<T> {
        OnceLock {
            state: AtomicU8::new(EMPTY),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// The value, if there is one.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        // Acquire, paired with `set`: the value is written.
        // SAFETY: it is, and never again.
        (self.state.load(Acquire) == FULL).then(|| unsafe { (*self.value.get()).assume_init_ref() })
    }

    /// Writes the value, unless there is one: then it comes back.
    ///
    /// # Errors
    /// There is a value already.
    pub fn set(&self, value: T) -> Result<(), T> {
        loop {
            // Relaxed: whoever wants to see the value asks for it.
            match self
                .state
                .compare_exchange_weak(EMPTY, BUSY, Relaxed, Relaxed)
            {
                Ok(_) => {
                    // SAFETY: the only thread that found it empty.
                    unsafe { (*self.value.get()).write(value) };
                    // Release, to `get`.
                    self.state.store(FULL, Release);
                    return Ok(());
                }
                Err(FULL) => return Err(value),
                Err(_) => core::hint::spin_loop(),
            }
        }
    }

    /// The value, which is what `make` returns if there is none. Threads that come at the same time may all make one: the first is kept.
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let _ = self.set(make());
        // Whether this thread's was the first or not, there is one.
        match self.get() {
            Some(value) => value,
            None => unreachable!("it was set"),
        }
    }

    /// Takes the value out.
    pub fn take(&mut self) -> Option<T> {
        let full = core::mem::replace(self.state.get_mut(), EMPTY) == FULL;
        // SAFETY: it was written, and is not looked at again.
        full.then(|| unsafe { self.value.get_mut().assume_init_read() })
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> OnceLock<T> {
        OnceLock::new()
    }
}

impl<T> Drop for OnceLock<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnceLock").field(&self.get()).finish()
    }
}
