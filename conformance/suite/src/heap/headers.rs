//! What a reader without a reference may still look at.

use kit_core::backend::heap::{CLASS_MAX, HeapKind, SharedHeap};

use super::{Block, SIZES, body};
use crate::{lab::Lab, law::Law};

/// The counts of an object block say "dead" when it is handed out, and from when it is freed until a grace period
/// has passed, whatever else the heap is asked for meanwhile.
///
/// The second half is only looked at when the heap has its grace periods from [`Lab::grace`].
pub fn dead_headers<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "dead_headers",
        advice: "never write the eight bytes of counts in the header of an object block, neither on free nor on allocation; make them 0 when memory first becomes a page of objects; and keep an empty page of objects until a goal taken after its last free was reached",
    };
    for size in [32, 48, 1000, 40_000, CLASS_MAX * 2] {
        for kind in [HeapKind::Plain, HeapKind::Collected, HeapKind::Prefixed] {
            let lab = Lab::new();
            let heap = make(&lab);
            let local = law.local(&heap, 1);
            // Memory that was something else.
            let buffers: Vec<_> = (0..20)
                .map(|_| law.alloc(&local, HeapKind::Buffer, size))
                .collect();
            scribble(&buffers);
            for block in buffers {
                // SAFETY: ours.
                unsafe { block.free(&local) };
            }
            local.collect(true);

            let objects: Vec<_> = (0..20).map(|_| law.alloc(&local, kind, size)).collect();
            for (number, object) in objects.iter().enumerate() {
                object.demand_dead(&law, "when it is handed out");
                object.set_counts(1, 4);
                object.set_counts(0, if number % 2 == 0 { 0 } else { super::MERGED });
                // SAFETY: ours.
                unsafe { object.free(&local) };
                if lab.has_grace() {
                    object.demand_dead(&law, "just after it was freed");
                }
            }
            if !lab.has_grace() {
                continue;
            }
            // Whatever could take the memory, of any size, while a reader has not been seen.
            for _ in 0..3 {
                let mut buffers = Vec::new();
                for size in SIZES.into_iter().chain([size; 20]) {
                    buffers.push(law.alloc(&local, HeapKind::Buffer, size));
                }
                scribble(&buffers);
                for object in &objects {
                    object.demand_dead(&law, "before a grace period has passed");
                }
                for block in buffers {
                    // SAFETY: ours.
                    unsafe { block.free(&local) };
                }
                local.collect(true);
            }
            for kind in [HeapKind::Plain, HeapKind::Collected, HeapKind::Prefixed] {
                let others: Vec<_> = (0..20).map(|_| law.alloc(&local, kind, size)).collect();
                for object in objects.iter().chain(&others) {
                    object.demand_dead(&law, "while others are allocated");
                }
                for block in others {
                    // SAFETY: ours.
                    unsafe { block.free(&local) };
                }
            }
        }
    }
    // A reader may be late by a whole thread: the page was abandoned meanwhile.
    let lab = Lab::new();
    let heap = make(&lab);
    let local = law.local(&heap, 1);
    let object = law.alloc(&local, HeapKind::Plain, 64);
    // SAFETY: ours.
    unsafe { object.free(&local) };
    drop(local);
    if lab.has_grace() {
        // SAFETY: no other thread uses the heap.
        unsafe { heap.trim() };
        object.demand_dead(&law, "after the thread that freed it has left");
    }
}

/// Writes to all of some buffers.
fn scribble(buffers: &[Block]) {
    for block in buffers {
        debug_assert_eq!(body(block.kind), 0);
        // SAFETY: the block is the caller's.
        unsafe { block.start.write_bytes(0xff, block.size) };
    }
}
