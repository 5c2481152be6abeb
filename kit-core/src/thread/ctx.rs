//! The thread's context: the token every function of a runtime is passed.
//!
//! `&mut Ctx` means that anything may happen: a quiescent state may be reported, the thread may
//! detach or wait, a collection may run, objects may die and the language's code may run. `&Ctx`
//! means that none of this can: what is read under a lock, or without one, borrows from it, so that
//! holding it across a safepoint does not compile.

use super::Thread;
use crate::backend::heap::HeapKind;
use crate::frame::stack::DataStack;
use crate::object::{Bits, Header, TypeEntry, Word};
use crate::refcount::biased::Released;
use crate::refcount::counter::Counter;
use core::marker::PhantomData;
use core::ptr::NonNull;

/// The context of an attached thread. Neither `Send` nor `Sync`.
pub struct Ctx {
    thread: NonNull<Thread>,
    types: *const TypeEntry,
    counter: Counter,
    _not_send: PhantomData<*mut ()>,
}

impl Ctx {
    /// The context of the running thread.
    ///
    /// # Safety
    /// - `thread` is the running thread's record, registered and attached, and stays so while the
    ///   context exists; there is no other context for it.
    pub unsafe fn new(thread: NonNull<Thread>) -> Ctx {
        // SAFETY: the record is valid, by the contract.
        let record = unsafe { thread.as_ref() };
        Ctx {
            thread,
            types: record.services().types.entries(),
            counter: record.counter(),
            _not_send: PhantomData,
        }
    }

    /// The thread's record.
    #[inline(always)]
    pub fn thread(&self) -> &Thread {
        // SAFETY: valid while the context exists; the thread's own cells are shared with nobody.
        unsafe { self.thread.as_ref() }
    }

    /// The same as a pointer, which borrows nothing.
    #[inline(always)]
    pub(super) fn record(&self) -> NonNull<Thread> {
        self.thread
    }

    /// The thread's slot.
    #[inline(always)]
    pub fn slot(&self) -> u16 {
        self.counter.slot()
    }

    /// The thread, for what changes counts.
    #[inline(always)]
    pub fn counter(&self) -> Counter {
        self.counter
    }

    /// Whether no other thread of the runtime exists: then plain accesses do where others would
    /// need a lock or an atomic read-modify-write. It can only change at a safepoint, by this
    /// thread itself.
    #[inline(always)]
    pub fn solo(&self) -> bool {
        self.thread().solo.get()
    }

    /// The embedder's per-thread state, as it was stored in [`Thread::host`].
    #[inline(always)]
    pub fn host(&self) -> *mut () {
        self.thread().host.get()
    }

    /// The type table's entry for `id`.
    ///
    /// # Safety
    /// - `id` was issued by the table: it comes from the header of an object that cannot die now.
    #[inline(always)]
    pub unsafe fn type_entry(&self, id: u32) -> &TypeEntry {
        // SAFETY: an issued id is inside the array.
        unsafe { &*self.types.add(id as usize) }
    }

    /// The data stack.
    #[inline(always)]
    pub fn stack(&mut self) -> &mut DataStack {
        // SAFETY: only this thread uses its stack while it runs, through its one context.
        unsafe { &mut *self.thread().stack.get() }
    }

    /// Allocates the block of an object of `size` bytes in all and initialises its header: owned by
    /// this thread, one reference. `None` when the heap has no memory.
    ///
    /// Not a safepoint. The fields behind the header are whatever was there before; the caller
    /// writes them before the collector may see the object ([`Bits::TRACKED`]).
    #[inline(always)]
    pub fn allocate(&self, type_id: u32, kind: HeapKind, size: usize) -> Option<NonNull<Header>> {
        let block = self.thread().heap.alloc(kind, size)?.cast::<Header>();
        // SAFETY: fresh from the heap.
        Some(unsafe { self.begin(block, type_id, kind) })
    }

    /// [`allocate`](Self::allocate) for a type whose dead instances go to a free list
    /// ([`TypeEntry::set_free_list`]): made of one of those, if there is one.
    ///
    /// # Safety
    /// - `list` is the type's, and kind and size are those of all its instances.
    #[inline(always)]
    pub unsafe fn allocate_listed(
        &self,
        list: usize,
        type_id: u32,
        kind: HeapKind,
        size: usize,
    ) -> Option<NonNull<Header>> {
        let thread = self.thread();
        let block = match thread.free.list(list).pop() {
            Some(block) => block,
            None => thread.heap.alloc(kind, size)?.cast(),
        };
        // SAFETY: fresh from the heap, or from the list of such blocks.
        Some(unsafe { self.begin(block, type_id, kind) })
    }

    /// # Safety
    /// - `block` is a block of `kind` that is the caller's alone.
    #[inline(always)]
    unsafe fn begin(
        &self,
        block: NonNull<Header>,
        type_id: u32,
        kind: HeapKind,
    ) -> NonNull<Header> {
        let thread = self.thread();
        // SAFETY: the caller's, at least 16 bytes, aligned.
        unsafe { Header::init(block.as_ptr(), type_id, self.counter, Bits::empty()) };
        if !matches!(kind, HeapKind::Plain) {
            let allocated = thread.allocated.get() + 1;
            thread.allocated.set(allocated);
            // At 0 there is nothing to tell: a loop that frees one and makes one may be there all the time.
            if allocated & (COUNTED_AT_ONCE - 1) == 0 && allocated != 0 {
                // Time to tell the collector's trigger, at the next safepoint.
                thread.core.breaker.raise(super::breaker::GC);
            }
        }
        block
    }

    /// Frees a buffer of the heap once no other thread can be reading it: at once when there is no
    /// other thread. Not a safepoint.
    ///
    /// # Safety
    /// - `block` is a buffer of this runtime's heap of `size` bytes, unlinked: nobody who looks now
    ///   can find it.
    pub unsafe fn retire_buffer(&self, block: NonNull<u8>, size: usize) {
        // SAFETY: as the caller says.
        unsafe {
            if self.solo() {
                self.thread().heap.free(block);
            } else {
                self.thread().retire_block(block, size);
            }
        }
    }

    /// Takes one more reference to what `word` refers to.
    ///
    /// # Safety
    /// - The object cannot die during the call.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    pub unsafe fn retain(&self, word: Word) {
        if word.is_object() {
            // SAFETY: as the caller says; the context is the running thread's.
            unsafe { (*word.as_object()).retain(self.counter) };
        }
    }

    /// Drops the reference in `word`, if it owns one. The object may die here and now, with all
    /// that hangs on it.
    ///
    /// # Safety
    /// - The caller gives the reference up.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    pub unsafe fn release(&mut self, word: Word) {
        if word.is_counted() {
            let object = word.as_counted();
            // SAFETY: as the caller says.
            match unsafe { (*object).release(self.counter) } {
                Released::Alive => {}
                // SAFETY: the verdict came from this object.
                verdict => unsafe { self.released_slow(object, verdict) },
            }
        }
    }

    #[cold]
    #[inline(never)]
    unsafe fn released_slow(&mut self, object: *mut Header, verdict: Released) {
        if verdict == Released::Dead {
            // What was listed before waits for its own turn, as if this had been recursion.
            let before = self.thread().dying.len();
            let floor = self.thread().dying.raise_floor();
            // SAFETY: as the caller says: dead, and not on any list.
            unsafe { self.destroy(object) };
            if self.thread().dying.is_pending() {
                self.drain_slow();
            }
            debug_assert!(self.thread().dying.len() == before);
            self.thread().dying.set_floor(floor);
        } else {
            // SAFETY: as the caller says.
            unsafe { self.thread().released(object, verdict) };
            self.drain();
        }
    }

    /// Takes apart everything on the list of the dying, except what an outer drain has in hand.
    #[inline(always)]
    pub fn drain(&mut self) {
        if self.thread().dying.is_pending() {
            self.drain_slow();
        }
    }

    #[cold]
    fn drain_slow(&mut self) {
        let floor = self.thread().dying.floor();
        // What was listed first was dropped first and dies first.
        if self.thread().dying.len() > floor + 1 {
            self.thread().dying.reverse_from(floor);
        }
        while self.thread().dying.len() > floor {
            let Some(object) = self.thread().dying.pop(self.thread()) else {
                return;
            };
            let before = self.thread().dying.len();
            self.thread().dying.raise_floor();
            // SAFETY: a listed object has no references left and is on no other list.
            unsafe { self.destroy(object) };
            self.thread().dying.set_floor(floor);
            if self.thread().dying.len() > before + 1 {
                self.thread().dying.reverse_from(before);
            }
        }
    }

    /// Runs `body`, in which [`drain`](Self::drain) does nothing: what dies there is left to the drain that this is a part of, or to the next.
    /// For finalizers that would nest too deeply otherwise, each in the drain of the one before.
    pub fn postponing_drains<R>(&mut self, body: impl FnOnce(&mut Ctx) -> R) -> R {
        struct Postponed(NonNull<Thread>, usize);
        impl Drop for Postponed {
            fn drop(&mut self) {
                // SAFETY: the record outlives the context, which outlives the call.
                unsafe { self.0.as_ref() }.dying.set_floor(self.1);
            }
        }
        let floor = self.thread().dying.floor();
        self.thread().dying.set_floor(usize::MAX);
        let _postponed = Postponed(self.thread, floor);
        body(self)
    }

    /// Finalizes, takes apart and frees an object without references.
    ///
    /// # Safety
    /// - Releasing `object` on this thread said that it is dead.
    unsafe fn destroy(&mut self, object: *mut Header) {
        // SAFETY: the object's memory is valid until it is freed at the end; its kind's functions
        // are called as they demand.
        unsafe {
            let header = &*object;
            let entry = &*self.types.add(header.type_id() as usize);
            let events = &self.thread().services().events as *const crate::backend::events::Events;
            let bits = header.bits();
            if bits.contains(Bits::WEAKLY_REFERENCED)
                || entry.flags() & crate::backend::events::FINALIZES != 0
            {
                // Runs finalizers and weak reference callbacks: language code.
                if !((*events).dying)(self, object) {
                    return;
                }
            }
            let kind = entry.kind();
            // Nobody sets flags of what is dead: without a read-modify-write, which would take longer than all else.
            header.clear_bits_private(Bits::TRACKED);
            (kind.drop)(object, self);
            let prefix = if bits.contains(Bits::USER) {
                crate::backend::heap::PREFIX
            } else {
                0
            };
            let thread = self.thread();
            if bits.contains(Bits::TRACKED) {
                thread.allocated.set(thread.allocated.get() - 1);
            }
            let list = entry.free_list();
            // A block of an old page would hide a new object from young collections.
            let listed = list != 0
                && (!bits.contains(Bits::TRACKED)
                    || thread
                        .heap
                        .page_of(NonNull::new_unchecked(object).cast())
                        .as_ref()
                        .is_fresh());
            if listed && thread.free.list(list).push(object) {
                return;
            }
            let block = NonNull::new_unchecked(object.cast::<u8>().sub(prefix));
            thread.heap.free(block);
        }
    }

    /// Whether what this thread makes for good may be made immortal now: constants of code, for one.
    /// For whoever would do so; [`Header::make_immortal`] does not ask.
    pub fn may_immortalize(&self) -> bool {
        self.thread().suppress_immortal.get() == 0
    }

    /// Runs `body` without making anything immortal on this thread: code that is compiled on demand, and
    /// thrown away, must not leave its constants behind. Nests.
    #[doc(alias = "suppress_co_const_immortalization")]
    pub fn suppress_immortal<R>(&mut self, body: impl FnOnce(&mut Ctx) -> R) -> R {
        struct Suppressed(NonNull<Thread>);
        impl Drop for Suppressed {
            fn drop(&mut self) {
                // SAFETY: the record outlives the context, which outlives the call.
                let count = unsafe { &self.0.as_ref().suppress_immortal };
                count.set(count.get() - 1);
            }
        }
        let count = &self.thread().suppress_immortal;
        count.set(count.get() + 1);
        let _suppressed = Suppressed(self.thread);
        body(self)
    }

    /// Polls: reports a quiescent state and handles what other threads ask for.
    ///
    /// True when the embedder's handler wants the running code to stop (an exception is set).
    #[inline(always)]
    #[must_use]
    pub fn poll(&mut self) -> bool {
        // SAFETY: a context is used by its thread alone, attached; what safe code holds it has counted.
        if unsafe { self.thread().core.poll() } != 0 {
            self.poll_slow()
        } else {
            false
        }
    }

    /// As [`poll`](Self::poll); `before` runs first if there is anything to handle.
    #[inline(always)]
    #[must_use]
    pub fn poll_after(&mut self, before: impl FnOnce()) -> bool {
        // SAFETY: a context is used by its thread alone, attached; what safe code holds it has counted.
        if unsafe { self.thread().core.poll() } != 0 {
            core::hint::cold_path();
            before();
            self.poll_slow()
        } else {
            false
        }
    }

    #[cold]
    #[inline(never)]
    fn poll_slow(&mut self) -> bool {
        let interrupt = self.thread().services().events.interrupt;
        // SAFETY: called at a safepoint with the thread's own context.
        unsafe { interrupt(self) }
    }
}

/// Objects a thread allocates before it tells the collector's trigger: a power of two.
const COUNTED_AT_ONCE: i32 = 512;
