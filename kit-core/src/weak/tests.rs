//! The table's bookkeeping, on one thread that plays several.

use super::node::Called;
use super::*;
use crate::backend::collector::WeakPhase;
use crate::object::{Bits, Header, Word};
use crate::refcount::biased::Released;
use crate::refcount::counter::{Counter, Tally};
use crate::testing::Threads;
use core::cell::RefCell;
use core::mem::offset_of;
use core::ptr::NonNull;
use std::boxed::Box;
use std::vec::Vec;

const ME: u16 = 7;
const OTHER: u16 = 8;

fn counter(slot: u16) -> Counter {
    static TALLY: Tally = Tally::new();
    Counter::new(slot, &TALLY)
}

/// An object with a node in it.
#[repr(C)]
struct Reference {
    header: Header,
    node: WeakNode,
}

fn header() -> Header {
    let mut block = core::mem::MaybeUninit::<Header>::zeroed();
    // SAFETY: the block is ours; `init` makes it a valid header.
    unsafe {
        Header::init(block.as_mut_ptr(), 1, counter(ME), Bits::empty());
        block.assume_init()
    }
}

/// The node in a reference, by a pointer to all of it.
fn node(reference: NonNull<Reference>) -> NonNull<WeakNode> {
    // SAFETY: inside the block.
    unsafe { NonNull::new_unchecked(&raw mut (*reference.as_ptr()).node) }
}

/// A table, and the means to use it as several threads.
struct Fixture {
    table: WeakTable,
    lot: ParkingLot,
    made: Made,
}

/// What a test has made, as pointers: it is reached by the table too. Freed after the table.
#[derive(Default)]
struct Made {
    objects: RefCell<Vec<NonNull<Header>>>,
    references: RefCell<Vec<NonNull<Reference>>>,
}

impl Drop for Made {
    fn drop(&mut self) {
        for object in self.objects.take() {
            // SAFETY: from a box, freed once, and the test is over.
            drop(unsafe { Box::from_raw(object.as_ptr()) });
        }
        for reference in self.references.take() {
            // SAFETY: as above.
            drop(unsafe { Box::from_raw(reference.as_ptr()) });
        }
    }
}

impl Fixture {
    fn new() -> Self {
        Self::with_table(WeakTable::new(|_| false))
    }

    fn with_table(table: WeakTable) -> Self {
        Self {
            table,
            lot: ParkingLot::new(&Threads),
            made: Made::default(),
        }
    }

    /// A new object, there until the fixture goes.
    fn object(&self) -> NonNull<Header> {
        let object = NonNull::from(Box::leak(Box::new(header())));
        self.made.objects.borrow_mut().push(object);
        object
    }

    /// A new reference, there until the fixture goes.
    fn reference(&self, rank: u8, calls: bool) -> NonNull<Reference> {
        let reference = NonNull::from(Box::leak(Box::new(Reference {
            header: header(),
            node: WeakNode::in_object(offset_of!(Reference, node) as u16, rank, calls),
        })));
        self.made.references.borrow_mut().push(reference);
        reference
    }

    fn access(&self, slot: u16) -> Access<'_> {
        Access {
            by: counter(slot),
            lot: &self.lot,
            solo: false,
            heap: None,
        }
    }

    fn link(&self, reference: NonNull<Reference>, referent: NonNull<Header>) {
        // SAFETY: there until the fixture goes; the test holds the only references.
        let found = unsafe {
            self.table
                .link_at(&self.access(ME), node(reference), referent.as_ref(), false)
        };
        assert!(found.is_none());
    }

    fn find_or_link(
        &self,
        reference: NonNull<Reference>,
        referent: NonNull<Header>,
    ) -> Option<Word> {
        // SAFETY: as above.
        unsafe {
            self.table
                .link_at(&self.access(ME), node(reference), referent.as_ref(), true)
        }
    }

    fn upgrade(&self, slot: u16, reference: NonNull<Reference>) -> bool {
        // SAFETY: there until the fixture goes.
        let node = unsafe { node(reference).as_ref() };
        // SAFETY: one thread plays all, and nothing is freed.
        unsafe { node.follow(counter(slot)) }.is_ok()
    }

    fn clear(&self, referent: NonNull<Header>) -> Vec<NonNull<Header>> {
        self.clear_on(ME, referent)
    }

    fn clear_on(&self, slot: u16, referent: NonNull<Header>) -> Vec<NonNull<Header>> {
        let mut called = Called::EMPTY;
        // SAFETY: the test says that the object dies.
        unsafe {
            self.table
                .clear_at(&self.access(slot), referent.as_ptr(), &mut called);
        }
        core::iter::from_fn(|| called.pop()).collect()
    }

    fn unlink(&self, reference: NonNull<Reference>) {
        // SAFETY: there until the fixture goes.
        self.table
            .unlink_at(&self.access(ME), unsafe { node(reference).as_ref() });
    }

    /// The ranks of the nodes of an object, in order, and whether they are called.
    fn ranks(&self, referent: NonNull<Header>) -> Vec<(u8, bool)> {
        let mut called = Vec::new();
        self.table.for_each(&self.access(ME), referent, |links| {
            called.push((links.rank, links.calls));
        });
        called
    }
}

#[test]
fn nodes_are_listed_by_rank_and_the_newest_first() {
    let fixture = Fixture::new();
    let referent = fixture.object();
    let all = [(2, false), (0, false), (2, true), (1, false), (2, false)];
    let all = all.map(|(rank, calls)| {
        let reference = fixture.reference(rank, calls);
        fixture.link(reference, referent);
        reference
    });
    let listed = [(0, false), (1, false), (2, false), (2, true), (2, false)];
    assert_eq!(fixture.ranks(referent), listed);
    fixture.unlink(all[1]);
    fixture.unlink(all[2]);
    assert_eq!(
        fixture.ranks(referent),
        [(1, false), (2, false), (2, false)]
    );
}

#[test]
fn referents_that_share_a_bucket_are_kept_apart() {
    let fixture = Fixture::new();
    // More than there are stripes, and without a heap each stripe has one bucket.
    let referents: Vec<_> = (0..1000).map(|_| fixture.object()).collect();
    let references: Vec<_> = (0..3000_usize)
        .map(|index| {
            let reference = fixture.reference((index % 3) as u8, true);
            fixture.link(reference, referents[index % 1000]);
            reference
        })
        .collect();
    for reference in references.iter().step_by(7) {
        fixture.unlink(*reference);
    }
    for (index, referent) in referents.iter().enumerate() {
        let linked = (0..3).filter(|round| (round * 1000 + index) % 7 != 0);
        assert_eq!(fixture.clear(*referent).len(), linked.count());
        assert!(fixture.ranks(*referent).is_empty());
    }
    for reference in references {
        // SAFETY: there until the fixture goes.
        assert!(unsafe { node(reference).as_ref() }.is_dead());
    }
}

#[test]
fn a_reference_of_the_same_rank_is_found_while_its_object_lives() {
    let fixture = Fixture::new();
    let referent = fixture.object();
    let (first, second) = (fixture.reference(0, false), fixture.reference(0, false));
    assert!(fixture.find_or_link(first, referent).is_none());
    let found = fixture
        .find_or_link(second, referent)
        .expect("the first one");
    assert_eq!(found.as_object(), first.cast().as_ptr());
    // SAFETY: the references that the test holds: its own, and the found one.
    unsafe {
        assert_eq!(first.as_ref().header.release(counter(ME)), Released::Alive);
        assert_eq!(first.as_ref().header.release(counter(ME)), Released::Dead);
    }
    // Dying, and not yet out of the list.
    assert!(fixture.find_or_link(second, referent).is_none());
    fixture.unlink(first);
    assert_eq!(fixture.ranks(referent), [(0, false)]);
}

#[test]
fn clearing_comes_before_calling_and_skips_references_that_are_dying() {
    let fixture = Fixture::new();
    let referent = fixture.object();
    let (dying, living, silent) = (
        fixture.reference(2, true),
        fixture.reference(2, true),
        fixture.reference(2, false),
    );
    for reference in [dying, living, silent] {
        fixture.link(reference, referent);
    }
    // SAFETY: the only reference to each.
    unsafe {
        assert_eq!(dying.as_ref().header.release(counter(ME)), Released::Dead);
        assert_eq!(referent.as_ref().release(counter(ME)), Released::Dead);
    }
    assert!(!fixture.upgrade(ME, living));
    assert!(!fixture.upgrade(OTHER, living));
    assert_eq!(fixture.clear(referent), [living.cast()]);
    for reference in [dying, living, silent] {
        assert!(!fixture.upgrade(ME, reference));
        fixture.unlink(reference);
    }
}

#[test]
fn a_reference_of_another_thread_is_called_too() {
    let fixture = Fixture::new();
    let referent = fixture.object();
    let reference = fixture.reference(2, true);
    fixture.link(reference, referent);
    // The test says that the object dies on the other thread.
    assert_eq!(fixture.clear_on(OTHER, referent), [reference.cast()]);
}

// Without other threads there is nothing to publish for.
#[cfg(feature = "threads")]
#[test]
fn when_the_last_reference_goes_the_object_is_unique_again() {
    let fixture = Fixture::new();
    let referent = fixture.object();
    let (first, second) = (fixture.reference(2, false), fixture.reference(2, false));
    fixture.link(first, referent);
    fixture.link(second, referent);
    // SAFETY: there until the fixture goes; what is upgraded is released.
    unsafe {
        let header = referent.as_ref();
        fixture.unlink(first);
        assert!(!header.is_unique(ME));
        assert!(fixture.upgrade(OTHER, second));
        fixture.unlink(second);
        // Another thread has a reference: it stays published.
        assert!(!header.bits().contains(Bits::WEAKLY_REFERENCED));
        assert_eq!(header.release(counter(OTHER)), Released::Alive);
        assert!(!header.is_unique(ME));
        let third = fixture.reference(2, false);
        fixture.link(third, referent);
        fixture.unlink(third);
        assert!(header.is_unique(ME));
        assert!(!header.try_retain(counter(OTHER)));
        // And it is published anew.
        let fourth = fixture.reference(2, false);
        fixture.link(fourth, referent);
        assert!(fixture.upgrade(OTHER, fourth));
    }
}

#[test]
fn an_object_registered_elsewhere_stays_published() {
    let fixture = Fixture::with_table(WeakTable::new(|_| true));
    let (referent, reference) = (fixture.object(), fixture.reference(2, false));
    fixture.link(reference, referent);
    fixture.unlink(reference);
    // SAFETY: there until the fixture goes.
    assert!(unsafe { referent.as_ref().try_retain(counter(OTHER)) });
}

#[test]
fn the_collector_leaves_what_calls_nobody_for_after_finalizers() {
    let fixture = Fixture::new();
    let referent = fixture.object();
    let (silent, garbage, told) = (
        fixture.reference(0, false),
        fixture.reference(2, true),
        fixture.reference(2, true),
    );
    for reference in [silent, garbage, told] {
        fixture.link(reference, referent);
    }
    let is_garbage = |object| object == garbage.cast().as_ptr();
    let clear = |phase| {
        // SAFETY: there is no other thread.
        unsafe {
            fixture
                .table
                .clear_garbage(counter(ME), referent.as_ptr(), phase, &is_garbage)
        }
    };
    assert!(clear(WeakPhase::BeforeFinalizers));
    assert_eq!(fixture.ranks(referent), [(0, false)]);
    // A finalizer makes another one.
    let late = fixture.reference(2, true);
    fixture.link(late, referent);
    assert!(!clear(WeakPhase::AfterFinalizers));
    assert!(fixture.ranks(referent).is_empty());
    let pending = fixture.table.take_pending(&fixture.access(ME));
    assert_eq!(pending, [told.cast(), late.cast()]);
}
