//! Objects whose last reference is gone and which wait to be taken apart.
//!
//! Dropping a reference is not allowed to run the language's code: it happens in the middle of
//! everything, under locks and with borrowed data at hand. So the last drop only puts the object on
//! its thread's list, and the list is drained at the next place that holds `&mut Ctx`, which is at
//! the latest the end of the instruction. Draining is a loop, so a chain of a million objects dies
//! without recursion; what an object drops while it is taken apart dies before its elder siblings,
//! in the order in which it was dropped, as it would by recursion.
//!
//! The list begins in the thread's record. So there is always room for some objects, and memory that has run out comes back as these go.

use super::Thread;
use crate::backend::heap::HeapKind;
use crate::object::Header;
use ::core::cell::{Cell, UnsafeCell};
use ::core::mem::MaybeUninit;
use ::core::ptr;

const CHUNK: usize = 252;

#[repr(C)]
struct Chunk {
    previous: *mut Chunk,
    next: *mut Chunk,
    items: [*mut Header; CHUNK],
}

/// A stack of dead objects, private to its thread: a list of chunks, all but the newest full.
#[repr(C)]
pub struct Dying {
    /// Objects listed in all.
    len: Cell<usize>,
    /// The newest chunk, and how many objects it holds.
    chunk: Cell<*mut Chunk>,
    used: Cell<usize>,
    /// How many of them wait for an object above them that is being taken apart right now: a
    /// nested drain leaves them alone.
    floor: Cell<usize>,
    /// The first chunk; written when it is first used.
    first: UnsafeCell<MaybeUninit<Chunk>>,
}

impl Dying {
    pub(super) const fn new() -> Dying {
        Dying {
            first: UnsafeCell::new(MaybeUninit::uninit()),
            len: Cell::new(0),
            chunk: Cell::new(ptr::null_mut()),
            used: Cell::new(CHUNK),
            floor: Cell::new(0),
        }
    }

    /// The number of objects waiting.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len.get()
    }

    /// Whether there is something for the present drain.
    #[inline(always)]
    pub fn is_pending(&self) -> bool {
        self.len.get() > self.floor.get()
    }

    /// Leaves the objects listed so far to an outer drain; returns the floor before.
    pub(super) fn raise_floor(&self) -> usize {
        self.floor.replace(self.len.get())
    }

    /// Ends [`Dying::raise_floor`].
    pub(super) fn set_floor(&self, floor: usize) {
        self.floor.set(floor);
    }

    /// How many objects the present drain leaves alone.
    pub(super) fn floor(&self) -> usize {
        self.floor.get()
    }

    /// Whether nothing waits.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len.get() == 0
    }

    /// Lists a dead object. False when there is no memory for a longer list.
    #[must_use]
    pub(super) fn push(&self, thread: &Thread, object: *mut Header) -> bool {
        if self.used.get() == CHUNK && !self.grow(thread) {
            return false;
        }
        let used = self.used.get();
        // SAFETY: the newest chunk has room at `used`, which is below CHUNK.
        unsafe { (*self.chunk.get()).items[used] = object };
        self.used.set(used + 1);
        self.len.set(self.len.get() + 1);
        true
    }

    /// Moves on to the next chunk, keeping at most one beyond it.
    #[cold]
    fn grow(&self, thread: &Thread) -> bool {
        let newest = self.chunk.get();
        let mut next = if newest.is_null() {
            ptr::null_mut()
        } else {
            // SAFETY: a chunk that exists links to the spare after it, or to null.
            unsafe { (*newest).next }
        };
        if next.is_null() {
            next = if newest.is_null() {
                self.first.get().cast()
            } else {
                match thread.heap.alloc(HeapKind::Buffer, size_of::<Chunk>()) {
                    Some(block) => block.as_ptr().cast(),
                    None => return false,
                }
            };
            // SAFETY: the block is large enough for a chunk and ours, or the record's; so is the chunk before it. Nothing is listed in
            // the record's while there is no chunk.
            unsafe {
                (*next).previous = newest;
                (*next).next = ptr::null_mut();
                if !newest.is_null() {
                    (*newest).next = next;
                }
            }
        }
        self.chunk.set(next);
        self.used.set(0);
        true
    }

    /// Takes the object listed last.
    pub(super) fn pop(&self, thread: &Thread) -> Option<*mut Header> {
        self.len.set(self.len.get().checked_sub(1)?);
        if self.used.get() == 0 {
            let chunk = self.chunk.get();
            // SAFETY: the newest chunk is empty and objects remain, so a full chunk precedes it. The
            // empty one stays as its spare; a spare of the spare goes back.
            unsafe {
                self.free_after(thread, chunk);
                self.chunk.set((*chunk).previous);
            }
            self.used.set(CHUNK);
        }
        let used = self.used.get() - 1;
        self.used.set(used);
        // SAFETY: the index is below what the chunk holds.
        Some(unsafe { (*self.chunk.get()).items[used] })
    }

    /// Puts the newest objects, those listed after there were `from`, into reverse order, so that
    /// the one listed first is taken first.
    #[inline(never)]
    pub(super) fn reverse_from(&self, from: usize) {
        let mut pairs = (self.len.get() - from) / 2;
        if pairs == 0 {
            return;
        }
        let (mut low_chunk, mut low) = (self.chunk.get(), self.used.get());
        let mut back = self.len.get() - from;
        while back > low {
            back -= low;
            // SAFETY: more objects are listed than the chunks from here on hold, so one precedes.
            low_chunk = unsafe { (*low_chunk).previous };
            low = CHUNK;
        }
        low -= back;
        let (mut high_chunk, mut high) = (self.chunk.get(), self.used.get());
        while pairs > 0 {
            // SAFETY: the cursors stay between the first and the last listed object, and link to
            // the chunks between them.
            unsafe {
                if low == CHUNK {
                    (low_chunk, low) = ((*low_chunk).next, 0);
                }
                if high == 0 {
                    (high_chunk, high) = ((*high_chunk).previous, CHUNK);
                }
                high -= 1;
                ptr::swap(
                    &raw mut (*low_chunk).items[low],
                    &raw mut (*high_chunk).items[high],
                );
            }
            low += 1;
            pairs -= 1;
        }
    }

    /// Gives the memory back; nothing may be listed.
    pub(super) fn release(&self, thread: &Thread) {
        debug_assert!(self.is_empty());
        let chunk = self.chunk.replace(ptr::null_mut());
        if !chunk.is_null() {
            // SAFETY: the list is empty, so at most the first chunk, which is the record's, and its spare exist.
            unsafe { self.free_after(thread, chunk) };
        }
        self.used.set(CHUNK);
    }

    /// # Safety
    /// - `chunk` is one of the list's and nothing is listed after it.
    unsafe fn free_after(&self, thread: &Thread, chunk: *mut Chunk) {
        // SAFETY: the chunks after it are spares from this heap that nobody else refers to.
        unsafe {
            let spare = core::mem::replace(&mut (*chunk).next, ptr::null_mut());
            if !spare.is_null() {
                thread.heap.free(ptr::NonNull::new_unchecked(spare).cast());
            }
        }
    }
}
