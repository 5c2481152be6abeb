//! The collector's own memory: a stack of what is still to do, and the list of what was found.
//!
//! Both live in spans, not in the heap, which is being walked.

use core::{
    marker::PhantomData,
    ptr::{self, NonNull},
    slice,
};
use kit_core::{object::Header, platform::pages::PageSource};

/// What is still to do, such as objects to visit: last in, first out.
pub struct Worklist<'a, T = *mut Header> {
    source: &'a dyn PageSource,
    chunk: *mut Chunk,
    spare: *mut Chunk,
    /// Entries of `chunk` in use.
    used: usize,
    /// Entries per chunk: all of it but the link.
    room: usize,
    entries: PhantomData<T>,
}

#[repr(C, align(16))]
struct Chunk {
    next: *mut Chunk,
}

impl<'a, T: Copy> Worklist<'a, T> {
    /// An empty one.
    pub fn new(source: &'a dyn PageSource) -> Self {
        const { assert!(align_of::<T>() <= align_of::<Chunk>()) };
        Self {
            source,
            chunk: ptr::null_mut(),
            spare: ptr::null_mut(),
            used: 0,
            room: (bytes(source) - size_of::<Chunk>()) / size_of::<T>(),
            entries: PhantomData,
        }
    }

    /// Adds an entry. False: no memory, and it was not added.
    #[inline]
    #[must_use]
    pub fn push(&mut self, entry: T) -> bool {
        if (self.chunk.is_null() || self.used == self.room) && !self.grow() {
            return false;
        }
        // SAFETY: the chunk has room at `used`.
        unsafe { self.chunk.add(1).cast::<T>().add(self.used).write(entry) };
        self.used += 1;
        true
    }

    #[cold]
    fn grow(&mut self) -> bool {
        let chunk = if self.spare.is_null() {
            let size = bytes(self.source);
            match self.source.reserve(size, self.source.page_size()) {
                Some(span) => span.as_ptr().cast::<Chunk>(),
                None => return false,
            }
        } else {
            core::mem::replace(&mut self.spare, ptr::null_mut())
        };
        // SAFETY: ours, and large enough.
        unsafe { (*chunk).next = self.chunk };
        self.chunk = chunk;
        self.used = 0;
        true
    }

    /// Takes the entry added last.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        if self.used == 0 && !self.shrink() {
            return None;
        }
        self.used -= 1;
        // SAFETY: written by `push`.
        Some(unsafe { self.chunk.add(1).cast::<T>().add(self.used).read() })
    }

    /// Calls `f` with each entry, the one added first first.
    pub fn for_each(mut self, mut f: impl FnMut(T)) {
        // The chunk that is in use is the last one, the others are full.
        let (last, used) = (self.chunk, self.used);
        let mut first = ptr::null_mut();
        let mut chunk = last;
        while !chunk.is_null() {
            // SAFETY: a chunk of ours.
            let next = unsafe { core::mem::replace(&mut (*chunk).next, first) };
            first = chunk;
            chunk = next;
        }
        self.chunk = first;
        while !first.is_null() {
            let len = if first == last { used } else { self.room };
            for index in 0..len {
                // SAFETY: written by `push`.
                f(unsafe { first.add(1).cast::<T>().add(index).read() });
            }
            // SAFETY: a chunk of ours, in the list that is freed with `self`.
            first = unsafe { (*first).next };
        }
    }

    #[cold]
    fn shrink(&mut self) -> bool {
        // SAFETY: a chunk of ours, or null.
        let Some(chunk) = (unsafe { self.chunk.as_mut() }) else {
            return false;
        };
        if chunk.next.is_null() {
            return false;
        }
        let empty = core::mem::replace(&mut self.chunk, chunk.next);
        let old = core::mem::replace(&mut self.spare, empty);
        self.free(old);
        // Only full chunks have others before them.
        self.used = self.room;
        true
    }
}

impl<T> Worklist<'_, T> {
    fn free(&self, chunk: *mut Chunk) {
        if let Some(span) = NonNull::new(chunk) {
            // SAFETY: reserved in `grow` with this size, and used no more.
            unsafe {
                self.source
                    .release(span.cast(), bytes(self.source), self.source.page_size())
            };
        }
    }
}

impl<T> Drop for Worklist<'_, T> {
    fn drop(&mut self) {
        self.free(self.spare);
        while !self.chunk.is_null() {
            // SAFETY: a chunk of ours.
            let next = unsafe { (*self.chunk).next };
            self.free(self.chunk);
            self.chunk = next;
        }
    }
}

/// A list of objects whose length is known when it is made.
pub struct Found<'a> {
    source: &'a dyn PageSource,
    span: NonNull<u8>,
    bytes: usize,
    len: usize,
}

impl<'a> Found<'a> {
    /// An empty list without any room.
    pub fn new(source: &'a dyn PageSource) -> Self {
        Self {
            source,
            span: NonNull::<*mut Header>::dangling().cast(),
            bytes: 0,
            len: 0,
        }
    }

    /// An empty list with room for `room` objects; `None` without memory.
    pub fn with_room(room: usize, source: &'a dyn PageSource) -> Option<Self> {
        let page = source.page_size();
        let bytes = (room.max(1) * size_of::<*mut Header>()).next_multiple_of(page);
        let span = source.reserve(bytes, page)?;
        Some(Self {
            source,
            span,
            bytes,
            len: 0,
        })
    }

    /// Adds an object.
    ///
    /// # Panics
    ///
    /// When there is no room.
    pub fn push(&mut self, object: *mut Header) {
        assert!((self.len + 1) * size_of::<*mut Header>() <= self.bytes);
        // SAFETY: inside the span.
        unsafe { self.span.cast::<*mut Header>().add(self.len).write(object) };
        self.len += 1;
    }

    /// Forgets what lies behind the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// The objects.
    pub fn as_slice(&self) -> &[*mut Header] {
        // SAFETY: `len` entries were written.
        unsafe { slice::from_raw_parts(self.span.cast().as_ptr(), self.len) }
    }

    /// The objects, to be put in another order.
    pub fn as_mut_slice(&mut self) -> &mut [*mut Header] {
        // SAFETY: `len` entries were written.
        unsafe { slice::from_raw_parts_mut(self.span.cast().as_ptr(), self.len) }
    }
}

impl Drop for Found<'_> {
    fn drop(&mut self) {
        if self.bytes != 0 {
            // SAFETY: reserved in `with_room` with this size, and used no more.
            unsafe {
                self.source
                    .release(self.span, self.bytes, self.source.page_size())
            };
        }
    }
}

fn bytes(source: &dyn PageSource) -> usize {
    CHUNK.next_multiple_of(source.page_size())
}

const CHUNK: usize = 64 * 1024;
