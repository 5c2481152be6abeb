//! The type table under loom: who sees an entry sees what it leads to, and freed ids are handed out once.

use super::{Kind, TypeEntry, TypeTable};
use crate::object::kind::{clear_nothing, trace_nothing};
use crate::{
    object::Word,
    sync::{
        atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering::*},
        cell::UnsafeCell,
    },
};
use loom::thread;
use std::{boxed::Box, ptr, sync::Arc};

/// A table of three types at the most, the first of them issued; and what the others are about.
struct Shared {
    table: TypeTable,
    entries: Box<[TypeEntry; 4]>,
    /// What a kind or an object leads to; or what the user of id 2 alone may touch.
    contents: UnsafeCell<u32>,
}

// SAFETY: who may use the contents is what the models are about; loom checks.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

impl Shared {
    fn new() -> Arc<Self> {
        let entries: Box<[TypeEntry; 4]> = Box::new(core::array::from_fn(|_| TypeEntry {
            kind: AtomicPtr::new(ptr::null_mut()),
            object: AtomicU64::new(0),
            version: AtomicU32::new(0),
            flags: AtomicU32::new(0),
            next_free: AtomicU32::new(0),
            free_list: AtomicU32::new(0),
        }));
        let first = entries.as_ptr().cast_mut();
        // SAFETY: the entries stay where they are as long as the table, and nobody else uses them.
        let table = unsafe { TypeTable::new(first, 4, 2) };
        Arc::new(Self {
            table,
            entries,
            contents: UnsafeCell::new(0),
        })
    }

    fn write(&self) {
        // Loom's clock of a thread stands until its first atomic access.
        self.table.entry(0).version();
        // SAFETY: loom checks that nobody else is there.
        self.contents.with_mut(|contents| unsafe { *contents += 1 });
    }

    fn check(&self) {
        // SAFETY: as above.
        self.contents
            .with(|contents| assert_eq!(unsafe { *contents }, 1));
    }
}

static KIND: Kind = kind("first");
static OTHER: Kind = kind("second");

const fn kind(name: &'static str) -> Kind {
    Kind {
        name,
        trace: trace_nothing,
        clear: clear_nothing,
        drop: |_, _| (),
        discard: None,
        size: |_| 16,
    }
}

/// Fails with Relaxed in `define`'s last store, or in `kind`.
#[test]
fn whoever_sees_a_kind_sees_what_it_is() {
    loom::model(|| {
        let shared = Shared::new();
        shared.table.define(1, &KIND);
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.write();
                shared.table.define(1, &OTHER);
            })
        };
        if ptr::eq(shared.table.entry(1).kind(), &OTHER) {
            shared.check();
        }
        other.join().unwrap();
    });
}

/// Fails with Relaxed in `set_object`, or in `object`.
#[test]
fn whoever_sees_a_types_object_sees_what_is_in_it() {
    loom::model(|| {
        let shared = Shared::new();
        shared.table.define(1, &KIND);
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.write();
                shared.table.entry(1).set_object(Word::from_bits(16));
            })
        };
        if shared.table.entry(1).object().bits() != 0 {
            shared.check();
        }
        other.join().unwrap();
    });
}

/// A change as its makers make it: the version withdrawn, the new state, a new version. Who caches the old state never has the new version
/// beside it, and who has seen the new state does not trust the old version.
///
/// Fails with Relaxed in `set_version`, or in `version_to_cache`; and without the withdrawal.
#[test]
fn no_version_stands_for_two_states() {
    loom::model(|| {
        let shared = Shared::new();
        let state = Arc::new(AtomicU32::new(1));
        shared.table.entry(0).set_version(1);
        let other = {
            let (shared, state) = (Arc::clone(&shared), Arc::clone(&state));
            thread::spawn(move || {
                let entry = shared.table.entry(0);
                entry.set_version(0);
                state.store(2, Release);
                entry.set_version(2);
            })
        };
        let entry = shared.table.entry(0);
        let version = entry.version_to_cache();
        let cached = state.load(Acquire);
        assert!(
            version != 2 || cached == 2,
            "the old state for the new version"
        );
        if state.load(Acquire) == 2 {
            assert_ne!(entry.version(), 1, "the old version after the new state");
        }
        other.join().unwrap();
    });
}

/// An id that one thread gives back while another takes one: each has one user at a time, and none is lost.
///
/// Fails with Relaxed in `pop_free`'s load, in its exchange on failure, or in the exchange of `release`.
#[test]
fn a_freed_id_is_issued_once() {
    loom::model(|| {
        let shared = Shared::new();
        let table = &shared.table;
        assert_eq!(
            (table.allocate(&KIND), table.allocate(&KIND)),
            (Some(2), Some(3))
        );
        assert_eq!(table.allocate(&KIND), None, "full");
        table.release(2);
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.write();
                shared.table.release(3);
            })
        };
        // So that loom looks for the other coming first.
        thread::yield_now();
        let first = table.allocate(&KIND).expect("one is free");
        if first == 3 {
            shared.check();
        }
        other.join().unwrap();
        let second = table.allocate(&KIND).expect("another is free");
        assert_eq!(first + second, 5);
        assert_eq!(shared.entries[first as usize].kind().name, "first");
    });
}
