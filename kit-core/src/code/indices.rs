//! Small numbers for threads: the smallest free one first, so that tables by index stay short.
//!
//! | operation | memory | fails |
//! |---|---|---|
//! | [`reserve`](Indices::reserve) | may need some | without it |
//! | [`release`](Indices::release) | none | never |
//!
//! A bit for each index, set while somebody has it. Who gets an index finds what its last owner left under it: the
//! bit is cleared last, and set first.

use crate::platform::memory::Memory;
use crate::sync::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::sync::segmented::Segmented;

/// The index of a thread that has none.
pub const NO_INDEX: u32 = u32::MAX;

const BITS: u32 = usize::BITS;

/// The indices of one runtime.
#[derive(Debug)]
pub struct Indices {
    taken: Segmented<AtomicUsize>,
}

impl Indices {
    /// All are free; for more than a thousand at a time there must be `memory`.
    pub fn new(memory: &'static Memory) -> Indices {
        Indices {
            taken: Segmented::new(memory),
        }
    }

    /// The smallest free index, which is the caller's now. `None`: there is no memory to count that far.
    pub fn reserve(&self) -> Option<u32> {
        let mut number = 0;
        loop {
            let Some(word) = self.taken.get(number as usize) else {
                if self.taken.grow() {
                    continue;
                }
                return None;
            };
            // Relaxed: the exchange decides.
            let mut taken = word.load(Relaxed);
            while taken != usize::MAX {
                let bit = taken.trailing_ones();
                // Acquire, paired with `release`: what the last owner did with what belongs to the index is done.
                match word.compare_exchange(taken, taken | 1 << bit, Acquire, Relaxed) {
                    Ok(_) => return Some(number * BITS + bit),
                    Err(now) => taken = now,
                }
            }
            number += 1;
        }
    }

    /// Gives an index back.
    ///
    /// # Safety
    /// - The caller has it, and touches nothing that belongs to it from here on.
    pub unsafe fn release(&self, index: u32) {
        if let Some(word) = self.taken.get((index / BITS) as usize) {
            // Release, paired with `reserve` and `is_taken`.
            word.fetch_and(!(1 << (index % BITS)), Release);
        }
    }

    /// Whether somebody has the index. If not, what its last owner did with what belongs to it is done.
    pub fn is_taken(&self, index: u32) -> bool {
        self.taken
            .get((index / BITS) as usize)
            // Acquire, paired with `release`.
            .is_some_and(|word| word.load(Acquire) & 1 << (index % BITS) != 0)
    }

    /// Makes all indices free but `mine`: the calling thread is the only one left, in a process that was forked.
    ///
    /// # Safety
    /// - Nobody runs who has another index.
    pub unsafe fn keep_only(&self, mine: u32) {
        for (number, word) in self.taken.iter().enumerate() {
            let kept = if number as u32 == mine / BITS {
                1 << (mine % BITS)
            } else {
                0
            };
            // Relaxed: there is one thread.
            word.fetch_and(kept, Relaxed);
        }
    }
}
