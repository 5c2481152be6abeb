//! Blocks of a page: carving them, taking them, and taking back what others freed.

use core::ptr::NonNull;

use kit_core::backend::{
    heap::HeapKind,
    page::{Freed, PageHead, SEGMENT},
};

use super::delay;

/// Sees to it that the page has a free block, if it can.
///
/// # Safety
///
/// - The caller owns the page, which has a size class.
pub(super) unsafe fn refill(this: NonNull<PageHead>) -> bool {
    // SAFETY: the caller's page.
    unsafe { this.as_ref().first_free().is_some() || take_remote(this) || extend(this) }
}

/// Takes a block off a page that has one.
///
/// # Safety
///
/// - The caller owns the page, and [`refill`] said that it has a block.
pub(super) unsafe fn pop(this: NonNull<PageHead>) -> NonNull<u8> {
    // SAFETY: the caller's page; `free` leads to its free blocks.
    unsafe {
        let (page, hot) = (this.as_ref(), &this.as_ref().hot);
        let block = PageHead::at(this, page.free_offset());
        PageHead::set_free(this, PageHead::link(block));
        hot.used.set(hot.used.get() + 1);
        block
    }
}

/// Puts back a block.
///
/// # Safety
///
/// - The caller owns the page; the block is one of its blocks in use, and now free.
pub(super) unsafe fn push(this: NonNull<PageHead>, block: NonNull<u8>) {
    // SAFETY: the caller's page and block.
    unsafe {
        let (page, hot) = (this.as_ref(), &this.as_ref().hot);
        PageHead::set_link(block, page.free_offset());
        PageHead::set_free(this, offset(block));
        hot.used.set(hot.used.get() - 1);
    }
}

/// Moves what other threads freed to the front of the free list. Whether there was anything.
///
/// Where that is the whole list, no block of it is looked at: each would have to come from the processor that freed it, and
/// the allocations that will need them ask for them in time.
///
/// # Safety
///
/// - The caller owns the page.
pub(super) unsafe fn take_remote(this: NonNull<PageHead>) -> bool {
    // SAFETY: the caller's page.
    let page = unsafe { this.as_ref() };
    let Some(Freed { first, count }) = delay::take(&page.shared.remote) else {
        return false;
    };
    // SAFETY: `take` made the list ours; it links free blocks of this page, the last of them to 0.
    unsafe {
        if page.first_free().is_some() {
            let mut last = first;
            loop {
                let next = PageHead::link(PageHead::at(this, last));
                if next == 0 {
                    break;
                }
                PageHead::ask_along(this, last, next);
                last = next;
            }
            PageHead::set_link(PageHead::at(this, last), page.free_offset());
        }
        PageHead::set_free(this, first);
    }
    page.hot.used.set(page.hot.used.get() - count);
    // Should the page be empty now, its grace period begins after these frees.
    page.hot.goal.set(0);
    true
}

/// Where a block is in its segment.
pub(super) fn offset(block: NonNull<u8>) -> u32 {
    (block.as_ptr().addr() & (SEGMENT - 1)) as u32
}

/// Makes blocks of untouched memory behind the capacity: few at a time, since that touches them, and a fault for
/// each page of the system costs more than coming here.
///
/// # Safety
///
/// - The caller owns the page, and its free list is empty.
unsafe fn extend(this: NonNull<PageHead>) -> bool {
    // SAFETY: the caller's page.
    let page = unsafe { this.as_ref() };
    let (capacity, reserved) = (page.capacity.get(), page.hot.reserved.get());
    let size = page.block.get() as u32;
    let count = (EXTEND / size).max(1).min(reserved - capacity);
    if count == 0 {
        return false;
    }
    let first = page.start.get() + capacity * size;
    for i in 0..count {
        let at = first + i * size;
        let next = if i + 1 < count { at + size } else { 0 };
        // SAFETY: inside the page and beyond its capacity, so nobody's yet.
        unsafe {
            let block = PageHead::at(this, at);
            if page.state.get() & DIRTY != 0 {
                clear_header(block, page.heap_kind(), size as usize);
                #[cfg(feature = "checks")]
                super::checks::forget(block, size as usize);
            }
            PageHead::set_link(block, next);
        }
    }
    // SAFETY: the caller's page; a list of its blocks begins there.
    unsafe { PageHead::set_free(this, first) };
    page.capacity.set(capacity + count);
    true
}

/// Makes the counts of a block that held something else before say "dead".
///
/// # Safety
///
/// - The block has `size` bytes, and nobody uses it.
pub(super) unsafe fn clear_header(block: NonNull<u8>, kind: HeapKind, size: usize) {
    let end = kind.header_offset() + 16;
    if kind.is_object() && end <= size {
        // SAFETY: inside the block.
        unsafe { block.add(kind.header_offset()).write_bytes(0, 16) };
    }
}

/// The page's memory may hold something else than zeros.
pub(super) const DIRTY: u16 = 1;
/// The page is in its heap's list of full pages.
pub(super) const FULL: u16 = 2;
/// The page is a segment of its own.
pub(super) const HUGE: u16 = 4;

/// Bytes of blocks made at a time.
const EXTEND: u32 = 4096;
