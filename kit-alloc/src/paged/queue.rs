//! A doubly linked list of pages, through their descriptors: one per size class, one of full pages.

use core::{
    cell::Cell,
    ptr::{self, NonNull},
};

use kit_core::backend::page::PageHead;

/// A list of pages. All zeros is the empty list.
#[derive(Debug)]
pub struct Queue {
    head: Cell<*const PageHead>,
    tail: Cell<*const PageHead>,
}

impl Queue {
    /// An empty list.
    pub const fn new() -> Self {
        Self {
            head: Cell::new(ptr::null()),
            tail: Cell::new(ptr::null()),
        }
    }

    /// The first page.
    pub fn first(&self) -> Option<NonNull<PageHead>> {
        NonNull::new(self.head.get().cast_mut())
    }

    /// Whether there is exactly one page.
    pub fn is_single(&self) -> bool {
        !self.head.get().is_null() && ptr::eq(self.head.get(), self.tail.get())
    }

    /// Adds a page at the end.
    ///
    /// # Safety
    ///
    /// - The caller owns the page and every page in the list; the page is in no list.
    pub unsafe fn push(&self, page: NonNull<PageHead>) {
        let tail = self.tail.get();
        // SAFETY: pages of the list are the caller's.
        unsafe {
            page.as_ref().hot.next.set(ptr::null());
            page.as_ref().hot.prev.set(tail);
            match tail.as_ref() {
                Some(tail) => tail.hot.next.set(page.as_ptr()),
                None => self.head.set(page.as_ptr()),
            }
        }
        self.tail.set(page.as_ptr());
    }

    /// Takes a page out.
    ///
    /// # Safety
    ///
    /// - The page is in this list, and the caller owns all of it.
    pub unsafe fn remove(&self, page: NonNull<PageHead>) {
        // SAFETY: pages of the list are the caller's.
        unsafe {
            let (next, prev) = (page.as_ref().hot.next.get(), page.as_ref().hot.prev.get());
            match next.as_ref() {
                Some(next) => next.hot.prev.set(prev),
                None => self.tail.set(prev),
            }
            match prev.as_ref() {
                Some(prev) => prev.hot.next.set(next),
                None => self.head.set(next),
            }
        }
    }
}

/// The page after `page` in its list.
///
/// # Safety
///
/// - The caller owns the page.
pub unsafe fn next(page: NonNull<PageHead>) -> Option<NonNull<PageHead>> {
    // SAFETY: the page is the caller's.
    NonNull::new(unsafe { page.as_ref() }.hot.next.get().cast_mut())
}
