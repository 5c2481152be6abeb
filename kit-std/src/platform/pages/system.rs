//! Rust's allocator, where there are no mappings to be had.

use core::{alloc::Layout, ptr::NonNull};
use std::alloc;

pub(super) fn reserve(size: usize, align: usize) -> Option<NonNull<u8>> {
    let layout = Layout::from_size_align(size, align)
        .ok()
        .filter(|layout| layout.size() != 0)?;
    // SAFETY: the size is not 0.
    NonNull::new(unsafe { alloc::alloc_zeroed(layout) })
}

pub(super) unsafe fn release(span: NonNull<u8>, size: usize, align: usize) {
    // SAFETY: `reserve` made the same layout, so it is valid, and nobody uses the span.
    unsafe {
        alloc::dealloc(
            span.as_ptr(),
            Layout::from_size_align_unchecked(size, align),
        )
    }
}

pub(super) unsafe fn purge(_part: NonNull<u8>, _size: usize) {}

pub(super) fn page_size() -> usize {
    4096
}
