//! `set` and `frozenset`: a hash table of values, searched without locks.
//!
//! As in [`super::dict`], readers probe without the lock and fall back to it where something is
//! unclear; writers hold it; blocks that are replaced are retired; values with an `__eq__` of their
//! own are compared with no lock held.

pub mod methods;
mod operators;
mod table;

use crate::prelude::*;
pub use methods::{FROZENSET, SET, SET_ITER, SetIter, from_iterable, repr_onto, update};
pub use operators::{Operation, combine_in_place};

use super::exception::{self, class};
use super::key::{self, Verdict};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::{ids, protocol};
use crate::error::{PyResult, no_memory};
use crate::number;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicI64, AtomicPtr, AtomicUsize, Ordering::*};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::object::trace::Rows;
use kit_core::thread::lock::ObjectLock;
use kit_core::thread::{Ctx, Thread};
use table::{Entry, Head, Probe, REMOVED, Table, size_above};

/// The body of a set or frozenset.
pub struct PySet {
    /// Values.
    len: AtomicUsize,
    /// The block of the table; null while there was never a value.
    table: AtomicPtr<Head>,
    /// Where `pop` looks next.
    finger: AtomicUsize,
    /// The hash of a frozenset; −1 until it is computed.
    hash: AtomicI64,
}

// SAFETY: `trace` reports every value.
unsafe impl Payload for PySet {
    const ID: u32 = ids::SET;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "set";
    const DISCARD: Option<fn(&mut Self, &Thread)> = Some(|this, thread| {
        if let Some(block) = NonNull::new(*this.table.get_mut()) {
            // SAFETY: the block is the dead set's own.
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
                    table.map_or(Rows::new(ptr::null(), 0, 2, 1), Table::rows)
                });
            }
        }
    }

    fn clear(&self, ctx: &mut Ctx) {
        // The collector has the only way to the set.
        drop(self.take_all(ctx));
    }
}

impl PySet {
    /// The block of the table, for those who measure it; it may have none.
    pub fn block(&self) -> Option<NonNull<u8>> {
        NonNull::new(self.table.load(Relaxed)).map(NonNull::cast)
    }

    /// An empty body.
    pub const fn empty() -> PySet {
        PySet {
            len: AtomicUsize::new(0),
            table: AtomicPtr::new(ptr::null_mut()),
            finger: AtomicUsize::new(0),
            hash: AtomicI64::new(-1),
        }
    }

    #[inline(always)]
    fn table<'c>(&self, _: &'c Ctx) -> Option<Table<'c>> {
        // Acquire, paired with `install`. SAFETY: a block that is unlinked is freed after the next
        // safepoint of this thread, and there is none while the context is borrowed.
        unsafe { Table::from_raw(self.table.load(Acquire)) }
    }

    /// Makes `table` the set's and retires the block before. The lock is held, or the set is private.
    fn install(&self, ctx: &Ctx, table: Option<Table<'_>>) {
        let new = table.map_or(ptr::null_mut(), Table::as_raw);
        // Release, paired with `table`: the entries are there.
        let old = self.table.swap(new, AcqRel);
        // SAFETY: unlinked just now.
        if let Some(old) = unsafe { Table::from_raw(old) } {
            let bytes = old.bytes();
            // SAFETY: not null, and unlinked just now.
            unsafe { ctx.retire_buffer(NonNull::new_unchecked(old.as_raw().cast()), bytes) };
        }
    }

    /// Takes everything out. The lock is held, or the set is private.
    fn take_all(&self, ctx: &Ctx) -> Vec<Obj> {
        let mut taken = Vec::with_capacity(self.len.load(Relaxed));
        if let Some(table) = self.table(ctx) {
            self.len.store(0, Relaxed);
            for number in 0..=table.mask() {
                let removed = Obj::constant(REMOVED.as_constant());
                let slot = &table.entry(number).value;
                let word = slot.peek();
                if !word.is_null() && word != REMOVED {
                    taken.extend(slot.replace_locked(ctx, Some(removed)));
                }
            }
            self.install(ctx, None);
        }
        taken
    }
}

impl Drop for PySet {
    fn drop(&mut self) {
        let block = *self.table.get_mut();
        // SAFETY: the dead set's own block.
        if let Some(table) = unsafe { Table::from_raw(block) } {
            for number in 0..=table.mask() {
                let entry: *const Entry = table.entry(number);
                // SAFETY: nobody else reaches the dead set; each slot is dropped once.
                unsafe { ptr::drop_in_place(entry.cast_mut()) };
            }
            crate::vm::thread::free_buffer(block.cast());
        }
    }
}

/// The hash of a value that is to be in a set; TypeError says that it cannot be.
#[inline(always)]
pub fn hash_element(ctx: &mut Ctx, value: &Obj) -> PyResult<i64> {
    match key::hash_value(ctx, value) {
        Ok(hash) => Ok(hash),
        Err(raised) => Err(key::explain_unhashable(ctx, raised, value, "a set element")),
    }
}

/// The hash of a value that is looked for: a set stands for the frozenset with its values.
fn hash_wanted(ctx: &mut Ctx, value: &Obj) -> PyResult<i64> {
    match key::hash_value(ctx, value) {
        Ok(hash) => Ok(hash),
        Err(raised) => {
            if let Some(set) = value.downcast::<PySet>()
                && exception::matches(ctx, &raised, class::TypeError)
            {
                exception::take(ctx, raised);
                return Ok(set.frozen_hash(ctx));
            }
            Err(key::explain_unhashable(ctx, raised, value, "a set element"))
        }
    }
}

/// What a search has come to.
enum Seek {
    /// The entry has the value.
    Found(usize),
    /// None has; this entry is the place for it.
    Missing(usize),
    /// Only the value's own `__eq__` can tell: the candidate, and its entry.
    Ask(Obj, usize),
    /// A writer is at work: look again under the lock.
    Unclear,
}

/// Looks for `value`, going on at `probe`. With `LOCKED`, the set's lock is held, and `removed` is the last entry on the way from which
/// a value was removed.
#[inline(always)]
fn seek<const LOCKED: bool>(
    ctx: &Ctx,
    table: Table<'_>,
    hash: i64,
    value: &Obj,
    probe: &mut Probe,
    removed: &mut Option<usize>,
) -> Seek {
    let wanted = value.word().plain();
    loop {
        let number = probe.at();
        let entry = table.entry(number);
        let candidate = entry.value.peek();
        if candidate == wanted {
            return Seek::Found(number);
        }
        if candidate.is_null() {
            return Seek::Missing(number);
        }
        if candidate == REMOVED {
            if LOCKED {
                *removed = Some(number);
            }
        } else if entry.hash() == hash {
            match key::compare::<LOCKED>(ctx, &entry.value, candidate, value) {
                Verdict::Same => return Seek::Found(number),
                Verdict::Different => {}
                Verdict::Ask(candidate) => return Seek::Ask(candidate, number),
                Verdict::Unclear => return Seek::Unclear,
            }
        }
        probe.advance(table.mask());
    }
}

/// An entry, found or to be filled, under the lock.
enum Place<'c> {
    Found(Table<'c>, usize),
    Vacant(Table<'c>, usize),
    NoTable,
}

impl Body<PySet> {
    #[inline(always)]
    fn lock<'a>(&'a self, ctx: &'a Ctx) -> ObjectLock<'a> {
        ctx.lock(&self.header)
    }

    /// Values.
    #[allow(
        clippy::len_without_is_empty,
        reason = "it has one; clippy compares with that of another kind of body"
    )]
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len.load(Relaxed)
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Finds the place of `value` and calls `act` with it under the lock. Comparisons run without it.
    fn at_value<R>(
        &self,
        ctx: &mut Ctx,
        hash: i64,
        value: &Obj,
        act: impl FnOnce(&Ctx, Place<'_>) -> R,
    ) -> PyResult<R> {
        let mut probe = Probe::new(hash, 0);
        let mut removed = None;
        // The block in which the probe stands, and what was put into it.
        let (mut block, mut claims) = (ptr::null_mut(), 0);
        let mut equal: Option<(Obj, usize)> = None;
        loop {
            let (candidate, number) = {
                let ctx: &Ctx = ctx;
                let _lock = self.lock(ctx);
                let Some(table) = self.payload.table(ctx) else {
                    return Ok(act(ctx, Place::NoTable));
                };
                if table.as_raw() != block || table.claims() != claims {
                    (block, claims) = (table.as_raw(), table.claims());
                    (probe, removed) = (Probe::new(hash, table.mask()), None);
                    equal = None;
                }
                if let Some((found, number)) = equal.take() {
                    if table.entry(number).value.peek() == found.word() {
                        return Ok(act(ctx, Place::Found(table, number)));
                    }
                    (probe, removed) = (Probe::new(hash, table.mask()), None);
                }
                match seek::<true>(ctx, table, hash, value, &mut probe, &mut removed) {
                    Seek::Found(number) => return Ok(act(ctx, Place::Found(table, number))),
                    Seek::Missing(number) => {
                        let number = removed.unwrap_or(number);
                        return Ok(act(ctx, Place::Vacant(table, number)));
                    }
                    Seek::Ask(candidate, number) => (candidate, number),
                    // Only searches without the lock are unclear.
                    Seek::Unclear => return Ok(act(ctx, Place::NoTable)),
                }
            };
            if protocol::equals(ctx, &candidate, value)? {
                equal = Some((candidate, number));
            } else {
                probe.advance(self.mask_of(ctx, block));
            }
        }
    }

    /// The mask of the block in which a search stands; any other if it was replaced, as the search
    /// then begins anew.
    fn mask_of(&self, ctx: &Ctx, block: *mut Head) -> usize {
        match self.payload.table(ctx) {
            Some(table) if table.as_raw() == block => table.mask(),
            _ => 0,
        }
    }

    /// Whether there is `value`.
    pub fn contains(&self, ctx: &mut Ctx, value: &Obj) -> PyResult<bool> {
        let hash = hash_wanted(ctx, value)?;
        self.contains_hashed(ctx, hash, value)
    }

    /// Whether there is `value`, whose hash is known.
    #[inline]
    pub fn contains_hashed(&self, ctx: &mut Ctx, hash: i64, value: &Obj) -> PyResult<bool> {
        {
            let ctx: &Ctx = ctx;
            let Some(table) = self.payload.table(ctx) else {
                return Ok(false);
            };
            let mut probe = Probe::new(hash, table.mask());
            match seek::<false>(ctx, table, hash, value, &mut probe, &mut None) {
                Seek::Found(_) => return Ok(true),
                Seek::Missing(_) => return Ok(false),
                _ => {}
            }
        }
        self.at_value(ctx, hash, value, |_, place| {
            matches!(place, Place::Found(..))
        })
    }

    /// Adds a value.
    pub fn add(&self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        let hash = hash_element(ctx, value)?;
        self.add_hashed(ctx, hash, value)
    }

    /// Adds a value, whose hash is known.
    pub fn add_hashed(&self, ctx: &mut Ctx, hash: i64, value: &Obj) -> PyResult<()> {
        let added = self.at_value(ctx, hash, value, |ctx, place| {
            let (table, number) = match place {
                Place::Found(..) => return true,
                Place::Vacant(table, number) => (table, number),
                Place::NoTable => {
                    let Some(table) = Table::allocate(ctx, 8) else {
                        return false;
                    };
                    self.payload.install(ctx, Some(table));
                    (table, hash as usize & table.mask())
                }
            };
            let is_new = table.entry(number).value.peek().is_null();
            let entry = table.claim(number, hash);
            entry.value.replace_locked(ctx, Some(value.clone()));
            let len = self.len() + 1;
            self.payload.len.store(len, Relaxed);
            if !is_new || table.fill() * 5 < table.mask() * 3 {
                return true;
            }
            let wanted = if len > 50_000 { len * 2 } else { len * 4 };
            self.resize(ctx, table, wanted)
        })?;
        if added { Ok(()) } else { Err(no_memory(ctx)) }
    }

    /// Moves to a table of more than `wanted` entries; false without memory. The lock is held.
    fn resize(&self, ctx: &Ctx, table: Table<'_>, wanted: usize) -> bool {
        let Some(new) = table.moved(ctx, size_above(wanted)) else {
            return false;
        };
        self.payload.install(ctx, Some(new));
        true
    }

    /// Makes room for `more` values, as a merge with a set or dict of that size does.
    pub fn reserve(&self, ctx: &mut Ctx, more: usize) -> PyResult<()> {
        let enough = {
            let ctx: &Ctx = ctx;
            let _lock = self.lock(ctx);
            let wanted = (self.len() + more) * 2;
            match self.payload.table(ctx) {
                Some(table) if (table.fill() + more) * 5 < table.mask() * 3 => true,
                Some(table) => self.resize(ctx, table, wanted),
                None if more * 5 < 7 * 3 => true,
                None => match Table::allocate(ctx, size_above(wanted)) {
                    Some(table) => {
                        self.payload.install(ctx, Some(table));
                        true
                    }
                    None => false,
                },
            }
        };
        if enough { Ok(()) } else { Err(no_memory(ctx)) }
    }

    /// Gets rid of the marks of removed values when there are many.
    fn tidy(&self, ctx: &mut Ctx) -> PyResult<()> {
        let done = {
            let ctx: &Ctx = ctx;
            let _lock = self.lock(ctx);
            let len = self.len();
            match self.payload.table(ctx) {
                Some(table) if table.fill() - len > table.mask() / 5 => {
                    let wanted = if len > 50_000 { len * 2 } else { len * 4 };
                    self.resize(ctx, table, wanted)
                }
                _ => true,
            }
        };
        if done { Ok(()) } else { Err(no_memory(ctx)) }
    }

    /// Removes a value; whether it was there.
    pub fn discard(&self, ctx: &mut Ctx, value: &Obj) -> PyResult<bool> {
        let hash = hash_wanted(ctx, value)?;
        self.discard_hashed(ctx, hash, value)
    }

    /// Removes a value, whose hash is known; whether it was there.
    pub fn discard_hashed(&self, ctx: &mut Ctx, hash: i64, value: &Obj) -> PyResult<bool> {
        let removed = self.at_value(ctx, hash, value, |ctx, place| match place {
            Place::Found(table, number) => self.cut(ctx, table, number),
            _ => None,
        })?;
        Ok(removed.is_some())
    }

    /// Takes the value of an entry out. The lock is held.
    fn cut(&self, ctx: &Ctx, table: Table<'_>, number: usize) -> Option<Obj> {
        let removed = Obj::constant(REMOVED.as_constant());
        self.payload.len.store(self.len() - 1, Relaxed);
        table.entry(number).value.replace_locked(ctx, Some(removed))
    }

    /// Removes and returns some value.
    pub fn pop(&self, ctx: &Ctx) -> Option<Obj> {
        let _lock = self.lock(ctx);
        if self.is_empty() {
            return None;
        }
        let table = self.payload.table(ctx)?;
        let mut number = self.payload.finger.load(Relaxed) & table.mask();
        for _ in 0..=table.mask() {
            let word = table.entry(number).value.peek();
            if !word.is_null() && word != REMOVED {
                self.payload.finger.store(number + 1, Relaxed);
                return self.cut(ctx, table, number);
            }
            number = (number + 1) & table.mask();
        }
        None
    }

    /// Removes everything.
    pub fn clear_all(&self, ctx: &Ctx) {
        let taken = {
            let _lock = self.lock(ctx);
            self.payload.take_all(ctx)
        };
        drop(taken);
    }

    /// The next value at or after `position`, with its hash; `position` moves past it.
    pub fn next_hashed(&self, ctx: &Ctx, position: &mut usize) -> Option<(i64, Obj)> {
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        while *position <= table.mask() {
            let entry = table.entry(*position);
            *position += 1;
            let word = entry.value.peek();
            if word.is_null() || word == REMOVED {
                continue;
            }
            if word.is_object() && !ctx.solo() {
                // SAFETY: the lock is held, so the slot's own reference keeps the object.
                unsafe { (*word.as_object()).publish() };
            }
            // SAFETY: as above.
            return Some((entry.hash(), unsafe { Obj::copy_word(word) }));
        }
        None
    }

    /// The next value at or after `position`, which moves past it.
    pub fn next_entry(&self, ctx: &Ctx, position: &mut usize) -> Option<Obj> {
        self.next_hashed(ctx, position).map(|(_, value)| value)
    }

    /// A copy of the values at one moment, with their hashes.
    pub fn to_vec(&self, ctx: &Ctx) -> Vec<(i64, Obj)> {
        let _lock = self.lock(ctx);
        let mut values = Vec::with_capacity(self.len());
        let Some(table) = self.payload.table(ctx) else {
            return values;
        };
        for number in 0..=table.mask() {
            let entry = table.entry(number);
            let word = entry.value.peek();
            if !word.is_null() && word != REMOVED {
                // SAFETY: the lock is held, so the slot's own reference keeps the object.
                values.push((entry.hash(), unsafe { Obj::copy_word(word) }));
            }
        }
        values
    }

    /// The hash of a frozenset with these values.
    pub fn frozen_hash(&self, ctx: &Ctx) -> i64 {
        let _lock = self.lock(ctx);
        let Some(table) = self.payload.table(ctx) else {
            return number::hash::frozenset([]);
        };
        let hashes = (0..=table.mask()).filter_map(|number| {
            let entry = table.entry(number);
            let word = entry.value.peek();
            (!word.is_null() && word != REMOVED).then(|| entry.hash())
        });
        number::hash::frozenset(hashes)
    }

    /// Adds the values of another set.
    pub fn merge(&self, ctx: &mut Ctx, other: &Body<PySet>) -> PyResult<()> {
        if ptr::eq(self, other) || other.is_empty() {
            return Ok(());
        }
        if self.payload.table.load(Relaxed).is_null() && ctx.solo() {
            let len = other.len();
            let size = if len * 5 < 7 * 3 {
                8
            } else {
                size_above(len * 2)
            };
            let copy = other
                .payload
                .table(ctx)
                .and_then(|table| table.copied(ctx, size, len));
            let Some(copy) = copy else {
                return Err(no_memory(ctx));
            };
            self.payload.install(ctx, Some(copy));
            self.payload.len.store(len, Relaxed);
            return Ok(());
        }
        self.reserve(ctx, other.len())?;
        for (hash, value) in other.to_vec(ctx) {
            self.add_hashed(ctx, hash, &value)?;
        }
        Ok(())
    }

    /// Takes over the values of a private set.
    fn take_from(&self, ctx: &Ctx, other: &Body<PySet>) {
        let old = {
            let _lock = self.lock(ctx);
            let old = self.payload.take_all(ctx);
            let len = other.payload.len.swap(0, Relaxed);
            // The block changes hands: `install` retires what the set had, which is nothing.
            let table = other.payload.table.swap(ptr::null_mut(), AcqRel);
            // SAFETY: the other set's block, now this one's.
            let table = unsafe { Table::from_raw(table) };
            self.payload.install(ctx, table);
            self.payload.len.store(len, Relaxed);
            old
        };
        drop(old);
    }
}

/// An empty set (or frozenset, by the id of its class).
pub fn new(ctx: &mut Ctx, type_id: u32) -> PyResult {
    payload::allocate(ctx, type_id, PySet::empty())
}

#[cfg(test)]
mod tests;
