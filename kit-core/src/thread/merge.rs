//! The merge queue: objects whose last visible reference another thread dropped, on their way home.
//!
//! A thread that drops a reference it has not counted itself cannot know whether the object is
//! dead: the owner's half says. It marks the object QUEUED, which turns its reference into the
//! queue's, and hands the object to the owner, who merges the halves at its next safepoint. An
//! owner that is detached may stay so for long, so the halves are then merged on its behalf, while
//! it is kept from attaching; and an owner that has exited has nobody to race with.
//!
//! The registry's lock covers all of it: the lookup of the owner, its queue, its suspension.

use super::registry::Registry;
use super::{Thread, breaker};
use crate::backend::heap::HeapKind;
use crate::object::Header;
use crate::refcount::biased::Released;
use crate::sync::atomic::Ordering::Relaxed;
use crate::sync::parking::ParkingLot;
use core::cell::Cell;
use core::ptr;

const CHUNK: usize = 61;

#[repr(C)]
struct Chunk {
    next: *mut Chunk,
    len: usize,
    items: [*mut Header; CHUNK],
}

/// One thread's queue. Touched under the registry's lock only.
pub struct MergeQueue {
    head: Cell<*mut Chunk>,
    /// The owner is leaving and touches no object any more: others merge for it.
    closed: Cell<bool>,
}

impl MergeQueue {
    pub(super) const fn new() -> MergeQueue {
        MergeQueue {
            head: Cell::new(ptr::null_mut()),
            closed: Cell::new(false),
        }
    }
}

/// Where the owners are found.
pub struct MergeTable {
    /// The threads by slot.
    pub registry: &'static Registry,
    /// Where threads sleep.
    pub lot: &'static ParkingLot,
}

impl MergeTable {
    /// Hands a queued object to its owner, or settles it here if the owner cannot.
    ///
    /// # Safety
    /// - Releasing `object` on `thread`, the running thread, returned [`Released::Queue`].
    pub(super) unsafe fn enqueue(&self, thread: &Thread, object: *mut Header) {
        // A chunk is allocated before the lock is taken: the heap has locks of its own.
        let mut spare = ptr::null_mut::<Chunk>();
        let verdict = loop {
            let outcome = self.registry.with(self.lot, |threads| {
                // SAFETY: the queue's reference keeps the object.
                let header = unsafe { &*object };
                // Relaxed: under the registry's lock an owner neither comes nor goes; a merge by the
                // owner itself shows as 0 now or makes the merge below a repetition, which is allowed.
                let owner = header.owner.load(Relaxed);
                if owner == 0 {
                    // Merged since: the queue's reference is an ordinary one.
                    // SAFETY: nobody owns the object.
                    return Ok(unsafe { header.release_shared(thread.counter()) });
                }
                let Some(core) = threads.get(owner) else {
                    // SAFETY: the owner has exited, and nobody can take its slot under the lock.
                    return Ok(unsafe { header.merge(-1, thread.counter()) });
                };
                // SAFETY: a registered core is the first field of its record; the lock is held.
                let queue = unsafe { &(*ptr::from_ref(core).cast::<Thread>()).merge };
                if queue.closed.get() {
                    // SAFETY: the owner has said that it touches no object any more.
                    return Ok(unsafe { header.merge(-1, thread.counter()) });
                }
                if core.status.try_suspend() {
                    // SAFETY: the owner is detached and cannot attach until it is resumed.
                    let verdict = unsafe { header.merge(-1, thread.counter()) };
                    core.status.resume(self.lot);
                    return Ok(verdict);
                }
                let mut chunk = queue.head.get();
                // SAFETY: the queue's chunks are valid; the spare is ours until it is linked.
                unsafe {
                    if chunk.is_null() || (*chunk).len == CHUNK {
                        if spare.is_null() {
                            return Err(());
                        }
                        (*spare).next = chunk;
                        (*spare).len = 0;
                        chunk = ::core::mem::replace(&mut spare, ptr::null_mut());
                        queue.head.set(chunk);
                    }
                    (*chunk).items[(*chunk).len] = object;
                    (*chunk).len += 1;
                }
                core.breaker.raise(breaker::MERGE);
                Ok(Released::Alive)
            });
            match outcome {
                Ok(verdict) => break verdict,
                Err(()) => match thread.heap.alloc(HeapKind::Buffer, size_of::<Chunk>()) {
                    Some(block) => spare = block.as_ptr().cast(),
                    // No memory to say so: the reference is lost and the object leaks.
                    None => break Released::Alive,
                },
            }
        };
        if let Some(spare) = ptr::NonNull::new(spare) {
            // SAFETY: allocated above and not linked.
            unsafe { thread.heap.free(spare.cast()) };
        }
        if verdict == Released::Dead {
            // SAFETY: nobody else refers to the object.
            unsafe { thread.released(object, verdict) };
        }
    }

    /// Merges what others have queued for `thread`. Objects that turn out dead join its list of the
    /// dying.
    ///
    /// # Safety
    /// - `thread` is the running thread's record, or its thread is stopped and will find its list of
    ///   the dying when it goes on.
    pub unsafe fn process(&self, thread: &Thread) {
        loop {
            let chunk = self
                .registry
                .with(self.lot, |_| thread.merge.head.replace(ptr::null_mut()));
            if chunk.is_null() {
                return;
            }
            // SAFETY: the chunks were spliced off and are ours now; the caller's promise covers `thread`.
            unsafe { Self::settle(thread, chunk) };
        }
    }

    /// The same for a stopper, which may hold the registry's lock.
    ///
    /// # Safety
    /// - The world is stopped, and nobody walks the heap.
    pub unsafe fn process_stopped(&self, thread: &Thread) {
        // Nobody can queue anything: that takes an attached thread.
        let chunk = thread.merge.head.replace(ptr::null_mut());
        // SAFETY: the chunks were spliced off and are ours now, and `thread` is stopped.
        unsafe { Self::settle(thread, chunk) };
    }

    /// # Safety
    /// - The chunks were taken from `thread`'s queue; `thread` runs here, or is stopped.
    unsafe fn settle(thread: &Thread, mut chunk: *mut Chunk) {
        while !chunk.is_null() {
            // SAFETY: the chunk is ours; each object in it carries the queue's reference, and `thread`
            // owns it or its count is merged already.
            unsafe {
                for &object in &(&(*chunk).items)[..(*chunk).len] {
                    let verdict = (*object).merge(-1, thread.counter());
                    if verdict == Released::Dead {
                        thread.dying_push(object);
                    }
                }
                let next = (*chunk).next;
                thread.heap.free(ptr::NonNull::new_unchecked(chunk.cast()));
                chunk = next;
            }
        }
    }

    /// Closes the queue of a thread that leaves; false when there is something left to process.
    /// After success the thread must not touch the count of any object.
    #[must_use]
    pub fn close(&self, thread: &Thread) -> bool {
        self.registry.with(self.lot, |_| {
            let idle = thread.merge.head.get().is_null();
            thread.merge.closed.set(idle);
            idle
        })
    }
}
