//! Models of [`chain`](super::chain) and of the [lock](crate::lock) that it relies on: two threads that take free entries,
//! use them, give them back and leave.
//!
//! An entry's link and what is listed in it are loom cells, so an entry that two threads have, or one that is used before
//! what its last user did is seen, fails the model.
//!
//! Tried, and each made a model fail:
//!
//! | change                                          | model that fails                       |
//! |-------------------------------------------------|----------------------------------------|
//! | `Magazine::push`: not giving the spare          | `an_entry_is_one_threads_at_a_time`    |
//! | `Magazine::give_all`: not giving the spare      | `an_entry_is_one_threads_at_a_time`    |

use loom::{
    cell::UnsafeCell,
    model::Builder,
    sync::{Arc, atomic::AtomicBool},
    thread,
};
use std::{boxed::Box, vec::Vec};

use super::chain::{Chain, Magazine, Node, Pool};
/// Explores all interleavings with up to three preemptions.
fn model(body: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(body);
}

/// An entry: its link, and what is listed.
struct Entry {
    link: UnsafeCell<Option<Ref>>,
    listed: UnsafeCell<u32>,
}

#[derive(Clone, Copy)]
struct Ref(&'static Entry);

// SAFETY: the model checks that accesses to cells do not overlap.
unsafe impl Send for Ref {}

impl Node for Ref {
    fn next(self) -> Option<Self> {
        // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps; here and below.
        self.0.link.with(|link| unsafe { *link })
    }

    fn set_next(self, next: Option<Self>) {
        // SAFETY: as above.
        self.0.link.with_mut(|link| unsafe { *link = next });
    }
}

impl Ref {
    /// An object is made, and released.
    fn use_it(self) {
        // SAFETY: as above.
        self.0.listed.with_mut(|listed| unsafe { *listed += 1 });
    }
}

type Shared = Arc<Pool<Ref, AtomicBool>>;

/// A pool with so many entries. They are leaked: loom's cells must outlive the execution that made them.
fn pool(entries: usize) -> Shared {
    let pool = Pool::with_flag(AtomicBool::new(false));
    let mut chain = Chain::new();
    for _ in 0..entries {
        chain.push(Ref(Box::leak(Box::new(Entry {
            link: UnsafeCell::new(None),
            listed: UnsafeCell::new(0),
        }))));
    }
    pool.give(chain);
    Arc::new(pool)
}

/// All entries are in the pool, each once, and were used so often in all.
fn demand(pool: &Shared, entries: usize, uses: u32) {
    let mut chain = pool.take();
    let all: Vec<_> = core::iter::from_fn(|| chain.pop()).collect();
    assert_eq!(all.len(), entries, "an entry is lost, or there twice");
    // SAFETY: as above.
    let used = |entry: &Ref| entry.0.listed.with(|listed| unsafe { *listed });
    assert_eq!(all.iter().map(used).sum::<u32>(), uses);
}

#[test]
fn an_entry_is_one_threads_at_a_time() {
    model(|| {
        let shared = pool(3);
        let other = shared.clone();
        let thread = thread::spawn(move || {
            let mut magazine = Magazine::new();
            for _ in 0..2 {
                let entry = magazine.pop(&other);
                entry.into_iter().for_each(|entry| {
                    entry.use_it();
                    magazine.push(entry, &other);
                });
            }
            magazine.give_all(&other);
        });
        let mut magazine = Magazine::new();
        // As many as there are batches at hand, and one more.
        let taken: Vec<_> = (0..3).filter_map(|_| magazine.pop(&shared)).collect();
        let uses = taken.len() as u32;
        for entry in taken {
            entry.use_it();
            magazine.push(entry, &shared);
        }
        magazine.give_all(&shared);
        thread.join().expect("no panic");
        // The other got one unless we had all.
        let others = if uses == 3 { 0..=2 } else { 2..=2 };
        let mut chain = shared.take();
        let all: Vec<_> = core::iter::from_fn(|| chain.pop()).collect();
        assert_eq!(all.len(), 3, "an entry is lost, or there twice");
        // SAFETY: as above.
        let used = |entry: &Ref| entry.0.listed.with(|listed| unsafe { *listed });
        let total = all.iter().map(used).sum::<u32>();
        assert!(others.contains(&(total - uses)));
    });
}

#[test]
fn who_comes_later_uses_what_others_left() {
    model(|| {
        let shared = pool(2);
        let threads = [1, 2].map(|_| {
            let shared = shared.clone();
            thread::spawn(move || {
                let mut magazine = Magazine::new();
                let entry = magazine.pop(&shared).expect("there is one for each");
                entry.use_it();
                magazine.push(entry, &shared);
                magazine.give_all(&shared);
            })
        });
        for thread in threads {
            thread.join().expect("no panic");
        }
        demand(&shared, 2, 2);
    });
}
