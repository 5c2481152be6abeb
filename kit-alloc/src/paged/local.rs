//! One thread's heap, off the fast path: pages by size class, and where the next one comes from.
//!
//! A page is in exactly one of three places: the queue of its kind and class, the list of full pages, or
//! the abandoned pages of the shared heap. `owner` is this thread's slot exactly while it is in a queue,
//! so that a free into a full page comes here, and puts it back.
//!
//! When a page runs dry: take in what others freed, carve more of it, else set it aside as full and try
//! the next. When there is no next: adopt an abandoned page, take slices for a fresh one, or as a last
//! resort give up everything empty and try again.

use core::{
    cell::Cell,
    ptr::{self, NonNull},
    sync::atomic::Ordering::Relaxed,
};

use kit_core::backend::{
    heap::{CLASS_MAX, CLASSES, HeapKind, HeapOps, KINDS, LocalHeap, class_of, zero_block},
    page::{PageHead, SLICE},
};

use super::{
    Heap, abandon,
    block::{self, FULL},
    delay::{self, Marked},
    directory::End,
    outbox::Outbox,
    page,
    pending::Pending,
    queue::{self, Queue},
    remote::WakeList,
    segment::Span,
};
use crate::size_class::{LARGE_SLICES, SHAPES, SINGLE};

/// What a thread's heap has besides its table of pages. Never freed, only reused: other threads find it
/// through a page. Aligned to the pairs of lines that processors fetch: records lie side by side.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Local {
    /// Written by other threads.
    pub(super) wake: WakeList,
    pub(super) heap: NonNull<Heap>,
    pub(super) queues: [[Queue; CLASSES]; KINDS],
    pub(super) full: Queue,
    pub(super) pending: Pending,
    /// Counts the times that a page ran dry.
    pub(super) tick: Cell<u32>,
    /// What was freed into others' pages.
    pub(super) outbox: Outbox,
    /// The next unused record.
    pub(super) next: Cell<*mut Local>,
    /// The next of all records.
    pub(super) older: *mut Local,
}

#[cfg(not(feature = "checks"))]
pub(super) static OPS: HeapOps = HeapOps {
    alloc,
    free,
    emptied,
    usable_size,
    collect,
    send,
    exit,
};

#[cfg(feature = "checks")]
pub(super) static OPS: HeapOps = HeapOps {
    alloc: super::checks::alloc,
    free: super::checks::free,
    emptied,
    usable_size: super::checks::usable_size,
    collect,
    send,
    exit,
};

impl Local {
    pub(super) const fn new(heap: NonNull<Heap>, older: *mut Local) -> Self {
        Self {
            wake: WakeList::new(),
            heap,
            queues: [const { [const { Queue::new() }; CLASSES] }; KINDS],
            full: Queue::new(),
            pending: Pending::new(),
            tick: Cell::new(0),
            outbox: Outbox::new(),
            next: Cell::new(ptr::null_mut()),
            older,
        }
    }

    pub(super) fn heap(&self) -> &Heap {
        // SAFETY: the heap outlives its local heaps, as `SharedHeap::local` demands.
        unsafe { self.heap.as_ref() }
    }

    pub(super) fn queue(&self, page: &PageHead) -> &Queue {
        &self.queues[page.kind.get() as usize & 3][page.class.get() as usize]
    }

    /// Puts full pages that other threads freed into back into their queues.
    pub(super) fn drain_wake(&self, slot: u16) {
        // SAFETY: we own the list; pages leave us only after it was drained.
        unsafe { self.wake.drain(|page| self.unfull(slot, page)) }
    }

    /// Puts a page back into its queue, if it was full.
    fn unfull(&self, slot: u16, this: NonNull<PageHead>) {
        // SAFETY: a page of ours.
        let page = unsafe { this.as_ref() };
        if page.state.get() & FULL != 0 {
            delay::unfull(&page.shared.remote);
            // SAFETY: full pages are in this list, and in no other.
            unsafe {
                self.full.remove(this);
                page.state.set(page.state.get() & !FULL);
                self.queue(page).push(this);
            }
            page.owner.store(slot, Relaxed);
        }
    }

    /// A page with a free block, which is then the next that the fast path takes from.
    fn page_with_room(
        &self,
        heap: &LocalHeap,
        kind: HeapKind,
        class: usize,
    ) -> Option<NonNull<PageHead>> {
        self.tick.set(self.tick.get().wrapping_add(1));
        self.drain_wake(heap.slot());
        if self.tick.get().is_multiple_of(PENDING_EVERY) {
            self.collect_pending(heap, false);
        }
        let page = self.queued_page(heap, kind, class).or_else(|| {
            let page = self.new_page(heap, kind, class);
            self.watch(heap);
            page
        })?;
        // SAFETY: a page of ours.
        unsafe { page.as_ref() }.make_fresh();
        if !cfg!(feature = "checks") {
            // SAFETY: a page of this class, kind and owner.
            unsafe { heap.set_direct(kind, class, Some(page)) };
        }
        Some(page)
    }

    /// A page with a free block from the queue; those without become full.
    fn queued_page(
        &self,
        heap: &LocalHeap,
        kind: HeapKind,
        class: usize,
    ) -> Option<NonNull<PageHead>> {
        let queue = &self.queues[kind as usize][class];
        let mut at = queue.first();
        while let Some(this) = at {
            // SAFETY: pages in our queues are ours.
            unsafe {
                if block::refill(this) {
                    return Some(this);
                }
                let page = this.as_ref();
                match delay::mark_full(&page.shared.remote, || self.drain_wake(heap.slot())) {
                    Marked::Full => {
                        // Draining may have added pages behind this one, so look again.
                        at = queue::next(this);
                        queue.remove(this);
                        page.owner.store(0, Relaxed);
                        page.state.set(page.state.get() | FULL);
                        self.full.push(this);
                        if heap.direct(kind, class) == this {
                            heap.set_direct(kind, class, None);
                        }
                    }
                    Marked::Freed => {}
                    Marked::Busy => at = queue::next(this),
                }
            }
        }
        None
    }

    /// An abandoned or fresh page, in its queue, with a free block.
    fn new_page(
        &self,
        heap: &LocalHeap,
        kind: HeapKind,
        class: usize,
    ) -> Option<NonNull<PageHead>> {
        while let Some(this) = self.heap().pool.take(kind, class) {
            self.own(heap, this);
            // SAFETY: just made ours.
            if unsafe { block::refill(this) } {
                return Some(this);
            }
            // Full: it leaves the queue again when we come back to it.
        }
        let span = self.claim(heap, SHAPES[class].slices as usize, End::Front)?;
        // SAFETY: the span is ours, and has the slices of this class.
        unsafe { page::init(span, kind, class) };
        self.own(heap, span.head);
        // SAFETY: ours, and fresh: carving cannot fail.
        unsafe { block::refill(span.head) }.then_some(span.head)
    }

    /// Makes a page that nobody owns ours.
    fn own(&self, heap: &LocalHeap, this: NonNull<PageHead>) {
        // SAFETY: the caller has the page for itself.
        unsafe {
            let page = this.as_ref();
            page.heap
                .store(ptr::from_ref(self).cast_mut().cast(), Relaxed);
            delay::adopt(&page.shared.remote);
            self.queue(page).push(this);
            page.owner.store(heap.slot(), Relaxed);
        }
    }

    /// Slices, if necessary by giving up everything that is empty.
    fn claim(&self, heap: &LocalHeap, slices: usize, end: End) -> Option<Span> {
        let segments = &self.heap().segments;
        if let Some(span) = segments.claim(slices, end) {
            return Some(span);
        }
        self.heap().sweep_abandoned();
        segments
            .claim(slices, end)
            .or_else(|| segments.claim_fresh(slices, end))
            .or_else(|| {
                self.collect_all(heap, true);
                segments.claim(slices, end)
            })
    }

    /// Tells the thread if the heap has grown beyond its soft limit.
    fn watch(&self, heap: &LocalHeap) {
        if self.heap().segments.account.rings() {
            heap.press();
        }
    }

    /// A block of its own.
    fn alloc_single(
        &self,
        heap: &LocalHeap,
        kind: HeapKind,
        size: usize,
        zeroed: bool,
    ) -> Option<NonNull<u8>> {
        self.tick.set(self.tick.get().wrapping_add(1));
        self.collect_pending(heap, false);
        let slices = size.div_ceil(SLICE);
        let huge = slices > LARGE_SLICES;
        let span = if huge {
            let segments = &self.heap().segments;
            segments.claim_huge(size).or_else(|| {
                self.collect_all(heap, true);
                segments.claim_huge(size)
            })?
        } else {
            self.claim(heap, slices, End::Back)?
        };
        self.watch(heap);
        // SAFETY: the span is ours and large enough.
        unsafe {
            page::init_single(
                span,
                kind,
                if huge {
                    size.next_multiple_of(SLICE)
                } else {
                    slices * SLICE
                },
                huge,
            );
            let page = span.head.as_ref();
            page.make_fresh();
            let block = PageHead::at(span.head, page.start.get());
            if !span.zero {
                block::clear_header(block, kind, size);
                if zeroed {
                    zero_block(block, kind, size);
                }
            }
            Some(block)
        }
    }
}

/// The thread's record.
///
/// # Safety
///
/// - The heap was made by [`Heap`].
pub(super) unsafe fn of(heap: &LocalHeap) -> &Local {
    // SAFETY: its state is a record, and this thread's.
    unsafe { &*heap.state().cast::<Local>() }
}

/// A block: see [`HeapOps::alloc`].
///
/// # Safety
///
/// - The heap was made by [`Heap`].
pub(super) unsafe fn alloc(
    heap: &LocalHeap,
    kind: HeapKind,
    size: usize,
    zeroed: bool,
) -> Option<NonNull<u8>> {
    // SAFETY: these functions are only handed out with a record.
    let local = unsafe { of(heap) };
    if size > CLASS_MAX {
        return local.alloc_single(heap, kind, size, zeroed);
    }
    let page = local.page_with_room(heap, kind, class_of(size))?;
    // SAFETY: the page is ours and has a block of that size.
    unsafe {
        let block = block::pop(page);
        if zeroed {
            zero_block(block, kind, size);
        }
        Some(block)
    }
}

/// Frees a block: see [`HeapOps::free`]. Most of others' blocks without a call: see [`Outbox::add`].
///
/// # Safety
///
/// - The heap was made by [`Heap`], and the block is one of its, in use until now.
pub(super) unsafe fn free(heap: &LocalHeap, block: NonNull<u8>) {
    // SAFETY: these functions are only handed out with a record; the rest is the caller's.
    unsafe {
        if !of(heap).outbox.add(block) {
            free_apart(heap, block);
        }
    }
}

/// Frees a block that nothing is collected for at the moment.
///
/// # Safety
///
/// - As for [`free`].
#[inline(never)]
unsafe fn free_apart(heap: &LocalHeap, block: NonNull<u8>) {
    // SAFETY: these functions are only handed out with a record; the block is one of a page in use.
    unsafe {
        let local = of(heap);
        let this = PageHead::of(block);
        let page = this.as_ref();
        if page.class.get() == SINGLE {
            // Whoever frees its only block has the page for itself.
            page.hot.used.set(0);
            if page.heap_kind().is_object() {
                local.pending.push(this, local.tick.get());
            } else {
                page::release(local.heap(), this);
            }
        } else if ptr::eq(page.heap.load(Relaxed).cast(), local) {
            // Relaxed: nobody else writes our address there. The page is full, or it would have our slot.
            block::push(this, block);
            local.unfull(heap.slot(), this);
            if page.hot.used.get() == 0 {
                emptied(heap, this);
            }
        } else {
            local.outbox.put(this, block);
        }
    }
}

unsafe fn emptied(heap: &LocalHeap, this: NonNull<PageHead>) {
    // SAFETY: the caller owns the page.
    unsafe {
        let (local, page) = (of(heap), this.as_ref());
        page.hot.goal.set(0);
        if !page.hot.pending.get() {
            // The only page of its class is likely to be needed again; of several, others serve as well.
            let ticks = match page.slices.get() {
                _ if !local.queue(page).is_single() => 0,
                1 => RETIRE_TICKS,
                _ => RETIRE_TICKS_MEDIUM,
            };
            local
                .pending
                .push(this, local.tick.get().wrapping_add(ticks));
            if ticks == 0 {
                local.collect_pending(heap, false);
            }
        }
    }
}

#[cfg(not(feature = "checks"))]
unsafe fn usable_size(_heap: &LocalHeap, block: NonNull<u8>) -> usize {
    // SAFETY: the block is in use, so its page is.
    unsafe { PageHead::of(block).as_ref().block.get() }
}

unsafe fn collect(heap: &LocalHeap, force: bool) {
    // SAFETY: these functions are only handed out with a record.
    unsafe { of(heap) }.collect_all(heap, force);
}

unsafe fn send(heap: &LocalHeap) {
    // SAFETY: these functions are only handed out with a record, whose outbox is this thread's.
    unsafe { of(heap).outbox.send() };
}

unsafe fn exit(heap: &LocalHeap) {
    // SAFETY: these functions are only handed out with a record, which is not used after this.
    unsafe { abandon::exit(NonNull::new_unchecked(heap.state().cast())) };
}

/// How often a page must run dry before empty ones are looked at.
const PENDING_EVERY: u32 = 8;
/// How many times pages may run dry before an empty page is given up.
const RETIRE_TICKS: u32 = 16;
/// The same for pages of several slices.
const RETIRE_TICKS_MEDIUM: u32 = 4;
