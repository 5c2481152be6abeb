//! The heap: size-class pages in aligned segments, a heap per thread, frees from any thread, and a walk.
//!
//! ```text
//!  LocalHeap (kit-core)      Local                     Heap, shared
//!  table: kind, class ─────> queues of pages ────────> abandoned pages (abandon)
//!  pop / push: inlined       full pages                directory of segments (segment)
//!                            pending pages (pending)   limit, grace, page source
//!                            wake list  <───────────── frees from other threads (remote, delay)
//!                            outbox ─────────────────> pages of other threads
//! ```
//!
//! A page belongs to at most one thread, which alone touches its free list. Other threads collect what
//! they free, push it on the page's own list, and wake the owner if the page was full. Memory moves between
//! threads page by page; segments belong to nobody, so taking slices is one compare-and-swap.
//!
//! A free block's header stays a valid header of a dead object, and pages of objects become something
//! else only after a grace period (see [`kit_core::backend::heap`]).
//!
//! After Leijen, Zorn and de Moura, *Mimalloc: Free List Sharding in Action* (2019). What differs: pages,
//! not segments, have owners; a full page that someone frees into goes on its owner's wake list, rather
//! than the block; links are 32-bit offsets; and a free goes straight to the list that the next allocation
//! takes from, so that a thread that allocates and frees in turn stays on one cache line.

use core::{fmt, ptr::NonNull};

use kit_core::{
    backend::{
        grace::Grace,
        heap::{Kinds, LocalHeap, SharedHeap, Totals},
        page::PageHead,
    },
    platform::pages::PageSource,
};

mod abandon;
mod block;
#[cfg(feature = "checks")]
pub mod checks;
mod delay;
mod directory;
mod local;
mod outbox;
mod page;
mod pending;
mod queue;
mod remote;
mod segment;
mod walk;

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;

/// The heap of a runtime: see the module.
///
/// Threads use it through the [`LocalHeap`] that [`local`](SharedHeap::local) makes for each. Dropping it
/// gives all memory back to the source.
pub struct Heap {
    segments: segment::Segments,
    grace: NonNull<dyn Grace>,
    pool: abandon::Pool,
    #[cfg(feature = "checks")]
    hook: crate::lock::SpinLock<Option<checks::Hook>>,
}

// SAFETY: what threads share of it is atomic or locked, and both contracts it holds are `Sync`.
unsafe impl Sync for Heap {}
// SAFETY: as above.
unsafe impl Send for Heap {}

impl Heap {
    /// An empty heap over a source of pages; `grace` says when readers without a reference are gone.
    pub const fn new(source: &'static dyn PageSource, grace: &'static dyn Grace) -> Self {
        // SAFETY: both live forever.
        unsafe { Self::from_raw(NonNull::from_ref(source), NonNull::from_ref(grace)) }
    }

    /// [`new`](Self::new) over parts of a runtime that live as long as the heap.
    ///
    /// # Safety
    ///
    /// - Both stay valid, and are only used shared, until the heap was dropped.
    pub const unsafe fn from_raw(
        source: NonNull<dyn PageSource>,
        grace: NonNull<dyn Grace>,
    ) -> Self {
        Self {
            segments: segment::Segments::new(source),
            grace,
            pool: abandon::Pool::new(),
            #[cfg(feature = "checks")]
            hook: crate::lock::SpinLock::new(None),
        }
    }

    /// Bytes reserved from the page source, used or not.
    pub fn held(&self) -> usize {
        self.segments.held()
    }

    /// The limit that [`set_limit`](SharedHeap::set_limit) set.
    pub fn limit(&self) -> usize {
        self.segments.account.limit()
    }

    /// Lets the host take back the memory of what is free. Any thread, any time.
    pub fn purge(&self) {
        self.sweep_abandoned();
        self.segments.purge();
    }

    fn grace(&self) -> &dyn Grace {
        // SAFETY: valid as long as the heap, as `from_raw` demands.
        unsafe { self.grace.as_ref() }
    }
}

// SAFETY: segments list all pages, so a walk meets each one once; the module says how blocks behave.
unsafe impl SharedHeap for Heap {
    unsafe fn local(&self, slot: u16) -> Option<LocalHeap> {
        let record = self.record()?;
        let inlined = !cfg!(feature = "checks");
        // SAFETY: the slot is the caller's promise; the record stays until the heap goes, and only pages
        // of ours are put in the table.
        Some(unsafe { LocalHeap::from_parts(slot, inlined, &local::OPS, record.as_ptr().cast()) })
    }

    fn bytes(&self) -> usize {
        self.segments.account.bytes()
    }

    fn totals(&self) -> Totals {
        Totals {
            held: self.segments.held(),
            free: self.segments.free(),
            ..self.segments.account.totals()
        }
    }

    fn set_limit(&self, bytes: usize) {
        self.segments.account.set_limit(bytes);
    }

    fn set_soft_limit(&self, bytes: usize) {
        self.segments.account.set_soft_limit(bytes);
    }

    fn charge(&self, local: &LocalHeap, bytes: usize) -> bool {
        self.segments.account.charge_for(local, bytes)
    }

    fn exhausted(&self, local: &LocalHeap) {
        self.segments.account.give_out(local);
    }

    fn is_exceeded(&self) -> bool {
        self.segments.account.is_exceeded()
    }

    fn adjust(&self, bytes: isize) {
        self.segments.account.adjust(bytes);
    }

    fn set_watermark(&self, bytes: usize) {
        self.segments.account.set_watermark(bytes);
    }

    fn is_pressed(&self) -> bool {
        self.segments.account.has_rung()
    }

    fn relieve(&self) {
        self.segments.account.arm();
    }

    unsafe fn walk_parts(&self) -> usize {
        // SAFETY: the caller stopped the world.
        unsafe { self.send_all() };
        self.segments.entries()
    }

    unsafe fn walk_pages(&self, part: usize, kinds: Kinds, f: &mut dyn FnMut(NonNull<PageHead>)) {
        // SAFETY: the caller stopped the world.
        unsafe { self.for_each_page(part, kinds, f) }
    }

    fn pages(&self) -> &dyn PageSource {
        self.segments.source()
    }

    unsafe fn trim(&self) {
        // SAFETY: the caller stopped the world.
        unsafe { self.send_all() };
        self.sweep_abandoned();
        // SAFETY: the caller stopped the world.
        unsafe { self.segments.trim() };
    }
}

impl fmt::Debug for Heap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heap")
            .field("bytes", &self.bytes())
            .field("held", &self.held())
            .finish_non_exhaustive()
    }
}
