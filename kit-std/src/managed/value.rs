//! Counted references of one stay.

use super::context::Ctx;
use super::global::Global;
use super::member::{Field, Member, Place};
use super::type_info::{Managed, Object};
use crate::thread::current;
use core::fmt;
use core::marker::PhantomData;
use core::mem;
use core::ops::Deref;
use kit_core::object::{Header, Word};

/// Makes `'a` a brand: neither longer nor shorter will do, and no other thread.
pub(super) type Brand<'a> = PhantomData<(fn(&'a ()) -> &'a (), *mut ())>;

/// Any value of the language: nothing, a small integer, a double, a constant, or a reference to an object, which it owns.
#[repr(transparent)]
pub struct Value<'a> {
    word: Word,
    brand: Brand<'a>,
}

impl<'a> Value<'a> {
    /// # Safety
    /// - The word owns its reference, to an object of the language that the stay `'a` is in.
    #[inline(always)]
    pub(super) unsafe fn from_word(word: Word) -> Value<'a> {
        Value {
            word,
            brand: PhantomData,
        }
    }

    #[inline(always)]
    pub(super) fn word(&self) -> Word {
        self.word
    }

    /// The word, with its reference.
    #[inline(always)]
    pub(super) fn into_word(self) -> Word {
        let word = self.word;
        mem::forget(self);
        word
    }

    #[inline(always)]
    const fn immediate(word: Word) -> Value<'a> {
        Value {
            word,
            brand: PhantomData,
        }
    }

    /// No value: what an empty slot holds.
    pub const NOTHING: Value<'a> = Value::immediate(Word::NULL);

    /// A small integer.
    ///
    /// # Panics
    /// When it has more than 62 bits; see [`try_int`](Self::try_int).
    #[inline]
    pub fn int(value: i64) -> Value<'a> {
        Value::try_int(value).expect("a small integer has 62 bits")
    }

    /// A small integer, if 62 bits are enough for it.
    #[inline]
    pub fn try_int(value: i64) -> Option<Value<'a>> {
        Word::int(value).map(Value::immediate)
    }

    /// A double, but for infinities, NaNs and magnitudes that few programs compute: these want an object.
    #[inline]
    pub fn try_float(value: f64) -> Option<Value<'a>> {
        Word::float(value).map(Value::immediate)
    }

    /// The constant with this index, to which the language gives a meaning.
    #[inline]
    pub const fn constant(index: u8) -> Value<'a> {
        Value::immediate(Word::constant(index))
    }

    /// Whether this is [`Value::NOTHING`].
    #[inline]
    pub fn is_nothing(&self) -> bool {
        self.word.is_null()
    }

    /// The small integer.
    #[inline]
    pub fn as_int(&self) -> Option<i64> {
        self.word.is_int().then(|| self.word.as_int())
    }

    /// The double.
    #[inline]
    pub fn as_float(&self) -> Option<f64> {
        self.word.is_float().then(|| self.word.as_float())
    }

    /// The index of the constant.
    #[inline]
    pub fn as_constant(&self) -> Option<u8> {
        self.word.is_constant().then(|| self.word.as_constant())
    }

    /// Whether both are the same object, or equal immediates.
    #[inline]
    pub fn same(&self, other: &Value<'_>) -> bool {
        Word::same(self.word, other.word)
    }

    #[inline(always)]
    pub(super) fn header(&self) -> Option<&Header> {
        // SAFETY: the value owns a reference to the object.
        self.word
            .is_object()
            .then(|| unsafe { &*self.word.as_object() })
    }

    /// Whether this is an object of type `T`.
    #[inline]
    pub fn is<T: Managed>(&self) -> bool {
        self.header()
            .is_some_and(|header| header.type_id() == T::info().id())
    }

    /// The object of type `T`; any other value is given back.
    ///
    /// # Errors
    /// It is of another type.
    #[inline]
    pub fn downcast<T: Managed>(self) -> Result<Local<'a, T>, Value<'a>> {
        match self.is::<T>() {
            true => Ok(Local {
                value: self,
                body: PhantomData,
            }),
            false => Err(self),
        }
    }

    /// The object of type `T`, without a count of its own.
    #[inline]
    pub fn downcast_ref<T: Managed>(&self) -> Option<&Local<'a, T>> {
        // SAFETY: a local is a value, of an object of this type.
        self.is::<T>()
            .then(|| unsafe { &*core::ptr::from_ref(self).cast() })
    }

    /// The same, where any other value is a mistake that has a name.
    ///
    /// # Errors
    /// It is of another type.
    #[inline]
    pub fn try_as<T: Managed>(&self) -> Result<&Local<'a, T>, WrongType> {
        self.downcast_ref().ok_or(WrongType(T::info().name()))
    }

    /// A reference for other threads.
    pub fn share(&self, ctx: &Ctx<'a>) -> Global {
        Global::new(ctx.language(), self.clone())
    }
}

/// A value is not of the type that is called so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongType(pub &'static str);

impl fmt::Display for WrongType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object of type `{}` is needed", self.0)
    }
}

impl core::error::Error for WrongType {}

impl Clone for Value<'_> {
    #[inline]
    fn clone(&self) -> Self {
        if let Some(header) = self.header() {
            // SAFETY: this reference keeps the object, and the thread is in its language, or detached from it for a while.
            unsafe { header.retain(current::counter()) };
        }
        Value::immediate(self.word)
    }
}

impl Drop for Value<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.word.is_counted() {
            current::release(self.word);
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.word.fmt(f)
    }
}

/// A reference to an object of type `T`, which it owns. It gives access to what is data in there; what refers is reached by
/// [`at`](Self::at).
#[repr(transparent)]
pub struct Local<'a, T> {
    value: Value<'a>,
    body: PhantomData<T>,
}

impl<'a, T: Managed> Local<'a, T> {
    /// # Safety
    /// - As for [`Value::from_word`], and the object is of type `T`.
    #[inline(always)]
    pub(super) unsafe fn from_word(word: Word) -> Local<'a, T> {
        Local {
            // SAFETY: as the caller says.
            value: unsafe { Value::from_word(word) },
            body: PhantomData,
        }
    }

    #[inline(always)]
    pub(super) fn object(&self) -> *mut Object<T> {
        self.value.word().as_object().cast()
    }

    /// The field of this object.
    #[inline]
    pub fn at<F: Member>(&self, field: Field<T, F>) -> Place<'_, 'a, F> {
        // SAFETY: the reference keeps the object, and the field is at this offset of its body.
        unsafe {
            let body = &raw const (*self.object()).body;
            Place::new(
                &*self.value.word().as_object(),
                &*body.byte_add(field.offset()).cast(),
            )
        }
    }

    /// The same as a value.
    #[inline]
    pub fn as_value(&self) -> &Value<'a> {
        &self.value
    }

    /// A reference for other threads.
    pub fn share(&self, ctx: &Ctx<'a>) -> Global {
        self.value.share(ctx)
    }
}

impl<T: Managed> Deref for Local<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the reference keeps the object, whose body is changed by nobody but through its own members.
        unsafe { &(*self.object()).body }
    }
}

impl<T> Clone for Local<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        Local {
            value: self.value.clone(),
            body: PhantomData,
        }
    }
}

impl<'a, T> From<Local<'a, T>> for Value<'a> {
    #[inline]
    fn from(local: Local<'a, T>) -> Value<'a> {
        local.value
    }
}

impl<T> fmt::Debug for Local<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
