//! The storage of a dict: one block with a hash index and the entries in the order of insertion.
//!
//! ```text
//! | head | index: 1, 2 or 4 bytes each, a power of two of them | entries: (hash, key, value) ... |
//! ```
//!
//! The index maps probes of the hash to entry numbers. Entries are only ever appended: a deleted one
//! stays empty until the dict moves to a new block. So inside one block an entry belongs to one key
//! for ever, which is what lets readers do without the lock: whoever finds a key in an entry, and
//! then a value in it, has found a pair.
//!
//! | field                 | written by                     | read by                               |
//! |-----------------------|--------------------------------|---------------------------------------|
//! | sizes in the head     | the maker, before publication  | anyone                                |
//! | `used`, `last`        | holder of the dict's lock      | anyone (`used`), the holder (`last`)  |
//! | index, entries        | holder of the dict's lock      | anyone; what is missing is looked up under the lock |
//! | `version`             | holder of the dict's lock      | anyone                                |

use super::super::slot::Slot;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicI64, AtomicU8, AtomicU16, AtomicU32, Ordering::*};
use kit_core::backend::heap::HeapKind;
use kit_core::object::trace::Rows;
use kit_core::thread::Ctx;

/// The beginning of a block.
#[repr(C)]
pub(super) struct Head {
    /// Logarithm of the size of the index.
    log2: u8,
    /// Logarithm of the bytes of one index.
    width: u8,
    /// Entries there is room for.
    capacity: u32,
    /// Where they begin, from the start of the block.
    offset: u32,
    /// Entries in use, deleted ones included.
    pub used: AtomicU32,
    /// No live entry has this number or a higher one.
    pub last: AtomicU32,
    /// Identifies the set of keys; 0 when nobody has asked since it last changed.
    pub version: AtomicU32,
}

/// A key and its value; both empty before insertion and after deletion.
#[repr(C)]
pub(super) struct Entry {
    hash: AtomicI64,
    pub key: Slot,
    pub value: Slot,
}

const _: () = assert!(size_of::<Entry>() == 24 && size_of::<Head>() == 24);

/// No entry: the end of a chain of probes.
pub(super) const EMPTY: u32 = u32::MAX;
/// A deleted entry: the chain goes on.
const DELETED: u32 = u32::MAX - 1;
/// The smallest index.
const MIN_LOG2: u8 = 2;
/// The largest index.
const MAX_LOG2: u8 = 29;

/// A block that cannot be freed while `'c`, a borrow of the context, lasts.
#[derive(Clone, Copy)]
pub(super) struct Table<'c> {
    head: NonNull<Head>,
    life: PhantomData<&'c Ctx>,
}

/// The sequence of places where a hash may be found.
#[derive(Clone, Copy)]
pub(super) struct Probe {
    at: usize,
    perturb: u64,
}

impl Probe {
    #[inline(always)]
    pub fn new(hash: i64) -> Probe {
        Probe {
            at: hash as usize,
            perturb: hash as u64,
        }
    }

    #[inline(always)]
    pub fn advance(&mut self) {
        self.perturb >>= 5;
        self.at = self
            .at
            .wrapping_mul(5)
            .wrapping_add(self.perturb as usize)
            .wrapping_add(1);
    }
}

/// Entries an index of this size has room for: two thirds.
fn capacity_of(log2: u8) -> usize {
    match log2 {
        ..=2 => 3,
        log2 => (1usize << log2) * 2 / 3,
    }
}

fn width_of(log2: u8) -> u8 {
    match log2 {
        ..=7 => 0,
        8..=15 => 1,
        _ => 2,
    }
}

/// The size of an index with room for `entries`.
pub(super) fn log2_for(entries: usize) -> Option<u8> {
    (MIN_LOG2..=MAX_LOG2).find(|log2| capacity_of(*log2) >= entries)
}

/// Bytes of a table with room for `entries`.
pub(super) fn bytes_for(entries: usize) -> usize {
    log2_for(entries.max(1)).map_or(usize::MAX, block_size)
}

fn entries_offset(log2: u8) -> usize {
    (size_of::<Head>() + (1usize << log2 << width_of(log2))).next_multiple_of(8)
}

fn block_size(log2: u8) -> usize {
    entries_offset(log2) + capacity_of(log2) * size_of::<Entry>()
}

impl<'c> Table<'c> {
    /// An empty table. `None` without memory.
    pub fn allocate(ctx: &'c Ctx, log2: u8) -> Option<Table<'c>> {
        let block = ctx
            .thread()
            .heap
            .alloc(HeapKind::Buffer, block_size(log2))?;
        let entries = entries_offset(log2);
        // SAFETY: fresh, and as large as computed; all-zero entries are empty, an index of all ones too.
        unsafe {
            block.cast::<Head>().write(Head {
                log2,
                width: width_of(log2),
                capacity: capacity_of(log2) as u32,
                offset: entries as u32,
                used: AtomicU32::new(0),
                last: AtomicU32::new(0),
                version: AtomicU32::new(0),
            });
            let index = block.as_ptr().add(size_of::<Head>());
            ptr::write_bytes(index, 0xff, 1usize << log2 << width_of(log2));
            ptr::write_bytes(
                block.as_ptr().add(entries),
                0,
                capacity_of(log2) * size_of::<Entry>(),
            );
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

    #[inline(always)]
    pub fn as_raw(self) -> *mut Head {
        self.head.as_ptr()
    }

    /// Bytes of the block.
    pub fn size(self) -> usize {
        block_size(self.head().log2)
    }

    #[inline(always)]
    pub fn head(self) -> &'c Head {
        // SAFETY: initialised by `allocate`, not freed while `'c` lasts; what changes is atomic.
        unsafe { self.head.as_ref() }
    }

    #[inline(always)]
    fn index_base(self) -> *mut u8 {
        // SAFETY: the index follows the head in the block.
        unsafe { self.head.as_ptr().cast::<u8>().add(size_of::<Head>()) }
    }

    /// The number of the entry this probe leads to, [`EMPTY`] or a number without an entry.
    #[inline(always)]
    pub fn index(self, probe: Probe) -> u32 {
        let head = self.head();
        let at = probe.at & ((1usize << head.log2) - 1);
        let base = self.index_base();
        // Relaxed: an entry that is not visible yet reads as empty, and is looked up under the lock.
        // SAFETY: masked to the size of the index, whose elements have this width;
        // the index begins at a multiple of 8.
        unsafe {
            if head.width == 0 {
                let index = (*base.cast::<AtomicU8>().add(at)).load(Relaxed);
                index as i8 as i32 as u32
            } else if head.width == 1 {
                let index = (*base.cast::<AtomicU16>().add(at)).load(Relaxed);
                index as i16 as i32 as u32
            } else {
                (*base.cast::<AtomicU32>().add(at)).load(Relaxed)
            }
        }
    }

    fn set_index(self, probe: Probe, value: u32) {
        let head = self.head();
        let at = probe.at & ((1usize << head.log2) - 1);
        let base = self.index_base();
        // Release: whoever comes by this index has a good chance to see the entry.
        // SAFETY: as `index`.
        unsafe {
            match head.width {
                0 => (*base.cast::<AtomicU8>().add(at)).store(value as u8, Release),
                1 => (*base.cast::<AtomicU16>().add(at)).store(value as u16, Release),
                _ => (*base.cast::<AtomicU32>().add(at)).store(value, Release),
            }
        }
    }

    /// Whether `index` is the number of an entry.
    #[inline(always)]
    pub fn holds(self, index: u32) -> bool {
        index < self.head().capacity
    }

    /// The entry with this number.
    ///
    /// # Panics
    /// When there is none.
    #[inline(always)]
    pub fn entry(self, index: usize) -> &'c Entry {
        let head = self.head();
        assert!(index < head.capacity as usize);
        // SAFETY: inside the block, initialised by `allocate`.
        unsafe {
            &*self
                .head
                .as_ptr()
                .cast::<u8>()
                .add(head.offset as usize)
                .cast::<Entry>()
                .add(index)
        }
    }

    /// Where keys and values are.
    pub fn rows(self) -> Rows {
        // SAFETY: inside the block; a row is a hash and two slots, which are words.
        let first = unsafe { (self.head.as_ptr()).byte_add(self.head().offset as usize) };
        Rows::new(first.cast(), self.used(), 3, 1)
    }

    /// Where the value of the entry with this number is: its offset in the block.
    pub fn value_offset(self, number: usize) -> u32 {
        let value: *const Slot = &self.entry(number).value;
        (value.addr() - self.head.as_ptr().addr()) as u32
    }

    /// The value at an offset.
    ///
    /// # Safety
    /// - [`Table::value_offset`] gave it, for this block.
    #[inline(always)]
    pub unsafe fn value_at(self, offset: u32) -> &'c Slot {
        // SAFETY: by the contract; values stay where they are in a block.
        unsafe { &*self.head.as_ptr().cast::<u8>().add(offset as usize).cast() }
    }

    /// Entries in use, deleted ones included.
    #[inline(always)]
    pub fn used(self) -> usize {
        // Acquire, paired with `append`: the entries are there.
        self.head().used.load(Acquire) as usize
    }

    /// Whether another entry fits.
    #[inline(always)]
    pub fn has_room(self) -> bool {
        self.head().used.load(Relaxed) < self.head().capacity
    }

    /// Takes the next entry for a key with this hash, and indexes it. The lock is held, or the table
    /// is private; there is room, and no entry with the key. The caller fills in the value, then the
    /// key.
    pub fn append(self, hash: i64) -> &'c Entry {
        let head = self.head();
        let number = head.used.load(Relaxed);
        let entry = self.entry(number as usize);
        entry.hash.store(hash, Relaxed);
        let mut probe = Probe::new(hash);
        while self.holds(self.index(probe)) {
            probe.advance();
        }
        self.set_index(probe, number);
        head.last.store(number + 1, Relaxed);
        head.used.store(number + 1, Release);
        entry
    }

    /// Takes the entry with this number out of the index. The lock is held.
    pub fn unindex(self, number: usize) {
        let mut probe = Probe::new(self.entry(number).hash());
        loop {
            match self.index(probe) {
                index if index == number as u32 => break,
                EMPTY => return,
                _ => probe.advance(),
            }
        }
        self.set_index(probe, DELETED);
    }

    /// Forgets the version: the set of keys is about to change. The lock is held.
    #[inline(always)]
    pub fn forget_version(self) {
        // Release: who finds a value that was stored later does not find the version any more.
        self.head().version.store(0, Release);
    }

    /// Puts the entry with this number behind all others, where there is room. The lock is held. Who looks for
    /// its key finds it at all times: the index leads to the old place until it leads to the new one.
    pub fn move_last(self, number: usize) {
        let head = self.head();
        let last = head.used.load(Relaxed);
        let (old, new) = (self.entry(number), self.entry(last as usize));
        new.hash.store(old.hash(), Relaxed);
        // The words' counts move with them. The value first: a reader that sees the key sees it.
        old.value.copy_to(&new.value);
        old.key.copy_to(&new.key);
        head.last.store(last + 1, Relaxed);
        head.used.store(last + 1, Release);
        let mut probe = Probe::new(old.hash());
        while self.index(probe) != number as u32 {
            probe.advance();
        }
        self.set_index(probe, last);
        old.value.forget();
        old.key.forget();
    }

    /// Moves the live entries to a new table with room for `room` entries. The old table's block keeps
    /// its words, as late readers may look at them; the references in it are the new table's.
    pub fn moved(self, ctx: &'c Ctx, room: usize) -> Option<Table<'c>> {
        self.moved_in(ctx, room, 0..self.used())
    }

    /// As [`moved`](Self::moved), in this order.
    pub fn moved_in(
        self,
        ctx: &'c Ctx,
        room: usize,
        order: impl Iterator<Item = usize>,
    ) -> Option<Table<'c>> {
        let new = Table::allocate(ctx, log2_for(room)?)?;
        for number in order {
            let old = self.entry(number);
            let key = old.key.peek();
            if key.is_null() {
                continue;
            }
            let entry = new.append(old.hash());
            // SAFETY: the new table is private; the words' counts move with them.
            unsafe {
                (&raw const entry.key)
                    .cast::<u64>()
                    .cast_mut()
                    .write(key.bits());
                let value = old.value.peek().bits();
                (&raw const entry.value)
                    .cast::<u64>()
                    .cast_mut()
                    .write(value);
            }
        }
        Some(new)
    }
}

impl Entry {
    #[inline(always)]
    pub fn hash(&self) -> i64 {
        // Relaxed: stored before the key, which the reader has acquired.
        self.hash.load(Relaxed)
    }
}
