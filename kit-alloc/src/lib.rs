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
//! | [`size_class`] | which size of block serves a request |
//! | [`bitmap`] | runs of bits, for slices of segments |
//!
//! # Example
//!
//! A heap over a static array:
//!
//! ```
//! use core::{cell::UnsafeCell, ptr::NonNull, sync::atomic::{AtomicUsize, Ordering::Relaxed}};
//! use kit_alloc::paged::Heap;
//! use kit_core::backend::{grace::NoReaders, heap::{HeapKind, SharedHeap}};
//! use kit_core::platform::pages::PageSource;
//!
//! const SIZE: usize = 12 << 20;
//! struct Arena { bytes: UnsafeCell<[u8; SIZE]>, used: AtomicUsize }
//! static ARENA: Arena = Arena { bytes: UnsafeCell::new([0; SIZE]), used: AtomicUsize::new(0) };
//!
//! // SAFETY: each byte is given out once.
//! unsafe impl Sync for Arena {}
//!
//! // SAFETY: spans are aligned, zeroed, inside the array, and given out once.
//! unsafe impl PageSource for Arena {
//!     fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
//!         let start = self.bytes.get().cast::<u8>();
//!         let begin = |used: usize| used + ((start.addr() + used).wrapping_neg() & (align - 1));
//!         let end = |used| Some(begin(used) + size).filter(|&end| end <= SIZE);
//!         let used = self.used.fetch_update(Relaxed, Relaxed, end).ok()?;
//!         NonNull::new(start.wrapping_add(begin(used)))
//!     }
//!     unsafe fn release(&self, _: NonNull<u8>, _: usize, _: usize) {}
//!     fn page_size(&self) -> usize { 4096 }
//! }
//!
//! static HEAP: Heap = Heap::new(&ARENA, &NoReaders);
//!
//! // SAFETY: slot 1 has no other heap, and the heap is a static.
//! let local = unsafe { HEAP.local(1) }.expect("room for a segment");
//! let block = local.alloc(HeapKind::Buffer, 100).expect("room for a page");
//! // SAFETY: ours, 100 bytes; freed once.
//! unsafe {
//!     block.write_bytes(7, 100);
//!     assert!(local.usable_size(block) >= 100);
//!     local.free(block);
//! }
//! assert!(HEAP.bytes() > 0);
//! ```
#![no_std]

#[cfg(test)]
extern crate std;

pub mod bitmap;
pub mod paged;
pub mod size_class;
