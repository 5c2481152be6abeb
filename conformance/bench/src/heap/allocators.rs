//! What is measured.

use kit_alloc::paged::Heap;
use kit_core::backend::grace::NoReaders;
use kit_core::backend::heap::{HeapKind, LocalHeap, SharedHeap};
use kit_std::platform::pages::OsPages;
use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU16, Ordering};

/// An allocator, as one thread uses it.
pub trait Allocator {
    /// For the calling thread.
    fn enter() -> Self;

    /// A block of `size` bytes.
    fn alloc(&self, size: usize) -> NonNull<u8>;

    /// Frees a block of `size` bytes.
    ///
    /// # Safety
    /// - The block is one of this allocator, of that size, in use until now; its first four bytes may have changed.
    unsafe fn free(&self, block: NonNull<u8>, size: usize);
}

/// The kit's paged heap, over pages of the operating system. The blocks are objects.
pub struct Kit(LocalHeap);

static HEAP: Heap = Heap::new(&OsPages, &NoReaders);

impl Allocator for Kit {
    fn enter() -> Kit {
        static SLOT: AtomicU16 = AtomicU16::new(1);
        let slot = SLOT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: nobody else has the slot; the heap lives forever.
        Kit(unsafe { HEAP.local(slot) }.expect("memory"))
    }

    #[inline(always)]
    fn alloc(&self, size: usize) -> NonNull<u8> {
        self.0.alloc(HeapKind::Plain, size).expect("memory")
    }

    #[inline(always)]
    unsafe fn free(&self, block: NonNull<u8>, _: usize) {
        // SAFETY: as the caller says; the counts are what they were in a fresh block.
        unsafe { self.0.free(block) }
    }
}

/// The system's allocator.
pub struct Malloc;

impl Allocator for Malloc {
    fn enter() -> Malloc {
        Malloc
    }

    #[inline(always)]
    fn alloc(&self, size: usize) -> NonNull<u8> {
        // SAFETY: the size is not 0 and the alignment a power of two.
        let block = unsafe { System.alloc(Layout::from_size_align_unchecked(size, 8)) };
        NonNull::new(block).expect("memory")
    }

    #[inline(always)]
    unsafe fn free(&self, block: NonNull<u8>, size: usize) {
        // SAFETY: as the caller says.
        unsafe { System.dealloc(block.as_ptr(), Layout::from_size_align_unchecked(size, 8)) }
    }
}

#[cfg(feature = "rivals")]
mod rivals {
    use super::{Allocator, NonNull};
    use crate::micro::Subject;
    use std::ffi::c_void;

    /// mimalloc.
    pub struct Mimalloc;
    /// snmalloc.
    pub struct Snmalloc;
    /// rusty_alloc.
    pub struct RustyAlloc;

    impl Allocator for Mimalloc {
        fn enter() -> Mimalloc {
            Mimalloc
        }

        #[inline(always)]
        fn alloc(&self, size: usize) -> NonNull<u8> {
            // SAFETY: any size will do.
            let block = unsafe { libmimalloc_sys::mi_malloc(size) };
            NonNull::new(block.cast()).expect("memory")
        }

        #[inline(always)]
        unsafe fn free(&self, block: NonNull<u8>, _: usize) {
            // SAFETY: as the caller says.
            unsafe { libmimalloc_sys::mi_free(block.as_ptr().cast::<c_void>()) }
        }
    }

    impl Allocator for Snmalloc {
        fn enter() -> Snmalloc {
            Snmalloc
        }

        #[inline(always)]
        fn alloc(&self, size: usize) -> NonNull<u8> {
            // SAFETY: the alignment is a power of two.
            let block = unsafe { snmalloc_sys::sn_rust_alloc(8, size) };
            NonNull::new(block.cast()).expect("memory")
        }

        #[inline(always)]
        unsafe fn free(&self, block: NonNull<u8>, size: usize) {
            // SAFETY: as the caller says.
            unsafe { snmalloc_sys::sn_rust_dealloc(block.as_ptr().cast::<c_void>(), 8, size) };
        }
    }

    impl Allocator for RustyAlloc {
        fn enter() -> RustyAlloc {
            RustyAlloc
        }

        #[inline(always)]
        fn alloc(&self, size: usize) -> NonNull<u8> {
            NonNull::new(rusty_alloc::alloc::malloc(size)).expect("memory")
        }

        #[inline(always)]
        unsafe fn free(&self, block: NonNull<u8>, _: usize) {
            // SAFETY: as the caller says.
            unsafe { rusty_alloc::alloc::free(block.as_ptr()) }
        }
    }

    /// The kit is to be as fast as the subject if it is the one of that name.
    pub const fn goal(subject: Subject, name: &str) -> Subject {
        let (a, b) = (subject.name.as_bytes(), name.as_bytes());
        // Rivals differ in their first letters.
        if a[0] == b[0] {
            subject.at_most(1.0)
        } else {
            subject
        }
    }
}

#[cfg(feature = "rivals")]
pub use rivals::{Mimalloc, RustyAlloc, Snmalloc, goal};
