//! Frees from another thread than the one that owns the page.

use core::ptr::{self, NonNull};
use kit_core::sync::native::{
    AtomicPtr,
    Ordering::{Acquire, Relaxed, Release},
};

use kit_core::backend::page::{Freed, PageHead};

use super::{
    delay::{self, Pushed},
    local::Local,
};
use crate::atomic::Atomic;

/// Frees blocks into a page that another thread owns, or nobody: a list of them, by their links, that ends with `last`.
///
/// # Safety
///
/// - The blocks lie in this page, which has a size class, and are the caller's to free.
/// - There are as many as `blocks` says.
pub(super) unsafe fn free(this: NonNull<PageHead>, blocks: Freed, last: NonNull<u8>) {
    // SAFETY: the page has a block in use, ours, so it stays at least until the push.
    let page = unsafe { this.as_ref() };
    // SAFETY: until they are pushed the blocks are ours.
    let link = |next| unsafe { PageHead::set_link(last, next) };
    if delay::push(&page.shared.remote, blocks, link) == Pushed::Wake {
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
        // SAFETY: the page stays while in FREEING.
        let link = unsafe { &page.as_ref().shared.wake_next };
        // Relaxed: the list orders it.
        push(&self.0, page, |next| link.store(next, Relaxed));
    }

    /// Calls `f` with each page, which is off the list by then.
    ///
    /// # Safety
    ///
    /// - By the owner, who has not released any page on it.
    #[inline]
    pub(super) unsafe fn drain(&self, f: impl Fn(NonNull<PageHead>)) {
        let mut next = take_all(&self.0);
        while let Some(page) = NonNull::new(next) {
            // SAFETY: pages of the list are the owner's.
            next = unsafe { page.as_ref() }.shared.wake_next.load(Relaxed);
            f(page);
        }
    }
}

/// Puts a node in front of a list; `link` writes the next one into it.
pub(super) fn push<T>(list: &impl Atomic<*mut T>, node: NonNull<T>, link: impl Fn(*mut T)) {
    let mut first = list.load(Relaxed);
    loop {
        link(first);
        // Release, paired with `take_all`: it sees our link.
        match list.compare_exchange_weak(first, node.as_ptr(), Release, Relaxed) {
            Ok(_) => return,
            Err(now) => first = now,
        }
    }
}

/// Empties a list: its first node, or null.
#[inline]
pub(super) fn take_all<T>(list: &impl Atomic<*mut T>) -> *mut T {
    if list.load(Relaxed).is_null() {
        return ptr::null_mut();
    }
    // Acquire, paired with `push`.
    list.swap(ptr::null_mut(), Acquire)
}
