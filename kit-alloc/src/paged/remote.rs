//! Frees from another thread than the one that owns the page.

use core::{
    ptr::{self, NonNull},
    sync::atomic::{
        AtomicPtr,
        Ordering::{Acquire, Relaxed, Release},
    },
};

use kit_core::backend::page::PageHead;

use super::{
    delay::{self, Pushed},
    local::Local,
};

/// Frees blocks into a page that another thread owns, or nobody: a list of them, from the one at the offset `first` to
/// `last`, by their links.
///
/// # Safety
///
/// - The blocks lie in this page, which has a size class, and are the caller's to free.
pub(super) unsafe fn free(this: NonNull<PageHead>, first: u32, last: NonNull<u8>) {
    // SAFETY: the page has a block in use, ours, so it stays at least until the push.
    let page = unsafe { this.as_ref() };
    // SAFETY: until they are pushed the blocks are ours.
    let link = |next| unsafe { PageHead::set_link(last, next) };
    if delay::push(&page.shared.remote, first, link) == Pushed::Wake {
        // Relaxed: the push saw USE_DELAYED, and with it this.
        let heap = page.heap.load(Relaxed).cast::<Local>();
        // SAFETY: FREEING keeps the page's owner from abandoning or releasing it until `woken`, and with
        // the page its heap.
        unsafe { (*heap).wake.push(this) };
        delay::woken(&page.shared.remote);
    }
}

/// Pages that were full when other threads freed into them: pushed by anyone, drained by the owner.
#[derive(Debug)]
pub(super) struct WakeList(AtomicPtr<PageHead>);

impl WakeList {
    pub(super) const fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// Adds a page.
    ///
    /// # Safety
    ///
    /// - The page is in FREEING, by this thread: so it is not on the list, and stays.
    unsafe fn push(&self, page: NonNull<PageHead>) {
        let mut first = self.0.load(Relaxed);
        loop {
            // SAFETY: the page stays while in FREEING.
            unsafe { page.as_ref() }
                .shared
                .wake_next
                .store(first, Relaxed);
            // Release, paired with `drain`: it sees our link.
            match self
                .0
                .compare_exchange_weak(first, page.as_ptr(), Release, Relaxed)
            {
                Ok(_) => return,
                Err(now) => first = now,
            }
        }
    }

    /// Calls `f` with each page, which is off the list by then.
    ///
    /// # Safety
    ///
    /// - By the owner, who has not released any page on it.
    #[inline]
    pub(super) unsafe fn drain(&self, f: impl Fn(NonNull<PageHead>)) {
        if self.0.load(Relaxed).is_null() {
            return;
        }
        // Acquire, paired with `push`.
        let mut next = self.0.swap(ptr::null_mut(), Acquire);
        while let Some(page) = NonNull::new(next) {
            // SAFETY: pages of the list are the owner's.
            next = unsafe { page.as_ref() }.shared.wake_next.load(Relaxed);
            f(page);
        }
    }
}
