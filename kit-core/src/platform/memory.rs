//! Memory for the kit's own tables and queues (not for objects): any `GlobalAlloc`, as a value.

use core::{
    alloc::{GlobalAlloc, Layout},
    ptr,
};

/// Where tables that outgrow their first, embedded part go. `std::alloc::System` is one.
pub type Memory = dyn GlobalAlloc + Send + Sync;

/// No memory: tables stay at their embedded size. Where a port begins.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMemory;

// SAFETY: it never hands out a block.
unsafe impl GlobalAlloc for NoMemory {
    unsafe fn alloc(&self, _layout: Layout) -> *mut u8 {
        ptr::null_mut()
    }

    unsafe fn dealloc(&self, _block: *mut u8, _layout: Layout) {}
}
