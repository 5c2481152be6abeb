//! What all threads of a runtime share of a heap: its limits, and the walk over what is in it.

use core::ptr::{self, NonNull};

use super::{HeapOps, Kinds, LocalHeap};
#[cfg(doc)]
use crate::backend::listing;
use crate::backend::page::PageHead;
use crate::platform::pages::{NoPages, PageSource};

/// What a heap has counted, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// In use, in pages and descriptors, and outside.
    pub bytes: usize,
    /// The most that was in use.
    pub peak: usize,
    /// In use outside of the heap ([`SharedHeap::charge`]).
    pub outside: usize,
    /// Reserved from the source.
    pub held: usize,
    /// Free, but not given back to the host.
    pub free: usize,
    /// Given back to the source or the host, in all.
    pub returned: usize,
}

/// The part of a heap that all threads of a runtime share: what the runtime and the collector need of it.
///
/// # Safety
///
/// An implementation promises that a walk visits every page with live objects exactly once, those of
/// threads that exited too, and if it has segments every page with live buffers; and that [`local`](Self::local) keeps the promises of this module.
pub unsafe trait SharedHeap: Sync {
    /// A heap for the thread in `slot`, or `None` without memory.
    ///
    /// # Safety
    ///
    /// - `slot` is not 0, and no other living [`LocalHeap`] of this heap has it.
    /// - The local heap is dropped before this heap is, and this heap is not moved until then.
    unsafe fn local(&self, slot: u16) -> Option<LocalHeap>;

    /// Bytes in use, in pages and descriptors.
    fn bytes(&self) -> usize;

    /// What the heap has counted so far.
    fn totals(&self) -> Totals {
        Totals {
            bytes: self.bytes(),
            ..Totals::default()
        }
    }

    /// The most that [`bytes`](Self::bytes) may become; allocations that would exceed it fail.
    fn set_limit(&self, bytes: usize);

    /// A soft limit, below the other: the thread that passes it is asked for a collection
    /// ([`LocalHeap::press`]), and then [`is_pressed`](Self::is_pressed).
    fn set_soft_limit(&self, _bytes: usize) {}

    /// Another such limit, which moves: the thread that passes it is asked for a collection, once.
    fn set_watermark(&self, _bytes: usize) {}

    /// Whether the soft limit was passed, and nobody has done anything about it yet.
    fn is_pressed(&self) -> bool {
        false
    }

    /// Something was done about it. It will be told again: of the soft limit, or if that is still exceeded
    /// of half of what is left.
    fn relieve(&self) {}

    /// Counts memory elsewhere that belongs to objects, such as the digits of an integer, as the heap's own.
    /// False: that would exceed the limit, and nothing was counted. `local` is the calling thread's, to be
    /// pressed.
    fn charge(&self, _local: &LocalHeap, _bytes: usize) -> bool {
        true
    }

    /// The language is refused memory: gives out what the heap has kept back for whoever handles that, and asks
    /// for a collection.
    fn exhausted(&self, _local: &LocalHeap) {}

    /// Whether more than the limit is in use, which [`adjust`](Self::adjust) does not prevent.
    fn is_exceeded(&self) -> bool {
        false
    }

    /// Counts memory elsewhere that is there, or is gone, whatever the limit.
    fn adjust(&self, _bytes: isize) {}

    /// Whether blocks lie in segments, so that [`PageHead::of`] finds their pages. If not, objects are in
    /// [listings](listing), buffers are in none, and no block is aligned to more than 16 bytes.
    fn is_paged(&self) -> bool {
        true
    }

    /// In how many parts a walk can be split. The parts differ in size; some may be empty.
    ///
    /// # Safety
    ///
    /// - The world is stopped: nobody allocates or frees here.
    unsafe fn walk_parts(&self) -> usize;

    /// Calls `f` with each page of these kinds in one part, in use or empty.
    ///
    /// Then [`PageHead::for_each_live`] visits its blocks. Several threads may walk at once.
    ///
    /// # Safety
    ///
    /// - The world is stopped from before [`walk_parts`](Self::walk_parts) until after this.
    unsafe fn walk_pages(&self, part: usize, kinds: Kinds, f: &mut dyn FnMut(NonNull<PageHead>));

    /// Spans for tables that must not come from the heap, such as the collector's.
    fn pages(&self) -> &dyn PageSource;

    /// Gives back what is empty to where it came from: abandoned pages and whole segments.
    ///
    /// # Safety
    ///
    /// - The world is stopped.
    unsafe fn trim(&self) {}
}

impl dyn SharedHeap + '_ {
    /// Calls `f` with each live block of these kinds: its start, and its page.
    ///
    /// # Safety
    ///
    /// - The world is stopped: nobody allocates or frees here, nor does `f`.
    pub unsafe fn for_each_block(
        &self,
        kinds: Kinds,
        mut f: impl FnMut(NonNull<u8>, NonNull<PageHead>),
    ) {
        // SAFETY: the caller stopped the world.
        unsafe {
            for part in 0..self.walk_parts() {
                self.walk_pages(part, kinds, &mut |page| {
                    PageHead::for_each_live(page, |block| f(block, page));
                });
            }
        }
    }
}

/// A heap that has nothing, where a port begins: every allocation fails.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHeap;

// SAFETY: there is nothing to walk, and nothing to allocate.
unsafe impl SharedHeap for NoHeap {
    unsafe fn local(&self, slot: u16) -> Option<LocalHeap> {
        static OPS: HeapOps = HeapOps {
            alloc: |_, _, _, _| None,
            free: |_, _| (),
            emptied: |_, _| (),
            usable_size: |_, _| 0,
            collect: |_, _| (),
            send: |_| (),
            exit: |_| (),
        };
        // SAFETY: the functions need no state; the slot is the caller's promise.
        Some(unsafe { LocalHeap::from_parts(slot, false, &OPS, ptr::null_mut()) })
    }

    fn bytes(&self) -> usize {
        0
    }

    fn set_limit(&self, _bytes: usize) {}

    unsafe fn walk_parts(&self) -> usize {
        0
    }

    unsafe fn walk_pages(
        &self,
        _part: usize,
        _kinds: Kinds,
        _f: &mut dyn FnMut(NonNull<PageHead>),
    ) {
    }

    fn pages(&self) -> &dyn PageSource {
        &NoPages
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CLASS_MAX, HeapKind};
    use super::*;

    #[test]
    fn the_null_heap_gives_nothing() {
        // SAFETY: the only heap of its kind.
        let local = unsafe { NoHeap.local(1) }.expect("a heap");
        for size in [0, 1, 64, CLASS_MAX, CLASS_MAX + 1, usize::MAX] {
            assert_eq!(local.alloc(HeapKind::Plain, size), None);
            assert_eq!(local.alloc_sized(HeapKind::Buffer, size, true), None);
        }
        local.collect(true);
    }
}
