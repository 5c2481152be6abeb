//! What happens when there is no memory.

use kit_core::backend::heap::{CLASS_MAX, HeapKind, LocalHeap, SharedHeap};

use super::{Block, HUGE, settle};
use crate::{lab::Lab, law::Law};

/// When the N-th request for memory and all later ones fail, for every N, allocations return `None` and nothing
/// else: blocks that are live stay as they are, and once there is memory again everything works and comes back.
///
/// A heap that has its memory from [`Lab::pages`] or [`Lab::memory`] is refused that; any other is held down by its
/// limit.
pub fn out_of_memory<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "out_of_memory",
        advice: "a failed request must leave the heap as it was: undo what was counted and linked before it, return `None`, and ask again next time",
    };
    let requests = |load: Load| {
        let lab = Lab::new();
        let heap = make(&lab);
        let local = law.local(&heap, 1);
        let blocks = load.run(&law, &local, |what| law.without_memory(what));
        free(&law, &lab, &local, blocks);
        lab.requests()
    };
    match requests(LARGE) {
        Some(of_large) => {
            law.demand(of_large > 0, || {
                "the heap has never asked for memory".into()
            });
            // Fewer blocks will do where each is a request.
            let (load, requests) = if of_large < MANY {
                (LARGE, of_large)
            } else {
                (SMALL, requests(SMALL).unwrap_or(0))
            };
            for allowed in 0..requests {
                starve(&law, &make, &Lab::allowing(allowed), allowed, load);
            }
        }
        None => {
            let lab = Lab::new();
            let heap = make(&lab);
            let local = law.local(&heap, 1);
            for parts in 0..10 {
                heap.set_limit(heap.bytes() + parts * HUGE / 2);
                let mut failed = 0;
                let blocks = LARGE.run(&law, &local, |_| failed += 1);
                law.demand(failed > 0, || {
                    "more was allocated than the limit allows".into()
                });
                heap.set_limit(usize::MAX);
                free(&law, &lab, &local, blocks);
                recover(&law, &lab, &heap, &local, LARGE, "the limit");
            }
        }
    }
}

fn starve<H: SharedHeap>(
    law: &Law,
    make: &impl Fn(&Lab) -> H,
    lab: &Lab,
    allowed: usize,
    load: Load,
) {
    let heap = make(lab);
    let when = format!("request {} for memory", allowed + 1);
    // SAFETY: the only one in this slot, dropped before the heap.
    let local = match unsafe { heap.local(1) } {
        Some(local) => {
            let mut failed = 0;
            let blocks = load.run(law, &local, |_| failed += 1);
            law.demand(failed > 0, || {
                format!("{when} failed, and no allocation did")
            });
            law.demand_live(&heap, blocks.iter());
            // Nothing changes by asking again.
            let mut more = load.run(law, &local, |_| ());
            more.extend(blocks);
            free(law, lab, &local, more);
            local
        }
        None => {
            lab.allow_all();
            law.local(&heap, 1)
        }
    };
    lab.allow_all();
    recover(law, lab, &heap, &local, load, &when);
    drop(local);
    drop(heap);
    let held = lab.held();
    law.demand(held == 0, || {
        format!("{when} failed, and {held} bytes were never released")
    });
}

/// Demands that all works, and that bytes in use settle where they were.
fn recover<H: SharedHeap>(
    law: &Law,
    lab: &Lab,
    heap: &H,
    local: &LocalHeap,
    load: Load,
    when: &str,
) {
    let round = || {
        let blocks = load.run(law, local, |what| {
            law.broken(&format!(
                "there is {what} although there is memory again, after {when} failed"
            ))
        });
        law.demand_live(heap, blocks.iter());
        free(law, lab, local, blocks);
        // SAFETY: no other thread uses the heap.
        unsafe { heap.trim() };
        heap.bytes()
    };
    let (first, second) = (round(), round());
    law.demand(first == second, || {
        format!("after {when} failed, bytes in use grow from {first} to {second}")
    });
}

/// More requests than a law should make fail, one after the other, with all that was asked for before.
const MANY: usize = 200;

/// Blocks of all sorts: sizes, and how many of each.
#[derive(Clone, Copy)]
struct Load(&'static [(usize, usize)]);

/// More than a few segments.
const LARGE: Load = Load(&[
    (300, 64),
    (200, 700),
    (20, 30_000),
    (8, CLASS_MAX * 4),
    (3, HUGE),
]);
/// The same sorts, but few.
const SMALL: Load = Load(&[
    (50, 64),
    (10, 700),
    (3, 30_000),
    (2, CLASS_MAX * 4),
    (1, HUGE),
]);

impl Load {
    /// The blocks; says which there were none of.
    fn run(self, law: &Law, local: &LocalHeap, mut none: impl FnMut(&str)) -> Vec<Block> {
        let mut blocks = Vec::new();
        for &(count, size) in self.0 {
            for kind in [HeapKind::Buffer, HeapKind::Collected] {
                for _ in 0..count {
                    match law.try_alloc(local, kind, size) {
                        Some(block) => blocks.push(block),
                        None => none(&format!("no block of {size} bytes, {kind:?},")),
                    }
                }
            }
        }
        blocks
    }
}

fn free(law: &Law, lab: &Lab, local: &LocalHeap, blocks: Vec<Block>) {
    for block in blocks {
        block.check(law);
        // SAFETY: ours.
        unsafe { block.free(local) };
    }
    settle(lab, local);
}

/// Bytes in use never exceed the limit; at the limit allocations fail, frees work, and what was freed can be
/// allocated again; a limit that is lifted is gone. What no memory could hold is refused.
pub fn limits<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "limits",
        advice: "count bytes before taking pages, and take none when the sum would exceed the limit",
    };
    let lab = Lab::new();
    let heap = make(&lab);
    let local = law.local(&heap, 1);
    // What a heap sets up once is not what is limited here.
    for size in [64, HUGE / 2] {
        let block = law.alloc(&local, HeapKind::Buffer, size);
        // SAFETY: ours.
        unsafe { block.free(&local) };
    }
    settle(&lab, &local);
    let limit = heap.bytes() + ALLOWED;
    heap.set_limit(limit);
    for size in [64, 4000, 60_000, CLASS_MAX * 3] {
        let fill = || {
            let mut blocks = Vec::new();
            while let Some(block) = law.try_alloc(&local, HeapKind::Buffer, size) {
                blocks.push(block);
                let bytes = heap.bytes();
                law.demand(bytes <= limit, || {
                    format!("{bytes} bytes are in use, and the limit is {limit}")
                });
                law.demand(blocks.len() * size <= limit, || {
                    format!(
                        "{} blocks of {size} bytes fit under a limit of {limit} bytes",
                        blocks.len()
                    )
                });
            }
            blocks
        };
        let blocks = fill();
        law.demand(blocks.len() * size >= ALLOWED / 2, || {
            format!(
                "only {} blocks of {size} bytes fit where {ALLOWED} bytes are allowed",
                blocks.len()
            )
        });
        let count = blocks.len();
        free(&law, &lab, &local, blocks);
        let again = fill();
        law.demand(again.len() >= count, || {
            format!("{count} blocks of {size} bytes fit under the limit, and after they were freed only {}", again.len())
        });
        free(&law, &lab, &local, again);
    }
    heap.set_limit(0);
    let none = law.try_alloc(&local, HeapKind::Buffer, HUGE);
    law.demand(none.is_none(), || {
        "a limit below what is in use limits nothing".into()
    });
    heap.set_limit(usize::MAX);
    for size in [usize::MAX, isize::MAX as usize, isize::MAX as usize - 4095] {
        let found = local.alloc(HeapKind::Buffer, size);
        law.demand(found.is_none(), || {
            format!("the heap claims to have a block of {size:#x} bytes")
        });
    }
    let block = law.alloc(&local, HeapKind::Plain, HUGE);
    // SAFETY: ours.
    unsafe { block.free(&local) };
}

/// What the limit allows beyond what is in use: twenty pages.
const ALLOWED: usize = 20 << 16;
