//! The record of a thread: what it owns, at an address that never changes while it is registered.

use super::core::ThreadCore;
use super::dying::Dying;
use super::free_list::FreeLists;
use crate::backend::events::Events;
use crate::backend::grace::Grace;
use crate::backend::heap::LocalHeap;
use crate::backend::retire::{AfterRetire, RetireFull, RetireQueue, Retired};
use crate::code::CodeSpace;
use crate::frame::stack::DataStack;
use crate::object::{Header, TypeTable, Word};
use crate::platform::thread::Platform;
use crate::refcount::biased::Released;
use crate::refcount::counter::Counter;
use crate::refcount::per_thread::{CountIds, ThreadCounts};
use ::core::cell::{Cell, UnsafeCell};
use ::core::mem::ManuallyDrop;
use ::core::ptr::NonNull;

/// What the threads of one runtime share, as far as the kit's inner loops need it.
pub struct Services {
    /// The types.
    pub types: TypeTable,
    /// The embedder's part in an object's death and in a thread's safepoints.
    pub events: Events,
    /// Grace periods.
    pub grace: &'static dyn Grace,
    /// The owners of objects by slot.
    pub merge: super::merge::MergeTable,
    /// The objects whose references are counted per thread.
    pub count_ids: CountIds,
    /// The images of code that threads run.
    pub code: CodeSpace,
}

/// A thread's record. Its cells belong to the thread itself, and to nobody else unless it is
/// stopped or detached and suspended.
#[repr(C)]
pub struct Thread {
    /// What other threads may look at.
    pub core: ThreadCore,
    /// The thread's heap.
    pub heap: ManuallyDrop<LocalHeap>,
    /// Dead objects to make new ones of.
    pub free: FreeLists,
    /// References this thread counts for itself.
    pub counts: ThreadCounts,
    /// The data stack. The running interpreter moves in it through [`super::Ctx::stack`].
    pub stack: UnsafeCell<DataStack>,
    /// What is known of the references in the stack's slots.
    #[cfg(feature = "debug-refs")]
    pub refs: crate::refcount::stack_ref::checked::Table,
    /// Buffers other threads may still be reading.
    pub retired: UnsafeCell<RetireQueue>,
    /// Whether this is the only thread of its runtime: then nobody can race with it.
    pub solo: Cell<bool>,
    /// Objects allocated and freed since the collector was last told.
    pub allocated: Cell<i32>,
    /// How many times immortality is suppressed on this thread ([`super::Ctx::suppress_immortal`]).
    pub(super) suppress_immortal: Cell<u32>,
    /// The embedder's own per-thread state.
    pub host: Cell<*mut ()>,
    services: *const Services,
    /// Dead objects waiting to be taken apart. Last, since the list's first part is in here.
    pub dying: Dying,
}

impl Thread {
    /// Completes the record at `at`, whose `core` is written. It is registered afterwards, in the slot
    /// that was reserved for it: whoever finds the core in the registry may use the whole record.
    ///
    /// # Safety
    /// - `at` has room for a record; its `core` is initialised, the rest is not.
    /// - `services` outlives the record.
    /// - `heap` belongs to the slot that `core` will get.
    /// - The core is not registered yet.
    pub unsafe fn complete(
        at: *mut Thread,
        heap: LocalHeap,
        retired: RetireQueue,
        services: *const Services,
    ) {
        // SAFETY: by the contract; each field is written once.
        unsafe {
            // Beside the heap in the record, so it lives as long.
            heap.set_breaker(NonNull::from_ref(&(*at).core.breaker));
            (&raw mut (*at).heap).write(ManuallyDrop::new(heap));
            (&raw mut (*at).free).write(FreeLists::new());
            (&raw mut (*at).dying).write(Dying::new());
            (&raw mut (*at).counts).write(ThreadCounts::new((*services).count_ids.memory()));
            (&raw mut (*at).stack).write(UnsafeCell::new(DataStack::new()));
            #[cfg(feature = "debug-refs")]
            (&raw mut (*at).refs).write(crate::refcount::stack_ref::checked::Table::new());
            (&raw mut (*at).retired).write(UnsafeCell::new(retired));
            (&raw mut (*at).solo).write(Cell::new(false));
            (&raw mut (*at).allocated).write(Cell::new(0));
            (&raw mut (*at).suppress_immortal).write(Cell::new(0));
            (&raw mut (*at).host).write(Cell::new(::core::ptr::null_mut()));
            (&raw mut (*at).services).write(services);
        }
    }

    /// Replaces the queue of retired buffers and returns it.
    ///
    /// # Safety
    /// - The thread has left: nobody else uses its queue.
    pub unsafe fn take_retired(&self, empty: RetireQueue) -> RetireQueue {
        // SAFETY: by the contract.
        unsafe { self.retired.get().replace(empty) }
    }

    /// The thread's slot, the owner number of its objects.
    #[inline(always)]
    pub fn slot(&self) -> u16 {
        self.core.slot()
    }

    /// The thread, for what changes counts.
    #[inline(always)]
    pub fn counter(&self) -> Counter {
        Counter::new(self.slot(), &self.core.tally)
    }

    /// What all threads of the runtime share.
    #[inline(always)]
    pub fn services(&self) -> &Services {
        // SAFETY: outlives the record, by the contract of `new`.
        unsafe { &*self.services }
    }

    /// Takes one more reference to what `word` refers to; immediates have none.
    ///
    /// # Safety
    /// - This is the running thread's record, and the object cannot die during the call.
    #[inline(always)]
    pub unsafe fn retain(&self, word: Word) {
        if word.is_object() {
            // SAFETY: as the caller says.
            unsafe { (*word.as_object()).retain(self.counter()) };
        }
    }

    /// Drops the reference in `word`, if it owns one. An object that dies is put on the list of
    /// the dying; nothing of it runs now. So this may be called in the middle of everything.
    ///
    /// # Safety
    /// - This is the running thread's record, and the caller gives the reference up.
    #[inline(always)]
    pub unsafe fn release_later(&self, word: Word) {
        if word.is_counted() {
            let object = word.as_object();
            // SAFETY: as the caller says.
            match unsafe { (*object).release(self.counter()) } {
                Released::Alive => {}
                // SAFETY: the verdict came from this object.
                verdict => unsafe { self.released(object, verdict) },
            }
        }
    }

    /// Queues a buffer that was just unlinked until its grace period has passed.
    ///
    /// # Safety
    /// - As [`super::Ctx::retire_buffer`].
    pub unsafe fn retire_block(&self, block: NonNull<u8>, size: usize) {
        let item = Retired {
            block,
            size,
            release: heap_block,
            context: ::core::ptr::null_mut(),
        };
        // SAFETY: the block is unlinked; `release_retired` frees it on the thread that processes it.
        unsafe { self.retire_item(item) };
    }

    /// Queues something that was just unlinked until its grace period has passed.
    ///
    /// # Safety
    /// - This is the running thread's record.
    /// - As [`RetireQueue::retire`].
    pub unsafe fn retire_item(&self, item: Retired) {
        // SAFETY: only this thread uses its queue, and nothing below comes back here.
        let queue = unsafe { &mut *self.retired.get() };
        // SAFETY: as the caller says.
        match unsafe { queue.retire(self.services().grace, item) } {
            Ok(AfterRetire::Go) => {}
            Ok(AfterRetire::Process | AfterRetire::Wait) => {
                self.core.breaker.raise(super::breaker::QSBR)
            }
            // No memory for the queue itself: the block stays unused until the process ends.
            Err(RetireFull(_)) => {}
        }
    }

    /// Frees what is due of the retired buffers.
    ///
    /// # Safety
    /// - This is the running thread's record.
    pub unsafe fn process_retired(&self) {
        loop {
            // SAFETY: only this thread uses its queue, and the borrow ends before anything runs.
            let due = unsafe { &mut *self.retired.get() }.take_due(self.services().grace);
            let Some(batch) = due else { return };
            batch.release_with(|item| self.release_retired(item));
        }
    }

    /// Waits a little, at a safepoint, if more is retired than [may](crate::backend::retire::RetireLimits::ceiling) be.
    /// When that was not enough, the thread does so again at its next safepoint: until the others have reported, it only
    /// does what its breaker asks for.
    ///
    /// # Safety
    /// - As [`process_retired`](Self::process_retired); the thread holds no pointer that it has not counted.
    pub unsafe fn relieve_retired(&self, platform: &dyn Platform) {
        // SAFETY: only this thread uses its queue, and waiting runs nothing.
        let queue = unsafe { &*self.retired.get() };
        if !queue.is_over() {
            return;
        }
        let deadline = platform.now().saturating_add(RELIEF);
        // SAFETY: the thread's own record, at a safepoint, by the contract.
        let give_up = || unsafe { self.core.poll() } != 0 || platform.now() >= deadline;
        if queue.wait(self.services().grace, platform, give_up) {
            // SAFETY: by the contract.
            unsafe { self.process_retired() };
        }
        // SAFETY: as above.
        if unsafe { &*self.retired.get() }.is_over() {
            self.core.breaker.raise(super::breaker::QSBR);
        }
    }

    /// Releases one retired item on this thread.
    pub fn release_retired(&self, item: Retired) {
        // SAFETY: the item is due, and released once. A heap block goes back through this
        // thread's heap, whichever thread retired it.
        unsafe {
            if ::core::ptr::fn_addr_eq(
                item.release,
                heap_block as crate::backend::retire::ReleaseFn,
            ) {
                self.heap.free(item.block);
            } else {
                (item.release)(item.block.as_ptr(), item.size, item.context);
            }
        }
    }

    /// Gives the thread's memory back before it leaves: its stack, and all of its heap, whose pages
    /// go to whoever needs them. Done while still attached, so that no collector walks meanwhile.
    ///
    /// # Safety
    /// - The thread's merge queue is closed; nothing is left on its list of the dying, and the record's heap
    ///   is not used again.
    /// - What the words of its stack refer to may be forgotten.
    pub unsafe fn retire(&self) {
        self.dying.release(self);
        // SAFETY: nobody asks for the stack's words, by the contract, and only this thread uses the stack and the heap: the latter is not
        // used again, and the record does not drop it. Others have the record in their hands, so it is not borrowed alone.
        unsafe {
            self.free.close(&self.heap);
            (*self.stack.get()).release(&self.heap);
            #[cfg(feature = "debug-refs")]
            self.refs.retire(&self.heap);
            drop(ManuallyDrop::into_inner(::core::ptr::read(&self.heap)));
        }
    }

    /// Does what a released object asks for, without running anything.
    ///
    /// # Safety
    /// - `verdict` is what releasing `object` on this thread returned.
    #[inline(never)]
    pub unsafe fn released(&self, object: *mut Header, verdict: Released) {
        match verdict {
            Released::Alive => {}
            Released::Dead => {
                if !self.dying.push(self, object) {
                    // SAFETY: dead, and on no list. Its last reference is the merge queue's from here on.
                    unsafe { (*object).requeue(self.counter()) };
                    self.services().merge.lose(self);
                }
            }
            // SAFETY: the object was queued by this thread just now.
            Released::Queue => unsafe { self.services().merge.enqueue(self, object) },
        }
    }
}

/// How long a thread that has retired too much waits at a safepoint, in nanoseconds.
const RELIEF: u64 = 5_000_000;

/// Marks a retired block of the heap: [`Thread::release_retired`] frees it. Where no thread is left
/// to do that, the heap itself goes, and the block with it.
unsafe fn heap_block(_: *mut u8, _: usize, _: *mut ()) {}
