//! What a collection has found, while language code runs that may look around in the heap.

use core::{ptr, slice};
use kit_core::{
    object::Header,
    sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed},
};

/// The garbage that is not to be seen.
///
/// Who collects writes it, between two safepoints of its own; others read it with the world stopped. So nobody reads while
/// it is written, and the stop orders both: Relaxed will do throughout.
pub(super) struct Hidden {
    first: AtomicPtr<*mut Header>,
    len: AtomicUsize,
}

impl Hidden {
    pub(super) fn new() -> Self {
        Self {
            first: AtomicPtr::new(ptr::null_mut()),
            len: AtomicUsize::new(0),
        }
    }

    /// Hides these objects until what is returned is dropped.
    ///
    /// # Safety
    ///
    /// - Until then the list stays as it is, and the objects stay alive.
    pub(super) unsafe fn hide(&self, objects: &[*mut Header]) -> Hiding<'_> {
        self.first.store(objects.as_ptr().cast_mut(), Relaxed);
        self.len.store(objects.len(), Relaxed);
        Hiding(self)
    }

    /// What is hidden.
    ///
    /// # Safety
    ///
    /// - The world is stopped as long as the result is used.
    pub(super) unsafe fn objects(&self) -> &[*mut Header] {
        let len = self.len.load(Relaxed);
        if len == 0 {
            return &[];
        }
        // SAFETY: who hides them keeps the list until it no longer does, and cannot end that while the world is stopped.
        unsafe { slice::from_raw_parts(self.first.load(Relaxed), len) }
    }
}

/// Objects are hidden.
#[must_use]
pub(super) struct Hiding<'a>(&'a Hidden);

impl Drop for Hiding<'_> {
    fn drop(&mut self) {
        self.0.len.store(0, Relaxed);
    }
}
