//! `list`: a growable array of values, read without locks.
//!
//! The items live in a buffer with its capacity in front, so that a reader's bound and its items
//! always belong together. Writers hold the object's lock; a buffer that is replaced while other
//! threads exist is retired through a grace period.
//!
//! ```text
//! reader: len → buffer (acquire) → index < min(len, capacity) → slot → try-retain → still there?
//! ```
//!
//! Items that move do so word by word, in an order in which no reader finds a gap: it may find an
//! item twice, as any reader of a list that changes may.

pub mod iterate;
pub mod methods;
mod sort;

use crate::prelude::*;
pub use iterate::{InList, LIST_ITER, LIST_REVERSE_ITER, ListIter, ListReverseIter};
pub use methods::{LIST, repr_onto};

use super::ids;
use super::index::{Bounds, Span};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use crate::error::{PyResult, no_memory};
use crate::vm::outside;
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering::*};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Header, Tracer, Word};
use kit_core::thread::lock::ObjectLock;
use kit_core::thread::{Ctx, Thread};

/// A buffer of items.
#[repr(C)]
struct Buffer {
    capacity: usize,
    items: [Slot; 0],
}

/// The body of a list.
pub struct PyList {
    len: AtomicUsize,
    buffer: AtomicPtr<Buffer>,
}

// SAFETY: `trace` reports every item.
unsafe impl Payload for PyList {
    const ID: u32 = ids::LIST;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "list";
    const DISCARD: Option<fn(&mut Self, &Thread)> = Some(|this, thread| {
        if let Some(block) = NonNull::new(*this.buffer.get_mut()) {
            // SAFETY: the block is the dead list's own.
            unsafe { thread.heap.free(block.cast()) };
        }
    });

    fn trace(&self, tracer: &mut Tracer<'_>) {
        let buffer = self.buffer.load(Relaxed);
        if !buffer.is_null() {
            // SAFETY: the world is stopped, so the buffer stays; a slot is a word.
            unsafe { tracer.rows((&raw const (*buffer).items).cast(), self.len(), 1, 0) };
        }
    }

    fn clear(&self, ctx: &mut Ctx) {
        // The collector has the only way to the list.
        drop(self.take_all(ctx));
    }

    fn shed(&self, ctx: &mut Ctx) {
        let buffer = self.buffer.load(Relaxed);
        for index in (0..self.len()).rev() {
            // SAFETY: nobody else reaches the dead list, and each item is dropped once: those taken here are gone when
            // the list itself is dropped. Text and numbers refer to nothing, so nothing else dies with them.
            unsafe {
                let slot = slot_of(buffer, index);
                let word = slot.peek();
                if word.is_object()
                    && matches!(
                        (*word.as_object()).type_id(),
                        ids::STR | ids::FLOAT | ids::INT
                    )
                {
                    slot.forget();
                    ctx.release(word);
                }
            }
        }
    }
}

impl PyList {
    /// Items, at this moment.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len.load(Relaxed)
    }

    /// Whether there are none, at this moment.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// # Safety
    /// - `index` is below the length, and nobody replaces the buffer meanwhile.
    #[inline(always)]
    unsafe fn slot(&self, index: usize) -> &Slot {
        let buffer = self.buffer.load(Relaxed);
        // SAFETY: the buffer has at least `len` slots.
        unsafe { slot_of(buffer, index) }
    }

    /// Calls `visit` with the words of all items.
    ///
    /// # Safety
    /// - The world is stopped.
    pub unsafe fn each_word(&self, visit: &mut dyn FnMut(Word)) {
        for index in 0..self.len() {
            // SAFETY: the world is stopped.
            visit(unsafe { self.slot(index) }.peek());
        }
    }

    /// Bytes of the buffer, at this moment.
    pub fn buffer_size(&self) -> usize {
        match self.capacity() {
            0 => 0,
            capacity => size_of::<Buffer>() + capacity * size_of::<Slot>(),
        }
    }

    fn capacity(&self) -> usize {
        let buffer = self.buffer.load(Relaxed);
        if buffer.is_null() {
            return 0;
        }
        // SAFETY: a buffer that exists begins with its capacity.
        unsafe { (*buffer).capacity }
    }

    /// Makes room for `wanted` items. The lock is held. False without memory.
    fn reserve(&self, ctx: &Ctx, wanted: usize) -> bool {
        let capacity = self.capacity();
        if wanted <= capacity {
            return true;
        }
        // Growth by an eighth, as CPython's, so that appending is amortised and memory is not wasted; none for much at once.
        let more = (wanted + (wanted >> 3) + 6) & !3;
        let much = wanted - self.len() > more - wanted;
        self.set_capacity(ctx, if much { (wanted + 3) & !3 } else { more })
    }

    /// Moves the items to a buffer of exactly this capacity. The lock is held.
    #[cold]
    fn set_capacity(&self, ctx: &Ctx, capacity: usize) -> bool {
        let old = self.buffer.load(Relaxed);
        let len = self.len();
        debug_assert!(capacity >= len);
        let Some(new) = allocate_buffer(ctx, capacity) else {
            return false;
        };
        // SAFETY: both buffers have room for `len` items; the slots are moved, not copied.
        unsafe {
            if !old.is_null() {
                ptr::copy_nonoverlapping(
                    (&raw const (*old).items).cast::<u64>(),
                    (&raw mut (*new).items).cast::<u64>(),
                    len,
                );
            }
            // The rest is empty for readers that come with a stale length.
            ptr::write_bytes(
                (&raw mut (*new).items).cast::<u64>().add(len),
                0,
                capacity - len,
            );
        }
        // Release, paired with `get`: the items are in place.
        self.buffer.store(new, Release);
        free_buffer(ctx, old);
        true
    }

    /// Takes all items out. The lock is held, or the list is private.
    fn take_all(&self, ctx: &Ctx) -> Vec<Obj> {
        let len = self.len();
        let old = self.buffer.load(Relaxed);
        self.len.store(0, Relaxed);
        self.buffer.store(ptr::null_mut(), Release);
        let mut items = Vec::with_capacity(len);
        for index in 0..len {
            // SAFETY: below the length; the slot's reference is moved out, once.
            if let Some(item) = unsafe { Obj::from_nullable(slot_of(old, index).peek()) } {
                items.push(item);
            }
        }
        free_buffer(ctx, old);
        items
    }
}

impl Drop for PyList {
    fn drop(&mut self) {
        let len = *self.len.get_mut();
        let buffer = *self.buffer.get_mut();
        if !buffer.is_null() {
            // Last first, as CPython does.
            for index in (0..len).rev() {
                // SAFETY: each item is dropped once; nobody else reaches the dead list.
                drop(unsafe { Obj::from_nullable(slot_of(buffer, index).peek()) });
            }
            crate::vm::thread::free_buffer(buffer.cast());
        }
    }
}

/// # Safety
/// - `index` is below the buffer's capacity, and the buffer is not freed meanwhile.
#[inline(always)]
unsafe fn slot_of<'a>(buffer: *mut Buffer, index: usize) -> &'a Slot {
    // SAFETY: by the contract.
    unsafe { &*(&raw const (*buffer).items).cast::<Slot>().add(index) }
}

/// Copies the word of `from` to `to`, without minding counts: the caller balances them.
#[inline(always)]
fn carry(from: &Slot, to: &Slot) {
    // SAFETY: a slot is an atomic word.
    let (from, to) = unsafe {
        (
            &*(&raw const *from).cast::<AtomicU64>(),
            &*(&raw const *to).cast::<AtomicU64>(),
        )
    };
    // Release: who finds the item here sees what it holds, as where it was stored first.
    to.store(from.load(Relaxed), Release);
}

fn allocate_buffer(ctx: &Ctx, capacity: usize) -> Option<*mut Buffer> {
    let size = capacity.checked_mul(8)?.checked_add(size_of::<Buffer>())?;
    if size > isize::MAX as usize {
        return None;
    }
    let buffer = ctx
        .thread()
        .heap
        .alloc(HeapKind::Buffer, size)?
        .as_ptr()
        .cast::<Buffer>();
    // SAFETY: fresh, and large enough.
    unsafe { (&raw mut (*buffer).capacity).write(capacity) };
    Some(buffer)
}

fn free_buffer(ctx: &Ctx, buffer: *mut Buffer) {
    if let Some(block) = NonNull::new(buffer) {
        // SAFETY: unlinked by the caller; a capacity stands in front.
        unsafe { ctx.retire_buffer(block.cast(), (*buffer).capacity * 8 + size_of::<Buffer>()) };
    }
}

impl PyList {
    /// Moves `count` items from `from` to `to`; what was there has been moved or taken before. The
    /// lock is held and both ranges are below the capacity.
    fn shift(&self, from: usize, to: usize, count: usize) {
        let buffer = self.buffer.load(Relaxed);
        let carry = |n: usize| {
            // SAFETY: below the capacity, under the lock.
            unsafe { carry(slot_of(buffer, from + n), slot_of(buffer, to + n)) }
        };
        if to < from {
            (0..count).for_each(carry);
        } else {
            (0..count).rev().for_each(carry);
        }
    }

    /// Writes a value into a slot whose word has been moved away. The lock is held.
    fn fill(&self, ctx: &Ctx, index: usize, value: Option<Obj>) {
        // SAFETY: below the capacity, under the lock.
        let slot = unsafe { self.slot(index) };
        // The word that was there belongs to another slot or to the caller by now.
        core::mem::forget(slot.replace_locked(ctx, value));
    }

    /// The word at `index` as a reference, which the caller takes over from the slot. The lock is
    /// held, and the slot is filled or cut off next.
    fn taken(&self, index: usize) -> Option<Obj> {
        // SAFETY: below the length, under the lock; the slot gives its reference up.
        unsafe { Obj::from_nullable(self.slot(index).peek()) }
    }
}

impl Body<PyList> {
    fn lock<'a>(&'a self, ctx: &'a Ctx) -> ObjectLock<'a> {
        ctx.lock(&self.header)
    }

    /// The item at `index`, if there is one. Takes no lock, as a rule.
    #[inline(always)]
    pub fn get(&self, ctx: &Ctx, index: usize) -> Option<Obj> {
        if index >= self.payload.len() {
            return None;
        }
        // Acquire, paired with `set_capacity`.
        let buffer = self.payload.buffer.load(Acquire);
        // SAFETY: a buffer found here is not freed before this thread's next safepoint; its own
        // capacity bounds the index, whatever the length was.
        unsafe {
            if buffer.is_null() || index >= (*buffer).capacity {
                return None;
            }
            let slot = slot_of(buffer, index);
            let word = slot.peek();
            if !word.is_pointer() {
                return Some(Obj::from_word(word));
            }
            if word.is_null() {
                // A writer has just changed the length.
                return self.get_slow(ctx, index);
            }
            let header: &Header = &*word.as_object();
            if header.try_retain_own(ctx.counter()) {
                return Some(Obj::from_word(word));
            }
            if ctx.solo() {
                header.retain(ctx.counter());
                return Some(Obj::from_word(word));
            }
            if header.try_retain(ctx.counter()) {
                // Slot and buffer must be what they were.
                if slot.peek() == word && self.payload.buffer.load(Acquire) == buffer {
                    return Some(Obj::from_word(word));
                }
                ctx.thread().release_later(word);
            }
        }
        self.get_slow(ctx, index)
    }

    #[cold]
    fn get_slow(&self, ctx: &Ctx, index: usize) -> Option<Obj> {
        let _lock = self.lock(ctx);
        if index >= self.payload.len() {
            return None;
        }
        // SAFETY: below the length, under the lock; the slot's own reference keeps the item.
        unsafe {
            let word = self.payload.slot(index).peek();
            if word.is_object() {
                (*word.as_object()).retain_published(ctx.counter());
            }
            Obj::from_nullable(word)
        }
    }

    /// Replaces the item at `index`; false when there is none.
    #[inline]
    pub fn set(&self, ctx: &Ctx, index: usize, value: Obj) -> bool {
        self.set_at(ctx, |_| Some(index), value)
    }

    /// As [`set`](Self::set), at the index that `place` tells from the length, if it tells one.
    #[inline]
    pub fn set_at(
        &self,
        ctx: &Ctx,
        place: impl FnOnce(usize) -> Option<usize>,
        value: Obj,
    ) -> bool {
        let old = {
            let _lock = self.lock(ctx);
            let len = self.payload.len();
            let Some(index) = place(len).filter(|index| *index < len) else {
                return false;
            };
            // SAFETY: below the length, under the lock.
            unsafe { self.payload.slot(index) }.replace_locked(ctx, Some(value))
        };
        drop(old);
        true
    }

    /// Appends an item.
    #[inline]
    pub fn push(&self, ctx: &mut Ctx, value: Obj) -> PyResult<()> {
        if self.try_push(ctx, value) {
            Ok(())
        } else {
            Err(no_memory(ctx))
        }
    }

    /// Makes room for `more` items that will come, probably. False if there will never be memory for them.
    pub fn expect_more(&self, ctx: &Ctx, more: i64) -> bool {
        let lock = self.lock(ctx);
        let room = usize::try_from(more)
            .ok()
            .and_then(|more| more.checked_add(self.len()));
        let enough = |wanted| wanted <= self.capacity() || self.set_capacity(ctx, wanted);
        let fits = room.is_some_and(enough);
        drop(lock);
        fits
    }

    /// Appends an item; false without memory.
    #[inline]
    pub fn try_push(&self, ctx: &Ctx, value: Obj) -> bool {
        let _lock = self.lock(ctx);
        let len = self.payload.len();
        if len == self.payload.capacity() && !self.payload.reserve(ctx, len + 1) {
            return false;
        }
        self.payload.fill(ctx, len, Some(value));
        // Release: a reader that sees the length sees the item.
        self.payload.len.store(len + 1, Release);
        true
    }

    /// Appends values, which are moved; gives them back without memory.
    pub fn try_extend(&self, ctx: &Ctx, values: Vec<Obj>) -> Result<(), Vec<Obj>> {
        let _lock = self.lock(ctx);
        let len = self.payload.len();
        let new_len = len + values.len();
        if !self.payload.reserve(ctx, new_len) {
            return Err(values);
        }
        for (offset, value) in values.into_iter().enumerate() {
            self.payload.fill(ctx, len + offset, Some(value));
        }
        self.payload.len.store(new_len, Release);
        Ok(())
    }

    /// Appends the items of another list, where this thread is alone; `None` where it is not, false without memory.
    pub fn extend_alone(&self, ctx: &Ctx, other: &Body<PyList>) -> Option<bool> {
        if !ctx.solo() || ptr::eq(self, other) {
            return None;
        }
        let (len, more) = (self.payload.len(), other.payload.len());
        if !self.payload.reserve(ctx, len + more) {
            return Some(false);
        }
        for index in 0..more {
            let item = other.copy_locked(index).unwrap_or(Obj::NONE);
            // SAFETY: below the capacity, and empty: nothing is replaced.
            unsafe { self.payload.slot(len + index) }.put_alone(item);
        }
        self.payload.len.store(len + more, Release);
        Some(true)
    }

    /// Appends values, which are moved.
    pub fn extend(&self, ctx: &mut Ctx, values: Vec<Obj>) -> PyResult<()> {
        match self.try_extend(ctx, values) {
            Ok(()) => Ok(()),
            Err(_) => Err(no_memory(ctx)),
        }
    }

    /// Removes and returns the last item.
    #[inline]
    pub fn pop_last(&self, ctx: &Ctx) -> Option<Obj> {
        let _lock = self.lock(ctx);
        let last = self.payload.len().checked_sub(1)?;
        let item = self.payload.taken(last);
        self.payload.len.store(last, Relaxed);
        self.payload.fill(ctx, last, None);
        self.shrink(ctx);
        item
    }

    /// Removes and returns the item at `index`.
    pub fn remove(&self, ctx: &Ctx, index: usize) -> Option<Obj> {
        self.remove_at(ctx, |len| (index < len).then_some(index))
            .ok()
    }

    /// Removes and returns the item at the index that `place` tells from the length; the length if it
    /// tells none.
    pub fn remove_at(
        &self,
        ctx: &Ctx,
        place: impl FnOnce(usize) -> Option<usize>,
    ) -> Result<Obj, usize> {
        let _lock = self.lock(ctx);
        let len = self.payload.len();
        let index = place(len).filter(|index| *index < len).ok_or(len)?;
        let item = self.payload.taken(index);
        self.payload.shift(index + 1, index, len - index - 1);
        self.payload.len.store(len - 1, Relaxed);
        self.payload.fill(ctx, len - 1, None);
        self.shrink(ctx);
        item.ok_or(len)
    }

    /// Inserts an item before `index`, or at the end; false without memory.
    pub fn try_insert(&self, ctx: &Ctx, index: usize, value: Obj) -> bool {
        self.try_insert_at(ctx, |_| index, value)
    }

    /// As [`try_insert`](Self::try_insert), before the index that `place` tells from the length.
    pub fn try_insert_at(&self, ctx: &Ctx, place: impl FnOnce(usize) -> usize, value: Obj) -> bool {
        let _lock = self.lock(ctx);
        let len = self.payload.len();
        if !self.payload.reserve(ctx, len + 1) {
            return false;
        }
        let index = place(len).min(len);
        self.payload.shift(index, index + 1, len - index);
        self.payload.fill(ctx, index, Some(value));
        self.payload.len.store(len + 1, Release);
        true
    }

    /// Inserts an item before `index`, or at the end.
    pub fn insert(&self, ctx: &mut Ctx, index: usize, value: Obj) -> PyResult<()> {
        if self.try_insert(ctx, index, value) {
            Ok(())
        } else {
            Err(no_memory(ctx))
        }
    }

    fn shrink(&self, ctx: &Ctx) {
        let len = self.payload.len();
        let capacity = self.payload.capacity();
        if capacity > 16 && len < capacity / 2 {
            // Without memory the list keeps its buffer.
            self.payload.set_capacity(ctx, len + (len >> 3) + 4);
        }
    }

    /// A copy of the items at one moment.
    pub fn to_vec(&self, ctx: &Ctx) -> Vec<Obj> {
        self.slice(ctx, 0, usize::MAX)
    }

    /// A copy of the items from `start` up to `end`, at one moment.
    pub fn slice(&self, ctx: &Ctx, start: usize, end: usize) -> Vec<Obj> {
        self.slice_to(ctx, start, end)
    }

    /// As [`slice`](Self::slice), into any collection.
    #[inline]
    pub fn slice_to<C: Default + Extend<Obj>>(&self, ctx: &Ctx, start: usize, end: usize) -> C {
        let mut items = C::default();
        let _lock = self.lock(ctx);
        let end = end.min(self.payload.len());
        // Under the lock no slot below the length is empty.
        let copy = |index| self.copy_locked(index).unwrap_or(Obj::NONE);
        items.extend((start..end).map(copy));
        items
    }

    /// A list of the items a slice selects, at one moment; `span` says which when told the length.
    pub fn select(&self, ctx: &mut Ctx, span: impl FnOnce(usize) -> Span) -> PyResult {
        let list = {
            let _lock = self.lock(ctx);
            let span = span(self.payload.len());
            // Under the lock no slot below the length is empty.
            let copy = |index| self.copy_locked(index).unwrap_or(Obj::NONE);
            if span.step == 1 {
                let items = span.start..span.start + span.count;
                PyList::filled(ctx, span.count, items.map(copy))
            } else {
                PyList::filled(ctx, span.count, span.indices().map(copy))
            }
        };
        match list {
            Some(list) => payload::new(ctx, list),
            None => Err(no_memory(ctx)),
        }
    }

    #[inline(always)]
    fn copy_locked(&self, index: usize) -> Option<Obj> {
        // SAFETY: below the length, under the lock; the slot's reference keeps the item.
        unsafe {
            let word = self.payload.slot(index).peek();
            (!word.is_null()).then(|| Obj::copy_word(word))
        }
    }

    /// The items, in front of fillers, if there are just `count`, and few, at one moment.
    pub fn few(&self, ctx: &Ctx, count: usize) -> Option<[Obj; 4]> {
        let mut items = [const { Obj::NONE }; 4];
        let _lock = self.lock(ctx);
        if count != self.payload.len() || count > items.len() {
            return None;
        }
        for (index, item) in items.iter_mut().enumerate().take(count) {
            *item = self.copy_locked(index)?;
        }
        Some(items)
    }

    /// Replaces the items a slice selects by those of `source`, where this thread is alone, `source` is another list and
    /// has as many. Otherwise nothing is changed.
    pub fn overwrite(&self, ctx: &Ctx, bounds: Bounds, source: &Body<PyList>) -> bool {
        if !ctx.solo() || ptr::eq(self, source) {
            return false;
        }
        let (start, stop, _) = bounds.clamp(self.payload.len() as i64);
        let count = source.payload.len();
        if start + count as i64 != stop.max(start) {
            return false;
        }
        for index in 0..count {
            let Some(item) = source.copy_locked(index) else {
                return false;
            };
            // SAFETY: below the length. Alone, the thread needs no lock. Dropping runs nothing.
            unsafe {
                let slot = self.payload.slot(start as usize + index);
                let old = slot.peek();
                slot.put_alone(item);
                drop(Obj::from_nullable(old));
            }
        }
        true
    }

    /// Replaces the items from `start` up to `end` by `values`; false without memory.
    pub fn splice(
        &self,
        ctx: &Ctx,
        start: usize,
        end: usize,
        values: impl ExactSizeIterator<Item = Obj>,
    ) -> bool {
        let _lock = self.lock(ctx);
        let len = self.payload.len();
        let start = start.min(len);
        let end = end.clamp(start, len);
        let count = values.len();
        if count == end - start {
            for (index, value) in (start..end).zip(values) {
                // SAFETY: below the length, under the lock. Dropping runs nothing.
                drop(unsafe { self.payload.slot(index) }.replace_locked(ctx, Some(value)));
            }
            return true;
        }
        let new_len = len - (end - start) + count;
        if !self.payload.reserve(ctx, new_len) {
            return false;
        }
        for index in start..end {
            drop(self.payload.taken(index));
        }
        self.payload.shift(end, start + count, len - end);
        for (offset, value) in values.enumerate() {
            self.payload.fill(ctx, start + offset, Some(value));
        }
        self.payload.len.store(new_len, Release);
        for index in new_len..len {
            self.payload.fill(ctx, index, None);
        }
        self.shrink(ctx);
        true
    }

    /// Replaces the items a slice selects by as many values; `Err(number of items)` when there are
    /// more or fewer.
    pub fn assign(
        &self,
        ctx: &Ctx,
        span: impl FnOnce(usize) -> Span,
        values: Vec<Obj>,
    ) -> Result<(), usize> {
        let _lock = self.lock(ctx);
        let span = span(self.payload.len());
        if span.count != values.len() {
            return Err(span.count);
        }
        for (index, value) in span.indices().zip(values) {
            // SAFETY: below the length, under the lock.
            drop(unsafe { self.payload.slot(index) }.replace_locked(ctx, Some(value)));
        }
        Ok(())
    }

    /// Removes the items a slice selects.
    pub fn delete(&self, ctx: &Ctx, span: impl FnOnce(usize) -> Span) -> Vec<Obj> {
        let _lock = self.lock(ctx);
        let len = self.payload.len();
        let span = span(len).ascending();
        let step = span.step as usize;
        let mut removed = Vec::with_capacity(span.count);
        for (done, index) in span.indices().enumerate() {
            removed.extend(self.payload.taken(index));
            // What lies between this one and the next moves down over the gaps.
            let next = if done + 1 < span.count {
                index + step
            } else {
                len
            };
            self.payload
                .shift(index + 1, index - done, next - index - 1);
        }
        let new_len = len - removed.len();
        self.payload.len.store(new_len, Relaxed);
        for index in new_len..len {
            self.payload.fill(ctx, index, None);
        }
        self.shrink(ctx);
        removed
    }

    /// Reverses the items in place.
    pub fn reverse(&self, ctx: &Ctx) {
        let _lock = self.lock(ctx);
        let len = self.payload.len();
        if ctx.solo() {
            for index in 0..len / 2 {
                // SAFETY: below the length, and nobody else looks.
                let (low, high) =
                    unsafe { (self.payload.slot(index), self.payload.slot(len - 1 - index)) };
                low.exchange_alone(high);
            }
            return;
        }
        for index in 0..len / 2 {
            let (low, high) = (
                self.payload.taken(index),
                self.payload.taken(len - 1 - index),
            );
            self.payload.fill(ctx, index, high);
            self.payload.fill(ctx, len - 1 - index, low);
        }
    }

    /// Takes all items out, leaving the list empty (as `list.sort` does while it sorts).
    pub fn take(&self, ctx: &Ctx) -> Vec<Obj> {
        let _lock = self.lock(ctx);
        self.payload.take_all(ctx)
    }

    /// Sorts items that compare without running code, while others wait; false if they are not such.
    pub fn sort_plain(&self, ctx: &Ctx, reverse: bool) -> bool {
        let _lock = self.lock(ctx);
        let len = self.payload.len();
        // SAFETY: below the length, under the lock.
        let slots = (0..len).map(|index| unsafe { self.payload.slot(index) });
        // The words without their counts, which stay with the list.
        let mut items: Vec<ManuallyDrop<Obj>> = slots
            // SAFETY: the list keeps what its slots refer to; nothing is dropped.
            .filter_map(|slot| unsafe { Obj::from_nullable(slot.peek()) })
            .map(ManuallyDrop::new)
            .collect();
        if items.len() != len || !sort::sort_plain(&mut items, reverse) {
            return false;
        }
        for (index, item) in items.into_iter().enumerate() {
            // Each item stays in the list: a reader may find it twice, but never gone.
            self.payload
                .fill(ctx, index, Some(ManuallyDrop::into_inner(item)));
        }
        true
    }

    /// Gives the list these items instead of what it has; `Ok(true)` when it had a buffer: it was
    /// changed since [`take`](Self::take). What other threads may have put there meanwhile is kept
    /// behind the items. `Err` gives the items back for want of memory.
    pub fn put_back(&self, ctx: &Ctx, mut values: Vec<Obj>) -> Result<bool, Vec<Obj>> {
        let (changed, old) = {
            let _lock = self.lock(ctx);
            let changed = !self.payload.buffer.load(Relaxed).is_null();
            let mut old = self.payload.take_all(ctx);
            if !ctx.solo() {
                values.append(&mut old);
            }
            let len = values.len();
            if !self.payload.reserve(ctx, len) {
                return Err(values);
            }
            for (index, value) in values.into_iter().enumerate() {
                self.payload.fill(ctx, index, Some(value));
            }
            self.payload.len.store(len, Release);
            (changed, old)
        };
        drop(old);
        Ok(changed)
    }
}

impl PyList {
    /// A list's body with what `items` yields, up to `most`; `None` without memory.
    #[inline]
    fn filled(ctx: &Ctx, most: usize, items: impl Iterator<Item = Obj>) -> Option<PyList> {
        let mut list = PyList {
            len: AtomicUsize::new(0),
            buffer: AtomicPtr::new(ptr::null_mut()),
        };
        if most == 0 {
            return Some(list);
        }
        let buffer = allocate_buffer(ctx, most)?;
        let mut len = 0;
        // SAFETY: the buffer has room for `most` items, and is this function's alone. What stays empty is
        // so for readers that come with a stale length.
        unsafe {
            let first = (&raw mut (*buffer).items).cast::<Slot>();
            for item in items.take(most) {
                first.add(len).write(Slot::new(item));
                len += 1;
            }
            for index in len..most {
                first.add(index).write(Slot::empty());
            }
        }
        *list.len.get_mut() = len;
        *list.buffer.get_mut() = buffer;
        Some(list)
    }
}

/// A list of class `type_id` with these items, which are moved.
pub fn with_type(
    ctx: &mut Ctx,
    type_id: u32,
    items: impl ExactSizeIterator<Item = Obj>,
) -> PyResult {
    match PyList::filled(ctx, items.len(), items) {
        Some(list) => payload::allocate(ctx, type_id, list),
        None => Err(no_memory(ctx)),
    }
}

/// A list with these items, which are moved.
pub fn from_vec(ctx: &mut Ctx, values: Vec<Obj>) -> PyResult {
    outside::room_for(ctx, values.len())?;
    with_type(ctx, ids::LIST, values.into_iter())
}

#[cfg(test)]
mod tests;
