//! Subtracting: what is left of each candidate's count are the references from outside.

use super::{
    candidates::{Pass, add_one, for_each_object, subtract_from},
    sweep::Outside,
    team::{Lent, Team},
};
use core::ptr;
use kit_core::{
    backend::{heap::SharedHeap, side::Turns, world::Stopped},
    object::{Bits, Header, Word, trace::Edge},
    thread::Thread,
};

/// Accounts for the references that candidates hold by count.
///
/// # Safety
///
/// - The world is stopped, and every candidate has its word; none was reached since.
pub(super) unsafe fn subtract_all(pass: &Pass<'_>, team: Team<'_>) {
    // SAFETY: as the caller says.
    unsafe { subtract_and(pass, team, None) };
}

/// As [`subtract_all`]; with `outside`, untracks every candidate, and sets aside every counted reference to something else.
///
/// # Safety
///
/// - As there.
pub(super) unsafe fn subtract_and(pass: &Pass<'_>, team: Team<'_>, outside: Option<&Outside<'_>>) {
    let turns = pass.turns();
    // The pass is not changed; words are used as atomics, and an object is untracked by the thread that has its table.
    let lent = Lent((pass, &turns, outside));
    team.run(&|number| {
        let (pass, turns, outside) = *lent.get();
        let outside = outside.map(|outside| (outside, number));
        // SAFETY: as the caller says.
        unsafe {
            if team.is_shared() {
                subtract_turns::<true>(pass, turns, outside);
            } else {
                subtract_turns::<false>(pass, turns, outside);
            }
        }
    });
}

/// # Safety
///
/// - As for [`subtract_and`]; others work at the same time only with `SHARED`, with other numbers.
unsafe fn subtract_turns<const SHARED: bool>(
    pass: &Pass<'_>,
    turns: &Turns<'_>,
    outside: Option<(&Outside<'_>, usize)>,
) {
    let finder = pass.finder();
    // What many refer to alike is looked up once for all that do so in a row.
    let (mut shared, mut shared_word) = (ptr::null_mut(), None);
    // SAFETY: candidates are tracked; what they refer to is alive.
    unsafe {
        let visit = |target, edge| match edge {
            Edge::Counted => match finder.word_of(target) {
                Some(word) => subtract_from::<SHARED>(word),
                None => {
                    if let Some((outside, number)) = outside {
                        outside.push(number, target);
                    }
                }
            },
            Edge::PerThread => {
                if target != shared {
                    shared = target;
                    shared_word = finder.word_of(target);
                }
                if let Some(word) = shared_word {
                    subtract_from::<SHARED>(word);
                }
            }
            Edge::Borrowed => {}
        };
        let each = |object: *mut Header| {
            if outside.is_some() {
                (*object).clear_bits_private(Bits::TRACKED);
            }
            true
        };
        pass.trace_turns::<true>(turns, each, visit);
    }
}

/// Adds the references that an object which is not a candidate holds without a count.
///
/// # Safety
///
/// - `object` is live, and the world is stopped.
pub(super) unsafe fn add_uncounted(pass: &Pass<'_>, object: *mut Header) {
    // SAFETY: as the caller says; tracked objects may be traced.
    unsafe {
        if (*object).bits().contains(Bits::TRACKED) {
            pass.trace(object, |target, edge| {
                if !edge.is_counted()
                    && let Some(word) = pass.word_of(target)
                {
                    add_one(word);
                }
            });
        }
    }
}

/// Adds the references that anything in the heap but candidates holds without a count.
///
/// # Safety
///
/// - The world is stopped, and every candidate has its word.
pub(super) unsafe fn add_all_uncounted(heap: &dyn SharedHeap, pass: &Pass<'_>) {
    // SAFETY: as the caller says.
    unsafe {
        for_each_object(heap, |object| {
            if pass.word_of(object).is_none() {
                add_uncounted(pass, object);
            }
        });
    }
}

/// Adds the references on data stacks that have no count.
///
/// # Safety
///
/// - Every registered thread is the first field of a [`Thread`].
pub(super) unsafe fn add_stacks(pass: &Pass<'_>, stopped: &Stopped<'_>) {
    stopped.for_each_thread(|core| {
        // SAFETY: by the caller's promise; the thread is stopped, or ours and at a safepoint.
        unsafe {
            let thread = &*core::ptr::from_ref(core).cast::<Thread>();
            (*thread.stack.get()).scan(&mut |word| {
                if word.is_deferred() {
                    add_root(pass, word);
                }
            });
        }
    });
}

/// Adds one reference that has no count.
///
/// # Safety
///
/// - `word` refers to a live object, if to any, and the world is stopped.
pub(super) unsafe fn add_root(pass: &Pass<'_>, word: Word) {
    if word.is_object() {
        // SAFETY: as the caller says.
        if let Some(word) = unsafe { pass.word_of(word.as_object()) } {
            add_one(word);
        }
    }
}
