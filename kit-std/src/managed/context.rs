//! One thread's stay in a language, and the objects it makes.

use super::collection::List;
use super::language::{Language, NoMemory, language};
use super::member::{Field, Member};
use super::slot::{Slot, ValueSlot};
use super::type_info::{Managed, Object, Outcome, TypeInfo};
use super::value::{Local, Value};
use super::weak::Weak;
use core::marker::PhantomData;
#[cfg(feature = "gc")]
use kit_core::backend::collector::{Cause, NotCollected};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Word;
use kit_core::thread::Ctx as RawCtx;

/// The context of a thread that is in a language, for the stay `'a`.
///
/// `&mut Ctx` means that anything may happen meanwhile: a stop, a collection, finalizers. `&Ctx` means that none of this can.
#[repr(transparent)]
pub struct Ctx<'a> {
    raw: RawCtx,
    brand: PhantomData<fn(&'a ()) -> &'a ()>,
}

impl<'a> Ctx<'a> {
    /// The same context for a stay, or for the time of a call, that the caller chooses: its brand must be one that nobody else has.
    #[inline(always)]
    pub(super) fn from_raw<'x>(raw: &'x mut RawCtx) -> &'x mut Ctx<'a> {
        // SAFETY: a context is nothing but the raw one.
        unsafe { &mut *core::ptr::from_mut(raw).cast() }
    }

    #[inline(always)]
    pub(super) fn raw(&self) -> &RawCtx {
        &self.raw
    }

    /// The language.
    #[inline]
    pub fn language(&self) -> &'static Language {
        language(&self.raw)
    }

    /// Begins an object with this body, whose slots are empty. Not a safepoint.
    ///
    /// # Errors
    /// There is no memory for it, or its type is one too many: see [`Builder::types`](super::Builder::types).
    #[inline]
    pub fn make<T: Managed>(&self, body: T) -> Result<New<'_, 'a, T>, NoMemory> {
        let id = self.language().type_number(T::info())?;
        let kind = if T::REFERS {
            HeapKind::Collected
        } else {
            HeapKind::Plain
        };
        let mut object = self
            .raw
            .uninit::<Object<T>>(id, kind, size_of::<Object<T>>())
            .ok_or(NoMemory)?;
        // SAFETY: a fresh block of this size, behind whose header the body goes; its slots are empty.
        let header = unsafe {
            (&raw mut (*object.as_ptr()).body).write(body);
            object.publish()
        };
        Ok(New {
            ctx: self,
            // SAFETY: the object's first reference.
            object: unsafe { Local::from_word(Word::object(header.as_ptr())) },
        })
    }

    /// A safepoint: does what other threads and the collector ask for. Programs come here in every loop and every call.
    #[inline]
    pub fn poll(&mut self) {
        self.raw.drain();
        if self.language().has_releases() {
            self.language().settle(&mut self.raw);
        }
        let _ = self.raw.poll();
    }

    /// Finds garbage that refers to itself, and takes it apart. How many objects that were.
    ///
    /// # Errors
    /// Another collection is running, or there is no memory for this one.
    #[cfg(feature = "gc")]
    pub fn collect(&mut self) -> Result<usize, NotCollected> {
        self.raw.drain();
        let language = self.language();
        language.settle(&mut self.raw);
        let collected = language
            .runtime()
            .collect_for(&mut self.raw, Cause::Asked(2))?;
        self.raw.drain();
        Ok(collected.collected())
    }

    /// Runs `body` with the thread detached: it may wait for anything, and nobody waits for it. It can use no reference of this
    /// stay, but for [`Global`](super::Global)s.
    pub fn detached<R>(&mut self, body: impl FnOnce() -> R + Send) -> R {
        self.raw.drain();
        self.language().runtime().detached(&mut self.raw, body)
    }

    /// Calls a method of `this` that was written in Rust. `None`: it has none of that name.
    pub fn call_method(
        &mut self,
        this: &Value<'a>,
        name: &str,
        arguments: &[Value<'a>],
    ) -> Option<Outcome<'a>> {
        // SAFETY: an object of this language, which `this` keeps.
        let info = unsafe { TypeInfo::of(&self.raw, this.header()?) };
        Some(info.method(name)?(self, this, arguments))
    }

    /// What the type of an object is called; `None` for what is no object.
    pub fn type_name(&self, value: &Value<'a>) -> Option<&'static str> {
        // SAFETY: as above.
        Some(unsafe { TypeInfo::of(&self.raw, value.header()?) }.name())
    }
}

/// An object that nobody sees yet: its slots are filled without a lock. It borrows the context, so no safepoint passes before it is
/// finished.
#[must_use]
pub struct New<'c, 'a, T> {
    ctx: &'c Ctx<'a>,
    object: Local<'a, T>,
}

impl<'a, T: Managed> New<'_, 'a, T> {
    /// Fills a slot.
    #[inline]
    pub fn put(self, field: Field<T, ValueSlot>, value: Value<'a>) -> Self {
        drop(self.object.at(field).member.fill(value));
        self
    }

    /// Fills a slot for objects of type `U`.
    #[inline]
    pub fn put_object<U: Managed>(self, field: Field<T, Slot<U>>, object: Local<'a, U>) -> Self {
        self.object.at(field).member.fill(object);
        self
    }

    /// Adds values to a list.
    ///
    /// # Errors
    /// There is no memory for them.
    pub fn put_all(self, field: Field<T, List>, values: &[Value<'a>]) -> Result<Self, NoMemory> {
        for value in values {
            self.object.at(field).push(self.ctx, value.clone())?;
        }
        Ok(self)
    }

    /// Makes a field refer weakly to an object.
    pub fn put_weak<U: Managed>(self, field: Field<T, Weak<U>>, object: &Local<'a, U>) -> Self
    where
        Weak<U>: Member,
    {
        if let Some(referent) = object.as_value().header() {
            let place = self.object.at(field);
            // SAFETY: the field of an object that is not finished.
            unsafe {
                place
                    .member
                    .link(&self.ctx.raw, self.ctx.language().weak(), referent)
            };
        }
        self
    }

    /// The object, for everybody.
    #[inline]
    pub fn finish(self) -> Local<'a, T> {
        self.object
    }
}
