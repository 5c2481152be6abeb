//! The heap as its users see it: one [`LocalHeap`] per thread, one [`SharedHeap`] per runtime.
//!
//! Allocating is popping a free list and freeing is pushing one, both inlined here; everything else is a
//! call through [`HeapOps`], a table of functions that the heap's crate supplies. A heap that has no
//! pages leaves the table of pages empty and clears `paged`: then every call goes to its functions.
//!
//! # Blocks
//!
//! Blocks are aligned to 16 bytes; in a paged heap, a block of a power of two up to 64 KiB to its size. What is in one
//! depends on its kind:
//!
//! | kind      | block                               | the walk | reuse of an empty page for other things |
//! |-----------|-------------------------------------|----------|------------------------------------------|
//! | Buffer    | raw bytes                           | skips it | at once                                  |
//! | Plain     | header, fields                      | visits   | after a grace period                     |
//! | Collected | header, fields                      | visits   | after a grace period                     |
//! | Prefixed  | two words, then header and fields   | visits   | after a grace period                     |
//!
//! A reader without a reference may look at the header of an object that was freed, until it next reports
//! a quiescent state. For its sake the count words of a free object block are always valid (`local` is 0,
//! `shared` is 0 or 3), and the block's memory only ever becomes another block of the same size and kind
//! before a grace period has passed. The caller of [`LocalHeap::free`] leaves the count words so; the heap
//! never writes them, neither on free nor on allocation. It overwrites the first four bytes of a free
//! block: the type, or part of the prefix.

#[cfg(feature = "checks")]
use core::panic::Location;
use core::{
    cell::Cell,
    ptr::{self, NonNull},
    sync::atomic::Ordering::Relaxed,
};

use super::{listing, page::PageHead};
use crate::object::trace::prefetch;
use crate::platform::pages::{NoPages, PageSource};
use crate::thread::breaker::{self, Breaker};

/// What a block is for. Passed explicitly to every allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum HeapKind {
    /// Raw bytes.
    Buffer = 0,
    /// Objects that cannot be part of a cycle.
    Plain = 1,
    /// Objects that the collector looks at.
    Collected = 2,
    /// The same, with [`PREFIX`] bytes in front of the header.
    Prefixed = 3,
}

/// How many kinds there are.
pub const KINDS: usize = 4;
/// Bytes in front of the header of a [`Prefixed`](HeapKind::Prefixed) object.
pub const PREFIX: usize = 16;
/// Size classes: multiples of 16 up to 256 bytes, then four per doubling up to [`CLASS_MAX`].
pub const CLASSES: usize = 48;
/// The largest block that shares its page with others.
pub const CLASS_MAX: usize = 64 * 1024;

impl HeapKind {
    /// All kinds.
    pub const ALL: [HeapKind; KINDS] = [
        HeapKind::Buffer,
        HeapKind::Plain,
        HeapKind::Collected,
        HeapKind::Prefixed,
    ];

    /// The kind whose number is `index & 3`.
    #[inline(always)]
    pub const fn from_index(index: u8) -> HeapKind {
        Self::ALL[(index & 3) as usize]
    }

    /// Whether the blocks are objects: start with a header, are walked, wait for a grace period.
    #[inline(always)]
    pub const fn is_object(self) -> bool {
        !matches!(self, HeapKind::Buffer)
    }

    /// From the start of a block to the object's header.
    #[inline(always)]
    pub const fn header_offset(self) -> usize {
        if matches!(self, HeapKind::Prefixed) {
            PREFIX
        } else {
            0
        }
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// What the collector looks at.
    pub const COLLECTED: Kinds = Kinds::of(&[HeapKind::Collected, HeapKind::Prefixed]);
    /// Everything with a header.
    pub const OBJECTS: Kinds =
        Kinds::of(&[HeapKind::Plain, HeapKind::Collected, HeapKind::Prefixed]);
    /// Everything.
    pub const ALL: Kinds = Kinds::of(&HeapKind::ALL);

    /// The set of these kinds.
    pub const fn of(kinds: &[HeapKind]) -> Kinds {
        let (mut set, mut i) = (0, 0);
        while i < kinds.len() {
            set |= 1 << kinds[i] as u8;
            i += 1;
        }
        Kinds(set)
    }

    /// Whether `kind` is in the set.
    #[inline]
    pub const fn contains(self, kind: HeapKind) -> bool {
        self.0 >> kind as u8 & 1 != 0
    }
}

/// The size class of a block of `size` bytes, at most [`CLASS_MAX`].
#[inline(always)]
pub const fn class_of(size: usize) -> usize {
    if size <= 256 {
        size.saturating_sub(1) / 16
    } else {
        // 257..=320 is 16, 321..=384 is 17 and so on: the two bits below the highest of `size - 1`.
        let last = size - 1;
        let log = last.ilog2();
        16 + (log as usize - 8) * 4 + ((last >> (log - 2)) & 3)
    }
}

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
    let kept = PREFIX + HEADER;
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

#[cfg(test)]
mod tests {
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

    #[test]
    fn classes_are_ordered_and_complete() {
        assert_eq!(
            (
                class_of(0),
                class_of(1),
                class_of(16),
                class_of(17),
                class_of(256)
            ),
            (0, 0, 0, 1, 15)
        );
        assert_eq!(
            (
                class_of(257),
                class_of(320),
                class_of(321),
                class_of(512),
                class_of(513)
            ),
            (16, 16, 17, 19, 20)
        );
        assert_eq!(class_of(CLASS_MAX), CLASSES - 1);
        for size in 1..CLASS_MAX {
            let step = class_of(size + 1) - class_of(size);
            assert!(step <= 1, "{size}");
        }
    }
}
