//! `dict`: a hash table that remembers the order of insertion, read without locks.
//!
//! The table lives in one block ([`table`]). Readers probe it without the lock: they take a reference
//! to what they find only if it is alive, and check that table and slot are still what they were.
//! Anything unclear is looked up again under the lock. Writers hold the object's lock; a block that is
//! replaced is retired through a grace period.
//!
//! ```text
//! reader: table (acquire) → index → key is mine? → value → try-retain → table and slot unchanged?
//! ```
//!
//! Keys of types with an `__eq__` of their own are compared with no lock held; what was found is
//! then checked again. The set of keys has a version on demand, a number never used for another set,
//! so that a cache may remember the entry of a name ([`Body::cache_name`]).
//!
//! | file        | what                                                          |
//! |-------------|---------------------------------------------------------------|
//! | `table`     | the block: index and entries                                  |
//! | `name`      | finding and setting names, whose comparison never runs code   |
//! | `key`       | finding, setting and removing any keys                        |
//! | `cache`     | versions, and entries found again by them                     |
//! | `walk`      | going over the items                                          |
//! | `copy`      | copies, merging                                               |
//! | [`iterate`] | Python's iterators                                            |
//! | [`views`]   | `keys()`, `values()`, `items()`                               |
//! | [`methods`] | the methods of the class                                      |

mod cache;
mod copy;
pub mod iterate;
mod key;
pub mod methods;
mod name;
mod ordered;
mod table;
#[cfg(test)]
mod tests;
pub mod views;
mod walk;

use crate::prelude::*;
pub use key::hash_key;

use super::ids;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use crate::error::PyResult;
use crate::object::key::{self as keys, Verdict};
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering::*};
pub use iterate::{
    DICT_ITEM_ITER, DICT_KEY_ITER, DICT_REVERSE_ITEM_ITER, DICT_REVERSE_KEY_ITER,
    DICT_REVERSE_VALUE_ITER, DICT_VALUE_ITER, DictIter, Items, Keys, Part, ReverseItems,
    ReverseKeys, ReverseValues, Values,
};
use kit_core::backend::heap::HeapKind;
use kit_core::object::trace::Rows;
use kit_core::object::{Tracer, Word};
use kit_core::refcount::per_thread::CountId;
use kit_core::thread::lock::ObjectLock;
use kit_core::thread::{Ctx, Thread};
pub use methods::{DICT, fromkeys, is_plain, key_error, missing, repr_onto, update_from};
pub use ordered::{
    ODICT_ITEMS, ODICT_ITER, ODICT_KEYS, ODICT_VALUES, ordered_items, ordered_iter, ordered_keys,
    ordered_values,
};
use table::{EMPTY, Entry, Head, Probe, Table};
pub use views::{DICT_ITEMS, DICT_KEYS, DICT_VALUES, DictView, snapshot};

/// The body of a dict: sixteen bytes.
pub struct PyDict {
    /// Items: no more than a table has room for.
    len: AtomicU32,
    /// The block of the table; null while the dict has never held anything or was cleared.
    table: AtomicPtr<Head>,
    /// Its per-thread counts, if it is a module's.
    pub count_id: CountId,
}

const _: () = assert!(size_of::<PyDict>() == 16);

// SAFETY: `trace` reports every key and value.
unsafe impl Payload for PyDict {
    const ID: u32 = ids::DICT;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "dict";
    const DISCARD: Option<fn(&mut Self, &Thread)> = Some(|this, thread| {
        if let Some(block) = NonNull::new(*this.table.get_mut()) {
            // SAFETY: the block is the dead dict's own.
            unsafe { thread.heap.free(block.cast()) };
        }
    });

    fn trace(&self, tracer: &mut Tracer<'_>) {
        let table = self.table.load(Relaxed);
        if !table.is_null() {
            // SAFETY: the world is stopped, so the block stays, and nobody changes it.
            unsafe {
                tracer.rows_at(table.cast(), |table| {
                    let table = Table::from_raw(table.cast_mut().cast());
                    table.map_or(Rows::new(ptr::null(), 0, 3, 1), Table::rows)
                });
            }
        }
    }

    fn clear(&self, ctx: &mut Ctx) {
        // The collector has the only way to the dict.
        drop(self.take_all(ctx));
    }
}

impl PyDict {
    /// Calls `visit` with the words of each key and its value.
    ///
    /// # Safety
    /// - The world is stopped.
    pub unsafe fn each_entry(&self, visit: &mut dyn FnMut(Word, Word)) {
        // SAFETY: the world is stopped, so the block stays.
        if let Some(table) = unsafe { Table::from_raw(self.table.load(Relaxed)) } {
            for number in 0..table.used() {
                let entry = table.entry(number);
                visit(entry.key.peek(), entry.value.peek());
            }
        }
    }

    /// The block of the table, for those who measure it; it may have none.
    pub fn block(&self) -> Option<NonNull<u8>> {
        NonNull::new(self.table.load(Relaxed)).map(NonNull::cast)
    }

    /// An empty body.
    pub const fn empty() -> PyDict {
        PyDict {
            len: AtomicU32::new(0),
            table: AtomicPtr::new(ptr::null_mut()),
            count_id: CountId::none(),
        }
    }

    /// Bytes of the table, at this moment.
    pub fn buffer_size(&self, ctx: &Ctx) -> usize {
        match self
            .table(ctx)
            .and_then(|table| NonNull::new(table.as_raw()))
        {
            // SAFETY: the table is a block of the heap, and stays until the next safepoint.
            Some(block) => unsafe { ctx.thread().heap.usable_size(block.cast()) },
            None => 0,
        }
    }

    #[inline(always)]
    fn table<'c>(&self, _: &'c Ctx) -> Option<Table<'c>> {
        // Acquire, paired with `install`. SAFETY: a block that is unlinked is freed after the next
        // safepoint of this thread, and there is none while the context is borrowed.
        unsafe { Table::from_raw(self.table.load(Acquire)) }
    }

    /// Makes `table` the dict's and retires the block before. The lock is held, or the dict is private.
    fn install(&self, ctx: &Ctx, table: Option<Table<'_>>) {
        let new = table.map_or(ptr::null_mut(), Table::as_raw);
        // Release, paired with `table`: the entries are there.
        let old = self.table.swap(new, AcqRel);
        // SAFETY: unlinked just now; its size is known from its head.
        if let Some(old) = unsafe { Table::from_raw(old) } {
            old.forget_version();
            let size = old.size();
            // SAFETY: not null.
            let block = unsafe { NonNull::new_unchecked(old.as_raw().cast()) };
            // SAFETY: unlinked just now.
            unsafe { ctx.retire_buffer(block, size) };
        }
    }

    /// Takes everything out. The lock is held, or the dict is private.
    fn take_all(&self, ctx: &Ctx) -> Vec<Obj> {
        let mut taken = Vec::with_capacity(self.len.load(Relaxed) as usize * 2);
        if let Some(table) = self.table(ctx) {
            self.len.store(0, Relaxed);
            table.forget_version();
            for number in 0..table.used() {
                let entry = table.entry(number);
                // Keys go last: a reader that has found one must not find it gone before the value.
                let value = entry.value.replace_locked(ctx, None);
                taken.extend(entry.key.replace_locked(ctx, None));
                taken.extend(value);
            }
            self.install(ctx, None);
        }
        taken
    }
}

impl Drop for PyDict {
    fn drop(&mut self) {
        let block = *self.table.get_mut();
        // SAFETY: the dead dict's own block.
        if let Some(table) = unsafe { Table::from_raw(block) } {
            for number in 0..table.used() {
                let entry: *const Entry = table.entry(number);
                // SAFETY: nobody else reaches the dead dict; each slot is dropped once.
                unsafe { ptr::drop_in_place(entry.cast_mut()) };
            }
            crate::vm::thread::free_buffer(block.cast());
        }
    }
}

/// What a search has come to.
enum Seek {
    /// The entry has the key.
    Found(usize),
    /// No entry has.
    Missing,
    /// Only the key's own `__eq__` can tell: the candidate, and its entry.
    Ask(Obj, usize),
    /// A writer is at work: look again under the lock.
    Unclear,
}

/// Looks for `key`, going on at `probe`. With `LOCKED`, the dict's lock is held.
#[inline(always)]
fn seek<const LOCKED: bool>(
    ctx: &Ctx,
    table: Table<'_>,
    hash: i64,
    key: &Obj,
    probe: &mut Probe,
) -> Seek {
    let wanted = key.word().plain();
    loop {
        let index = table.index(*probe);
        if table.holds(index) {
            let entry = table.entry(index as usize);
            let candidate = entry.key.peek();
            if candidate == wanted {
                return Seek::Found(index as usize);
            }
            if candidate.is_null() {
                // Indexed but not filled in yet, or just deleted.
                return Seek::Unclear;
            }
            if entry.hash() == hash {
                match keys::compare::<LOCKED>(ctx, &entry.key, candidate, key) {
                    Verdict::Same => return Seek::Found(index as usize),
                    Verdict::Different => {}
                    Verdict::Ask(candidate) => return Seek::Ask(candidate, index as usize),
                    Verdict::Unclear => return Seek::Unclear,
                }
            }
        } else if index == EMPTY {
            return Seek::Missing;
        }
        probe.advance();
    }
}

impl Body<PyDict> {
    #[inline(always)]
    fn lock<'a>(&'a self, ctx: &'a Ctx) -> ObjectLock<'a> {
        ctx.lock(&self.header)
    }

    /// Items.
    #[inline(always)]
    pub fn len(&self, _: &Ctx) -> usize {
        self.len.load(Relaxed) as usize
    }

    /// Whether there are no items.
    #[inline(always)]
    pub fn is_empty(&self, ctx: &Ctx) -> bool {
        self.len(ctx) == 0
    }

    /// A new reference to what a slot of `table` holds; `None` when that is nothing or unclear.
    #[inline(always)]
    fn read(&self, ctx: &Ctx, table: Table<'_>, slot: &Slot) -> Option<Obj> {
        let word = slot.peek();
        if !word.is_object() {
            // SAFETY: an immediate or null owns nothing.
            return unsafe { Obj::from_nullable(word) };
        }
        // SAFETY: an object found in a slot stays readable until the next safepoint; with one thread
        // the slot's own reference keeps it.
        unsafe {
            let header = &*word.as_object();
            if ctx.solo() {
                header.retain(ctx.counter());
                return Some(Obj::from_word(word));
            }
            if header.try_retain(ctx.counter()) {
                // What this thread owns no other thread can have freed.
                if header.is_owned_by(ctx.slot()) || self.unchanged(table, slot, word) {
                    return Some(Obj::from_word(word));
                }
                ctx.thread().release_later(word);
            }
        }
        None
    }

    #[inline(always)]
    fn unchanged(&self, table: Table<'_>, slot: &Slot, word: Word) -> bool {
        slot.peek() == word && self.payload.table.load(Acquire) == table.as_raw()
    }

    /// A new reference to what a slot holds, under the lock.
    fn read_locked(&self, ctx: &Ctx, slot: &Slot) -> Option<Obj> {
        let word = slot.peek();
        if word.is_object() {
            // SAFETY: writers hold the lock, so the slot's own reference keeps the object.
            unsafe { (*word.as_object()).retain_published(ctx.counter()) };
        }
        // SAFETY: counted just now, or in no need of it.
        unsafe { Obj::from_nullable(word) }
    }
}

/// An empty dict.
pub fn new(ctx: &mut Ctx) -> PyResult {
    payload::new(ctx, PyDict::empty())
}
