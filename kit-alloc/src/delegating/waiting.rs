//! Objects that were freed and that late readers may still look at, oldest first.
//!
//! | objects        | `goal` of the first          | `goal` of the others |
//! |----------------|------------------------------|----------------------|
//! | closed batches | what the batch waits for     | 0                    |
//! | the open batch | `OPEN`                       | 0                    |
//!
//! A goal costs a write to what all threads share, so there is one for a batch. Nothing of a dead object's header is
//! written: the links are in the bytes before it, which hold a front or a prefix that nobody needs any more.

use core::ptr::{self, NonNull};

use kit_core::backend::{
    grace::Grace,
    heap::HeapKind,
    listing::{self, Entry, FRONT, Front},
};

/// A freed object: its block.
///
/// ```text
/// Plain     | entry, goal | next, tag    | header ...
/// Prefixed  | entry, tag  | next, goal   | header ...
/// ```
#[derive(Clone, Copy, Debug)]
pub(super) struct Dead(NonNull<u8>);

impl Dead {
    /// An object that is marked as dead from now on.
    ///
    /// # Safety
    ///
    /// - `block` is the block of an object of the heap, freed by its last user.
    pub(super) unsafe fn new(block: NonNull<u8>) -> Self {
        // SAFETY: the block's front is the caller's.
        unsafe {
            let front = Front::of(block);
            front.write(front.read().dead());
        }
        Self(block)
    }

    /// The kind and the size, not the entry.
    pub(super) fn front(self) -> Front {
        // SAFETY: an object's front is there until it is released.
        unsafe { Front::of(self.0).read() }
    }

    pub(super) fn block(self) -> NonNull<u8> {
        self.0
    }

    pub(super) fn entry(self) -> NonNull<Entry> {
        // SAFETY: the object is not released.
        unsafe { listing::entry_of(self.header()) }
    }

    fn header(self) -> NonNull<u8> {
        // SAFETY: the header lies in the block.
        unsafe { self.0.add(self.front().kind().header_offset()) }
    }

    fn next(self) -> NonNull<*mut u8> {
        // SAFETY: in the prefix, or in the second front of an object without.
        unsafe { self.header().sub(16).cast() }
    }

    fn goal(self) -> NonNull<u64> {
        let back = if self.front().kind() == HeapKind::Prefixed {
            8
        } else {
            FRONT - 8
        };
        // SAFETY: in the prefix; or in the first front, whose tag the second one has, too.
        unsafe { self.header().sub(back).cast() }
    }
}

/// A list of dead objects.
#[derive(Debug)]
pub(super) struct Waiting {
    ends: Option<(Dead, Dead)>,
    /// The first of the open batch.
    open: Option<Dead>,
    /// Objects and bytes in the open batch.
    count: usize,
    bytes: usize,
}

// SAFETY: the objects are the list's alone.
unsafe impl Send for Waiting {}

impl Waiting {
    pub(super) const fn new() -> Self {
        Self {
            ends: None,
            open: None,
            count: 0,
            bytes: 0,
        }
    }

    /// Adds an object to the open batch; true if the batch is as large as one should be.
    pub(super) fn push(&mut self, dead: Dead) -> bool {
        let goal = if self.open.is_none() { OPEN } else { 0 };
        // SAFETY: the object is the list's; its last is, too.
        unsafe {
            dead.next().write(ptr::null_mut());
            dead.goal().write(goal);
            match self.ends {
                Some((_, last)) => last.next().write(dead.0.as_ptr()),
                None => self.ends = Some((dead, dead)),
            }
        }
        if let Some((_, last)) = &mut self.ends {
            *last = dead;
        }
        self.open.get_or_insert(dead);
        self.count += 1;
        self.bytes += dead.front().size();
        self.count >= COUNT || self.bytes >= BYTES
    }

    /// What was added until now waits for a goal taken now.
    pub(super) fn close(&mut self, grace: &dyn Grace) {
        if let Some(first) = self.open.take() {
            // SAFETY: the list's own object.
            unsafe { first.goal().write(grace.current_goal()) };
        }
        (self.count, self.bytes) = (0, 0);
    }

    /// Appends all of `other`, which is closed.
    pub(super) fn append(&mut self, other: Waiting) {
        debug_assert!(other.open.is_none() && self.open.is_none());
        let Some((first, last)) = other.ends else {
            return;
        };
        self.ends = match self.ends {
            Some((own, end)) => {
                // SAFETY: the list's own object.
                unsafe { end.next().write(first.0.as_ptr()) };
                Some((own, last))
            }
            None => Some((first, last)),
        };
    }

    /// The first batch, whole, if its grace period has passed.
    pub(super) fn take_due(&mut self, grace: &dyn Grace) -> Option<Batch> {
        let (first, last) = self.ends?;
        // SAFETY: objects of the list are the list's; a link leads to another, or is null.
        unsafe {
            let goal = first.goal().read();
            if goal == OPEN || !grace.reached(goal) {
                return None;
            }
            let mut end = first;
            while let Some(next) = NonNull::new(end.next().read()).map(Dead) {
                if next.goal().read() != 0 {
                    end.next().write(ptr::null_mut());
                    self.ends = Some((next, last));
                    return Some(Batch(Some(first)));
                }
                end = next;
            }
            self.ends = None;
            Some(Batch(Some(first)))
        }
    }
}

/// Objects that nobody looks at any more.
pub(super) struct Batch(Option<Dead>);

impl Iterator for Batch {
    type Item = Dead;

    fn next(&mut self) -> Option<Dead> {
        let dead = self.0?;
        // SAFETY: not released before this has returned it.
        self.0 = NonNull::new(unsafe { dead.next().read() }).map(Dead);
        Some(dead)
    }
}

/// The goal of a batch that has none yet.
const OPEN: u64 = u64::MAX;
/// When a batch is closed.
const COUNT: usize = 64;
const BYTES: usize = 128 << 10;

// All has its place.
const _: () = assert!(size_of::<*mut u8>() <= 8 && FRONT == 32);
