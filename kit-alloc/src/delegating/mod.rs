//! The delegating heap: one call per block to any `GlobalAlloc`, for where memory must come from there: a
//! tool that watches every allocation, a host with an allocator of its own, a machine too small for pages ([`small`](crate::small)).
//!
//! What the allocator hands out is a block with a [front](kit_core::backend::listing), 16 bytes for a buffer and 32 for an
//! object (in a prefixed one the prefix is half of them), and an object has an entry of a word in a listing. So the walk
//! and the collector find it.
//!
//! | state   | entry      | front      | who has it           | then                                          |
//! |---------|------------|------------|----------------------|-----------------------------------------------|
//! | live    | the block  | live       | its users            | freed by any thread                           |
//! | dead    | the block  | dead       | a list of who freed it, or of all if that has left | its grace period has passed |
//! | free    | the next   |            | a chain of who released it, or of all | an object of any thread    |
//!
//! No thread owns an entry or a listing: a listing is the heap's until it has no block and the heap is trimmed, and which
//! thread's objects are in it does not matter to anyone. What a thread that leaves has, all get.
//!
//! Late readers may look at the header of a dead object; nothing of it is written. The memory of a released one is
//! the allocator's.

use core::{
    alloc::Layout,
    cell::{Cell, UnsafeCell},
    fmt,
    ptr::{self, NonNull},
};

use kit_core::{
    backend::{
        grace::Grace,
        heap::{HeapKind, Kinds, LocalHeap, SharedHeap, Totals},
        listing::{self, FRONT, Front, LISTING, SLICES_OF_LISTING},
        page::PageHead,
    },
    platform::{memory::Memory, pages::PageSource},
};

use crate::{account::Account, lock::SpinLock};
use chain::{Chain, Magazine, Pool};
use entry::{Free, is_free};
use local::{Local, OPS};
use waiting::Waiting;

mod chain;
#[cfg(feature = "checks")]
mod checks;
mod entry;
mod local;
#[cfg(all(test, loom))]
mod model;
mod waiting;

/// A heap over an allocator: see the module.
///
/// Dropping it gives back the objects that are left; buffers are its users' to free.
pub struct DelegatingHeap {
    pages: MemoryPages,
    grace: &'static dyn Grace,
    account: Account,
    shelves: [Shelf; OBJECTS.len()],
    /// The threads' parts, for when the world is stopped.
    locals: SpinLock<Locals>,
    /// What threads that have left were waiting for, in closed batches.
    orphans: SpinLock<Waiting>,
}

/// What there is for one kind of objects.
struct Shelf {
    listings: SpinLock<Listings>,
    free: Pool<Free>,
}

/// A list of all listings, through `hot.next`.
struct Listings(*const PageHead);

// SAFETY: the list's links are used by whoever holds its lock, or has stopped the world.
unsafe impl Send for Listings {}

/// A list of all threads' parts, through `next` and `prev`.
struct Locals(*const Local);

// SAFETY: as above.
unsafe impl Send for Locals {}

// SAFETY: what threads share of it is atomic or locked.
unsafe impl Send for DelegatingHeap {}
// SAFETY: as above.
unsafe impl Sync for DelegatingHeap {}

impl DelegatingHeap {
    /// An empty heap over an allocator; `grace` says when readers without a reference are gone.
    pub const fn new(memory: &'static Memory, grace: &'static dyn Grace) -> Self {
        Self {
            pages: MemoryPages(memory),
            grace,
            account: Account::new(),
            shelves: [const {
                Shelf {
                    listings: SpinLock::new(Listings(ptr::null())),
                    free: Pool::new(),
                }
            }; OBJECTS.len()],
            locals: SpinLock::new(Locals(ptr::null())),
            orphans: SpinLock::new(Waiting::new()),
        }
    }

    /// Memory from the allocator, charged for.
    fn take(&self, layout: Layout, zeroed: bool) -> Option<NonNull<u8>> {
        if !self.account.charge(layout.size()) {
            return None;
        }
        let memory = self.pages.0;
        // SAFETY: no layout here has size 0.
        let base = NonNull::new(unsafe {
            if zeroed {
                memory.alloc_zeroed(layout)
            } else {
                memory.alloc(layout)
            }
        });
        if base.is_none() {
            self.account.uncharge(layout.size());
        }
        base
    }

    /// Undoes [`take`](Self::take).
    ///
    /// # Safety
    ///
    /// - `base` is what `take` returned for this layout, and nobody uses it.
    unsafe fn give_back(&self, base: NonNull<u8>, layout: Layout) {
        self.account.uncharge(layout.size());
        self.account.give_back(layout.size());
        // SAFETY: as the caller says.
        unsafe { self.pages.0.dealloc(base.as_ptr(), layout) };
    }

    /// Gives back the memory of a block.
    ///
    /// # Safety
    ///
    /// - The block has this front, and nobody uses it.
    unsafe fn free_block(&self, block: NonNull<u8>, front: Front) {
        // A size that a front has is one that there was a layout for.
        if let Some(layout) = layout(front.kind(), front.size()) {
            // SAFETY: a usable size has the layout of the block.
            unsafe { self.give_back(block.sub(before(front.kind())), layout) };
        }
    }

    /// A listing for a shelf, and its entries, all free.
    fn new_listing(&self, shelf: usize) -> Option<Chain<Free>> {
        let this = self.take(LISTING_LAYOUT, true)?.cast::<PageHead>();
        let mut chain = Chain::new();
        // SAFETY: fresh memory of zeros, which are an unused descriptor and null pointers.
        unsafe {
            let page = this.as_ref();
            page.kind.set(OBJECTS[shelf] as u8);
            page.slices.set(SLICES_OF_LISTING);
            let entries = listing::entries(this);
            page.capacity.set(entries.len() as u32);
            for entry in entries.iter().rev() {
                chain.push(Free::new(entry.into()));
            }
            let mut listings = self.shelves[shelf].listings.lock();
            page.hot.next.set(listings.0);
            listings.0 = this.as_ptr();
        }
        Some(chain)
    }

    /// Gives up the listings that have no block.
    ///
    /// # Safety
    ///
    /// - No thread uses the heap.
    unsafe fn trim_shelf(&self, number: usize) {
        let shelf = &self.shelves[number];
        // All free entries are in listings, where they are found again.
        shelf.free.take();
        let mut local = self.locals.lock().0;
        // SAFETY: what is in the list is in use, and its thread is stopped.
        while let Some(this) = unsafe { local.as_ref() } {
            // SAFETY: as above.
            unsafe { &mut *this.magazines[number].get() }.forget();
            local = this.next.get();
        }
        let mut listings = shelf.listings.lock();
        let (mut at, mut kept, mut free) = (listings.0, ptr::null(), Chain::new());
        while let Some(this) = NonNull::new(at.cast_mut()) {
            // SAFETY: what is in the list is in use; what is released is in no list any more.
            unsafe {
                at = this.as_ref().hot.next.get();
                let entries = listing::entries(this);
                if entries.iter().all(is_free) {
                    self.give_back(this.cast(), LISTING_LAYOUT);
                    continue;
                }
                for entry in entries.iter().filter(|entry| is_free(entry)) {
                    free.push(Free::new(entry.into()));
                }
                this.as_ref().hot.next.set(kept);
            }
            kept = this.as_ptr();
        }
        listings.0 = kept;
        shelf.free.give(free);
    }
}

// SAFETY: every object has an entry in a listing of its kind from before it is handed out until after it is released, and
// all listings are walked; objects are released after a grace period, and their headers are not written before.
unsafe impl SharedHeap for DelegatingHeap {
    unsafe fn local(&self, slot: u16) -> Option<LocalHeap> {
        let local = self.take(Layout::new::<Local>(), false)?.cast::<Local>();
        let mut locals = self.locals.lock();
        // SAFETY: fresh, of that layout; the slot is the caller's promise.
        unsafe {
            local.write(Local {
                heap: NonNull::from_ref(self),
                magazines: [const { UnsafeCell::new(Magazine::new()) }; OBJECTS.len()],
                waiting: UnsafeCell::new(Waiting::new()),
                next: Cell::new(locals.0),
                prev: Cell::new(ptr::null()),
            });
            if let Some(next) = locals.0.as_ref() {
                next.prev.set(local.as_ptr());
            }
            locals.0 = local.as_ptr();
            let state = local.as_ptr().cast();
            Some(LocalHeap::from_parts(slot, false, &OPS, state))
        }
    }

    fn bytes(&self) -> usize {
        self.account.bytes()
    }

    fn totals(&self) -> Totals {
        let totals = self.account.totals();
        Totals {
            held: totals.bytes.saturating_sub(totals.outside),
            ..totals
        }
    }

    fn set_limit(&self, bytes: usize) {
        self.account.set_limit(bytes);
    }

    fn set_soft_limit(&self, bytes: usize) {
        self.account.set_soft_limit(bytes);
    }

    fn charge(&self, local: &LocalHeap, bytes: usize) -> bool {
        self.account.charge_for(local, bytes)
    }

    fn exhausted(&self, local: &LocalHeap) {
        self.account.give_out(local);
    }

    fn is_exceeded(&self) -> bool {
        self.account.is_exceeded()
    }

    fn adjust(&self, bytes: isize) {
        self.account.adjust(bytes);
    }

    fn set_watermark(&self, bytes: usize) {
        self.account.set_watermark(bytes);
    }

    fn is_pressed(&self) -> bool {
        self.account.has_rung()
    }

    fn relieve(&self) {
        self.account.arm();
    }

    fn is_paged(&self) -> bool {
        false
    }

    unsafe fn walk_parts(&self) -> usize {
        OBJECTS.len()
    }

    unsafe fn walk_pages(&self, part: usize, kinds: Kinds, f: &mut dyn FnMut(NonNull<PageHead>)) {
        if !kinds.contains(OBJECTS[part]) {
            return;
        }
        // The world is stopped, so the list stays as it is without the lock, and `f` may walk, too.
        let mut at = self.shelves[part].listings.lock().0;
        while let Some(this) = NonNull::new(at.cast_mut()) {
            // SAFETY: what is in the list is in use.
            at = unsafe { this.as_ref() }.hot.next.get();
            f(this);
        }
    }

    fn pages(&self) -> &dyn PageSource {
        &self.pages
    }

    unsafe fn trim(&self) {
        for shelf in 0..OBJECTS.len() {
            // SAFETY: the caller stopped the world.
            unsafe { self.trim_shelf(shelf) };
        }
    }
}

impl Drop for DelegatingHeap {
    fn drop(&mut self) {
        for shelf in &self.shelves {
            let mut at = shelf.listings.lock().0;
            while let Some(this) = NonNull::new(at.cast_mut()) {
                // SAFETY: nobody uses the heap any more, and nobody looks at what is listed.
                unsafe {
                    at = this.as_ref().hot.next.get();
                    for entry in listing::entries(this)
                        .iter()
                        .filter(|entry| !is_free(entry))
                    {
                        let block = NonNull::new_unchecked(entry.0.get());
                        self.free_block(block, Front::of(block).read());
                    }
                    self.give_back(this.cast(), LISTING_LAYOUT);
                }
            }
        }
    }
}

impl fmt::Debug for DelegatingHeap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelegatingHeap")
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}

/// Bytes before a block.
const fn before(kind: HeapKind) -> usize {
    match kind {
        HeapKind::Buffer => size_of::<Front>(),
        _ => FRONT - kind.header_offset(),
    }
}

/// What is asked of the allocator for a block of `size` bytes; the same for the size that this makes usable.
fn layout(kind: HeapKind, size: usize) -> Option<Layout> {
    let size = size
        .checked_next_multiple_of(16)?
        .checked_add(before(kind) + BEHIND)?;
    Layout::from_size_align(size, 16).ok()
}

/// The number of a kind's shelf.
const fn shelf(kind: HeapKind) -> usize {
    kind as usize - 1
}

/// Spans for the collector's tables, from the same allocator.
struct MemoryPages(&'static Memory);

// SAFETY: the allocator hands out memory that nobody else has, zeroed and aligned as the layout says.
unsafe impl PageSource for MemoryPages {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let layout = Layout::from_size_align(size, align)
            .ok()
            .filter(|layout| layout.size() != 0)?;
        // SAFETY: the size is not 0.
        NonNull::new(unsafe { self.0.alloc_zeroed(layout) })
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: `reserve` made the same layout, so it is valid, and nobody uses the span.
        unsafe {
            self.0.dealloc(
                span.as_ptr(),
                Layout::from_size_align_unchecked(size, align),
            )
        }
    }

    fn page_size(&self) -> usize {
        // The allocator may have little.
        LISTING
    }
}

/// The kinds that have shelves.
const OBJECTS: [HeapKind; 3] = [HeapKind::Plain, HeapKind::Collected, HeapKind::Prefixed];

const LISTING_LAYOUT: Layout = match Layout::from_size_align(LISTING, LISTING) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};

/// Bytes behind a block.
#[cfg(not(feature = "checks"))]
const BEHIND: usize = 0;
#[cfg(feature = "checks")]
use checks::BEHIND;

/// Bytes of an object header.
const HEADER: usize = 16;

#[cfg(all(test, not(loom)))]
mod tests;
