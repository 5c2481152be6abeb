//! What a heap under test is made of: memory that is counted and can run out, and grace periods that pass when
//! the law says so.

use std::{
    alloc::{GlobalAlloc, Layout},
    cell::Cell,
    ptr::{self, NonNull},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
};

use kit_core::{
    backend::grace::Grace,
    platform::{memory::Memory, pages::PageSource},
};
use kit_gc::qsbr::Qsbr;

/// The surroundings of one heap under test.
pub struct Lab {
    counts: Cell<Option<&'static Counts>>,
    allowed: Cell<usize>,
    grace: &'static SteppedGrace,
    /// Grace periods that pass by themselves, where a law has threads that report.
    clock: Option<&'static Qsbr>,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self::allowing(usize::MAX)
    }

    /// A lab whose memory fails after so many requests.
    pub(crate) fn allowing(requests: usize) -> Self {
        Self {
            counts: Cell::new(None),
            allowed: Cell::new(requests),
            grace: forever(SteppedGrace::default()),
            clock: None,
        }
    }

    /// A lab with threads, that report to this.
    pub(crate) fn with_clock(clock: &'static Qsbr) -> Self {
        Self {
            clock: Some(clock),
            ..Self::new()
        }
    }

    /// The pages of `base`, counted, and refused where a law wants them to run out.
    ///
    /// # Panics
    /// When the heap has its memory from here already: it has one source.
    pub fn pages(&self, base: &'static dyn PageSource) -> &'static dyn PageSource {
        let counts = self.counts();
        forever(CountedPages { base, counts })
    }

    /// The same for a heap that has its memory from an allocator.
    ///
    /// # Panics
    /// When the heap has its memory from here already: it has one source.
    pub fn memory(&self, base: &'static Memory) -> &'static Memory {
        let counts = self.counts();
        forever(CountedMemory { base, counts })
    }

    fn counts(&self) -> &'static Counts {
        assert!(
            self.counts.get().is_none(),
            "a lab's memory is for one heap"
        );
        let counts = forever(Counts {
            requests: AtomicUsize::new(0),
            allowed: AtomicUsize::new(self.allowed.get()),
            held: AtomicUsize::new(0),
        });
        self.counts.set(Some(counts));
        counts
    }

    /// Grace periods that pass only when a law lets them, or once the law's threads have reported.
    pub fn grace(&self) -> &'static dyn Grace {
        if let Some(clock) = self.clock {
            return clock;
        }
        self.grace.used.store(true, SeqCst);
        self.grace
    }

    /// Whether the heap under test waits for our grace periods.
    pub(crate) fn has_grace(&self) -> bool {
        self.grace.used.load(SeqCst)
    }

    /// Lets all grace periods that have begun pass.
    pub(crate) fn pass(&self) {
        self.grace.now.fetch_add(1, SeqCst);
    }

    /// How often the heap asked for memory; `None` if it does not take it from us.
    pub(crate) fn requests(&self) -> Option<usize> {
        Some(self.counts.get()?.requests.load(SeqCst))
    }

    /// Bytes that the heap holds of our memory; 0 if it does not take it from us.
    pub(crate) fn held(&self) -> usize {
        self.counts
            .get()
            .map_or(0, |counts| counts.held.load(SeqCst))
    }

    /// Lets so many further requests through, and no more until [`allow_all`](Self::allow_all). False if the heap has
    /// its memory from elsewhere.
    pub(crate) fn allow(&self, requests: usize) -> bool {
        let Some(counts) = self.counts.get() else {
            return false;
        };
        let made = counts.requests.load(SeqCst);
        counts.allowed.store(made + requests, SeqCst);
        true
    }

    /// Lets all further requests through.
    pub(crate) fn allow_all(&self) {
        self.allowed.set(usize::MAX);
        if let Some(counts) = self.counts.get() {
            counts.allowed.store(usize::MAX, SeqCst);
        }
    }
}

struct Counts {
    requests: AtomicUsize,
    allowed: AtomicUsize,
    held: AtomicUsize,
}

impl Counts {
    /// A request for so many bytes, which `ask` fulfils.
    fn request<T>(&self, size: usize, ask: impl FnOnce() -> Option<T>) -> Option<T> {
        if self.requests.fetch_add(1, SeqCst) >= self.allowed.load(SeqCst) {
            return None;
        }
        let span = ask()?;
        self.held.fetch_add(size, SeqCst);
        Some(span)
    }
}

struct CountedPages {
    base: &'static dyn PageSource,
    counts: &'static Counts,
}

// SAFETY: spans are those of the base.
unsafe impl PageSource for CountedPages {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        self.counts.request(size, || self.base.reserve(size, align))
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        self.counts.held.fetch_sub(size, SeqCst);
        // SAFETY: the span is of the base.
        unsafe { self.base.release(span, size, align) }
    }

    unsafe fn purge(&self, part: NonNull<u8>, size: usize) {
        // SAFETY: the span is of the base.
        unsafe { self.base.purge(part, size) }
    }

    fn page_size(&self) -> usize {
        self.base.page_size()
    }
}

struct CountedMemory {
    base: &'static Memory,
    counts: &'static Counts,
}

// SAFETY: blocks are those of the base.
unsafe impl GlobalAlloc for CountedMemory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let block = self.counts.request(layout.size(), || {
            // SAFETY: as the caller says.
            NonNull::new(unsafe { self.base.alloc(layout) })
        });
        block.map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.counts.held.fetch_sub(layout.size(), SeqCst);
        // SAFETY: the block is of the base.
        unsafe { self.base.dealloc(block, layout) }
    }
}

#[derive(Default)]
struct SteppedGrace {
    used: AtomicBool,
    now: AtomicU64,
}

impl Grace for SteppedGrace {
    fn current_goal(&self) -> u64 {
        self.now.load(SeqCst) + 1
    }

    fn reached(&self, goal: u64) -> bool {
        self.now.load(SeqCst) >= goal
    }
}

/// Keeps a value for ever, where a leak checker sees it.
pub(crate) fn forever<T: Send + Sync + 'static>(value: T) -> &'static T {
    static KEPT: Mutex<Vec<&(dyn Sync + Send)>> = Mutex::new(Vec::new());
    let kept: &'static T = Box::leak(Box::new(value));
    // A law that failed in another test has not damaged the list.
    KEPT.lock()
        .unwrap_or_else(|error| error.into_inner())
        .push(kept);
    kept
}
