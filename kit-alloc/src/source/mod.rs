//! Sources of pages over memory that a program has: a static array, or another allocator.
//!
//! Each file is one [`PageSource`](kit_core::platform::pages::PageSource). A heap asks for whole segments,
//! rarely, so that a lock and the allocator's own bookkeeping do not matter; what matters is that spans are
//! aligned and zeroed, which each source here sees to itself.
//!
//! | source                       | memory                                    | feature          |
//! |------------------------------|-------------------------------------------|------------------|
//! | [`arena::Arena`]             | a `&'static mut [u8]`                     |                  |
//! | [`global::GlobalPages`]      | any `core::alloc::GlobalAlloc`            |                  |
//! | `allocator::AllocatorPages`  | any `Allocator` of the crate              | `allocator-api2` |
//! | `rlsf::TlsfPages`            | a `&'static mut [u8]`, by two-level fit   | `rlsf`           |
//! | `talc::TalcPages`            | a `&'static mut [u8]`, by binned fit      | `talc`           |
//!
//! Pages of an operating system are in `kit-std`.

#[cfg(feature = "allocator-api2")]
pub mod allocator;
pub mod arena;
pub mod global;
#[cfg(feature = "rlsf")]
pub mod rlsf;
#[cfg(feature = "talc")]
pub mod talc;

#[cfg(all(test, not(loom)))]
mod tests;

/// The granularity of sources over allocators, which have none of their own.
pub(crate) const PAGE: usize = 4096;
