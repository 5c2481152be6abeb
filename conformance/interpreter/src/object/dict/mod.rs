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

pub mod iterate;
pub mod methods;
mod table;
pub mod views;

pub use iterate::{
    DICT_ITEM_ITER, DICT_KEY_ITER, DICT_REVERSE_ITEM_ITER, DICT_REVERSE_KEY_ITER,
    DICT_REVERSE_VALUE_ITER, DICT_VALUE_ITER, DictIter, Items, Keys, Part, ReverseItems,
    ReverseKeys, ReverseValues, Values,
};
pub use methods::{DICT, key_error, missing, update_from};
pub use views::{DICT_ITEMS, DICT_KEYS, DICT_VALUES, DictView, snapshot};

use super::ids;
use super::key::{self, Verdict};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::protocol;
use super::slot::Slot;
use super::str_::PyStr;
use crate::error::{PyResult, no_memory};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Tracer, Word};
use kit_core::refcount::per_thread::CountId;
use kit_core::thread::Ctx;
use kit_core::thread::lock::ObjectLock;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering::*};
use table::{EMPTY, Entry, Head, Probe, Table};

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

    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: the world is stopped, so the block stays.
        if let Some(table) = unsafe { Table::from_raw(self.table.load(Relaxed)) } {
            for number in 0..table.used() {
                let entry = table.entry(number);
                entry.key.trace(tracer);
                entry.value.trace(tracer);
            }
        }
    }

    fn clear(&self, ctx: &mut Ctx) {
        // The collector has the only way to the dict.
        drop(self.take_all(ctx));
    }
}

impl PyDict {
    /// An empty body.
    pub const fn empty() -> PyDict {
        PyDict {
            len: AtomicU32::new(0),
            table: AtomicPtr::new(ptr::null_mut()),
            count_id: CountId::none(),
        }
    }

    #[inline(always)]
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

/// The hash of a key; TypeError says that it cannot be one.
#[inline(always)]
pub fn hash_key(ctx: &mut Ctx, key: &Obj) -> PyResult<i64> {
    match key::hash_value(ctx, key) {
        Ok(hash) => Ok(hash),
        Err(raised) => Err(key::explain_unhashable(ctx, raised, key, "a dict key")),
    }
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
                match key::compare::<LOCKED>(ctx, &entry.key, candidate, key) {
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

/// Whether a key that is not exactly a str has the text of a name.
fn same_text(candidate: &Obj, name: &Obj) -> bool {
    candidate
        .downcast::<PyStr>()
        .is_some_and(|text| text.bytes() == name.expect::<PyStr>().bytes())
}

/// What to do with the entry of a key, under the lock.
type Place<'c> = (Option<Table<'c>>, Option<usize>);

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

    // --- Names: strings whose comparison never runs code -------------------------------------------

    /// The value of `name`, a string. Never runs code.
    #[inline]
    pub fn get_name(&self, ctx: &Ctx, name: &Obj) -> Option<Obj> {
        let table = self.payload.table(ctx)?;
        let hash = name.expect::<PyStr>().hash(ctx);
        let mut probe = Probe::new(hash);
        match seek::<false>(ctx, table, hash, name, &mut probe) {
            Seek::Missing => None,
            Seek::Found(number) => match self.read(ctx, table, &table.entry(number).value) {
                Some(value) => Some(value),
                None => self.get_name_slow(ctx, hash, name),
            },
            _ => self.get_name_slow(ctx, hash, name),
        }
    }

    #[cold]
    fn get_name_slow(&self, ctx: &Ctx, hash: i64, name: &Obj) -> Option<Obj> {
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        let number = self.seek_name(ctx, table, hash, name)?;
        self.read_locked(ctx, &table.entry(number).value)
    }

    /// The entry of `name`, under the lock.
    fn seek_name(&self, ctx: &Ctx, table: Table<'_>, hash: i64, name: &Obj) -> Option<usize> {
        let mut probe = Probe::new(hash);
        loop {
            match seek::<true>(ctx, table, hash, name, &mut probe) {
                Seek::Found(number) => return Some(number),
                Seek::Ask(candidate, number) if same_text(&candidate, name) => return Some(number),
                Seek::Ask(..) => probe.advance(),
                Seek::Missing | Seek::Unclear => return None,
            }
        }
    }

    /// Sets the value of `name`, a string; false without memory. Never runs code.
    pub fn try_set_name(&self, ctx: &Ctx, name: &Obj, value: Obj) -> bool {
        let _lock = self.lock(ctx);
        self.try_set_name_locked(ctx, name, value)
    }

    /// The same for a caller that holds the lock, or is the only one who knows the dict.
    pub fn try_set_name_locked(&self, ctx: &Ctx, name: &Obj, value: Obj) -> bool {
        let hash = name.expect::<PyStr>().hash(ctx);
        let table = self.payload.table(ctx);
        let number = table.and_then(|table| self.seek_name(ctx, table, hash, name));
        self.put(ctx, (table, number), hash, name, value).is_ok()
    }

    /// Sets the value of `name`, a string.
    pub fn set_name(&self, ctx: &mut Ctx, name: &Obj, value: Obj) -> PyResult<()> {
        if self.try_set_name(ctx, name, value) {
            Ok(())
        } else {
            Err(no_memory(ctx))
        }
    }

    /// Removes and returns the value of `name`, a string.
    pub fn remove_name(&self, ctx: &Ctx, name: &Obj) -> Option<Obj> {
        let hash = name.expect::<PyStr>().hash(ctx);
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        let number = self.seek_name(ctx, table, hash, name)?;
        self.cut(ctx, table, number).map(|(_, value)| value)
    }

    // --- Under the lock ----------------------------------------------------------------------------

    /// Puts `value` into the entry of a key, or into a new one; `Err(value)` without memory. Returns
    /// the value before. The lock is held.
    fn put(
        &self,
        ctx: &Ctx,
        (table, number): Place<'_>,
        hash: i64,
        key: &Obj,
        value: Obj,
    ) -> Result<Option<Obj>, Obj> {
        if let (Some(table), Some(number)) = (table, number) {
            return Ok(table.entry(number).value.replace_locked(ctx, Some(value)));
        }
        let table = match table {
            Some(table) if table.has_room() => table,
            Some(table) => {
                let len = self.payload.len.load(Relaxed) as usize;
                let Some(new) = table.moved(ctx, len + len / 2 + 1) else {
                    return Err(value);
                };
                self.payload.install(ctx, Some(new));
                new
            }
            None => {
                let Some(new) = Table::allocate(ctx, 2) else {
                    return Err(value);
                };
                self.payload.install(ctx, Some(new));
                new
            }
        };
        table.forget_version();
        let entry = table.append(hash);
        // The value first: a reader that sees the key sees it.
        entry.value.replace_locked(ctx, Some(value));
        entry.key.replace_locked(ctx, Some(key.clone()));
        let len = self.payload.len.load(Relaxed);
        self.payload.len.store(len + 1, Relaxed);
        Ok(None)
    }

    /// Takes the entry with this number out. The lock is held.
    fn cut(&self, ctx: &Ctx, table: Table<'_>, number: usize) -> Option<(Obj, Obj)> {
        table.forget_version();
        table.unindex(number);
        let entry = table.entry(number);
        let value = entry.value.replace_locked(ctx, None)?;
        let key = entry.key.replace_locked(ctx, None)?;
        let len = self.payload.len.load(Relaxed);
        self.payload.len.store(len - 1, Relaxed);
        Some((key, value))
    }

    /// Finds the entry of `key` and calls `act` with it under the lock. Comparisons run without it.
    #[inline]
    fn at_key<R>(
        &self,
        ctx: &mut Ctx,
        hash: i64,
        key: &Obj,
        act: impl FnOnce(&Ctx, Place<'_>) -> R,
    ) -> PyResult<R> {
        let mut probe = Probe::new(hash);
        // The block in which the probe stands, and how much of it was in use.
        let (mut block, mut used) = (ptr::null_mut(), 0);
        // An entry whose key was found equal: (key, number).
        let mut equal: Option<(Obj, usize)> = None;
        loop {
            let (candidate, number) = {
                let ctx: &Ctx = ctx;
                let _lock = self.lock(ctx);
                let table = self.payload.table(ctx);
                let Some(open) = table else {
                    return Ok(act(ctx, (None, None)));
                };
                if open.as_raw() != block || open.used() != used {
                    (block, used) = (open.as_raw(), open.used());
                    probe = Probe::new(hash);
                    equal = None;
                }
                if let Some((found, number)) = equal.take() {
                    if open.entry(number).key.peek() == found.word() {
                        return Ok(act(ctx, (table, Some(number))));
                    }
                    probe = Probe::new(hash);
                }
                match seek::<true>(ctx, open, hash, key, &mut probe) {
                    Seek::Found(number) => return Ok(act(ctx, (table, Some(number)))),
                    Seek::Missing | Seek::Unclear => return Ok(act(ctx, (table, None))),
                    Seek::Ask(candidate, number) => (candidate, number),
                }
            };
            if protocol::equals(ctx, &candidate, key)? {
                equal = Some((candidate, number));
            } else {
                probe.advance();
            }
        }
    }

    // --- Any keys ----------------------------------------------------------------------------------

    /// The value of `key`.
    #[inline]
    pub fn get(&self, ctx: &mut Ctx, key: &Obj) -> PyResult<Option<Obj>> {
        let hash = hash_key(ctx, key)?;
        self.get_hashed(ctx, hash, key)
    }

    /// The value of `key`, whose hash is known.
    #[inline]
    pub fn get_hashed(&self, ctx: &mut Ctx, hash: i64, key: &Obj) -> PyResult<Option<Obj>> {
        {
            let ctx: &Ctx = ctx;
            let Some(table) = self.payload.table(ctx) else {
                return Ok(None);
            };
            let mut probe = Probe::new(hash);
            match seek::<false>(ctx, table, hash, key, &mut probe) {
                Seek::Missing => return Ok(None),
                Seek::Found(number) => {
                    if let Some(value) = self.read(ctx, table, &table.entry(number).value) {
                        return Ok(Some(value));
                    }
                }
                _ => {}
            }
        }
        self.get_slow(ctx, hash, key)
    }

    #[cold]
    fn get_slow(&self, ctx: &mut Ctx, hash: i64, key: &Obj) -> PyResult<Option<Obj>> {
        self.at_key(ctx, hash, key, |ctx, place| match place {
            (Some(table), Some(number)) => self.read_locked(ctx, &table.entry(number).value),
            _ => None,
        })
    }

    /// Whether there is `key`.
    pub fn contains(&self, ctx: &mut Ctx, key: &Obj) -> PyResult<bool> {
        let hash = hash_key(ctx, key)?;
        self.contains_hashed(ctx, hash, key)
    }

    /// Whether there is `key`, whose hash is known.
    pub fn contains_hashed(&self, ctx: &mut Ctx, hash: i64, key: &Obj) -> PyResult<bool> {
        {
            let ctx: &Ctx = ctx;
            let Some(table) = self.payload.table(ctx) else {
                return Ok(false);
            };
            match seek::<false>(ctx, table, hash, key, &mut Probe::new(hash)) {
                Seek::Missing => return Ok(false),
                Seek::Found(_) => return Ok(true),
                _ => {}
            }
        }
        self.at_key(ctx, hash, key, |_, (_, number)| number.is_some())
    }

    /// Sets the value of `key`.
    #[inline]
    pub fn set(&self, ctx: &mut Ctx, key: &Obj, value: Obj) -> PyResult<()> {
        let hash = hash_key(ctx, key)?;
        self.set_hashed(ctx, hash, key, value)
    }

    /// Sets the value of `key`, whose hash is known.
    #[inline]
    pub fn set_hashed(&self, ctx: &mut Ctx, hash: i64, key: &Obj, value: Obj) -> PyResult<()> {
        let put = self.at_key(ctx, hash, key, |ctx, place| {
            self.put(ctx, place, hash, key, value)
        })?;
        match put {
            Ok(_) => Ok(()),
            Err(_) => Err(no_memory(ctx)),
        }
    }

    /// The value of `key`, which is set to `default` if there is none yet.
    pub fn set_default(&self, ctx: &mut Ctx, key: &Obj, default: Obj) -> PyResult {
        let hash = hash_key(ctx, key)?;
        let found = self.at_key(ctx, hash, key, |ctx, place| match place {
            (Some(table), Some(number)) => Ok(self
                .read_locked(ctx, &table.entry(number).value)
                .unwrap_or(default)),
            _ => match self.put(ctx, place, hash, key, default.clone()) {
                Ok(_) => Ok(default),
                Err(_) => Err(()),
            },
        })?;
        match found {
            Ok(value) => Ok(value),
            Err(()) => Err(no_memory(ctx)),
        }
    }

    /// Removes and returns the value of `key`.
    pub fn remove(&self, ctx: &mut Ctx, key: &Obj) -> PyResult<Option<Obj>> {
        let hash = hash_key(ctx, key)?;
        self.pop_hashed(ctx, hash, key)
    }

    /// Removes and returns the value of `key`.
    pub fn pop(&self, ctx: &mut Ctx, key: &Obj) -> PyResult<Option<Obj>> {
        self.remove(ctx, key)
    }

    /// Removes and returns the value of `key`, whose hash is known.
    pub fn pop_hashed(&self, ctx: &mut Ctx, hash: i64, key: &Obj) -> PyResult<Option<Obj>> {
        self.at_key(ctx, hash, key, |ctx, place| match place {
            (Some(table), Some(number)) => self.cut(ctx, table, number).map(|(_, value)| value),
            _ => None,
        })
    }

    /// Removes the entry of `key`, if `wanted` says so of its value; that is called under the lock.
    pub fn remove_if(
        &self,
        ctx: &mut Ctx,
        key: &Obj,
        wanted: impl FnOnce(&Obj) -> bool,
    ) -> PyResult<Option<Obj>> {
        let hash = hash_key(ctx, key)?;
        self.at_key(ctx, hash, key, |ctx, place| {
            let (Some(table), Some(number)) = place else {
                return None;
            };
            let word = table.entry(number).value.peek();
            // SAFETY: the entry's reference, lent while the lock is held.
            let value = ManuallyDrop::new(unsafe { Obj::from_nullable(word)? });
            if !wanted(&value) {
                return None;
            }
            self.cut(ctx, table, number).map(|(_, value)| value)
        })
    }

    /// Removes and returns the last item.
    pub fn popitem(&self, ctx: &Ctx) -> Option<(Obj, Obj)> {
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        let last = table.head().last.load(Relaxed) as usize;
        let number = (0..last)
            .rev()
            .find(|number| !table.entry(*number).key.peek().is_null());
        table.head().last.store(number.unwrap_or(0) as u32, Relaxed);
        self.cut(ctx, table, number?)
    }

    /// Removes everything.
    pub fn clear_all(&self, ctx: &Ctx) {
        let taken = {
            let _lock = self.lock(ctx);
            self.payload.take_all(ctx)
        };
        drop(taken);
    }

    /// The next item at or after `position`, which moves past it.
    #[inline]
    pub fn next_entry(&self, ctx: &Ctx, position: &mut usize) -> Option<(Obj, Obj)> {
        self.next_hashed(ctx, position)
            .map(|(_, key, value)| (key, value))
    }

    /// As [`next_entry`](Self::next_entry), with the hash of the key.
    #[inline]
    pub fn next_hashed(&self, ctx: &Ctx, position: &mut usize) -> Option<(i64, Obj, Obj)> {
        let (hash, key, value) = self.next_parts::<true, true>(ctx, position)?;
        Some((hash, key?, value?))
    }

    /// The key of the next item at or after `position`, which moves past it.
    #[inline]
    pub fn next_key(&self, ctx: &Ctx, position: &mut usize) -> Option<Obj> {
        self.next_parts::<true, false>(ctx, position)?.1
    }

    /// The value of the next item at or after `position`, which moves past it.
    #[inline]
    pub fn next_value(&self, ctx: &Ctx, position: &mut usize) -> Option<Obj> {
        self.next_parts::<false, true>(ctx, position)?.2
    }

    #[inline(always)]
    fn next_parts<const KEY: bool, const VALUE: bool>(
        &self,
        ctx: &Ctx,
        position: &mut usize,
    ) -> Option<(i64, Option<Obj>, Option<Obj>)> {
        let table = self.payload.table(ctx)?;
        while *position < table.used() {
            let entry = table.entry(*position);
            if !entry.key.peek().is_null() {
                let key = KEY.then(|| self.read(ctx, table, &entry.key)).flatten();
                let value = VALUE.then(|| self.read(ctx, table, &entry.value)).flatten();
                if key.is_some() != KEY || value.is_some() != VALUE {
                    return self.next_slow(ctx, position);
                }
                *position += 1;
                return Some((entry.hash(), key, value));
            }
            *position += 1;
        }
        None
    }

    #[cold]
    fn next_slow(
        &self,
        ctx: &Ctx,
        position: &mut usize,
    ) -> Option<(i64, Option<Obj>, Option<Obj>)> {
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        while *position < table.used() {
            let entry = table.entry(*position);
            *position += 1;
            if let Some(key) = self.read_locked(ctx, &entry.key)
                && let Some(value) = self.read_locked(ctx, &entry.value)
            {
                return Some((entry.hash(), Some(key), Some(value)));
            }
        }
        None
    }

    /// The item before `position`, which moves to it: backwards iteration, from `usize::MAX`.
    pub fn previous_entry(&self, ctx: &Ctx, position: &mut usize) -> Option<(Obj, Obj)> {
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        *position = (*position).min(table.used());
        while *position > 0 {
            *position -= 1;
            let entry = table.entry(*position);
            if let Some(key) = self.read_locked(ctx, &entry.key)
                && let Some(value) = self.read_locked(ctx, &entry.value)
            {
                return Some((key, value));
            }
        }
        None
    }

    /// A copy of the items at one moment.
    pub fn items(&self, ctx: &Ctx) -> Vec<(Obj, Obj)> {
        let mut items = Vec::with_capacity(self.len(ctx));
        self.each_locked(ctx, |_, key, value| items.push((key, value)));
        items
    }

    /// A copy of the keys at one moment.
    pub fn keys(&self, ctx: &Ctx) -> Vec<Obj> {
        let mut keys = Vec::with_capacity(self.len(ctx));
        self.each_locked(ctx, |_, key, _| keys.push(key));
        keys
    }

    /// A copy of the values at one moment.
    pub fn values(&self, ctx: &Ctx) -> Vec<Obj> {
        let mut values = Vec::with_capacity(self.len(ctx));
        self.each_locked(ctx, |_, _, value| values.push(value));
        values
    }

    /// Calls `f` with hash, key and value of every item, under the lock: `f` must not touch the dict.
    fn each_locked(&self, ctx: &Ctx, mut f: impl FnMut(i64, Obj, Obj)) {
        let _lock = self.lock(ctx);
        let Some(table) = self.payload.table(ctx) else {
            return;
        };
        for number in 0..table.used() {
            let entry = table.entry(number);
            if let Some(key) = self.read_locked(ctx, &entry.key)
                && let Some(value) = self.read_locked(ctx, &entry.value)
            {
                f(entry.hash(), key, value);
            }
        }
    }

    /// A new dict with the same items.
    pub fn copy(&self, ctx: &mut Ctx) -> PyResult {
        let copy = new(ctx)?;
        if self.is_empty(ctx) {
            return Ok(copy);
        }
        let complete = self.copy_to(ctx, copy.expect::<PyDict>());
        if complete {
            Ok(copy)
        } else {
            Err(no_memory(ctx))
        }
    }

    /// Fills a private empty dict; false without memory.
    fn copy_to(&self, ctx: &Ctx, copy: &Body<PyDict>) -> bool {
        let _lock = self.lock(ctx);
        let Some(table) = self.payload.table(ctx) else {
            return true;
        };
        let len = self.payload.len.load(Relaxed) as usize;
        let Some(new) = table::log2_for(len.max(1)).and_then(|log2| Table::allocate(ctx, log2))
        else {
            return false;
        };
        for number in 0..table.used() {
            let old = table.entry(number);
            if let Some(key) = self.read_locked(ctx, &old.key)
                && let Some(value) = self.read_locked(ctx, &old.value)
            {
                let entry = new.append(old.hash());
                entry.value.replace_locked(ctx, Some(value));
                entry.key.replace_locked(ctx, Some(key));
            }
        }
        copy.payload.install(ctx, Some(new));
        copy.payload.len.store(new.used() as u32, Relaxed);
        true
    }

    /// Sets every item of `other`; with `keep`, those whose keys are there already stay as they are. One
    /// step for other threads, as long as this one need not wait.
    pub fn merge(&self, ctx: &mut Ctx, other: &Body<PyDict>, keep: bool) -> PyResult<()> {
        if ptr::eq(self, other) || other.is_empty(ctx) {
            return Ok(());
        }
        ctx.critical2(&self.header, &other.header, |ctx| {
            self.merge_inside(ctx, other, keep)
        })
    }

    fn merge_inside(&self, ctx: &mut Ctx, other: &Body<PyDict>, keep: bool) -> PyResult<()> {
        if self.is_empty(ctx) && self.payload.table.load(Relaxed).is_null() && ctx.solo() {
            return if other.copy_to(ctx, self) {
                Ok(())
            } else {
                Err(no_memory(ctx))
            };
        }
        if !ctx.solo() {
            // The items at one moment: entries move when the other dict does.
            let mut items = Vec::with_capacity(other.len(ctx));
            other.each_locked(ctx, |hash, key, value| items.push((hash, key, value)));
            for (hash, key, value) in items {
                self.merge_item(ctx, hash, &key, value, keep)?;
            }
            return Ok(());
        }
        let mut position = 0;
        while let Some((hash, key, value)) = other.next_hashed(ctx, &mut position) {
            self.merge_item(ctx, hash, &key, value, keep)?;
        }
        Ok(())
    }

    fn merge_item(
        &self,
        ctx: &mut Ctx,
        hash: i64,
        key: &Obj,
        value: Obj,
        keep: bool,
    ) -> PyResult<()> {
        if keep && self.contains_hashed(ctx, hash, key)? {
            return Ok(());
        }
        self.set_hashed(ctx, hash, key, value)
    }

    /// Sets every item of `other`.
    pub fn update(&self, ctx: &mut Ctx, other: &Body<PyDict>) -> PyResult<()> {
        self.merge(ctx, other, false)
    }

    // --- For caches ----------------------------------------------------------------------------------

    /// A number that stands for the set of keys as it is: never used for another set, or 0 when
    /// nothing may be cached. Replacing values does not change it.
    #[inline]
    pub fn keys_version(&self, ctx: &Ctx) -> u32 {
        match self
            .payload
            .table(ctx)
            .map(|t| t.head().version.load(Acquire))
        {
            Some(0) => self.make_version(ctx),
            Some(version) => version,
            None => 0,
        }
    }

    #[cold]
    fn make_version(&self, ctx: &Ctx) -> u32 {
        let _lock = self.lock(ctx);
        let Some(table) = self.payload.table(ctx) else {
            return 0;
        };
        let version = &table.head().version;
        if version.load(Relaxed) == 0 {
            // Relaxed: only uniqueness counts. When the numbers run out, nothing is cached any more.
            let next = NEXT_VERSION.fetch_update(Relaxed, Relaxed, |v| v.checked_add(1));
            version.store(next.unwrap_or(0), Release);
        }
        version.load(Relaxed)
    }

    /// The number of the entry of `name`, a string.
    pub fn index_of_name(&self, ctx: &Ctx, name: &Obj) -> Option<u32> {
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        let hash = name.expect::<PyStr>().hash(ctx);
        self.seek_name(ctx, table, hash, name)
            .map(|number| number as u32)
    }

    /// What a cache needs to find `name` again: version and entry. `None` when there is no such name
    /// or nothing may be cached.
    pub fn cache_name(&self, ctx: &Ctx, name: &Obj) -> Option<(u32, u32)> {
        let version = self.keys_version(ctx);
        let index = self.index_of_name(ctx, name)?;
        (version != 0 && self.keys_version(ctx) == version).then_some((version, index))
    }

    /// The slot of a cached entry, if the set of keys is still what it was.
    #[inline(always)]
    fn cached<'c>(&self, ctx: &'c Ctx, version: u32, index: u32) -> Option<(Table<'c>, &'c Slot)> {
        let table = self.payload.table(ctx)?;
        // Acquire: whatever changed with the version before this one has happened.
        if table.head().version.load(Acquire) != version {
            return None;
        }
        Some((table, &table.entry(index as usize).value))
    }

    /// Whether the set of keys is still the one with `version`.
    #[inline(always)]
    pub fn has_version(&self, ctx: &Ctx, version: u32) -> bool {
        match self.payload.table(ctx) {
            Some(table) => table.head().version.load(Acquire) == version,
            None => false,
        }
    }

    /// The value of a cached entry, if the set of keys is still the one with `version`.
    ///
    /// # Safety
    /// - `version` is not 0; it and `index` came from [`cache_name`](Self::cache_name) of this dict.
    #[inline(always)]
    pub unsafe fn value_at(&self, ctx: &Ctx, version: u32, index: u32) -> Option<Obj> {
        let (table, slot) = self.cached(ctx, version, index)?;
        self.read(ctx, table, slot)
    }

    /// As [`value_at`](Self::value_at), for the stack: an object that is deferred comes with the
    /// deferred tag and without a count; others are counted. Null when the caller must look again.
    ///
    /// # Safety
    /// - As [`value_at`](Self::value_at). The caller owns the count in the word, if it is counted.
    #[inline(always)]
    pub unsafe fn peek_value_at(&self, ctx: &Ctx, version: u32, index: u32) -> Word {
        let Some((table, slot)) = self.cached(ctx, version, index) else {
            return Word::NULL;
        };
        let word = slot.peek();
        if !word.is_object() {
            return word;
        }
        // SAFETY: an object found in a slot stays readable until the next safepoint.
        if unsafe { (*word.as_object()).is_deferred() }
            && (ctx.solo() || self.unchanged(table, slot, word))
        {
            // A deferred object dies at a safepoint at the earliest, and stacks are searched there.
            return word.deferred();
        }
        self.read(ctx, table, slot)
            .map_or(Word::NULL, Obj::into_word)
    }

    /// Replaces the value of a cached entry; gives `value` back when the set of keys has changed.
    ///
    /// # Safety
    /// - As [`value_at`](Self::value_at).
    #[inline]
    pub unsafe fn set_value_at(
        &self,
        ctx: &Ctx,
        version: u32,
        index: u32,
        value: Obj,
    ) -> Result<(), Obj> {
        let _lock = self.lock(ctx);
        match self.cached(ctx, version, index) {
            Some((_, slot)) => {
                drop(slot.replace_locked(ctx, Some(value)));
                Ok(())
            }
            None => Err(value),
        }
    }
}

/// The version given out next.
static NEXT_VERSION: AtomicU32 = AtomicU32::new(1);

/// An empty dict.
pub fn new(ctx: &mut Ctx) -> PyResult {
    payload::new(ctx, PyDict::empty())
}

#[cfg(test)]
mod tests;
