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
//! ring. Whether it is marked already, and whether it leads anywhere, is known from its address; objects that lead nowhere, and
//! those in static memory, are not touched. Long arrays are taken in pieces, so that the worklist stays short.
//!
//! When there is no memory for the worklist, an object is only marked; then everything that is marked is
//! traced again, as often as it takes. No run fails for this.

use super::candidates::{Pass, has_count};
use crate::worklist::Worklist;
use core::{
    mem::{self, MaybeUninit},
    ptr::NonNull,
};
use kit_core::{
    backend::{heap::SharedHeap, marks},
    object::{
        Bits, Header, Tracer,
        trace::{Reference, References, Rows},
    },
};

/// The marker.
pub(super) struct Marker<'a> {
    pass: &'a Pass<'a>,
    heap: &'a dyn SharedHeap,
    todo: Todo<'a>,
}

/// What was found and not looked at yet.
struct Todo<'a> {
    pass: &'a Pass<'a>,
    ring: Ring,
    work: Worklist<'a, Item>,
    /// Something was marked that is not here.
    overflow: bool,
}

/// An object to be traced, or rows of references.
#[derive(Clone, Copy)]
struct Item {
    at: NonNull<u8>,
    /// What the rows look like; 0 for an object.
    shape: u64,
}

impl<'a> Marker<'a> {
    pub(super) fn new(pass: &'a Pass<'a>, heap: &'a dyn SharedHeap) -> Self {
        Self {
            pass,
            heap,
            todo: Todo {
                pass,
                ring: Ring::new(),
                work: Worklist::new(heap.pages()),
                overflow: false,
            },
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
            self.todo.reach(object);
            if self.todo.ring.is_full() {
                self.step();
            }
        }
    }

    /// Marks everything that candidates with a count left lead to, themselves included.
    ///
    /// # Safety
    ///
    /// - The world is stopped; the counts are final.
    pub(super) unsafe fn mark_held(&mut self) {
        let pass = self.pass;
        // SAFETY: as the caller says.
        unsafe {
            pass.for_each_candidate(|object, word| {
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
            while self.step() {}
            while mem::take(&mut self.todo.overflow) {
                super::candidates::for_each_object(self.heap, |object| {
                    let marked = self.pass.mark_of(object).is_some_and(marks::Mark::is_set);
                    if marked {
                        self.todo.push(Item::object(object));
                        self.step();
                    }
                });
                while self.step() {}
            }
        }
    }

    /// Does some of what is to be done. False: there was nothing.
    ///
    /// # Safety
    ///
    /// - The world is stopped.
    unsafe fn step(&mut self) -> bool {
        let mut batch = [Item::NONE; BATCH];
        let len = self.todo.take(&mut batch);
        let types = self.pass.types;
        let mut buffer = [MaybeUninit::uninit(); BUFFER];
        // SAFETY: what was found is alive, and stays as it is: the world is stopped.
        let mut full = |list: References<'_>| unsafe { self.todo.add(list) };
        let mut tracer = Tracer::new(&mut buffer, &mut full);
        for item in &batch[..len] {
            // SAFETY: an object that was marked is alive, and may be traced if it is tracked; rows were reported by one.
            unsafe {
                if item.shape == 0 {
                    let object: *mut Header = item.at.cast().as_ptr();
                    if (*object).bits().contains(Bits::TRACKED) {
                        let kind = types.entry((*object).type_id()).kind();
                        (kind.trace)(object, &mut tracer);
                    }
                } else {
                    item.to_rows().trace(&mut tracer);
                }
            }
        }
        tracer.flush();
        len != 0
    }
}

impl Todo<'_> {
    /// # Safety
    ///
    /// - As for [`Marker::reach`].
    #[inline(always)]
    unsafe fn reach(&mut self, object: *mut Header) {
        // SAFETY: as the caller says.
        if let Some(mark) = unsafe { self.pass.mark_of(object) }
            && mark.set_alone()
        {
            self.push(Item::object(object));
        }
    }

    /// Adds what was reported and not known before.
    ///
    /// # Safety
    ///
    /// - The references are of an object that is alive, with the world stopped.
    unsafe fn add(&mut self, list: References<'_>) {
        for reference in list {
            match reference {
                // SAFETY: an object keeps alive what it refers to.
                Reference::One(word, _) => unsafe { self.reach(word.as_object()) },
                // SAFETY: reported just now.
                Reference::Rows(rows) => unsafe { self.push_rows(rows) },
            }
        }
    }

    #[inline(always)]
    fn push(&mut self, item: Item) {
        if self.ring.push(item) {
            return;
        }
        self.overflow |= !self.work.push(item);
    }

    /// # Safety
    ///
    /// - As for [`add`](Self::add).
    #[inline(always)]
    unsafe fn push_rows(&mut self, rows: Rows) {
        let item = Item::rows(rows);
        if !self.ring.push(item) && !self.work.push(item) {
            // Not to be lost: nobody would know any more who has them.
            // SAFETY: as the caller says.
            unsafe { rows.for_each(|word, _| self.reach(word.as_object())) };
        }
    }

    /// Takes what is next, the oldest first; returns how many that are.
    fn take(&mut self, batch: &mut [Item; BATCH]) -> usize {
        while self.ring.len < LOW {
            let Some(item) = self.work.pop() else { break };
            self.ring.push(item);
        }
        let len = self.ring.len.min(BATCH);
        for item in &mut batch[..len] {
            *item = self.ring.pop();
            if item.shape != 0 {
                let (rows, rest) = item.to_rows().split(PIECE);
                // Below what these few lead to, so that it waits. Without memory, all at once.
                if rest.is_some_and(|rest| self.work.push(Item::rows(rest))) {
                    *item = Item::rows(rows);
                }
            }
        }
        len
    }
}

impl Item {
    const NONE: Item = Item {
        at: NonNull::dangling(),
        shape: 0,
    };

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

/// What is on its way from memory, first in, first out.
struct Ring {
    items: [Item; RING],
    next: usize,
    len: usize,
}

impl Ring {
    fn new() -> Self {
        Self {
            items: [Item::NONE; RING],
            next: 0,
            len: 0,
        }
    }

    fn is_full(&self) -> bool {
        self.len == RING
    }

    /// Adds an item and asks for its memory. False: there is no room.
    #[inline(always)]
    fn push(&mut self, item: Item) -> bool {
        if self.len == RING {
            return false;
        }
        prefetch(item.at);
        self.items[(self.next + self.len) % RING] = item;
        self.len += 1;
        true
    }

    /// Takes the oldest one. There is one.
    #[inline(always)]
    fn pop(&mut self) -> Item {
        let item = self.items[self.next];
        self.next = (self.next + 1) % RING;
        self.len -= 1;
        item
    }
}

/// Asks for the memory at `at`.
#[inline(always)]
fn prefetch(at: NonNull<u8>) {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse"))]
    // SAFETY: a hint, which is allowed any address.
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(at.as_ptr().cast());
    }
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse")))]
    let _ = at;
}

/// Items on their way from memory: enough to hide its latency, few enough to stay in the first cache.
const RING: usize = 128;
/// With fewer than that in the ring, more are taken from the worklist.
const LOW: usize = 48;
/// Items traced at a time.
const BATCH: usize = 16;
/// Words of an array taken at a time.
const PIECE: usize = 64;
/// References written down at a time.
const BUFFER: usize = 256;
