//! The spin lock itself under loom: elsewhere loom's mutex stands in for it.

use super::super::spin_core::Spin;
use crate::{sync::cell::UnsafeCell, testing::Threads};
use loom::thread;
use std::sync::Arc;

/// Fails with Relaxed in `with`'s exchange, or in the store that unlocks.
#[test]
fn the_spin_lock_excludes() {
    loom::model(|| {
        let shared = Arc::new(Spin::new(UnsafeCell::new(0)));
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || add_twice(&shared))
        };
        add_twice(&shared);
        other.join().unwrap();
        // SAFETY: under the lock.
        let sum = shared.with(&Threads, |value| value.with(|value| unsafe { *value }));
        assert_eq!(sum, 4);
    });
}

fn add_twice(shared: &Spin<UnsafeCell<usize>>) {
    for _ in 0..2 {
        shared.with(&Threads, |value| {
            // SAFETY: under the lock.
            value.with_mut(|value| unsafe { *value += 1 });
        });
    }
}
