//! One collection at a time: who comes while it runs goes away again.

use kit_core::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release},
};

/// Whether somebody collects.
#[derive(Debug)]
pub(crate) struct Busy(AtomicBool);

impl Busy {
    pub(crate) fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// The turn, until what is returned is dropped. `None`: it is somebody else's.
    pub(crate) fn enter(&self) -> Option<Idle<'_>> {
        // Acquire, paired with `Idle`: we see what the last run left.
        self.0
            .compare_exchange(false, true, Acquire, Relaxed)
            .is_ok()
            .then(|| Idle(&self.0))
    }
}

/// Ends the turn.
pub(crate) struct Idle<'a>(&'a AtomicBool);

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        // Release, paired with `enter`.
        self.0.store(false, Release);
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
        fn collect(&self) -> u32 {
            let Some(_idle) = self.busy.enter() else {
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
                thread::spawn(move || shared.collect())
            };
            let mut runs = shared.collect();
            runs += other.join().unwrap();
            assert_eq!(shared.collect(), 1);
            // SAFETY: everybody is done.
            assert_eq!(shared.left.with(|left| unsafe { *left }), runs + 1);
        });
    }
}
