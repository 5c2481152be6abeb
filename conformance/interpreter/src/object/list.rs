//! `list`: a growable array of values, read without locks.
//!
//! The items live in a buffer with its capacity in front, so that a reader's bound and its items
//! always belong together. Writers hold the object's lock; a buffer that is replaced while other
//! threads exist is retired through a grace period.
//!
//! ```text
//! reader: len → buffer (acquire) → index < min(len, capacity) → slot → try-retain → slot unchanged?
//! ```

use super::ids;
use super::obj::Obj;
use super::payload::{Body, Payload, body_size};
use super::slot::{ObjectLock, Slot};
use crate::error::{PyResult, no_memory};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Bits, Header, Tracer};
use kit_core::thread::Ctx;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::*};

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

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for index in 0..self.len() {
            // SAFETY: the world is stopped.
            unsafe { self.slot(index).trace(tracer) };
        }
    }

    fn clear(&self, ctx: &mut Ctx) {
        // The collector has the only way to the list.
        drop(self.take_all(ctx));
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

    fn capacity(&self) -> usize {
        let buffer = self.buffer.load(Relaxed);
        // SAFETY: a buffer that exists begins with its capacity.
        if buffer.is_null() {
            0
        } else {
            unsafe { (*buffer).capacity }
        }
    }

    /// Makes room for `wanted` items. The lock is held. False without memory.
    fn reserve(&self, ctx: &Ctx, wanted: usize) -> bool {
        let capacity = self.capacity();
        if wanted <= capacity {
            return true;
        }
        // Growth by an eighth, as CPython's, so that appending is amortised and memory is not wasted.
        self.set_capacity(ctx, (wanted + (wanted >> 3) + 6) & !3)
    }

    /// Moves the items to a buffer of exactly this capacity. The lock is held.
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

impl Body<PyList> {
    fn lock<'a>(&'a self, ctx: &'a Ctx) -> ObjectLock<'a> {
        ObjectLock::new(ctx, &self.header)
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
                // A writer is moving items.
                return self.get_slow(ctx, index);
            }
            let header: &Header = &*word.as_object();
            if header.try_retain(ctx.slot()) {
                // A reference taken as the owner cannot have been to a stranger: only the owner
                // recycles what it owns.
                if header.is_owned_by(ctx.slot()) || slot.peek() == word {
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
                (*word.as_object()).retain_published(ctx.slot());
            }
            Obj::from_nullable(word)
        }
    }

    /// Replaces the item at `index`; false when there is none.
    #[inline]
    pub fn set(&self, ctx: &Ctx, index: usize, value: Obj) -> bool {
        let old = {
            let _lock = self.lock(ctx);
            if index >= self.payload.len() {
                return false;
            }
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

    /// Appends an item; false without memory.
    #[inline]
    pub fn try_push(&self, ctx: &Ctx, value: Obj) -> bool {
        let _lock = self.lock(ctx);
        let len = self.payload.len();
        if len == self.payload.capacity() && !self.payload.reserve(ctx, len + 1) {
            return false;
        }
        // SAFETY: below the capacity, under the lock; the slot was empty.
        drop(unsafe { self.payload.slot(len) }.replace_locked(ctx, Some(value)));
        // Release: a reader that sees the length sees the item.
        self.payload.len.store(len + 1, Release);
        true
    }

    /// Removes and returns the item at `index`.
    pub fn remove(&self, ctx: &Ctx, index: usize) -> Option<Obj> {
        let _lock = self.lock(ctx);
        let len = self.payload.len();
        if index >= len {
            return None;
        }
        // SAFETY: below the length, under the lock.
        let item = unsafe { self.payload.slot(index) }.replace_locked(ctx, None);
        for later in index + 1..len {
            // SAFETY: as above; the reference moves down by one slot.
            unsafe {
                let moved = self.payload.slot(later).replace_locked(ctx, None);
                drop(self.payload.slot(later - 1).replace_locked(ctx, moved));
            }
        }
        self.payload.len.store(len - 1, Release);
        self.shrink(ctx);
        item
    }

    /// Inserts an item before `index`; false without memory.
    pub fn insert(&self, ctx: &Ctx, index: usize, value: Obj) -> bool {
        let _lock = self.lock(ctx);
        let len = self.payload.len();
        if len == self.payload.capacity() && !self.payload.reserve(ctx, len + 1) {
            return false;
        }
        for earlier in (index.min(len)..len).rev() {
            // SAFETY: below the capacity, under the lock; the reference moves up by one slot.
            unsafe {
                let moved = self.payload.slot(earlier).replace_locked(ctx, None);
                drop(self.payload.slot(earlier + 1).replace_locked(ctx, moved));
            }
        }
        // SAFETY: as above.
        drop(unsafe { self.payload.slot(index.min(len)) }.replace_locked(ctx, Some(value)));
        self.payload.len.store(len + 1, Release);
        true
    }

    fn shrink(&self, ctx: &Ctx) {
        let len = self.payload.len();
        if self.payload.capacity() > 16 && len < self.payload.capacity() / 2 {
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
        let _lock = self.lock(ctx);
        let end = end.min(self.payload.len());
        (start..end)
            .filter_map(|index| {
                // SAFETY: below the length, under the lock; the slot's reference keeps the item.
                unsafe {
                    let word = self.payload.slot(index).peek();
                    (!word.is_null()).then(|| Obj::copy_word(word))
                }
            })
            .collect()
    }

    /// Replaces the items from `start` up to `end` by `values`; returns what was there, or the
    /// values if there is no memory.
    pub fn splice(
        &self,
        ctx: &Ctx,
        start: usize,
        end: usize,
        values: Vec<Obj>,
    ) -> Result<Vec<Obj>, Vec<Obj>> {
        let _lock = self.lock(ctx);
        let len = self.payload.len();
        let (start, end) = (start.min(len), end.min(len).max(start.min(len)));
        let new_len = len - (end - start) + values.len();
        if !self.payload.reserve(ctx, new_len) {
            return Err(values);
        }
        let removed: Vec<Obj> = (start..end)
            // SAFETY: below the length, under the lock.
            .filter_map(|index| unsafe { self.payload.slot(index) }.replace_locked(ctx, None))
            .collect();
        let shift = |from: usize, to: usize| {
            // SAFETY: both below the capacity, under the lock; the reference moves.
            unsafe {
                let moved = self.payload.slot(from).replace_locked(ctx, None);
                drop(self.payload.slot(to).replace_locked(ctx, moved));
            }
        };
        if new_len < len {
            (end..len).for_each(|index| shift(index, index + new_len - len));
        } else if new_len > len {
            (end..len)
                .rev()
                .for_each(|index| shift(index, index + new_len - len));
        }
        for (offset, value) in values.into_iter().enumerate() {
            // SAFETY: below the capacity, under the lock.
            drop(unsafe { self.payload.slot(start + offset) }.replace_locked(ctx, Some(value)));
        }
        self.payload.len.store(new_len, Release);
        self.shrink(ctx);
        Ok(removed)
    }

    /// Takes all items out, leaving the list empty (as `list.sort` does while it sorts).
    pub fn take(&self, ctx: &Ctx) -> Vec<Obj> {
        let _lock = self.lock(ctx);
        self.payload.take_all(ctx)
    }
}

/// A list of class `type_id` with these items, which are moved.
pub fn with_type(ctx: &mut Ctx, type_id: u32, values: Vec<Obj>) -> PyResult {
    let body = body_size::<PyList>();
    let tail = super::instance::tail_size(ctx, type_id);
    let buffer = if values.is_empty() {
        ptr::null_mut()
    } else {
        match allocate_buffer(ctx, values.len()) {
            Some(buffer) => buffer,
            None => return Err(no_memory(ctx)),
        }
    };
    let Some(object) = ctx.allocate(type_id, PyList::HEAP, body + tail) else {
        if let Some(block) = NonNull::new(buffer) {
            // SAFETY: allocated above, used by nobody.
            unsafe { ctx.thread().heap.free(block.cast()) };
        }
        return Err(no_memory(ctx));
    };
    let len = values.len();
    // SAFETY: the block has room for the body and the tail, the buffer for the items; the list is
    // published when complete.
    unsafe {
        for (index, value) in values.into_iter().enumerate() {
            (&raw mut (*buffer).items)
                .cast::<Slot>()
                .add(index)
                .write(Slot::new(value));
        }
        let at = object.as_ptr().cast::<Body<PyList>>();
        (&raw mut (*at).payload).write(PyList {
            len: AtomicUsize::new(len),
            buffer: AtomicPtr::new(buffer),
        });
        super::instance::init_tail(ctx, object.as_ptr(), body);
        (*object.as_ptr()).set_bits_private(Bits::TRACKED);
        Ok(Obj::from_header(object))
    }
}

/// A list with these items, which are moved.
pub fn from_vec(ctx: &mut Ctx, values: Vec<Obj>) -> PyResult {
    with_type(ctx, ids::LIST, values)
}
