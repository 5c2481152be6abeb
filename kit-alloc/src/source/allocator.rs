//! Spans, or blocks, from any `Allocator` of the crate `allocator-api2`.

use core::{
    alloc::{GlobalAlloc, Layout},
    ptr::{self, NonNull},
};

use allocator_api2::alloc::Allocator;
use kit_core::platform::pages::PageSource;

use super::PAGE;

/// Spans that an `Allocator` allocates, one call each.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllocatorPages<A>(pub A);

// SAFETY: the allocator hands out memory that nobody else has, zeroed and aligned as the layout says.
unsafe impl<A: Allocator + Sync> PageSource for AllocatorPages<A> {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let layout = Layout::from_size_align(size, align).ok()?;
        self.0.allocate_zeroed(layout).ok().map(NonNull::cast)
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: `reserve` made the same layout, so it is valid, and nobody uses the span.
        unsafe {
            self.0
                .deallocate(span, Layout::from_size_align_unchecked(size, align))
        }
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}

/// The blocks of an `Allocator`, for a [delegating heap](crate::delegating).
#[derive(Clone, Copy, Debug, Default)]
pub struct AllocatorMemory<A>(pub A);

// SAFETY: the allocator hands out memory that nobody else has, as the layout says.
unsafe impl<A: Allocator + Sync> GlobalAlloc for AllocatorMemory<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let block = self.0.allocate(layout).ok();
        block.map_or(ptr::null_mut(), |block| block.cast().as_ptr())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let block = self.0.allocate_zeroed(layout).ok();
        block.map_or(ptr::null_mut(), |block| block.cast().as_ptr())
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(block) = NonNull::new(block) {
            // SAFETY: as the caller says.
            unsafe { self.0.deallocate(block, layout) }
        }
    }
}
