//! Cells under loom: what is dropped is never read, and what is read is initialised.

use super::{Domain, Rcu};
use crate::testing::Threads;
use kit_core::{
    backend::retire::RetireLimits,
    sync::{
        atomic::{AtomicUsize, Ordering::Relaxed},
        cell::UnsafeCell,
    },
};
use loom::thread;
use std::{alloc::System, boxed::Box, sync::Arc};

/// A value whose reads and whose end loom watches.
struct Watched {
    value: UnsafeCell<u32>,
    dropped: Arc<AtomicUsize>,
}

// SAFETY: read only, until it is dropped; loom checks.
unsafe impl Sync for Watched {}
// SAFETY: as above.
unsafe impl Send for Watched {}

impl Watched {
    fn new(value: u32, dropped: &Arc<AtomicUsize>) -> Self {
        let watched = Self {
            value: UnsafeCell::new(0),
            dropped: Arc::clone(dropped),
        };
        // SAFETY: ours alone still.
        watched.value.with_mut(|at| unsafe { *at = value });
        watched
    }

    fn get(&self) -> u32 {
        // SAFETY: not dropped while it is borrowed.
        self.value.with(|at| unsafe { *at })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // SAFETY: ours alone again.
        self.value.with_mut(|at| unsafe { *at = 0 });
        self.dropped.fetch_add(1, Relaxed);
    }
}

/// Runs `body` with a domain that lives until all threads are done, and a cell with 1 in it; `made` values were made.
fn with_cell(
    made: usize,
    body: impl FnOnce(&'static Domain, &'static Rcu<'static, Watched>, &Arc<AtomicUsize>),
) {
    let dropped = Arc::new(AtomicUsize::new(0));
    let domain = Box::into_raw(Box::new(Domain::new(
        &System,
        &Threads,
        RetireLimits::default(),
    )));
    // SAFETY: freed below, when nobody uses it.
    let lent: &'static Domain = unsafe { &*domain };
    let cell = Box::into_raw(Box::new(Rcu::new(lent, Watched::new(1, &dropped)).unwrap()));
    // SAFETY: as above.
    body(lent, unsafe { &*cell }, &dropped);
    // SAFETY: `body` has joined its threads; both are from boxes.
    unsafe { (drop(Box::from_raw(cell)), drop(Box::from_raw(domain))) };
    assert_eq!(dropped.load(Relaxed), made, "dropped twice, or never");
}

/// A reader that reads, reports, reads, against a writer that replaces, and drops what is due.
///
/// Fails with Relaxed in `read`'s load, or in the exchange of `replace_if`.
#[test]
fn a_value_is_read_between_its_making_and_its_end() {
    loom::model(|| {
        with_cell(2, |domain, cell, dropped| {
            let other = thread::spawn(move || {
                let mut participant = domain.register().unwrap();
                let mut reader = participant.online();
                let first = cell.read(&reader).get();
                reader.quiescent();
                assert!(first <= cell.read(&reader).get());
            });
            let mut participant = domain.register().unwrap();
            let mut reader = participant.online();
            cell.replace(&mut reader, Watched::new(2, dropped)).unwrap();
            reader.flush();
            drop(reader);
            drop(participant);
            other.join().unwrap();
        });
    });
}

/// Two writers: what one looks at, the other has made.
///
/// Fails with Relaxed in the load of `replace_weighing`, or of `update`.
#[test]
fn writers_see_what_they_replace() {
    loom::model(|| {
        with_cell(3, |domain, cell, dropped| {
            let made = Arc::clone(dropped);
            let other = thread::spawn(move || {
                let mut participant = domain.register().unwrap();
                let mut reader = participant.online();
                let new = Watched::new(10, &made);
                cell.replace_weighing(&mut reader, new, |old| old.get() as usize)
                    .unwrap();
            });
            let mut participant = domain.register().unwrap();
            let mut reader = participant.online();
            let mut changes = 0;
            cell.update(
                &mut reader,
                |old| {
                    let value = old.get();
                    changes += 1;
                    if changes > 1 {
                        // The first one was made for nothing.
                        dropped.fetch_sub(1, Relaxed);
                    }
                    Watched::new(value + 1, dropped)
                },
                |_| 0,
            )
            .unwrap();
            let now = cell.read(&reader).get();
            assert!(matches!(now, 2 | 10 | 11), "{now}");
            drop(reader);
            drop(participant);
            other.join().unwrap();
        });
    });
}
