//! How much a heap needs besides what is live.

use kit_core::backend::heap::SharedHeap;

use super::{Block, Random, settle};
use crate::{lab::Lab, law::Law};

/// A heap needs at most [`FACTOR`] times what is live: after 90,000 times replacing one of 30,000 blocks, of 16 to
/// 1000 bytes and any kind, by another; and again after three quarters of those were freed and replaced by
/// blocks of 1000 to 3000 bytes.
pub fn fragmentation<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "fragmentation",
        advice: "reuse free blocks before taking fresh pages, prefer pages that are nearly full, and round sizes by less than a quarter",
    };
    let lab = Lab::new();
    let heap = make(&lab);
    let local = law.local(&heap, 1);
    let mut random = Random(7);
    let mut blocks: Vec<Block> = (0..30_000)
        .map(|_| {
            let (kind, size) = (random.kind(), 16 + random.below(985));
            law.alloc(&local, kind, size)
        })
        .collect();
    let demand = |blocks: &[Block], when: &str| {
        settle(&lab, &local);
        let live: usize = blocks.iter().map(|block| block.size).sum();
        let bytes = heap.bytes();
        law.demand(bytes as f64 <= live as f64 * FACTOR, || {
            format!(
                "{when} {bytes} bytes are in use for {live} that are live: {:.2} times as much, where {FACTOR} is allowed",
                bytes as f64 / live as f64
            )
        });
    };
    for _ in 0..90_000 {
        let at = random.below(blocks.len());
        // SAFETY: ours.
        unsafe { blocks[at].free(&local) };
        let (kind, size) = (random.kind(), 16 + random.below(985));
        blocks[at] = law.alloc(&local, kind, size);
    }
    demand(&blocks, "after a steady load");
    for block in &mut blocks {
        if random.below(4) != 0 {
            // SAFETY: ours.
            unsafe { block.free(&local) };
            let (kind, size) = (random.kind(), 1000 + random.below(2001));
            *block = law.alloc(&local, kind, size);
        }
    }
    demand(&blocks, "after a change of load");
    for block in blocks {
        // SAFETY: ours.
        unsafe { block.free(&local) };
    }
}

/// How many times what is live a heap may use under this load.
pub const FACTOR: f64 = 2.0;
