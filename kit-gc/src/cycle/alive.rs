//! Roots: what they lead to is alive without arithmetic.
//!
//! Most of a heap hangs on a few references: the data stacks, the embedder's own. What is reached from there
//! is marked at once and traced once; only the rest is subtracted from. References that are not reported here do no harm: whom they
//! hold is found by its count.

use super::mark::Marker;
use kit_core::{
    backend::{collector::CycleHost, world::Stopped},
    object::Word,
    thread::Thread,
};

/// Marks what data stacks and the host's roots lead to.
///
/// # Safety
///
/// - The world is stopped, and the marks of every page are known and clear.
/// - Every registered thread is the first field of a [`Thread`].
pub(super) unsafe fn mark_alive(
    marker: &mut Marker<'_>,
    stopped: &Stopped<'_>,
    host: &dyn CycleHost,
) {
    let mut reach = |word: Word| {
        if word.is_object() {
            // SAFETY: whoever holds a reference keeps the object.
            unsafe { marker.reach(word.as_object()) };
        }
    };
    stopped.for_each_thread(|core| {
        // SAFETY: by the caller's promise; the thread is stopped, or ours and at a safepoint.
        unsafe {
            let thread = &*core::ptr::from_ref(core).cast::<Thread>();
            (*thread.stack.get()).scan(&mut reach);
        }
    });
    host.alive(&mut reach);
    // SAFETY: stopped, by the caller's promise.
    unsafe { marker.finish() };
}
