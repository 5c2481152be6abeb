//! A thread's part of the heap: making a block, and freeing one, at once or when its grace period has passed.

use core::{
    alloc::Layout,
    cell::{Cell, UnsafeCell},
    ptr::{self, NonNull},
};

use kit_core::backend::{
    heap::{HeapKind, HeapOps, LocalHeap},
    listing::{self, Front},
};

#[cfg(feature = "checks")]
use super::checks;
use super::{
    BEHIND, DelegatingHeap, HEADER, OBJECTS, before,
    chain::Magazine,
    entry::Free,
    layout, shelf,
    waiting::{Dead, Waiting},
};

/// A thread's part. Others use it when the world is stopped.
pub(super) struct Local {
    pub(super) heap: NonNull<DelegatingHeap>,
    pub(super) magazines: [UnsafeCell<Magazine<Free>>; OBJECTS.len()],
    pub(super) waiting: UnsafeCell<Waiting>,
    pub(super) next: Cell<*const Local>,
    pub(super) prev: Cell<*const Local>,
}

impl Local {
    fn heap(&self) -> &DelegatingHeap {
        // SAFETY: the heap outlives its local heaps, as `SharedHeap::local` demands.
        unsafe { self.heap.as_ref() }
    }

    fn make(&self, kind: HeapKind, size: usize, zeroed: bool) -> Option<NonNull<u8>> {
        let heap = self.heap();
        // An object has a header, whatever was asked for.
        let least = if kind.is_object() {
            kind.header_offset() + HEADER
        } else {
            1
        };
        let layout = layout(kind, size.max(least))?;
        let entry = if kind.is_object() {
            Some(self.entry(kind)?)
        } else {
            None
        };
        let Some(base) = heap.take(layout, zeroed) else {
            if let Some(entry) = entry {
                self.put(kind, entry);
            }
            return None;
        };
        let room = layout.size() - before(kind) - BEHIND;
        // SAFETY: fresh memory, with what is in front of the block and that many bytes behind; the entry is ours.
        unsafe {
            let block = base.add(before(kind));
            let pointer = entry.map_or(ptr::null(), |entry| entry.0.as_ptr().cast_const());
            listing::write_fronts(block, Front::new(pointer, kind, room));
            if let Some(entry) = entry {
                block.add(kind.header_offset()).write_bytes(0, HEADER);
                entry.0.as_ref().0.set(block.as_ptr());
                listing::listing_of(entry.0).as_ref().make_fresh();
            }
            Some(block)
        }
    }

    /// A free entry.
    fn entry(&self, kind: HeapKind) -> Option<Free> {
        let number = shelf(kind);
        let pool = &self.heap().shelves[number].free;
        // SAFETY: this thread's, and borrowed for this call only.
        let magazine = unsafe { &mut *self.magazines[number].get() };
        magazine.pop(pool).or_else(|| {
            magazine.add(self.heap().new_listing(number)?);
            magazine.pop(pool)
        })
    }

    /// An entry is free.
    fn put(&self, kind: HeapKind, entry: Free) {
        let number = shelf(kind);
        // SAFETY: this thread's, and borrowed for this call only.
        let magazine = unsafe { &mut *self.magazines[number].get() };
        magazine.push(entry, &self.heap().shelves[number].free);
    }

    /// Closes what this thread waits for, and releases what is due.
    fn release_due(&self) {
        let heap = self.heap();
        // SAFETY: this thread's, and borrowed for this call only: `release` does not look at it.
        let waiting = unsafe { &mut *self.waiting.get() };
        waiting.close(heap.grace);
        while let Some(batch) = waiting.take_due(heap.grace) {
            batch.for_each(|dead| self.release(dead));
        }
    }

    /// Releases what threads that have left waited for, where it is due.
    fn release_orphans(&self) {
        let heap = self.heap();
        loop {
            // Not held while the allocator is called.
            let due = heap.orphans.lock().take_due(heap.grace);
            let Some(batch) = due else {
                break;
            };
            batch.for_each(|dead| self.release(dead));
        }
    }

    /// Gives back the memory of an object that nobody looks at any more.
    fn release(&self, dead: Dead) {
        let front = dead.front();
        // SAFETY: the entry is free from here on, and the block nobody's.
        unsafe {
            #[cfg(feature = "checks")]
            checks::release(dead.block());
            let entry = Free::new(dead.entry());
            self.put(front.kind(), entry);
            self.heap().free_block(dead.block(), front);
        }
    }
}

pub(super) static OPS: HeapOps = HeapOps {
    alloc,
    free,
    emptied: |_, _| (),
    usable_size,
    collect: |heap, _| {
        of(heap).release_due();
        of(heap).release_orphans();
    },
    send: |_| (),
    exit,
};

/// The thread's part of a heap that was made here.
fn of(heap: &LocalHeap) -> &Local {
    // SAFETY: these functions are only handed out with such a state.
    unsafe { &*heap.state().cast::<Local>() }
}

unsafe fn alloc(
    heap: &LocalHeap,
    kind: HeapKind,
    size: usize,
    zeroed: bool,
) -> Option<NonNull<u8>> {
    let local = of(heap);
    let block = local.make(kind, size, zeroed).or_else(|| {
        local.release_due();
        local.release_orphans();
        local.make(kind, size, zeroed)
    });
    #[cfg(feature = "checks")]
    if let Some(block) = block {
        // SAFETY: just made, for that size.
        unsafe { checks::begin(heap, block, size, zeroed) };
    }
    if local.heap().account.rings() {
        heap.press();
    }
    block
}

unsafe fn free(heap: &LocalHeap, block: NonNull<u8>) {
    let local = of(heap);
    // SAFETY: a block of this heap, in use until now, has a front; nobody uses it any more.
    unsafe {
        let front = Front::of(block).read();
        #[cfg(feature = "checks")]
        checks::end(heap, block);
        debug_assert!(!front.is_dead(), "{block:p}: it was freed before");
        if !front.kind().is_object() {
            local.heap().free_block(block, front);
            return;
        }
        // This thread's, and borrowed for this call only.
        if (*local.waiting.get()).push(Dead::new(block)) {
            local.release_due();
        }
    }
}

unsafe fn usable_size(_heap: &LocalHeap, block: NonNull<u8>) -> usize {
    // SAFETY: a block of this heap, in use, has a front; and if there are checks, a trailer.
    unsafe {
        #[cfg(feature = "checks")]
        return checks::usable_size(block);
        #[cfg(not(feature = "checks"))]
        Front::of(block).read().size()
    }
}

unsafe fn exit(heap: &LocalHeap) {
    let local = of(heap);
    let shared = local.heap();
    local.release_due();
    local.release_orphans();
    // SAFETY: the thread's part is used for the last time; nobody else uses it, as the world runs.
    unsafe {
        let waiting = core::mem::replace(&mut *local.waiting.get(), Waiting::new());
        shared.orphans.lock().append(waiting);
        for (magazine, shelf) in local.magazines.iter().zip(&shared.shelves) {
            (*magazine.get()).give_all(&shelf.free);
        }
        let mut locals = shared.locals.lock();
        let (next, prev) = (local.next.get(), local.prev.get());
        match prev.as_ref() {
            Some(prev) => prev.next.set(next),
            None => locals.0 = next,
        }
        if let Some(next) = next.as_ref() {
            next.prev.set(prev);
        }
        drop(locals);
        shared.give_back(
            NonNull::new_unchecked(heap.state().cast()),
            Layout::new::<Local>(),
        );
    }
}
