//! What the protocols of this crate need of an atomic.
//!
//! Descriptors, segments and records lie in memory that a page source zeroed, where only `core`'s atomics can.
//! So each protocol is a few functions over these traits, beside the words it is about, and a model runs the same
//! functions over loom's atomics.

use core::hint::spin_loop;
use kit_core::sync::native::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};

/// A word that holds a `T`. Each method is as that of `core`'s atomics.
pub(crate) trait Atomic<T> {
    fn load(&self, order: Ordering) -> T;
    fn store(&self, value: T, order: Ordering);
    fn swap(&self, value: T, order: Ordering) -> T;
    fn compare_exchange_weak(
        &self,
        current: T,
        new: T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<T, T>;
    /// While the word is watched for what another thread does.
    fn pause();
}

/// A word of bits.
pub(crate) trait AtomicBits: Atomic<usize> {
    fn fetch_or(&self, bits: usize, order: Ordering) -> usize;
    fn fetch_and(&self, bits: usize, order: Ordering) -> usize;
}

/// The traits, for atomics that have these methods already.
macro_rules! atomics {
    ($pause:path: $($atomic:ident $(<$parameter:ident>)?: $value:ty,)*) => {
        $(impl$(<$parameter>)? $crate::atomic::Atomic<$value> for $atomic$(<$parameter>)? {
            #[inline(always)]
            fn load(&self, order: Ordering) -> $value {
                self.load(order)
            }

            #[inline(always)]
            fn store(&self, value: $value, order: Ordering) {
                self.store(value, order);
            }

            #[inline(always)]
            fn swap(&self, value: $value, order: Ordering) -> $value {
                self.swap(value, order)
            }

            #[inline(always)]
            fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange_weak(current, new, success, failure)
            }

            #[inline(always)]
            fn pause() {
                $pause();
            }
        })*

        impl $crate::atomic::AtomicBits for AtomicUsize {
            #[inline(always)]
            fn fetch_or(&self, bits: usize, order: Ordering) -> usize {
                self.fetch_or(bits, order)
            }

            #[inline(always)]
            fn fetch_and(&self, bits: usize, order: Ordering) -> usize {
                self.fetch_and(bits, order)
            }
        }
    };
}

atomics! { spin_loop:
    AtomicBool: bool,
    AtomicU32: u32,
    AtomicUsize: usize,
    AtomicPtr<T>: *mut T,
}

/// Loom's.
#[cfg(all(test, loom))]
mod model {
    use core::sync::atomic::Ordering;
    use loom::{
        sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize},
        thread::yield_now,
    };

    atomics! { yield_now:
        AtomicBool: bool,
        AtomicU32: u32,
        AtomicUsize: usize,
        AtomicPtr<T>: *mut T,
    }
}
