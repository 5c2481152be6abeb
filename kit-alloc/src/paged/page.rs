//! Pages: making one of a span, and giving it back.

use core::{
    ptr::{self, NonNull},
    sync::atomic::Ordering::Relaxed,
};

use kit_core::backend::{
    heap::HeapKind,
    page::{OLD, PageHead, SLICE},
};

use super::{
    Heap,
    block::{DIRTY, HUGE},
    delay,
    segment::{Span, segment_of, slice_of},
};
use crate::size_class::{RECORDS, SHAPES, SINGLE};

/// Writes the descriptors of a page of a size class. It belongs to nobody yet.
///
/// # Safety
///
/// - The span is the caller's and has the slices of the class.
pub(super) unsafe fn init(span: Span, kind: HeapKind, class: usize) {
    let shape = &SHAPES[class];
    // SAFETY: the caller's span.
    unsafe {
        init_shape(span, kind, class as u8, shape.slices as usize);
        let page = span.head.as_ref();
        page.block.set(shape.block as usize);
        page.reciprocal.set(shape.reciprocal);
        page.hot.reserved.set(u32::from(shape.blocks));
    }
}

/// Writes the descriptors of a page that is one block in use, of `bytes`.
///
/// # Safety
///
/// - The span is the caller's and has that many slices, or is a huge one.
pub(super) unsafe fn init_single(span: Span, kind: HeapKind, bytes: usize, huge: bool) {
    // SAFETY: the caller's span.
    unsafe {
        init_shape(span, kind, SINGLE, if huge { 1 } else { bytes / SLICE });
        let page = span.head.as_ref();
        page.block.set(bytes);
        page.capacity.set(1);
        page.hot.reserved.set(1);
        page.hot.used.set(1);
        page.state
            .set(page.state.get() | if huge { HUGE } else { 0 });
    }
}

/// Marks a span as used by the heap itself.
///
/// # Safety
///
/// - The span is the caller's and has one slice.
pub(super) unsafe fn init_records(span: Span) {
    // SAFETY: the caller's span.
    unsafe { init_shape(span, HeapKind::Buffer, RECORDS, 1) };
}

/// Gives back a page that nobody uses, owns or lists.
///
/// # Safety
///
/// - The page is the caller's, has no block in use, and its grace period has passed.
pub(super) unsafe fn release(heap: &Heap, this: NonNull<PageHead>) {
    // SAFETY: the caller's page.
    unsafe {
        let page = this.as_ref();
        let slices = page.slices.get() as usize;
        page.slices.set(0);
        page.owner.store(0, Relaxed);
        page.heap.store(ptr::null_mut(), Relaxed);
        if page.state.get() & HUGE != 0 {
            heap.segments.release_huge(this);
        } else {
            heap.segments.release(this, slices);
        }
    }
}

unsafe fn init_shape(span: Span, kind: HeapKind, class: u8, slices: usize) {
    let first = slice_of(span.head);
    debug_assert!(segment_of(span.head).as_ptr().addr() < span.head.as_ptr().addr());
    // SAFETY: the span's descriptors, which are ours alone.
    unsafe {
        for slice in 1..slices {
            let head = span.head.add(slice).as_ref();
            head.slices.set(0);
            head.back.set((slice * size_of::<PageHead>()) as u32);
        }
        let page = span.head.as_ref();
        page.owner.store(0, Relaxed);
        page.kind.set(kind as u8);
        page.class.set(class);
        page.slices.set(slices as u16);
        page.state.set(if span.zero { 0 } else { DIRTY });
        page.back.set(0);
        page.start.set((first * SLICE) as u32);
        page.reciprocal.set(0);
        page.capacity.set(0);
        page.block.set(0);
        page.side.set(ptr::null_mut());
        page.heap.store(ptr::null_mut(), Relaxed);
        page.hot.free.set(ptr::null_mut());
        page.hot.used.set(0);
        page.hot.pending.set(false);
        page.hot.age.store(OLD, Relaxed);
        page.hot.reserved.set(0);
        page.hot.expire.set(0);
        page.hot.goal.set(0);
        page.hot.next.set(ptr::null());
        page.hot.prev.set(ptr::null());
        page.hot.pending_next.set(ptr::null());
        page.shared.remote.store(delay::NO_DELAYED, Relaxed);
        page.shared.wake_next.store(ptr::null_mut(), Relaxed);
    }
}
