//! The storage of a set: one block of (hash, value) entries, addressed by the hash.
//!
//! A probe looks at a few neighbours before it jumps, which keeps it in one or two cache lines. Entries
//! that were removed are marked. A value that is added takes the last of those that its search has passed,
//! and stays where it is as long as it is in the block; so readers need no lock: one that misses a value has
//! looked at a moment when it was not there. Sizes, probes and what is used again are those of CPython, whose
//! programs come to see the order of small numbers in a set.

use super::super::obj::Obj;
use super::super::slot::Slot;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicI64, AtomicUsize, Ordering::*};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Word;
use kit_core::object::trace::Rows;
use kit_core::thread::Ctx;

/// The beginning of a block.
#[repr(C)]
pub(super) struct Head {
    /// Entries, less one; a power of two less one.
    mask: usize,
    /// Entries that were ever used. Written under the lock.
    fill: AtomicUsize,
    /// How often an entry was taken. Written under the lock.
    claims: AtomicUsize,
}

/// A value and its hash.
#[repr(C)]
pub(super) struct Entry {
    hash: AtomicI64,
    pub value: Slot,
}

/// What stands in an entry whose value was removed: a constant no program can name.
pub(super) const REMOVED: Word = Word::constant(255);

/// A block that cannot be freed while `'c`, a borrow of the context, lasts.
#[derive(Clone, Copy)]
pub(super) struct Table<'c> {
    head: NonNull<Head>,
    life: PhantomData<&'c Ctx>,
}

/// The sequence of entries where a hash may be found.
#[derive(Clone, Copy)]
pub(super) struct Probe {
    base: usize,
    step: usize,
    perturb: u64,
}

const NEIGHBOURS: usize = 9;

impl Probe {
    #[inline(always)]
    pub fn new(hash: i64, mask: usize) -> Probe {
        Probe {
            base: hash as usize & mask,
            step: 0,
            perturb: hash as u64,
        }
    }

    #[inline(always)]
    pub fn at(self) -> usize {
        self.base + self.step
    }

    #[inline(always)]
    pub fn advance(&mut self, mask: usize) {
        if self.step < NEIGHBOURS && self.base + NEIGHBOURS <= mask {
            self.step += 1;
            return;
        }
        self.step = 0;
        self.perturb >>= 5;
        self.base = self
            .base
            .wrapping_mul(5)
            .wrapping_add(1)
            .wrapping_add(self.perturb as usize)
            & mask;
    }
}

/// The size of a table that moves because it is full or fills up: more than `wanted` entries.
pub(super) fn size_above(wanted: usize) -> usize {
    (wanted + 1).next_power_of_two().max(8)
}

fn block_size(size: usize) -> Option<usize> {
    size.checked_mul(size_of::<Entry>())?
        .checked_add(size_of::<Head>())
        .filter(|bytes| *bytes <= isize::MAX as usize)
}

impl<'c> Table<'c> {
    /// An empty table of `size` entries, a power of two. `None` without memory.
    pub fn allocate(ctx: &'c Ctx, size: usize) -> Option<Table<'c>> {
        let bytes = block_size(size)?;
        let block = ctx.thread().heap.alloc(HeapKind::Buffer, bytes)?;
        // SAFETY: fresh, and large enough; all-zero entries are empty.
        unsafe {
            ptr::write_bytes(block.as_ptr(), 0, bytes);
            block.cast::<Head>().write(Head {
                mask: size - 1,
                fill: AtomicUsize::new(0),
                claims: AtomicUsize::new(0),
            });
        }
        Some(Table {
            head: block.cast(),
            life: PhantomData,
        })
    }

    /// The table in the block at `head`, if that is not null.
    ///
    /// # Safety
    /// - The block was made by [`Table::allocate`] and is not freed while `'c` lasts.
    #[inline(always)]
    pub unsafe fn from_raw(head: *mut Head) -> Option<Table<'c>> {
        NonNull::new(head).map(|head| Table {
            head,
            life: PhantomData,
        })
    }

    /// Where the values are.
    pub fn rows(self) -> Rows {
        // SAFETY: inside the block; a row is a hash and a slot, which is a word.
        let first = unsafe { self.head.as_ptr().add(1) };
        Rows::new(first.cast(), self.mask() + 1, 2, 1)
    }

    #[inline(always)]
    pub fn as_raw(self) -> *mut Head {
        self.head.as_ptr()
    }

    /// Bytes of the block.
    pub fn bytes(self) -> usize {
        (self.mask() + 1) * size_of::<Entry>() + size_of::<Head>()
    }

    #[inline(always)]
    pub fn head(self) -> &'c Head {
        // SAFETY: initialised by `allocate`, not freed while `'c` lasts; what changes is atomic.
        unsafe { self.head.as_ref() }
    }

    #[inline(always)]
    pub fn mask(self) -> usize {
        self.head().mask
    }

    /// Entries ever used.
    pub fn fill(self) -> usize {
        self.head().fill.load(Relaxed)
    }

    /// What says whether values were added since.
    pub fn claims(self) -> usize {
        self.head().claims.load(Relaxed)
    }

    /// The entry with this number.
    ///
    /// # Panics
    /// When there is none.
    #[inline(always)]
    pub fn entry(self, number: usize) -> &'c Entry {
        assert!(number <= self.mask());
        // SAFETY: inside the block, initialised by `allocate`.
        unsafe {
            &*self
                .head
                .as_ptr()
                .cast::<u8>()
                .add(size_of::<Head>())
                .cast::<Entry>()
                .add(number)
        }
    }

    /// The unused entry for a value that is not in the table. The lock is held, or the table is
    /// private; the caller stores the value.
    pub fn vacant(self, hash: i64) -> &'c Entry {
        let mut probe = Probe::new(hash, self.mask());
        while !self.entry(probe.at()).value.peek().is_null() {
            probe.advance(self.mask());
        }
        self.claim(probe.at(), hash)
    }

    /// Takes the entry with this number, which has no value. As [`vacant`](Self::vacant).
    pub fn claim(self, number: usize, hash: i64) -> &'c Entry {
        let entry = self.entry(number);
        // Relaxed: published by the value, which is stored next. Who still has the value before, and reads this hash with it, has
        // found neither: that is gone, and this one is not there yet.
        entry.hash.store(hash, Relaxed);
        let head = self.head();
        if entry.value.peek().is_null() {
            head.fill.store(self.fill() + 1, Relaxed);
        }
        head.claims.store(self.claims() + 1, Relaxed);
        entry
    }

    /// A new table of this size with the `len` values that are here, where this thread is alone.
    pub fn copied(self, ctx: &'c Ctx, size: usize, len: usize) -> Option<Table<'c>> {
        let new = Table::allocate(ctx, size)?;
        // Where nothing was removed, and the size is the same, every value keeps its entry.
        let alike = size == self.mask() + 1 && self.fill() == len;
        for number in 0..=self.mask() {
            let old = self.entry(number);
            let word = old.value.peek();
            if !word.is_null() && word != REMOVED {
                let entry = if alike {
                    new.claim(number, old.hash())
                } else {
                    new.vacant(old.hash())
                };
                // SAFETY: the slot's own reference keeps the value; nothing runs.
                entry.value.put_alone(unsafe { Obj::copy_word(word) });
            }
        }
        Some(new)
    }

    /// Moves the values to a new table of this size. The old block keeps its words for late readers;
    /// the references are the new table's.
    pub fn moved(self, ctx: &'c Ctx, size: usize) -> Option<Table<'c>> {
        let new = Table::allocate(ctx, size)?;
        for number in 0..=self.mask() {
            let old = self.entry(number);
            let word = old.value.peek();
            if !word.is_null() && word != REMOVED {
                let entry = new.vacant(old.hash());
                // SAFETY: the new table is private; the word's count moves with it.
                unsafe {
                    (&raw const entry.value)
                        .cast::<u64>()
                        .cast_mut()
                        .write(word.bits())
                };
            }
        }
        Some(new)
    }
}

impl Entry {
    #[inline(always)]
    pub fn hash(&self) -> i64 {
        // Relaxed: stored before the value, which the reader has acquired; or later, for another one.
        self.hash.load(Relaxed)
    }
}
