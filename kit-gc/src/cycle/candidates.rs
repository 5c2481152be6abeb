//! Candidates: the objects under examination, and the collector's word for each.
//!
//! Candidates are what roots did not lead to. A reached object has its [mark](kit_core::backend::marks) set, and that
//! is all that is ever written down about it. A candidate that is reached later is none any more.
//!
//! | bits | name | meaning |
//! |---|---|---|
//! | 0 | CANDIDATE | examined in this pass; other objects' words are 0, or their pages have no table |
//! | 1, 2 | REACHED, TRACED | for who works with the garbage or compares counts |
//! | 3.. | count | references not accounted for yet; sticks at the maximum |
//!
//! The words lie in side tables (`kit_core::backend::side`), for as long as the world is stopped.
//!
//! Not examined, and so alive: untracked objects, which the tracer may not visit; immortal ones; frozen
//! ones. What these hold by count shows as a count that nobody accounts for. What tracked ones among them
//! hold without a count is looked up in `subtract`.

use super::{
    examine::AHEAD,
    segments::{Near, Segments},
};
use core::{
    mem::MaybeUninit,
    ptr::NonNull,
    // The words lie beside the pages, where loom's atomics cannot.
};
use kit_core::sync::native::{AtomicU32, Ordering::Relaxed};
use kit_core::{
    backend::{
        heap::{Kinds, SharedHeap},
        listing,
        marks::{self, Mark},
        page::PageHead,
        side::{self, SideTables, Turns, Words},
    },
    object::{
        Bits, Header, Tracer, TypeTable,
        trace::{Edge, Reference, References, prefetch},
    },
};

pub(super) const CANDIDATE: u32 = 1;
pub(super) const REACHED: u32 = 2;
pub(super) const TRACED: u32 = 4;
/// One reference.
pub(super) const ONE: u32 = 8;
const COUNT: u32 = !7;

/// Whether the collector examines the object at all.
pub(super) fn is_examined(header: &Header) -> bool {
    let bits = header.bits();
    bits.contains(Bits::TRACKED)
        && !bits.intersects(Bits::FROZEN.union(Bits::STATIC))
        && !header.is_immortal()
}

/// The word an object starts with: its references.
pub(super) fn first_word(header: &Header) -> u32 {
    let word = true_word(header);
    // Without a count it is on some thread's list of the dying: that thread takes it apart.
    let dying = !has_count(word) && !header.bits().contains(Bits::DEFERRED);
    if dying { word + ONE } else { word }
}

/// The word with an object's count as it is.
pub(super) fn true_word(header: &Header) -> u32 {
    let count = u32::try_from(header.references().max(0)).unwrap_or(u32::MAX);
    CANDIDATE | (count.min(COUNT / ONE) * ONE)
}

/// One examination: the tables it attached, and what it takes to find an object's mark and word.
pub(super) struct Pass<'a> {
    pub(super) types: &'a TypeTable,
    tables: SideTables<'static>,
    /// Whether objects lie in segments.
    paged: bool,
    segments: Segments<'a>,
}

impl<'a> Pass<'a> {
    /// Nothing attached yet. The world is stopped until this is dropped.
    pub(super) fn new(types: &'a TypeTable, heap: &'static dyn SharedHeap) -> Self {
        let source = heap.pages();
        Self {
            types,
            paged: heap.is_paged(),
            tables: SideTables::new(source),
            segments: Segments::new(source),
        }
    }

    /// Whether objects lie in segments.
    #[inline(always)]
    pub(super) fn is_paged(&self) -> bool {
        self.paged
    }

    /// No more pages become known: looking for marks may be prepared.
    pub(super) fn seal(&mut self) {
        self.segments.seal();
    }

    /// What finds marks fast.
    pub(super) fn finder(&self) -> Finder<'_> {
        let (near, far) = self.segments.near();
        Finder {
            near,
            far: (far || !self.paged).then_some(self),
        }
    }

    /// Makes the marks of the objects in a page known, all of them set or none; in a heap without segments that takes a
    /// table. False without memory.
    ///
    /// # Safety
    ///
    /// - The page is in use, with collected objects, and has no table unless it is known already; the world is
    ///   stopped.
    pub(super) unsafe fn mark_page(&mut self, page: NonNull<PageHead>, marked: bool) -> bool {
        // SAFETY: as the caller says.
        unsafe {
            let known = if self.paged {
                self.segments.insert(page, true)
            } else {
                !page.as_ref().side.get().is_null() || self.tables.attach(page)
            };
            if known {
                marks::fill_page(page, marked);
            }
            known
        }
    }

    /// Gives each block of a page its word. False without memory.
    ///
    /// # Safety
    ///
    /// - The page is in use, and the world is stopped.
    pub(super) unsafe fn attach(&mut self, page: NonNull<PageHead>) -> bool {
        // SAFETY: as the caller says.
        unsafe {
            (!self.paged || self.segments.insert(page, false))
                && (!page.as_ref().side.get().is_null() || self.tables.attach(page))
        }
    }

    /// The page of an object.
    ///
    /// # Safety
    ///
    /// - `object` is a live object of the heap.
    pub(super) unsafe fn page_of(&self, object: *mut Header) -> NonNull<PageHead> {
        // SAFETY: as the caller says.
        unsafe {
            let object = NonNull::new_unchecked(object.cast());
            if self.paged {
                PageHead::of(object)
            } else {
                listing::page_of(object)
            }
        }
    }

    /// Whether a reference leads out of the heap, to static memory.
    ///
    /// # Safety
    ///
    /// - `object` is a live object, unless the heap has pages.
    #[inline]
    pub(super) unsafe fn is_outside(&self, object: *mut Header) -> bool {
        if self.paged {
            !self.segments.contains(object.addr())
        } else {
            // SAFETY: live.
            unsafe { (*object).bits().contains(Bits::STATIC) }
        }
    }

    /// The object's mark; `None` for one that leads nowhere, which needs none. In a paged heap the object itself is not
    /// looked at: most references lead to memory that is in no cache.
    ///
    /// # Safety
    ///
    /// - `object` is a live object, and the world is stopped.
    #[inline(always)]
    pub(super) unsafe fn mark_of(&self, object: *mut Header) -> Option<Mark> {
        // SAFETY: live; if it has collected neighbours then of the heap.
        unsafe {
            if self.paged {
                let known = self.segments.has_collected(object.addr());
                known.then(|| Mark::of(NonNull::new_unchecked(object).cast()))
            } else if (*object).bits().contains(Bits::STATIC) {
                None
            } else {
                Mark::of_listed(NonNull::new_unchecked(object).cast())
            }
        }
    }

    /// Whether an object in a page of which the marks are known was reached.
    ///
    /// # Safety
    ///
    /// - As for [`mark_of`](Self::mark_of).
    #[inline(always)]
    pub(super) unsafe fn is_marked(&self, object: *mut Header) -> bool {
        // SAFETY: as the caller says.
        unsafe {
            if self.paged {
                Mark::of(NonNull::new_unchecked(object).cast()).is_set()
            } else {
                self.mark_of(object).is_some_and(Mark::is_set)
            }
        }
    }

    /// Where the word of an object of the heap is.
    ///
    /// # Safety
    ///
    /// - `object` lies in a block of the heap; the world is stopped.
    #[inline]
    pub(super) unsafe fn word_at(&self, object: NonNull<Header>) -> *mut u32 {
        // SAFETY: as the caller says.
        unsafe {
            if self.paged {
                side::of(object.cast())
            } else {
                side::of_listed(object.cast())
            }
        }
    }

    /// Sets an object's word.
    ///
    /// # Safety
    ///
    /// - `object` is a live object of the heap whose page has a table; the world is stopped.
    #[inline]
    pub(super) unsafe fn set_word(&self, object: *mut Header, word: u32) {
        // SAFETY: as the caller says.
        unsafe { *self.word_at(NonNull::new_unchecked(object)) = word };
    }

    /// The object's word, if it is a candidate, and was not reached.
    ///
    /// # Safety
    ///
    /// - `object` is a live object, and the world is stopped.
    #[inline]
    pub(super) unsafe fn word_of(&self, object: *mut Header) -> Option<&'a mut u32> {
        // Borrowed exclusively: only the collector's one thread uses the tables, one word at a time.
        // SAFETY: live, and with a mark of the heap; null, or the object's word.
        unsafe {
            if self.mark_of(object)?.is_set() {
                return None;
            }
            self.word_at(NonNull::new_unchecked(object))
                .as_mut()
                .filter(|word| **word & CANDIDATE != 0)
        }
    }

    /// The tables, for threads to take turns with.
    pub(super) fn turns(&self) -> Turns<'_> {
        self.tables.turns()
    }

    /// Calls `f` with every candidate of a table, reached or not, and what its word is.
    ///
    /// # Safety
    ///
    /// - The world is stopped; the page's objects were not freed.
    #[inline(always)]
    unsafe fn for_each_in(&self, table: &Words<'_>, mut f: impl FnMut(*mut Header, u32)) {
        // Relaxed: other threads may change counts at the same time, not what the objects are.
        let words = (table
            .words
            .iter()
            .map(|word| word.load(Relaxed))
            .enumerate())
        .filter(|(_, word)| word & CANDIDATE != 0);
        // SAFETY: as the caller says; a table has a word for each block or entry, and words of free blocks are 0.
        unsafe {
            if self.paged {
                for (index, word) in words {
                    f(
                        table.first.byte_add(index * table.size).cast().as_ptr(),
                        word,
                    );
                }
            } else {
                let offset = table.page.as_ref().heap_kind().header_offset();
                let entries = listing::entries(table.page);
                for (index, word) in words {
                    let block = NonNull::new_unchecked(entries[index].0.get());
                    f(block.add(offset).cast().as_ptr(), word);
                }
            }
        }
    }

    /// Calls `f` with every candidate, reached or not, and what its word is.
    ///
    /// # Safety
    ///
    /// - The world is stopped; objects in the pages with a table were not freed.
    pub(super) unsafe fn for_each_word(&self, mut f: impl FnMut(*mut Header, u32)) {
        let turns = self.turns();
        while let Some(table) = turns.take() {
            // SAFETY: as the caller says.
            unsafe { self.for_each_in(&table, &mut f) };
        }
    }

    /// Calls `f` with every candidate that was not reached, and what its word is.
    ///
    /// # Safety
    ///
    /// - As for [`for_each_word`](Self::for_each_word).
    pub(super) unsafe fn for_each_candidate(&self, mut f: impl FnMut(*mut Header, u32)) {
        // SAFETY: as the caller says.
        unsafe {
            self.for_each_word(|object, word| {
                if !self.is_marked(object) {
                    f(object, word);
                }
            });
        }
    }

    /// Whether a candidate has references that nobody accounts for.
    pub(super) fn is_any_held(&self) -> bool {
        let turns = self.turns();
        while let Some(table) = turns.take() {
            let held = table.words.iter().fold(false, |held, word| {
                let word = word.load(Relaxed);
                held | (word & CANDIDATE != 0) & has_count(word)
            });
            if held {
                return true;
            }
        }
        false
    }

    /// The words of what is garbage now, all candidates, for when the world runs.
    ///
    /// # Safety
    ///
    /// - The world is still stopped, and the heap has segments.
    pub(super) unsafe fn into_tables(mut self) -> SideTables<'static> {
        // SAFETY: as the caller says.
        unsafe { self.tables.detach() };
        self.tables
    }

    /// Calls `each` with every candidate that was not reached, and `visit` with every reference of those for which it says so, some
    /// time later.
    ///
    /// # Safety
    ///
    /// - As for [`for_each_candidate`](Self::for_each_candidate); neither function allocates or frees.
    pub(super) unsafe fn trace_candidates(
        &self,
        each: impl FnMut(*mut Header) -> bool,
        visit: impl FnMut(*mut Header, Edge),
    ) {
        // SAFETY: as the caller says.
        unsafe { self.trace_turns::<false>(&self.turns(), each, visit) };
    }

    /// [`trace_candidates`](Self::trace_candidates) for those in the tables that this thread takes. With `NEW`, none was reached since
    /// there are candidates.
    ///
    /// # Safety
    ///
    /// - As there.
    pub(super) unsafe fn trace_turns<const NEW: bool>(
        &self,
        turns: &Turns<'_>,
        mut each: impl FnMut(*mut Header) -> bool,
        mut visit: impl FnMut(*mut Header, Edge),
    ) {
        let mut full = |list: References<'_>| {
            for reference in list {
                match reference {
                    Reference::One(word, edge) => visit(word.as_object(), edge),
                    // SAFETY: reported before, and with the world stopped nothing has changed.
                    Reference::Rows(rows) => unsafe {
                        rows.for_each(|word, edge| visit(word.as_object(), edge));
                    },
                }
            }
        };
        let mut buffer = [MaybeUninit::uninit(); BUFFER];
        let mut tracer = Tracer::new(&mut buffer, &mut full);
        // SAFETY: as the caller says; candidates are alive and tracked.
        unsafe {
            while let Some(table) = turns.take() {
                self.for_each_in(&table, |object, _| {
                    prefetch(object.cast::<u8>().wrapping_add(AHEAD));
                    if (NEW || !self.is_marked(object)) && each(object) {
                        let kind = self.types.entry((*object).type_id()).kind();
                        (kind.trace)(object, &mut tracer);
                    }
                });
            }
        }
        tracer.flush();
    }

    /// Calls `f` with every object in a page with a table that is neither marked nor a candidate.
    ///
    /// # Safety
    ///
    /// - The world is stopped, and `f` neither allocates nor frees.
    pub(super) unsafe fn for_each_other(&self, mut f: impl FnMut(*mut Header)) {
        // SAFETY: as the caller says.
        unsafe {
            self.tables.for_each_page(|page| {
                let offset = page.as_ref().heap_kind().header_offset();
                PageHead::for_each_live(page, |block| {
                    let object: *mut Header = block.add(offset).cast().as_ptr();
                    let marked = self.mark_of(object).is_some_and(Mark::is_set);
                    if !marked && self.word_of(object).is_none() {
                        f(object);
                    }
                });
            });
        }
    }

    /// Reports every reference that `object` holds.
    ///
    /// # Safety
    ///
    /// - `object` is live and tracked, and the world is stopped.
    #[inline]
    pub(super) unsafe fn trace(
        &self,
        object: *mut Header,
        mut visit: impl FnMut(*mut Header, Edge),
    ) {
        // SAFETY: live, so its type is in use; tracked, so it may be traced.
        unsafe {
            let kind = self.types.entry((*object).type_id()).kind();
            kind.references(object, |word, edge| visit(word.as_object(), edge));
        }
    }
}

/// References written down at a time.
const BUFFER: usize = 256;

/// Finds marks as [`Pass::mark_of`] does, with what that takes close at hand.
#[derive(Clone, Copy)]
pub(super) struct Finder<'a> {
    near: Near,
    /// To be asked about what is not near.
    far: Option<&'a Pass<'a>>,
}

impl<'a> Finder<'a> {
    /// The object's mark.
    ///
    /// # Safety
    ///
    /// - As for [`Pass::mark_of`].
    #[inline(always)]
    pub(super) unsafe fn mark_of(self, object: *mut Header) -> Option<Mark> {
        // SAFETY: as the caller says; what has collected neighbours is in a segment.
        unsafe {
            match self.near.has_collected(object.addr()) {
                Some(known) => known.then(|| Mark::of(NonNull::new_unchecked(object).cast())),
                None => self.far_mark_of(object),
            }
        }
    }

    /// The word of an object, if it is a candidate; no candidate was reached.
    ///
    /// # Safety
    ///
    /// - As for [`Pass::mark_of`]; meanwhile everybody uses words as atomics.
    #[inline(always)]
    pub(super) unsafe fn word_of(self, object: *mut Header) -> Option<&'a AtomicU32> {
        // SAFETY: as the caller says; what has collected neighbours is in a segment.
        unsafe {
            match self.near.has_collected(object.addr()) {
                Some(false) => None,
                Some(true) => candidate(side::of(NonNull::new_unchecked(object).cast())),
                None => self.far_word_of(object),
            }
        }
    }

    /// # Safety
    ///
    /// - As for [`word_of`](Self::word_of).
    #[cold]
    unsafe fn far_word_of(self, object: *mut Header) -> Option<&'a AtomicU32> {
        let pass = self.far?;
        // SAFETY: as the caller says; what has a mark has a page.
        unsafe {
            pass.mark_of(object)?;
            candidate(pass.word_at(NonNull::new_unchecked(object)))
        }
    }

    /// # Safety
    ///
    /// - As for [`mark_of`](Self::mark_of).
    #[cold]
    unsafe fn far_mark_of(self, object: *mut Header) -> Option<Mark> {
        // SAFETY: as the caller says.
        self.far.and_then(|pass| unsafe { pass.mark_of(object) })
    }
}

/// A candidate's word.
///
/// # Safety
///
/// - `word` is null, or an object's word, which is there as long as the result, and used as an atomic.
#[inline(always)]
unsafe fn candidate<'a>(word: *mut u32) -> Option<&'a AtomicU32> {
    // SAFETY: as the caller says.
    let word = unsafe { AtomicU32::from_ptr(NonNull::new(word)?.as_ptr()) };
    // Relaxed: who is a candidate does not change.
    (word.load(Relaxed) & CANDIDATE != 0).then_some(word)
}

/// Accounts for a reference, as [`subtract_one`] does; with `SHARED`, while others do so too.
#[inline(always)]
pub(super) fn subtract_from<const SHARED: bool>(word: &AtomicU32) {
    // Relaxed: counts are sums; they are read when all have done their part.
    let mut seen = word.load(Relaxed);
    if !SHARED {
        subtract_one(&mut seen);
        word.store(seen, Relaxed);
    } else if seen & COUNT != COUNT {
        let before = word.fetch_sub(ONE, Relaxed);
        debug_assert!(
            before & COUNT != 0,
            "an object has fewer references than are held"
        );
    }
}

/// Accounts for a reference.
#[inline]
pub(super) fn subtract_one(word: &mut u32) {
    if *word & COUNT != COUNT {
        debug_assert!(
            *word & COUNT != 0,
            "an object has fewer references than are held"
        );
        *word -= if *word & COUNT == 0 { 0 } else { ONE };
    }
}

/// Adds a reference that no count shows.
#[inline]
pub(super) fn add_one(word: &mut u32) {
    if *word & COUNT != COUNT {
        *word += ONE;
    }
}

/// Whether references are left that nobody accounts for.
#[inline]
pub(super) fn has_count(word: u32) -> bool {
    word & COUNT != 0
}

/// Calls `f` with every object in the heap that could be collected.
///
/// # Safety
///
/// - The world is stopped, and `f` neither allocates nor frees.
pub(super) unsafe fn for_each_object(heap: &dyn SharedHeap, f: impl FnMut(*mut Header)) {
    // SAFETY: as the caller says.
    unsafe { for_each_of(heap, Kinds::COLLECTED, f) };
}

/// Calls `f` with every object in pages of these kinds.
///
/// # Safety
///
/// - As for [`for_each_object`]; the kinds are of objects.
pub(super) unsafe fn for_each_of(
    heap: &dyn SharedHeap,
    kinds: Kinds,
    mut f: impl FnMut(*mut Header),
) {
    // SAFETY: as the caller says.
    unsafe {
        heap.for_each_block(kinds, |block, page| {
            let offset = page.as_ref().heap_kind().header_offset();
            f(block.add(offset).cast().as_ptr());
        });
    }
}
