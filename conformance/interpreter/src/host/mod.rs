//! What `std` has and `alloc` has not: locks, what is made once, tables, functions of floats. Where there is `std` it is `std`'s, to
//! the last digit.
//!
//! | | with `std` | without |
//! |---|---|---|
//! | [`Mutex`], [`OnceLock`] | `std`'s | `spin`'s: holders run a few instructions, and reach no safepoint |
//! | [`HashMap`], [`HashSet`], [`RandomState`] | `std`'s | `hashbrown`'s, with the same function and no secret |
//! | functions of floats | methods | `num-traits`' `Float`, which is `libm` |

#[cfg(feature = "std")]
pub use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, RandomState},
    sync::{Mutex, MutexGuard, OnceLock},
};

#[cfg(not(feature = "std"))]
mod once;
#[cfg(not(feature = "std"))]
pub use self::{
    once::OnceLock,
    table::{DefaultHasher, HashMap, HashSet, RandomState},
};

#[cfg(not(feature = "std"))]
pub use spin::{Mutex, MutexGuard};

/// Locks, whatever became of the last holder.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    #[cfg(feature = "std")]
    return mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    #[cfg(not(feature = "std"))]
    mutex.lock()
}

/// The nearest integer, ties to even.
#[inline]
pub fn round_ties_even(x: f64) -> f64 {
    #[cfg(feature = "std")]
    return x.round_ties_even();
    #[cfg(not(feature = "std"))]
    {
        use num_traits::Float as _;
        match x.fract().abs() == 0.5 {
            true => 2.0 * (x / 2.0).round(),
            false => x.round(),
        }
    }
}

#[cfg(not(feature = "std"))]
mod table {
    use core::hash::BuildHasherDefault;

    /// SipHash, with a key of zeros.
    pub type DefaultHasher = siphasher::sip::SipHasher13;
    /// Makes such.
    pub type RandomState = BuildHasherDefault<DefaultHasher>;
    /// A table from keys to values.
    pub type HashMap<K, V> = hashbrown::HashMap<K, V, RandomState>;
    /// A set of keys.
    pub type HashSet<K> = hashbrown::HashSet<K, RandomState>;
}
