//! One thread that allocates and frees.

use super::allocators::Allocator;
use super::case;
use crate::micro::{Group, each};
use std::hint::black_box;
use std::ptr::NonNull;

/// The group.
pub const GROUP: Group = Group {
    name: "alone",
    unit: "ns",
    cases: &[
        case!("16 bytes: allocate and free", true, pair, 16; mimalloc),
        case!("32 bytes: allocate and free", true, pair, 32; mimalloc),
        case!("48 bytes: allocate and free", true, pair, 48; mimalloc),
        case!("64 bytes: allocate and free", true, pair, 64; mimalloc),
        case!("256 bytes: allocate and free", true, pair, 256; mimalloc),
        case!("1000 of 16 bytes, the last freed first", true, batch, 16, LAST; mimalloc),
        case!("1000 of 16 bytes, the first freed first", true, batch, 16, FIRST; mimalloc),
        case!("1000 of 16 bytes, freed in any order", true, batch, 16, ANY; mimalloc),
        case!("1000 of 32 bytes, the last freed first", true, batch, 32, LAST; mimalloc),
        case!("1000 of 32 bytes, the first freed first", true, batch, 32, FIRST; mimalloc),
        case!("1000 of 32 bytes, freed in any order", true, batch, 32, ANY; mimalloc),
        case!("1000 of 48 bytes, the last freed first", true, batch, 48, LAST; mimalloc),
        case!("1000 of 48 bytes, the first freed first", true, batch, 48, FIRST; mimalloc),
        case!("1000 of 48 bytes, freed in any order", true, batch, 48, ANY; mimalloc),
        case!("1000 of 64 bytes, the last freed first", true, batch, 64, LAST; mimalloc),
        case!("1000 of 64 bytes, the first freed first", true, batch, 64, FIRST; mimalloc),
        case!("1000 of 64 bytes, freed in any order", true, batch, 64, ANY; mimalloc),
        case!("1000 of 256 bytes, the last freed first", true, batch, 256, LAST; mimalloc),
        case!("1000 of 256 bytes, the first freed first", true, batch, 256, FIRST; mimalloc),
        case!("1000 of 256 bytes, freed in any order", true, batch, 256, ANY; mimalloc),
        case!("100000 of 16 to 256 bytes, any of them replaced", true, churn; mimalloc),
        case!("4 KiB: allocate and free", true, pair, 4096; mimalloc),
        case!("32 KiB: allocate and free", true, pair, 32768; mimalloc),
    ],
};

const LAST: usize = 0;
const FIRST: usize = 1;
const ANY: usize = 2;

/// Blocks in a batch.
const BATCH: usize = 1000;

fn pair<A: Allocator, const SIZE: usize>(rounds: usize) -> f64 {
    let allocator = A::enter();
    each(rounds, || {
        let size = black_box(SIZE);
        let block = black_box(allocator.alloc(size));
        // SAFETY: ours, of that size.
        unsafe { allocator.free(block, size) };
    })
}

fn batch<A: Allocator, const SIZE: usize, const ORDER: usize>(rounds: usize) -> f64 {
    let allocator = A::enter();
    let mut blocks = [NonNull::dangling(); BATCH];
    // In which order they are freed.
    let mut order = [0; BATCH];
    for (place, index) in order.iter_mut().enumerate() {
        *index = if ORDER == LAST {
            BATCH - 1 - place
        } else {
            place
        };
    }
    if ORDER == ANY {
        let mut random = Random(1);
        for place in (1..BATCH).rev() {
            order.swap(place, random.below(place + 1));
        }
    }
    let all = each((rounds / BATCH).max(1), || {
        for block in &mut blocks {
            *block = allocator.alloc(black_box(SIZE));
            // SAFETY: ours, of more than four bytes.
            unsafe { block.cast::<u32>().write(1) };
        }
        for &index in &order {
            // SAFETY: ours, of that size.
            unsafe { allocator.free(blocks[index], black_box(SIZE)) };
        }
    });
    all / BATCH as f64
}

fn churn<A: Allocator>(rounds: usize) -> f64 {
    let allocator = A::enter();
    let mut random = Random(1);
    let mut live = Vec::new();
    for _ in 0..100_000 {
        let size = random.size();
        live.push((allocator.alloc(size), size));
    }
    let time = each(rounds, || {
        let index = random.below(live.len());
        let (old, old_size) = live[index];
        let size = random.size();
        // SAFETY: ours, of that size.
        unsafe { allocator.free(old, old_size) };
        let block = allocator.alloc(size);
        // SAFETY: ours, of more than four bytes.
        unsafe { block.cast::<u32>().write(1) };
        live[index] = (block, size);
    });
    for (block, size) in live {
        // SAFETY: ours, of that size.
        unsafe { allocator.free(block, size) };
    }
    time
}

/// Numbers that look random.
pub struct Random(pub u64);

impl Random {
    /// A number below `limit`.
    #[inline(always)]
    pub fn below(&mut self, limit: usize) -> usize {
        // Marsaglia's xorshift; the product with the limit takes the high bits.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((u128::from(self.0) * limit as u128) >> 64) as usize
    }

    /// A size of 16 to 256 bytes, small ones more often than large ones.
    #[inline(always)]
    pub fn size(&mut self) -> usize {
        let most = 16 + self.below(241);
        16 + self.below(most - 15)
    }
}
