//! The checking build of this heap: what is written behind a block, or to a dead one, and second frees.
//!
//! ```text
//! | front | what was asked for | guard, at least 16 bytes | trailer: what was asked for, by whom |
//! ```
//!
//! Fills are those of the [paged heap](crate::paged). A second free is found while the first one waits for its grace
//! period, and what is written to a dead object when that has passed. A pointer from elsewhere is not found out: this
//! heap does not know where its blocks are. Whoever finds something panics.

use core::{fmt, panic::Location, ptr::NonNull};

use kit_core::backend::{
    heap::{HeapKind, LocalHeap},
    listing::Front,
};

/// Behind the guard.
#[repr(C, align(16))]
struct Trailer {
    size: usize,
    site: Option<&'static Location<'static>>,
    thread: u16,
}

/// Bytes behind each block.
pub(super) const BEHIND: usize = GUARD_MIN + size_of::<Trailer>();

/// Fills a fresh block of `size` bytes.
///
/// # Safety
///
/// - The block is the caller's, was made for so many bytes, and has a front.
pub(super) unsafe fn begin(heap: &LocalHeap, block: NonNull<u8>, size: usize, zeroed: bool) {
    // SAFETY: as the caller says.
    unsafe {
        let front = Front::of(block).read();
        let body = body(front.kind());
        let size = size.max(body);
        if !zeroed {
            block.write_bytes(FRESH, front.kind().header_offset());
            let bytes = (size - body).min(FILL_MAX);
            block.add(body).write_bytes(FRESH, bytes);
        }
        let end = front.size() + GUARD_MIN;
        block.add(size).write_bytes(GUARD, end - size);
        trailer(block).write(Trailer {
            size,
            site: heap.site(),
            thread: heap.slot(),
        });
    }
}

/// Demands that a block is live and its guard whole, and fills it.
///
/// # Safety
///
/// - The block is the caller's to free, or waits after it was freed.
pub(super) unsafe fn end(heap: &LocalHeap, block: NonNull<u8>) {
    // SAFETY: as the caller says.
    unsafe {
        let front = Front::of(block).read();
        let thread = heap.slot();
        if front.is_dead() {
            let block = Named(block);
            panic!("thread {thread} freed {block}: it was freed before");
        }
        let size = usable_size(block);
        let end = front.size() + GUARD_MIN;
        if let Some(at) = (size..end).find(|&at| block.add(at).read() != GUARD) {
            let block = Named(block);
            panic!(
                "thread {thread} freed {block}: something was written behind its end, at byte {at}"
            );
        }
        let body = body(front.kind());
        let bytes = (size - body).min(FILL_MAX);
        block.add(body).write_bytes(FREED, bytes);
    }
}

/// Demands that nobody has written to an object since it was freed.
///
/// # Safety
///
/// - The object is dead, and the caller's.
pub(super) unsafe fn release(block: NonNull<u8>) {
    // SAFETY: as the caller says.
    unsafe {
        let size = usable_size(block);
        let mut places = body(Front::of(block).read().kind())..size.min(FILL_MAX);
        if let Some(at) = places.find(|&at| block.add(at).read() != FREED) {
            let block = Named(block);
            panic!("something was written to {block} after it was freed, at byte {at}");
        }
    }
}

/// The bytes that were asked for.
///
/// # Safety
///
/// - `block` is a block of this heap that was not released.
pub(super) unsafe fn usable_size(block: NonNull<u8>) -> usize {
    // SAFETY: as the caller says.
    unsafe { trailer(block).as_ref().size }
}

unsafe fn trailer(block: NonNull<u8>) -> NonNull<Trailer> {
    // SAFETY: behind the guard, as the callers say.
    unsafe {
        let room = Front::of(block).read().size();
        block.add(room + GUARD_MIN).cast()
    }
}

/// Where what is filled begins: behind the header of an object.
fn body(kind: HeapKind) -> usize {
    if kind.is_object() {
        kind.header_offset() + super::HEADER
    } else {
        0
    }
}

/// A block that was not released, for whom it may concern.
struct Named(NonNull<u8>);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: not released.
        let (front, trailer) = unsafe { (Front::of(self.0).read(), trailer(self.0).as_ref()) };
        let (block, kind, size, thread) = (self.0, front.kind(), trailer.size, trailer.thread);
        write!(f, "{block:p}, {size} bytes, {kind:?}, of thread {thread}")?;
        match trailer.site {
            Some(site) => write!(f, ", asked for at {site}"),
            None => Ok(()),
        }
    }
}

const FRESH: u8 = 0xcd;
const FREED: u8 = 0xdd;
const GUARD: u8 = 0xfd;
const GUARD_MIN: usize = 16;
/// How much of a block is filled.
const FILL_MAX: usize = 4096;
