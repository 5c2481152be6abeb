//! [`Counted`]: a field that refers to what all threads refer to, and lets each thread count that for itself.
//!
//! Functions refer so to their code and to the namespaces they see. Both usually have an id for per-thread
//! counts ([`kit_core::refcount::per_thread`]): code that was compiled and not thrown away, and the namespaces
//! of modules. So threads that make closures of the same code do not meet at its header. Anything else is
//! counted as usual.

use super::code::PyCode;
use super::dict::PyDict;
use super::ids;
use super::obj::Obj;
use super::payload::{Body, Payload};
use super::type_::PyType;
use core::mem::ManuallyDrop;
use core::ops::Deref;
use kit_core::object::Header;
use kit_core::refcount::per_thread::{CountId, CountedPerThread};
use kit_core::thread::Ctx;
use kit_std::thread::current;

// SAFETY: the header and the field belong to one object, which does not move.
unsafe impl CountedPerThread for Body<PyCode> {
    fn header(&self) -> &Header {
        &self.header
    }

    fn count_id(&self) -> &CountId {
        &self.payload.count_id
    }
}

// SAFETY: as above.
unsafe impl CountedPerThread for Body<PyDict> {
    fn header(&self) -> &Header {
        &self.header
    }

    fn count_id(&self) -> &CountId {
        &self.payload.count_id
    }
}

// SAFETY: as above.
unsafe impl CountedPerThread for Body<PyType> {
    fn header(&self) -> &Header {
        &self.header
    }

    fn count_id(&self) -> &CountId {
        &self.payload.count_id
    }
}

/// The id of an object that can have one.
pub fn count_id(value: &Obj) -> Option<&CountId> {
    match value.header()?.type_id() {
        ids::CODE => exact::<PyCode>(value).map(|body| &body.payload.count_id),
        ids::DICT => exact::<PyDict>(value).map(|body| &body.payload.count_id),
        _ => value
            .downcast::<PyType>()
            .map(|body| &body.payload.count_id),
    }
}

fn exact<T: Payload>(value: &Obj) -> Option<&Body<T>> {
    value.downcast_exact::<T>()
}

/// Defers the counting of a new object, and lets its references be counted per thread.
pub fn share<T: Payload>(ctx: &Ctx, value: &Obj)
where
    Body<T>: CountedPerThread,
{
    if let Some(body) = exact::<T>(value) {
        share_body(ctx, body);
    }
}

/// [`share`], for a new class, of whatever metaclass.
pub fn share_class(ctx: &Ctx, class: &Body<PyType>) {
    share_body(ctx, class);
}

fn share_body<T: Payload>(ctx: &Ctx, body: &Body<T>)
where
    Body<T>: CountedPerThread,
{
    // SAFETY: this thread has made the object and holds a reference. Only the collector ends deferral, and
    // takes ids away before.
    unsafe {
        body.header.enable_deferred(ctx.counter(), 1);
        ctx.count_per_thread(body);
    }
}

/// An owned reference to code or to a namespace.
#[repr(transparent)]
pub struct Counted(ManuallyDrop<Obj>);

impl Counted {
    /// A new reference to `value`.
    #[inline]
    pub fn new(ctx: &Ctx, value: &Obj) -> Counted {
        let thread = ctx.thread();
        let retained = match value.header().map(Header::type_id) {
            Some(ids::CODE) => exact::<PyCode>(value).map(|body| {
                // SAFETY: `value` keeps the object.
                unsafe { thread.retain_per_thread(body) }
            }),
            Some(ids::DICT) => exact::<PyDict>(value).map(|body| {
                // SAFETY: as above.
                unsafe { thread.retain_per_thread(body) }
            }),
            _ => None,
        };
        match retained {
            // SAFETY: the reference was counted just now.
            Some(()) => Counted::adopt(unsafe { Obj::from_word(value.word().plain()) }),
            None => Counted::adopt(value.clone()),
        }
    }

    /// Takes over a reference, however it was counted.
    #[inline]
    pub fn adopt(value: Obj) -> Counted {
        Counted(ManuallyDrop::new(value))
    }

    /// A reference for elsewhere, counted as usual.
    #[inline]
    pub fn to_obj(&self) -> Obj {
        Obj::clone(self)
    }

    /// The reference, which whoever drops it may count in any way.
    #[inline]
    pub fn into_obj(self) -> Obj {
        // SAFETY: the field is not used again: `self` is forgotten.
        unsafe { ManuallyDrop::take(&mut ManuallyDrop::new(self).0) }
    }
}

impl Deref for Counted {
    type Target = Obj;

    #[inline(always)]
    fn deref(&self) -> &Obj {
        &self.0
    }
}

impl Drop for Counted {
    #[inline]
    fn drop(&mut self) {
        let type_id = self.header().map(Header::type_id);
        if current::slot() != current::NOBODY {
            // SAFETY: the calling thread is attached, so the record is its own; the reference is given up
            // once.
            unsafe {
                let thread = &*current::thread();
                match type_id {
                    Some(ids::CODE) if let Some(body) = exact::<PyCode>(self) => {
                        return thread.release_per_thread(body);
                    }
                    Some(ids::DICT) if let Some(body) = exact::<PyDict>(self) => {
                        return thread.release_per_thread(body);
                    }
                    _ => {}
                }
            }
        }
        // SAFETY: dropped once, here.
        unsafe { ManuallyDrop::drop(&mut self.0) };
    }
}
