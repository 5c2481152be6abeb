//! Every heap with every configuration of a collector.
//!
//! A configuration is a line in `configurations!`; a heap is a line in `matrix!`.

use std::{alloc::System, mem::MaybeUninit, thread};

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
use kit_core::backend::{collector::Helpers, page::SEGMENT};
use kit_gc::{cycle::CycleCollector, trigger::Configuration};
use kit_std::platform::pages::OsPages;
use kit_suite::collector::Parts;

/// The kit's collector, as it is configured.
fn configured(parts: Parts, configuration: Configuration) -> CycleCollector {
    // SAFETY: the suite's threads are whole records, and its kinds report what they hold.
    let collector = unsafe { CycleCollector::new(parts.world, parts.heap, parts.host) };
    collector.trigger().configure(configuration);
    collector
}

/// Every collection looks at everything.
fn simple(parts: Parts) -> CycleCollector {
    let young = false;
    configured(parts, Configuration { young, pause: 0 })
}

/// Collections that are due look at what is new.
fn young(parts: Parts) -> CycleCollector {
    let young = true;
    configured(parts, Configuration { young, pause: 0 })
}

/// The same, at no more than a page each time.
fn hurried(parts: Parts) -> CycleCollector {
    let young = true;
    configured(parts, Configuration { young, pause: 1 })
}

/// Every collection looks at everything, with three threads that mark, however small the heap.
fn helped(parts: Parts) -> CycleCollector {
    simple(parts).with_helpers(&Three, 0)
}

/// Two threads that help, there for one collection each.
struct Three;

impl Helpers for Three {
    fn workers(&self) -> usize {
        3
    }

    fn run(&self, work: &(dyn Fn(usize) + Sync)) {
        thread::scope(|scope| {
            for number in 1..3 {
                scope.spawn(move || work(number));
            }
            work(0);
        });
    }
}

macro_rules! configurations {
    (|$lab:ident| $heap:expr) => {
        kit_suite::collector_suite!(counts, |$lab| $heap);
        kit_suite::collector_suite!(simple, |$lab| $heap, |parts| super::super::simple(parts));
        kit_suite::collector_suite!(helped, |$lab| $heap, |parts| super::super::helped(parts));
        kit_suite::collector_suite!(young, |$lab| $heap, |parts| super::super::young(parts));
        kit_suite::collector_suite!(hurried, |$lab| $heap, |parts| super::super::hurried(parts));
    };
}

macro_rules! matrix {
    ($($name:ident: |$lab:ident| $heap:expr;)*) => {
        $(
            mod $name {
                #[allow(unused_imports)] // What `$heap` names may stand in the test itself.
                use super::*;

                configurations!(|$lab| $heap);
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
