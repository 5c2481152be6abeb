//! Empty pages on their way out: kept for a while in case they are needed, and, if they held objects,
//! until a grace period has passed.
//!
//! ```text
//! last block freed -> pending -> some ticks later: goal := current goal -> goal reached -> released
//!                        |  ^                                               |
//!                        |  +--- last block freed again: goal := none ------+ while it waits, the page
//!                        +-> used again: forgotten                            stays in its queue
//! ```
//!
//! A pending page is still where blocks of its class come from: memory for the same size and kind needs
//! no grace period.

use core::{
    cell::Cell,
    ptr::{self, NonNull},
};

use kit_core::backend::{heap::LocalHeap, page::PageHead};

use super::{block, delay, local::Local, page, queue};
use crate::size_class::SINGLE;

/// The pages of a thread that wait to be released, oldest first.
#[derive(Debug)]
pub(super) struct Pending {
    first: Cell<*const PageHead>,
    last: Cell<*const PageHead>,
    len: Cell<u32>,
}

impl Pending {
    pub(super) const fn new() -> Self {
        Self {
            first: Cell::new(ptr::null()),
            last: Cell::new(ptr::null()),
            len: Cell::new(0),
        }
    }

    /// Adds an empty page, to be given up from tick `expire` on.
    ///
    /// # Safety
    ///
    /// - The page is this thread's, and not pending.
    pub(super) unsafe fn push(&self, this: NonNull<PageHead>, expire: u32) {
        // SAFETY: the caller's page.
        let hot = unsafe { &this.as_ref().hot };
        hot.pending.set(true);
        hot.expire.set(expire);
        hot.pending_next.set(ptr::null());
        // SAFETY: pages of the list are this thread's.
        match unsafe { self.last.get().as_ref() } {
            Some(last) => last.hot.pending_next.set(this.as_ptr()),
            None => self.first.set(this.as_ptr()),
        }
        self.last.set(this.as_ptr());
        self.len.set(self.len.get() + 1);
    }

    pub(super) fn pop(&self) -> Option<NonNull<PageHead>> {
        let this = NonNull::new(self.first.get().cast_mut())?;
        // SAFETY: pages of the list are this thread's.
        let hot = unsafe { &this.as_ref().hot };
        self.first.set(hot.pending_next.get());
        if hot.pending_next.get().is_null() {
            self.last.set(ptr::null());
        }
        hot.pending.set(false);
        self.len.set(self.len.get() - 1);
        Some(this)
    }
}

impl Local {
    /// Releases pending pages whose time has come: a few of them, or with `force` all, without waiting
    /// for ticks.
    pub(super) fn collect_pending(&self, heap: &LocalHeap, force: bool) {
        let len = self.pending.len.get();
        for _ in 0..if force { len } else { len.min(PENDING_AT_ONCE) } {
            let Some(this) = self.pending.pop() else {
                return;
            };
            // SAFETY: pending pages are this thread's.
            let page = unsafe { this.as_ref() };
            if page.hot.used.get() != 0 {
                page.hot.goal.set(0);
                continue;
            }
            let expire = page.hot.expire.get();
            let early = !force && (self.tick.get().wrapping_sub(expire) as i32) < 0;
            if early || !self.heap().grace_passed(page) || !delay::is_quiet(&page.shared.remote) {
                // SAFETY: just taken off.
                unsafe { self.pending.push(this, expire) };
                continue;
            }
            if page.class.get() != SINGLE {
                // The page may still be on the wake list, put there before it was used and emptied here.
                self.drain_wake(heap.slot());
                let (kind, class) = (page.heap_kind(), page.class.get() as usize);
                // SAFETY: a page of ours that is not full is in its queue.
                unsafe {
                    self.queue(page).remove(this);
                    if heap.direct(kind, class) == this {
                        heap.set_direct(kind, class, None);
                    }
                }
            }
            // SAFETY: empty, in no list, and no thread is about to look at it.
            unsafe { page::release(self.heap(), this) };
        }
    }

    /// Takes in everything that other threads freed, then releases what is empty.
    pub(super) fn collect_all(&self, heap: &LocalHeap, force: bool) {
        // SAFETY: this thread's.
        unsafe { self.outbox.send() };
        self.drain_wake(heap.slot());
        for queue in self.queues.iter().flatten() {
            let mut at = queue.first();
            while let Some(this) = at {
                // SAFETY: pages in our queues are ours.
                unsafe {
                    at = queue::next(this);
                    let hot = &this.as_ref().hot;
                    if block::take_remote(this) && hot.used.get() == 0 && !hot.pending.get() {
                        self.pending.push(this, self.tick.get());
                    }
                }
            }
        }
        self.collect_pending(heap, force);
        self.heap().sweep_abandoned();
    }
}

/// Pages looked at in one go.
const PENDING_AT_ONCE: u32 = 8;
