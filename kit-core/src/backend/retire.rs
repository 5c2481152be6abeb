//! What a thread has unlinked and not freed yet.
//!
//! A thread that unlinks memory which readers may still look at puts it in its own queue. Items collect in
//! an *open* chunk, embedded, so that the first of them never allocate. When the chunk is full, or holds
//! enough bytes, it is *sealed*: it gets one goal for all its items and joins the list of chunks that wait
//! for theirs. Goals are given at the seal, after all the unlinks: one atomic operation per chunk.
//!
//! ```text
//! retire ─▶ open chunk ──seal: goal──▶ sealed ─ sealed ─ sealed ──goal reached──▶ Batch ─▶ release
//! ```
//!
//! Releasing may run anything, more retiring too, so due items leave the queue in small batches first, and
//! are released when nothing is borrowed.
//!
//! Goals grow along a queue, so whoever stops at the first unreached one misses nothing.

use crate::{
    backend::grace::Grace,
    platform::{
        memory::Memory,
        thread::{Platform, SpinPlatform},
    },
    sync::{
        atomic::{AtomicUsize, Ordering::Relaxed},
        spin::Spin,
    },
};
use core::{alloc::Layout, fmt, mem, mem::MaybeUninit, ptr, ptr::NonNull};

/// Releases a block: its address, its size, and a word that says where it came from.
pub type ReleaseFn = unsafe fn(*mut u8, usize, *mut ());

/// Something to release once no reader can see it.
#[derive(Clone, Copy, Debug)]
pub struct Retired {
    /// The block.
    pub block: NonNull<u8>,
    /// Its size: what it counts for against the limits, and what `release` is told.
    pub size: usize,
    /// Releases it.
    pub release: ReleaseFn,
    /// Passed on to `release`: the allocator, the heap, nothing.
    pub context: *mut (),
}

/// How much a queue may hold.
#[derive(Clone, Copy, Debug)]
pub struct RetireLimits {
    /// Bytes after which the open chunk is sealed.
    pub seal_bytes: usize,
    /// Bytes in the whole queue after which its thread is told to wait at its next safepoint.
    pub ceiling: usize,
}

impl Default for RetireLimits {
    fn default() -> Self {
        Self {
            seal_bytes: 1 << 20,
            ceiling: 64 << 20,
        }
    }
}

/// What the thread must do after a [`RetireQueue::retire`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterRetire {
    /// Nothing.
    Go,
    /// A chunk was sealed: raise the breaker's QSBR bit, and release what is due at the next safepoint.
    Process,
    /// The same, and the queue is over its ceiling: [wait](RetireQueue::wait) there.
    Wait,
}

/// The queue is full and there is no memory to make it longer; the item comes back.
///
/// The thread goes to its next safepoint, waits there, and tries again.
#[derive(Debug)]
pub struct RetireFull(pub Retired);

/// One thread's queue.
pub struct RetireQueue {
    memory: &'static Memory,
    limits: RetireLimits,
    /// Sealed in place when `goal` is not 0: then there was no memory to move its items.
    open: Chunk,
    head: *mut Chunk,
    tail: *mut Chunk,
    bytes: usize,
}

// SAFETY: items may be released by any thread, by the contract of `retire`.
unsafe impl Send for RetireQueue {}

impl fmt::Debug for RetireQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetireQueue")
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

impl RetireQueue {
    /// An empty queue that gets longer in `memory`.
    pub fn new(memory: &'static Memory, limits: RetireLimits) -> Self {
        Self {
            memory,
            limits,
            open: Chunk::EMPTY,
            head: ptr::null_mut(),
            tail: ptr::null_mut(),
            bytes: 0,
        }
    }

    /// How many bytes wait here.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether nothing waits here.
    pub fn is_empty(&self) -> bool {
        self.open.is_drained() && self.head.is_null()
    }

    /// Makes sure that the next [`retire`](Self::retire) finds room. False: there is no memory.
    #[inline]
    #[must_use]
    pub fn reserve(&mut self) -> bool {
        self.open.goal == NO_GOAL || self.move_open()
    }

    /// Whether more waits here than may.
    #[inline]
    pub fn is_over(&self) -> bool {
        self.bytes > self.limits.ceiling
    }

    /// Queues `item`, which was just unlinked.
    ///
    /// # Errors
    ///
    /// There is no room and no memory; the item comes back.
    ///
    /// # Safety
    ///
    /// - No reader that reports a quiescent state, or goes online, after this call can reach the block.
    /// - `item.release(item.block, item.size, item.context)` is sound, once, on any thread, after that.
    #[inline]
    pub unsafe fn retire(
        &mut self,
        grace: &dyn Grace,
        item: Retired,
    ) -> Result<AfterRetire, RetireFull> {
        if !self.reserve() {
            return Err(RetireFull(item));
        }
        self.open.push(item);
        self.bytes += item.size;
        // Over the ceiling nothing waits for company: the thread could not free it however long it waited.
        if self.open.is_full() || self.open.bytes >= self.limits.seal_bytes || self.is_over() {
            Ok(self.seal_slow(grace))
        } else {
            Ok(AfterRetire::Go)
        }
    }

    #[cold]
    fn seal_slow(&mut self, grace: &dyn Grace) -> AfterRetire {
        self.seal(grace);
        if self.is_over() {
            AfterRetire::Wait
        } else {
            AfterRetire::Process
        }
    }

    /// Gives what is in the open chunk a goal, so that it becomes due however little it is. For a thread
    /// that goes idle or exits.
    pub fn seal(&mut self, grace: &dyn Grace) {
        if self.open.goal == NO_GOAL && !self.open.is_drained() {
            self.open.goal = grace.current_goal();
            self.move_open();
        }
    }

    /// Moves the sealed open chunk to the list. False: no memory.
    fn move_open(&mut self) -> bool {
        if self.open.is_drained() {
            self.open.reset();
            return true;
        }
        // SAFETY: the layout is not empty.
        let chunk = unsafe { self.memory.alloc(Layout::new::<Chunk>()) }.cast::<Chunk>();
        if chunk.is_null() {
            return false;
        }
        // SAFETY: fresh memory of the right size; the original is forgotten by `reset`.
        unsafe { ptr::copy_nonoverlapping(&raw const self.open, chunk, 1) };
        self.open.reset();
        if self.tail.is_null() {
            self.head = chunk;
        } else {
            // SAFETY: the last chunk of our list.
            unsafe { (*self.tail).next = chunk };
        }
        self.tail = chunk;
        true
    }

    /// A few items whose goal is reached, oldest first. Call until `None`, releasing each batch in
    /// between, with nothing borrowed.
    pub fn take_due(&mut self, grace: &dyn Grace) -> Option<Batch> {
        self.take(|goal| goal != NO_GOAL && grace.reached(goal))
    }

    /// A few items, whether or not their goal is reached.
    ///
    /// # Safety
    ///
    /// - No thread reads shared structures without counting any more: all have shut down, or the world is
    ///   stopped.
    pub unsafe fn take_any(&mut self) -> Option<Batch> {
        self.take(|_| true)
    }

    fn take(&mut self, due: impl Fn(u64) -> bool) -> Option<Batch> {
        // SAFETY: our list.
        if let Some(chunk) = unsafe { self.head.as_mut() } {
            if !due(chunk.goal) {
                return None;
            }
            let batch = chunk.pop();
            self.bytes -= batch.bytes();
            if chunk.is_drained() {
                let drained = self.head;
                self.head = chunk.next;
                if self.head.is_null() {
                    self.tail = ptr::null_mut();
                }
                // SAFETY: from `move_open`, and out of the list.
                unsafe { free(self.memory, drained) };
            }
            return Some(batch);
        }
        // Without a goal, only `take_any` gets it.
        if self.open.is_drained() || !due(self.open.goal) {
            return None;
        }
        let batch = self.open.pop();
        self.bytes -= batch.bytes();
        if self.open.is_drained() {
            self.open.reset();
        }
        Some(batch)
    }

    /// Waits until the oldest sealed items are due, or until `give_up` says so: it is called between
    /// looks, and must report a quiescent state for the calling thread (or the thread is offline).
    /// Returns whether there is something to [take](Self::take_due).
    pub fn wait(
        &self,
        grace: &dyn Grace,
        platform: &dyn Platform,
        mut give_up: impl FnMut() -> bool,
    ) -> bool {
        // SAFETY: our list.
        let goal = unsafe { self.head.as_ref() }.map_or(self.open.goal, |chunk| chunk.goal);
        if goal == NO_GOAL {
            return false;
        }
        loop {
            if grace.reached(goal) {
                return true;
            }
            if give_up() {
                return false;
            }
            platform.yield_now();
        }
    }
}

impl RetireQueue {
    /// Waits until all of it is due, and releases it. For a thread that is offline, which others need not wait for meanwhile.
    pub fn outlast(mut self, grace: &dyn Grace, platform: &dyn Platform) {
        self.seal(grace);
        while self.wait(grace, platform, || false) {
            if let Some(batch) = self.take_due(grace) {
                batch.release();
            }
        }
    }
}

impl Drop for RetireQueue {
    fn drop(&mut self) {
        debug_assert!(
            self.is_empty(),
            "a queue of delayed frees is dropped full: memory leaks"
        );
    }
}

/// What threads left behind when they exited, first come, first served.
///
/// Of two threads' goals the earlier may stand behind the later one: it waits for a grace period from its thread's exit at most. And who
/// looks for what is due asks about one goal, however many threads have left something.
pub struct OrphanQueue {
    memory: &'static Memory,
    chunks: Spin<Orphans>,
    bytes: AtomicUsize,
}

struct Orphans {
    head: *mut Chunk,
    tail: *mut Chunk,
}

// SAFETY: items may be released by any thread.
unsafe impl Send for Orphans {}

impl fmt::Debug for OrphanQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrphanQueue").finish_non_exhaustive()
    }
}

impl OrphanQueue {
    /// An empty queue; `memory` is the one that the threads' queues use.
    pub fn new(memory: &'static Memory) -> Self {
        Self {
            memory,
            chunks: Spin::new(Orphans {
                head: ptr::null_mut(),
                tail: ptr::null_mut(),
            }),
            bytes: AtomicUsize::new(0),
        }
    }

    /// How many bytes wait here. A thread that is about to leave more counts them as its own.
    pub fn bytes(&self) -> usize {
        // Relaxed, here and where it changes: a sum, by which nothing is found.
        self.bytes.load(Relaxed)
    }

    /// Takes over everything in `queue`, whose thread exits. When there is no memory for the last few items, it gives these
    /// back, for the thread to [outlast](RetireQueue::outlast) once it is offline: nobody waits here.
    #[must_use]
    pub fn adopt(
        &self,
        mut queue: RetireQueue,
        grace: &dyn Grace,
        platform: &dyn Platform,
    ) -> Option<RetireQueue> {
        queue.seal(grace);
        let left = (queue.open.goal != NO_GOAL && !queue.move_open()).then(|| {
            let mut left = RetireQueue::new(queue.memory, queue.limits);
            left.open = mem::replace(&mut queue.open, Chunk::EMPTY);
            left.bytes = left.open.waiting();
            queue.bytes -= left.bytes;
            left
        });
        if queue.head.is_null() {
            return left;
        }
        let (head, tail) = (queue.head, queue.tail);
        self.bytes.fetch_add(queue.bytes, Relaxed);
        (queue.head, queue.tail, queue.bytes) = (ptr::null_mut(), ptr::null_mut(), 0);
        self.chunks.with(platform, |orphans| {
            if orphans.tail.is_null() {
                orphans.head = head;
            } else {
                // SAFETY: the last chunk of our list.
                unsafe { (*orphans.tail).next = head };
            }
            orphans.tail = tail;
        });
        left
    }

    /// Runs `fork` while nobody is at work here, so that the child finds the queue whole, and free.
    pub fn while_idle<R>(&self, platform: &dyn Platform, fork: impl FnOnce() -> R) -> R {
        self.chunks.with(platform, |_| fork())
    }

    /// A few items whose goal is reached; as [`RetireQueue::take_due`].
    pub fn take_due(&self, grace: &dyn Grace, platform: &dyn Platform) -> Option<Batch> {
        self.chunks.with(platform, |orphans| {
            self.take(orphans, |goal| grace.reached(goal))
        })
    }

    /// A few items, whether or not their goal is reached.
    ///
    /// # Safety
    ///
    /// - As for [`RetireQueue::take_any`].
    pub unsafe fn take_any(&self, platform: &dyn Platform) -> Option<Batch> {
        self.chunks
            .with(platform, |orphans| self.take(orphans, |_| true))
    }

    fn take(&self, orphans: &mut Orphans, due: impl Fn(u64) -> bool) -> Option<Batch> {
        // SAFETY: a list that only the lock's holder touches.
        let chunk = unsafe { orphans.head.as_mut() }?;
        if !due(chunk.goal) {
            return None;
        }
        let batch = chunk.pop();
        self.bytes.fetch_sub(batch.bytes(), Relaxed);
        if chunk.is_drained() {
            let drained = orphans.head;
            orphans.head = chunk.next;
            if orphans.head.is_null() {
                orphans.tail = ptr::null_mut();
            }
            // SAFETY: from `move_open`, and out of the list.
            unsafe { free(self.memory, drained) };
        }
        Some(batch)
    }
}

impl Drop for OrphanQueue {
    fn drop(&mut self) {
        // Nobody is left to read, or to hold the lock.
        // SAFETY: as above.
        while let Some(batch) = unsafe { self.take_any(&SpinPlatform::default()) } {
            batch.release();
        }
    }
}

/// Items that may be released now, out of their queue.
#[must_use]
pub struct Batch {
    items: [MaybeUninit<Retired>; BATCH],
    next: usize,
    len: usize,
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("len", &(self.len - self.next))
            .finish_non_exhaustive()
    }
}

impl Batch {
    /// Releases them.
    pub fn release(self) {
        drop(self);
    }

    /// Gives each item to `release` instead, which does what the item's own function would.
    pub fn release_with(mut self, mut release: impl FnMut(Retired)) {
        while let Some(&item) = self.pending().first() {
            self.next += 1;
            release(item);
        }
    }

    fn pending(&self) -> &[Retired] {
        // SAFETY: the items from `next` to `len` are initialised.
        unsafe { self.items[self.next..self.len].assume_init_ref() }
    }

    fn bytes(&self) -> usize {
        self.pending().iter().map(|item| item.size).sum()
    }
}

impl Drop for Batch {
    /// Releases what is left. Where a destructor panics, the others run all the same, as in a `Vec`.
    fn drop(&mut self) {
        /// Goes on while the first panic unwinds.
        struct Rest<'a>(&'a mut Batch);

        impl Drop for Rest<'_> {
            fn drop(&mut self) {
                self.0.release_pending();
            }
        }

        let rest = Rest(self);
        rest.0.release_pending();
    }
}

impl Batch {
    fn release_pending(&mut self) {
        while let Some(&item) = self.pending().first() {
            // First: if `release` unwinds, nothing is released twice.
            self.next += 1;
            // SAFETY: the goal is reached, so this is what `retire` was promised; done once, because the
            // item left its queue and `next` is past it.
            unsafe { (item.release)(item.block.as_ptr(), item.size, item.context) };
        }
    }
}

struct Chunk {
    next: *mut Chunk,
    goal: u64,
    bytes: usize,
    read: u32,
    len: u32,
    items: [MaybeUninit<Retired>; ITEMS],
}

#[cfg(not(loom))]
const _: () = assert!(size_of::<Chunk>() <= 4096);
#[cfg(all(not(loom), target_pointer_width = "64"))]
const _: () = assert!(size_of::<Chunk>() == 4096);

impl Chunk {
    const EMPTY: Self = Self {
        next: ptr::null_mut(),
        goal: NO_GOAL,
        bytes: 0,
        read: 0,
        len: 0,
        items: [MaybeUninit::uninit(); ITEMS],
    };

    fn reset(&mut self) {
        (self.next, self.goal, self.bytes) = (ptr::null_mut(), NO_GOAL, 0);
        (self.read, self.len) = (0, 0);
    }

    fn is_full(&self) -> bool {
        self.len as usize == ITEMS
    }

    fn is_drained(&self) -> bool {
        self.read == self.len
    }

    /// Bytes that wait here.
    fn waiting(&self) -> usize {
        // SAFETY: the items from `read` to `len` are initialised.
        let items = unsafe { self.items[self.read as usize..self.len as usize].assume_init_ref() };
        items.iter().map(|item| item.size).sum()
    }

    fn push(&mut self, item: Retired) {
        self.items[self.len as usize].write(item);
        self.len += 1;
        self.bytes += item.size;
    }

    fn pop(&mut self) -> Batch {
        let from = self.read as usize;
        let len = (self.len as usize - from).min(BATCH);
        let mut items = [MaybeUninit::uninit(); BATCH];
        items[..len].copy_from_slice(&self.items[from..from + len]);
        self.read += len as u32;
        Batch {
            items,
            next: 0,
            len,
        }
    }
}

/// # Safety
///
/// - `chunk` came from `memory`, and is used no more.
unsafe fn free(memory: &Memory, chunk: *mut Chunk) {
    // SAFETY: the caller's promise.
    unsafe { memory.dealloc(chunk.cast(), Layout::new::<Chunk>()) };
}

const NO_GOAL: u64 = 0;
/// Items per chunk: with the header, 4 KiB on 64-bit targets.
const ITEMS: usize = if cfg!(loom) { 2 } else { 127 };
/// Items per batch: they are copied to the stack.
const BATCH: usize = if cfg!(loom) { 2 } else { 16 };
