//! Critical sections: one or two objects kept to oneself across calls of the language's code.
//!
//! A lock must not be held across a safepoint: whoever waits for it could not come to one, and what the
//! holder waits for there may be waiting for the lock. A section may. It *reserves* the locks of one or two
//! objects; each access inside still locks, which a reservation of one's own never makes wait. When the
//! thread detaches, stops, or would have to wait for a lock, all its reservations are given up first; the
//! innermost section gets its own back as soon as the thread goes on.
//!
//! ```text
//! section over A {            A reserved
//!     lock A, read, unlock
//!     call the language {     A reserved: others wait, as long as this thread does not
//!         section over B {    A, B reserved
//!             wait for input  neither; afterwards B
//!         }                   A again
//!     }
//!     lock A, write, unlock   nobody else has touched A, unless this thread had to wait
//! }
//! ```
//!
//! So sections are about atomicity only. What makes an access sound is the lock, which borrows the context
//! and therefore ends before anything can suspend a section; a section that is left out, suspended or
//! lost makes no access unsound.
//!
//! | section | its locks | next |
//! |---|---|---|
//! | active | reserved by this thread | suspended, ended |
//! | suspended | anybody's | active, when it is the innermost and the thread goes on; ended |
//!
//! Why no wait for ever: a thread that waits for a lock here has no reservation but the first of the two
//! it wants, which has the lower address; it holds no lock; and it stays attached. So each waits for a
//! thread that runs or stops, a stopping thread gives up what it has, and a stop waits until its gift has
//! arrived. In a stopped world no lock is held and none is reserved.
//!
//! The records live in the frames of the functions that began the sections, linked from the thread; only
//! that thread looks at them. After PEP 703's critical sections.

use crate::sync::{
    mutex::ByteLock,
    parking::{Blocker, ParkingLot, Unattached},
};
use core::{cell::Cell, fmt, ptr, ptr::NonNull};

/// A thread's sections, the innermost first. Used by that thread only.
pub struct Sections {
    top: Cell<*const Section>,
    /// Locks the thread holds, to catch a second one.
    #[cfg(debug_assertions)]
    locked: Cell<u32>,
}

impl Default for Sections {
    fn default() -> Self {
        Self {
            top: Cell::new(ptr::null()),
            #[cfg(debug_assertions)]
            locked: Cell::new(0),
        }
    }
}

impl fmt::Debug for Sections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sections").finish_non_exhaustive()
    }
}

/// What a section is over: the lock with the lower address first.
#[derive(Clone, Copy)]
pub struct Locks {
    first: NonNull<ByteLock>,
    second: Option<NonNull<ByteLock>>,
}

impl fmt::Debug for Locks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locks").finish_non_exhaustive()
    }
}

impl Locks {
    /// One lock.
    #[inline]
    pub fn one(lock: &ByteLock) -> Self {
        Self {
            first: NonNull::from(lock),
            second: None,
        }
    }

    /// Two locks, or one twice.
    #[inline]
    pub fn two(a: &ByteLock, b: &ByteLock) -> Self {
        let (a, b) = (NonNull::from(a), NonNull::from(b));
        let (first, second) = if a <= b { (a, b) } else { (b, a) };
        Self {
            first,
            second: (first != second).then_some(second),
        }
    }

    fn contains(self, lock: NonNull<ByteLock>) -> bool {
        self.first == lock || self.second == Some(lock)
    }

    fn covers(self, other: Self) -> bool {
        self.contains(other.first) && other.second.is_none_or(|second| self.contains(second))
    }

    /// # Safety
    /// - The locks are alive.
    unsafe fn try_reserve(self, lot: &ParkingLot) -> bool {
        // SAFETY: alive; the first is given up again only if it was reserved.
        unsafe {
            if !self.first.as_ref().try_reserve() {
                return false;
            }
            let both = self
                .second
                .is_none_or(|second| second.as_ref().try_reserve());
            if !both {
                self.first.as_ref().unreserve(lot);
            }
            both
        }
    }

    /// # Safety
    /// - The locks are alive, and this thread has neither locked nor reserved anything.
    #[cold]
    unsafe fn reserve_slow(self, lot: &ParkingLot, blocker: &mut dyn Blocker) {
        // SAFETY: alive.
        unsafe {
            self.first.as_ref().reserve(lot, blocker);
            if let Some(second) = self.second {
                second.as_ref().reserve(lot, blocker);
            }
        }
    }

    /// # Safety
    /// - The locks are alive, and reserved by this thread.
    unsafe fn unreserve(self, lot: &ParkingLot) {
        // SAFETY: as the caller says.
        unsafe {
            if let Some(second) = self.second {
                second.as_ref().unreserve(lot);
            }
            self.first.as_ref().unreserve(lot);
        }
    }
}

/// The record of a section.
struct Section {
    outer: *const Section,
    locks: Locks,
    lot: *const ParkingLot,
    active: Cell<bool>,
}

/// Ends a section when dropped.
struct End<'a> {
    sections: &'a Sections,
    section: &'a Section,
}

impl Sections {
    /// Runs `body` in a section over `locks`. A section over them that is the thread's innermost already
    /// stays what it is. `blocker` is told of waits, and must not fail; waits with `alone` are put off,
    /// because there is nobody to wait for: until [`renew`](Self::renew).
    ///
    /// # Safety
    /// - The locks and `lot` outlive the call, and the thread has locked nothing.
    /// - Only the thread that owns these sections calls this, and no method of `self` is called by others.
    #[inline]
    pub unsafe fn run<R>(
        &self,
        locks: Locks,
        lot: &ParkingLot,
        alone: bool,
        blocker: &mut dyn Blocker,
        body: impl FnOnce() -> R,
    ) -> R {
        let outer = self.top.get();
        // SAFETY: a linked section is in a frame further out, and has not ended.
        if unsafe { outer.as_ref() }.is_some_and(|outer| outer.locks.covers(locks)) {
            return body();
        }
        let section = Section {
            outer,
            locks,
            lot,
            active: Cell::new(false),
        };
        if !alone {
            // SAFETY: the locks are alive, by the contract; nothing is locked, and nothing stays reserved
            // in the slow case.
            unsafe {
                if !locks.try_reserve(lot) {
                    self.suspend();
                    locks.reserve_slow(lot, blocker);
                }
            }
            section.active.set(true);
        }
        self.top.set(&section);
        // Declared after the section and dropped before it, however `body` ends.
        let _end = End {
            sections: self,
            section: &section,
        };
        body()
    }

    /// Gives up all reservations: before the thread detaches, stops, stops others, or waits for a lock.
    #[inline]
    pub fn suspend(&self) {
        if !self.top.get().is_null() {
            self.suspend_slow();
        }
    }

    #[cold]
    fn suspend_slow(&self) {
        let mut next = self.top.get();
        // SAFETY: as in `run`.
        while let Some(section) = unsafe { next.as_ref() } {
            if section.active.replace(false) {
                // SAFETY: the locks outlive the section; active means reserved.
                unsafe { section.locks.unreserve(&*section.lot) };
            }
            next = section.outer;
        }
    }

    /// Takes the reservations of the innermost section again, if they were given up: when the thread goes
    /// on. It is attached, and has locked nothing.
    #[inline]
    pub fn renew(&self) {
        if !self.top.get().is_null() {
            self.renew_slow();
        }
    }

    #[cold]
    fn renew_slow(&self) {
        // SAFETY: as in `run`.
        let Some(section) = (unsafe { self.top.get().as_ref() }) else {
            return;
        };
        if section.active.get() {
            return;
        }
        // SAFETY: the locks and the lot outlive the section.
        unsafe {
            let lot = &*section.lot;
            if !section.locks.try_reserve(lot) {
                // One further out may have become active only if this one was.
                self.suspend();
                section.locks.reserve_slow(lot, &mut Unattached);
            }
        }
        section.active.set(true);
    }

    /// Locks `lock`, which is not free: at once if this thread has reserved it, or soon, by spinning.
    /// Otherwise gives up all reservations and waits, attached; then the result is true, and the caller [renews](Self::renew)
    /// after it has unlocked.
    ///
    /// # Panics
    /// When the thread has reserved and locked it already. When it has only locked it, it waits for ever.
    #[cold]
    pub fn lock_slow(&self, lock: &ByteLock, lot: &ParkingLot) -> bool {
        let mut next = self.top.get();
        // SAFETY: as in `run`.
        while let Some(section) = unsafe { next.as_ref() } {
            if section.active.get() && section.locks.contains(NonNull::from(lock)) {
                // SAFETY: active means reserved.
                unsafe { lock.lock_reserved() };
                return false;
            }
            next = section.outer;
        }
        // A lock is held for a few instructions as a rule: not worth giving a section up.
        if !self.is_empty() && lock.spin_lock(lot) {
            return false;
        }
        self.suspend();
        lock.lock_short(lot);
        true
    }

    /// Asserts, in debug builds, that the thread has locked nothing: it comes to a safepoint, or locks.
    #[inline(always)]
    pub fn assert_unlocked(&self) {
        #[cfg(debug_assertions)]
        assert!(
            self.locked.get() == 0,
            "an object's lock is held at a safepoint, or while another is taken"
        );
    }

    /// Notes, in debug builds, that the thread has locked something, or is done with it.
    #[inline(always)]
    pub fn note_locked(&self, locked: bool) {
        #[cfg(debug_assertions)]
        self.locked.set(u32::from(locked));
        let _ = locked;
    }

    /// Whether the thread is in no section.
    pub fn is_empty(&self) -> bool {
        self.top.get().is_null()
    }
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        debug_assert!(ptr::eq(self.sections.top.get(), self.section));
        self.sections.top.set(self.section.outer);
        if self.section.active.get() {
            // SAFETY: active means reserved; the locks and the lot outlive the section.
            unsafe { self.section.locks.unreserve(&*self.section.lot) };
        }
        self.sections.renew();
    }
}
