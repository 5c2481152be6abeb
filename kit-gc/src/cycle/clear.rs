//! Taking the garbage apart: in which order, and how.
//!
//! Clearing an object drops its references, which breaks the cycles; the collector's own reference keeps
//! each object until all are cleared. Then these are dropped: those of ordinary objects first, those of
//! deferred ones last, because a deferred object is needed, without being counted, by others: a type by its
//! instances, code by its frames. Among deferred objects too, who needs goes before who is needed.

use super::candidates::{CANDIDATE, Pass, REACHED, TRACED, add_one, has_count, subtract_one};
use super::{hold, sweep::Sweep};
use crate::worklist::{Found, Worklist};
use kit_core::{
    backend::heap::SharedHeap,
    object::{Bits, Header, Word},
    platform::pages::PageSource,
    thread::Ctx,
};

/// Makes the garbage ready to be taken apart: what can be [swept](Sweep) in front, the rest in order. With `held` the
/// collector has a reference to each already; else it takes them here.
///
/// # Safety
///
/// - As for [`order`]; this is all the garbage, and nothing gets at it any more.
pub(super) unsafe fn settle<'a>(
    pass: &Pass<'_>,
    garbage: &mut [*mut Header],
    held: bool,
    sweeps: bool,
    heap: &'a dyn SharedHeap,
    ctx: &Ctx,
) -> Option<Sweep<'a>> {
    // SAFETY: as the caller says; what is swept refers to what is not by counted references that are set aside, or by such as
    // need no count, for it goes first.
    unsafe {
        let sweep = if sweeps {
            Sweep::part(pass, garbage, heap)
        } else {
            None
        };
        let swept = sweep.as_ref().map_or(0, Sweep::len);
        if !held {
            hold(ctx, &garbage[swept..]);
        }
        order(pass, &mut garbage[swept..], heap.pages(), ctx);
        sweep
    }
}

/// Puts the garbage into the order in which it is let go, and ends the deferral of what is deferred.
///
/// # Safety
///
/// - The world is stopped by the thread of `ctx`, and the threads' own counts were added up since.
/// - The garbage is final: nothing else leads to it. Each object in it has a word and no owner.
unsafe fn order(pass: &Pass<'_>, garbage: &mut [*mut Header], source: &dyn PageSource, ctx: &Ctx) {
    let is_deferred = |object: *mut Header| {
        // SAFETY: the collector's reference keeps it.
        unsafe { (*object).bits().contains(Bits::DEFERRED) }
    };
    let mut plain = 0;
    for index in 0..garbage.len() {
        if !is_deferred(garbage[index]) {
            garbage.swap(index, plain);
            plain += 1;
        }
    }
    if plain == garbage.len() {
        return;
    }
    for &object in &garbage[plain..] {
        // SAFETY: as the caller says.
        if let Some(word) = unsafe { pass.word_of(object) } {
            *word |= TRACED;
        }
    }
    let ids = &ctx.thread().services().count_ids;
    // SAFETY: stopped, and the threads' counts were added up before the garbage was found.
    unsafe {
        ids.disable_where(|object| pass.word_of(object).is_some_and(|word| is_ending(*word)));
    }
    let deferred = &mut garbage[plain..];
    if deferred.len() > 1 {
        // SAFETY: as the caller says.
        unsafe { order_deferred(pass, deferred, source) };
    }
    for &object in &*deferred {
        // SAFETY: stopped, and the object has no id; references without a count are in garbage, which is not entered again.
        unsafe { (*object).disable_deferred() };
    }
}

/// Whether the deferral of the object with this word is about to end: marking sets the bit only on what it
/// reaches, [`order`] on these.
fn is_ending(word: u32) -> bool {
    word & (REACHED | TRACED) == TRACED
}

/// Sorts topologically by uncounted references; what lies on a cycle of those comes last, as it was. Without
/// memory, nothing is sorted.
///
/// # Safety
///
/// - As for [`order`].
unsafe fn order_deferred(pass: &Pass<'_>, deferred: &mut [*mut Header], source: &dyn PageSource) {
    let Some(mut sorted) = Found::with_room(deferred.len(), source) else {
        return;
    };
    let mut ready = Worklist::new(source);
    // SAFETY: each object is a tracked candidate, kept by the collector's reference.
    unsafe {
        // From here on the words count references from deferred garbage that have no count themselves.
        for &object in &*deferred {
            if let Some(word) = pass.word_of(object) {
                *word = CANDIDATE;
            }
        }
        let needs = |object: *mut Header, visit: &mut dyn FnMut(*mut Header, &mut u32)| {
            pass.trace(object, |target, edge| {
                if !edge.is_counted()
                    && target != object
                    && (*target).bits().contains(Bits::DEFERRED)
                    && let Some(word) = pass.word_of(target)
                {
                    visit(target, word);
                }
            });
        };
        for &object in &*deferred {
            needs(object, &mut |_, word| add_one(word));
        }
        for &object in &*deferred {
            let free = pass.word_of(object).is_some_and(|word| !has_count(*word));
            if !free || !ready.push(object) {
                continue;
            }
            while let Some(next) = ready.pop() {
                if let Some(word) = pass.word_of(next)
                    && *word & REACHED == 0
                {
                    *word |= REACHED;
                    sorted.push(next);
                    needs(next, &mut |target, word| {
                        subtract_one(word);
                        if !has_count(*word) && *word & REACHED == 0 {
                            // Without memory it stays behind, and comes last.
                            let _ = ready.push(target);
                        }
                    });
                }
            }
        }
        for &object in &*deferred {
            if pass
                .word_of(object)
                .is_some_and(|word| *word & REACHED == 0)
            {
                sorted.push(object);
            }
        }
    }
    deferred.copy_from_slice(sorted.as_slice());
}

/// Clears everything, then lets go of it.
pub(super) fn clear(ctx: &mut Ctx, garbage: &[*mut Header]) {
    for &object in garbage {
        // SAFETY: the collector's reference keeps the object, and a tracked one may be cleared.
        unsafe {
            if (*object).bits().contains(Bits::TRACKED) {
                let kind = ctx.type_entry((*object).type_id()).kind();
                (kind.clear)(object, ctx);
                ctx.drain();
            }
        }
    }
    release(ctx, garbage.iter());
}

/// Drops the collector's reference to each.
pub(super) fn release<'a>(ctx: &mut Ctx, objects: impl Iterator<Item = &'a *mut Header>) {
    for &object in objects {
        // SAFETY: the collector took one reference, and gives it up here.
        unsafe { ctx.release(Word::object(object)) };
    }
}
