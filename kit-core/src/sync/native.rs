//! The target's atomics, in models too: for words in memory that somebody else has zeroed.
//!
//! They are `core`'s. Two kinds of targets want others, which are `portable-atomic`'s: with the feature of that name, those without
//! compare-and-swap, whose port says how to keep the only processor from being interrupted (the feature `critical-section`); and those
//! without 64-bit atomics.

#[cfg(not(feature = "portable-atomic"))]
pub use core::sync::atomic::{
    AtomicBool, AtomicI32, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicUsize,
};
#[cfg(all(target_has_atomic = "64", not(feature = "portable-atomic")))]
pub use core::sync::atomic::{AtomicI64, AtomicU64};
pub use core::sync::atomic::{Ordering, fence};
#[cfg(feature = "portable-atomic")]
pub use portable_atomic::{
    AtomicBool, AtomicI32, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicUsize,
};
#[cfg(any(not(target_has_atomic = "64"), feature = "portable-atomic"))]
pub use portable_atomic::{AtomicI64, AtomicU64};
