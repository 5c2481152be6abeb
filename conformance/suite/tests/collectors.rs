//! Every heap with every configuration of a collector.
//!
//! The configurations are those of `collector_suites!`; a heap is a line in `matrix!`.

use std::{alloc::System, mem::MaybeUninit};

use kit_alloc::{
    delegating::DelegatingHeap,
    paged::Heap,
    small::{
        bump::Bump,
        pool::{Pool, Pools},
        region::Region,
    },
    source::arena::Arena,
};
use kit_core::backend::page::SEGMENT;
use kit_std::platform::pages::OsPages;

macro_rules! matrix {
    ($($name:ident: |$lab:ident| $heap:expr;)*) => {
        $(
            mod $name {
                #[allow(unused_imports)] // What `$heap` names may stand in the test itself.
                use super::*;

                kit_suite::collector_suites!(|$lab| $heap);
            }
        )*
    };
}

matrix! {
    paged: |lab| Heap::new(lab.pages(&OsPages), lab.grace());
    paged_in_arena: |lab| Heap::new(lab.pages(ARENA.with(|arena| *arena)), lab.grace());
    delegating: |lab| DelegatingHeap::new(lab.memory(&System), lab.grace());
    region: |lab| DelegatingHeap::new(lab.memory(REGION.with(|region| *region)), lab.grace());
    pools: |lab| DelegatingHeap::new(lab.memory(POOLS.with(|pools| *pools)), lab.grace());
    bump: |lab| {
        let bump = BUMP.with(|bump| *bump);
        // SAFETY: the thread's last heap was dropped.
        unsafe { bump.reset() };
        DelegatingHeap::new(lab.memory(bump), lab.grace())
    };
}

/// Bytes that a law has in use at a time, with room to spare; what is never touched costs nothing.
const ROOM: usize = 128 << 20;

fn array(size: usize) -> &'static mut [MaybeUninit<u8>] {
    Box::leak(Box::new_uninit_slice(size))
}

thread_local! {
    // Each test has a thread, which makes one heap after the other in the same memory.
    static ARENA: &'static Arena = Box::leak(Box::new(Arena::new(array(ROOM + SEGMENT)).expect("room")));
    static REGION: &'static Region = Box::leak(Box::new(Region::new(array(ROOM)).expect("room")));
    static POOLS: &'static Pools = Box::leak(Box::new(pools()));
    // What is freed here is gone until the next heap.
    static BUMP: &'static Bump = Box::leak(Box::new(Bump::new(array(2 * ROOM))));
}

/// Pools for objects, with what a heap puts in front of them (and the checking build around them), and for the tables of
/// collections.
fn pools() -> Pools {
    let sizes = [
        (128, 17),
        (256, 17),
        (1 << 12, 10),
        (1 << 14, 9),
        (72 << 10, 9),
        (1 << 19, 6),
        (5 << 19, 4),
    ];
    let pools: Vec<Pool> = sizes
        .into_iter()
        .map(|(size, order)| {
            let list = Box::leak(Box::new(heapless::Vec::<u32, { 1 << 17 }>::new()));
            Pool::new(array(size << order), size, list)
        })
        .collect();
    Pools::new(Box::leak(pools.into_boxed_slice()))
}
