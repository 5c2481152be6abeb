//! Locking objects: [`Ctx::lock`] for a few instructions, [`Ctx::critical`] across calls of the language.
//!
//! | | excludes others | may call the language inside | gives access to data |
//! |---|---|---|---|
//! | [`ObjectLock`] | surely | no: it borrows `&Ctx`, a safepoint wants `&mut Ctx` | yes |
//! | a section | except while this thread waits | yes | no: lock inside |
//!
//! So what was read under a lock cannot be used after a safepoint; that is an error of compilation:
//!
//! ```compile_fail
//! # fn f(ctx: &mut kit_core::thread::Ctx, object: &kit_core::object::Header) {
//! let held = ctx.lock(object);
//! let _ = ctx.poll(); // a safepoint
//! drop(held);
//! # }
//! ```
//!
//! A thread locks one object at a time, and takes no second lock while it holds one: what needs two
//! objects to itself is a section over both. With one thread there is nobody to lock out, and neither
//! does anything.

use super::Ctx;
use super::core::Offline;
use crate::object::Header;
use crate::sync::critical::Locks;
use crate::sync::mutex::ByteLock;
use crate::sync::parking::ParkingLot;

/// An object's lock, held. Leaking it leaves the object locked for ever, and does no other harm.
#[must_use]
pub struct ObjectLock<'a> {
    /// Dropped for what it does then.
    #[cfg_attr(not(debug_assertions), expect(dead_code))]
    held: OuterLock<'a>,
}

/// A lock of no object, held.
#[must_use]
pub struct OuterLock<'a> {
    /// `None`: the thread is alone, or the object cannot be changed.
    lock: Option<&'a ByteLock>,
    /// Sections were suspended to get it.
    waited: bool,
    ctx: &'a Ctx,
}

impl Ctx {
    /// Where the runtime's threads sleep.
    #[inline]
    pub fn lot(&self) -> &ParkingLot {
        self.thread().services().merge.lot
    }

    /// Locks `object`, waiting for whoever has locked or reserved it. Not a safepoint: the thread stays
    /// attached, and whoever it waits for gets to a safepoint or ends.
    ///
    /// The thread has locked no object: it might wait for ever.
    #[inline]
    pub fn lock<'a>(&'a self, object: &'a Header) -> ObjectLock<'a> {
        let sections = &self.thread().core.sections;
        sections.assert_unlocked();
        let (mut lock, mut waited) = (None, false);
        if !self.solo() {
            lock = object.byte_lock();
            waited = lock.is_some_and(|lock| !lock.try_lock() && self.lock_slow(lock));
        }
        sections.note_locked(true);
        ObjectLock {
            held: OuterLock {
                lock,
                waited,
                ctx: self,
            },
        }
    }

    /// Takes a lock that belongs to no object, and under which objects may be locked. Not a safepoint
    /// either; the thread has locked no object yet.
    #[inline]
    pub fn lock_outer<'a>(&'a self, lock: &'a ByteLock) -> OuterLock<'a> {
        let sections = &self.thread().core.sections;
        sections.assert_unlocked();
        OuterLock {
            waited: !lock.try_lock() && self.lock_slow(lock),
            lock: Some(lock),
            ctx: self,
        }
    }

    #[cold]
    fn lock_slow(&self, lock: &ByteLock) -> bool {
        self.thread().core.sections.lock_slow(lock, self.lot())
    }

    /// Runs `body` in a [section](crate::sync::critical) over `object`: no other thread changes the object
    /// or reads it under its lock meanwhile, unless `body` waits or the world is stopped.
    #[inline]
    pub fn critical<R>(&mut self, object: &Header, body: impl FnOnce(&mut Ctx) -> R) -> R {
        match object.byte_lock() {
            Some(lock) => self.section(Locks::one(lock), body),
            None => body(self),
        }
    }

    /// The same over two objects, which may be one.
    #[inline]
    pub fn critical2<R>(&mut self, a: &Header, b: &Header, body: impl FnOnce(&mut Ctx) -> R) -> R {
        match (a.byte_lock(), b.byte_lock()) {
            (Some(a), Some(b)) => self.section(Locks::two(a, b), body),
            (Some(lock), None) | (None, Some(lock)) => self.section(Locks::one(lock), body),
            (None, None) => body(self),
        }
    }

    #[inline]
    fn section<R>(&mut self, locks: Locks, body: impl FnOnce(&mut Ctx) -> R) -> R {
        let alone = self.solo();
        let record = self.record();
        // SAFETY: the record and its services outlive the context.
        let (core, lot) = unsafe {
            let record = record.as_ref();
            (&record.core, record.services().merge.lot)
        };
        // SAFETY: the objects are borrowed by the caller until `body` is done, and the lot outlives the
        // record; `&mut self` means that nothing is locked, and that this is the core's own thread.
        unsafe {
            core.sections
                .run(locks, lot, alone, &mut Offline(core), || body(self))
        }
    }
}

impl OuterLock<'_> {
    #[cold]
    fn unlock_slow(&self, lock: &ByteLock) {
        // SAFETY: locked when this was made, by this thread.
        unsafe { lock.unlock(self.ctx.lot()) };
    }
}

impl Drop for OuterLock<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(lock) = self.lock {
            // SAFETY: locked when this was made, by this thread.
            if !unsafe { lock.try_unlock() } {
                self.unlock_slow(lock);
            }
            if self.waited {
                self.ctx.thread().core.sections.renew();
            }
        }
    }
}

#[cfg(debug_assertions)]
impl Drop for ObjectLock<'_> {
    fn drop(&mut self) {
        self.held.ctx.thread().core.sections.note_locked(false);
    }
}
