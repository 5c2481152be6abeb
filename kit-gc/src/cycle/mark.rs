//! Marking: what references from outside lead to is alive.
//!
//! When there is no memory for the worklist, an object is only marked; then the candidates are walked
//! again for objects that were reached and not traced, as often as it takes. No run fails for this.

use super::candidates::{REACHED, TRACED, has_count, trace, word_of};
use crate::worklist::Worklist;
use kit_core::object::{Header, TypeTable, trace::Edge};

/// Calls its argument with every candidate, and perhaps with other objects.
pub(super) type ForEach<'a> = dyn Fn(&mut dyn FnMut(*mut Header)) + 'a;

/// The marker.
pub(super) struct Marker<'a> {
    types: &'a TypeTable,
    work: Worklist<'a>,
    /// Something was reached that is not on the worklist.
    overflow: bool,
}

impl<'a> Marker<'a> {
    pub(super) fn new(types: &'a TypeTable, work: Worklist<'a>) -> Self {
        Self {
            types,
            work,
            overflow: false,
        }
    }

    /// Marks everything that candidates with a count left lead to, themselves included.
    ///
    /// # Safety
    ///
    /// - The world is stopped; the counts are final.
    pub(super) unsafe fn mark(&mut self, for_each: &ForEach<'_>) {
        for_each(&mut |object| {
            // SAFETY: a live object, with the world stopped.
            if let Some(word) = unsafe { word_of(object) }
                && has_count(*word)
                && *word & REACHED == 0
            {
                *word |= REACHED;
                // SAFETY: a candidate.
                unsafe { self.follow(object) };
            }
        });
        while core::mem::take(&mut self.overflow) {
            for_each(&mut |object| {
                // SAFETY: a live object, with the world stopped.
                if let Some(word) = unsafe { word_of(object) }
                    && *word & (REACHED | TRACED) == REACHED
                {
                    // SAFETY: a candidate.
                    unsafe { self.follow(object) };
                }
            });
        }
    }

    /// Traces a reached object and what it leads to.
    ///
    /// # Safety
    ///
    /// - `object` is a candidate.
    unsafe fn follow(&mut self, object: *mut Header) {
        let mut next = Some(object);
        while let Some(object) = next {
            // SAFETY: candidates are tracked, and what they refer to is alive.
            unsafe {
                if let Some(word) = word_of(object) {
                    *word |= TRACED;
                }
                let (work, overflow) = (&mut self.work, &mut self.overflow);
                trace(self.types, object, |target, _: Edge| {
                    if let Some(word) = word_of(target)
                        && *word & REACHED == 0
                    {
                        *word |= REACHED;
                        *overflow |= !work.push(target);
                    }
                });
            }
            next = self.work.pop();
        }
    }
}
