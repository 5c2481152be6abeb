//! Allocators of others under the kit: how a port of memory looks, once for each way to bring one.
//!
//! | port | what is brought | heap |
//! |---|---|---|
//! | [`talc`] | `talc`, in an array | the paged heap, on spans of it |
//! | [`rlsf`] | `rlsf`, in an array | the same |
//! | [`global`] | any `GlobalAlloc`: here the system's | the paged heap, on spans of it; or one call for each block |
//! | [`allocator`] | any `Allocator` of `allocator-api2` | the same |
//! | [`bump`] | an array that is used once from end to end | one call for each block |
//! | [`own`] | a heap of one's own | itself |
//!
//! Their tests are those that every port can have: the laws, in `conformance/suite/tests/ports.rs`, and all sample programs
//! of Python on each, in `tests/programs.rs`.
//!
//! ```
//! use kit_std::managed::Language;
//!
//! let language = Language::builder().heap(kit_ports::talc::heap(64 << 20).ok_or("no room")?).build()?;
//! language.attach(|ctx| ctx.poll())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::mem::MaybeUninit;

pub mod allocator;
pub mod bump;
pub mod global;
pub mod own;
pub mod rlsf;
pub mod talc;

/// Keeps a value for ever: what a runtime is made of is never freed.
fn forever<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// An array for ever; what is never touched costs nothing. `None` without room for it.
fn array(size: usize) -> Option<&'static mut [MaybeUninit<u8>]> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).ok()?;
    // SAFETY: so many bytes were reserved, and may be uninitialised.
    unsafe { bytes.set_len(size) };
    Some(bytes.leak())
}
