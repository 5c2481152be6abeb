//! Per-thread counts: references to objects that every thread refers to, counted by each for itself.
//!
//! Every closure refers to its code and to the namespace it was made in, every instance to its class. Where threads
//! make such of the same code or class, counting that in its header would make them fight for one cache line. So such an object
//! gets an *id*, and each thread keeps a count for each id, which it alone writes, with plain adds. A count
//! may be negative: a reference taken by one thread may be dropped by another.
//!
//! ```text
//!   object ── id 7      thread A: [… 7: +5 …]   thread B: [… 7: −2 …]      waiting: [… 7: +1 …]
//!     │                      └ A leaves: added to what waits ───────────────────┘
//!     └ shared half ◀── a collection: the threads' counts, and what waits, are added to it
//! ```
//!
//! | invariant | why it holds |
//! |---|---|
//! | references = `local` + `shared` + what waits + the sum over the threads | each add changes one of them; moving changes two |
//! | an object with an id does not die of counts | it is deferred: the bias in `shared` exceeds what can be missing there |
//! | an id is reused only when its counts are all zero | it is disabled with the world stopped, after the counts were added up |
//! | a thread that has left counts nothing here | [`CountIds::close`] leaves it no range |
//!
//! Both ways of counting add to the same sum, so they may be mixed freely: a reference that was counted
//! here may be dropped through the header, and the other way round. That is also the way out whenever there is
//! no id, no memory for the thread's table, or no table any more.
//!
//! A thread's table that has become too small stays until the thread is gone, so others may read it while a
//! longer one takes its place.

use super::biased::{FLAGS, ONE, PIN_FROM, PINNED};
use super::deferred::BIAS;
use crate::object::Header;
use crate::platform::memory::Memory;
use crate::sync::atomic::{
    AtomicBool, AtomicIsize, AtomicPtr, AtomicU32, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::sync::cell::UnsafeCell;
use crate::sync::mutex::ByteLock;
use crate::sync::parking::ParkingLot;
use crate::sync::segmented::Segmented;
use crate::thread::registry::Registry;
use crate::thread::{Ctx, Thread};
use core::{alloc::Layout, fmt, ptr};

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom), feature = "threads"))]
mod tests;

/// The id of an object's per-thread counts: a field of the object, which may have none.
#[derive(Debug)]
pub struct CountId(AtomicU32);

/// What a field holds instead of the index of a count: in no thread's range.
const NONE: u32 = u32::MAX;

impl CountId {
    /// No id.
    #[cfg(not(loom))]
    pub const fn none() -> CountId {
        CountId(AtomicU32::new(NONE))
    }

    /// The id; zero for none.
    #[inline(always)]
    pub fn get(&self) -> u32 {
        self.index().wrapping_add(1)
    }

    /// The index of its counts, which is one less.
    #[inline(always)]
    fn index(&self) -> u32 {
        // Relaxed: the id leads to nothing but the reader's own count. It is taken away only while the
        // world is stopped, and no safepoint lies between reading and using it.
        self.0.load(Relaxed)
    }

    fn set(&self, id: u32) {
        // Relaxed: see `index`.
        self.0.store(id.wrapping_sub(1), Relaxed);
    }
}

impl Default for CountId {
    fn default() -> CountId {
        CountId(AtomicU32::new(NONE))
    }
}

/// An object whose references may be counted per thread.
///
/// # Safety
/// - `header` is the object's header, and `count_id` a field of it that nobody else uses; both stay where they
///   are as long as the object lives.
pub unsafe trait CountedPerThread {
    /// The object's header.
    fn header(&self) -> &Header;
    /// The object's id.
    fn count_id(&self) -> &CountId;
}

/// A thread's counts, by id.
///
/// Counting is what making and dropping an instance costs, so the counts lie in one piece: an id is one compare
/// away from its count. A table that has become too small stays where it is until the thread is gone, for others
/// may be reading it; together the old ones are smaller than the one in use.
pub struct ThreadCounts {
    /// The first count. Written by the thread.
    first: AtomicPtr<AtomicIsize>,
    /// How many ids have a count here. Zero at first and at last. Written by the thread.
    size: AtomicUsize,
    /// The table in use, where the counts lie: for everybody else.
    table: AtomicPtr<Table>,
    /// The thread is leaving: the table does not grow again. Written by the thread.
    closed: AtomicBool,
    memory: &'static Memory,
}

/// The head of a table; its counts follow.
struct Table {
    /// The one before.
    old: *mut Table,
    len: usize,
}

/// Counts of the smallest table.
const SMALLEST: usize = 64;

const _: () = assert!(align_of::<AtomicIsize>() <= align_of::<Table>());

impl Table {
    fn layout(len: usize) -> Option<Layout> {
        let counts = Layout::array::<AtomicIsize>(len).ok()?;
        Some(Layout::new::<Table>().extend(counts).ok()?.0)
    }

    /// # Safety
    /// - `at` is a table, or a block for one.
    unsafe fn first(at: *mut Table) -> *mut AtomicIsize {
        // SAFETY: the counts follow the head, which is aligned for them and of a multiple of their alignment.
        unsafe { at.add(1).cast() }
    }

    /// A table of `len` zeros. Null without memory.
    fn allocate(memory: &Memory, old: *mut Table, len: usize) -> *mut Table {
        let Some(layout) = Table::layout(len) else {
            return ptr::null_mut();
        };
        // SAFETY: the layout is that of a table with `len` counts; the block is written before anybody knows it.
        unsafe {
            let table = memory.alloc(layout).cast::<Table>();
            if !table.is_null() {
                table.write(Table { old, len });
                for index in 0..len {
                    Table::first(table).add(index).write(AtomicIsize::new(0));
                }
            }
            table
        }
    }

    /// # Safety
    /// - `table` is from [`allocate`](Self::allocate), and nobody uses it afterwards.
    unsafe fn free(memory: &Memory, table: *mut Table) {
        // SAFETY: as the caller says.
        unsafe {
            let len = (*table).len;
            ptr::slice_from_raw_parts_mut(Table::first(table), len).drop_in_place();
            if let Some(layout) = Table::layout(len) {
                memory.dealloc(table.cast(), layout);
            }
        }
    }
}

// SAFETY: the tables are its own; what others read of them is atomic, or written before they are published.
unsafe impl Send for ThreadCounts {}
// SAFETY: as above.
unsafe impl Sync for ThreadCounts {}

impl fmt::Debug for ThreadCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadCounts")
            .field("size", &self.size.load(Relaxed))
            .finish_non_exhaustive()
    }
}

impl ThreadCounts {
    /// No counts yet; they will come from `memory`.
    pub fn new(memory: &'static Memory) -> ThreadCounts {
        ThreadCounts {
            first: AtomicPtr::new(ptr::null_mut()),
            size: AtomicUsize::new(0),
            table: AtomicPtr::new(ptr::null_mut()),
            closed: AtomicBool::new(false),
            memory,
        }
    }

    /// Counts `change` for `id`. False: the reference must be counted in the object's header. Only by the thread.
    #[inline(always)]
    fn add(&self, id: &CountId, change: isize) -> bool {
        let index = id.index() as usize;
        if index < self.size.load(Relaxed) {
            // SAFETY: the index is in the table, which the thread itself has published.
            let count = unsafe { &*self.first.load(Relaxed).add(index) };
            // Relaxed, and not a read-modify-write: only the thread writes its counts while it runs. Who adds
            // them up stops it first, and what stops it and lets it go orders the accesses.
            count.store(count.load(Relaxed).wrapping_add(change), Relaxed);
            return true;
        }
        self.add_slow(id, change)
    }

    #[cold]
    fn add_slow(&self, id: &CountId, change: isize) -> bool {
        id.index() != NONE
            && !self.closed.load(Relaxed)
            && self.grow(id.index() as usize)
            && self.add(id, change)
    }

    /// Makes the table longer than `index`. False without memory.
    #[cold]
    fn grow(&self, index: usize) -> bool {
        let len = (index + 1).next_power_of_two().max(SMALLEST);
        // Relaxed: published by this thread.
        let old = self.table.load(Relaxed);
        let table = Table::allocate(self.memory, old, len);
        if table.is_null() {
            return false;
        }
        // SAFETY: the new table is longer than the old one, and both are this thread's.
        let first = unsafe { Table::first(table) };
        for (index, count) in self.counts().iter().enumerate() {
            // SAFETY: as above.
            unsafe { &*first.add(index) }.store(count.load(Relaxed), Relaxed);
        }
        // Release, paired with `counts`: who finds the table finds what was counted before in it.
        self.table.store(table, Release);
        self.first.store(first, Relaxed);
        self.size.store(len, Relaxed);
        true
    }

    /// All counts as of now.
    fn counts(&self) -> &[AtomicIsize] {
        // Acquire, paired with `grow`: the table is initialised.
        let table = self.table.load(Acquire);
        if table.is_null() {
            return &[];
        }
        // SAFETY: a table, of that many counts, freed with `self`.
        unsafe { core::slice::from_raw_parts(Table::first(table), (*table).len) }
    }

    /// The count for `id` as of now.
    pub fn get(&self, id: &CountId) -> isize {
        // Relaxed: a report, exact if the thread is stopped.
        self.counts()
            .get(id.index() as usize)
            .map_or(0, |count| count.load(Relaxed))
    }
}

impl Drop for ThreadCounts {
    fn drop(&mut self) {
        // Relaxed: nobody else has the counts any more.
        let mut table = self.table.load(Relaxed);
        while !table.is_null() {
            // SAFETY: ours, and nobody borrows it any more.
            unsafe {
                let old = (*table).old;
                Table::free(self.memory, table);
                table = old;
            }
        }
    }
}

/// The ids of one runtime.
pub struct CountIds {
    memory: &'static Memory,
    registry: &'static Registry,
    lot: &'static ParkingLot,
    lock: ByteLock,
    inner: UnsafeCell<Inner>,
    entries: Segmented<Entry>,
}

struct Inner {
    /// The id given back last, or 0.
    free: u32,
    /// Ids up to this one have been given out.
    issued: u32,
    /// How many objects have one.
    live: usize,
}

/// What is known of an id. Changed under the lock.
#[derive(Default)]
struct Entry {
    /// The object that has it; null while it is free.
    object: AtomicPtr<Header>,
    /// Where the object keeps it.
    id: AtomicPtr<CountId>,
    /// Counts of threads that have left, and, during a collection, of all threads.
    waiting: AtomicIsize,
    /// The id given back before this one was.
    next: AtomicU32,
}

// SAFETY: `inner` is touched under `lock` only; the pointers lead to objects that live while they have an id.
unsafe impl Send for CountIds {}
// SAFETY: as above.
unsafe impl Sync for CountIds {}

impl fmt::Debug for CountIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountIds")
            .field("entries", &self.entries.capacity())
            .finish_non_exhaustive()
    }
}

impl CountIds {
    /// Ids for the threads of `registry`, which sleep in `lot`; the tables of all come from `memory`.
    pub fn new(
        memory: &'static Memory,
        registry: &'static Registry,
        lot: &'static ParkingLot,
    ) -> CountIds {
        CountIds {
            memory,
            registry,
            lot,
            lock: ByteLock::new(),
            inner: UnsafeCell::new(Inner {
                free: 0,
                issued: 0,
                live: 0,
            }),
            entries: Segmented::new(memory),
        }
    }

    /// Where tables come from.
    pub fn memory(&self) -> &'static Memory {
        self.memory
    }

    /// Runs `body` with the ids to itself; it neither waits nor comes back here.
    fn with<R>(&self, body: impl FnOnce(&mut Inner) -> R) -> R {
        self.lock.lock_short(self.lot);
        // SAFETY: the lock makes this the only access; nothing in `body` panics or comes back.
        let result = self.inner.with_mut(|inner| body(unsafe { &mut *inner }));
        // SAFETY: locked above.
        unsafe { self.lock.unlock(self.lot) };
        result
    }

    fn entry(&self, id: u32) -> Option<&Entry> {
        self.entries.get((id as usize).wrapping_sub(1))
    }

    /// Gives the object an id, if it has none. False: it is not deferred, or there is no id or no memory
    /// for one; its references are counted in its header as before.
    ///
    /// # Safety
    /// - The caller's thread is attached and holds a reference.
    /// - The object ceases to be deferred only after [`CountIds::disable_where`] took its id.
    pub unsafe fn assign(&self, object: &impl CountedPerThread) -> bool {
        let header = object.header();
        if !header.is_deferred() || header.is_immortal() {
            return false;
        }
        self.with(|inner| {
            let field = object.count_id();
            if field.get() != 0 {
                return true;
            }
            let id = if inner.free != 0 {
                inner.free
            } else {
                inner.issued + 1
            };
            if self.entry(id).is_none() && !self.entries.grow() {
                return false;
            }
            let Some(entry) = self.entry(id) else {
                return false;
            };
            if id == inner.free {
                inner.free = entry.next.load(Relaxed);
            } else {
                inner.issued = id;
            }
            inner.live += 1;
            debug_assert!(entry.waiting.load(Relaxed) == 0, "an id was reused early");
            // Relaxed: read under the lock.
            entry
                .object
                .store(ptr::from_ref(header).cast_mut(), Relaxed);
            entry
                .id
                .store(ptr::from_ref(object.count_id()).cast_mut(), Relaxed);
            field.set(id);
            true
        })
    }

    /// Takes a thread's counts over: they wait for the next collection.
    ///
    /// # Safety
    /// - The thread is the caller's own, or stopped.
    pub unsafe fn absorb(&self, counts: &ThreadCounts) {
        self.with(|inner| {
            let ids = counts.counts().iter().zip(self.entries.iter());
            for (value, entry) in ids.take(inner.issued as usize) {
                // Relaxed: the thread does not run, and the lock orders what waits.
                let count = value.load(Relaxed);
                if count != 0 {
                    value.store(0, Relaxed);
                    let waiting = entry.waiting.load(Relaxed);
                    entry.waiting.store(waiting.wrapping_add(count), Relaxed);
                }
            }
        });
    }

    /// [`absorb`](Self::absorb)s the counts of a thread that leaves; from here on it counts in headers.
    ///
    /// # Safety
    /// - The thread is the caller's own, and attached; or it has stopped for good.
    pub unsafe fn close(&self, counts: &ThreadCounts) {
        counts.closed.store(true, Relaxed);
        counts.size.store(0, Relaxed);
        // SAFETY: as the caller says.
        unsafe { self.absorb(counts) };
    }

    /// Adds what waits to the objects' counts.
    ///
    /// # Safety
    /// - The world is stopped, and the counts of every thread were absorbed during this stop.
    pub unsafe fn settle(&self) {
        self.with(|inner| {
            for entry in self.entries.iter().take(inner.issued as usize) {
                // Relaxed: under the lock.
                let count = entry.waiting.load(Relaxed);
                if count != 0 {
                    entry.waiting.store(0, Relaxed);
                    // SAFETY: an object with counts has the id, and lives; the world is stopped.
                    unsafe { (*entry.object.load(Relaxed)).add_settled(count) };
                }
            }
        });
    }

    /// Takes their ids from the objects that `ends` names: their deferral is about to end.
    ///
    /// # Safety
    /// - The world is stopped, and [`settle`](Self::settle) was called during this stop.
    pub unsafe fn disable_where(&self, mut ends: impl FnMut(*mut Header) -> bool) {
        self.with(|inner| {
            for (index, entry) in self.entries.iter().take(inner.issued as usize).enumerate() {
                let object = entry.object.load(Relaxed);
                if object.is_null() || !ends(object) {
                    continue;
                }
                debug_assert!(entry.waiting.load(Relaxed) == 0, "counts are left");
                // SAFETY: the object lives, and with it its field.
                unsafe { (*entry.id.load(Relaxed)).set(0) };
                entry.object.store(ptr::null_mut(), Relaxed);
                entry.next.store(inner.free, Relaxed);
                inner.free = index as u32 + 1;
                inner.live -= 1;
            }
        });
    }

    /// How many objects have an id.
    pub fn live(&self) -> usize {
        self.with(|inner| inner.live)
    }

    /// What waits for the next collection to be added to the object with this id.
    pub fn waiting(&self, id: &CountId) -> isize {
        // Relaxed: a report.
        self.entry(id.get())
            .map_or(0, |entry| entry.waiting.load(Relaxed))
    }
}

impl Header {
    /// Adds `change` references that were counted elsewhere. An object whose count would leave its
    /// range is pinned.
    ///
    /// # Safety
    /// - The object lives and is deferred, and the world is stopped.
    unsafe fn add_settled(&self, change: isize) {
        if self.is_immortal() || self.is_pinned() {
            return;
        }
        let cell = self.count.shared_cell();
        // Relaxed: the world is stopped, and nothing dies of this: the bias keeps the count positive.
        let seen = cell.load(Relaxed);
        let count = (seen as isize >> 2).saturating_add(change);
        let next = if (count - BIAS as isize).unsigned_abs() < ROOM {
            count as i32 * ONE
        } else {
            PINNED
        };
        cell.store(next | seen & FLAGS, Relaxed);
    }
}

/// How far a deferred object's count may get from the bias: then it is in neither pinned band.
const ROOM: usize = 1 << 27;

const _: () = assert!(BIAS as i64 + (ROOM as i64) <= (PIN_FROM / ONE) as i64);

impl Thread {
    /// Takes a reference to an object that may be counted per thread.
    ///
    /// # Safety
    /// - This is the running thread's record, and the object cannot die during the call.
    #[inline(always)]
    pub unsafe fn retain_per_thread(&self, object: &impl CountedPerThread) {
        if self.counts.add(object.count_id(), 1) {
            // SAFETY: the running thread.
            unsafe { self.counter().add(1) };
        } else {
            // SAFETY: as the caller says.
            unsafe { self.retain_in_header(object.header()) };
        }
    }

    /// Drops a reference to such an object, however it was taken. If the object dies, it is put on the list
    /// of the dying; nothing of it runs now.
    ///
    /// # Safety
    /// - This is the running thread's record; the object is alive, and the caller gives a reference up.
    #[inline(always)]
    pub unsafe fn release_per_thread(&self, object: &impl CountedPerThread) {
        if self.counts.add(object.count_id(), -1) {
            // SAFETY: the running thread.
            unsafe { self.counter().add(-1) };
        } else {
            // SAFETY: as the caller says.
            unsafe { self.release_in_header(object.header()) };
        }
    }

    /// # Safety
    /// - As for [`retain_per_thread`](Self::retain_per_thread).
    #[cold]
    unsafe fn retain_in_header(&self, header: &Header) {
        // SAFETY: as the caller says.
        unsafe { header.retain(self.counter()) };
    }

    /// # Safety
    /// - As for [`release_per_thread`](Self::release_per_thread).
    #[cold]
    unsafe fn release_in_header(&self, header: &Header) {
        let word = crate::object::Word::object(header);
        // SAFETY: as the caller says.
        unsafe { self.release_later(word) };
    }

    /// References to the object that its header does not show: what the threads have counted, and what waits.
    /// Of different moments while other threads run.
    pub fn counted_per_thread(&self, id: &CountId) -> isize {
        let ids = &self.services().count_ids;
        let threads = ids.registry.with(ids.lot, |threads| {
            threads
                .iter()
                // SAFETY: a registered core is the first field of its record, complete since then.
                .map(|core| unsafe { &(*ptr::from_ref(core).cast::<Thread>()).counts })
                .map(|counts| counts.get(id))
                .sum::<isize>()
        });
        threads + ids.waiting(id)
    }
}

impl Ctx {
    /// Lets the object's references be counted per thread: what [`CountIds::assign`] does.
    ///
    /// # Safety
    /// - As for [`CountIds::assign`]; the caller holds a reference.
    pub unsafe fn count_per_thread(&self, object: &impl CountedPerThread) -> bool {
        let services = self.thread().services();
        // SAFETY: as the caller says; a context is of an attached thread.
        unsafe { services.count_ids.assign(object) }
    }
}
