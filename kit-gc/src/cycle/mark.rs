//! Marking: what is reached is alive, and so is what it leads to.
//!
//! ```text
//!  roots ──▶ ring ──16 at a time──▶ trace ──▶ references ──▶ not marked yet: mark, prefetch ──┐
//!             ▲  ▲                                                                            │
//!             │  └───────────────────────── while there is room ──────────────────────────────┤
//!             └── worklist ◀────────────────── else ──────────────────────────────────────────┘
//! ```
//!
//! An object is marked when it is found and traced when it has arrived from memory: between the two it is in the
//! ring. Whether it is marked already, and whether it leads anywhere, is known from its address; objects that lead
//! nowhere, and those in static memory, are not touched. Long arrays are taken in pieces, so that the worklist stays
//! short.
//!
//! Several threads mark at once, each with a ring and a worklist of its own, and give each other what they have too
//! much of ([`share`](crate::share)). Marks are then set by atomic operations, which are slow: those of neighbours
//! are set by one, which nobody waits for. So two threads may both find that an object is new, and both trace it: that does no harm, and is
//! rare.
//!
//! When there is no memory for the worklist, an object is only marked; then everything that is marked is
//! traced again, as often as it takes. No run fails for this.

use super::{
    candidates::{Finder, Pass, for_each_object, has_count},
    team::Lent,
};
use crate::{
    share::{Packet, Share, WORKERS},
    worklist::Worklist,
};
use core::{
    cell::{Cell, UnsafeCell},
    mem::MaybeUninit,
    ptr::NonNull,
};
use kit_core::sync::native::{AtomicBool, Ordering::Relaxed};
use kit_core::{
    backend::{
        collector::Helpers,
        heap::SharedHeap,
        marks::{Mark, MarkRun},
    },
    object::{
        Bits, Header, Tracer,
        trace::{Reference, References, Rows, prefetch},
    },
    sync::parking::ParkingLot,
};

/// What is to be marked, and by how many.
pub(super) struct Marker<'a> {
    worker: Worker<'a>,
    heap: &'a dyn SharedHeap,
    helpers: Option<(&'a dyn Helpers, &'a ParkingLot)>,
}

/// One thread that marks.
struct Worker<'a> {
    pass: &'a Pass<'a>,
    /// Objects on their way from memory, first in, first out.
    ring: Ring,
    work: UnsafeCell<Worklist<'a, Item>>,
    /// Something was marked that is in neither.
    overflow: Cell<bool>,
    /// Whether others mark at the same time.
    shared: Cell<bool>,
}

/// An object to be traced, or rows of references.
#[derive(Clone, Copy)]
struct Item {
    at: NonNull<u8>,
    /// What the rows look like; 0 for an object.
    shape: u64,
}

// SAFETY: the world is stopped: what it leads to stays, and who has the item may look there.
unsafe impl Send for Item {}

impl<'a> Marker<'a> {
    pub(super) fn new(pass: &'a Pass<'a>, heap: &'a dyn SharedHeap) -> Self {
        Self {
            worker: Worker::new(pass, heap),
            heap,
            helpers: None,
        }
    }

    /// Lets others help from now on; who waits for work yields by the platform of `lot`.
    pub(super) fn with_helpers(self, helpers: &'a dyn Helpers, lot: &'a ParkingLot) -> Self {
        Self {
            helpers: Some((helpers, lot)),
            ..self
        }
    }

    /// Marks an object that is held for certain, and what it leads to, sooner or later ([`finish`](Self::finish)).
    ///
    /// # Safety
    ///
    /// - `object` is live, and the world is stopped until the marker is dropped.
    pub(super) unsafe fn reach(&mut self, object: *mut Header) {
        // SAFETY: as the caller says.
        unsafe {
            self.worker
                .reach::<false>(self.worker.pass.finder(), object);
            if self.worker.ring.len() == RING {
                self.worker.step();
            }
        }
    }

    /// Marks everything that candidates with a count left lead to, themselves included.
    ///
    /// # Safety
    ///
    /// - The world is stopped; the counts are final.
    pub(super) unsafe fn mark_held(&mut self) {
        let pass = self.worker.pass;
        // SAFETY: as the caller says.
        unsafe {
            pass.for_each_word(|object, word| {
                if has_count(word) {
                    self.reach(object);
                }
            });
            self.finish();
        }
    }

    /// Marks all that what was reached leads to.
    ///
    /// # Safety
    ///
    /// - The world is stopped.
    pub(super) unsafe fn finish(&mut self) {
        // SAFETY: as the caller says.
        unsafe {
            if let Some((helpers, lot)) = self.helpers {
                self.finish_together(helpers, lot);
            }
            while self.worker.step() {}
            while self.worker.overflow.take() {
                for_each_object(self.heap, |object| {
                    if (self.worker.pass.mark_of(object)).is_some_and(Mark::is_set) {
                        self.worker.push(Item::object(object));
                        self.worker.step();
                    }
                });
                while self.worker.step() {}
            }
        }
    }

    /// # Safety
    ///
    /// - The world is stopped.
    unsafe fn finish_together(&mut self, helpers: &dyn Helpers, lot: &ParkingLot) {
        let (share, overflow) = (Share::new(), AtomicBool::new(false));
        share.join();
        self.worker.shared.set(true);
        // Only this thread uses the worker; the others use the pass, which nobody changes, and the heap's source of pages.
        let lent = Lent((&self.worker, self.heap));
        let work = |number| {
            let (worker, heap) = *lent.get();
            let pause = || lot.platform().yield_now();
            // SAFETY: the world is stopped until all have returned.
            unsafe {
                if number == 0 {
                    worker.share(0, &share, pause);
                } else if number < WORKERS {
                    share.join();
                    let worker = Worker::new(worker.pass, heap);
                    worker.shared.set(true);
                    worker.share(number, &share, pause);
                    if worker.overflow.get() {
                        // Relaxed: read after all have returned.
                        overflow.store(true, Relaxed);
                    }
                }
            }
        };
        // SAFETY: there is one collection at a time, and this thread's it is.
        unsafe { helpers.run(&work) };
        self.worker.shared.set(false);
        if overflow.load(Relaxed) {
            self.worker.overflow.set(true);
        }
    }
}

impl<'a> Worker<'a> {
    fn new(pass: &'a Pass<'a>, heap: &'a dyn SharedHeap) -> Self {
        Self {
            pass,
            ring: Ring::new(),
            work: UnsafeCell::new(Worklist::new(heap.pages())),
            overflow: Cell::new(false),
            shared: Cell::new(false),
        }
    }

    /// Works until nobody has anything to do any more.
    ///
    /// # Safety
    ///
    /// - The world is stopped.
    unsafe fn share(&self, me: usize, share: &Share<Item>, mut pause: impl FnMut()) {
        // SAFETY: as the caller says.
        unsafe {
            loop {
                while self.step() {
                    if share.is_wanted() {
                        share.offer(me, || self.surplus());
                    }
                }
                match share.take(me, &mut pause) {
                    Some(packet) => packet.items().for_each(|item| self.push(item)),
                    None => break,
                }
            }
        }
    }

    /// What is to be done here that somebody else could do.
    fn surplus(&self) -> Packet<Item> {
        if let Some(item) = self.pop() {
            if item.shape != 0 {
                let rows = item.to_rows();
                if let (half, Some(rest)) = rows.split(rows.words() / 2) {
                    // Without memory for this half, all of it goes.
                    if self.try_push(Item::rows(half)) {
                        return Packet::fill(only(Item::rows(rest)));
                    }
                }
                return Packet::fill(only(item));
            }
            self.push(item);
        }
        let mut spare = self.ring.len() / 2;
        Packet::fill(|| {
            if let Some(item) = self.pop() {
                return Some(item);
            }
            spare = spare.checked_sub(1)?;
            self.ring.pop().map(Item::object)
        })
    }

    /// Does some of what is to be done. False: there was nothing.
    ///
    /// What a batch refers to is looked at after the next one was traced: by then the memory that was asked for is there.
    ///
    /// # Safety
    ///
    /// - The world is stopped.
    unsafe fn step(&self) -> bool {
        let mut buffers = [[MaybeUninit::uninit(); BUFFER]; 2];
        let [even, odd] = &mut buffers;
        // SAFETY: what was found is alive, and stays as it is: the world is stopped.
        let add = |list: References<'_>| unsafe { self.add(list) };
        let (mut even_full, mut odd_full) = (add, add);
        let mut waiting = References::default();
        let mut worked = false;
        for _ in 0..PAIRS {
            // SAFETY: as above.
            let (list, some) = unsafe { self.trace_some(even, &mut even_full) };
            add(waiting);
            worked |= some;
            // SAFETY: as above.
            let (next, more) = unsafe { self.trace_some(odd, &mut odd_full) };
            add(list);
            worked |= more;
            waiting = next;
            if !some && !more {
                break;
            }
        }
        add(waiting);
        worked
    }

    /// Traces a batch of what is in the ring; returns what it refers to, and whether there was anything.
    ///
    /// # Safety
    ///
    /// - As for [`step`](Self::step).
    #[inline(always)]
    unsafe fn trace_some<'b>(
        &self,
        buffer: &'b mut [MaybeUninit<u64>],
        full: &'b mut dyn FnMut(References<'_>),
    ) -> (References<'b>, bool) {
        // SAFETY: as the caller says.
        unsafe { self.refill() };
        let len = self.ring.len().min(BATCH);
        let types = self.pass.types;
        let mut tracer = Tracer::new(buffer, full).once();
        for _ in 0..len {
            let Some(object) = self.ring.pop() else { break };
            // SAFETY: an object that was marked is alive, and may be traced if it is tracked.
            unsafe {
                if (*object).bits().contains(Bits::TRACKED) {
                    let kind = types.entry((*object).type_id()).kind();
                    (kind.trace)(object, &mut tracer);
                }
            }
        }
        (tracer.into_list(), len != 0)
    }

    /// Takes from the worklist what the ring has room for.
    ///
    /// # Safety
    ///
    /// - As for [`step`](Self::step).
    #[inline(always)]
    unsafe fn refill(&self) {
        while self.ring.len() < LOW {
            let Some(item) = self.pop() else { return };
            if item.shape == 0 {
                self.ring.push(item.at.cast().as_ptr());
            } else {
                // SAFETY: reported by an object that is alive.
                unsafe { self.add_rows(item.to_rows()) };
            }
        }
    }

    /// # Safety
    ///
    /// - As for [`Marker::reach`].
    #[inline(always)]
    unsafe fn reach<const SHARED: bool>(&self, finder: Finder<'_>, object: *mut Header) {
        // SAFETY: as the caller says.
        if let Some(mark) = unsafe { finder.mark_of(object) } {
            let new = if SHARED {
                !mark.is_set() && mark.set_shared()
            } else {
                mark.set_alone()
            };
            if new {
                self.push_object(object);
            }
        }
    }

    /// Adds what was reported and not known before.
    ///
    /// # Safety
    ///
    /// - The references are of objects that are alive, with the world stopped.
    unsafe fn add(&self, list: References<'_>) {
        // SAFETY: as the caller says.
        unsafe {
            if self.shared.get() {
                self.add_each::<true>(list);
            } else {
                self.add_each::<false>(list);
            }
        }
    }

    /// # Safety
    ///
    /// - As for [`add`](Self::add).
    #[inline(always)]
    unsafe fn add_each<const SHARED: bool>(&self, list: References<'_>) {
        let finder = self.pass.finder();
        let mut run = MarkRun::new();
        // SAFETY: as the caller says; marks are there until the pass ends.
        unsafe {
            for reference in list {
                match reference {
                    Reference::One(word, _) => {
                        self.reach_in::<SHARED>(finder, &mut run, word.as_object())
                    }
                    // Short lists are many.
                    Reference::Rows(rows) if rows.words() <= PIECE => {
                        rows.for_each_target(|object| {
                            self.reach_in::<SHARED>(finder, &mut run, object)
                        });
                    }
                    Reference::Rows(rows) => self.add_piece::<SHARED>(finder, &mut run, rows),
                }
            }
            run.flush();
        }
    }

    /// # Safety
    ///
    /// - As for [`add`](Self::add).
    #[inline(always)]
    unsafe fn add_rows(&self, rows: Rows) {
        // SAFETY: as the caller says.
        unsafe {
            if self.shared.get() {
                self.add_row_piece::<true>(rows);
            } else {
                self.add_row_piece::<false>(rows);
            }
        }
    }

    /// # Safety
    ///
    /// - As for [`add`](Self::add).
    #[inline(never)]
    unsafe fn add_row_piece<const SHARED: bool>(&self, rows: Rows) {
        let mut run = MarkRun::new();
        // SAFETY: as the caller says.
        unsafe {
            self.add_piece::<SHARED>(self.pass.finder(), &mut run, rows);
            run.flush();
        }
    }

    /// Adds a piece of what was reported; the rest waits below what that leads to.
    ///
    /// # Safety
    ///
    /// - As for [`add`](Self::add); the run is flushed later.
    #[inline(never)]
    unsafe fn add_piece<const SHARED: bool>(
        &self,
        finder: Finder<'_>,
        run: &mut MarkRun,
        mut rows: Rows,
    ) {
        if rows.words() > PIECE
            && let (piece, Some(rest)) = rows.split(PIECE)
            // Without memory, all at once.
            && self.try_push(Item::rows(rest))
        {
            prefetch(rest.first().cast());
            rows = piece;
        }
        // SAFETY: as the caller says.
        unsafe { rows.for_each_target(|object| self.reach_in::<SHARED>(finder, run, object)) };
    }

    /// As [`reach`](Self::reach), with marks that are written together. Of what others reach at the same time both may trace some.
    ///
    /// # Safety
    ///
    /// - As for [`Marker::reach`]; the run is flushed later.
    #[inline(always)]
    unsafe fn reach_in<const SHARED: bool>(
        &self,
        finder: Finder<'_>,
        run: &mut MarkRun,
        object: *mut Header,
    ) {
        // SAFETY: as the caller says.
        unsafe {
            if let Some(mark) = finder.mark_of(object) {
                // One thread is faster without a run.
                let new = if SHARED {
                    run.set(mark)
                } else {
                    mark.set_alone()
                };
                if new {
                    self.push_object(object);
                }
            }
        }
    }

    #[inline(always)]
    fn push_object(&self, object: *mut Header) {
        if !self.ring.push(object) {
            self.push_slow(Item::object(object));
        }
    }

    #[inline(always)]
    fn push(&self, item: Item) {
        if item.shape == 0 && self.ring.push(item.at.cast().as_ptr()) {
            return;
        }
        self.push_slow(item);
    }

    #[inline(never)]
    fn push_slow(&self, item: Item) {
        if self.try_push(item) {
            return;
        }
        if item.shape == 0 {
            self.overflow.set(true);
        } else {
            // Not to be lost: nobody would know any more who has them.
            let finder = self.pass.finder();
            // Whoever else is about.
            // SAFETY: reported by an object that is alive, with the world stopped.
            unsafe {
                (item.to_rows()).for_each_target(|object| self.reach::<true>(finder, object))
            };
        }
    }

    fn try_push(&self, item: Item) -> bool {
        // SAFETY: used by one thread, and not while it is used.
        unsafe { (*self.work.get()).push(item) }
    }

    #[inline(always)]
    fn pop(&self) -> Option<Item> {
        // SAFETY: as above.
        unsafe { (*self.work.get()).pop() }
    }
}

/// Gives one item.
fn only(item: Item) -> impl FnMut() -> Option<Item> {
    let mut item = Some(item);
    move || item.take()
}

impl Item {
    #[inline(always)]
    fn object(object: *mut Header) -> Item {
        // SAFETY: objects are not at address 0.
        let at = unsafe { NonNull::new_unchecked(object.cast()) };
        Item { at, shape: 0 }
    }

    #[inline(always)]
    fn rows(rows: Rows) -> Item {
        // SAFETY: there are some, so they are not at address 0.
        let at = unsafe { NonNull::new_unchecked(rows.first().cast_mut()) };
        Item {
            at: at.cast(),
            shape: rows.shape(),
        }
    }

    fn to_rows(self) -> Rows {
        Rows::from_parts(self.at.cast().as_ptr(), self.shape)
    }
}

/// Objects, first in, first out.
struct Ring {
    objects: [Cell<*mut Header>; RING],
    /// The number of the oldest one, and that of the next to come; they count on and on.
    first: Cell<usize>,
    end: Cell<usize>,
}

impl Ring {
    fn new() -> Self {
        Self {
            objects: [const { Cell::new(core::ptr::null_mut()) }; RING],
            first: Cell::new(0),
            end: Cell::new(0),
        }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.end.get().wrapping_sub(self.first.get())
    }

    /// Adds an object and asks for its memory. False: there is no room.
    #[inline(always)]
    fn push(&self, object: *mut Header) -> bool {
        let end = self.end.get();
        if end.wrapping_sub(self.first.get()) == RING {
            return false;
        }
        prefetch(object.cast());
        self.objects[end % RING].set(object);
        self.end.set(end.wrapping_add(1));
        true
    }

    /// Takes the oldest one.
    #[inline(always)]
    fn pop(&self) -> Option<*mut Header> {
        let first = self.first.get();
        if first == self.end.get() {
            return None;
        }
        self.first.set(first.wrapping_add(1));
        Some(self.objects[first % RING].get())
    }
}

/// Objects on their way from memory: enough to hide its latency, few enough to stay in the first cache.
const RING: usize = 128;
/// With fewer than that in the ring, more are taken from the worklist.
const LOW: usize = 48;
/// Objects traced at a time.
const BATCH: usize = 16;
/// Pairs of such batches in one step.
const PAIRS: usize = 2;
/// Words of an array taken at a time: no more than a core can wait for.
const PIECE: usize = 16;
/// References written down at a time.
const BUFFER: usize = 256;
