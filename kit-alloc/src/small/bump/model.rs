//! Blocks that are taken and given back over loom's atomic; the bytes are cells that loom watches.

use std::sync::Arc;

use loom::{cell::UnsafeCell, sync::atomic::AtomicUsize, thread};

use super::{give, restart, take};

struct Bytes {
    used: AtomicUsize,
    cells: [UnsafeCell<u32>; 2],
}

impl Bytes {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            used: AtomicUsize::new(0),
            cells: [UnsafeCell::new(0), UnsafeCell::new(0)],
        })
    }

    /// A block of one cell, which is written.
    fn write(&self) -> usize {
        let place = |used| (used < 2).then_some((used, used + 1));
        let block = take(&self.used, place).expect("room for two");
        // SAFETY: loom gives a valid pointer, and fails the model if another access overlaps.
        self.cells[block].with_mut(|times| unsafe { *times += 1 });
        block
    }
}

/// Fails with Relaxed in `take` or in `give`.
#[test]
fn a_byte_has_one_user_at_a_time() {
    loom::model(|| {
        let bytes = Bytes::new();
        let come_and_go = |bytes: &Bytes| {
            let block = bytes.write();
            give(&bytes.used, block, block + 1);
        };
        let other = {
            let bytes = Arc::clone(&bytes);
            thread::spawn(move || come_and_go(&bytes))
        };
        come_and_go(&bytes);
        other.join().unwrap();
    });
}

/// Fails with Relaxed in `restart` or in `take`.
#[test]
fn what_is_begun_again_was_let_go_before() {
    loom::model(|| {
        let bytes = Bytes::new();
        let other = {
            let bytes = Arc::clone(&bytes);
            thread::spawn(move || {
                bytes.write();
                restart(&bytes.used);
            })
        };
        // So that loom looks for the other coming first; only then is nothing in use.
        thread::yield_now();
        bytes.write();
        other.join().unwrap();
    });
}
