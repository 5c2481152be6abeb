//! The merge queue: objects whose last visible reference another thread dropped, on their way home.
//!
//! A thread that drops a reference it has not counted itself cannot know whether the object is
//! dead: the owner's half says. It marks the object QUEUED, which turns its reference into the
//! queue's, and hands the object to the owner, who merges the halves at its next safepoint.
//!
//! | the owner | what the one who drops does |
//! |---|---|
//! | is 0: the halves were merged meanwhile | drops the queue's reference like any other |
//! | has exited, or closed its queue to exit | merges: nobody is left to race with |
//! | is detached | merges, with the owner kept from attaching: it may stay outside for long |
//! | is stopped, or shut out | merges: it cannot go on while the registry is locked |
//! | is attached | queues the object and raises the owner's breaker |
//!
//! The registry's lock covers all of it: the lookup of the owner, its queue, its suspension. It is also what
//! makes a thread that takes over a slot see the last counts of the thread that left it.
//!
//! # Without memory
//!
//! When there is no memory for a longer queue, the object stays where it is: QUEUED, on no queue, with the
//! queue's reference. The header is record enough. With the world stopped and every queue processed, whatever
//! is still QUEUED is such an object, and [`MergeTable::process_stopped`] finds it by a walk over the heap.
//!
//! So is an object whose reference was dropped where no thread of the runtime ran: on a native thread that is not attached,
//! and perhaps never will be ([`MergeTable::leave`]).

use super::registry::{Registry, Threads};
use super::{Thread, breaker};
use crate::backend::{
    heap::{HeapKind, Kinds, SharedHeap},
    page::PageHead,
    world::Stopped,
};
use crate::object::Header;
use crate::refcount::{
    biased::{FLAGS, QUEUED, Released},
    counter::Counter,
};
use crate::sync::{
    atomic::{AtomicBool, Ordering::Relaxed},
    cell::UnsafeCell,
    parking::ParkingLot,
};
use core::ptr::{self, NonNull};

/// One thread's queue. Touched under the registry's lock only, or with the world stopped.
#[derive(Debug)]
pub(super) struct MergeQueue {
    inner: UnsafeCell<Inner>,
}

#[derive(Debug)]
struct Inner {
    head: *mut Chunk,
    /// The owner is leaving and touches no object any more: others merge for it.
    closed: bool,
}

#[derive(Debug)]
#[repr(C)]
struct Chunk {
    next: *mut Chunk,
    len: usize,
    items: [*mut Header; CHUNK],
}

impl MergeQueue {
    pub(super) fn new() -> MergeQueue {
        MergeQueue {
            inner: UnsafeCell::new(Inner {
                head: ptr::null_mut(),
                closed: false,
            }),
        }
    }

    /// Whether nothing is queued.
    pub(super) fn is_empty(&self, locked: &Threads<'_>) -> bool {
        self.with(locked, |queue| queue.head.is_null())
    }

    /// Takes everything that is queued.
    fn take(&self, locked: &Threads<'_>) -> Option<NonNull<Chunk>> {
        self.with(locked, |queue| {
            NonNull::new(core::mem::replace(&mut queue.head, ptr::null_mut()))
        })
    }

    /// `_locked` is the registry in which the thread of this queue is registered.
    fn with<R>(&self, _locked: &Threads<'_>, body: impl FnOnce(&mut Inner) -> R) -> R {
        // SAFETY: under the lock, and bodies do not come back here.
        self.inner.with_mut(|inner| body(unsafe { &mut *inner }))
    }
}

/// Where the owners are found.
#[derive(Debug)]
pub struct MergeTable {
    /// The threads by slot.
    registry: &'static Registry,
    /// Where threads sleep.
    pub(super) lot: &'static ParkingLot,
    /// There are QUEUED objects on no queue.
    lost: AtomicBool,
}

/// What came of handing over an object.
enum Handed {
    /// It was merged, and the reference dropped.
    Settled(Released),
    Queued,
    /// The queue needs a chunk.
    Full,
}

impl MergeTable {
    /// For the threads of `registry`, which sleep in `lot`.
    pub fn new(registry: &'static Registry, lot: &'static ParkingLot) -> MergeTable {
        MergeTable {
            registry,
            lot,
            lost: AtomicBool::new(false),
        }
    }

    /// Hands a queued object to its owner, or settles it here if the owner cannot.
    ///
    /// # Safety
    /// - Releasing `object` on `thread`, the running thread, returned [`Released::Queue`].
    pub(super) unsafe fn enqueue(&self, thread: &Thread, object: *mut Header) {
        let mut spare = ptr::null_mut();
        let handed = loop {
            // SAFETY: as the caller says.
            let handed = unsafe { self.hand_over(thread.counter(), object, &mut spare) };
            if !matches!(handed, Handed::Full) {
                break handed;
            }
            // Allocated without the registry's lock: the heap has locks of its own.
            match thread.heap.alloc(HeapKind::Buffer, size_of::<Chunk>()) {
                Some(block) => spare = block.as_ptr().cast(),
                None => break handed,
            }
        };
        if let Some(spare) = NonNull::new(spare) {
            // SAFETY: allocated above and not linked.
            unsafe { thread.heap.free(spare.cast()) };
        }
        match handed {
            Handed::Queued => {}
            // SAFETY: the verdict is on the queue's reference, dropped by this thread.
            Handed::Settled(verdict) => unsafe { thread.released(object, verdict) },
            Handed::Full => self.lose(thread),
        }
    }

    /// Notes that an object is QUEUED and on no queue.
    pub(super) fn lose(&self, thread: &Thread) {
        // Relaxed: who acts on it stops the world first, and a stop orders all.
        self.lost.store(true, Relaxed);
        thread.core.breaker.raise(breaker::MERGE);
    }

    /// Leaves an object QUEUED and on no queue, which was released outside of the runtime. Who has done so calls
    /// [`search`](Self::search) of the runtime's table.
    ///
    /// # Safety
    /// - `verdict` is what releasing `object` returned to the running thread, which has not acted on it.
    /// - `by` is the running thread's.
    pub unsafe fn leave(object: *mut Header, verdict: Released, by: Counter) {
        if verdict == Released::Dead {
            // SAFETY: dead, and the caller's to give away.
            unsafe { (*object).requeue(by) };
        }
    }

    /// Has what was [left](Self::leave) found, soon if a thread runs. Not by a thread that holds the registry's lock.
    pub fn search(&self) {
        // Relaxed: the lock orders it behind what was left, and before who looks under the lock.
        self.registry.with(self.lot, |threads| {
            self.lost.store(true, Relaxed);
            if let Some(core) = threads.iter().next() {
                core.breaker.raise(breaker::MERGE);
            }
        });
    }

    /// # Safety
    /// - As for [`enqueue`](Self::enqueue); `by` is the running thread's.
    /// - `spare` is null or a chunk of the caller's, to use up.
    unsafe fn hand_over(&self, by: Counter, object: *mut Header, spare: &mut *mut Chunk) -> Handed {
        self.registry.with(self.lot, |threads| {
            // SAFETY: the queue's reference keeps the object.
            let header = unsafe { &*object };
            // Relaxed: under the registry's lock an owner neither comes nor goes; a merge by the
            // owner itself shows as 0 now or makes the merge below a repetition, which is allowed.
            let owner = header.owner.load(Relaxed);
            if owner == 0 {
                // Merged since, or just being merged: the queue's reference is an ordinary one.
                // SAFETY: nobody owns the object.
                return Handed::Settled(unsafe { header.release_shared(by) });
            }
            let Some(core) = threads.get(owner) else {
                // SAFETY: the owner has exited, and nobody can take its slot under the lock.
                return Handed::Settled(unsafe { header.merge(-1, by) });
            };
            if core.merge.with(threads, |queue| queue.closed) || core.status.get().is_stopped() {
                // SAFETY: the owner has said that it touches no object any more; or it cannot go on before
                // the world does, for which the lock is needed, or for ever.
                return Handed::Settled(unsafe { header.merge(-1, by) });
            }
            // SAFETY: under the registry's lock, and resumed below.
            if unsafe { core.status.try_suspend() } {
                // SAFETY: the owner is detached and cannot attach until it is resumed.
                let verdict = unsafe { header.merge(-1, by) };
                // SAFETY: suspended above, under the same lock.
                unsafe { core.status.resume(self.lot) };
                return Handed::Settled(verdict);
            }
            // SAFETY: as the caller says.
            let queued = core
                .merge
                .with(threads, |queue| unsafe { queue.push(object, spare) });
            if !queued {
                return Handed::Full;
            }
            core.breaker.raise(breaker::MERGE);
            Handed::Queued
        })
    }

    /// Merges what others have queued for `thread`. Objects that turn out dead join its list of the
    /// dying.
    ///
    /// # Safety
    /// - `thread` is the running thread's record.
    pub unsafe fn process(&self, thread: &Thread) {
        // SAFETY: the chunks are in order; each object in them carries the queue's reference, and `thread`
        // owns it or its count is merged already.
        unsafe {
            let queued = || {
                self.registry
                    .with(self.lot, |threads| thread.core.merge.take(threads))
            };
            while let Some(chunk) = queued() {
                Self::settle(thread, chunk);
            }
        }
    }

    /// # Safety
    /// - The chunks were taken from a queue whose thread is the caller, or stopped; `thread` runs here.
    unsafe fn settle(thread: &Thread, chunk: NonNull<Chunk>) {
        let mut chunk = chunk.as_ptr();
        while !chunk.is_null() {
            // SAFETY: the chunk is ours; each object in it carries the queue's reference.
            unsafe {
                for &object in &(&(*chunk).items)[..(*chunk).len] {
                    let verdict = (*object).merge(-1, thread.counter());
                    thread.released(object, verdict);
                }
                let next = (*chunk).next;
                thread.heap.free(NonNull::new_unchecked(chunk.cast()));
                chunk = next;
            }
        }
    }

    /// Closes the queue of a thread that leaves; false when there is something left to process.
    /// After success the thread must not touch the count of any object.
    #[must_use]
    pub fn close(&self, thread: &Thread) -> bool {
        self.registry.with(self.lot, |threads| {
            thread.core.merge.with(threads, |queue| {
                queue.closed = queue.head.is_null();
                queue.closed
            })
        })
    }

    /// Whether a thread has closed its queue: it is leaving.
    pub fn is_closed(&self, thread: &Thread) -> bool {
        self.registry.with(self.lot, |threads| {
            thread.core.merge.with(threads, |queue| queue.closed)
        })
    }

    /// Whether there was no memory to queue an object: somebody should stop the world, and then
    /// [process everything](Self::process_stopped).
    pub fn has_lost(&self) -> bool {
        self.lost.load(Relaxed)
    }

    /// Merges what is queued for any thread, and finds and merges the objects for which there was no memory.
    /// Those that turn out dead join the list of `thread`: a thread that waits outside keeps nothing from
    /// being freed. What cannot even be listed stays for the next time.
    ///
    /// # Safety
    /// - `thread` is the running thread's record, which has stopped the world: this registry's.
    /// - `heap` is the one that all objects of the runtime come from, and nobody walks it.
    pub unsafe fn process_stopped(
        &self,
        stopped: &Stopped<'_>,
        heap: &dyn SharedHeap,
        thread: &Thread,
    ) {
        debug_assert!(ptr::eq(stopped.world().registry(), self.registry));
        // One queue at a time: the lock is not held while objects are settled.
        let queued = || {
            self.registry.with(self.lot, |threads| {
                threads.iter().find_map(|core| core.merge.take(threads))
            })
        };
        while let Some(chunk) = queued() {
            // SAFETY: the owners are stopped, or us.
            unsafe { Self::settle(thread, chunk) };
        }
        // Relaxed: nobody else runs; but who leaves something from outside, under the lock.
        let lost = self
            .registry
            .with(self.lot, |_| self.lost.swap(false, Relaxed));
        if lost {
            // SAFETY: stopped, with every queue empty.
            unsafe { self.recover(heap, thread) };
        }
    }

    /// # Safety
    /// - As for [`process_stopped`](Self::process_stopped), and every queue is empty.
    #[cold]
    unsafe fn recover(&self, heap: &dyn SharedHeap, thread: &Thread) {
        loop {
            let mut dead = [ptr::null_mut(); BATCH];
            let mut found = 0;
            let mut settle = |object: *mut Header| {
                // SAFETY: a live block; what is QUEUED carries the queue's reference, and its owner is stopped.
                unsafe {
                    if found < BATCH
                        && (*object).count.shared() & FLAGS == QUEUED
                        && (*object).merge(-1, thread.counter()) == Released::Dead
                    {
                        dead[found] = object;
                        found += 1;
                    }
                }
            };
            // SAFETY: stopped, by the caller's promise; nothing is allocated or freed during the walk.
            unsafe {
                for part in 0..heap.walk_parts() {
                    heap.walk_pages(part, Kinds::OBJECTS, &mut |page| {
                        let offset = page.as_ref().heap_kind().header_offset();
                        PageHead::for_each_live(page, |block| {
                            settle(block.add(offset).cast().as_ptr());
                        });
                    });
                }
            }
            for &object in &dead[..found] {
                // SAFETY: the verdict came from this object.
                unsafe { thread.released(object, Released::Dead) };
            }
            // Without memory for the list, they would be found over and over.
            if found < BATCH || self.has_lost() {
                break;
            }
        }
        // No queue is left to process, and asking again at once would not help.
        thread.core.breaker.take(breaker::MERGE);
    }
}

impl Inner {
    /// Adds an object. False: there is no room, and no spare chunk.
    ///
    /// # Safety
    /// - `spare` is null or a chunk of the caller's.
    unsafe fn push(&mut self, object: *mut Header, spare: &mut *mut Chunk) -> bool {
        // SAFETY: the queue's chunks are valid; the spare is ours until it is linked.
        unsafe {
            if self.head.is_null() || (*self.head).len == CHUNK {
                let Some(chunk) = NonNull::new(core::mem::replace(spare, ptr::null_mut())) else {
                    return false;
                };
                (*chunk.as_ptr()).next = self.head;
                (*chunk.as_ptr()).len = 0;
                self.head = chunk.as_ptr();
            }
            let chunk = &mut *self.head;
            chunk.items[chunk.len] = object;
            chunk.len += 1;
            true
        }
    }
}

const CHUNK: usize = 61;
/// Objects recovered by one walk, at most.
const BATCH: usize = 256;

#[cfg(all(test, loom))]
mod model;
