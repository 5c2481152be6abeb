//! Typed access to what lies behind a header.
//!
//! A Rust type that implements [`Payload`] is the body of a kind of object. The functions the kit
//! wants of a kind (trace, clear, drop) are derived from it ([`Body::KIND`]).

use super::ids;
use super::obj::Obj;
#[cfg(doc)]
use super::slot::{Locked, Slot};
use crate::error::{PyResult, no_memory};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Header, Kind, Tracer};
use kit_core::thread::free_list::LISTS;
use kit_core::thread::{Ctx, Object, Thread, Uninit};

/// An object: header and body.
#[repr(C)]
pub struct Body<T> {
    /// The header.
    pub header: Header,
    /// The body.
    pub payload: T,
}

// SAFETY: it begins with a header.
unsafe impl<T> Object for Body<T> {}

/// The body of a kind of object.
///
/// Bodies are shared between threads: what changes in them is a [`Slot`], sits behind a
/// [`Locked`], or is atomic.
///
/// # Safety
/// - `trace` reports every reference the body owns (each once), and allocates and locks nothing.
/// - `ID` belongs to this type alone.
pub unsafe trait Payload: Send + Sync + Sized + 'static {
    /// The type id of the built-in type whose instances have this body; classes derived from it
    /// share the body ([`Layout`](super::type_::PyType::layout)).
    const ID: u32;
    /// Plain for bodies that hold no references, Collected for those that do.
    const HEAP: HeapKind;
    /// Name for reports.
    const NAME: &'static str;
    /// What the collector does with the body of garbage instead of dropping it, once it has dealt with the references:
    /// gives up all else ([`Kind::discard`]). Only for bodies whose `trace` reports plain objects too.
    const DISCARD: Option<fn(&mut Self, &Thread)> = None;
    /// Reports the references.
    fn trace(&self, tracer: &mut Tracer<'_>);
    /// Drops references that may close a cycle. A body without any that can change keeps them.
    fn clear(&self, _ctx: &mut Ctx) {}
    /// The object is about to be taken apart: takes the body out of whatever finds it without a reference.
    #[inline(always)]
    fn leave(&self, _ctx: &Ctx) {}
    /// The body is about to be dropped: drops at once what dies without anything else. What is left to `Drop` waits on the
    /// list of the dying, which takes longer.
    #[inline(always)]
    fn shed(&self, _ctx: &mut Ctx) {}
}

/// Bytes of an object with this body, up to what follows the body.
pub const fn body_size<T>() -> usize {
    assert!(align_of::<T>() <= 16);
    size_of::<Body<T>>()
}

impl<T> core::ops::Deref for Body<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        &self.payload
    }
}

impl<T: Payload> Body<T> {
    /// The functions of this kind.
    pub const KIND: Kind = Kind {
        name: T::NAME,
        trace: trace::<T>,
        clear: clear::<T>,
        drop: drop::<T>,
        discard: match T::DISCARD {
            Some(_) => Some(discard::<T>),
            None => None,
        },
        size: size::<T>,
    };
}

/// The [`DISCARD`](Payload::DISCARD) of bodies that own nothing but references.
pub fn only_references<T>(_: &mut T, _: &Thread) {}

unsafe fn trace<T: Payload>(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: the kind of the object says that its body is a `T`, alive and not changing.
    unsafe {
        (*object.cast::<Body<T>>()).payload.trace(tracer);
        super::instance::trace_tail(object, tracer);
    }
}

unsafe fn clear<T: Payload>(object: *const Header, ctx: &mut Ctx) {
    // SAFETY: as above; clearing works through shared references.
    unsafe {
        (*object.cast::<Body<T>>()).payload.clear(ctx);
        super::instance::clear_tail(object, ctx);
    }
}

unsafe fn drop<T: Payload>(object: *mut Header, ctx: &mut Ctx) {
    // SAFETY: the object is dead and dropped once; its body is a `T`.
    unsafe {
        (*object.cast::<Body<T>>()).payload.leave(ctx);
        super::instance::drop_tail(object, ctx);
        (*object.cast::<Body<T>>()).payload.shed(ctx);
        core::ptr::drop_in_place(&raw mut (*object.cast::<Body<T>>()).payload);
    }
}

unsafe fn discard<T: Payload>(object: *mut Header, thread: &Thread) {
    if let Some(discard) = T::DISCARD {
        // SAFETY: the object is garbage, and discarded once; its body is a `T`.
        unsafe {
            super::instance::discard_tail(object, thread);
            discard(&mut (*object.cast::<Body<T>>()).payload, thread);
        }
    }
}

unsafe fn size<T: Payload>(_: *const Header) -> usize {
    size_of::<Body<T>>()
}

/// Built-in types whose dead instances a thread keeps, to make new ones of: those of one size that the benchmarks
/// make and drop most.
const RECYCLED: [u32; 7] = [
    ids::LIST,
    ids::SLICE,
    ids::LIST_ITER,
    ids::BOUND_METHOD,
    ids::GENERATOR,
    ids::CELL,
    ids::TRACEBACK,
];

const _: () = assert!(RECYCLED.len() < LISTS);

/// The free list of a type: 0 for none.
pub const fn free_list(id: u32) -> usize {
    let mut index = 0;
    while index < RECYCLED.len() {
        if RECYCLED[index] == id {
            return index + 1;
        }
        index += 1;
    }
    0
}

/// Allocates an object of class `type_id` with a body of `T`, of `size` bytes in all.
#[inline(always)]
pub fn uninit<T: Payload>(
    ctx: &Ctx,
    type_id: u32,
    kind: HeapKind,
    size: usize,
) -> Option<Uninit<'_, Body<T>>> {
    let list = const { free_list(T::ID) };
    if list != 0 && type_id == T::ID {
        debug_assert!(size == body_size::<T>());
        // SAFETY: the list is this type's; its instances have no tail, so they all have this size.
        unsafe {
            let object = ctx.allocate_listed(list, type_id, kind, size)?;
            Some(Uninit::from_block(ctx, object, kind))
        }
    } else {
        ctx.uninit(type_id, kind, size)
    }
}

/// Allocates an object of class `type_id` with this body. The class's layout must be `T`'s.
pub fn allocate<T: Payload>(ctx: &mut Ctx, type_id: u32, payload: T) -> PyResult {
    let dynamic = type_id >= ids::FIRST_DYNAMIC;
    let kind = if dynamic {
        HeapKind::Collected
    } else {
        T::HEAP
    };
    let tail = super::instance::tail_size(ctx, type_id);
    let Some(mut object) = uninit::<T>(ctx, type_id, kind, body_size::<T>() + tail) else {
        return Err(no_memory(ctx));
    };
    // SAFETY: the block has room for the body and the tail; with these the object is complete.
    unsafe {
        (&raw mut (*object.as_ptr()).payload).write(payload);
        super::instance::init_tail(ctx, object.as_ptr().cast(), body_size::<T>());
        Ok(Obj::from_header(object.publish()))
    }
}

/// Allocates an instance of the built-in type itself.
pub fn new<T: Payload>(ctx: &mut Ctx, payload: T) -> PyResult {
    allocate(ctx, T::ID, payload)
}

impl Obj {
    /// The body, if this is an object whose layout is `T`'s: an instance of the built-in type or of
    /// a class derived from it.
    #[inline(always)]
    pub fn downcast<T: Payload>(&self) -> Option<&Body<T>> {
        let header = self.header()?;
        if header.type_id() == T::ID || super::type_::layout_of(header.type_id()) == T::ID {
            // SAFETY: the layout says that the body is a `T`; the `Obj` keeps the object alive.
            Some(unsafe { &*(header as *const Header).cast::<Body<T>>() })
        } else {
            None
        }
    }

    /// The body, if this is an instance of exactly the built-in type.
    #[inline(always)]
    pub fn downcast_exact<T: Payload>(&self) -> Option<&Body<T>> {
        let header = self.header()?;
        if header.type_id() == T::ID {
            // SAFETY: as above.
            Some(unsafe { &*(header as *const Header).cast::<Body<T>>() })
        } else {
            None
        }
    }

    /// The body of an object known to be a `T`.
    ///
    /// # Panics
    /// When it is not: a broken invariant of the interpreter.
    #[inline(always)]
    #[track_caller]
    pub fn expect<T: Payload>(&self) -> &Body<T> {
        match self.downcast::<T>() {
            Some(body) => body,
            None => panic!("a {} was expected", T::NAME),
        }
    }
}
