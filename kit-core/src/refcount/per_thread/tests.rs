use super::*;
use crate::object::Bits;
use crate::platform::memory::NoMemory;
use crate::refcount::counter::{Counter, Tally};
use crate::testing::Threads;
use core::mem::MaybeUninit;
use std::alloc::System;
use std::boxed::Box;
use std::sync::LazyLock;
use std::vec::Vec;

const ME: u16 = 3;
static MINE: Tally = Tally::new();

/// An object: a header and the field.
struct Thing {
    header: Header,
    id: CountId,
}

// SAFETY: header and field stay together, and the tests do not move things that have an id.
unsafe impl CountedPerThread for Thing {
    fn header(&self) -> &Header {
        &self.header
    }

    fn count_id(&self) -> &CountId {
        &self.id
    }
}

fn counter() -> Counter {
    Counter::new(ME, &MINE)
}

fn thing() -> Box<Thing> {
    let mut block = MaybeUninit::<Header>::zeroed();
    // SAFETY: the block is ours, and large and aligned enough; `init` makes it a valid header.
    let header = unsafe {
        Header::init(block.as_mut_ptr(), 1, counter(), Bits::empty());
        block.assume_init()
    };
    header.set_bits(Bits::TRACKED);
    Box::new(Thing {
        header,
        id: CountId::none(),
    })
}

fn deferred() -> Box<Thing> {
    let thing = thing();
    // SAFETY: the test's reference.
    assert!(unsafe { thing.header.enable_deferred(counter(), 1) });
    thing
}

fn ids(memory: &'static Memory) -> CountIds {
    // Shared by all tests: no thread is registered, and whoever parks does so by an address of its own.
    static LOT: LazyLock<ParkingLot> = LazyLock::new(|| ParkingLot::new(&Threads));
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::new(&NoMemory));
    CountIds::new(memory, &REGISTRY, &LOT)
}

/// # Safety
/// - As for [`CountIds::settle`].
unsafe fn add_up(ids: &CountIds, threads: &[&ThreadCounts]) {
    // SAFETY: the test's threads do not run.
    unsafe {
        for counts in threads {
            ids.absorb(counts);
        }
        ids.settle();
    }
}

#[test]
fn what_one_thread_takes_another_may_drop() {
    let (ids, a, b) = (
        ids(&System),
        ThreadCounts::new(&System),
        ThreadCounts::new(&System),
    );
    let thing = deferred();
    // SAFETY: the test plays all threads, one at a time.
    unsafe {
        assert!(ids.assign(&*thing));
        for _ in 0..5 {
            assert!(a.add(&thing.id, 1));
        }
        for _ in 0..3 {
            assert!(b.add(&thing.id, -1));
        }
        assert_eq!((a.get(&thing.id), b.get(&thing.id)), (5, -3));
        assert_eq!(thing.header.references(), 1);
        // A thread leaves: its counts wait, and it counts no more.
        ids.close(&a);
        assert_eq!((a.get(&thing.id), ids.waiting(&thing.id)), (0, 5));
        assert!(!a.add(&thing.id, 1));
        add_up(&ids, &[&b]);
        assert_eq!(thing.header.references(), 3);
        assert_eq!((b.get(&thing.id), ids.waiting(&thing.id)), (0, 0));
        // Both ways of counting add up.
        assert!(b.add(&thing.id, 1));
        thing.header.retain(counter());
        assert!(b.add(&thing.id, -1));
        assert!(b.add(&thing.id, -1));
        add_up(&ids, &[&b]);
        assert_eq!(thing.header.references(), 3);
    }
}

#[test]
fn only_deferred_objects_get_an_id() {
    let ids = ids(&System);
    let plain = thing();
    let immortal = thing();
    // SAFETY: the objects are the test's.
    unsafe {
        assert!(immortal.header.make_immortal(counter()));
        assert!(!ids.assign(&*plain));
        assert!(!ids.assign(&*immortal));
        let deferred = deferred();
        assert!(ids.assign(&*deferred));
        let id = deferred.id.get();
        assert!(ids.assign(&*deferred));
        assert_eq!((deferred.id.get(), ids.live()), (id, 1));
    }
}

#[test]
fn without_memory_there_are_few_ids_and_no_counts() {
    let poor = ids(&NoMemory);
    let things: Vec<_> = (0..40).map(|_| deferred()).collect();
    // SAFETY: the objects are the test's.
    let given = things
        .iter()
        .filter(|thing| unsafe { poor.assign(&***thing) })
        .count();
    assert_eq!(given, poor.live());
    assert!((1..40).contains(&given));
    assert_eq!(things[given].id.get(), 0);
    // With ids enough, a thread's table may be what there is no memory for.
    let rich = ids(&System);
    let others: Vec<_> = (0..40).map(|_| deferred()).collect();
    for thing in &others {
        // SAFETY: as above.
        assert!(unsafe { rich.assign(&**thing) });
    }
    let poor_thread = ThreadCounts::new(&NoMemory);
    assert!(!poor_thread.add(&others[39].id, 1));
    assert!(!poor_thread.add(&others[39].id, -1));
    let thread = ThreadCounts::new(&System);
    assert!(thread.add(&others[39].id, -1));
    // SAFETY: the test plays all threads.
    unsafe { add_up(&rich, &[&poor_thread, &thread]) };
    assert_eq!(others[0].header.references(), 1);
    assert_eq!(others[39].header.references(), 0);
}

#[test]
fn counts_move_with_their_table() {
    let (ids, thread) = (ids(&System), ThreadCounts::new(&System));
    let things: Vec<_> = (0..5 * SMALLEST).map(|_| deferred()).collect();
    for (index, thing) in things.iter().enumerate() {
        // SAFETY: the object is the test's.
        assert!(unsafe { ids.assign(&**thing) });
        assert!(thread.add(&thing.id, index as isize));
        assert!(thread.add(&things[0].id, 1));
    }
    let counts: Vec<_> = things.iter().map(|thing| thread.get(&thing.id)).collect();
    assert_eq!(counts[0], things.len() as isize);
    assert!((1..things.len()).all(|index| counts[index] == index as isize));
    // SAFETY: the test plays all threads.
    unsafe { add_up(&ids, &[&thread]) };
    assert_eq!(things[0].header.references(), 1 + things.len() as i64);
    assert_eq!(things[7].header.references(), 8);
}

#[test]
fn an_id_that_was_given_back_begins_at_zero() {
    let (ids, thread) = (ids(&System), ThreadCounts::new(&System));
    let [first, second, third] = [(); 3].map(|()| deferred());
    // SAFETY: the test plays all threads.
    unsafe {
        assert!(ids.assign(&*first) && ids.assign(&*second));
        let id = first.id.get();
        assert!(thread.add(&first.id, 1) && thread.add(&second.id, 1));
        add_up(&ids, &[&thread]);
        ids.disable_where(|object| core::ptr::eq(object, &first.header));
        assert_eq!((first.id.get(), ids.live()), (0, 1));
        assert!(!thread.add(&first.id, 1));
        assert!(ids.assign(&*third));
        assert_eq!(third.id.get(), id);
        assert!(thread.add(&third.id, -1));
        add_up(&ids, &[&thread]);
    }
    let references = [&first, &second, &third].map(|thing| thing.header.references());
    assert_eq!(references, [2, 2, 0]);
}

#[test]
fn settling_leaves_immortal_objects_alone_and_pins_what_overflows() {
    let (ids, thread) = (ids(&System), ThreadCounts::new(&System));
    let [immortal, huge] = [(); 2].map(|()| deferred());
    // SAFETY: the test plays all threads.
    unsafe {
        assert!(ids.assign(&*immortal) && ids.assign(&*huge));
        let shared = immortal.header.count.shared();
        assert!(immortal.header.make_immortal(counter()));
        assert!(thread.add(&immortal.id, 7));
        assert!(thread.add(&huge.id, ROOM as isize));
        add_up(&ids, &[&thread]);
        assert!(immortal.header.is_immortal());
        assert_eq!(immortal.header.count.shared(), shared);
        assert!(huge.header.is_pinned());
        // Pinned for good.
        assert!(thread.add(&huge.id, -(ROOM as isize)));
        add_up(&ids, &[&thread]);
        assert!(huge.header.is_pinned());
    }
}

#[test]
fn sums_of_many_threads_need_no_room_for_the_summands() {
    let (ids, a, b) = (
        ids(&System),
        ThreadCounts::new(&System),
        ThreadCounts::new(&System),
    );
    let thing = deferred();
    let many = 4 * ROOM as isize;
    // SAFETY: the test plays all threads.
    unsafe {
        assert!(ids.assign(&*thing));
        assert!(a.add(&thing.id, many) && b.add(&thing.id, 2 - many));
        ids.close(&a);
        add_up(&ids, &[&b]);
    }
    assert_eq!(thing.header.references(), 3);
}
