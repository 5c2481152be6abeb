//! Garbage that counts alone would have freed, were it not deferred: who asks how much was found in cycles leaves it out.
//!
//! A function that nothing refers to waits for a collection, and with it what it holds: its defaults, its cells, what these
//! hold. That is found by doing with words what dropping the function would do with counts.

use super::candidates::{CANDIDATE, Pass, first_word, has_count, subtract_one};
use crate::worklist::Worklist;
use kit_core::{
    object::{Bits, Header},
    platform::pages::PageSource,
};

/// How many objects of the garbage have only waited. Without memory for the worklist, fewer.
///
/// # Safety
///
/// - The world is stopped; this is all the garbage, with words, and nobody has taken references to it.
pub(super) unsafe fn count(
    pass: &Pass<'_>,
    garbage: &[*mut Header],
    source: &dyn PageSource,
) -> usize {
    // SAFETY: garbage is alive, tracked and has words, as the caller says; references between candidates are visited one by one.
    unsafe {
        let is_first = |object: *mut Header| {
            (*object).bits().contains(Bits::DEFERRED) && !has_count(first_word(&*object))
        };
        if !garbage.iter().any(|&object| is_first(object)) {
            return 0;
        }
        for &object in garbage {
            if let Some(word) = pass.word_of(object) {
                *word = first_word(&*object);
            }
        }
        let (mut work, mut waited) = (Worklist::new(source), 0);
        for &object in garbage {
            if !is_first(object) || !work.push(object) {
                continue;
            }
            while let Some(next) = work.pop() {
                waited += 1;
                pass.trace(next, |target, edge| {
                    if edge.is_counted()
                        && let Some(word) = pass.word_of(target)
                        && has_count(*word)
                    {
                        subtract_one(word);
                        if !has_count(*word) {
                            let _ = work.push(target);
                        }
                    }
                });
            }
        }
        // As they were: all references to garbage are accounted for.
        for &object in garbage {
            if let Some(word) = pass.word_of(object) {
                *word = CANDIDATE;
            }
        }
        waited
    }
}
