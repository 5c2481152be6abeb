//! The kit's own heaps and page sources, as instances of the suites. Those over allocators of others are in `ports.rs`.

use std::{alloc::System, mem::MaybeUninit};

use kit_alloc::{
    delegating::DelegatingHeap,
    paged::Heap,
    small::{
        pool::{Pool, Pools},
        region::Region,
    },
    source::{arena::Arena, rlsf::TlsfPages, talc::TalcPages},
};
use kit_core::{
    backend::{grace::NoReaders, page::SEGMENT},
    platform::thread::SpinPlatform,
};
use kit_std::{
    platform::{pages::OsPages, threads::StdThreads},
    port::{NoThread, Port},
};
use kit_suite::heap::ROOM;

/// An array that is never given back; what is never touched costs nothing.
fn array(size: usize) -> &'static mut [MaybeUninit<u8>] {
    Box::leak(Box::new_uninit_slice(size))
}

thread_local! {
    // Each test has a thread, which makes one heap after the other in the same arena.
    static ARENA: &'static Arena = Box::leak(Box::new(Arena::new(array(ROOM + SEGMENT)).expect("room")));
    static REGION: &'static Region = Box::leak(Box::new(Region::new(array(2 * ROOM)).expect("room")));
    static POOLS: &'static Pools = Box::leak(Box::new(pools()));
}

kit_suite::platform_suite!(std_threads, || StdThreads);
kit_suite::platform_suite!(spinning, || SpinPlatform::new());
kit_suite::threads_suite!(system, || Port::SYSTEM);
kit_suite::threads_suite!(nobody_else, || Port {
    start: |_, _| Err(NoThread),
    cores: || 1,
    ..Port::SYSTEM
});
kit_suite::page_source_suite!(os_pages, || OsPages);
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
// What a program with one thread has: every grace period has passed.
kit_suite::heap_suite!(paged_heap_without_readers, || Heap::new(
    &OsPages, &NoReaders
));

kit_suite::heap_suite!(delegating_heap, |lab| DelegatingHeap::new(
    lab.memory(&System),
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
