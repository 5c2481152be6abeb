//! The one place atomics come from: the target's, or loom's in a model.

#[cfg(not(loom))]
pub use super::native::*;
#[cfg(not(loom))]
pub use core::hint::spin_loop;

#[cfg(loom)]
pub use loom::{
    hint::spin_loop,
    sync::atomic::{
        AtomicBool, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32,
        AtomicU64, AtomicUsize, Ordering, fence,
    },
};
