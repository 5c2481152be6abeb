//! The kit's own heaps and page sources, as instances of the suites.

use std::{alloc::System, mem::MaybeUninit};

use allocator_api2::alloc::Global;
use kit_alloc::{
    paged::Heap,
    source::{
        allocator::AllocatorPages, arena::Arena, global::GlobalPages, rlsf::TlsfPages,
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
