//! Heaps for machines too small for pages: allocators over static arrays, and the
//! [delegating heap](crate::delegating) over them.
//!
//! A page of a [paged heap](crate::paged) has 64 KiB. Where all memory is less than a few of those, each block is an
//! allocation of its own, and one of these says where it is:
//!
//! | allocator              | a block                    | what is freed                                   | besides the blocks        |
//! |------------------------|----------------------------|-------------------------------------------------|---------------------------|
//! | [`Bump`](bump::Bump)   | what comes next            | is gone until all is: [`reset`](bump::Bump::reset) | nothing                |
//! | [`Region`](region::Region) | the first hole that fits | is a hole, one with those around it            | a bit for each 16 bytes   |
//! | [`Pools`](pool::Pools) | one of a fixed size        | serves the next of its size, in constant time   | 4 bytes for each block    |
//!
//! They are `GlobalAlloc`s, so a program's other memory may come from the same array. None needs `alloc`, an operating
//! system or threads; with threads, each has a short lock, or none.
//!
//! # Example
//!
//! A heap in 64 KiB:
//!
//! ```
//! use core::mem::MaybeUninit;
//! use kit_alloc::{delegating::DelegatingHeap, small::region::Region};
//! use kit_core::backend::{grace::NoReaders, heap::{HeapKind, SharedHeap}};
//!
//! static mut BYTES: [MaybeUninit<u8>; 64 << 10] = [MaybeUninit::uninit(); 64 << 10];
//!
//! // SAFETY: borrowed here, once.
//! let region = Region::new(unsafe { &mut *&raw mut BYTES }).expect("room for a block");
//! let region: &'static Region = Box::leak(Box::new(region));
//! let heap = DelegatingHeap::new(region, &NoReaders);
//!
//! // SAFETY: slot 1 has no other heap, and dropped before the heap.
//! let local = unsafe { heap.local(1) }.expect("room for a thread's part");
//! let mut blocks: Vec<_> = core::iter::from_fn(|| local.alloc(HeapKind::Plain, 32)).collect();
//! // Fronts, entries and bits take less than half of an array of small objects.
//! assert!(blocks.len() * 32 > 64 << 9 - 1);
//! while let Some(block) = blocks.pop() {
//!     // SAFETY: ours; nobody wrote its counts; freed once.
//!     unsafe { local.free(block) };
//! }
//! drop(local);
//! drop(heap);
//! assert_eq!(region.used(), 0);
//! ```

pub mod bump;
pub mod pool;
pub mod region;

#[cfg(all(test, not(loom)))]
mod tests;

use core::{mem::MaybeUninit, ptr::NonNull};

/// What all blocks are aligned to.
const GRANULE: usize = 16;

/// The part of an array between multiples of `align`: where it starts, and its size.
fn aligned(bytes: &'static mut [MaybeUninit<u8>], align: usize) -> (NonNull<u8>, usize) {
    let start = NonNull::from_mut(bytes).cast::<u8>();
    let skipped = start.as_ptr().align_offset(align).min(bytes.len());
    // SAFETY: inside the array, or its end.
    let start = unsafe { start.add(skipped) };
    (start, (bytes.len() - skipped) & !(align - 1))
}
