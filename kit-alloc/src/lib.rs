//! Where memory comes from: a walkable, multi-threaded object heap that needs no operating system.
//!
//! [`paged::Heap`] is the heap of a runtime, and each thread uses it through a
//! [`LocalHeap`](kit_core::backend::heap::LocalHeap) of its own, whose `alloc` and `free` pop and push a list of blocks
//! of one size. Threads free each other's blocks. The heap asks a
//! [`PageSource`](kit_core::platform::pages::PageSource) for segments, in which it keeps all its own records, so
//! an operating system, a static array or another allocator will do. It tells objects from buffers, for two
//! reasons: a collector can walk all objects, and a page of objects becomes something else only after a
//! [grace period](kit_core::backend::grace), so that a reader who comes too late still finds the header of a
//! dead object.
//!
//! | where | what |
//! |---|---|
//! | [`paged`] | the heap |
//! | `paged::checks`, `delegating::checks` | what is found out about users of the heap, with the feature `checks` |
//! | [`delegating`] | another heap: one call per block to any allocator |
//! | [`small`] | allocators over a static array, for that heap |
//! | [`statistics`] | what the memory is used for |
//! | [`source`] | where its pages come from, without an operating system |
//! | [`size_class`] | which size of block serves a request |
//! | [`bitmap`] | runs of bits, for slices of segments |
//!
//! # Example
//!
//! A heap over a static array:
//!
//! ```
//! use core::mem::MaybeUninit;
//! use kit_alloc::{paged::Heap, source::arena::Arena};
//! use kit_core::backend::{grace::NoReaders, heap::{HeapKind, SharedHeap}};
//!
//! static mut BYTES: [MaybeUninit<u8>; 12 << 20] = [MaybeUninit::uninit(); 12 << 20];
//!
//! // SAFETY: borrowed here, once.
//! let arena = Arena::new(unsafe { &mut *&raw mut BYTES }).expect("room for a page");
//! let arena: &'static Arena = Box::leak(Box::new(arena));
//! let heap = Heap::new(arena, &NoReaders);
//!
//! // SAFETY: slot 1 has no other heap, and dropped before the heap.
//! let local = unsafe { heap.local(1) }.expect("room for a segment");
//! let block = local.alloc(HeapKind::Buffer, 100).expect("room for a page");
//! // SAFETY: ours, 100 bytes; freed once.
//! unsafe {
//!     block.write_bytes(7, 100);
//!     assert!(local.usable_size(block) >= 100);
//!     local.free(block);
//! }
//! assert!(heap.bytes() > 0);
//! drop(local);
//! ```
#![no_std]

#[cfg(test)]
extern crate std;

mod account;
mod atomic;
pub mod bitmap;
pub mod delegating;
mod lock;
pub mod paged;
pub mod size_class;
pub mod small;
pub mod source;
pub mod statistics;
#[cfg(all(test, not(loom)))]
mod testing;
