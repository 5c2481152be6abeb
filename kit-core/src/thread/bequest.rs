//! What becomes of a thread that is gone without having left: in the child of a fork, every thread but one.
//!
//! It stopped at a safepoint or outside, so its heap, its lists and its queues are in order, and another thread can go its
//! way out for it. What its functions were using is lost: the references on its data stack are not dropped, since
//! nobody can say which of them were about to be.

use super::Thread;
use crate::refcount::biased::Released;

impl Thread {
    /// Leaves for the thread: its counts are handed in, its dead objects are passed on to `heir`, its heap's pages are
    /// abandoned. False: it was about to leave, and has done that itself.
    ///
    /// # Safety
    /// - The thread stopped at a safepoint, or outside, and never goes on; its record is used by nobody else.
    /// - The world is stopped, by `heir`, which is the running thread's record and of the same runtime.
    /// - All merge queues were [processed](super::merge::MergeTable::process_stopped) during this stop.
    pub unsafe fn bequeath(&mut self, heir: &Thread) -> bool {
        let merge = &heir.services().merge;
        if merge.is_closed(self) {
            // From there to the end of its record it comes to no safepoint but that of detaching.
            return false;
        }
        // SAFETY: stopped for good.
        unsafe { heir.services().count_ids.close(&self.counts) };
        while let Some(object) = self.dying.pop(self) {
            // SAFETY: the verdict was the thread's, and is the heir's from here on.
            unsafe { heir.released(object, Released::Dead) };
        }
        let closed = merge.close(self);
        debug_assert!(closed, "a queue was not processed");
        // SAFETY: the queue is closed and nothing is listed. The words of the stack are forgotten with it.
        unsafe { self.retire() };
        true
    }
}
