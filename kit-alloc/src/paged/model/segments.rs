//! The directory of segments: finding one, running out of slices, and giving them back.

use core::ptr::{self, NonNull};

use loom::{
    cell::UnsafeCell,
    sync::{
        Arc,
        atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

use super::{
    super::directory::{self, End},
    model,
};

struct Node {
    entry: AtomicPtr<Segment>,
    open: AtomicUsize,
}

impl Node {
    fn new() -> Self {
        Self {
            entry: AtomicPtr::new(ptr::null_mut()),
            open: AtomicUsize::new(0),
        }
    }
}

struct Segment {
    used: AtomicUsize,
    /// The header, as its maker leaves it: written again when the memory goes back to the source.
    header: UnsafeCell<bool>,
    /// The slices that the model is about.
    slices: [UnsafeCell<u32>; 2],
}

impl Segment {
    /// With two free slices.
    fn new() -> Self {
        Self {
            used: AtomicUsize::new(!3),
            header: UnsafeCell::new(false),
            slices: [UnsafeCell::new(0), UnsafeCell::new(0)],
        }
    }

    fn write_header(&self, good: bool) {
        // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps; here and below.
        self.header.with_mut(|header| unsafe { *header = good });
    }

    fn read_header(&self) {
        // SAFETY: as above.
        assert!(self.header.with(|header| unsafe { *header }));
    }

    fn use_slice(&self, slice: usize) {
        // SAFETY: as above.
        self.slices[slice].with_mut(|times| unsafe { *times += 1 });
    }
}

/// The segment of a huge block leaves its entry to an ordinary one: whoever finds that open does not come upon
/// the one before it.
///
/// Fails with Relaxed in `open`, or in `opened`.
#[test]
fn an_open_entry_is_an_ordinary_segment() {
    struct Shared {
        node: Node,
        huge: Segment,
        ordinary: Segment,
    }
    model(|| {
        let shared = Arc::new(Shared {
            node: Node::new(),
            huge: Segment::new(),
            ordinary: Segment::new(),
        });
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                if directory::opened(&shared.node.open) & 1 != 0 {
                    let found = directory::segment(&shared.node.entry).unwrap();
                    // SAFETY: both segments are in the shared part.
                    unsafe { found.as_ref() }.read_header();
                }
            })
        };
        let Shared {
            node,
            huge,
            ordinary,
        } = &*shared;
        huge.write_header(true);
        assert!(directory::enter(&node.entry, NonNull::from_ref(huge)));
        assert!(!directory::enter(&node.entry, NonNull::from_ref(ordinary)));
        directory::leave(&node.entry);
        huge.write_header(false);
        ordinary.write_header(true);
        assert!(directory::enter(&node.entry, NonNull::from_ref(ordinary)));
        directory::open(&node.open, 1);
        other.join().unwrap();
    });
}

/// Slices have one user at a time, and a segment with a free slice ends up open, however closing it and giving
/// slices back meet.
///
/// Fails with Relaxed in `take`, `take_one` or `give`'s change of `used`; in `close_if_full`'s closing or in
/// `give`'s opening; and if `give` opens only what a load finds closed.
#[test]
fn a_segment_with_room_is_open() {
    struct Shared {
        node: Node,
        segment: Segment,
    }

    /// One that takes a slice and gives it back, and closes the segment if there is none.
    fn come_and_go(shared: &Shared, one: bool) {
        let Shared { node, segment } = shared;
        let slice = if one {
            directory::take_one(&segment.used, 1).then_some(0)
        } else {
            directory::take(&segment.used, 1, End::Front)
        };
        match slice {
            Some(slice) => {
                segment.use_slice(slice);
                directory::give(&segment.used, 1 << slice, &node.open, 1);
            }
            None => directory::close_if_full(&segment.used, &node.open, 1),
        }
    }

    for one in [false, true] {
        model(move || {
            let shared = Arc::new(Shared {
                node: Node::new(),
                segment: Segment::new(),
            });
            // One free slice: the other is somebody's.
            shared.segment.used.store(!1, Relaxed);
            directory::open(&shared.node.open, 1);
            let others: [_; 2] = core::array::from_fn(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || come_and_go(&shared, one))
            });
            come_and_go(&shared, false);
            others.into_iter().for_each(|other| other.join().unwrap());
            assert_eq!(shared.segment.used.load(Relaxed), !1);
            assert_eq!(directory::opened(&shared.node.open), 1, "lost");
        });
    }
}

/// Two threads add a node each; both are found, initialised.
///
/// Fails with Relaxed in `append`'s exchange, either way, or in `follow`.
#[test]
fn nodes_are_found_initialised() {
    struct Shared {
        first: AtomicPtr<Listed>,
        nodes: [Listed; 2],
    }

    struct Listed {
        link: AtomicPtr<Listed>,
        ready: UnsafeCell<bool>,
    }

    impl Listed {
        fn check(&self) {
            // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
            assert!(self.ready.with(|ready| unsafe { *ready }));
        }
    }

    fn add(shared: &Shared, number: usize) {
        let own = &shared.nodes[number];
        // SAFETY: as above.
        own.ready.with_mut(|ready| unsafe { *ready = true });
        // SAFETY: nodes of the shared part.
        directory::append(&shared.first, NonNull::from_ref(own), |node| unsafe {
            (*node.as_ptr()).check();
            &(*node.as_ptr()).link
        });
    }

    fn count(shared: &Shared) -> usize {
        let (mut at, mut found) = (directory::follow(&shared.first), 0);
        // SAFETY: as above.
        while let Some(listed) = unsafe { at.as_ref() } {
            listed.check();
            at = directory::follow(&listed.link);
            found += 1;
        }
        found
    }

    model(|| {
        let shared = Arc::new(Shared {
            first: AtomicPtr::new(ptr::null_mut()),
            nodes: core::array::from_fn(|_| Listed {
                link: AtomicPtr::new(ptr::null_mut()),
                ready: UnsafeCell::new(false),
            }),
        });
        let others: [_; 2] = core::array::from_fn(|number| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || add(&shared, number))
        });
        count(&shared);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(count(&shared), 2);
    });
}
