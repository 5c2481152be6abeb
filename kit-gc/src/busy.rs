//! One collection at a time: who comes while it runs goes away again.

use kit_core::sync::atomic::{
    AtomicU16,
    Ordering::{Acquire, Relaxed, Release},
};

/// Who collects: the slot of a thread, or 0.
#[derive(Debug)]
pub(crate) struct Busy(AtomicU16);

impl Busy {
    pub(crate) fn new() -> Self {
        Self(AtomicU16::new(0))
    }

    /// The turn, for the thread in slot `me`, until what is returned is dropped. `None`: it is taken.
    pub(crate) fn enter(&self, me: u16) -> Option<Idle<'_>> {
        // Acquire, paired with `Idle`: we see what the last run left.
        self.0
            .compare_exchange(0, me, Acquire, Relaxed)
            .is_ok()
            .then(|| Idle(&self.0))
    }

    /// Whether it is the turn of the thread in slot `me`, which asks.
    pub(crate) fn is(&self, me: u16) -> bool {
        // Relaxed: only that thread writes its slot, and takes it away.
        self.0.load(Relaxed) == me
    }
}

/// Ends the turn.
#[derive(Debug)]
pub(crate) struct Idle<'a>(&'a AtomicU16);

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        // Release, paired with `enter`.
        self.0.store(0, Release);
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::Busy;
    use kit_core::sync::cell::UnsafeCell;
    use loom::thread;
    use std::sync::Arc;

    struct Shared {
        busy: Busy,
        left: UnsafeCell<u32>,
    }

    // SAFETY: who has the turn uses the cell; loom checks.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}

    impl Shared {
        fn collect(&self, me: u16) -> u32 {
            let Some(_idle) = self.busy.enter(me) else {
                return 0;
            };
            // SAFETY: our turn.
            self.left.with_mut(|left| unsafe { *left += 1 });
            1
        }
    }

    /// Fails with Relaxed in `enter`'s exchange, or in the store of `Idle`.
    #[test]
    fn collections_come_one_by_one() {
        loom::model(|| {
            let shared = Arc::new(Shared {
                busy: Busy::new(),
                left: UnsafeCell::new(0),
            });
            let other = {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.collect(1))
            };
            let mut runs = shared.collect(2);
            runs += other.join().unwrap();
            assert_eq!(shared.collect(2), 1);
            // SAFETY: everybody is done.
            assert_eq!(shared.left.with(|left| unsafe { *left }), runs + 1);
        });
    }
}
