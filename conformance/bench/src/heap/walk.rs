//! Visiting all objects, as a collection does.

use super::alone::Random;
use crate::micro::{Case, Group, Subject, processor_time};
use kit_alloc::paged::Heap;
use kit_core::backend::grace::NoReaders;
use kit_core::backend::heap::{HeapKind, Kinds, LocalHeap, SharedHeap};
use kit_std::platform::pages::OsPages;
use std::hint::black_box;
use std::ptr::NonNull;

/// The case of objects of one size, of which one in so many lives. The rival is a list of all their addresses.
macro_rules! case {
    ($name:literal, $size:literal, $one_in:literal, $limit:expr) => {
        Case {
            name: $name,
            exact: false,
            limit: $limit,
            subjects: &[
                Subject::new("kit", walk::<$size, $one_in>),
                Subject::new("a list of addresses", list::<$size, $one_in>),
            ],
        }
    };
}

/// The group. What is live is visited, not read.
pub const GROUP: Group = Group {
    name: "walk",
    unit: "ns",
    cases: &[
        case!("a live object of 32 bytes, none dead", 32, 1, Some(10.0)),
        case!("a live object of 64 bytes, none dead", 64, 1, Some(10.0)),
        case!("a live object of 256 bytes, none dead", 256, 1, Some(10.0)),
        case!("a live object of 32 bytes, half dead", 32, 2, None),
        case!("a live object of 32 bytes, one in 8 lives", 32, 8, None),
        case!("a live object of 32 bytes, one in 64 lives", 32, 64, None),
        case!("a live object of 256 bytes, one in 8 lives", 256, 8, None),
    ],
};

/// Objects allocated; most bytes are not touched.
const OBJECTS: usize = 1 << 20;

/// Objects at random places.
fn objects<const SIZE: usize, const ONE_IN: usize>(local: &LocalHeap) -> Vec<NonNull<u8>> {
    let mut random = Random(1);
    let mut live = Vec::new();
    for _ in 0..OBJECTS {
        live.push(local.alloc(HeapKind::Plain, SIZE).expect("memory"));
    }
    live.retain(|&block| {
        let keep = random.below(ONE_IN) == 0;
        if !keep {
            // SAFETY: ours, and nobody uses it.
            unsafe { local.free(block) };
        }
        keep
    });
    live
}

/// Nanoseconds a live object for what `body` does, which says how many it saw.
fn timed(rounds: usize, live: usize, mut body: impl FnMut() -> usize) -> f64 {
    let times = (rounds / live).max(1);
    assert_eq!(body(), live);
    let start = processor_time();
    for _ in 0..times {
        black_box(body());
    }
    (processor_time() - start).as_nanos() as f64 / (times * live) as f64
}

fn walk<const SIZE: usize, const ONE_IN: usize>(rounds: usize) -> f64 {
    let heap = Heap::new(&OsPages, &NoReaders);
    // SAFETY: the only thread of the heap, which stays where it is and is dropped after.
    let local = unsafe { heap.local(1) }.expect("memory");
    let live = objects::<SIZE, ONE_IN>(&local);
    timed(rounds, live.len(), || {
        let (mut count, mut all) = (0, 0);
        // SAFETY: the only thread that uses the heap.
        unsafe {
            heap.for_each_block(Kinds::ALL, |block, _| {
                count += 1;
                all ^= block.as_ptr().addr();
            });
        }
        black_box(all);
        count
    })
}

fn list<const SIZE: usize, const ONE_IN: usize>(rounds: usize) -> f64 {
    let heap = Heap::new(&OsPages, &NoReaders);
    // SAFETY: the only thread of the heap, which stays where it is and is dropped after.
    let local = unsafe { heap.local(1) }.expect("memory");
    let live = objects::<SIZE, ONE_IN>(&local);
    timed(rounds, live.len(), || {
        let (mut count, mut all) = (0, 0);
        for block in black_box(&live) {
            count += 1;
            all ^= block.as_ptr().addr();
        }
        black_box(all);
        count
    })
}
