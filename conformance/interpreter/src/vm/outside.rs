//! Memory that objects have outside of the heap: the digits of integers, the bytes of a `bytearray`, the
//! items of a `deque`. It counts as the heap's own, so that limits are of all that a program keeps.
//!
//! | what                          | how it is counted                                                  |
//! |-------------------------------|--------------------------------------------------------------------|
//! | what an object keeps          | [`Outside`] around it, [`Share`], or [`adjust`], after it has changed |
//! | what is large, before it is made | [`room`]: MemoryError, if a collection does not help            |
//! | what is made bit by bit       | [`push`], [`relieve`]: a collection meanwhile, if the heap comes near its limit |
//! | what passes nevertheless      | the thread is pressed; over the limit, MemoryError at its next safepoint |
//!
//! Each thread counts for itself and tells the heap when it comes to [`BATCH`].

use super::thread::{PyThread, rt};
use crate::error::{PyResult, no_memory};
use crate::object::obj::Obj;
use crate::prelude::*;
use alloc::collections::VecDeque;
use core::ops::{Deref, DerefMut};
use kit_core::backend::collector::Cause;
use kit_core::thread::Ctx;
use kit_core::thread::breaker;
use kit_std::thread::current;

/// Bytes that a thread may have counted and not told the heap.
const BATCH: usize = 16 << 10;
/// Less than this needs no asking: small things pass, and what they add up to is counted.
const LARGE: usize = 64 << 10;
/// From here on the system is asked too, since there may be no limit.
const HUGE: usize = 256 << 20;

/// Counts bytes that the running thread's objects have got, or (below zero) have no more.
pub fn adjust(bytes: isize) {
    let _ = try_adjust(bytes);
}

/// [`adjust`]; false if the thread is not attached, so that nothing was counted.
fn try_adjust(bytes: isize) -> bool {
    if current::slot() == current::NOBODY {
        return false;
    }
    if bytes == 0 {
        return true;
    }
    let thread = current::thread();
    // SAFETY: the calling thread's own record, whose host was set when it attached and is null afterwards;
    // only this thread looks at the cell.
    unsafe {
        let host = (*thread).host.get().cast::<PyThread>();
        if host.is_null() {
            return false;
        }
        let cell = &(*host).outside;
        let sum = cell.get() + bytes;
        if sum.unsigned_abs() < BATCH {
            cell.set(sum);
            return true;
        }
        cell.set(0);
        let heap = (*host).runtime.kit.heap();
        // What is there is there, even beyond the limit.
        if sum < 0 || !heap.charge(&(*thread).heap, sum as usize) {
            heap.adjust(sum);
        }
    }
    true
}

/// Tells the heap what the running thread has counted: it leaves.
pub fn settle(thread: &PyThread) {
    thread.runtime.kit.heap().adjust(thread.outside.take());
}

/// Raises MemoryError unless there is room for `bytes` more; before that, garbage is collected.
///
/// # Errors
/// MemoryError.
#[inline]
pub fn room(ctx: &mut Ctx, bytes: usize) -> PyResult<()> {
    if bytes < LARGE {
        Ok(())
    } else {
        room_slow(ctx, bytes)
    }
}

#[cold]
fn room_slow(ctx: &mut Ctx, bytes: usize) -> PyResult<()> {
    if fits(bytes) {
        return Ok(());
    }
    let kit = rt(ctx).kit;
    // Also where automatic collections are off: the alternative is MemoryError.
    if bytes < isize::MAX as usize {
        // Busy or without memory: then it stays as it is.
        let _ = kit.collect_for(ctx, Cause::Due);
        ctx.drain();
        if fits(bytes) {
            return Ok(());
        }
    }
    Err(no_memory(ctx))
}

/// Whether there is room for `bytes` more.
pub fn fits(bytes: usize) -> bool {
    if bytes < LARGE {
        return true;
    }
    if bytes > isize::MAX as usize {
        return false;
    }
    if current::slot() != current::NOBODY {
        let thread = current::thread();
        // SAFETY: as in `adjust`.
        unsafe {
            if let Some(host) = (*thread).host.get().cast::<PyThread>().as_ref() {
                let heap = host.runtime.kit.heap();
                if !heap.charge(&(*thread).heap, bytes) {
                    return false;
                }
                heap.adjust(-(bytes as isize));
            }
        }
    }
    bytes < HUGE || Vec::<u8>::new().try_reserve_exact(bytes).is_ok()
}

/// Room for `more` bytes behind the `len` of a text that is being built.
///
/// # Errors
/// MemoryError.
#[inline]
pub fn room_behind(ctx: &mut Ctx, len: usize, more: usize) -> PyResult<()> {
    let end = len.saturating_add(more);
    if end / LARGE == len / LARGE {
        return Ok(());
    }
    // Its buffer may become twice as long.
    room(ctx, end.saturating_mul(2))
}

/// Collects now if the heap has come near its limit, for what goes on for long without a safepoint.
#[inline]
pub fn relieve(ctx: &mut Ctx) {
    if ctx.thread().core.breaker.peek() & breaker::GC != 0 {
        relieve_slow(ctx);
    }
}

#[cold]
fn relieve_slow(ctx: &mut Ctx) {
    let kit = rt(ctx).kit;
    if kit.heap().is_pressed() {
        kit.collect_if_due(ctx);
    }
}

/// Adds an item to a vector that passes, if there is room.
///
/// # Errors
/// MemoryError.
#[inline]
pub fn push<T>(ctx: &mut Ctx, items: &mut Vec<T>, item: T) -> PyResult<()> {
    relieve(ctx);
    if items.len() == items.capacity() {
        grow(ctx, items)?;
    }
    items.push(item);
    Ok(())
}

#[cold]
fn grow<T>(ctx: &mut Ctx, items: &mut Vec<T>) -> PyResult<()> {
    let more = items.len().max(4);
    room(ctx, (items.len() + more).saturating_mul(size_of::<T>()))?;
    items.try_reserve(more).map_err(|_| no_memory(ctx))
}

/// Room for this many references.
///
/// # Errors
/// MemoryError.
pub fn room_for(ctx: &mut Ctx, items: usize) -> PyResult<()> {
    room(ctx, items.saturating_mul(size_of::<Obj>()))
}

/// Room for what a text or bytes are cut into: at most `len` parts and one, or `most`; how many exactly `count` knows.
///
/// # Errors
/// MemoryError.
pub fn room_for_parts(
    ctx: &mut Ctx,
    len: usize,
    most: usize,
    count: impl FnOnce() -> usize,
) -> PyResult<()> {
    // Where each is, what is made of it, and the list of these.
    let bytes = |parts: usize| parts.saturating_mul(size_of::<&[u8]>() + 2 * size_of::<Obj>());
    if fits(bytes(len.min(most))) {
        return Ok(());
    }
    room(ctx, bytes(count().min(most).saturating_add(1)))
}

/// Something that keeps a buffer.
pub trait Buffer {
    /// Bytes of the buffer.
    fn bytes(&self) -> usize;
}

impl<T> Buffer for Vec<T> {
    fn bytes(&self) -> usize {
        self.capacity() * size_of::<T>()
    }
}

impl<T> Buffer for VecDeque<T> {
    fn bytes(&self) -> usize {
        self.capacity() * size_of::<T>()
    }
}

/// Bytes that count for as long as this is kept.
#[derive(Debug, Default)]
pub struct Share(usize);

impl Share {
    /// Counts so many bytes.
    pub fn new(bytes: usize) -> Share {
        Share(if try_adjust(bytes as isize) { bytes } else { 0 })
    }

    /// Counts so many bytes, for which there must be room.
    ///
    /// # Errors
    /// MemoryError.
    pub fn ask(ctx: &mut Ctx, bytes: usize) -> PyResult<Share> {
        room(ctx, bytes)?;
        Ok(Share::new(bytes))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        adjust(-(self.0 as isize));
    }
}

/// What an object keeps outside of the heap, and how much of that was counted.
#[derive(Debug, Default)]
pub struct Outside<T: Buffer> {
    value: T,
    counted: usize,
}

impl<T: Buffer> Outside<T> {
    /// Counts `value`.
    pub fn new(value: T) -> Outside<T> {
        let mut outside = Outside { value, counted: 0 };
        outside.count();
        outside
    }

    /// Counts what has changed, if the thread is attached.
    #[inline]
    pub fn count(&mut self) {
        let bytes = self.value.bytes();
        if bytes != self.counted && try_adjust(bytes as isize - self.counted as isize) {
            self.counted = bytes;
        }
    }

    /// Whether there is much that was not counted, or is gone and still counted.
    pub fn is_stale(&self) -> bool {
        self.value.bytes().abs_diff(self.counted) > LARGE
    }
}

impl<T: Buffer> Deref for Outside<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Buffer> DerefMut for Outside<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: Buffer> Drop for Outside<T> {
    fn drop(&mut self) {
        adjust(-(self.counted as isize));
    }
}
