//! The lock over loom's flag; what it guards is a cell that loom watches.

use std::sync::Arc;

use loom::{cell::UnsafeCell, sync::atomic::AtomicBool, thread};

use super::SpinLock;

/// Fails with Relaxed in `lock`'s exchange, or in the store that unlocks.
#[test]
fn the_lock_excludes() {
    loom::model(|| {
        let shared = Arc::new(SpinLock::with_flag(
            AtomicBool::new(false),
            UnsafeCell::new(0),
        ));
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || add_twice(&shared))
        };
        add_twice(&shared);
        other.join().unwrap();
        // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
        assert_eq!(shared.lock().with(|value| unsafe { *value }), 4);
    });
}

fn add_twice(shared: &SpinLock<UnsafeCell<u32>, AtomicBool>) {
    for _ in 0..2 {
        // SAFETY: as above.
        shared.lock().with_mut(|value| unsafe { *value += 1 });
    }
}
