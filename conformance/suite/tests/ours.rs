//! The kit's own heaps and page sources, as instances of the suites.

use std::{alloc::System, mem::MaybeUninit};

use allocator_api2::alloc::Global;
use kit_alloc::{
    delegating::DelegatingHeap,
    paged::Heap,
    small::{
        bump::Bump,
        pool::{Pool, Pools},
        region::Region,
    },
    source::{
        allocator::{AllocatorMemory, AllocatorPages},
        arena::Arena,
        global::GlobalPages,
        rlsf::TlsfPages,
        talc::TalcPages,
    },
};
use kit_core::backend::{grace::NoReaders, page::SEGMENT};
use kit_std::platform::pages::OsPages;
use kit_suite::heap::ROOM;

/// An array that is never given back; what is never touched costs nothing.
fn array(size: usize) -> &'static mut [MaybeUninit<u8>] {
    Box::leak(Box::new_uninit_slice(size))
}

thread_local! {
    // Each test has a thread, which makes one heap after the other in the same arena.
    static ARENA: &'static Arena = Box::leak(Box::new(Arena::new(array(ROOM + SEGMENT)).expect("room")));
    // Between spans of this allocator are its own words, so that each takes up to twice its size.
    static TLSF: &'static TlsfPages = Box::leak(Box::new(TlsfPages::new(array(2 * ROOM))));
    static REGION: &'static Region = Box::leak(Box::new(Region::new(array(2 * ROOM)).expect("room")));
    static POOLS: &'static Pools = Box::leak(Box::new(pools()));
    // What is freed here is gone until the next heap.
    static BUMP: &'static Bump = Box::leak(Box::new(Bump::new(array(8 * ROOM))));
    static TALC: &'static TalcPages = Box::leak(Box::new(TalcPages::new(array(2 * ROOM)).expect("room")));
}

kit_suite::page_source_suite!(os_pages, || OsPages);
kit_suite::page_source_suite!(global_pages, || GlobalPages(System));
kit_suite::page_source_suite!(allocator_pages, || AllocatorPages(Global));
kit_suite::page_source_suite!(arena, || Arena::new(array(ROOM)).expect("room"));
kit_suite::page_source_suite!(talc_pages, || TalcPages::new(array(ROOM)).expect("room"));
kit_suite::page_source_suite!(tlsf_pages, || TlsfPages::new(array(ROOM)));

kit_suite::heap_suite!(paged_heap, |lab| Heap::new(
    lab.pages(&OsPages),
    lab.grace()
));
kit_suite::heap_suite!(paged_heap_in_arena, |lab| Heap::new(
    lab.pages(ARENA.with(|arena| *arena)),
    lab.grace()
));
kit_suite::heap_suite!(paged_heap_in_talc, |lab| Heap::new(
    lab.pages(TALC.with(|talc| *talc)),
    lab.grace()
));
// What a program with one thread has: every grace period has passed.
kit_suite::heap_suite!(paged_heap_without_readers, || Heap::new(
    &OsPages, &NoReaders
));

kit_suite::heap_suite!(paged_heap_in_tlsf, |lab| Heap::new(
    lab.pages(TLSF.with(|tlsf| *tlsf)),
    lab.grace()
));
kit_suite::heap_suite!(paged_heap_on_a_global_allocator, |lab| Heap::new(
    lab.pages(&GlobalPages(System)),
    lab.grace()
));
kit_suite::heap_suite!(paged_heap_on_an_allocator, |lab| Heap::new(
    lab.pages(&AllocatorPages(Global)),
    lab.grace()
));

kit_suite::heap_suite!(delegating_heap, |lab| DelegatingHeap::new(
    lab.memory(&System),
    lab.grace()
));
kit_suite::heap_suite!(delegating_heap_to_an_allocator, |lab| DelegatingHeap::new(
    lab.memory(&AllocatorMemory(Global)),
    lab.grace()
));
kit_suite::heap_suite!(heap_in_a_region, |lab| DelegatingHeap::new(
    lab.memory(REGION.with(|region| *region)),
    lab.grace()
));
kit_suite::heap_suite!(heap_of_pools, |lab| DelegatingHeap::new(
    lab.memory(POOLS.with(|pools| *pools)),
    lab.grace()
));
kit_suite::heap_suite!(bump_heap, |lab| {
    let bump = BUMP.with(|bump| *bump);
    // SAFETY: the thread's last heap was dropped.
    unsafe { bump.reset() };
    DelegatingHeap::new(bump, lab.grace())
});

/// Pools for the blocks that laws ask for, with what a heap puts in front of them: many small, a few large.
fn pools() -> Pools {
    let sizes = [
        (48, 16),
        (64, 17),
        (96, 17),
        (160, 17),
        (288, 17),
        (544, 17),
        (1024, 16),
        (1056, 16),
        (2080, 16),
    ];
    let large = [
        (8224, 13),
        (32 << 10, 11),
        (72 << 10, 10),
        (300 << 10, 8),
        (4 << 20, 4),
        (7 << 20, 4),
    ];
    let pools = sizes.into_iter().chain(large);
    let pools: Vec<Pool> = pools
        .map(|(size, order)| {
            let list = Box::leak(Box::new(heapless::Vec::<u32, { 1 << 17 }>::new()));
            Pool::new(array(size << order), size, list)
        })
        .collect();
    Pools::new(Box::leak(pools.into_boxed_slice()))
}
