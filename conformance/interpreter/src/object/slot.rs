//! Fields of shared objects: [`Slot`] holds one reference, [`Locked`] anything.
//!
//! Both belong to an object and use its one-byte lock. A slot is read without the lock: the reader
//! takes a reference only if the object it found is alive and still there, and falls back to the
//! lock otherwise. No lock is ever held across a safepoint: guards borrow `&Ctx`, and what may
//! reach a safepoint wants `&mut Ctx`.

use super::dict::PyDict;
use super::ids;
use super::list::PyList;
use super::obj::Obj;
use super::set::PySet;
use super::type_::type_id_of;
use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use core::slice;
use core::sync::atomic::{AtomicU64, Ordering::*};
use kit_core::object::{Header, Tracer, Word};
use kit_core::refcount::stack_ref::Fresh;
use kit_core::thread::Ctx;
use kit_core::thread::lock::ObjectLock;

/// Runs `body` in a section over those of two values that are lists, dicts or sets.
#[inline]
pub fn critical2<R>(ctx: &mut Ctx, a: &Obj, b: &Obj, body: impl FnOnce(&mut Ctx) -> R) -> R {
    match (container(a), container(b)) {
        (Some(a), Some(b)) => ctx.critical2(a, b, body),
        (Some(object), None) | (None, Some(object)) => ctx.critical(object, body),
        (None, None) => body(ctx),
    }
}

/// The header of a container that can change. A frozenset stays what it is, and the threads that share one
/// had better not wait for each other.
fn container(value: &Obj) -> Option<&Header> {
    let found = value.downcast::<PyList>().is_some()
        || value.downcast::<PyDict>().is_some()
        || value.downcast::<PySet>().is_some() && type_id_of(value) != ids::FROZENSET;
    if found { value.header() } else { None }
}

/// A reference in a shared object; may be empty.
#[repr(transparent)]
pub struct Slot(AtomicU64);

impl Slot {
    /// An empty slot.
    pub const fn empty() -> Slot {
        Slot(AtomicU64::new(0))
    }

    /// A slot that holds `value`.
    #[inline]
    pub fn new(value: Obj) -> Slot {
        Slot(AtomicU64::new(value.into_word().bits()))
    }

    /// A slot that holds `value`, if there is one.
    #[inline]
    pub fn from_option(value: Option<Obj>) -> Slot {
        value.map_or(Slot::empty(), Slot::new)
    }

    /// The word at this moment, not a reference: for identity and emptiness tests.
    #[inline(always)]
    pub fn peek(&self) -> Word {
        // Acquire, paired with the Release of `put`.
        Word::from_bits(self.0.load(Acquire))
    }

    /// What the slot holds, for a register, which counts no deferred object; null when it is empty. `None` when it must
    /// be asked properly ([`Slot::get`]).
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn try_get<'c>(&self, ctx: &'c Ctx) -> Option<Fresh<'c>> {
        // SAFETY: the slot owns what it holds; freed objects stay readable until the next safepoint.
        unsafe { Fresh::try_get(ctx, &self.0) }
    }

    /// A new reference to what the slot of `owner` holds.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    pub fn get(&self, ctx: &Ctx, owner: &Header) -> Option<Obj> {
        let word = self.peek();
        if !word.is_object() {
            // SAFETY: an immediate, or null, owns nothing.
            return unsafe { Obj::from_nullable(word) };
        }
        // SAFETY: an object found in a slot stays readable until the next safepoint, and `ctx` is
        // borrowed until we are done; `try_retain` succeeds only for a live object.
        unsafe {
            let header = &*word.as_object();
            if header.try_retain_own(ctx.counter()) {
                return Some(Obj::from_word(word));
            }
            if header.try_retain(ctx.counter()) {
                if header.is_owned_by(ctx.slot()) || ctx.solo() || self.peek() == word {
                    return Some(Obj::from_word(word));
                }
                ctx.thread().release_later(word);
            }
        }
        self.get_slow(ctx, owner)
    }

    #[cold]
    fn get_slow(&self, ctx: &Ctx, owner: &Header) -> Option<Obj> {
        let _lock = ctx.lock(owner);
        let word = self.peek();
        if word.is_object() {
            // SAFETY: writers hold the lock, so the slot's own reference keeps the object.
            unsafe { (*word.as_object()).retain_published(ctx.counter()) };
        }
        // SAFETY: counted just now, or in no need of a count.
        unsafe { Obj::from_nullable(word) }
    }

    /// Puts `value` into the slot of `owner` and returns what was there. Locks the owner.
    #[inline]
    pub fn replace(&self, ctx: &Ctx, owner: &Header, value: Option<Obj>) -> Option<Obj> {
        let _lock = ctx.lock(owner);
        self.replace_locked(ctx, value)
    }

    /// As [`Slot::replace`], for a caller that holds the owner's lock.
    #[inline]
    pub fn replace_locked(&self, ctx: &Ctx, value: Option<Obj>) -> Option<Obj> {
        if let Some(value) = &value
            && !ctx.solo()
            && let Some(header) = value.header()
        {
            header.publish();
        }
        let old = self.0.load(Relaxed);
        // Release, paired with `peek`: the value's contents are visible to whoever finds it.
        self.0
            .store(value.map_or(0, |v| v.into_word().plain().bits()), Release);
        // SAFETY: the slot's reference is handed over; the lock makes this the only taker.
        unsafe { Obj::from_nullable(Word::from_bits(old)) }
    }

    /// Puts `value` into the slot of a thread that is alone; the caller owns what was there from now on.
    #[inline(always)]
    pub fn put_alone(&self, value: Obj) {
        // Release, as in `replace_locked`: threads may start later.
        self.0.store(value.into_word().plain().bits(), Release);
    }

    /// Exchanges the values of two slots of a thread that is alone.
    #[inline(always)]
    pub fn exchange_alone(&self, other: &Slot) {
        let word = self.0.load(Relaxed);
        // Release, as in `replace_locked`: threads may start later.
        self.0.store(other.0.load(Relaxed), Release);
        other.0.store(word, Release);
    }

    /// What the slot of `owner` holds: `value`, if it was empty. Locks the owner.
    pub fn get_or_put(&self, ctx: &Ctx, owner: &Header, value: Obj) -> Obj {
        let _lock = ctx.lock(owner);
        let word = self.peek();
        if word.is_null() {
            drop(self.replace_locked(ctx, Some(value.clone())));
            return value;
        }
        // SAFETY: writers hold the lock, so the slot's own reference keeps the value.
        unsafe { Obj::copy_word(word) }
    }

    /// Copies the word to an empty slot, without its count: [`forget`](Self::forget) follows. The owner of both
    /// is locked.
    pub fn copy_to(&self, other: &Slot) {
        // Release: as where the value was stored first.
        other.0.store(self.0.load(Relaxed), Release);
    }

    /// Empties the slot, whose reference is another one's by now. The owner is locked, or dead.
    #[inline(always)]
    pub fn forget(&self) {
        self.0.store(0, Release);
    }

    /// Puts `value` into the slot, dropping what was there.
    #[inline]
    pub fn set(&self, ctx: &Ctx, owner: &Header, value: Option<Obj>) {
        drop(self.replace(ctx, owner, value));
    }

    /// Takes the reference out of a slot that nobody else can reach any more.
    #[inline]
    pub fn take(&mut self) -> Option<Obj> {
        let word = core::mem::take(self.0.get_mut());
        // SAFETY: the slot's reference, which the slot does not hold any more.
        unsafe { Obj::from_nullable(Word::from_bits(word)) }
    }

    /// Reports the reference.
    #[inline]
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.peek());
    }

    /// Reports the references of several.
    #[inline]
    pub fn trace_all(slots: &[Slot], tracer: &mut Tracer<'_>) {
        // SAFETY: a slot is a word, and nobody writes it: the world is stopped.
        tracer.words(unsafe { slice::from_raw_parts(slots.as_ptr().cast(), slots.len()) });
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // SAFETY: the slot's reference, dropped once; nobody else can reach the slot any more.
        drop(unsafe { Obj::from_nullable(Word::from_bits(*self.0.get_mut())) });
    }
}

/// Data of an object that is touched under the object's lock only.
pub struct Locked<T>(UnsafeCell<T>);

// SAFETY: access goes through the object's lock, or needs a stopped world.
unsafe impl<T: Send> Sync for Locked<T> {}

impl<T> Locked<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Locked<T> {
        Locked(UnsafeCell::new(value))
    }

    /// Locks `owner`, whose field this is, and gives access. While the guard lives nothing else of
    /// the same object may be locked by this thread: in a single-threaded program it would be seen
    /// as a mutable borrow twice.
    ///
    /// # Safety
    /// - `self` is a field of the object with the header `owner`.
    /// - No other guard of the same object is alive on this thread.
    #[inline]
    pub unsafe fn lock<'a>(&'a self, ctx: &'a Ctx, owner: &'a Header) -> Guard<'a, T> {
        Guard {
            _lock: ctx.lock(owner),
            data: self.0.get(),
        }
    }

    /// The data, for the collector.
    ///
    /// # Safety
    /// - The world is stopped, or the object cannot be reached by another thread.
    #[inline]
    pub unsafe fn get(&self) -> &T {
        // SAFETY: nobody writes, by the contract.
        unsafe { &*self.0.get() }
    }

    /// The data, for taking an object apart.
    ///
    /// # Safety
    /// - Nobody else can reach the object while the result lives.
    #[inline]
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn get_mut(&self) -> &mut T {
        // SAFETY: nobody else looks, by the contract.
        unsafe { &mut *self.0.get() }
    }
}

/// Access to locked data.
pub struct Guard<'a, T> {
    _lock: ObjectLock<'a>,
    data: *mut T,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the lock is held, and guards of one object do not overlap.
        unsafe { &*self.data }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as `deref`.
        unsafe { &mut *self.data }
    }
}
