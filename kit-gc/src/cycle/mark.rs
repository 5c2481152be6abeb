//! Marking: what references from outside lead to is alive.
//!
//! When there is no memory for the worklist, an object is only marked; then the candidates are walked
//! again for objects that were reached and not traced, as often as it takes. No run fails for this.

use super::candidates::{Pass, REACHED, TRACED, has_count};
use crate::worklist::Worklist;
use core::{mem, ptr};
use kit_core::object::Header;

/// Calls its argument with every candidate, and perhaps with other objects.
pub(super) type ForEach<'a> = dyn Fn(&mut dyn FnMut(*mut Header)) + 'a;

/// The marker.
pub(super) struct Marker<'a> {
    pass: &'a Pass<'a>,
    work: Worklist<'a>,
    /// Objects taken from the worklist and asked for from memory, to be traced when they have arrived.
    ring: [*mut Header; RING],
    next: usize,
    /// Something was reached that is not on the worklist.
    overflow: bool,
    reached: usize,
}

impl<'a> Marker<'a> {
    pub(super) fn new(pass: &'a Pass<'a>, work: Worklist<'a>) -> Self {
        Self {
            pass,
            work,
            ring: [ptr::null_mut(); RING],
            next: 0,
            overflow: false,
            reached: 0,
        }
    }

    /// Marks an object that is held for certain, and traces it and what it leads to, sooner or later.
    ///
    /// # Safety
    ///
    /// - `object` is live, and the world is stopped.
    pub(super) unsafe fn reach(&mut self, object: *mut Header) {
        // SAFETY: as the caller says.
        if let Some(word) = unsafe { self.pass.word_of(object) }
            && *word & REACHED == 0
        {
            *word |= REACHED;
            self.reached += 1;
            // SAFETY: a candidate.
            unsafe { self.follow(object) };
        }
    }

    /// Whether something was reached that there was no memory to trace.
    pub(super) fn is_incomplete(&self) -> bool {
        self.overflow
    }

    /// How many objects were reached so far.
    pub(super) fn reached(&self) -> usize {
        self.reached
    }

    /// Marks everything that candidates with a count left lead to, themselves included; returns how many
    /// were reached in all.
    ///
    /// # Safety
    ///
    /// - The world is stopped; the counts are final.
    pub(super) unsafe fn mark(&mut self, for_each: &ForEach<'_>) -> usize {
        for_each(&mut |object| {
            // SAFETY: a live object, with the world stopped.
            if let Some(word) = unsafe { self.pass.word_of(object) }
                && has_count(*word)
                && *word & REACHED == 0
            {
                *word |= REACHED;
                self.reached += 1;
                // SAFETY: a candidate.
                unsafe { self.follow(object) };
            }
        });
        self.finish();
        while mem::take(&mut self.overflow) {
            for_each(&mut |object| {
                // SAFETY: a live object, with the world stopped.
                if let Some(word) = unsafe { self.pass.word_of(object) }
                    && *word & (REACHED | TRACED) == REACHED
                {
                    // SAFETY: a candidate.
                    unsafe { self.follow(object) };
                }
            });
            self.finish();
        }
        self.reached
    }

    /// Traces a reached object and what it leads to, sooner or later.
    ///
    /// # Safety
    ///
    /// - `object` is a candidate.
    unsafe fn follow(&mut self, object: *mut Header) {
        let mut next = Some(object);
        while let Some(incoming) = next {
            self.exchange(incoming);
            next = self.work.pop();
        }
    }

    /// Traces what is still on its way, and what that leads to.
    pub(super) fn finish(&mut self) {
        let mut idle = 0;
        while idle < RING {
            let incoming = self.work.pop().unwrap_or(ptr::null_mut());
            let traced = self.exchange(incoming);
            idle = if traced || !incoming.is_null() {
                0
            } else {
                idle + 1
            };
        }
    }

    /// Puts a candidate, or null, into the ring, and traces what was there instead, if anything.
    #[inline]
    fn exchange(&mut self, incoming: *mut Header) -> bool {
        prefetch(incoming);
        let arrived = mem::replace(&mut self.ring[self.next], incoming);
        self.next = (self.next + 1) % RING;
        if !arrived.is_null() {
            // SAFETY: a candidate, put there before.
            unsafe { self.trace(arrived) };
        }
        !arrived.is_null()
    }

    /// # Safety
    ///
    /// - `object` is a candidate.
    #[inline]
    unsafe fn trace(&mut self, object: *mut Header) {
        let Self {
            pass,
            work,
            overflow,
            reached,
            ..
        } = self;
        // SAFETY: candidates are tracked, and what they refer to is alive.
        unsafe {
            if let Some(word) = pass.word_of(object) {
                *word |= TRACED;
            }
            pass.trace(object, |target, _| {
                if let Some(word) = pass.word_of(target)
                    && *word & REACHED == 0
                {
                    *word |= REACHED;
                    *reached += 1;
                    *overflow |= !work.push(target);
                }
            });
        }
    }
}

/// Asks for the memory at `object`, which need not be there.
#[inline(always)]
fn prefetch(object: *mut Header) {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse"))]
    // SAFETY: a hint, which is allowed any address.
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(object.cast());
    }
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse")))]
    let _ = object;
}

/// Objects on their way from memory: enough to hide its latency, few enough to stay in the first cache.
const RING: usize = 16;
