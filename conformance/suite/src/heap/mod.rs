//! The laws of a heap: [`SharedHeap`] and the [`LocalHeap`]s it makes.
//!
//! | law | what must hold |
//! |---|---|
//! | [`alignment`] | 16 bytes; in a heap with segments, a power of two up to 64 KiB to its size; as much room as asked for |
//! | [`distinctness`] | live blocks share no byte and keep what is written to them |
//! | [`zeroing`] | a block asked for with zeros is zero, but for an object's header |
//! | [`accounting`] | bytes are back at the start after all is freed and trimmed, and the source gets all back |
//! | [`kinds`] | each kind has pages of its own, that say which kind |
//! | [`remote_free`] | threads free each other's blocks, which are reused |
//! | [`abandonment`] | blocks of a thread that left stay, are walked, are freed by others, and reused |
//! | [`exits`] | threads leave while others free their blocks |
//! | [`walk`] | a walk visits each live block exactly once, of the kinds asked for; in a heap without segments, each object |
//! | [`dead_headers`] | the counts of a freed object say "dead" until its page's grace period has passed |
//! | [`out_of_memory`] | when a request for pages fails: nothing is lost, and the heap goes on afterwards |
//! | [`limits`] | `set_limit` fails allocations, and only those |
//! | [`fragmentation`] | a heap under a stated load needs at most a stated multiple of what is live |
//! | [`sequences`] | arbitrary sequences of all of these agree with a model |

use std::{
    collections::BTreeSet,
    ptr::NonNull,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
};

use kit_core::backend::{
    heap::{CLASS_MAX, HeapKind, Kinds, LocalHeap, SharedHeap},
    page::PageHead,
};

use crate::{lab::Lab, law::Law};

mod blocks;
mod failure;
mod headers;
mod load;
mod sequence;
mod threads;

pub use blocks::{accounting, alignment, distinctness, kinds, walk, zeroing};
pub use failure::{limits, out_of_memory};
pub use headers::dead_headers;
pub use load::{FACTOR, fragmentation};
pub use sequence::sequences;
pub use threads::{abandonment, exits, remote_free};

/// Bytes that a heap under test must be able to have: the most that a law uses at a time, with room to spare.
pub const ROOM: usize = 128 << 20;

/// A live block, and what it was asked for as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    start: NonNull<u8>,
    kind: HeapKind,
    size: usize,
}

// SAFETY: raw memory, which belongs to whoever has the block.
unsafe impl Send for Block {}

impl Block {
    fn addr(self) -> usize {
        self.start.as_ptr().addr()
    }

    /// Where the part begins that is neither prefix nor header.
    fn body(self) -> usize {
        body(self.kind)
    }

    /// Writes what [`check`](Self::check) looks for. The block is the caller's.
    fn paint(self) {
        for at in self.places() {
            // SAFETY: inside the block, behind the header.
            unsafe { self.start.add(at).write(self.color(at)) };
        }
    }

    /// Demands that the block is as it was painted.
    fn check(self, law: &Law) {
        for at in self.places() {
            // SAFETY: as above.
            let found = unsafe { self.start.add(at).read() };
            law.demand(found == self.color(at), || {
                format!("{self:?} was overwritten at byte {at}, with {found:#x}")
            });
        }
    }

    /// Every byte of a small block, some of a large one, and always the last.
    fn places(self) -> impl Iterator<Item = usize> {
        let step = if self.size > 4096 { 509 } else { 1 };
        (self.body()..self.size)
            .step_by(step)
            .chain(self.size.checked_sub(1).filter(|&last| last >= self.body()))
    }

    fn color(self, at: usize) -> u8 {
        (self.addr() >> 4) as u8 ^ (self.addr() >> 12) as u8 ^ at as u8 | 1
    }

    /// The counts of an object.
    fn counts(self) -> (u32, u32) {
        // SAFETY: the header of an object block, alive or dead, is only accessed as atomics.
        unsafe {
            let header = self
                .start
                .add(self.kind.header_offset())
                .cast::<AtomicU32>();
            (
                header.add(2).as_ref().load(SeqCst),
                header.add(3).as_ref().load(SeqCst),
            )
        }
    }

    fn set_counts(self, local: u32, shared: u32) {
        // SAFETY: as above.
        unsafe {
            let header = self
                .start
                .add(self.kind.header_offset())
                .cast::<AtomicU32>();
            header.add(2).as_ref().store(local, SeqCst);
            header.add(3).as_ref().store(shared, SeqCst);
        }
    }

    /// Demands that the counts say "dead".
    fn demand_dead(self, law: &Law, when: &str) {
        if self.kind.is_object() {
            let (local, shared) = self.counts();
            law.demand(local == 0 && matches!(shared, 0 | MERGED), || {
                format!("{when} the counts of {self:?} are {local:#x} and {shared:#x}, not 0 and 0 or {MERGED}")
            });
        }
    }

    /// Frees the block.
    ///
    /// # Safety
    ///
    /// - The block is the caller's.
    unsafe fn free(self, local: &LocalHeap) {
        // SAFETY: the caller's; laws leave the counts dead.
        unsafe { local.free(self.start) }
    }
}

/// What a law knows of heaps: how to use them, and how to say that they failed.
impl Law {
    /// A thread's heap.
    fn local(&self, heap: &impl SharedHeap, slot: u16) -> LocalHeap {
        // SAFETY: laws give each living local heap its own slot, and drop it before the shared one.
        unsafe { heap.local(slot) }.unwrap_or_else(|| self.without_memory("no heap for a thread"))
    }

    /// A block, painted.
    fn alloc(&self, local: &LocalHeap, kind: HeapKind, size: usize) -> Block {
        self.try_alloc(local, kind, size)
            .unwrap_or_else(|| self.without_memory(&format!("no block of {size} bytes, {kind:?}")))
    }

    /// A block, painted, if there is one. Whether it has room is seen before anything is written: a block that is too
    /// small would make what is no heap of ours fail, somewhere else.
    fn try_alloc(&self, local: &LocalHeap, kind: HeapKind, size: usize) -> Option<Block> {
        let size = size.max(body(kind));
        let start = local.alloc(kind, size)?;
        let block = Block { start, kind, size };
        // SAFETY: just allocated.
        let room = unsafe { local.usable_size(start) };
        self.demand(room >= size, || {
            format!("{block:?} has room for {room} bytes")
        });
        block.paint();
        Some(block)
    }

    fn without_memory(&self, what: &str) -> ! {
        self.broken(&format!(
            "there is {what}: the heap under test has no memory, and needs {} MiB",
            ROOM >> 20
        ))
    }

    /// The live blocks of these kinds, as a walk sees them.
    fn live(&self, heap: &impl SharedHeap, kinds: Kinds) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        // SAFETY: laws walk while no thread uses the heap.
        unsafe {
            for part in 0..heap.walk_parts() {
                heap.walk_pages(part, kinds, &mut |page| {
                    let kind = page.as_ref().heap_kind();
                    self.demand(kinds.contains(kind), || {
                        format!("a walk for {kinds:?} visits a page of {kind:?}")
                    });
                    PageHead::for_each_live(page, |block| {
                        self.demand(seen.insert(block.as_ptr().addr()), || {
                            format!("a walk visits the block at {block:p} twice")
                        });
                    });
                });
            }
        }
        seen
    }

    /// Demands that a walk sees these blocks, of each kind.
    fn demand_live<'a>(
        &self,
        heap: &impl SharedHeap,
        blocks: impl Iterator<Item = &'a Block> + Clone,
    ) {
        let each = HeapKind::ALL.map(|kind| Kinds::of(&[kind]));
        for kinds in each
            .into_iter()
            .chain([Kinds::COLLECTED, Kinds::OBJECTS, Kinds::ALL])
        {
            let seen = self.live(heap, kinds);
            let expected: BTreeSet<_> = (blocks.clone())
                .filter(|block| kinds.contains(block.kind))
                // A heap without segments need not know of its buffers.
                .filter(|block| heap.is_paged() || block.kind.is_object())
                .map(|block| block.addr())
                .collect();
            self.demand(seen == expected, || {
                format!(
                    "a walk for {kinds:?} misses {} of {} live blocks and visits {} that are none",
                    expected.difference(&seen).count(),
                    expected.len(),
                    seen.difference(&expected).count()
                )
            });
        }
    }
}

/// Bytes of an object that are not its own.
fn body(kind: HeapKind) -> usize {
    if kind.is_object() {
        kind.header_offset() + 16
    } else {
        0
    }
}

/// Takes in what was freed and gives back what is empty, whatever it waits for.
fn settle(lab: &Lab, local: &LocalHeap) {
    local.collect(true);
    lab.pass();
    local.collect(true);
}

/// A simple generator: laws do the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        // Numbers of Knuth's MMIX.
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end
    }

    fn kind(&mut self) -> HeapKind {
        HeapKind::ALL[self.below(HeapKind::ALL.len())]
    }

    /// Small ones more often, but all sorts.
    fn size(&mut self) -> usize {
        1 + match self.below(1000) {
            0 => self.below(HUGE),
            1..5 => CLASS_MAX + self.below(CLASS_MAX * 4),
            5..20 => self.below(CLASS_MAX),
            20..200 => self.below(4096),
            _ => self.below(200),
        }
    }
}

/// Sizes on both sides of every border that the contract knows, and a few in between.
const SIZES: [usize; 20] = [
    1,
    16,
    17,
    32,
    48,
    64,
    100,
    256,
    257,
    320,
    1000,
    4096,
    5000,
    16384,
    40_000,
    CLASS_MAX,
    CLASS_MAX + 1,
    200_000,
    HUGE,
    HUGE * 2,
];

/// More than half of a segment.
const HUGE: usize = 3 << 20;

/// The flags of a shared count whose object was merged.
const MERGED: u32 = 3;
