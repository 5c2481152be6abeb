//! Fields that hold one reference.
//!
//! They are read without a lock: a reader takes a reference only if the object that it found is alive and still there, and goes to
//! the owner's lock otherwise. Writers hold the lock.

use super::context::Ctx;
use super::member::{Member, Place, Visit, Visitor};
use super::type_info::Managed;
use super::value::{Local, Value};
use core::marker::PhantomData;
use kit_core::object::{Header, Word};
use kit_core::sync::native::{AtomicU64, Ordering::*};
use kit_core::thread::Ctx as RawCtx;

/// A word in an object.
#[derive(Default)]
#[repr(transparent)]
struct Cell(AtomicU64);

impl Cell {
    fn peek(&self) -> Word {
        // Acquire, paired with the Release of `replace` and `fill`: the object is complete.
        Word::from_bits(self.0.load(Acquire))
    }

    /// A new reference to what it holds.
    #[inline]
    fn get(&self, ctx: &RawCtx, owner: &Header) -> Word {
        let word = self.peek();
        if !word.is_object() {
            return word;
        }
        // SAFETY: an object found in an object's slot stays readable until the next safepoint, and the context is borrowed;
        // a reference is taken only to one that is alive.
        unsafe {
            let header = &*word.as_object();
            if header.try_retain_own(ctx.counter()) {
                return word;
            }
            if header.try_retain(ctx.counter()) {
                if header.is_owned_by(ctx.slot()) || ctx.solo() || self.peek() == word {
                    return word;
                }
                ctx.thread().release_later(word);
            }
        }
        self.get_slow(ctx, owner)
    }

    #[cold]
    fn get_slow(&self, ctx: &RawCtx, owner: &Header) -> Word {
        let _lock = ctx.lock(owner);
        let word = self.peek();
        if word.is_object() {
            // SAFETY: writers hold the lock, so the slot's own reference keeps the object.
            unsafe { (*word.as_object()).retain_published(ctx.counter()) };
        }
        word
    }

    /// Stores a word with its reference; what was there is the caller's.
    #[inline]
    fn replace(&self, ctx: &RawCtx, owner: &Header, word: Word) -> Word {
        let _lock = ctx.lock(owner);
        if word.is_object() && !ctx.solo() {
            // SAFETY: the reference is still the caller's.
            unsafe { (*word.as_object()).publish() };
        }
        let old = self.0.load(Relaxed);
        // Release, paired with `peek`.
        self.0.store(word.bits(), Release);
        Word::from_bits(old)
    }

    /// Stores a word with its reference in an object that nobody else sees yet; what was there is the caller's.
    fn fill(&self, word: Word) -> Word {
        let old = self.0.load(Relaxed);
        // Release, paired with `peek`: others may find the object by a plain read of another slot.
        self.0.store(word.bits(), Release);
        Word::from_bits(old)
    }

    fn visit(&self, visitor: &mut Visitor<'_>) {
        match &mut visitor.0 {
            // SAFETY: the tracer is there as long as the visitor.
            Visit::Trace(tracer) => unsafe { (**tracer).word(self.peek()) },
            // SAFETY: the slot's own reference, and nobody else looks.
            Visit::Empty(ctx) => unsafe { ctx.thread().release_later(self.fill(Word::NULL)) },
        }
    }
}

/// A field that holds any value, at first [`Value::NOTHING`].
#[derive(Default)]
pub struct ValueSlot(Cell);

impl ValueSlot {
    /// An empty one.
    pub fn new() -> ValueSlot {
        ValueSlot::default()
    }

    pub(super) fn fill<'a>(&self, value: Value<'a>) -> Value<'a> {
        // SAFETY: the old value is of the same object, and its reference was the slot's.
        unsafe { Value::from_word(self.0.fill(value.into_word())) }
    }
}

// SAFETY: the word owns its reference, is reported once, and is given up when emptied. It is filled by places and fresh objects only.
unsafe impl Member for ValueSlot {
    const REFERS: bool = true;

    fn visit(&self, visitor: &mut Visitor<'_>) {
        self.0.visit(visitor);
    }
}

impl<'a> Place<'_, 'a, ValueSlot> {
    /// What the slot holds.
    #[inline]
    pub fn get(self, ctx: &Ctx<'a>) -> Value<'a> {
        // SAFETY: the reference is new; slots hold values of their object's language.
        unsafe { Value::from_word(self.member.0.get(ctx.raw(), self.owner)) }
    }

    /// Stores a value.
    #[inline]
    pub fn set(self, ctx: &Ctx<'a>, value: Value<'a>) {
        drop(self.replace(ctx, value));
    }

    /// Stores a value; returns what was there, in one step.
    #[inline]
    pub fn replace(self, ctx: &Ctx<'a>, value: Value<'a>) -> Value<'a> {
        let old = self
            .member
            .0
            .replace(ctx.raw(), self.owner, value.into_word());
        // SAFETY: the slot's reference is ours now.
        unsafe { Value::from_word(old) }
    }
}

/// A field that refers to an object of type `T`, or to none, as at first.
pub struct Slot<T>(Cell, PhantomData<fn() -> T>);

impl<T> Slot<T> {
    /// An empty one.
    pub fn new() -> Slot<T> {
        Slot::default()
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Slot<T> {
        Slot(Cell::default(), PhantomData)
    }
}

impl<T: Managed> Slot<T> {
    pub(super) fn fill(&self, object: Local<'_, T>) {
        // SAFETY: the old reference was the slot's.
        drop(unsafe { Value::from_word(self.0.fill(Value::from(object).into_word())) });
    }
}

// SAFETY: as for a value's slot; what it holds is null or of type `T`.
unsafe impl<T: Managed> Member for Slot<T> {
    const REFERS: bool = true;

    fn visit(&self, visitor: &mut Visitor<'_>) {
        self.0.visit(visitor);
    }
}

impl<'a, T: Managed> Place<'_, 'a, Slot<T>> {
    /// The object.
    #[inline]
    pub fn get(self, ctx: &Ctx<'a>) -> Option<Local<'a, T>> {
        let word = self.member.0.get(ctx.raw(), self.owner);
        // SAFETY: the reference is new, and to an object of this type.
        word.is_object().then(|| unsafe { Local::from_word(word) })
    }

    /// Refers to another object, or to none.
    #[inline]
    pub fn set(self, ctx: &Ctx<'a>, object: Option<Local<'a, T>>) {
        drop(self.replace(ctx, object));
    }

    /// Refers to another object, or to none; returns the one before, in one step.
    #[inline]
    pub fn replace(self, ctx: &Ctx<'a>, object: Option<Local<'a, T>>) -> Option<Local<'a, T>> {
        let word = object.map_or(Word::NULL, |object| Value::from(object).into_word());
        let old = self.member.0.replace(ctx.raw(), self.owner, word);
        // SAFETY: the slot's reference is ours now.
        old.is_object().then(|| unsafe { Local::from_word(old) })
    }
}
