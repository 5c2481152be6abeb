//! The one place atomics come from: `core`'s, or loom's in a model.

#[cfg(all(not(loom), target_has_atomic = "64"))]
pub use core::sync::atomic::{AtomicI64, AtomicU64};
#[cfg(not(loom))]
pub use core::{
    hint::spin_loop,
    sync::atomic::{
        AtomicBool, AtomicI32, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicUsize,
        Ordering, fence,
    },
};
#[cfg(all(not(loom), not(target_has_atomic = "64")))]
pub use portable_atomic::{AtomicI64, AtomicU64};

#[cfg(loom)]
pub use loom::{
    hint::spin_loop,
    sync::atomic::{
        AtomicBool, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32,
        AtomicU64, AtomicUsize, Ordering, fence,
    },
};
