//! Examining: which objects were not reached, and how many references there are to each.
//!
//! Of most pages everything was reached, and that is known from their marks alone: as many are set as blocks are
//! in use. Only in the others objects are looked at, by all threads that help, and get their words.

use super::{
    Scope,
    candidates::{Pass, first_word, is_examined},
    sweep::{How, how},
    team::{Lent, Team},
    young,
};
use kit_core::sync::native::{AtomicBool, AtomicU8, AtomicUsize, Ordering::Relaxed};
use kit_core::{
    backend::{
        collector::NotCollected,
        heap::{Kinds, SharedHeap},
        marks,
        page::PageHead,
        side::Words,
    },
    object::{Bits, Header, trace::prefetch},
};

/// What was found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Examined {
    /// Objects that were reached before.
    pub(super) reached: usize,
    /// Objects with a word.
    pub(super) candidates: usize,
    /// How those can go that are the most trouble, if they are garbage.
    pub(super) how: How,
    /// Whether there are tracked objects that are neither.
    pub(super) others: bool,
}

/// Makes the marks of all collected objects known, and clears them; returns how many pages of them there are.
///
/// # Safety
///
/// - The world is stopped until `pass` is dropped, which is new.
pub(super) unsafe fn clear_marks(
    heap: &dyn SharedHeap,
    pass: &mut Pass<'_>,
) -> Result<usize, NotCollected> {
    let (mut known, mut pages) = (true, 0);
    // SAFETY: as the caller says; the walk meets each page once.
    unsafe {
        for part in 0..heap.walk_parts() {
            heap.walk_pages(part, Kinds::COLLECTED, &mut |page| {
                known = known && pass.mark_page(page, false);
                pages += 1;
            });
        }
    }
    pass.seal();
    known.then_some(pages).ok_or(NotCollected::OutOfMemory)
}

/// Gives each object in the pages of `scope` that is examined and was not reached its word.
///
/// # Safety
///
/// - The world is stopped until `pass` is dropped, and the counts are merged.
/// - The marks are known, and set for what was reached.
pub(super) unsafe fn examine(
    heap: &dyn SharedHeap,
    pass: &mut Pass<'_>,
    scope: Scope,
    team: Team<'_>,
) -> Result<Examined, NotCollected> {
    let (mut found, mut left, mut memory) = (Examined::default(), 0, true);
    let is_meant = |page| scope == Scope::All || young::is_chosen(page);
    // SAFETY: as the caller says; nothing is allocated or freed in the heap.
    unsafe {
        for part in 0..heap.walk_parts() {
            heap.walk_pages(part, Kinds::COLLECTED, &mut |page| {
                if is_meant(page) {
                    let reached = marks::count_in_page(page);
                    let live = PageHead::live_blocks(page);
                    found.reached += reached;
                    if live != Some(reached) {
                        memory = memory && pass.attach(page);
                        let live = live.unwrap_or(page.as_ref().capacity.get() as usize);
                        left += live.saturating_sub(reached);
                    }
                }
            });
        }
    }
    if !memory {
        return Err(NotCollected::OutOfMemory);
    }
    let (candidates, others, how) = (
        AtomicUsize::new(0),
        AtomicBool::new(false),
        AtomicU8::new(0),
    );
    let turns = pass.turns();
    // The pass is not changed; a page is looked at by one thread.
    let lent = Lent((&*pass, &turns));
    team.for_objects(left).run(&|_| {
        let (pass, turns) = *lent.get();
        let mut part = Examined::default();
        while let Some(table) = turns.take() {
            if is_meant(table.page) {
                // SAFETY: as the caller says; a table belongs to a page in use.
                unsafe { examine_page(pass, &table, &mut part) };
            }
        }
        // Relaxed: read when all have returned.
        candidates.fetch_add(part.candidates, Relaxed);
        others.fetch_or(part.others, Relaxed);
        how.fetch_max(part.how as u8, Relaxed);
    });
    found.candidates = candidates.into_inner();
    found.others = others.into_inner();
    found.how = How::ALL[usize::from(how.into_inner())];
    Ok(found)
}

/// # Safety
///
/// - As for [`examine`].
unsafe fn examine_page(pass: &Pass<'_>, table: &Words<'_>, found: &mut Examined) {
    // SAFETY: as the caller says.
    unsafe {
        let page = table.page;
        let reached = marks::count_in_page(page) != 0;
        let offset = page.as_ref().heap_kind().header_offset();
        PageHead::for_each_live_numbered(page, |number, block| {
            let object: *mut Header = block.add(offset).cast().as_ptr();
            if reached && pass.is_marked(object) {
                return;
            }
            prefetch(object.cast::<u8>().wrapping_add(AHEAD));
            let header = &*object;
            if is_examined(header) {
                // Relaxed: used when all words are there.
                table.words[number].store(first_word(header), Relaxed);
                found.candidates += 1;
                found.how = found.how.max(how(pass.types, header));
            } else {
                found.others |= header.bits().contains(Bits::TRACKED);
            }
        });
    }
}

/// Bytes from an object that is looked at to the memory that is asked for: neighbours follow soon.
pub(super) const AHEAD: usize = 1024;
