use std::{alloc::System, boxed::Box, vec::Vec};

use kit_core::{
    backend::{
        grace::NoReaders,
        heap::{HeapKind, SharedHeap},
        page::SEGMENT,
    },
    platform::pages::PageSource,
};

use super::{
    arena::{Arena, GRANULE},
    global::GlobalPages,
};
use crate::{
    paged::Heap,
    testing::{Lent, array, lend},
};

/// Runs a heap on a source until nothing is left, gives everything back, and does it again.
fn exhaust_twice<S: PageSource + 'static>(source: &Lent<S>, limit: usize) {
    // SAFETY: the heaps are dropped here.
    let source = unsafe { source.lend() };
    let mut counts = [0; 2];
    for count in &mut counts {
        let heap = Heap::new(source, &NoReaders);
        heap.set_limit(limit);
        // SAFETY: the only heap of its slot, dropped before `heap`.
        let local = unsafe { heap.local(1) }.expect("room for a segment");
        let mut blocks = Vec::new();
        for kind in [HeapKind::Plain, HeapKind::Buffer] {
            while let Some(block) = local.alloc(kind, 1000) {
                // SAFETY: ours, and large enough.
                unsafe { block.add(16).write_bytes(7, 984) };
                blocks.push(block);
            }
        }
        *count = blocks.len();
        assert!(*count * 1000 >= 2 << 20, "only {count} blocks");
        assert_eq!(local.alloc(HeapKind::Buffer, SEGMENT), None);
        for block in blocks {
            // SAFETY: allocated above, freed once; nobody has written the counts.
            unsafe { local.free(block) };
        }
        drop(local);
        assert!(heap.held() > 0);
        drop(heap);
    }
    assert_eq!(counts[0], counts[1], "what was released can be had again");
}

#[test]
fn spans_of_an_arena_are_aligned_zeroed_apart_and_come_back() {
    let mut memory = array(4 * SEGMENT + GRANULE);
    let arena = Arena::new(lend(&mut memory)).expect("an arena");
    for _ in 0..3 {
        let segment = arena.reserve(SEGMENT, SEGMENT).expect("a segment");
        let table = arena.reserve(2 * GRANULE, GRANULE).expect("a table");
        for (span, size, align) in [(segment, SEGMENT, SEGMENT), (table, 2 * GRANULE, GRANULE)] {
            assert_eq!(span.as_ptr().addr() % align, 0);
            // SAFETY: ours until it is released.
            unsafe {
                assert!((0..size).all(|at| span.add(at).read() == 0));
                span.write_bytes(9, size);
            }
        }
        assert!(table > segment, "tables are placed from the back");
        assert_eq!(arena.used(), SEGMENT + 2 * GRANULE);
        // SAFETY: reserved above with these sizes.
        unsafe {
            assert_eq!((segment.read(), table.read()), (9, 9));
            arena.release(segment, SEGMENT, SEGMENT);
            arena.release(table, 2 * GRANULE, GRANULE);
        }
        assert_eq!(arena.used(), 0);
    }
    assert_eq!(arena.reserve(arena.size() + GRANULE, GRANULE), None);
    let mut memory = array(100);
    assert!(Arena::new(lend(&mut memory)).is_none());
}

#[test]
fn a_heap_on_an_arena_uses_it_up_and_gives_it_back() {
    let mut memory = array(4 * SEGMENT);
    let arena = Lent::new(Box::new(Arena::new(lend(&mut memory)).expect("an arena")));
    exhaust_twice(&arena, usize::MAX);
    assert_eq!(arena.used(), 0);
}

#[test]
fn a_heap_on_a_global_allocator_keeps_to_its_limit() {
    exhaust_twice(&Lent::new(Box::new(GlobalPages(System))), 3 << 20);
}

#[cfg(feature = "allocator-api2")]
#[test]
fn a_heap_on_an_allocator_keeps_to_its_limit() {
    use super::allocator::AllocatorPages;
    struct FromSystem;
    // SAFETY: every call goes to the system's allocator.
    unsafe impl allocator_api2::alloc::Allocator for FromSystem {
        fn allocate(
            &self,
            layout: core::alloc::Layout,
        ) -> Result<core::ptr::NonNull<[u8]>, allocator_api2::alloc::AllocError> {
            let block = GlobalPages(System).reserve(layout.size(), layout.align());
            block
                .map(|block| core::ptr::NonNull::slice_from_raw_parts(block, layout.size()))
                .ok_or(allocator_api2::alloc::AllocError)
        }
        unsafe fn deallocate(&self, block: core::ptr::NonNull<u8>, layout: core::alloc::Layout) {
            // SAFETY: as the caller says.
            unsafe { GlobalPages(System).release(block, layout.size(), layout.align()) }
        }
    }
    exhaust_twice(&Lent::new(Box::new(AllocatorPages(FromSystem))), 3 << 20);
}

#[cfg(feature = "rlsf")]
#[test]
fn a_heap_on_rlsf_uses_it_up_and_gives_it_back() {
    let mut memory = array(4 * SEGMENT);
    let source = super::rlsf::TlsfPages::new(lend(&mut memory));
    exhaust_twice(&Lent::new(Box::new(source)), usize::MAX);
}

#[cfg(feature = "talc")]
#[test]
fn a_heap_on_talc_uses_it_up_and_gives_it_back() {
    let mut memory = array(4 * SEGMENT);
    let source = super::talc::TalcPages::new(lend(&mut memory)).expect("room");
    exhaust_twice(&Lent::new(Box::new(source)), usize::MAX);
}
