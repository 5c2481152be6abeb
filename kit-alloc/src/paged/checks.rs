//! The checking build: what is written behind a block, or freed wrongly, is reported by whoever frees it.
//!
//! ```text
//! | header | what was asked for | guard, at least 8 bytes | trailer |
//! ```
//!
//! With the feature `checks` no allocation or free takes the inlined paths of
//! [`LocalHeap`]: the heap puts no page into its table, and says that it has none.
//! Each block gets a *guard* behind what was asked for, and at its end a *trailer* that says whether it is live
//! or dead, its size, and which thread asked for it, where. Blocks are filled with `0xcd` when they are handed out and with
//! `0xdd` when they are freed, but for headers, which stay as readers without a reference may find them. A
//! dead block is looked at again when it is next handed out.
//!
//! A pointer that is freed is looked up in the directory of segments before anything it points to is read, so
//! that one from elsewhere is reported rather than followed.
//!
//! A [`Misuse`] panics in the thread that finds it, unless [`Heap::on_misuse`] names a function to call
//! instead; if that returns, the free is not done.

use core::{fmt, panic::Location, ptr::NonNull, slice};
use kit_core::sync::native::{AtomicU64, Ordering::Relaxed};

use kit_core::backend::{
    heap::{CLASS_MAX, HeapKind, LocalHeap},
    page::{PageHead, SEGMENT, SLICE},
};

use super::{Heap, local};
use crate::size_class::{RECORDS, SINGLE};

/// What is wrong with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No memory of this heap: a block of another heap, or no block at all.
    Foreign,
    /// Memory of this heap, but not the start of a block.
    NotABlock,
    /// No live block: it was never handed out, or its end was overwritten.
    NotInUse,
    /// It was freed before.
    DoubleFree,
    /// Something was written behind it, so many bytes from its start.
    Overrun(usize),
    /// Something was written to it after it was freed, so many bytes from its start.
    WrittenAfterFree(usize),
}

/// Something that was done wrong with a block.
#[derive(Clone, Copy, Debug)]
pub struct Misuse {
    /// What is wrong.
    pub problem: Problem,
    /// The address that was freed, or of the block that was handed out again.
    pub block: usize,
    /// The slot of the thread that found it.
    pub thread: u16,
    /// What is known of the block: nothing for a pointer from elsewhere.
    pub known: Option<Known>,
}

/// What the heap knows of a block.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// What its page holds.
    pub kind: HeapKind,
    /// The size class; for a block with a page of its own, the number behind the last.
    pub class: u8,
    /// Bytes per block of its page, guards and all.
    pub bytes: usize,
    /// The address of its page's descriptor.
    pub page: usize,
    /// The slot of the thread that owns the page; 0 if it is full or nobody does.
    pub owner: u16,
    /// By whom it was last allocated, if it ever was.
    pub allocated: Option<Allocated>,
}

/// How a block was last allocated.
#[derive(Clone, Copy, Debug)]
pub struct Allocated {
    /// The bytes asked for.
    pub size: usize,
    /// The slot of the thread that asked.
    pub thread: u16,
    /// Who called the heap.
    pub site: &'static Location<'static>,
}

/// What is called instead of a panic.
pub type Hook = fn(&Misuse);

/// At the end of each block.
#[repr(C, align(16))]
struct Trailer {
    /// `LIVE` or `DEAD`, each with the address; anything else before a block is first handed out.
    state: AtomicU64,
    size: usize,
    site: Option<&'static Location<'static>>,
    thread: u16,
}

impl Heap {
    /// Calls `hook` in the thread that finds a misuse, instead of panicking there.
    pub fn on_misuse(&self, hook: Hook) {
        *self.hook.lock() = Some(hook);
    }

    #[cold]
    fn report(&self, misuse: &Misuse) {
        let hook = *self.hook.lock();
        match hook {
            Some(hook) => hook(misuse),
            None => panic!("{misuse}"),
        }
    }
}

/// A block with a guard and a trailer.
///
/// # Safety
///
/// - As of [`HeapOps::alloc`](kit_core::backend::heap::HeapOps::alloc), on a heap made by [`Heap`].
pub(super) unsafe fn alloc(
    heap: &LocalHeap,
    kind: HeapKind,
    size: usize,
    zeroed: bool,
) -> Option<NonNull<u8>> {
    let total = total(kind, size)?;
    // SAFETY: as the caller promises; the block is ours, and ends with a trailer.
    unsafe {
        let block = local::alloc(heap, kind, total, zeroed)?;
        let page = PageHead::of(block).as_ref();
        let end = page.block.get() - size_of::<Trailer>();
        let trailer = block.add(end).cast::<Trailer>();
        // Relaxed: whoever freed the block handed it over by the page's lists.
        let state = trailer.cast::<AtomicU64>().as_ref().load(Relaxed);
        // A page with one block may be memory that was another before.
        if page.class.get() != SINGLE
            && state == word(DEAD, block)
            && let Some(at) = changed(block, body(kind), end.min(FILL_MAX), FREED)
        {
            local::of(heap).heap().report(&Misuse {
                problem: Problem::WrittenAfterFree(at),
                block: block.as_ptr().addr(),
                thread: heap.slot(),
                known: Some(known(page, Some(trailer.as_ref()))),
            });
        }
        if !zeroed {
            let body = if kind.is_object() { body(kind) } else { 0 };
            block.write_bytes(FRESH, kind.header_offset());
            fill(block, body, size.max(body).min(FILL_MAX), FRESH);
        }
        fill(block, guarded(kind, size), end, GUARD);
        trailer.write(Trailer {
            state: AtomicU64::new(word(LIVE, block)),
            size,
            site: heap.site(),
            thread: heap.slot(),
        });
        Some(block)
    }
}

/// Frees a block, or reports why it cannot be freed.
///
/// # Safety
///
/// - The heap was made by [`Heap`].
/// - If `block` is a live block of it, it is the caller's.
pub(super) unsafe fn free(heap: &LocalHeap, block: NonNull<u8>) {
    // SAFETY: as the caller promises.
    unsafe {
        match release(heap, block) {
            Ok(()) => local::free(heap, block),
            Err((problem, known)) => local::of(heap).heap().report(&Misuse {
                problem,
                block: block.as_ptr().addr(),
                thread: heap.slot(),
                known,
            }),
        }
    }
}

/// The bytes that were asked for, 0 for what is no live block.
///
/// # Safety
///
/// - As of [`free`].
pub(super) unsafe fn usable_size(heap: &LocalHeap, block: NonNull<u8>) -> usize {
    // SAFETY: as the caller promises; a live block has a valid trailer.
    unsafe {
        match find(local::of(heap).heap(), block) {
            Ok((_, trailer)) => {
                let trailer = trailer.cast::<AtomicU64>();
                if trailer.as_ref().load(Relaxed) == word(LIVE, block) {
                    trailer.cast::<Trailer>().as_ref().size
                } else {
                    0
                }
            }
            Err(_) => 0,
        }
    }
}

/// Makes a block in memory that was something else one that was never handed out.
///
/// # Safety
///
/// - The block has `bytes` bytes, at least a trailer, and nobody uses it.
pub(super) unsafe fn forget(block: NonNull<u8>, bytes: usize) {
    if bytes >= size_of::<Trailer>() {
        // SAFETY: inside the block, and aligned as it.
        unsafe {
            block
                .add(bytes - size_of::<Trailer>())
                .cast::<AtomicU64>()
                .write(AtomicU64::new(0))
        };
    }
}

type Refused = (Problem, Option<Known>);

/// From live to dead, which only one thread does.
unsafe fn release(heap: &LocalHeap, block: NonNull<u8>) -> Result<(), Refused> {
    // SAFETY: as the callers promise: what `find` finds is readable.
    unsafe {
        let (page, trailer) = find(local::of(heap).heap(), block)?;
        let page = page.as_ref();
        let state = trailer.cast::<AtomicU64>().as_ref();
        let end = page.block.get() - size_of::<Trailer>();
        let (live, dead) = (word(LIVE, block), word(DEAD, block));
        // Relaxed: whoever frees a live block got it from whoever allocated it; and of two threads that free the
        // same block the second only says so.
        match state.compare_exchange(live, dead, Relaxed, Relaxed) {
            Ok(_) => {
                let kind = page.heap_kind();
                let guard = guarded(kind, trailer.as_ref().size);
                if let Some(at) = changed(block, guard, end, GUARD) {
                    let known = known(page, Some(trailer.as_ref()));
                    state.store(live, Relaxed);
                    return Err((Problem::Overrun(at), Some(known)));
                }
                block.write_bytes(FREED, kind.header_offset());
                let body = if kind.is_object() { body(kind) } else { 0 };
                fill(block, body, end.min(FILL_MAX), FREED);
                Ok(())
            }
            Err(found) if found == dead => {
                let known = known(page, Some(trailer.as_ref()));
                Err((Problem::DoubleFree, Some(known)))
            }
            Err(_) => Err((Problem::NotInUse, Some(known(page, None)))),
        }
    }
}

/// The page and the trailer of what may be a block.
fn find(heap: &Heap, block: NonNull<u8>) -> Result<(NonNull<PageHead>, NonNull<Trailer>), Refused> {
    let addr = block.as_ptr().addr();
    if !heap.segments.contains(addr) {
        return Err((Problem::Foreign, None));
    }
    let nothing = Err((Problem::NotABlock, None));
    let slice = addr % SEGMENT / SLICE;
    if slice == 0 {
        return nothing;
    }
    // SAFETY: a segment of this heap, so that its descriptors are readable, whatever they say.
    let page = unsafe {
        let segment = block.as_ptr().map_addr(|addr| addr & !(SEGMENT - 1));
        let head = NonNull::new_unchecked(segment.cast::<PageHead>().add(slice));
        head.byte_sub(head.as_ref().back.get() as usize)
    };
    // SAFETY: as above.
    let head = unsafe { page.as_ref() };
    let first = (page.as_ptr().addr() % SEGMENT) / size_of::<PageHead>();
    let slices = head.slices.get() as usize;
    if slices == 0 || slice >= first + slices || head.class.get() == RECORDS {
        return nothing;
    }
    let bytes = head.block.get();
    let offset = addr % SEGMENT - head.start.get() as usize;
    let starts = if head.class.get() == SINGLE {
        offset == 0
    } else {
        offset.is_multiple_of(bytes) && offset + bytes <= slices * SLICE
    };
    if !starts {
        return Err((Problem::NotABlock, Some(known(head, None))));
    }
    // SAFETY: the block lies in its page, and is longer than a trailer.
    let trailer = unsafe { block.add(bytes - size_of::<Trailer>()).cast() };
    Ok((page, trailer))
}

fn known(page: &PageHead, trailer: Option<&Trailer>) -> Known {
    Known {
        kind: page.heap_kind(),
        class: page.class.get(),
        bytes: page.block.get(),
        page: (&raw const *page).addr(),
        owner: page.owner.load(Relaxed),
        allocated: trailer.and_then(|trailer| {
            Some(Allocated {
                size: trailer.size,
                thread: trailer.thread,
                site: trailer.site?,
            })
        }),
    }
}

/// How large a block must be for `size` bytes, a guard and a trailer, and to be as aligned as it would be without.
fn total(kind: HeapKind, size: usize) -> Option<usize> {
    let total = (size.max(body(kind))).checked_add(GUARD_MIN + size_of::<Trailer>())?;
    if size.is_power_of_two() && size <= CLASS_MAX {
        Some(total.next_multiple_of(size))
    } else {
        Some(total)
    }
}

/// Where the guard begins: behind what was asked for, and an object's header.
fn guarded(kind: HeapKind, size: usize) -> usize {
    if kind.is_object() {
        size.max(body(kind))
    } else {
        size
    }
}

/// What of a block is never filled, or overwritten by the heap.
fn body(kind: HeapKind) -> usize {
    kind.header_offset() + 16
}

/// A state of the block at this address.
fn word(state: u64, block: NonNull<u8>) -> u64 {
    state ^ block.as_ptr().addr() as u64
}

/// # Safety
///
/// - The range lies in the block, which is the caller's.
unsafe fn fill(block: NonNull<u8>, from: usize, to: usize, byte: u8) {
    let count = to.saturating_sub(from).min(FILL_MAX);
    // SAFETY: inside the range.
    unsafe { block.add(from).write_bytes(byte, count) };
}

/// The first byte that is not as [`fill`] left it.
///
/// # Safety
///
/// - The range lies in the block, and was filled.
unsafe fn changed(block: NonNull<u8>, from: usize, to: usize, byte: u8) -> Option<usize> {
    let count = to.saturating_sub(from).min(FILL_MAX);
    // SAFETY: inside the range.
    let bytes = unsafe { slice::from_raw_parts(block.add(from).as_ptr(), count) };
    bytes
        .iter()
        .position(|&found| found != byte)
        .map(|at| from + at)
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (block, thread) = (self.block, self.thread);
        match self.problem {
            Problem::Foreign => write!(
                f,
                "thread {thread} freed {block:#x}, which is no memory of this heap"
            )?,
            Problem::NotABlock => {
                write!(f, "thread {thread} freed {block:#x}, where no block begins")?
            }
            Problem::NotInUse => write!(
                f,
                "thread {thread} freed {block:#x}, which was never handed out or whose end was overwritten"
            )?,
            Problem::DoubleFree => write!(
                f,
                "thread {thread} freed {block:#x}, which was freed before"
            )?,
            Problem::Overrun(at) => write!(
                f,
                "thread {thread} freed {block:#x}, behind whose end something was written, at byte {at}"
            )?,
            Problem::WrittenAfterFree(at) => write!(
                f,
                "thread {thread} was given {block:#x}, to which something was written after it was freed, at byte {at}"
            )?,
        }
        if let Some(known) = &self.known {
            write!(
                f,
                "; its page {:#x} holds blocks of {} bytes, {:?}, class {}",
                known.page, known.bytes, known.kind, known.class
            )?;
            match known.owner {
                0 => write!(f, ", is full or nobody's")?,
                owner => write!(f, ", is thread {owner}'s")?,
            }
            if let Some(allocated) = &known.allocated {
                write!(
                    f,
                    "; thread {} asked for {} bytes at {}",
                    allocated.thread, allocated.size, allocated.site
                )?;
            }
        }
        Ok(())
    }
}

const LIVE: u64 = 0x6b69_745f_6c69_7665;
const DEAD: u64 = 0x6b69_745f_6465_6164;
const FRESH: u8 = 0xcd;
const FREED: u8 = 0xdd;
const GUARD: u8 = 0xfd;
const GUARD_MIN: usize = 8;

/// How much of a block, and of a guard, is filled: large ones may never be touched.
const FILL_MAX: usize = 4096;
