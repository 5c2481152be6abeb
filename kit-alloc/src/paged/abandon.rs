//! Threads that leave: their pages wait in the shared heap until someone needs one of that kind and size.
//!
//! The collector finds abandoned pages as it finds all others, by walking the segments, so there is no
//! moment in which it could miss one. Frees into them go on the page's list for other threads.

use core::{
    array,
    ptr::{self, NonNull},
};
use kit_core::sync::native::{AtomicPtr, Ordering::Relaxed};

use kit_core::backend::{
    heap::{CLASSES, HeapKind, KINDS},
    page::{PageHead, SLICE},
};

use super::{
    Heap,
    block::{self, FULL},
    delay,
    directory::End,
    local::Local,
    page,
    queue::Queue,
};
use crate::{lock::SpinLock, size_class::SINGLE};

/// The pages that nobody owns, by kind and class, and the records that no thread uses.
#[derive(Debug)]
pub(super) struct Pool {
    /// A list each, through `next`. Changed under the lock; read without, to see whether it is empty.
    pages: [[AtomicPtr<PageHead>; CLASSES + 1]; KINDS],
    records: SpinLock<Records>,
}

#[derive(Debug)]
struct Records {
    unused: *mut Local,
    fresh: *mut Local,
    left: usize,
    /// All of them that were ever used, the latest first.
    all: *mut Local,
}

// SAFETY: records are memory that belongs to whoever holds the lock.
unsafe impl Send for Records {}

impl Pool {
    pub(super) const fn new() -> Self {
        Self {
            pages: [const { [const { AtomicPtr::new(ptr::null_mut()) }; CLASSES + 1] }; KINDS],
            records: SpinLock::new(Records {
                unused: ptr::null_mut(),
                fresh: ptr::null_mut(),
                left: 0,
                all: ptr::null_mut(),
            }),
        }
    }

    /// A page of this kind and class, now the caller's.
    pub(super) fn take(&self, kind: HeapKind, class: usize) -> Option<NonNull<PageHead>> {
        let list = &self.pages[kind as usize][class];
        if list.load(Relaxed).is_null() {
            return None;
        }
        let _lock = self.records.lock();
        let this = NonNull::new(list.load(Relaxed))?;
        // SAFETY: pages of the pool belong to whoever has the lock.
        let hot = unsafe { &this.as_ref().hot };
        list.store(hot.next.get().cast_mut(), Relaxed);
        hot.goal.set(0);
        Some(this)
    }

    /// Adds a page that was the caller's.
    fn give(&self, this: NonNull<PageHead>) {
        // SAFETY: the caller's page.
        let page = unsafe { this.as_ref() };
        let list = &self.pages[page.kind.get() as usize & 3][page.class.get() as usize];
        let _lock = self.records.lock();
        page.hot.next.set(list.load(Relaxed));
        list.store(this.as_ptr(), Relaxed);
    }
}

impl Heap {
    /// A record for a thread.
    pub(super) fn record(&self) -> Option<NonNull<Local>> {
        let mut records = self.pool.records.lock();
        if records.unused.is_null() && records.left == 0 {
            drop(records);
            let span = self
                .segments
                .claim(1, End::Front)
                .or_else(|| self.segments.claim_fresh(1, End::Front))?;
            // SAFETY: the slice is ours; it becomes records.
            let fresh = unsafe {
                page::init_records(span);
                PageHead::at(span.head, span.head.as_ref().start.get())
            };
            records = self.pool.records.lock();
            if records.unused.is_null() && records.left == 0 {
                records.fresh = fresh.cast().as_ptr();
                records.left = SLICE / size_of::<Local>();
            } else {
                // Another thread brought one meanwhile.
                drop(records);
                // SAFETY: the slice is still ours.
                unsafe { page::release(self, span.head) };
                return self.record();
            }
        }
        let heap = NonNull::from_ref(self);
        if records.unused.is_null() {
            let record = NonNull::new(records.fresh)?;
            // SAFETY: there is one left, which is ours now, large enough and aligned.
            unsafe {
                records.fresh = record.as_ptr().add(1);
                record.write(Local::new(heap, records.all));
            }
            records.left -= 1;
            records.all = record.as_ptr();
            Some(record)
        } else {
            let record = NonNull::new(records.unused)?;
            // SAFETY: unused records are the lock holder's; the one taken is ours now, and stays among all.
            unsafe {
                records.unused = record.as_ref().next.get();
                record.write(Local::new(heap, record.as_ref().older));
            }
            Some(record)
        }
    }

    /// Sends what threads have freed but not sent to its pages.
    ///
    /// # Safety
    ///
    /// - The world is stopped.
    pub(super) unsafe fn send_all(&self) {
        // Several threads may be about to walk.
        let records = self.pool.records.lock();
        let mut at = records.all;
        // SAFETY: records stay, and their threads are stopped.
        while let Some(local) = unsafe { at.as_ref() } {
            // SAFETY: the world is stopped.
            unsafe { local.outbox.send() };
            at = local.older;
        }
    }

    /// Releases abandoned pages that are empty and past their grace period.
    pub(super) fn sweep_abandoned(&self) {
        for lists in &self.pool.pages {
            for list in lists {
                if list.load(Relaxed).is_null() {
                    continue;
                }
                let mut keep = ptr::null_mut::<PageHead>();
                let mut released = ptr::null_mut::<PageHead>();
                let lock = self.pool.records.lock();
                let mut at = list.load(Relaxed);
                while let Some(this) = NonNull::new(at) {
                    // SAFETY: pages of the pool belong to whoever has the lock.
                    unsafe {
                        let page = this.as_ref();
                        at = page.hot.next.get().cast_mut();
                        if page.class.get() != SINGLE {
                            block::take_remote(this);
                        }
                        let empty = page.hot.used.get() == 0;
                        let to = if empty && self.grace_passed(page) {
                            &mut released
                        } else {
                            &mut keep
                        };
                        page.hot.next.set(*to);
                        *to = this.as_ptr();
                    }
                }
                list.store(keep, Relaxed);
                drop(lock);
                while let Some(this) = NonNull::new(released) {
                    // SAFETY: empty, and ours since we took it from the pool.
                    unsafe {
                        released = this.as_ref().hot.next.get().cast_mut();
                        page::release(self, this);
                    }
                }
            }
        }
    }

    /// Whether a page's memory may become something else; begins its grace period if that did not.
    pub(super) fn grace_passed(&self, page: &PageHead) -> bool {
        if !page.heap_kind().is_object() {
            return true;
        }
        match page.hot.goal.get() {
            0 => {
                let goal = self.grace().current_goal();
                page.hot.goal.set(goal);
                self.grace().reached(goal)
            }
            goal => self.grace().reached(goal),
        }
    }
}

/// Gives a thread's pages to the shared heap, and its record to the next thread.
///
/// # Safety
///
/// - By the thread that used the record, which does not use it again.
pub(super) unsafe fn exit(record: NonNull<Local>) {
    // SAFETY: this thread's, as the caller says.
    let local = unsafe { record.as_ref() };
    let heap = local.heap();
    // SAFETY: this thread's.
    unsafe { local.outbox.send() };
    for queue in all(local) {
        let mut at = queue.first();
        while let Some(this) = at {
            // SAFETY: pages in our lists are ours. After this no thread touches our record for this page.
            unsafe {
                delay::abandon(&this.as_ref().shared.remote);
                at = super::queue::next(this);
            }
        }
    }
    // Whatever is on the wake list now is about to be abandoned, too: there is nothing to put back.
    // SAFETY: our list.
    unsafe { local.wake.drain(|_| {}) };
    while let Some(this) = local.pending.pop() {
        // SAFETY: pending pages are ours.
        let page = unsafe { this.as_ref() };
        if page.class.get() == SINGLE {
            heap.pool.give(this);
        } else if page.hot.used.get() != 0 {
            page.hot.goal.set(0);
        }
    }
    for queue in all(local) {
        while let Some(this) = queue.first() {
            // SAFETY: pages in our lists are ours until we give them away.
            unsafe {
                queue.remove(this);
                let page = this.as_ref();
                page.state.set(page.state.get() & !FULL);
                // Relaxed: whoever frees here compares with what is its own. A thread that gets our record,
                // or our slot, gets it through a lock, and so after this.
                page.heap.store(ptr::null_mut(), Relaxed);
                page.owner.store(0, Relaxed);
                block::take_remote(this);
                if page.hot.used.get() == 0 && heap.grace_passed(page) {
                    page::release(heap, this);
                } else {
                    heap.pool.give(this);
                }
            }
        }
    }
    let mut records = heap.pool.records.lock();
    local.next.set(records.unused);
    // Not by way of the reference: the next thread writes a record there.
    records.unused = record.as_ptr();
}

/// All lists of pages that a thread has.
fn all(local: &Local) -> impl Iterator<Item = &Queue> {
    local
        .queues
        .iter()
        .flatten()
        .chain(array::from_ref(&local.full))
}
