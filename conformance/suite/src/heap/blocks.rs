//! Laws that one thread can break.

use std::collections::BTreeMap;

use kit_core::backend::heap::{CLASS_MAX, HeapKind, SharedHeap};

use super::{Block, Random, SIZES, body, settle};
use crate::{lab::Lab, law::Law};

/// Blocks are aligned to 16 bytes, in a heap with segments those of a power of two up to 64 KiB to their size, and have
/// room.
pub fn alignment<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "alignment",
        advice: "round block sizes up to multiples of 16, and begin a run of blocks at a multiple of 64 KiB",
    };
    let lab = Lab::new();
    let heap = make(&lab);
    let local = law.local(&heap, 1);
    for kind in HeapKind::ALL {
        for size in SIZES {
            let blocks = [0; 3].map(|_| law.alloc(&local, kind, size));
            for block in blocks {
                let align = match block.size {
                    size if size.is_power_of_two() && size <= CLASS_MAX && heap.is_paged() => {
                        size.max(16)
                    }
                    _ => 16,
                };
                law.demand(block.addr().is_multiple_of(align), || {
                    format!("{block:?} is not aligned to {align}")
                });
                // SAFETY: the block is ours.
                let room = unsafe { local.usable_size(block.start) };
                law.demand(room >= block.size, || {
                    format!("{block:?} has room for {room} bytes")
                });
                // SAFETY: as above.
                unsafe { block.free(&local) };
            }
        }
    }
    // A block of nothing is a block.
    let [a, b] = [0; 2].map(|_| law.alloc(&local, HeapKind::Buffer, 0));
    law.demand(a != b, || {
        "two blocks of 0 bytes are at the same place".into()
    });
    // SAFETY: ours.
    unsafe {
        a.free(&local);
        b.free(&local);
    }
}

/// Live blocks share no byte of what they have room for, and keep what is written to them.
pub fn distinctness<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "distinctness",
        advice: "a block belongs to whoever asked for it until it is freed: look at free lists that lead to a block in use, and at sizes that are rounded down",
    };
    let lab = Lab::new();
    let heap = make(&lab);
    let local = law.local(&heap, 1);
    let mut random = Random(1);
    // By address, with what there is room for.
    let mut live: BTreeMap<usize, (Block, usize)> = BTreeMap::new();
    for _ in 0..4000 {
        if live.is_empty() || random.below(5) < 3 {
            let (kind, size) = (random.kind(), random.size());
            let block = law.alloc(&local, kind, size);
            // SAFETY: ours.
            let room = unsafe { local.usable_size(block.start) };
            let below = live.range(..=block.addr()).next_back();
            law.demand(
                below.is_none_or(|(at, (_, room))| at + room <= block.addr()),
                || format!("{block:?} lies in a live block"),
            );
            let above = live.range(block.addr()..).next();
            law.demand(
                above.is_none_or(|(at, _)| block.addr() + room <= *at),
                || format!("{block:?}, with room for {room} bytes, reaches into a live block"),
            );
            live.insert(block.addr(), (block, room));
        } else {
            let at = *live.keys().nth(random.below(live.len())).expect("a block");
            let (block, _) = live.remove(&at).expect("a block");
            block.check(&law);
            // SAFETY: ours.
            unsafe { block.free(&local) };
        }
    }
    for (block, _) in live.into_values() {
        block.check(&law);
        // SAFETY: ours.
        unsafe { block.free(&local) };
    }
}

/// A block asked for with zeros is zero, but for an object's header.
pub fn zeroing<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "zeroing",
        advice: "`HeapOps::alloc` with its flag set returns zeros behind the header (`zero_block`), unless it knows that the memory is fresh",
    };
    let lab = Lab::new();
    let heap = make(&lab);
    let local = law.local(&heap, 1);
    for kind in HeapKind::ALL {
        for size in SIZES {
            let size = size.max(body(kind));
            for _ in 0..3 {
                let Some(start) = local.alloc_sized(kind, size, true) else {
                    law.without_memory(&format!("no block of {size} bytes"));
                };
                let block = Block { start, kind, size };
                // SAFETY: ours, of that size.
                let bytes = unsafe { core::slice::from_raw_parts_mut(start.as_ptr(), size) };
                let (prefix, rest) = bytes.split_at_mut(kind.header_offset());
                let rest = &mut rest[body(kind) - kind.header_offset()..];
                law.demand(prefix.iter().chain(&*rest).all(|&byte| byte == 0), || {
                    format!("{block:?} was asked for with zeros and holds others")
                });
                prefix.fill(0xee);
                rest.fill(0xee);
                // SAFETY: ours.
                unsafe { block.free(&local) };
            }
            settle(&lab, &local);
        }
    }
}

/// Bytes in use are at least what is live, and back at the start after all is freed and trimmed; a heap that is
/// dropped gives all pages back.
pub fn accounting<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "accounting",
        advice: "every page that is counted in must be counted out when it is released: empty pages after `collect(true)` and a grace period, segments in `trim`, the rest when the heap is dropped",
    };
    let lab = Lab::new();
    let heap = make(&lab);
    let local = law.local(&heap, 1);
    let round = |seed| {
        let mut random = Random(seed);
        let mut blocks = Vec::new();
        for _ in 0..3000 {
            let (kind, size) = (random.kind(), random.size());
            blocks.push(law.alloc(&local, kind, size));
        }
        let live: usize = blocks.iter().map(|block| block.size).sum();
        let bytes = heap.bytes();
        law.demand(bytes >= live, || {
            format!("{live} bytes are live, and {bytes} in use")
        });
        for block in blocks {
            // SAFETY: ours.
            unsafe { block.free(&local) };
        }
        settle(&lab, &local);
        // SAFETY: no other thread uses the heap.
        unsafe { heap.trim() };
        heap.bytes()
    };
    let start = round(1);
    for seed in 2..6 {
        let end = round(seed);
        law.demand(end == start, || {
            format!("after everything was freed and trimmed {end} bytes are in use; before it were {start}")
        });
    }
    drop(local);
    drop(heap);
    let held = lab.held();
    law.demand(held == 0, || {
        format!("the heap was dropped, and {held} bytes of pages were never released")
    });
}

/// Blocks of each kind lie in pages of that kind, whatever the order in which they are used.
pub fn kinds<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "kinds",
        advice: "a page's descriptor says what all its blocks are: choose pages by kind as well as by size, and wait for an empty page to be released before another kind uses it",
    };
    let lab = Lab::new();
    let heap = make(&lab);
    let local = law.local(&heap, 1);
    let mut random = Random(3);
    for size in [32, 48, 1024, CLASS_MAX, CLASS_MAX * 3] {
        let mut blocks = Vec::new();
        for _ in 0..2 {
            for _ in 0..40 {
                for kind in HeapKind::ALL {
                    blocks.push(law.alloc(&local, kind, size));
                }
            }
            law.demand_live(&heap, blocks.iter());
            for _ in 0..120 {
                let block = blocks.swap_remove(random.below(blocks.len()));
                // SAFETY: ours.
                unsafe { block.free(&local) };
            }
            settle(&lab, &local);
        }
        law.demand_live(&heap, blocks.iter());
        for block in blocks {
            // SAFETY: ours.
            unsafe { block.free(&local) };
        }
        settle(&lab, &local);
    }
}

/// A walk visits each live block exactly once, whoever allocated it, and no other.
pub fn walk<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "walk",
        advice: "every page is in exactly one part of the walk, from before its first block is handed out until after its last is freed; a block on a free list, of either sort, is not live",
    };
    let lab = Lab::new();
    let heap = make(&lab);
    law.demand_live(&heap, [].iter());
    let locals = [1, 2].map(|slot| law.local(&heap, slot));
    let mut random = Random(5);
    let mut blocks: Vec<Block> = Vec::new();
    for step in 0..6000 {
        let local = &locals[random.below(2)];
        if blocks.is_empty() || random.below(5) < 3 {
            let (kind, size) = (random.kind(), random.size());
            blocks.push(law.alloc(local, kind, size));
        } else {
            let block = blocks.swap_remove(random.below(blocks.len()));
            // SAFETY: ours.
            unsafe { block.free(local) };
        }
        if step % 1000 == 999 {
            law.demand_live(&heap, blocks.iter());
        }
    }
    for block in blocks.drain(..) {
        // SAFETY: ours.
        unsafe { block.free(&locals[0]) };
    }
    law.demand_live(&heap, blocks.iter());
}
