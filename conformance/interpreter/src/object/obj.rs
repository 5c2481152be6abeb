//! [`Obj`]: an owned reference to a Python value, dropped like any Rust value.
//!
//! An `Obj` is one word: a small integer, a double, a constant, or a counted reference. Dropping the
//! last reference to an object runs nothing; the object joins its thread's list of the dying and is
//! taken apart at the next place that holds `&mut Ctx` ([`Ctx::drain`]), at the latest when the
//! instruction ends. So an `Obj` may be dropped anywhere, under locks included.
//!
//! `&Obj` doubles as the borrowed form: the registers of a native function's window are lent to it
//! as a slice of `Obj`. Such a word may carry the deferred tag; cloning strips it.

use core::mem::ManuallyDrop;
use core::num::NonZeroU64;
use core::ptr::NonNull;
use core::slice;
use kit_core::object::{Header, Tracer, Word};
use kit_core::refcount::stack_ref::StackRef;
use kit_core::thread::Ctx;
use kit_std::thread::current;

/// An owned reference to a Python value. `Option<Obj>` is one word too.
#[repr(transparent)]
pub struct Obj(NonZeroU64);

impl Obj {
    /// Reports some to the collector.
    #[inline]
    pub fn trace_all(values: &[Obj], tracer: &mut Tracer<'_>) {
        // SAFETY: a value is a word.
        tracer.words(unsafe { slice::from_raw_parts(values.as_ptr().cast(), values.len()) });
    }
}

// SAFETY: objects are counted and locked for use by several threads; payloads are `Send + Sync` by
// the bound of `Payload`.
unsafe impl Send for Obj {}
// SAFETY: as above.
unsafe impl Sync for Obj {}

impl Obj {
    /// Takes over the reference in `word`.
    ///
    /// # Safety
    /// - `word` is not null, and owns a count if it needs one; the caller gives that up.
    #[inline(always)]
    pub unsafe fn from_word(word: Word) -> Obj {
        debug_assert!(!word.is_null());
        // SAFETY: not null, by the contract.
        Obj(unsafe { NonZeroU64::new_unchecked(word.bits()) })
    }

    /// Takes over the reference in `word`, which may be null.
    ///
    /// # Safety
    /// - `word` owns a count if it needs one; the caller gives that up.
    #[inline(always)]
    pub unsafe fn from_nullable(word: Word) -> Option<Obj> {
        NonZeroU64::new(word.bits()).map(Obj)
    }

    /// A new reference to what `word` refers to.
    ///
    /// # Safety
    /// - `word` is not null, and what it refers to cannot die during the call.
    #[inline(always)]
    pub unsafe fn copy_word(word: Word) -> Obj {
        let word = word.plain();
        if word.is_object() {
            // SAFETY: the object is alive, by the contract.
            unsafe { (*word.as_object()).retain(current::counter()) };
        }
        // SAFETY: not null; the count was taken just now.
        unsafe { Obj::from_word(word) }
    }

    /// What a register held, as an owned value: a deferred reference becomes a counted one.
    ///
    /// # Safety
    /// - The reference is not null, and what it refers to cannot die during the call.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub unsafe fn from_ref(reference: StackRef) -> Obj {
        let word = reference.into_word();
        // SAFETY: the reference moves; a deferred one becomes a counted one.
        unsafe {
            if word.is_deferred() {
                Obj::copy_word(word)
            } else {
                Obj::from_word(word)
            }
        }
    }

    /// As [`Obj::from_ref`], for a register that may be empty.
    ///
    /// # Safety
    /// - What the reference refers to cannot die during the call.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub unsafe fn from_nullable_ref(reference: StackRef) -> Option<Obj> {
        if reference.is_null() {
            None
        } else {
            // SAFETY: not null; the rest as the caller says.
            Some(unsafe { Obj::from_ref(reference) })
        }
    }

    /// The value for a register.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn into_ref(self, ctx: &Ctx) -> StackRef {
        // SAFETY: the count is given up; an owned value is never deferred.
        unsafe { StackRef::from_steal(ctx, self.into_word()) }
    }

    /// Looks at a word in place as a borrowed value.
    ///
    /// # Safety
    /// - `word` is not null, and stays what it is while the result is used.
    #[inline(always)]
    pub unsafe fn borrow_word(word: &Word) -> &Obj {
        debug_assert!(!word.is_null());
        // SAFETY: the same representation.
        unsafe { &*(word as *const Word).cast::<Obj>() }
    }

    /// Takes over the reference of an object just allocated.
    ///
    /// # Safety
    /// - The caller owns one count of `object` and gives it up.
    #[inline(always)]
    pub unsafe fn from_header(object: NonNull<Header>) -> Obj {
        // SAFETY: as the caller says.
        unsafe { Obj::from_word(Word::object(object.as_ptr())) }
    }

    /// The word, still owned by the `Obj`.
    #[inline(always)]
    pub fn word(&self) -> Word {
        Word::from_bits(self.0.get())
    }

    /// The word, whose count now is the caller's.
    #[inline(always)]
    pub fn into_word(self) -> Word {
        ManuallyDrop::new(self).word()
    }

    /// The object's header; `None` for an immediate.
    #[inline(always)]
    pub fn header(&self) -> Option<&Header> {
        let word = self.word();
        if word.is_object() {
            // SAFETY: an `Obj` keeps its object alive.
            Some(unsafe { &*word.as_object() })
        } else {
            None
        }
    }

    /// Whether both are the same value by identity.
    #[inline(always)]
    pub fn is(&self, other: &Obj) -> bool {
        Word::same(self.word(), other.word())
    }

    /// A small integer.
    ///
    /// `value` must fit 62 bits; use [`crate::object::int::from_i64`] otherwise.
    #[inline(always)]
    pub fn small_int(value: i64) -> Obj {
        // SAFETY: an immediate is never null and owns nothing.
        unsafe { Obj::from_word(Word::int_unchecked(value)) }
    }

    /// The small integer this is, if it is one.
    #[inline(always)]
    pub fn as_small_int(&self) -> Option<i64> {
        let word = self.word();
        word.is_int().then(|| word.as_int())
    }

    /// The immediate double this is, if it is one. For any float use [`crate::object::float`].
    #[inline(always)]
    pub fn as_immediate_float(&self) -> Option<f64> {
        let word = self.word();
        word.is_float().then(|| word.as_float())
    }

    /// A constant.
    #[inline(always)]
    pub const fn constant(index: u8) -> Obj {
        // A constant's bits are never zero.
        Obj(NonZeroU64::new(Word::constant(index).bits()).unwrap())
    }

    /// `False`.
    pub const FALSE: Obj = Obj::constant(0);
    /// `True`.
    pub const TRUE: Obj = Obj::constant(1);
    /// `None`.
    pub const NONE: Obj = Obj::constant(2);
    /// `Ellipsis`.
    pub const ELLIPSIS: Obj = Obj::constant(3);
    /// `NotImplemented`.
    pub const NOT_IMPLEMENTED: Obj = Obj::constant(4);

    /// `None`, for when a borrowed value is wanted.
    #[inline(always)]
    pub fn none() -> &'static Obj {
        static NONE: Obj = Obj::NONE;
        &NONE
    }

    /// `True` or `False`.
    #[inline(always)]
    pub fn bool(value: bool) -> Obj {
        Obj::constant(value as u8)
    }

    /// Whether this is `None`.
    #[inline(always)]
    pub fn is_none(&self) -> bool {
        self.word() == Word::constant(2)
    }

    /// Whether this is `True`.
    #[inline(always)]
    pub fn is_true(&self) -> bool {
        self.word() == Word::constant(1)
    }

    /// Whether this is `False`.
    #[inline(always)]
    pub fn is_false(&self) -> bool {
        self.word() == Word::constant(0)
    }

    /// Whether this is `NotImplemented`.
    #[inline(always)]
    pub fn is_not_implemented(&self) -> bool {
        self.word() == Word::constant(4)
    }

    /// Drops the reference now, and everything that dies of it, before anything else happens.
    #[inline]
    pub fn release(self, ctx: &mut Ctx) {
        // SAFETY: the count is given up once: `into_word` forgets the `Obj`.
        unsafe { ctx.release(self.into_word()) }
    }
}

impl Clone for Obj {
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn clone(&self) -> Obj {
        // SAFETY: `self` keeps the object alive during the call.
        unsafe { Obj::copy_word(self.word()) }
    }
}

impl Drop for Obj {
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn drop(&mut self) {
        let word = self.word();
        if word.is_counted() {
            current::release(word);
        }
    }
}

impl core::fmt::Debug for Obj {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.word().fmt(f)
    }
}
