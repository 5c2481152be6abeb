//! Spans from any `GlobalAlloc`.

use core::{
    alloc::{GlobalAlloc, Layout},
    ptr::NonNull,
};

use kit_core::platform::pages::PageSource;

use super::PAGE;

/// Spans that a `GlobalAlloc` allocates, one call each.
#[derive(Clone, Copy, Debug, Default)]
pub struct GlobalPages<A>(pub A);

// SAFETY: the allocator hands out memory that nobody else has, zeroed and aligned as the layout says.
unsafe impl<A: GlobalAlloc + Sync> PageSource for GlobalPages<A> {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let layout = Layout::from_size_align(size, align)
            .ok()
            .filter(|layout| layout.size() != 0)?;
        // SAFETY: the size is not 0.
        NonNull::new(unsafe { self.0.alloc_zeroed(layout) })
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: `reserve` made the same layout, so it is valid, and nobody uses the span.
        unsafe {
            self.0.dealloc(
                span.as_ptr(),
                Layout::from_size_align_unchecked(size, align),
            )
        }
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}
