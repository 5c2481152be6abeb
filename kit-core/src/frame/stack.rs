//! The data stack of a thread: chunks of words, pushed and popped by moving a pointer.

use crate::backend::heap::{HeapKind, LocalHeap};
use crate::object::Word;
use crate::refcount::stack_ref::StackRef;
use core::ptr;

/// Words in an ordinary chunk: 256 KiB.
const CHUNK_WORDS: usize = 32 * 1024;
/// Words before the first usable one: the links.
const LINKS: usize = 2;

/// Where frames live. Every slot of a chunk, from its start to its end, holds a valid reference or none.
pub struct DataStack {
    /// The end of the current chunk.
    limit: *mut Word,
    /// The current chunk, whose first word links to the previous one and whose second says how
    /// many words it has.
    chunk: *mut Word,
    /// A chunk kept so that calls across a chunk's edge do not allocate.
    spare: *mut Word,
}

impl DataStack {
    /// An empty stack; it has no room until [`DataStack::enter`].
    pub const fn new() -> DataStack {
        DataStack {
            limit: ptr::null_mut(),
            chunk: ptr::null_mut(),
            spare: ptr::null_mut(),
        }
    }

    /// Whether `words` words from `from` on lie in the current chunk.
    #[inline(always)]
    pub fn fits(&self, from: *mut StackRef, words: usize) -> bool {
        // The difference of addresses cannot be negative: frames lie below the limit.
        (self.limit as usize).wrapping_sub(from as usize) >= words * size_of::<Word>()
            && (from as usize) <= self.limit as usize
    }

    /// The first usable slot of the current chunk.
    pub fn start(&self) -> *mut StackRef {
        if self.chunk.is_null() {
            ptr::null_mut()
        } else {
            // SAFETY: a chunk is longer than its links.
            unsafe { self.chunk.add(LINKS).cast() }
        }
    }

    /// Begins a chunk with room for `words` words and returns its first slot; `None` when the heap
    /// has no memory. All of its slots are empty.
    #[cold]
    pub fn enter(&mut self, heap: &LocalHeap, words: usize) -> Option<*mut StackRef> {
        let wanted = (words + LINKS).max(CHUNK_WORDS);
        let mut chunk = core::mem::replace(&mut self.spare, ptr::null_mut());
        // SAFETY: a spare chunk is one of ours.
        if !chunk.is_null() && unsafe { chunk_words(chunk) } < wanted {
            // SAFETY: as above; nothing refers to it.
            unsafe { heap.free(ptr::NonNull::new_unchecked(chunk).cast()) };
            chunk = ptr::null_mut();
        }
        if chunk.is_null() {
            let block = heap.alloc(HeapKind::Buffer, wanted * size_of::<Word>())?;
            chunk = block.as_ptr().cast();
            // SAFETY: the block has `wanted` words; zero is the null word.
            unsafe {
                ptr::write_bytes(chunk, 0, wanted);
                chunk
                    .add(1)
                    .write(Word::from_bits((wanted as u64) << 2 | 2));
            }
        }
        // SAFETY: the chunk has at least the links and `wanted` words in all.
        unsafe {
            chunk.write(Word::from_bits(self.chunk as usize as u64 | 2));
            self.limit = chunk.add(chunk_words(chunk));
            self.chunk = chunk;
            Some(chunk.add(LINKS).cast())
        }
    }

    /// Leaves the current chunk for the one before it.
    ///
    /// # Safety
    /// - `enter` began the current chunk and no frame is left in it: its words refer to nothing.
    #[cold]
    pub unsafe fn leave(&mut self, heap: &LocalHeap) {
        let chunk = self.chunk;
        // SAFETY: the current chunk's first word links to the previous chunk, or to nothing.
        unsafe {
            self.chunk = ((*chunk).bits() & !3) as usize as *mut Word;
            self.limit = if self.chunk.is_null() {
                ptr::null_mut()
            } else {
                self.chunk.add(chunk_words(self.chunk))
            };
            let old = core::mem::replace(&mut self.spare, chunk);
            if !old.is_null() {
                heap.free(ptr::NonNull::new_unchecked(old).cast());
            }
        }
    }

    /// Gives all memory back.
    ///
    /// # Safety
    /// - No frame is left, and nothing uses the stack afterwards.
    pub unsafe fn release(&mut self, heap: &LocalHeap) {
        // SAFETY: the chunks are ours and refer to nothing.
        unsafe {
            while !self.chunk.is_null() {
                self.leave(heap);
            }
            if !self.spare.is_null() {
                heap.free(ptr::NonNull::new_unchecked(self.spare).cast());
                self.spare = ptr::null_mut();
            }
        }
    }

    /// Calls `visit` for every word of the stack that refers to an object.
    ///
    /// # Safety
    /// - The thread is the caller's own, or stopped at a safepoint.
    pub unsafe fn scan(&self, visit: &mut dyn FnMut(Word)) {
        let mut chunk = self.chunk;
        while !chunk.is_null() {
            // SAFETY: every word of a chunk is valid; the first links to the previous chunk.
            unsafe {
                for index in LINKS..chunk_words(chunk) {
                    let word = StackRef::scanned(*chunk.add(index));
                    if word.is_object() {
                        visit(word);
                    }
                }
                chunk = ((*chunk).bits() & !3) as usize as *mut Word;
            }
        }
    }
}

impl Default for DataStack {
    fn default() -> Self {
        DataStack::new()
    }
}

/// # Safety
/// - `chunk` was begun by `DataStack::enter`.
unsafe fn chunk_words(chunk: *mut Word) -> usize {
    // SAFETY: the second word of a chunk holds its length.
    unsafe { (*chunk.add(1)).as_int() as usize }
}
