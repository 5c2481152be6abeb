//! The lists that pages are on when more than one thread knows them: the wake list, and the pool of abandoned
//! pages with its records.

use core::ptr::{self, NonNull};

use loom::{
    cell::UnsafeCell,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering::Relaxed},
    },
    thread,
};

use super::{
    super::{
        delay::{self, Pushed},
        directory,
        remote::{push, take_all},
    },
    model, one,
};
use crate::lock::SpinLock;

/// A page on the wake list.
struct Woken {
    next: AtomicPtr<Woken>,
    /// What the thread that puts the page there did before.
    done: UnsafeCell<bool>,
}

/// Two threads wake the owner for a page each; it finds every page, and what was done before.
///
/// Fails with Relaxed in `push`, or in `take_all`.
#[test]
fn whoever_is_woken_sees_why() {
    struct Shared {
        list: AtomicPtr<Woken>,
        pages: [Woken; 2],
    }

    fn wake(shared: &Shared, page: usize) {
        let page = &shared.pages[page];
        // Loom's clock of a thread stands until its first atomic access.
        page.next.store(ptr::null_mut(), Relaxed);
        // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
        page.done.with_mut(|done| unsafe { *done = true });
        push(&shared.list, NonNull::from_ref(page), |next| {
            page.next.store(next, Relaxed)
        });
    }

    fn drain(shared: &Shared) -> usize {
        let (mut next, mut found) = (take_all(&shared.list), 0);
        while let Some(page) = NonNull::new(next) {
            // SAFETY: a page of the shared part.
            let page = unsafe { page.as_ref() };
            // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
            assert!(page.done.with(|done| unsafe { *done }));
            next = page.next.load(Relaxed);
            found += 1;
        }
        found
    }

    model(|| {
        let shared = Arc::new(Shared {
            list: AtomicPtr::new(ptr::null_mut()),
            pages: core::array::from_fn(|_| Woken {
                next: AtomicPtr::new(ptr::null_mut()),
                done: UnsafeCell::new(false),
            }),
        });
        let others: [_; 2] = core::array::from_fn(|page| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || wake(&shared, page))
        });
        // So that loom looks for threads that come first.
        thread::yield_now();
        let found = drain(&shared);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(found + drain(&shared), 2);
    });
}

/// A page that its heap abandons and another adopts, in a heap with a pool of one.
struct Heap {
    pool: SpinLock<Pool, AtomicBool>,
    /// The page's `remote`.
    word: AtomicU32,
    /// The page's `heap`: 0, or the number of the record that owns it.
    heap: AtomicU32,
    /// The page's list of free blocks, and how many are in use: the owner's.
    used: UnsafeCell<u32>,
    link: UnsafeCell<u32>,
    /// An entry of the directory.
    entry: AtomicPtr<Heap>,
    /// Held for reading by who is attached, for writing by who stopped the world.
    world: RwLock<()>,
}

#[derive(Default)]
struct Pool {
    page: bool,
    /// A record that no thread uses.
    record: u32,
}

impl Heap {
    /// With a page of one block, which record 1 owns.
    fn new() -> Arc<Self> {
        Arc::new(Self {
            pool: SpinLock::with_flag(AtomicBool::new(false), Pool::default()),
            word: AtomicU32::new(delay::NO_DELAYED),
            heap: AtomicU32::new(1),
            used: UnsafeCell::new(1),
            link: UnsafeCell::new(0),
            entry: AtomicPtr::new(ptr::null_mut()),
            world: RwLock::new(()),
        })
    }

    /// What `abandon::exit` does.
    fn exit(&self, record: u32) {
        delay::abandon(&self.word);
        self.heap.store(0, Relaxed);
        self.take_remote();
        self.pool.lock().page = true;
        self.pool.lock().record = record;
    }

    /// What a thread does that needs a page: whether it got this one.
    fn adopt(&self, record: u32) -> bool {
        let mut pool = self.pool.lock();
        let found = core::mem::take(&mut pool.page);
        drop(pool);
        if found {
            self.heap.store(record, Relaxed);
            delay::adopt(&self.word);
            self.take_remote();
        }
        found
    }

    /// What `block::take_remote` does.
    fn take_remote(&self) {
        if delay::take(&self.word).is_some() {
            // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
            self.link.with_mut(|link| unsafe { *link = 0 });
            self.change(|used| used - 1);
        }
    }

    fn change(&self, by: impl FnOnce(u32) -> u32) {
        // SAFETY: as above.
        self.used.with_mut(|used| unsafe { *used = by(*used) });
    }

    /// What `remote::free` does.
    fn free(&self) {
        // SAFETY: as above.
        let link = |next| self.link.with_mut(|link| unsafe { *link = next });
        assert_eq!(delay::push(&self.word, one(16), link), Pushed::Quiet);
    }
}

/// A block freed while its page is abandoned and adopted is found once, by whoever has the page then.
///
/// Fails with Relaxed in `delay::push` or `take`.
#[test]
fn a_block_freed_while_its_page_changes_hands_is_found() {
    model(|| {
        let heap = Heap::new();
        let freeing = {
            let heap = Arc::clone(&heap);
            thread::spawn(move || heap.free())
        };
        let adopting = {
            let heap = Arc::clone(&heap);
            thread::spawn(move || heap.adopt(2))
        };
        heap.exit(1);
        freeing.join().unwrap();
        if !adopting.join().unwrap() {
            assert!(heap.adopt(3));
        }
        heap.take_remote();
        // SAFETY: as above.
        assert_eq!(heap.used.with(|used| unsafe { *used }), 0);
    });
}

/// Whoever gets a record that another thread left sees that it owns nothing.
///
/// Fails with Relaxed in `SpinLock`.
#[test]
fn a_record_comes_without_pages() {
    model(|| {
        let heap = Heap::new();
        let other = {
            let heap = Arc::clone(&heap);
            thread::spawn(move || {
                let record = core::mem::take(&mut heap.pool.lock().record);
                // What a free asks: is the page mine?
                assert!(record == 0 || heap.heap.load(Relaxed) != record);
            })
        };
        heap.exit(1);
        other.join().unwrap();
    });
}

/// A walk finds a page from the moment in which it is in the directory, abandoned, adopted or neither; the stop
/// orders all that its owners did.
///
/// Fails with Relaxed in `SpinLock`, and if the walking thread does not stop the world.
#[test]
fn a_walk_misses_no_page() {
    model(|| {
        let heap = Heap::new();
        let walking = {
            let heap = Arc::clone(&heap);
            thread::spawn(move || {
                let _stopped = heap.world.write().unwrap();
                let found = directory::segment(&heap.entry).is_some();
                // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
                let used = heap.used.with(|used| unsafe { *used });
                assert_eq!(
                    found,
                    used != 1,
                    "the page has two blocks once it is listed"
                );
            })
        };
        let adopting = {
            let heap = Arc::clone(&heap);
            thread::spawn(move || {
                let _attached = heap.world.read().unwrap();
                if heap.adopt(2) {
                    heap.change(|used| used + 1);
                }
            })
        };
        {
            let _attached = heap.world.read().unwrap();
            heap.change(|used| used + 1);
            assert!(directory::enter(&heap.entry, NonNull::from_ref(&*heap)));
            heap.exit(1);
        }
        walking.join().unwrap();
        adopting.join().unwrap();
    });
}

/// While the world is stopped another thread takes in what was freed into a page, for its owner, which goes on with the
/// page as it was left.
///
/// Fails with Relaxed in `delay::push` or `take`, and if the collecting thread does not stop the world.
#[test]
fn what_is_collected_for_a_stopped_thread_is_found_once() {
    model(|| {
        let heap = Heap::new();
        // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
        let used = |heap: &Heap| heap.used.with(|used| unsafe { *used });
        let trimming = {
            let heap = Arc::clone(&heap);
            thread::spawn(move || {
                let _stopped = heap.world.write().unwrap();
                heap.take_remote();
                // What `Pending` asks.
                used(&heap) == 0 && delay::is_quiet(&heap.word)
            })
        };
        let freeing = {
            let heap = Arc::clone(&heap);
            thread::spawn(move || {
                let _attached = heap.world.read().unwrap();
                heap.free();
            })
        };
        {
            let _attached = heap.world.read().unwrap();
            heap.take_remote();
            // An allocation of the owner, if the block came back, and its free.
            heap.change(|used| used + 1);
            heap.change(|used| used - 1);
        }
        trimming.join().unwrap();
        freeing.join().unwrap();
        heap.take_remote();
        assert_eq!(used(&heap), 0);
    });
}
