//! A thread's heap: the table of pages that its next blocks come from.

#[cfg(feature = "checks")]
use core::panic::Location;
use core::{
    cell::Cell,
    ptr::{self, NonNull},
    sync::atomic::Ordering::Relaxed,
};

use super::{CLASS_MAX, CLASSES, HeapKind, KINDS, Kinds, class_of};
use crate::backend::{listing, page::PageHead};
use crate::object::trace::prefetch;
use crate::thread::breaker::{self, Breaker};

/// What a heap does off the fast path.
///
/// Each function gets the thread's heap, which it made itself, on the thread that owns it; `collect` also on another one,
/// with the owner stopped.
#[derive(Debug)]
pub struct HeapOps {
    /// A block of at least `size` bytes, or `None`. The flag asks for zeros (see
    /// [`LocalHeap::alloc_sized`]).
    pub alloc: unsafe fn(&LocalHeap, HeapKind, usize, bool) -> Option<NonNull<u8>>,
    /// Frees a block whose page this thread does not use at the moment.
    pub free: unsafe fn(&LocalHeap, NonNull<u8>),
    /// The last block of a page was freed by its owner.
    pub emptied: unsafe fn(&LocalHeap, NonNull<PageHead>),
    /// The bytes that a block has room for.
    pub usable_size: unsafe fn(&LocalHeap, NonNull<u8>) -> usize,
    /// Gives up what is empty; at once if the flag says so, and after grace in any case.
    pub collect: unsafe fn(&LocalHeap, bool),
    /// Hands over what the thread has freed of others' and kept to itself: it is about to wait.
    pub send: unsafe fn(&LocalHeap),
    /// The thread leaves: its pages go to whoever needs them. Called once, last.
    pub exit: unsafe fn(&LocalHeap),
}

/// A thread's heap: used by one thread at a time, given back by dropping it.
#[derive(Debug)]
#[repr(C)]
pub struct LocalHeap {
    slot: u16,
    paged: bool,
    ops: &'static HeapOps,
    state: *mut (),
    /// Its thread's, to be told when memory runs short.
    breaker: Cell<Option<NonNull<Breaker>>>,
    #[cfg(feature = "checks")]
    site: Cell<Option<&'static Location<'static>>>,
    direct: [[Cell<NonNull<PageHead>>; CLASSES]; KINDS],
}

// SAFETY: the heap is used through one `LocalHeap` by whichever thread has it; nothing in it depends on
// which thread that is, and moving it there orders the accesses.
unsafe impl Send for LocalHeap {}

impl LocalHeap {
    /// A heap for the thread in `slot`, for crates that implement one.
    ///
    /// # Safety
    ///
    /// - `slot` is not 0, and no other heap of the same runtime has it.
    /// - `ops` fit `state`, which stays valid until [`HeapOps::exit`].
    /// - If `paged`, every block that will be freed here lies in a segment of [`PageHead`]s, and what is put
    ///   into [`set_direct`](Self::set_direct) is a page of that class and kind, owned by `slot`.
    pub const unsafe fn from_parts(
        slot: u16,
        paged: bool,
        ops: &'static HeapOps,
        state: *mut (),
    ) -> Self {
        Self {
            slot,
            paged,
            ops,
            state,
            breaker: Cell::new(None),
            #[cfg(feature = "checks")]
            site: Cell::new(None),
            direct: [const { [const { Cell::new(NO_PAGE) }; CLASSES] }; KINDS],
        }
    }

    /// The thread's slot.
    #[inline(always)]
    pub fn slot(&self) -> u16 {
        self.slot
    }

    /// Where the last block was asked for that no page in the table had.
    #[cfg(feature = "checks")]
    pub fn site(&self) -> Option<&'static Location<'static>> {
        self.site.get()
    }

    /// The page of an object.
    ///
    /// # Safety
    ///
    /// - `object` is the header of an object of this runtime's heap, in use.
    pub unsafe fn page_of(&self, object: NonNull<u8>) -> NonNull<PageHead> {
        // SAFETY: as the caller says.
        unsafe {
            if self.paged {
                PageHead::of(object)
            } else {
                listing::page_of(object)
            }
        }
    }

    /// What the implementation keeps.
    #[inline(always)]
    pub fn state(&self) -> *mut () {
        self.state
    }

    /// Says whose breaker [`press`](Self::press) raises.
    ///
    /// # Safety
    ///
    /// - The breaker lives as long as the heap.
    pub unsafe fn set_breaker(&self, breaker: NonNull<Breaker>) {
        self.breaker.set(Some(breaker));
    }

    /// Asks the thread for a collection, at its next safepoint: the heap has grown beyond its soft limit.
    #[cold]
    pub fn press(&self) {
        if let Some(breaker) = self.breaker.get() {
            // SAFETY: it lives as long as the heap.
            unsafe { breaker.as_ref() }.raise(breaker::GC);
        }
    }

    /// A block of at least `size` bytes, or `None` when there is no memory or the limit is reached.
    ///
    /// An object block has valid count words that say "dead" (see the module); its first four bytes, and
    /// all of a buffer, are arbitrary.
    #[inline(always)]
    #[cfg_attr(feature = "checks", track_caller)]
    pub fn alloc(&self, kind: HeapKind, size: usize) -> Option<NonNull<u8>> {
        if size <= CLASS_MAX {
            let this = self.direct[kind as usize][class_of(size)].get();
            // SAFETY: a page this thread owns, or NO_PAGE.
            let page = unsafe { this.as_ref() };
            if let Some(block) = page.first_free() {
                // SAFETY: `free` leads to free blocks of this page, which only its owner touches.
                unsafe {
                    let next = PageHead::link(block);
                    PageHead::set_free(this, next);
                    ask_ahead(block, PageHead::at(this, next));
                }
                page.hot.used.set(page.hot.used.get() + 1);
                return Some(block);
            }
        }
        self.alloc_slow(kind, size, false)
    }

    /// [`alloc`](Self::alloc); with `zeroed`, everything but an object's 16-byte header is zero.
    #[inline]
    #[cfg_attr(feature = "checks", track_caller)]
    pub fn alloc_sized(&self, kind: HeapKind, size: usize, zeroed: bool) -> Option<NonNull<u8>> {
        if zeroed && size > CLASS_MAX {
            // Fresh memory is zero already: the heap knows.
            return self.alloc_slow(kind, size, true);
        }
        let block = self.alloc(kind, size)?;
        if zeroed {
            // SAFETY: the block has at least `size` bytes and is ours.
            unsafe { zero_block(block, kind, size) };
        }
        Some(block)
    }

    /// Frees a block.
    ///
    /// # Safety
    ///
    /// - `block` is the start of a block of this runtime's heap, allocated by any thread, and is not used
    ///   any more by anyone who counts.
    /// - The count words of an object block are 0 and 0 or 3, and were last written atomically.
    #[inline(always)]
    pub unsafe fn free(&self, block: NonNull<u8>) {
        #[cfg(debug_assertions)]
        // SAFETY: in use until now.
        unsafe {
            poison(block, self.usable_size(block))
        };
        if self.paged {
            // SAFETY: a paged heap's blocks lie in segments.
            let this = unsafe { PageHead::of(block) };
            // SAFETY: a page with a block in use has a descriptor in use.
            let page = unsafe { this.as_ref() };
            // Relaxed: only this thread writes its own slot here, so a match is up to date.
            if page.owner.load(Relaxed) == self.slot {
                // SAFETY: the block is free from here on, and its page ours.
                unsafe { PageHead::set_link(block, page.free_offset()) };
                page.hot.free.set(block.as_ptr());
                let used = page.hot.used.get() - 1;
                page.hot.used.set(used);
                if used == 0 {
                    self.emptied(this);
                }
                return;
            }
        }
        self.free_slow(block)
    }

    /// How many bytes `block` has room for, at least what was asked for.
    ///
    /// # Safety
    ///
    /// - `block` is the start of a block of this runtime's heap, in use.
    #[inline]
    pub unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        if self.paged {
            // SAFETY: the block is in use, so its page is.
            return unsafe { PageHead::of(block).as_ref().block.get() };
        }
        // SAFETY: as the caller says.
        unsafe { (self.ops.usable_size)(self, block) }
    }

    /// A buffer of at least `size` bytes that begins with what `block` holds; `block` is freed if another
    /// is returned, and stays as it was if `None` is.
    ///
    /// # Safety
    ///
    /// - `block` is a buffer of this runtime's heap, in use by the caller alone.
    #[cfg_attr(feature = "checks", track_caller)]
    pub unsafe fn realloc_buffer(&self, block: NonNull<u8>, size: usize) -> Option<NonNull<u8>> {
        // SAFETY: the block is in use.
        let room = unsafe { self.usable_size(block) };
        if size <= room && size >= room / 2 {
            return Some(block);
        }
        let new = self.alloc(HeapKind::Buffer, size)?;
        // SAFETY: both have that many bytes, and the new one is not the old one, which is the caller's.
        unsafe {
            ptr::copy_nonoverlapping(block.as_ptr(), new.as_ptr(), room.min(size));
            self.free(block);
        }
        Some(new)
    }

    /// Takes in what other threads freed and gives up pages that are empty and past their grace period;
    /// with `force`, without waiting to see whether they are needed again. Also for a thread that is stopped, on
    /// its behalf.
    pub fn collect(&self, force: bool) {
        // SAFETY: the heap's own functions.
        unsafe { (self.ops.collect)(self, force) }
    }

    /// Hands over what the thread has freed of others' and kept to itself: for a thread that is about to wait. Costs
    /// next to nothing if that is nothing.
    pub fn send(&self) {
        // SAFETY: the heap's own functions.
        unsafe { (self.ops.send)(self) }
    }

    /// Which page the next block of a class and kind comes from; for crates that implement a heap.
    #[inline(always)]
    pub fn direct(&self, kind: HeapKind, class: usize) -> NonNull<PageHead> {
        self.direct[kind as usize][class].get()
    }

    /// Has the heap look for the page that the next block of each class comes from, which makes that page
    /// [fresh](PageHead::make_fresh).
    pub fn forget_direct(&self, kinds: Kinds) {
        for kind in HeapKind::ALL {
            if kinds.contains(kind) {
                for page in &self.direct[kind as usize] {
                    page.set(NO_PAGE);
                }
            }
        }
    }

    /// Says which page the next block comes from: `None` for none.
    ///
    /// # Safety
    ///
    /// - The page is of this class and kind, owned by this heap's slot.
    #[inline(always)]
    pub unsafe fn set_direct(&self, kind: HeapKind, class: usize, page: Option<NonNull<PageHead>>) {
        self.direct[kind as usize][class].set(page.unwrap_or(NO_PAGE));
    }

    #[cold]
    #[cfg_attr(feature = "checks", track_caller)]
    fn alloc_slow(&self, kind: HeapKind, size: usize, zeroed: bool) -> Option<NonNull<u8>> {
        #[cfg(feature = "checks")]
        self.site.set(Some(Location::caller()));
        // SAFETY: the heap's own functions.
        unsafe { (self.ops.alloc)(self, kind, size, zeroed) }
    }

    #[inline(never)]
    fn free_slow(&self, block: NonNull<u8>) {
        // SAFETY: the heap's own functions; the block is as `free` demands.
        unsafe { (self.ops.free)(self, block) }
    }

    #[inline(always)]
    fn emptied(&self, this: NonNull<PageHead>) {
        // SAFETY: the page is ours.
        let page = unsafe { this.as_ref() };
        if page.hot.pending.get() {
            // It was empty before and used again: whatever it waits for must begin now.
            page.hot.goal.set(0);
        } else {
            self.emptied_slow(this);
        }
    }

    #[cold]
    fn emptied_slow(&self, page: NonNull<PageHead>) {
        // SAFETY: the heap's own functions; the page is this thread's, and empty.
        unsafe { (self.ops.emptied)(self, page) }
    }
}

/// What is left of a heap whose thread has given it back, and may still be found.
static ENDED: HeapOps = HeapOps {
    alloc: |_, _, _, _| None,
    free: |_, _| (),
    emptied: |_, _| (),
    usable_size: |_, _| 0,
    collect: |_, _| (),
    send: |_| (),
    exit: |_| (),
};

impl Drop for LocalHeap {
    fn drop(&mut self) {
        // SAFETY: the heap's own functions, for the last time.
        unsafe { (self.ops.exit)(self) }
        self.ops = &ENDED;
        // Its pages are others' now. The thread may still be found, by a collector for one.
        for page in self.direct.iter().flatten() {
            page.set(NO_PAGE);
        }
    }
}

/// Fills what nobody may look at any more with a pattern that shows up in a debugger: all but the header
/// of an object, and no more than a page of it.
///
/// # Safety
///
/// - `block` has `size` bytes, and is about to be freed.
#[cfg(debug_assertions)]
unsafe fn poison(block: NonNull<u8>, size: usize) {
    let kept = super::PREFIX + HEADER;
    if size > kept {
        // SAFETY: inside the block.
        unsafe { block.add(kept).write_bytes(0xdd, (size - kept).min(4096)) };
    }
}

/// Zeroes what [`LocalHeap::alloc_sized`] promises to: all but the header, which late readers may look at.
///
/// # Safety
///
/// - `block` was just allocated, is of `kind` and has at least `size` bytes.
pub unsafe fn zero_block(block: NonNull<u8>, kind: HeapKind, size: usize) {
    let header = kind.header_offset();
    let body = if kind.is_object() { header + HEADER } else { 0 };
    // SAFETY: all inside the block.
    unsafe {
        block.write_bytes(0, header.min(size));
        block
            .add(body.min(size))
            .write_bytes(0, size.saturating_sub(body));
    }
}

/// Where free blocks follow one another, asks for those that the next allocations come to: each of them waits for the
/// line of the block before, which holds its address, and the processor does not know better.
#[inline(always)]
fn ask_ahead(block: NonNull<u8>, next: NonNull<u8>) {
    let step = next.as_ptr().addr().wrapping_sub(block.as_ptr().addr());
    // In no order, what lies a few steps ahead is as good as anything else.
    if step.wrapping_add(NEAR) <= 2 * NEAR {
        prefetch(next.as_ptr().wrapping_add(step.wrapping_mul(AHEAD)));
    }
}

/// How many blocks ahead.
const AHEAD: usize = 8;
/// Bytes between free blocks that follow one another, either way.
const NEAR: usize = 256;

struct SharedPage(PageHead);

// SAFETY: nobody writes it: there is nothing to pop from it, and no block in it to free.
unsafe impl Sync for SharedPage {}

static EMPTY: SharedPage = SharedPage(PageHead::unused());

/// The page with nothing free, so that no one has to test for null.
const NO_PAGE: NonNull<PageHead> = NonNull::from_ref(&EMPTY.0);

/// Bytes of an object header.
const HEADER: usize = 16;
