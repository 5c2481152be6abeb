//! What a heap under test is made of: pages that are counted and can run out, and grace periods that pass when
//! the law says so.

use std::{
    cell::Cell,
    ptr::NonNull,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
};

use kit_core::{backend::grace::Grace, platform::pages::PageSource};

/// The surroundings of one heap under test.
pub struct Lab {
    pages: Cell<Option<&'static CountedPages>>,
    allowed: Cell<usize>,
    grace: &'static SteppedGrace,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self::allowing(usize::MAX)
    }

    /// A lab whose pages fail after so many requests.
    pub(crate) fn allowing(requests: usize) -> Self {
        Self {
            pages: Cell::new(None),
            allowed: Cell::new(requests),
            grace: forever(SteppedGrace::default()),
        }
    }

    /// The pages of `base`, counted, and refused where a law wants them to run out.
    ///
    /// # Panics
    /// When called twice: a heap has one source.
    pub fn pages(&self, base: &'static dyn PageSource) -> &'static dyn PageSource {
        assert!(self.pages.get().is_none(), "a lab's pages are for one heap");
        let pages = forever(CountedPages {
            base,
            requests: AtomicUsize::new(0),
            allowed: AtomicUsize::new(self.allowed.get()),
            held: AtomicUsize::new(0),
        });
        self.pages.set(Some(pages));
        pages
    }

    /// Grace periods that pass only when a law lets them.
    pub fn grace(&self) -> &'static dyn Grace {
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

    /// How often the heap asked for pages; `None` if it does not take them from us.
    pub(crate) fn requests(&self) -> Option<usize> {
        Some(self.pages.get()?.requests.load(SeqCst))
    }

    /// Bytes that the heap holds of our pages; 0 if it does not take them from us.
    pub(crate) fn held(&self) -> usize {
        self.pages.get().map_or(0, |pages| pages.held.load(SeqCst))
    }

    /// Lets all further requests through.
    pub(crate) fn allow_all(&self) {
        self.allowed.set(usize::MAX);
        if let Some(pages) = self.pages.get() {
            pages.allowed.store(usize::MAX, SeqCst);
        }
    }
}

struct CountedPages {
    base: &'static dyn PageSource,
    requests: AtomicUsize,
    allowed: AtomicUsize,
    held: AtomicUsize,
}

// SAFETY: spans are those of the base.
unsafe impl PageSource for CountedPages {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        if self.requests.fetch_add(1, SeqCst) >= self.allowed.load(SeqCst) {
            return None;
        }
        let span = self.base.reserve(size, align)?;
        self.held.fetch_add(size, SeqCst);
        Some(span)
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        self.held.fetch_sub(size, SeqCst);
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
fn forever<T: Send + Sync + 'static>(value: T) -> &'static T {
    static KEPT: Mutex<Vec<&(dyn Sync + Send)>> = Mutex::new(Vec::new());
    let kept: &'static T = Box::leak(Box::new(value));
    // A law that failed in another test has not damaged the list.
    KEPT.lock()
        .unwrap_or_else(|error| error.into_inner())
        .push(kept);
    kept
}
