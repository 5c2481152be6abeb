//! Who counts: the running thread, as the functions that change counts are told of it.
//!
//! With the feature `stats` each thread also keeps a tally: one up for each reference it makes, one
//! down for each it drops. Only the sum over the threads means anything, because a reference may be
//! dropped by another thread than made it. The tally of a thread that leaves is folded into its
//! registry under the lock that takes the thread out, so the sum
//! ([`Registry::references`](crate::thread::registry::Registry::references)) forgets nobody and counts
//! nobody twice. Immortal objects have no references: making one forgets what it had. Without the
//! feature a tally is nothing, and a counter is the thread's slot.
//!
//! | event                                 | tally                                |
//! |---------------------------------------|--------------------------------------|
//! | an object is made, or resurrected     | +1                                   |
//! | a reference is taken                  | +1                                   |
//! | a reference is dropped                | -1                                   |
//! | a drop hands the object to the queue  | 0: the queue has the reference now   |
//! | the halves are merged                 | `extra`: -1 for the queue's          |
//! | deferral begins or ends               | 0: the bias is nobody's reference    |
//! | an object becomes immortal            | minus all its references             |

#[cfg(feature = "stats")]
use crate::sync::atomic::{AtomicI64, Ordering::Relaxed};
use core::marker::PhantomData;

/// References made less references dropped, by one thread; nothing without the feature `stats`.
#[derive(Debug, Default)]
pub struct Tally {
    #[cfg(feature = "stats")]
    references: AtomicI64,
}

impl Tally {
    /// Nothing made, nothing dropped.
    #[cfg(not(loom))]
    pub const fn new() -> Tally {
        Tally {
            #[cfg(feature = "stats")]
            references: AtomicI64::new(0),
        }
    }

    /// Counts `change` references. Only by the thread whose tally it is, or while that is kept from
    /// counting.
    #[inline(always)]
    pub fn add(&self, change: i64) {
        // Relaxed, and not a read-modify-write: there is one writer at a time. Who adds the tallies up
        // while threads run gets a sum of different moments, and with the threads stopped or gone the
        // exact one.
        #[cfg(feature = "stats")]
        self.references
            .store(self.references.load(Relaxed).wrapping_add(change), Relaxed);
        #[cfg(not(feature = "stats"))]
        let _ = change;
    }

    /// The tally; zero without the feature `stats`.
    pub fn get(&self) -> i64 {
        #[cfg(feature = "stats")]
        // Relaxed: as in `add`.
        return self.references.load(Relaxed);
        #[cfg(not(feature = "stats"))]
        0
    }

    /// Moves what was counted here to `to`. As for [`add`](Self::add), on both sides.
    pub fn fold_into(&self, to: &Tally) {
        let moved = self.get();
        self.add(-moved);
        to.add(moved);
    }
}

/// The running thread, as a token for everything that counts: its slot, and its tally in a build with
/// `stats`. Made by [`Ctx::counter`](crate::thread::Ctx::counter).
#[derive(Clone, Copy, Debug)]
pub struct Counter {
    slot: u16,
    #[cfg(feature = "stats")]
    tally: *const Tally,
    _not_send: PhantomData<*const Tally>,
}

impl Counter {
    /// The token of the thread in `slot`, for as long as `tally` stays where it is.
    #[inline(always)]
    pub const fn new(slot: u16, tally: &Tally) -> Counter {
        #[cfg(not(feature = "stats"))]
        let _ = tally;
        Counter {
            slot,
            #[cfg(feature = "stats")]
            tally,
            _not_send: PhantomData,
        }
    }

    /// The thread's slot, the owner number of its objects.
    #[inline(always)]
    pub const fn slot(self) -> u16 {
        self.slot
    }

    /// Counts `change` references to a mortal object as made, or as dropped if negative.
    ///
    /// # Safety
    /// - The token is the running thread's, or of one that is stopped; its tally exists.
    #[inline(always)]
    pub unsafe fn add(self, change: i64) {
        #[cfg(feature = "stats")]
        // SAFETY: the tally exists, and this thread is the one to write it, by the contract.
        unsafe {
            (*self.tally).add(change)
        };
        #[cfg(not(feature = "stats"))]
        let _ = change;
    }
}

#[cfg(all(test, feature = "stats", loom))]
mod model;
#[cfg(all(test, feature = "stats", feature = "threads", not(loom)))]
mod tests {
    use super::*;
    use crate::object::{Bits, Header};
    use crate::refcount::biased::Released;
    use core::mem::MaybeUninit;

    const OWNER: u16 = 1;
    const OTHER: u16 = 2;

    /// Two threads, by their tallies.
    #[derive(Default)]
    struct Pair(Tally, Tally);

    impl Pair {
        fn owner(&self) -> Counter {
            Counter::new(OWNER, &self.0)
        }
        fn other(&self) -> Counter {
            Counter::new(OTHER, &self.1)
        }
        fn sum(&self) -> i64 {
            self.0.get() + self.1.get()
        }
        fn object(&self, bits: Bits) -> Header {
            let mut block = MaybeUninit::<Header>::zeroed();
            // SAFETY: the block is ours, and large and aligned enough; `init` makes it a valid header.
            unsafe {
                Header::init(block.as_mut_ptr(), 1, self.owner(), bits);
                block.assume_init()
            }
        }
    }

    #[test]
    fn both_halves_are_counted() {
        let pair = Pair::default();
        let object = pair.object(Bits::empty());
        assert_eq!(pair.sum(), 1);
        // SAFETY: plays both threads; each reference is dropped once.
        unsafe {
            object.retain(pair.owner());
            object.retain(pair.other());
            assert_eq!((pair.0.get(), pair.1.get()), (2, 1));
            object.publish();
            assert!(object.try_retain(pair.other()) && object.try_retain(pair.owner()));
            assert_eq!(pair.sum(), 5);
            for _ in 0..3 {
                assert_eq!(object.release(pair.owner()), Released::Alive);
            }
            assert_eq!(pair.sum(), 2);
            // Merged now: what other threads hold is all there is.
            assert_eq!(object.release(pair.other()), Released::Alive);
            assert_eq!(object.release(pair.other()), Released::Dead);
            assert!(!object.try_retain(pair.other()));
        }
        assert_eq!(pair.sum(), 0);
    }

    #[test]
    fn the_queue_inherits_a_counted_reference() {
        let pair = Pair::default();
        let object = pair.object(Bits::empty());
        // SAFETY: plays both threads; each reference is dropped once.
        unsafe {
            object.retain(pair.owner());
            assert_eq!(object.release(pair.other()), Released::Queue);
            assert_eq!(pair.sum(), 2);
            assert_eq!(object.merge(-1, pair.owner()), Released::Alive);
            assert_eq!(pair.sum(), 1);
            assert_eq!(object.release(pair.owner()), Released::Dead);
        }
        assert_eq!(pair.sum(), 0);
    }

    #[test]
    fn resurrection_is_a_reference() {
        let pair = Pair::default();
        let object = pair.object(Bits::empty());
        // SAFETY: plays the owner; each reference is dropped once.
        unsafe {
            assert_eq!(object.release(pair.owner()), Released::Dead);
            object.resurrect(pair.owner());
            assert_eq!(pair.sum(), 1);
            assert_eq!(object.end_resurrection(pair.owner()), Released::Dead);
        }
        assert_eq!(pair.sum(), 0);
    }

    #[test]
    fn the_bias_is_nobodys_reference_and_immortals_have_none() {
        let pair = Pair::default();
        let object = pair.object(Bits::TRACKED);
        // SAFETY: plays the owner, to whom alone the object belongs.
        unsafe {
            assert!(object.enable_deferred(pair.owner(), 1));
            object.retain(pair.owner());
            object.retain(pair.other());
            assert_eq!((pair.sum(), object.references()), (3, 3));
            assert!(object.make_immortal(pair.owner()));
            assert_eq!(pair.sum(), 0);
            object.retain(pair.other());
            assert!(object.make_immortal(pair.owner()));
            assert_eq!(object.release(pair.owner()), Released::Alive);
        }
        assert_eq!(pair.sum(), 0);
    }
}
