//! Models of the paged heap's protocols, over loom's atomics.
//!
//! Here: [`delay`](super::delay), a page with its owner and threads that free into it. A block's link, and the
//! heap that is woken, are loom cells, so an access that is not ordered after the one before it fails the
//! model, as do a page put on the wake list twice and a wake-up that got lost.
//!
//! Which orderings each model guards is in `docs/orderings.md`. Tried besides, and each made a model fail:
//!
//! | change                          | model that fails                          |
//! |---------------------------------|-------------------------------------------|
//! | `push`: not waking              | all                                       |
//! | `mark_full`: not draining       | `a_page_is_on_the_wake_list_at_most_once` |
//! | `abandon`: not waiting for FREEING | `a_heap_that_left_is_not_woken`        |

mod lists;
mod segments;

use loom::{
    cell::UnsafeCell,
    model::Builder,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use kit_core::backend::page::{FREED_STATE as STATE, Freed};

use super::delay::{self, Marked, Pushed, USE_DELAYED};

/// Explores all interleavings with up to three preemptions.
fn model(body: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(PREEMPTIONS);
    builder.check(body);
}

const PREEMPTIONS: usize = 3;

/// A page with blocks 16 and 32, and the heap that owns it.
struct Page {
    word: AtomicU32,
    links: [UnsafeCell<u32>; 2],
    /// 1 if the page is on the wake list.
    wake: AtomicU32,
    /// Which heap to wake; written when the page changes hands.
    heap: UnsafeCell<u32>,
    /// The heap's record; written when it is used for another thread.
    record: UnsafeCell<u32>,
}

impl Page {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            word: AtomicU32::new(delay::NO_DELAYED),
            links: [UnsafeCell::new(0), UnsafeCell::new(0)],
            wake: AtomicU32::new(0),
            heap: UnsafeCell::new(0),
            record: UnsafeCell::new(0),
        })
    }

    fn link(&self, block: u32) -> &UnsafeCell<u32> {
        &self.links[(block / 16 - 1) as usize]
    }

    /// What `remote::free` does.
    fn free(&self, block: u32) {
        // SAFETY: the model checks that accesses to cells do not overlap; here and below.
        let link = |next| self.link(block).with_mut(|link| unsafe { *link = next });
        if delay::push(&self.word, one(block), link) == Pushed::Wake {
            assert_eq!(
                self.heap.with(|heap| unsafe { *heap }),
                1,
                "the heap of the page"
            );
            // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
            self.record.with(|record| unsafe { *record });
            // As in the wake list: Release, paired with `drain`.
            assert_eq!(self.wake.swap(1, Ordering::Release), 0, "on the list twice");
            delay::woken(&self.word);
        }
    }

    /// Whether the page was on the wake list.
    fn drain(&self) -> bool {
        // As in the wake list: an empty one is only loaded.
        self.wake.load(Ordering::Relaxed) != 0 && self.wake.swap(0, Ordering::Acquire) != 0
    }

    /// Takes the list, and counts it.
    fn take(&self) -> u32 {
        let Some(list) = delay::take(&self.word) else {
            return 0;
        };
        let (mut at, mut count) = (list.first, 0);
        while at != 0 {
            count += 1;
            // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
            at = self.link(at).with_mut(|link| unsafe { *link });
        }
        assert_eq!(count, list.count, "what the word says");
        count
    }

    fn is_full(&self) -> bool {
        self.word.load(Ordering::Relaxed) & STATE == USE_DELAYED
    }

    fn own(&self) {
        // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
        self.heap.with_mut(|heap| unsafe { *heap = 1 });
        delay::adopt(&self.word);
    }
}

/// A list of one block.
fn one(first: u32) -> Freed {
    Freed { first, count: 1 }
}

fn freeing(page: &Arc<Page>, block: u32) -> thread::JoinHandle<()> {
    let page = page.clone();
    thread::spawn(move || page.free(block))
}

/// Every block freed reaches the owner, who learns of the first one freed into a full page.
#[test]
fn frees_into_a_full_page_wake_its_owner() {
    model(|| {
        let page = Page::new();
        page.own();
        let others = [freeing(&page, 16), freeing(&page, 32)];
        let (mut taken, mut full) = (0, false);
        for _ in 0..2 {
            if page.drain() {
                full = false;
            }
            if !full {
                match delay::mark_full(&page.word, || _ = page.drain()) {
                    Marked::Full => full = true,
                    Marked::Freed => taken += page.take(),
                    Marked::Busy => {}
                }
            }
        }
        others.into_iter().for_each(|other| other.join().unwrap());
        if full && taken < 2 {
            assert!(page.drain(), "the owner was not woken");
        }
        assert_eq!(taken + page.take(), 2);
    });
}

/// A page that its owner frees into, and fills again, while it is being woken for it.
#[test]
fn a_page_is_on_the_wake_list_at_most_once() {
    model(|| {
        let page = Page::new();
        page.own();
        assert_eq!(delay::mark_full(&page.word, || ()), Marked::Full);
        let others = [freeing(&page, 16), freeing(&page, 32)];
        // A local free puts the page back into its queue, without looking at the wake list.
        delay::unfull(&page.word);
        let mut taken = page.take();
        let full = match delay::mark_full(&page.word, || _ = page.drain()) {
            Marked::Full => true,
            Marked::Freed | Marked::Busy => false,
        };
        others.into_iter().for_each(|other| other.join().unwrap());
        let woken = page.drain();
        let last = page.take();
        assert!(!full || woken || last == 0, "the owner was not woken");
        assert!(!page.is_full() || last == 0);
        taken += last;
        assert_eq!(taken, 2);
    });
}

/// Once a heap has abandoned its pages, no other thread touches it.
#[test]
fn a_heap_that_left_is_not_woken() {
    model(|| {
        let page = Page::new();
        page.own();
        let others = [freeing(&page, 16), freeing(&page, 32)];
        let _ = delay::mark_full(&page.word, || _ = page.drain());
        delay::abandon(&page.word);
        // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
        page.heap.with_mut(|heap| unsafe { *heap = 2 });
        // SAFETY: as above.
        page.record.with_mut(|record| unsafe { *record = 1 });
        page.drain();
        others.into_iter().for_each(|other| other.join().unwrap());
        page.take();
    });
}

/// A page that another heap adopts wakes that one.
#[test]
fn an_adopted_page_wakes_its_new_owner() {
    model(|| {
        let page = Page::new();
        delay::abandon(&page.word);
        let others = [freeing(&page, 16), freeing(&page, 32)];
        page.own();
        let full = delay::mark_full(&page.word, || _ = page.drain()) == Marked::Full;
        others.into_iter().for_each(|other| other.join().unwrap());
        let woken = page.drain();
        assert_eq!(page.take() != 0 && full, woken);
    });
}

/// An empty page that was full is given back: by then whoever woke the owner for it is done with the page, and
/// the page is off the wake list.
///
/// Fails with Relaxed in `is_quiet`, or in `woken`.
#[test]
fn a_page_given_back_is_nobodys() {
    model(|| {
        let page = Page::new();
        page.own();
        assert_eq!(delay::mark_full(&page.word, || ()), Marked::Full);
        let other = freeing(&page, 16);
        // As for a local free of the page's other block.
        delay::unfull(&page.word);
        if page.take() == 1 && delay::is_quiet(&page.word) {
            page.drain();
            // As in `page::release`: the descriptor becomes another page's.
            page.own();
            // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
            page.record.with_mut(|record| unsafe { *record = 1 });
            assert!(!page.drain(), "on the wake list");
        }
        other.join().unwrap();
    });
}
